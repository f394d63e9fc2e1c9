"""What the interpreter of pickles is given: bytes, names that may be used, and a budget."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from latent_studio.data.pickle_values import Names, PickleRefused

_ITEM = 64  # bytes that a container takes for an item, roughly


class Source(Protocol):
    """The bytes that a pickle is in."""

    @property
    def size(self) -> int: ...

    def read(self, at: int, count: int) -> bytes | memoryview:
        """``count`` bytes from ``at``, all of them within :attr:`size`."""

    def part(self, at: int, count: int) -> Any:
        """As :meth:`read` for large values, which may be read later."""


@dataclass(frozen=True)
class Dialect:
    """What a pickle may name and what that stands for.

    ``persistent`` gives what a persistent id means; None refuses them.
    """

    allowed: Names
    persistent: Callable[[Any], Any] | None = None


@dataclass
class Budget:
    """What reading may still cost: steps, bytes that are made or kept; values at one time."""

    steps: int
    memory: int
    stack: int = 1_000_000

    def pay(self, count: int) -> None:
        self.memory -= count
        if self.memory < 0:
            raise PickleRefused("makes more bytes than this program reads.")

    def pay_for(self, value: Any) -> None:
        """Copying a value: steps for its items, memory for them or its letters."""
        if isinstance(value, bytes | str):
            self.pay(len(value))
        elif isinstance(value, list | tuple | set | dict):
            self.steps -= len(value)
            self.pay(_ITEM * len(value))
