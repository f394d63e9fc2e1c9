"""Tensors that are still in their file: described and checked at once, read when wanted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
import torch
from torch import Tensor

from latent_studio.data.pickle_values import Built, DraftType, PickleRefused, checked_shape
from latent_studio.storage.foreign.regions import Memory, Region

MAX_AXES = 16
# Elements of a tensor that repeats what is stored (strides of zero).
_MAX_REPEATED = 1 << 16


class StoredTensor:
    """A tensor by its shape and how to get it.

    Attributes
    ----------
    shape
        Known without reading.
    bytes
        What reading it takes from the file.
    """

    def __init__(
        self, shape: tuple[int, ...], dtype: torch.dtype, size: int, load: Callable[[], Tensor]
    ) -> None:
        self.shape, self.dtype, self.bytes = shape, dtype, size
        self._load = load

    @property
    def numel(self) -> int:
        return prod(self.shape)

    def load(self) -> Tensor:
        """Read it; a tensor with memory of its own, in row order."""
        return self._load()

    def then(
        self,
        change: Callable[[Tensor], Tensor],
        like: Callable[[Tensor], Tensor] | None = None,
    ) -> "StoredTensor":
        """This tensor after ``change``, which is tried on its shape now and done when it is read.

        Parameters
        ----------
        like
            What gives the same shape and makes a view, where ``change`` makes a copy.

        Raises
        ------
        ValueError
            If its shape does not allow that.
        """
        try:
            # One element seen again and again. (The meta device loads modules for seconds.)
            tried = (like or change)(torch.zeros((), dtype=self.dtype).expand(self.shape))
        except (RuntimeError, IndexError, TypeError) as error:
            raise ValueError(f"a tensor of shape {list(self.shape)}") from error
        return StoredTensor(
            tuple(tried.shape),
            tried.dtype,
            self.bytes,
            lambda: change(self.load()).contiguous(),
        )


def given(tensor: Tensor) -> StoredTensor:
    """A tensor that is in no file."""
    return StoredTensor(tuple(tensor.shape), tensor.dtype, 0, lambda: tensor)


def computed(shape: tuple[int, ...], compute: Callable[[], Tensor]) -> StoredTensor:
    """A float32 tensor that is worked out when it is wanted."""
    return StoredTensor(shape, torch.float32, 0, compute)


@dataclass(eq=False)
class Storage:
    """The flat memory behind tensors: ``count`` elements; ``region`` may become known later."""

    dtype: torch.dtype
    count: int
    region: Region | None = None

    @property
    def item(self) -> int:
        return self.dtype.itemsize

    def settle(self, region: Region) -> None:
        """Its bytes are those of ``region``.

        Raises
        ------
        PickleRefused
            If there are fewer than it has elements.
        """
        if region.count < self.count * self.item:
            raise PickleRefused("declares a larger tensor than it holds.")
        self.region = region

    def tensor(self, offset: Any, shape: Any, stride: Any) -> StoredTensor:
        """A view of it.

        Raises
        ------
        PickleRefused
            If the view reaches beyond the elements.
        """
        sides, steps = checked_shape(shape), checked_shape(stride)
        if not isinstance(offset, int) or offset < 0 or len(sides) != len(steps):
            raise PickleRefused("holds a tensor of an impossible layout.")
        if len(sides) > MAX_AXES:
            raise PickleRefused("holds a tensor with too many axes.")
        numel = prod(sides)
        span = 1 + sum((side - 1) * step for side, step in zip(sides, steps, strict=True))
        if numel == 0:
            empty = torch.empty(sides, dtype=self.dtype)
            return given(empty)
        if offset + span > self.count:
            raise PickleRefused("holds a tensor that reaches beyond its data.")
        if numel > max(span, _MAX_REPEATED):
            raise PickleRefused("holds a tensor that is larger than its data.")
        size = span * self.item

        def load() -> Tensor:
            if self.region is None:
                raise PickleRefused("holds a tensor without its data.")
            flat = _read(self.region.slice(offset * self.item, size), self.dtype, span)
            return flat.as_strided(sides, steps).contiguous()

        return StoredTensor(sides, self.dtype, size, load)


class StoredArray(Built):
    """numpy's array: the state has version, shape, type, whether columns come first, and bytes."""

    def __init__(self) -> None:
        self.tensor: StoredTensor | None = None

    def build(self, state: Any) -> None:
        _, shape, kind, by_columns, raw = state
        self.tensor = array_tensor(raw, kind, shape, bool(by_columns))


def array_tensor(raw: Any, kind: Any, shape: Any, by_columns: bool) -> StoredTensor:
    """A numpy array's bytes as a tensor.

    Raises
    ------
    PickleRefused
        If bytes, type and shape do not fit together, or torch has no such type.
    """
    region = as_region(raw)
    sides = checked_shape(shape)
    if not isinstance(kind, DraftType) or region is None or len(sides) > MAX_AXES:
        raise PickleRefused("holds an array that is not made of bytes.")
    if prod(sides) * kind.type.itemsize != region.count:
        raise PickleRefused("holds an array whose size does not fit its shape.")
    native = kind.type.newbyteorder("=")
    try:
        dtype = torch.from_numpy(np.empty(0, native)).dtype
    except TypeError as error:
        raise PickleRefused(f"holds an array of {kind.type}, which is no tensor.") from error

    def load() -> Tensor:
        flat = np.empty(region.count, np.uint8)
        region.read_into(flat.data)
        array: np.ndarray = flat.view(kind.type).astype(native, copy=False)
        array = array.reshape(sides, order="F" if by_columns else "C")
        return torch.from_numpy(array if array.flags.c_contiguous else array.copy("C"))

    return StoredTensor(sides, dtype, region.count, load)


def as_region(raw: Any) -> Region | None:
    """Bytes of a pickle as a region; None if they are none."""
    if isinstance(raw, bytes):
        return Region(Memory(raw), 0, len(raw))
    return raw if isinstance(raw, Region) else None


def _read(region: Region, dtype: torch.dtype, count: int) -> Tensor:
    flat = torch.empty(count, dtype=dtype)
    region.read_into(flat.view(torch.uint8).numpy().data)
    return flat


def row_strides(sides: Sequence[int]) -> tuple[int, ...]:
    """The strides of a tensor that lies row by row."""
    steps = [1]
    for side in reversed(sides[1:]):
        steps.append(steps[-1] * side)
    return tuple(reversed(steps[: len(sides)]))
