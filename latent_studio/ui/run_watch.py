"""Looks at a run's folder again and again, without its lock, and reads what is new."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from latent_studio.ui.i18n import tr
from latent_studio.ui.training_history import RunPast, read_past

if TYPE_CHECKING:
    from latent_studio.ui.job_controller import JobController

POLL_MS = 2000
_WATCHED = ("config.json", "stats.jsonl", "alarms.jsonl", "samples", "snapshots")

Marks: TypeAlias = tuple[tuple[int, int], ...]


def look(folder: str, before: Marks) -> tuple[Marks, RunPast | None]:
    """What ``folder`` holds if it has changed since ``before``; for a worker.

    Raises
    ------
    RunError
        If it is no run any more.
    """
    marks = tuple(_mark(Path(folder) / name) for name in _WATCHED)
    return marks, None if marks == before else read_past(folder)


def _mark(path: Path) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


class RunWatch(QObject):
    """Watches one folder: ``news(RunPast)`` at once and after each change, ``lost(exception)``
    when it cannot be read any more, which ends the watching.
    """

    news = Signal(object)
    lost = Signal(object)

    def __init__(self, jobs: "JobController", folder: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder
        self._jobs = jobs
        self._marks: Marks = ()
        self._looking = self._ended = False
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Look now and from now on."""
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """Look no more; what is being read is dropped."""
        self._ended = True
        self._timer.stop()

    def look(self) -> None:
        """Look now, unless it is being done."""
        if self._looking or self._ended or self._jobs.closed:
            return
        self._looking = True
        self._jobs.start(
            tr("Read the run"),
            look,
            self.folder,
            self._marks,
            plain=True,
            quiet=True,
            done=self._on_looked,
            failed=self._on_failed,
        )

    def _on_looked(self, found: tuple[Marks, RunPast | None]) -> None:
        self._looking = False
        self._marks, past = found
        if past is not None and not self._ended:
            self.news.emit(past)

    def _on_failed(self, error: BaseException) -> None:
        self._looking = False
        if not self._ended:
            self.stop()
            self.lost.emit(error)
