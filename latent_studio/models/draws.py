"""Random numbers for a part of a batch that are those of the whole batch.

A batch may be worked off in parts, one after the other or on several devices. The result must not
depend on the division, so every part draws for the whole batch and keeps its own rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch import Tensor


@dataclass(frozen=True)
class Rows:
    """A random source for the rows ``part, part + parts, part + 2 * parts, …`` of a batch.

    Rows are dealt out in turn: minibatch standard deviation compares rows ``N / group`` apart, so
    that the groups of a dealt part are groups of the whole batch.

    Attributes
    ----------
    generator
        In the state in which the whole batch would draw from it.
    """

    generator: torch.Generator
    part: int
    parts: int

    def of(self, whole: Tensor) -> Tensor:
        """The rows of this part."""
        return whole[self.part :: self.parts]


RandomSource: TypeAlias = torch.Generator | Rows


def normal(shape: Sequence[int], source: RandomSource | None, device: torch.device | str) -> Tensor:
    """Standard normal numbers; the first axis of ``shape`` counts the rows of a batch."""
    if isinstance(source, Rows):
        whole = (shape[0] * source.parts, *shape[1:])
        return source.of(torch.randn(whole, generator=source.generator, device=device))
    return torch.randn(tuple(shape), generator=source, device=device)


def uniform(
    shape: Sequence[int], source: RandomSource | None, device: torch.device | str
) -> Tensor:
    """Uniform numbers in [0, 1); as :func:`normal`."""
    if isinstance(source, Rows):
        whole = (shape[0] * source.parts, *shape[1:])
        return source.of(torch.rand(whole, generator=source.generator, device=device))
    return torch.rand(tuple(shape), generator=source, device=device)


def shared_uniform(count: int, source: RandomSource | None, device: torch.device | str) -> Tensor:
    """Uniform numbers ``[count]`` that all rows of a batch have in common."""
    generator = source.generator if isinstance(source, Rows) else source
    return torch.rand(count, generator=generator, device=device)
