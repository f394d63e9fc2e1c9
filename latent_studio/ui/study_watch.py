"""Looks at a study of trials again and again while somebody sees it, and reads what is new."""

from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from latent_studio.jobs.trials import TrialTable
    from latent_studio.ui.job_controller import JobController

POLL_MS = 2000

Marks: TypeAlias = tuple[tuple[int, int], ...]


def look(source: str, study: str, before: Marks) -> "tuple[Marks, TrialTable | None]":
    """The table of trials if it may have changed since ``before``; for a worker.

    Raises
    ------
    StudioError
        It can't be read, or Optuna is not installed.
    """
    from latent_studio.jobs.trials import read_trials, trials_mark

    marks = trials_mark(source)
    if marks and marks == before:
        return marks, None
    return marks, read_trials(source, study)


class StudyWatch(QObject):
    """``news(TrialTable)`` at once and after each change, ``failed(exception)`` when it cannot be
    read; between :meth:`start` and :meth:`stop`.
    """

    news = Signal(object)
    failed = Signal(object)

    def __init__(self, jobs: "JobController", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._wanted = ("", "")
        self._marks: Marks = ()
        self._looking = False
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self.look)

    def choose(self, source: str, study: str = "") -> None:
        """Watch another study (no source: none) from now on."""
        self._wanted, self._marks = (source, study), ()
        if self._timer.isActive():
            self.look()

    def start(self) -> None:
        """Look now and from now on."""
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def look(self) -> None:
        """Look now, unless it is being done."""
        if self._looking or not self._wanted[0] or self._jobs.closed:
            return
        self._looking = True
        wanted = self._wanted
        self._jobs.start(
            tr("Read the trials"),
            look,
            *wanted,
            self._marks,
            plain=True,
            quiet=True,
            done=lambda found: self._on_looked(wanted, found),
            failed=lambda error: self._on_failed(wanted, error),
        )

    def _on_looked(self, wanted: tuple[str, str], found: "tuple[Marks, TrialTable | None]") -> None:
        self._looking = False
        if wanted != self._wanted:
            self.look()
            return
        self._marks, table = found
        if table is not None:
            self.news.emit(table)

    def _on_failed(self, wanted: tuple[str, str], error: BaseException) -> None:
        self._looking = False
        if wanted != self._wanted:
            self.look()
        else:
            self.failed.emit(error)
