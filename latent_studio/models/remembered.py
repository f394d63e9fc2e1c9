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
    """

    def __init__(self) -> None:
        self._tensors: tuple[Tensor, ...] = ()
        self._writes: tuple[int, ...] = ()
        self._result: T | None = None

    def __deepcopy__(self, memo: object) -> "Remembered[T]":
        return Remembered()

    def __reduce__(self) -> tuple[type["Remembered[T]"], tuple[()]]:
        return Remembered, ()

    def of(self, compute: Callable[[], T], *tensors: Tensor) -> T:
        """``compute()``, or what it gave last if ``tensors`` are the same and unchanged."""
        if self._result is None or not self._same(tensors):
            self.set(compute(), *tensors)
        assert self._result is not None
        return self._result

    def set(self, result: T, *tensors: Tensor) -> None:
        """Take ``result`` for that of the present ``tensors``."""
        if any(tensor.is_inference() for tensor in tensors):  # their writes are not counted
            self._tensors, self._writes = (), ()
        else:
            self._tensors = tensors
            self._writes = tuple(tensor._version for tensor in tensors)
        self._result = result

    def _same(self, tensors: tuple[Tensor, ...]) -> bool:
        return (
            len(tensors) == len(self._tensors) > 0
            and all(a is b for a, b in zip(tensors, self._tensors, strict=True))
            and all(t._version == n for t, n in zip(tensors, self._writes, strict=True))
        )
