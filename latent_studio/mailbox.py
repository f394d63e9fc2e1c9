"""What threads say to each other: the latest value, and *stop*.

Both classes wait on conditions, never by polling, and neither knows Qt.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from latent_studio.errors import Cancelled

T = TypeVar("T")


class StopToken:
    """Ask long work to stop or to pause; wakes whoever waits.

    The worker calls :meth:`checkpoint` between its steps: it returns at once, blocks while the
    token is paused, and raises :class:`~latent_studio.errors.Cancelled` once it is stopped.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._stopped = False
        self._paused = False
        self._callbacks: list[Callable[[], None]] = []

    @property
    def stopped(self) -> bool:
        return self._stopped

    @property
    def paused(self) -> bool:
        return self._paused and not self._stopped

    def stop(self) -> None:
        """Stop for good; wakes paused workers and runs the callbacks once."""
        with self._condition:
            if self._stopped:
                return
            self._stopped = True
            callbacks, self._callbacks = self._callbacks, []
            self._condition.notify_all()
        for callback in callbacks:
            callback()

    def pause(self) -> None:
        with self._condition:
            self._paused = True

    def resume(self) -> None:
        with self._condition:
            self._paused = False
            self._condition.notify_all()

    def on_stop(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` when the token stops (at once if it already has)."""
        with self._condition:
            if not self._stopped:
                self._callbacks.append(callback)
                return
        callback()

    def wait_while_paused(self) -> bool:
        """Block while paused. Returns whether work should go on (False: stopped)."""
        with self._condition:
            self._condition.wait_for(lambda: self._stopped or not self._paused)
            return not self._stopped

    def wait(self, timeout: float) -> bool:
        """Sleep up to ``timeout`` seconds; returns True as soon as the token is stopped."""
        with self._condition:
            return self._condition.wait_for(lambda: self._stopped, timeout)

    def checkpoint(self) -> None:
        """Between two steps of the work: wait while paused.

        Raises
        ------
        Cancelled
            Once the token is stopped.
        """
        if not self.wait_while_paused():
            raise Cancelled


class LatestSlot(Generic[T]):
    """A mailbox of one place: ``put`` overwrites, ``take`` waits and empties.

    The last value put is always delivered and nothing queues up, so a consumer that is slower than
    its producer skips the values between.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._value: T | None = None
        self._closed = False

    def put(self, value: T) -> bool:
        """Store ``value`` in place of what was there. Returns False if the slot is closed."""
        with self._condition:
            if self._closed:
                return False
            self._value = value
            self._condition.notify()
            return True

    def take(self, timeout: float | None = None) -> T | None:
        """Wait for a value and take it; ``None`` when closed and empty, or after ``timeout`` s."""
        with self._condition:
            self._condition.wait_for(lambda: self._value is not None or self._closed, timeout)
            return self._pop()

    def take_nowait(self) -> T | None:
        with self._condition:
            return self._pop()

    def peek(self) -> T | None:
        """The waiting value, left in place."""
        with self._condition:
            return self._value

    @property
    def empty(self) -> bool:
        """True when the last value put has been taken."""
        with self._condition:
            return self._value is None

    @property
    def closed(self) -> bool:
        return self._closed

    def close(self) -> None:
        """Refuse further values and wake who waits; a value already there can still be taken."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()

    def _pop(self) -> T | None:
        value, self._value = self._value, None
        return value
