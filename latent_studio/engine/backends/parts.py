"""A network as functions of tensors alone: what graph compilers take.

A styled network becomes a chain of segments of whole blocks. Everything that a recipe can change is
an input (ws, the transform, one noise map a layer, the features and the picture of the segment
before), so that one graph serves every recipe.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast, overload

import torch
from torch import Tensor, nn

from latent_studio.errors import ModelError
from latent_studio.models.base import (
    CONST_NOISE,
    Generator,
    NoiseInput,
    StyledGenerator,
    Synthesis,
    SynthesisState,
)

SMALLEST_CUT = 32


@dataclass(frozen=True)
class Segment:
    """Blocks ``first`` to ``last``; ``maps`` are the noise layers in them.

    Inputs are ws, in the first segment of networks that have it the transform ``[1, 3, 3]``, for
    all but the first segment x and maybe img, and the maps; outputs are x and maybe img, of the
    last segment img alone.
    """

    first: int
    last: int
    final: bool
    takes_img: bool
    gives_img: bool
    maps: tuple[int, ...]
    takes_transform: bool

    @property
    def takes_features(self) -> bool:
        return self.first > 0

    @property
    def gives_features(self) -> bool:
        return not self.final


class SegmentModule(nn.Module):
    """One segment, ready to be traced."""

    def __init__(
        self, synthesis: Synthesis, segment: Segment, dtype: torch.dtype = torch.float32
    ) -> None:
        super().__init__()
        self.synthesis, self.segment, self.dtype = synthesis, segment, dtype

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        segment, rest = self.segment, iter(tensors)
        ws, state = next(rest), None
        transform = next(rest) if segment.takes_transform else None
        if segment.takes_features:
            x = next(rest)
            state = SynthesisState(segment.first - 1, x, next(rest) if segment.takes_img else None)
        maps = dict(zip(segment.maps, rest, strict=True))
        noise = NoiseInput("random", maps=cast(Sequence[Tensor], maps))
        done = self.synthesis.run(
            ws,
            noise,
            state=state,
            last_block=segment.last,
            dtype=self.dtype,
            transform=transform,
        )
        if segment.final:
            return (cast(Tensor, done.img).float(),)
        return tuple(part.float() for part in (done.x, done.img) if part is not None)


class PlainModule(nn.Module):
    """A network without w: z and, with classes, their weights to pictures."""

    def __init__(self, generator: Generator, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.generator, self.dtype = generator, dtype

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        z, c = tensors if len(tensors) > 1 else (tensors[0], None)
        return (self.generator.render(z, c, dtype=self.dtype).float(),)


def plain_example(generator: Generator) -> tuple[Tensor, ...]:
    """Example inputs of :class:`PlainModule`.

    Raises
    ------
    ModelError
        If psi is more to the network than a factor of z.
    """
    capabilities = generator.capabilities
    if capabilities.truncation != "none":
        raise ModelError("psi changes this network itself.")
    device = next(generator.parameters()).device
    z = torch.zeros(1, capabilities.z_dim, device=device)
    if not capabilities.classes:
        return (z,)
    return z, torch.eye(1, capabilities.classes, device=device)


class MappingModule(nn.Module):
    """The mapping of a styled network: z and, with classes, their weights to w."""

    def __init__(self, generator: StyledGenerator) -> None:
        super().__init__()
        self.mapping = generator.mapping

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        z, c = tensors if len(tensors) > 1 else (tensors[0], None)
        return (self.mapping(z, c).float(),)


def mapping_example(generator: StyledGenerator) -> tuple[Tensor, ...]:
    """Example inputs of :class:`MappingModule`."""
    capabilities = generator.capabilities
    # Not of zeros: z is brought to unit length.
    z = torch.ones(1, capabilities.z_dim, device=generator.w_avg.device)
    if not capabilities.classes:
        return (z,)
    return z, torch.eye(1, capabilities.classes, device=z.device)


def segments_of(generator: StyledGenerator) -> tuple[list[Segment], list[tuple[Tensor, ...]]]:
    """Segments of a network, and example inputs of each (a picture of zeros in ws).

    Raises
    ------
    ModelError
        If its noise cannot be told apart by layers.
    """
    synthesis = generator.synthesis
    width = cast(int, generator.capabilities.w_dim)
    ws = torch.zeros(1, synthesis.num_ws, width, device=generator.w_avg.device)
    maps = _Watched(const_maps(synthesis))
    segments, examples = [], []
    state: SynthesisState | None = None
    final = synthesis.num_blocks - 1
    with torch.no_grad():
        for last in stops_of(synthesis):
            maps.taken.clear()
            old = state
            noise = NoiseInput("random", maps=maps)
            state = synthesis.run(ws, noise, state=old, last_block=last)
            first = 0 if old is None else old.block + 1
            takes = old is not None and old.img is not None
            used = tuple(sorted(maps.taken))
            gives = last == final or state.img is not None
            moves = generator.capabilities.transform and first == 0
            segments.append(Segment(first, last, last == final, takes, gives, used, moves))
            inputs = [ws, *([torch.eye(3, device=ws.device)[None]] if moves else [])]
            inputs += [*(part.float() for part in _parts(old)), *(maps.maps[i] for i in used)]
            examples.append(tuple(part.contiguous() for part in inputs))
    return segments, examples


def stops_of(synthesis: Synthesis) -> list[int]:
    """Where a chain of segments is cut: the last block of each.

    One cut, at a quarter of the picture: what is before it is the preview, what is behind it is all
    that late edits need. More cuts would cost compiling and memory for little.
    """
    final = synthesis.num_blocks - 1
    quarter = max(SMALLEST_CUT, synthesis.block_resolution(final) // 4)
    fitting = [b for b in range(final) if synthesis.block_resolution(b) <= quarter]
    return [fitting[-1], final] if fitting and fitting[-1] > 0 else [final]


def const_maps(synthesis: Synthesis) -> list[Tensor]:
    """The learned noise maps in layer order, shaped as random ones.

    Raises
    ------
    ModelError
        If they are not to be found.
    """
    found = [
        value.detach() for name, value in synthesis.named_buffers() if name.endswith("noise_const")
    ]
    shapes = synthesis.noise_shapes
    if len(found) != len(shapes):
        raise ModelError("This network's noise is not kept layer by layer.")
    return [value.reshape(shape) for value, shape in zip(found, shapes, strict=True)]


class NoiseMaps:
    """What goes into a graph for the noise of a pass; the last answer is kept."""

    def __init__(self, synthesis: Synthesis) -> None:
        self._const = const_maps(synthesis)
        self._none = [torch.zeros_like(pattern) for pattern in self._const]
        self._last: tuple[NoiseInput, list[Tensor]] = (CONST_NOISE, self._const)

    def of(self, noise: NoiseInput) -> list[Tensor]:
        """One float32 map ``[1 or N, 1, r, r]`` a layer, times the strength."""
        if noise is not self._last[0]:
            self._last = noise, self._scaled(noise)
        return self._last[1]

    def _scaled(self, noise: NoiseInput) -> list[Tensor]:
        if noise.mode == "none":
            return self._none
        if noise.mode == "random" and noise.maps is None:
            raise ValueError("graphs take their random noise as maps")
        maps = self._const if noise.maps is None else list(noise.maps)
        if noise.strength == 1:
            return maps
        return [pattern * noise.strength for pattern in maps]


class _Watched(Sequence[Tensor]):
    """Maps that remember which of them were asked for."""

    def __init__(self, maps: list[Tensor]) -> None:
        self.maps, self.taken = maps, set[int]()

    def __len__(self) -> int:
        return len(self.maps)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[index] for index in range(len(self.maps)))

    @overload
    def __getitem__(self, index: int) -> Tensor: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Tensor]: ...
    def __getitem__(self, index: int | slice) -> Tensor | Sequence[Tensor]:
        self.taken.update(
            range(*index.indices(len(self.maps))) if isinstance(index, slice) else [index]
        )
        return self.maps[index]


def _parts(state: SynthesisState | None) -> list[Tensor]:
    if state is None:
        return []
    return [part for part in (state.x, state.img) if part is not None]
