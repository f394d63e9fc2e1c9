"""Where the search for a photograph's latent begins.

Three kinds of guesses are compared on the photograph: the mean latent, the nearest of some hundred
random pictures, and what a linear regression from small pictures to their latents (ridge, solved in
closed form on the same random pictures) says of the small photograph. What is found out about the
model serves all photographs.
"""

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor

from latent_studio.latent.inversion.losses import PhotoLoss
from latent_studio.latent.population import Latents, draw_latents
from latent_studio.latent.whitening import Whitening, latents_of_class, w_whitening, z_whitening
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator, StyledGenerator

_SIDE = 16
_BATCH = 16
_NEAREST = 4
_FEWEST = 64
_FULL_SIDE = 64  # pictures up to this size are all looked at; four times fewer of twice the size
_RIDGES = (1e-3, 1e-2, 1e-1)


class Start:
    """Random pictures of a model, and the first guesses that they give.

    Parameters
    ----------
    generator
        In eval mode.
    samples
        How many pictures; fewer where they are large.
    seed
        Equal seeds give equal guesses.
    c
        Class weights ``[1, classes]`` of the photographs, or None.
    token
        Once it stops, no more pictures are made.
    """

    def __init__(
        self,
        generator: Generator,
        samples: int = 512,
        seed: int = 0,
        c: Tensor | None = None,
        token: StopToken | None = None,
    ) -> None:
        self.whitening: Whitening
        if isinstance(generator, StyledGenerator):
            self.whitening = w_whitening(generator, seed=seed, c=c)
        else:
            self.whitening = z_whitening(generator)
        self._generator = generator
        side = generator.capabilities.resolution
        if generator.capabilities.rgb_pyramid:
            side = min(side, _FULL_SIDE)
        count = max(min(samples, _FEWEST), int(samples * min(1.0, (_FULL_SIDE / side) ** 2)))
        draw = torch.Generator().manual_seed(seed)
        points: list[Tensor] = []
        small: list[Tensor] = []
        for first in range(0, count, _BATCH):
            if token is not None and token.stopped and points:
                break
            some = draw_latents(generator, min(_BATCH, count - first), draw)
            some = latents_of_class(generator, some, c)
            points.append(self.whitening.whiten(some.points))
            small.append(_small(_pictures(generator, some)))
        self._points, self._small = torch.cat(points), torch.cat(small)

    @torch.no_grad()
    def guesses(self, photo: Tensor) -> Tensor:
        """Latents in standard deviations ``[K, dim]`` for a photograph ``[1, C, H, W]``."""
        wanted = _small(photo)
        middle = torch.zeros_like(self._points[:1])
        if isinstance(self._generator, StyledGenerator):
            middle = self.whitening.whiten(self._generator.w_avg[None].float())
        distance = (self._small - wanted).square().sum(1)
        order = distance.argsort(stable=True)[:_NEAREST]
        return torch.cat([middle, self._points[order], self._regressed(wanted)])

    def _regressed(self, wanted: Tensor) -> Tensor:
        """Dual ridge regression: fewer pictures than pixels."""
        centre, mean = self._small.mean(0), self._points.mean(0)
        x = (self._small - centre).double()
        kernel = x @ x.t()
        scale = float(kernel.diagonal().mean()) + 1e-12
        eye = torch.eye(len(x), dtype=x.dtype, device=x.device)
        seen = (wanted - centre).double() @ x.t()
        found: list[Tensor] = []
        for ridge in _RIDGES:
            weights = torch.linalg.solve(
                kernel + ridge * scale * eye, (self._points - mean).double()
            )
            found.append((seen @ weights).float() + mean)
        return torch.cat(found)


@torch.no_grad()
def best_guesses(
    guesses: Tensor, images: Sequence[Tensor], loss: PhotoLoss, count: int
) -> list[Tensor]:
    """The ``count`` rows ``[1, dim]`` whose pictures are closest to the photograph, in order."""
    distances = torch.cat([loss(image) for image in images])
    return [guesses[i][None].clone() for i in distances.argsort(stable=True)[:count].tolist()]


def _pictures(generator: Generator, latents: Latents) -> Tensor:
    """Pictures, of pyramids only as large as is needed here."""
    with torch.no_grad():
        if latents.w is None:
            return generator.render(latents.z, latents.c)
        styled = cast(StyledGenerator, generator)
        synthesis, last = styled.synthesis, None
        if generator.capabilities.rgb_pyramid:
            fitting = [
                block
                for block in range(synthesis.num_blocks)
                if synthesis.block_resolution(block) <= _FULL_SIDE
            ]
            last = fitting[-1]
        img = synthesis.run(styled.broadcast(latents.w), last_block=last).img
        assert img is not None
        return img.float()


def _small(images: Tensor) -> Tensor:
    """``[N, C * 16 * 16]``."""
    return F.adaptive_avg_pool2d(images, _SIDE).flatten(1)
