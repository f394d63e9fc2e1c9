"""How late the main thread is, and when a widget has been painted."""

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QWidget

INTERVAL_MS = 5


class Lateness(QObject):
    """Milliseconds by which a precise 5 ms timer came late, tick by tick."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.values: list[float] = []
        self._due = 0.0
        self._timer = QTimer(self, interval=INTERVAL_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        self.values = []
        self._due = time.perf_counter() + INTERVAL_MS / 1000
        self._timer.start()

    def stop(self) -> list[float]:
        self._timer.stop()
        return self.values

    def _tick(self) -> None:
        now = time.perf_counter()
        self.values.append(max(0.0, (now - self._due) * 1000))
        self._due = now + INTERVAL_MS / 1000


class Painted(QObject):
    """Calls ``done()`` each time ``widget`` has painted itself."""

    def __init__(self, widget: QWidget, done: Callable[[], None]) -> None:
        super().__init__(widget)
        self._done = done
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.Paint:
            return False
        watched.event(event)
        self._done()
        return True
