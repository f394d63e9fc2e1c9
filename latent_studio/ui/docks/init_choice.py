"""What a new run begins from: random weights, the model on the canvas, or a model file."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from latent_studio.ui import theme
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr


def ask_model(parent: QWidget, title: str, start: str) -> str:
    """The platform's dialog for a model file; an empty text when cancelled."""
    kinds = tr("Models (*.safetensors);;All files (*)")
    return QFileDialog.getOpenFileName(parent, title, start, kinds)[0]


class InitChoice(QToolButton):
    """Shows the chosen beginning; its menu changes it. The choice is the setting ``train/init``."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.ask_model: Callable[[QWidget, str, str], str] = ask_model
        self.setProperty("role", "chip")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(self.fill)
        self.setMenu(menu)
        context.settings.changed.connect(self._on_setting)
        theme.notifier().changed.connect(self._show)
        self._show()

    def choose_file(self) -> None:
        """Ask for a model file."""
        chosen = self._context.settings.get("train/init")
        start = str(Path(chosen).parent) if chosen else ""
        path = self.ask_model(self, tr("Model to begin from"), start)
        if path:
            self._choose(path)

    def fill(self) -> None:
        """Make the menu for the model that is open now."""
        menu = self.menu()
        menu.clear()
        menu.addAction(tr("Nothing: random weights"), lambda: self._choose(""))
        title, path = self._open_model()
        action = menu.addAction(
            tr("The model on the canvas ({name})", name=title) if path else tr("No model is open"),
            lambda: self._choose(path),
        )
        action.setEnabled(bool(path))
        action.setToolTip(path)
        menu.addSeparator()
        menu.addAction(tr("Model file…"), self.choose_file)

    def _open_model(self) -> tuple[str, str]:
        """Title and file of the model on the canvas; of a model in training its newest file."""
        model = self._context.state.model
        if model is None:
            return "", ""
        history = self._context.training.history
        kimg = model.ref.kimg if model.ref.kind == "run" else None
        of_run = history.latest_snapshot() if kimg is None else history.snapshot_near(kimg)
        return model.title, model.path or of_run

    def _choose(self, path: str) -> None:
        self._context.settings.set("train/init", path)

    def _on_setting(self, key: str, _value: object) -> None:
        if key == "train/init":
            self._show()

    def _show(self, *_: object) -> None:
        path = self._context.settings.get("train/init")
        name = Path(path).stem if path else tr("random weights")
        self.setIcon(theme.icon("model"))
        self.setText(self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, 170))
        self.setAccessibleName(tr("Begin from: {name}", name=name))
        if path:
            tip = tr("Goes on teaching this model (fine-tuning): {path}", path=path)
        else:
            tip = tr("Begin with random weights, or go on from a model that is trained already")
        self.setToolTip(tip)
