"""Other runs whose curves are drawn beside those of the run that is shown."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from latent_studio.ui.i18n import tr
from latent_studio.ui.run_watch import RunWatch
from latent_studio.ui.training_history import RunPast, TrainingHistory

if TYPE_CHECKING:
    from latent_studio.ui.job_controller import JobController
    from latent_studio.ui.notifications import Notifications

MAX_RUNS = 5  # the theme has as many colours beside the first


@dataclass(frozen=True, eq=False)
class ComparedRun:
    """One of them; ``color`` is an index into the theme's plot colours."""

    folder: str
    color: int
    watch: RunWatch
    history: TrainingHistory = field(default_factory=TrainingHistory)

    @property
    def name(self) -> str:
        return Path(self.folder).name


class ComparedRuns(QObject):
    """``changed()`` follows adding and removing, ``updated()`` new points of those there are."""

    changed = Signal()
    updated = Signal()

    def __init__(
        self,
        jobs: "JobController",
        notifications: "Notifications",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs, self._notifications = jobs, notifications
        self._runs: dict[str, ComparedRun] = {}

    @property
    def runs(self) -> tuple[ComparedRun, ...]:
        """In the order in which they were added."""
        return tuple(self._runs.values())

    def has(self, folder: str) -> bool:
        return folder in self._runs

    def color(self, folder: str) -> int | None:
        """Its colour, if it is among them."""
        run = self._runs.get(folder)
        return None if run is None else run.color

    def set_compared(self, folder: str, on: bool) -> None:
        """Add or remove a run."""
        if on:
            self.add(folder)
        else:
            self.remove(folder)

    def add(self, folder: str) -> None:
        """Draw the run in ``folder``, too; it is watched from then on."""
        if folder in self._runs:
            return
        free = set(range(1, MAX_RUNS + 1)) - {run.color for run in self._runs.values()}
        if not free:
            self._notifications.info(
                tr("At most %n other runs can be compared; take one away first.", n=MAX_RUNS)
            )
            return
        watch = RunWatch(self._jobs, folder, self)
        run = ComparedRun(folder, min(free), watch)
        self._runs[folder] = run
        watch.news.connect(lambda past: self._on_news(run, past))
        watch.lost.connect(lambda error: self._on_lost(folder, error))
        watch.start()
        self.changed.emit()

    def remove(self, folder: str) -> None:
        """Draw it no more."""
        run = self._runs.pop(folder, None)
        if run is not None:
            run.watch.stop()
            run.watch.deleteLater()
            self.changed.emit()

    def _on_news(self, run: ComparedRun, past: RunPast) -> None:
        run.history.take(past)
        self.updated.emit()

    def _on_lost(self, folder: str, error: BaseException) -> None:
        self._notifications.show_error(error)
        self.remove(folder)
