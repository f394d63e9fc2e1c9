"""Plain PyTorch: the backend that always works (CPU, CUDA, MPS)."""

from typing import cast

import torch
from torch import Tensor

from latent_studio.engine.device import precision_name, synchronize
from latent_studio.models.base import Generator, NoiseInput, StyledGenerator, SynthesisState


class TorchEager:
    """Runs the modules as they are, with channels-last weights.

    Takes the generator over: it is put into evaluation mode, moved to ``device`` and frozen.
    """

    def __init__(
        self,
        generator: Generator,
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        self.device, self.dtype = torch.device(device), dtype
        self.generator = generator.eval().requires_grad_(False).to(self.device)
        self.generator.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    def label(self) -> str:
        return f"{self.device} {precision_name(self.dtype)}"

    def refresh(self) -> None:
        """Nothing is derived from the weights here."""

    @torch.inference_mode()
    def run(
        self,
        ws: Tensor,
        noise: NoiseInput,
        state: SynthesisState | None = None,
        last_block: int | None = None,
    ) -> SynthesisState:
        synthesis = cast(StyledGenerator, self.generator).synthesis
        return synthesis.run(ws, noise, state=state, last_block=last_block, dtype=self.dtype)

    @torch.inference_mode()
    def generate(self, z: Tensor, c: Tensor | None) -> Tensor:
        return self.generator(z, c, dtype=self.dtype)

    def synchronize(self) -> None:
        synchronize(self.device)
