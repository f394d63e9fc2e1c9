"""Results that depend on some tensors alone, computed again only after one of them has changed.

Reading a number from an accelerator makes the program wait for it. Whether a tensor was written to
is known without asking the device: torch counts the writes.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

from torch import Tensor

T = TypeVar("T")


class Remembered(Generic[T]):
    """The last result of a function of tensors.

    Copies of a network start without a memory, so that it cannot pass for that of other tensors.
    Several threads may ask: what is kept is exchanged in one piece.
    """

    def __init__(self) -> None:
        self._kept: tuple[tuple[Tensor, ...], tuple[int, ...], T] | None = None

    def __deepcopy__(self, memo: object) -> "Remembered[T]":
        return Remembered()

    def __reduce__(self) -> tuple[type["Remembered[T]"], tuple[()]]:
        return Remembered, ()

    def of(self, compute: Callable[[], T], *tensors: Tensor) -> T:
        """``compute()``, or what it gave last if ``tensors`` are the same and unchanged."""
        kept = self._kept
        if kept is not None and _same(kept[0], tensors) and _writes(tensors) == kept[1]:
            return kept[2]
        return self.set(compute(), *tensors)

    def set(self, result: T, *tensors: Tensor) -> T:
        """Take ``result`` for that of the present ``tensors``."""
        counted = not any(tensor.is_inference() for tensor in tensors)
        self._kept = (tensors, _writes(tensors), result) if counted else None
        return result


def _same(some: tuple[Tensor, ...], others: tuple[Tensor, ...]) -> bool:
    return len(some) == len(others) and all(a is b for a, b in zip(some, others, strict=True))


def _writes(tensors: tuple[Tensor, ...]) -> tuple[int, ...]:
    """How often each was written to; not to be asked of tensors made in inference mode."""
    return tuple(tensor._version for tensor in tensors)
