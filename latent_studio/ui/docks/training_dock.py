"""Training, watched: choices and buttons, one line of words, curves and samples."""

from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from latent_studio.events import CheckpointSaved, Notice, SnapshotSaved
from latent_studio.ui.context import Context
from latent_studio.ui.docks.alarm_cards import AlarmCards
from latent_studio.ui.docks.data_choice import dropped_data
from latent_studio.ui.docks.history_bar import HistoryBar
from latent_studio.ui.docks.run_legend import RunLegend
from latent_studio.ui.docks.training_bar import ONE_LINE, TrainingBar
from latent_studio.ui.docks.training_tabs import TrainingTabs
from latent_studio.ui.i18n import tr
from latent_studio.ui.training_controller import RunState
from latent_studio.ui.widgets.progress import ProgressRow
from latent_studio.ui.widgets.slider import ElidedLabel

BESIDE = 560  # pixels that words and history need beside each other
ROOMY = 330  # of height, from which two lines of choices leave room for two lines of an alarm
PLOTS_AFTER_MS = 100  # so that the picture is painted before


def import_plots() -> None:
    """Load what draws the curves; nothing of it touches the screen yet."""
    import latent_studio.ui.plots.curve_plot  # noqa: F401


class TrainingDock(QWidget):
    """A view of the window's :class:`~latent_studio.ui.training_controller.TrainingController`."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.setAcceptDrops(True)
        self.bar = TrainingBar(context)
        self.words = ElidedLabel("")
        self.words.setProperty("role", "muted")
        self.words.setAccessibleName(tr("About the training"))
        self.preparing = ProgressRow(tr("Preparing the data"))
        self.preparing.cancel_requested.connect(context.training.stop)
        self.alarms = AlarmCards(context.training.alarms)
        self.tabs = TrainingTabs(context)
        self.legend = RunLegend(context)
        self.history = HistoryBar(context)
        self.history.moved.connect(self.tabs.samples.go_to)
        self._line = QStackedWidget()
        self._line.addWidget(self.words)
        self._line.addWidget(self.preparing)
        self._line.setFixedHeight(22)
        self._words = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._words.setContentsMargins(9, 0, 9, 0)
        self._words.setSpacing(14)
        self._words.addWidget(self._line, 1)
        self._words.addWidget(self.history, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.bar)
        column.addLayout(self._words)
        column.addWidget(self.alarms)
        column.addWidget(self.legend)
        column.addWidget(self.tabs, 1)
        training = context.training
        training.state_changed.connect(self._on_state)
        training.progressed.connect(self.preparing.show_progress)
        training.event_received.connect(self._on_event)
        training.data_reported.connect(lambda _report: self._show_choice())
        training.presets_loaded.connect(self._on_presets)
        training.setup_requested.connect(lambda: self.tabs.setCurrentWidget(self.tabs.setup))
        context.settings.changed.connect(self._on_setting)
        context.render.frame_shown.connect(lambda *_: self._on_picture())
        self._asked = self._pictured = False
        self._show_choice()

    def sizeHint(self) -> QSize:
        return QSize(900, 290)

    def minimumSizeHint(self) -> QSize:
        return QSize(430, 130)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._words.setDirection(across if self.width() >= BESIDE else down)
        self.alarms.set_compact(self.width() < ONE_LINE and self.height() < ROOMY)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._asked:
            self._asked = True
            self._context.training.load_presets()
        if self._pictured:
            self.tabs.allow_plots()

    def _on_presets(self, _presets: object) -> None:
        # a method, unlike a function, is let go with the widget
        self._show_choice()

    def _on_picture(self) -> None:
        """The first picture is there: time to make plots, whose library takes long to load."""
        if not self._pictured:
            self._pictured = True
            QTimer.singleShot(PLOTS_AFTER_MS, self._load_plots)

    def _load_plots(self) -> None:
        """Import the plots' library on a worker: half a second that the window need not wait."""
        title = tr("Loading the plots")
        job = self._context.jobs.start(title, import_plots, quiet=True, plain=True)
        job.succeeded.connect(self._make_plots)

    def _make_plots(self, _loaded: object = None) -> None:
        if self.isVisible():
            self.tabs.allow_plots()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_data(event.mimeData()) and not self._context.training.running:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_data(event.mimeData())
        if path:
            self._context.training.set_data(path)
            event.acceptProposedAction()

    def say(self, text: str) -> None:
        """Show one line of words."""
        self.words.set_full_text(text)
        self.words.setToolTip(text)

    def _on_state(self, state: RunState) -> None:
        self._line.setCurrentWidget(self.preparing if state is RunState.PREPARING else self.words)
        request = self._context.training.request
        folder = request.folder if request else ""
        if state is RunState.PREPARING:
            self.preparing.reset()
        elif state is RunState.RUNNING:
            self.say(tr("Learning. The picture above follows the model while “live” is on."))
        elif state is RunState.PAUSED:
            self.say(tr("Paused; press T or ▶ to go on."))
        elif state is RunState.WATCHING:
            self.say(tr("Watching {folder}; nothing is changed in it.", folder=folder))
        elif state is RunState.STOPPING:
            self.say(tr("Saving everything…"))
        elif state is RunState.FINISHED:
            self.say(tr("Ended; everything is saved in {folder}", folder=folder))
        elif state is RunState.FAILED:
            self.say(tr("Failed; see the message. What was saved stays in {folder}", folder=folder))

    def _on_event(self, event: object) -> None:
        if isinstance(event, Notice):
            self.say(event.message)
        elif isinstance(event, SnapshotSaved):
            self.say(tr("Model saved at {kimg:,.1f} kimg", kimg=event.kimg))
        elif isinstance(event, CheckpointSaved):
            self.say(tr("Everything saved at {kimg:,.1f} kimg", kimg=event.kimg))

    def _on_setting(self, key: str, _value: object) -> None:
        if key in ("train/preset", "train/data"):
            self._show_choice()

    def _show_choice(self) -> None:
        """While nothing runs: what the preset is for and what the data hold."""
        training = self._context.training
        if training.state is not RunState.IDLE:
            return
        chosen = [preset for preset in training.presets if preset.name == training.preset]
        parts = [chosen[0].summary] if chosen else []
        if training.report is not None:
            parts.append(_report_line(training.report))
        self.say("   ".join(parts))


def _report_line(report: object) -> str:
    """The data report in a few words."""
    count = getattr(report, "count", None)
    size = tr("endless") if count is None else tr("%n images", n=count)
    words = [str(getattr(report, "name", "")), size]
    classes, problems = getattr(report, "classes", []), getattr(report, "problems", [])
    if classes:
        words.append(tr("%n classes", n=len(classes)))
    if problems:
        words.append(tr("%n files skipped", n=len(problems)))
    return tr("Data: {words}", words=", ".join(words))
