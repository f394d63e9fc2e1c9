"""What threads say to each other: the latest value, *stop*, and *after you*.

The classes wait on conditions, never by polling, and none knows Qt.
"""

import threading
import time
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
        self._listeners: tuple[Callable[[], None], ...] = ()

    def listen(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` after every put and when the slot closes, on the thread that does it.

        For a consumer that waits for several things at once; it must return quickly.
        """
        with self._condition:
            self._listeners = (*self._listeners, callback)

    def put(self, value: T) -> bool:
        """Store ``value`` in place of what was there. Returns False if the slot is closed."""
        with self._condition:
            if self._closed:
                return False
            self._value = value
            self._condition.notify()
            listeners = self._listeners
        for callback in listeners:
            callback()
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
            listeners = self._listeners
        for callback in listeners:
            callback()

    def _pop(self) -> T | None:
        value, self._value = self._value, None
        return value


class Turn:
    """Who goes first on a shared processor: the renderer, while the hand moves.

    The renderer holds the turn for as long as it draws, and a little longer (``linger``), since the
    next move of the hand is about to come. Long work calls :meth:`give_way` between its steps.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._holders = 0
        self._until = 0.0

    @property
    def taken(self) -> bool:
        """Somebody wants the processor now."""
        return self._holders > 0 or time.monotonic() < self._until

    def hold(self) -> None:
        """Ask the others to wait; every call needs a :meth:`release`."""
        with self._condition:
            self._holders += 1

    def release(self, linger: float = 0.0) -> None:
        """End one :meth:`hold`; the others go on after ``linger`` seconds."""
        with self._condition:
            self._holders = max(0, self._holders - 1)
            self._until = max(self._until, time.monotonic() + linger)
            self._condition.notify_all()

    def give_way(self, longest: float) -> float:
        """Wait while the turn is taken, ``longest`` seconds at most, so that nobody starves.

        Returns
        -------
        float
            Seconds waited.
        """
        began = time.monotonic()
        if not self.taken:
            return 0.0
        with self._condition:
            while self.taken:
                left = began + longest - time.monotonic()
                if left <= 0:
                    break
                lingering = self._until - time.monotonic()
                self._condition.wait(left if self._holders else max(0.0, min(left, lingering)))
        return time.monotonic() - began
