"""Work of the main thread in small helpings, so that a picture and a hand come in between."""

import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer

HELPING_S = 0.006
PAUSE_MS = 6  # the render thread wants the interpreter too
FIRST_PAUSE_MS = 120  # for a model's first picture


class Gradually(QObject):
    """Goes through an iterator, some of it at a time; of two, only the later is gone on with."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._steps: Iterator[object] | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._helping)

    @property
    def busy(self) -> bool:
        return self._steps is not None

    def start(self, steps: Iterator[object]) -> None:
        """Begin with ``steps``; what was left of earlier ones is dropped."""
        self._steps = steps
        self._timer.start(FIRST_PAUSE_MS)

    def finish(self) -> None:
        """Do the rest now."""
        while self._step():
            pass

    def _helping(self) -> None:
        self._timer.setInterval(PAUSE_MS)
        end = time.perf_counter() + HELPING_S
        while self._step() and time.perf_counter() < end:
            pass

    def _step(self) -> bool:
        """Whether there may be more; a step that asks for the rest itself gets what there is."""
        steps, self._steps = self._steps, None
        if steps is None:
            return False
        for _ in steps:
            if self._steps is None:  # none was begun meanwhile
                self._steps = steps
            return True
        if self._steps is None:
            self._timer.stop()
        return self._steps is not None
