"""Events from any thread to the main one, at most ten deliveries a second, none lost."""

import threading
from collections import deque

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

from latent_studio.events import Event

DELIVERY_INTERVAL_MS = 100


class EventRelay(QObject):
    """Collects events posted on worker threads and hands them over in batches.

    ``received(list)`` is emitted on the thread that the relay lives on. A worker posts as often as
    it likes: the first event after a quiet time is delivered at once, the following ones are
    gathered until :data:`DELIVERY_INTERVAL_MS` have passed, so a fast worker cannot flood the main
    thread's event loop.
    """

    received = Signal(list)
    _woken = Signal()

    def __init__(self, parent: QObject | None = None, interval_ms: int = DELIVERY_INTERVAL_MS):
        super().__init__(parent)
        self._lock = threading.Lock()
        self._events: deque[Event] = deque()
        self._pending = False
        self._since = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.CoarseTimer)
        self._timer.timeout.connect(self.flush)
        self._interval = interval_ms
        self._woken.connect(self._schedule, Qt.ConnectionType.QueuedConnection)

    def post(self, event: Event) -> None:
        """Hand over one event; callable from any thread, never blocks."""
        with self._lock:
            self._events.append(event)
            if self._pending:
                return
            self._pending = True
        self._woken.emit()

    def flush(self) -> None:
        """Deliver what has been gathered, now; call on the relay's own thread."""
        self._timer.stop()
        with self._lock:
            events = list(self._events)
            self._events.clear()
            self._pending = False
        if events:
            self._since.start()
            self.received.emit(events)

    def _schedule(self) -> None:
        waited = self._since.elapsed() if self._since.isValid() else self._interval
        if waited >= self._interval:
            self.flush()
        elif not self._timer.isActive():
            self._timer.start(int(self._interval - waited))
