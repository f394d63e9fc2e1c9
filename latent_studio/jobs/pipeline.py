"""Make things on one thread and use them on another, with a bounded number between.

The whole takes as long as the slower half. Both halves must spend their time outside the
interpreter (torch, a codec), or they only take turns.
"""

import threading
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class Pipeline(Generic[T]):
    """Hands items to ``work`` in order, on a thread of its own; use it in a ``with`` block.

    At the end of the block everything has been worked off. When the block ends in an exception,
    what waits is dropped. An exception in ``work`` ends the work and is raised by the next
    :meth:`put`, or at the end of the block.

    Parameters
    ----------
    depth
        Items that may wait; :meth:`put` blocks beyond that.
    """

    def __init__(self, work: Callable[[T], object], depth: int) -> None:
        self._work, self._depth = work, max(1, depth)
        self._bell = threading.Condition()
        self._waiting: deque[T] = deque()
        self._over = False
        self._error: BaseException | None = None
        self._done = 0
        self._thread = threading.Thread(target=self._run, name="pipeline", daemon=True)

    @property
    def done(self) -> int:
        """Items worked off so far."""
        return self._done

    def put(self, item: T) -> None:
        """Append an item; waits while too many do.

        Raises
        ------
        BaseException
            That ``work`` raised.
        """
        with self._bell:
            self._bell.wait_for(lambda: len(self._waiting) < self._depth or self._error)
            self._raise()
            self._waiting.append(item)
            self._bell.notify_all()

    def __enter__(self) -> "Pipeline[T]":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._bell:
            self._over = True
            if kind is not None:
                self._waiting.clear()
            self._bell.notify_all()
        self._thread.join()
        if kind is None:
            self._raise()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        while True:
            with self._bell:
                self._bell.wait_for(lambda: self._waiting or self._over)
                if not self._waiting:
                    return
                item = self._waiting.popleft()
                self._bell.notify_all()
            try:
                self._work(item)
            except BaseException as error:  # noqa: BLE001 - raised where the items come from
                with self._bell:
                    self._error = error
                    self._waiting.clear()
                    self._bell.notify_all()
                return
            self._done += 1
