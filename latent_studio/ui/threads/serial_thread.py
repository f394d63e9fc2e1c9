"""Short work on one thing (a database), one call after the other, off the main thread."""

import queue
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal


class SerialThread(QThread):
    """Opens a thing on its own thread at the first call and hands it to each call, in order.

    Parameters
    ----------
    open_
        Makes the thing; tried again at the next call if it fails.
    close
        Ends it, on the thread.

    Notes
    -----
    ``done(result)`` and ``failed(exception)`` of a call come on the thread that made this object.
    """

    _answered = Signal(object, object)

    def __init__(
        self,
        open_: Callable[[], Any],
        close: Callable[[Any], object],
        name: str,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._open, self._close = open_, close
        self._calls: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._answered.connect(_answer, Qt.ConnectionType.QueuedConnection)

    def call(
        self,
        function: Callable[..., Any],
        *args: Any,
        done: Callable[[Any], object] | None = None,
        failed: Callable[[BaseException], object] | None = None,
    ) -> None:
        """Call ``function(thing, *args)`` after what was called before."""
        self._calls.put((function, args, done, failed))
        if not self.isRunning():
            self.start()

    def shut_down(self, timeout_s: float = 30.0) -> bool:
        """Do what has been called, then end. Returns False if that takes too long."""
        self._calls.put(None)
        return not self.isRunning() or self.wait(int(timeout_s * 1000))

    def run(self) -> None:
        thing: Any = None
        while (call := self._calls.get()) is not None:
            function, args, done, failed = call
            try:
                if thing is None:
                    thing = self._open()
                result = function(thing, *args)
            except BaseException as error:  # noqa: BLE001 - every failure returns to the caller
                self._answered.emit(failed, error)
            else:
                self._answered.emit(done, result)
        if thing is not None:
            self._close(thing)


def _answer(listener: Callable[[Any], object] | None, value: Any) -> None:
    if listener is not None:
        listener(value)
