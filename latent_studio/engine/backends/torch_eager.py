"""Plain PyTorch: the backend that always works (CPU, CUDA, MPS)."""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor

from latent_studio.engine.backends.base import mapped
from latent_studio.engine.backends.half import for_dtype
from latent_studio.engine.device import precision_name, synchronize
from latent_studio.models.base import (
    Generator,
    NoiseInput,
    StyledGenerator,
    Synthesis,
    SynthesisState,
)


class TorchEager:
    """Runs the frozen form of a styled network (``Synthesis.frozen``), or the module as it is.

    Takes the generator over: it is put into evaluation mode, moved to ``device`` and stops
    recording gradients.
    """

    takes_weights = True

    def __init__(
        self,
        generator: Generator,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.device, self.dtype = torch.device(device), dtype
        self.generator = generator.eval().requires_grad_(False).to(self.device)
        self._synthesis: Synthesis | None = None
        styled = generator.capabilities.has_w
        blocks = cast(StyledGenerator, generator).synthesis.num_blocks if styled else 0
        self.stops = range(blocks)

    @property
    def label(self) -> str:
        return f"{self.device} {precision_name(self.dtype)}"

    def refresh(self) -> None:
        self._synthesis = None

    @torch.inference_mode()
    def run(
        self,
        ws: Tensor,
        noise: NoiseInput,
        state: SynthesisState | None = None,
        last_block: int | None = None,
        transform: Tensor | None = None,
    ) -> SynthesisState:
        if self._synthesis is None:
            synthesis = cast(StyledGenerator, self.generator).synthesis
            self._synthesis = for_dtype(synthesis, self.dtype).frozen(self.dtype)
        return self._synthesis.run(
            ws, noise, state=state, last_block=last_block, dtype=self.dtype, transform=transform
        )

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        return mapped(self.generator, z, c)

    @torch.inference_mode()
    def generate(self, z: Tensor, c: Tensor | None, psi: float | Sequence[float] = 1.0) -> Tensor:
        return self.generator.render(z, c, psi, dtype=self.dtype)

    def synchronize(self) -> None:
        synchronize(self.device)
