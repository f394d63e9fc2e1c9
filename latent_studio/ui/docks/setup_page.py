"""The tab of settings: those of the next run, or, while one runs, those that may still change."""

from PySide6.QtWidgets import QStackedWidget, QWidget

from latent_studio.ui.context import Context
from latent_studio.ui.docks.hot_form import HotForm
from latent_studio.ui.docks.new_run_form import NewRunForm


class SetupPage(QStackedWidget):
    """Turns by itself when a training starts or ends."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.new_run = NewRunForm(context)
        self.hot = HotForm(context)
        self.addWidget(self.new_run)
        self.addWidget(self.hot)
        context.training.running_changed.connect(self._turn)
        self._turn(context.training.running)

    def _turn(self, running: bool) -> None:
        self.setCurrentWidget(self.hot if running else self.new_run)
