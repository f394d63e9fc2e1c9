"""The middle of the window: the canvas with what lies over it."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from latent_studio.ui.canvas.canvas import Canvas
from latent_studio.ui.i18n import tr
from latent_studio.ui.job_controller import JobController
from latent_studio.ui.notifications import Notifications
from latent_studio.ui.widgets.notification_bar import NotificationBar
from latent_studio.ui.widgets.progress import ProgressStrip

RELAID = (QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest)


class EmptyState(QFrame):
    """What to do when there is no model: open one, fetch one or train one."""

    open_requested = Signal()
    get_requested = Signal()
    train_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        title = QLabel(tr("No model is open"))
        title.setProperty("role", "title")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        text = QLabel(
            tr("Drop a model file here, or train a new one: pictures appear after a few minutes.")
        )
        text.setProperty("role", "muted")
        text.setWordWrap(True)
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.open = QPushButton(tr("Open a model…"))
        self.get = QPushButton(tr("Get models…"))
        self.train = QPushButton(tr("Train a model"))
        self.train.setProperty("role", "primary")
        self.open.clicked.connect(self.open_requested)
        self.get.clicked.connect(self.get_requested)
        self.train.clicked.connect(self.train_requested)
        buttons = QHBoxLayout()
        for button in (self.open, self.get, self.train):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(title)
        column.addWidget(text)
        column.addLayout(buttons)
        self.setFixedSize(420, 170)


class Stage(QWidget):
    """The canvas, and over it hint, notification bar, running jobs and empty state: whatever comes
    and goes, the picture keeps its place.
    """

    def __init__(
        self, notifications: Notifications, jobs: JobController, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.canvas = Canvas(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.canvas)
        self.hint = QLabel(self)
        self.hint.setObjectName("hint")
        self.hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hint.hide()
        self.facts = QLabel(self)
        self.facts.setObjectName("facts")
        self.facts.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.empty = EmptyState(self)
        self.empty.hide()
        self.progress = ProgressStrip(jobs, self)
        self.progress.installEventFilter(self)
        self.bar = NotificationBar(notifications, self)
        self.bar.installEventFilter(self)

    def show_hint(self, text: str) -> None:
        self.hint.setText(text)
        self.hint.setVisible(bool(text))
        self._place()

    def show_facts(self, text: str) -> None:
        """Size and zoom, in a corner."""
        self.facts.setText(text)
        self.facts.setVisible(bool(text))
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.bar and event.type() in (QEvent.Type.Hide, QEvent.Type.Show):
            free = event.type() == QEvent.Type.Hide or self.bar.parent() is not self
            self.hint.setVisible(bool(self.hint.text()) and free)
        elif watched is self.progress and event.type() in RELAID:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        rows = 0 if self.progress.isHidden() else self.progress.sizeHint().height()
        floor = self.height() - rows
        self.progress.setGeometry(0, floor, self.width(), rows)
        self.hint.adjustSize()
        self.hint.move((self.width() - self.hint.width()) // 2, floor - self.hint.height() - 14)
        self.facts.adjustSize()
        self.facts.move(self.width() - self.facts.width() - 8, 6)
        self.empty.move(
            (self.width() - self.empty.width()) // 2, (self.height() - self.empty.height()) // 2
        )
        self.bar.place(floor)
