"""What the renderer wants from a runtime."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor

from latent_studio.models.base import Generator, NoiseInput, SynthesisState


class Backend(Protocol):
    """Runs one generator on one device in one precision; belongs to one thread.

    Tensors go in and come out on :attr:`device`. A ``SynthesisState`` that a backend gave out may
    be kept and handed back to the same backend; neither side changes its tensors.
    """

    generator: Generator
    device: torch.device
    dtype: torch.dtype

    @property
    def label(self) -> str:
        """For people: ``cpu fp32``."""
        ...

    def refresh(self) -> None:
        """The generator's weights have changed."""
        ...

    def run(
        self,
        ws: Tensor,
        noise: NoiseInput,
        state: SynthesisState | None = None,
        last_block: int | None = None,
    ) -> SynthesisState:
        """Synthesis from ws ``[N, num_ws, w_dim]``; see ``Synthesis.run``."""
        ...

    def generate(self, z: Tensor, c: Tensor | None, psi: float | Sequence[float] = 1.0) -> Tensor:
        """Pictures ``[N, C, H, W]`` of a model without w from z ``[N, z_dim]``.

        ``psi`` is one number or one a row; see ``Generator.render``.
        """
        ...

    def synchronize(self) -> None:
        """Wait until everything asked for is done."""
        ...
