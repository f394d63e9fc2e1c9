"""Python's garbage, collected where Qt's objects may be destroyed: on the main thread alone.

Python collects on whatever thread has just made an object. Widgets hang in cycles with what their
slots remember; one that a job or a training collects is destroyed on that thread, under the hands
of Qt's event loop.
"""

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 200
# As Python's own: so many new objects, then so many collections of the generation below.
THRESHOLDS = (700, 10, 10)


class GarbageCollector(QObject):
    """From its making on nothing is collected; from :meth:`begin` on, from time to time.

    Belongs to the main thread. :meth:`end` gives Python its own way back.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(INTERVAL_MS)
        self._timer.timeout.connect(self._look)

    def begin(self) -> None:
        """Leave all that is there now alone for good, and look after what comes.

        A full collection walks everything that torch has loaded, a fifth of a second in which
        nothing moves.
        """
        if not self._timer.isActive():
            gc.freeze()
            self._timer.start()

    def end(self) -> None:
        self._timer.stop()
        gc.enable()

    def _look(self) -> None:
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > THRESHOLDS[generation]:
                gc.collect(generation)
                break
