"""What compiled backends share: pictures one at a time through a chain of segments."""

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor

from latent_studio.engine.backends.base import mapped
from latent_studio.engine.backends.parts import NoiseMaps, Segment
from latent_studio.engine.device import precision_name
from latent_studio.models.base import Generator, NoiseInput, StyledGenerator, SynthesisState


class ChainBackend:
    """A ``Backend`` over :meth:`call`, which runs one segment (or a whole network without w).

    Parameters
    ----------
    generator
        Whose weights these are; its mapping runs in PyTorch unless a runtime has its own.
    segments
        Of a styled network, in order; empty for one without w.
    """

    runtime = ""
    takes_weights = False

    def __init__(
        self,
        generator: Generator,
        segments: Sequence[Segment],
        device: torch.device | str,
        dtype: torch.dtype,
    ) -> None:
        self.generator = generator.eval().requires_grad_(False)
        self.device, self.dtype = torch.device(device), dtype
        self.stops = [segment.last for segment in segments]
        self._segments = list(segments)
        if segments:
            self._noise = NoiseMaps(cast(StyledGenerator, generator).synthesis)
        self._still = torch.eye(3, device=self.device)[None]

    @property
    def label(self) -> str:
        return f"{self.runtime} {precision_name(self.dtype)}"

    def call(self, index: int, inputs: Sequence[Tensor]) -> list[Tensor]:
        """Fresh tensors, the caller's to keep; pictures are float32."""
        raise NotImplementedError

    def refresh(self) -> None:
        raise RuntimeError("compiled graphs hold their weights; build the backend again")

    def synchronize(self) -> None:
        """Nothing to wait for, unless a runtime says otherwise."""

    @torch.inference_mode()
    def run(
        self,
        ws: Tensor,
        noise: NoiseInput,
        state: SynthesisState | None = None,
        last_block: int | None = None,
        transform: Tensor | None = None,
    ) -> SynthesisState:
        maps = self._noise.of(noise)
        transform = self._still if transform is None else transform
        if len(ws) > 1:
            return self._many(ws, maps, state, last_block, transform)
        return self._one(ws, maps, state, last_block, transform)

    def _one(
        self,
        ws: Tensor,
        maps: Sequence[Tensor],
        state: SynthesisState | None,
        last_block: int | None,
        transform: Tensor,
    ) -> SynthesisState:
        reached = -1 if state is None else state.block
        last = self.stops[-1] if last_block is None else last_block
        for index, segment in enumerate(self._segments):
            if segment.last <= reached or segment.last > last:
                continue
            if segment.first != reached + 1:
                raise ValueError(f"no segment begins behind block {reached}")
            inputs = [ws, transform] if segment.takes_transform else [ws]
            if state is not None:
                inputs += [part for part in (state.x, state.img) if part is not None]
            outputs = self.call(index, [*inputs, *(maps[i] for i in segment.maps)])
            x = None if segment.final else outputs[0]
            state = SynthesisState(segment.last, x, outputs[-1] if segment.gives_img else None)
            reached = segment.last
        if state is None or reached != last:
            raise ValueError(f"no segment ends with block {last}")
        return state

    def _many(
        self,
        ws: Tensor,
        maps: Sequence[Tensor],
        state: SynthesisState | None,
        last_block: int | None,
        transform: Tensor,
    ) -> SynthesisState:
        """One after the other: a compiled graph gains little from batches."""
        results = []
        for row in range(len(ws)):
            own = [pattern if len(pattern) == 1 else pattern[row : row + 1] for pattern in maps]
            move = transform if len(transform) == 1 else transform[row : row + 1]
            part = None if state is None else _row(state, row)
            results.append(self._one(ws[row : row + 1], own, part, last_block, move))
        return SynthesisState(
            results[0].block,
            _joined([result.x for result in results]),
            _joined([result.img for result in results]),
        )

    def map(self, z: Tensor, c: Tensor | None) -> Tensor:
        return mapped(self.generator, z, c)

    @torch.inference_mode()
    def generate(self, z: Tensor, c: Tensor | None, psi: float | Sequence[float] = 1.0) -> Tensor:
        """Pictures of a model without w; ``psi`` changes nothing in those that are compiled."""
        rows = [[z[i : i + 1]] + ([] if c is None else [c[i : i + 1]]) for i in range(len(z))]
        return torch.cat([self.call(0, row)[0] for row in rows])


def _row(state: SynthesisState, row: int) -> SynthesisState:
    return SynthesisState(
        state.block,
        None if state.x is None else state.x[row : row + 1],
        None if state.img is None else state.img[row : row + 1],
    )


def _joined(parts: Sequence[Tensor | None]) -> Tensor | None:
    given = [part for part in parts if part is not None]
    return torch.cat(given) if given else None
