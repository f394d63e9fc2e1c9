"""Any job of :mod:`latent_studio.jobs` on a thread of its own."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal

from latent_studio.errors import Cancelled
from latent_studio.events import Event, Progress
from latent_studio.mailbox import StopToken
from latent_studio.ui.threads.event_relay import EventRelay

STACK_BYTES = 16 * 1024 * 1024  # macOS gives threads 512 KB, too little for deep torch graphs


class JobThread(QThread):
    """Runs ``function(*args, emit=..., token=..., **kwargs)`` once; ``plain`` leaves both out.

    Every public signal is emitted on the thread that made this object. ``event_emitted`` carries
    the job's events (of :class:`~latent_studio.events.Progress` only the latest in each 100 ms);
    exactly one of ``succeeded(result)``, ``failed(exception)`` and ``cancelled()`` follows once the
    thread has ended. Its owner keeps a reference until then.
    """

    event_emitted = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(
        self,
        title: str,
        function: Callable[..., Any],
        *args: Any,
        plain: bool = False,
        quiet: bool = False,
        parent: QObject | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(parent)
        self.setStackSize(STACK_BYTES)
        self.setObjectName(title)
        self.title = title
        self.quiet = quiet
        self.token = StopToken()
        self._relay = EventRelay(self)
        self._relay.received.connect(self._pass_on)
        extra = {} if plain else {"emit": self._relay.post, "token": self.token}
        self._call: Any = (function, args, {**kwargs, **extra})
        self._result: Any = None
        self._error: BaseException | None = None
        self.finished.connect(self._conclude, Qt.ConnectionType.QueuedConnection)

    def cancel(self) -> None:
        """Ask the job to end at its next step; ``cancelled`` follows unless it is done by then."""
        self.token.stop()

    def run(self) -> None:
        function, args, kwargs = self._call
        try:
            self._result = function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001 - every failure returns to the main thread
            self._error = error

    def _pass_on(self, events: list[Event]) -> None:
        progress = [event for event in events if isinstance(event, Progress)]
        for event in events:
            if not isinstance(event, Progress):
                self.event_emitted.emit(event)
        if progress:
            self.event_emitted.emit(progress[-1])

    def _conclude(self) -> None:
        self.wait()
        self._relay.flush()
        error, result = self._error, self._result
        self._call = self._result = self._error = None  # a job's inputs and result may be large
        if error is None:
            self.succeeded.emit(result)
        elif isinstance(error, Cancelled):
            self.cancelled.emit()
        else:
            self.failed.emit(error)
