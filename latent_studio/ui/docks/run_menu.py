"""The rarer things to do with runs: resume, open the model, save, change its settings."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QMenu, QWidget

from latent_studio.ui.context import Context
from latent_studio.ui.docks.data_choice import ask_folder
from latent_studio.ui.i18n import tr

MAX_RUNS = 8


class RunMenu(QMenu):
    """Filled when it opens, from the runs that are there."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.ask_folder: Callable[[QWidget, str, str], str] = ask_folder
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        training = self._context.training
        self.clear()
        resume = self.addMenu(tr("Resume a run"))
        resume.setEnabled(not training.running)
        for path in recent_runs(training.runs_folder()):
            resume.addAction(path.name, lambda path=path: training.resume_run(str(path)))
        resume.addSeparator()
        resume.addAction(tr("Other folder…"), self.choose_run)
        self.addSeparator()
        self._add(tr("Open its model in the explorer"), self.open_model, self._has_model())
        self._add(tr("Save now"), lambda: training.command("save"), training.running)
        self._add(tr("Change its settings"), training.setup_requested.emit, training.running)
        self.addSeparator()
        self._add(tr("Show the run’s folder"), self._show_folder, bool(training.history.folder))

    def choose_run(self) -> None:
        """Ask for a run folder and go on with it."""
        start = str(self._context.training.runs_folder())
        folder = self.ask_folder(self, tr("Folder of the run"), start)
        if folder:
            self._context.training.resume_run(folder)

    def open_model(self) -> None:
        """Open the newest saved model of the run."""
        path = self._context.training.history.latest_snapshot()
        if path:
            self._context.models.open_path(path, keep_recipe=True)

    def _add(self, text: str, slot: Callable[[], object], enabled: bool) -> None:
        self.addAction(text, lambda: slot()).setEnabled(enabled)

    def _has_model(self) -> bool:
        return bool(self._context.training.history.latest_snapshot())

    def _show_folder(self) -> None:
        folder = self._context.training.history.folder
        QDesktopServices.openUrl(QUrl.fromLocalFile(folder))


def recent_runs(folder: Path, limit: int = MAX_RUNS) -> list[Path]:
    """Runs in ``folder``, the one written last first."""
    try:
        found = [path for path in folder.iterdir() if (path / "config.json").is_file()]
        return sorted(found, key=_written, reverse=True)[:limit]
    except OSError:
        return []


def _written(run: Path) -> float:
    try:
        return (run / "stats.jsonl").stat().st_mtime
    except OSError:
        return 0.0
