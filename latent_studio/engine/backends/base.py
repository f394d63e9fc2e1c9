"""What the renderer wants from a runtime."""

from collections.abc import Sequence
from typing import Protocol, cast

import torch
from torch import Tensor

from latent_studio.models.base import Generator, NoiseInput, StyledGenerator, SynthesisState


class Backend(Protocol):
    """Runs one generator on one device in one precision; belongs to one thread.

    Tensors go in and come out on :attr:`device`. A ``SynthesisState`` that a backend gave out may
    be kept and handed back to the same backend; neither side changes its tensors.
    """

    generator: Generator
    device: torch.device
    dtype: torch.dtype

    @property
    def stops(self) -> Sequence[int]:
        """Blocks of a styled network behind which a pass may end and another go on, ascending.

        The last block is always among them.
        """
        ...

    @property
    def takes_weights(self) -> bool:
        """Whether the generator's weights may change (see :meth:`refresh`)."""
        ...

    @property
    def label(self) -> str:
        """For people: ``cpu fp32``, ``openvino bf16``."""
        ...

    def refresh(self) -> None:
        """The generator's weights have changed; not to be called without ``takes_weights``."""
        ...

    def run(
        self,
        ws: Tensor,
        noise: NoiseInput,
        state: SynthesisState | None = None,
        last_block: int | None = None,
        transform: Tensor | None = None,
    ) -> SynthesisState:
        """Synthesis from ws ``[N, num_ws, w_dim]``; see ``Synthesis.run``.

        ``state.block`` and ``last_block`` are among :attr:`stops`.
        """
        ...

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        """w ``[N, w_dim]`` of a styled model, float32, before truncation."""
        ...

    def generate(self, z: Tensor, c: Tensor | None, psi: float | Sequence[float] = 1.0) -> Tensor:
        """Pictures ``[N, C, H, W]`` of a model without w from z ``[N, z_dim]``.

        ``psi`` is one number or one a row; see ``Generator.render``.
        """
        ...

    def synchronize(self) -> None:
        """Wait until everything asked for is done."""
        ...


@torch.inference_mode()
def mapped(generator: Generator, z: Tensor, c: Tensor | None) -> Tensor:
    """What ``Backend.map`` gives, by the network itself."""
    w: Tensor = cast(StyledGenerator, generator).mapping(z, c).float()
    return w
