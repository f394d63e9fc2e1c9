"""What to train on: the built-in faces, something used before, or something on disk."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from latent_studio.ui import theme
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.training_request import PROCEDURAL, data_title

DATA_SUFFIXES = (".zip", ".gz", "-ubyte", ".idx")


def ask_folder(parent: QWidget, title: str, start: str) -> str:
    """The platform's dialog for a folder; an empty text when cancelled."""
    return QFileDialog.getExistingDirectory(parent, title, start)


def ask_file(parent: QWidget, title: str, start: str) -> str:
    """The platform's dialog for a zip or IDX file; an empty text when cancelled."""
    kinds = tr("Data sets (*.zip *.gz *ubyte *.idx);;All files (*)")
    return QFileDialog.getOpenFileName(parent, title, start, kinds)[0]


def dropped_data(mime: QMimeData) -> str:
    """Path of a dropped folder or archive; an empty text for anything else."""
    paths = [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
    if len(paths) != 1:
        return ""
    is_data = Path(paths[0]).is_dir() or paths[0].lower().endswith(DATA_SUFFIXES)
    return paths[0] if is_data else ""


class DataChoice(QToolButton):
    """Shows the chosen data; its menu changes them, and so does a drop."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.ask_folder: Callable[[QWidget, str, str], str] = ask_folder
        self.ask_file: Callable[[QWidget, str, str], str] = ask_file
        self.setProperty("role", "chip")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        menu = QMenu(self)
        menu.aboutToShow.connect(self._fill)
        self.setMenu(menu)
        context.training.data_changed.connect(self._show)
        context.training.state_changed.connect(self._show)
        context.training.data_reported.connect(self._show_report)
        theme.notifier().changed.connect(self._show)
        self._show()

    def choose_folder(self) -> None:
        self._take(self.ask_folder(self, tr("Folder of images"), self._start()))

    def choose_file(self) -> None:
        self._take(self.ask_file(self, tr("Zip or IDX file"), self._start()))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_data(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self._take(dropped_data(event.mimeData()))
        event.acceptProposedAction()

    def _take(self, path: str) -> None:
        if path:
            self._context.training.set_data(path)

    def _start(self) -> str:
        data = self._context.training.data
        return "" if data.startswith(PROCEDURAL) else str(Path(data).parent)

    def _fill(self) -> None:
        menu, training = self.menu(), self._context.training
        menu.clear()
        menu.addAction(tr("Procedural faces (built in)"), lambda: training.set_data(PROCEDURAL))
        for path in training.recent_data:
            action = menu.addAction(data_title(path), lambda path=path: training.set_data(path))
            action.setToolTip(path)
        menu.setToolTipsVisible(True)
        menu.addSeparator()
        menu.addAction(tr("Folder of images…"), self.choose_folder)
        menu.addAction(tr("Zip or IDX file…"), self.choose_file)

    def _show(self, *_: object) -> None:
        _, data = self._context.training.shown()
        builtin = data.startswith(PROCEDURAL)
        self.setIcon(theme.icon("data"))
        title = tr("Procedural faces") if builtin else data_title(data)
        self.setText(self.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, 150))
        self.setAccessibleName(tr("Data: {name}", name=title))
        where = tr("Faces drawn by the program, without end") if builtin else data
        self.setToolTip(tr("What to train on: {where}\nDrop a folder or zip here.", where=where))

    def _show_report(self, report: object) -> None:
        lines = "\n".join(report.lines()[:12])  # type: ignore[attr-defined]
        self.setToolTip(f"{self._context.training.data}\n{lines}")
