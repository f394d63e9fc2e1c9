"""Pictures of a generator for the metrics."""

import math
from typing import cast

import numpy as np
import torch
from torch import Tensor

from latent_studio.latent.population import Latents, draw_latents
from latent_studio.metrics.path_length import EPSILON, Sampling, Space, path_pair
from latent_studio.models.base import Generator, StyledGenerator


class GeneratorSampler:
    """Draws pictures of a generator in single precision, with its constant noise.

    Parameters
    ----------
    generator
        In eval mode.
    psi
        Truncation, for models with w.
    """

    def __init__(self, generator: Generator, psi: float = 1.0) -> None:
        self.generator = generator
        self.psi = psi

    @torch.no_grad()
    def __call__(self, count: int, draw: torch.Generator) -> np.ndarray:
        """``count`` pictures, uint8 ``[count, C, H, W]``; ``draw`` is a CPU generator."""
        pictures = self._pictures(draw_latents(self.generator, count, draw))
        return pictures.round_().to(torch.uint8).cpu().numpy()

    @torch.no_grad()
    def path(
        self,
        count: int,
        draw: torch.Generator,
        *,
        space: Space = "w",
        sampling: Sampling = "full",
        epsilon: float = EPSILON,
    ) -> tuple[Tensor, Tensor]:
        """Pictures at both ends of ``count`` small steps: float, 0 to 255, not rounded.

        Models without w go along spheres in z.
        """
        first, second = (draw_latents(self.generator, count, draw) for _ in range(2))
        t = torch.rand(count, generator=draw) if sampling == "full" else torch.zeros(count)
        space = space if first.w is not None else "z"
        if space == "w":
            assert first.w is not None and second.w is not None
            ends = path_pair(first.w, second.w, t.to(first.w), lambda w: w, epsilon=epsilon)
            made = [Latents(first.z, first.c, w) for w in ends]
        else:
            ends = path_pair(
                first.z, second.z, t.to(first.z), self._outer, space="z", epsilon=epsilon
            )
            made = [self._mapped(z, first.c) for z in ends]
        return self._pictures(made[0]), self._pictures(made[1])

    def _mapped(self, z: Tensor, c: Tensor | None) -> Latents:
        if not self.generator.capabilities.has_w:
            return Latents(z, c, None)
        return Latents(z, c, cast(StyledGenerator, self.generator).mapping(z, c).float())

    def _outer(self, direction: Tensor) -> Tensor:
        """Directions as latents of the usual length."""
        return direction * math.sqrt(self.generator.capabilities.z_dim)

    def _pictures(self, latents: Latents) -> Tensor:
        if latents.w is None:
            images = self.generator(latents.z, latents.c)
        else:
            styled = cast(StyledGenerator, self.generator)
            ws = styled.truncate(styled.broadcast(latents.w), self.psi)
            images = styled.synthesis(ws)
        pictures: Tensor = (images.float() + 1).mul(127.5).clamp(0, 255)
        return pictures
