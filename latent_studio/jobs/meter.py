"""Progress of a job: counts, estimates the time left, and stops when asked to."""

import time
from collections.abc import Callable

from latent_studio.events import Emit, Progress, ignore
from latent_studio.mailbox import StopToken

_INTERVAL_S = 0.1


class Meter:
    """Counts done units and emits ``Progress`` events, at most 10 a second.

    The first and the last are always emitted. Time spent paused counts as work; the estimate is
    the mean over everything done so far.
    """

    def __init__(
        self,
        total: int,
        message: str,
        *,
        emit: Emit = ignore,
        token: StopToken | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total = total
        self.message = message
        self.done = 0
        self._emit = emit
        self._token = token
        self._clock = clock
        self._started = clock()
        self._told = self._started
        emit(Progress(0, total, message))

    def checkpoint(self) -> None:
        """Wait while paused.

        Raises
        ------
        Cancelled
            The token was stopped.
        """
        if self._token is not None:
            self._token.checkpoint()

    def step(self, units: int = 1) -> None:
        """Count ``units`` as done, tell, and check the token (raises ``Cancelled``)."""
        self.done += units
        now = self._clock()
        if now - self._told >= _INTERVAL_S or self.done >= self.total:
            self._told = now
            self._emit(Progress(self.done, self.total, self.message, self._eta(now)))
        self.checkpoint()

    def _eta(self, now: float) -> float | None:
        if not self.total or not self.done:
            return None
        return (now - self._started) / self.done * max(0, self.total - self.done)
