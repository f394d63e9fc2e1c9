"""Running jobs at a glance: one slim row each, with time left and a way to cancel."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latent_studio.events import Progress
from latent_studio.ui import theme
from latent_studio.ui.i18n import tr
from latent_studio.ui.job_controller import JobController
from latent_studio.ui.plots.numbers import duration
from latent_studio.ui.spoken import spoken
from latent_studio.ui.threads.job_thread import JobThread
from latent_studio.ui.widgets.slider import ElidedLabel

APPEAR_AFTER_MS = 500
_STEPS = 1000


class ProgressRow(QWidget):
    """Title, message, bar, time left, cancel. Shows a busy bar while the total is unknown."""

    cancel_requested = Signal()

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._text = ElidedLabel(title)
        self._text.setToolTip(title)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(6)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(title)
        self._left = QLabel()
        self._left.setProperty("role", "muted")
        self._left.setMinimumWidth(110)
        self._cancel = QToolButton()
        self._cancel.setProperty("role", "flat")
        self._cancel.setAutoRaise(True)
        self._cancel.setIcon(theme.icon("close"))
        self._cancel.setToolTip(tr("Cancel: {title}", title=title))
        self._cancel.setAccessibleName(tr("Cancel: {title}", title=title))
        self._cancel.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._cancel.clicked.connect(self._on_cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(10)
        row.addWidget(self._text, 2)
        row.addWidget(self._bar, 3)
        row.addWidget(self._left)
        row.addWidget(self._cancel)

    @property
    def cancel_button(self) -> QToolButton:
        return self._cancel

    @property
    def bar(self) -> QProgressBar:
        return self._bar

    def reset(self) -> None:
        """As new, for the next piece of work."""
        self._say(self._title)
        self._left.clear()
        self._bar.setRange(0, 0)
        self._cancel.setEnabled(True)

    def show_event(self, event: object) -> None:
        """Show a :class:`~latent_studio.events.Progress`; other events are not its business."""
        if isinstance(event, Progress):
            self.show_progress(event)

    def show_progress(self, progress: Progress) -> None:
        message = spoken(progress.message)
        text = f"{self._title} · {message}" if message and message != self._title else self._title
        self._say(text)
        if progress.total > 0:
            self._bar.setRange(0, _STEPS)
            self._bar.setValue(round(_STEPS * min(1.0, progress.done / progress.total)))
        else:
            self._bar.setRange(0, 0)
        left = duration(progress.eta_s)
        self._left.setText(tr("{time} left", time=left) if left else "")

    def _say(self, text: str) -> None:
        self._text.set_full_text(text)
        self._text.setToolTip(text)

    def _on_cancel(self) -> None:
        self._cancel.setEnabled(False)
        self._left.setText(tr("cancelling…"))
        self.cancel_requested.emit()


class ProgressStrip(QWidget):
    """A row for every job that has been running for half a second; hidden without any."""

    def __init__(self, jobs: JobController, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("progress-strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("Running jobs"))
        self._rows: dict[JobThread, ProgressRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.hide()
        jobs.job_started.connect(self._watch)
        jobs.job_finished.connect(self._drop)
        for thread in jobs.running:
            self._watch(thread)

    def row(self, thread: JobThread) -> ProgressRow | None:
        """The row of a running job, once it has one."""
        return self._rows.get(thread)

    def _watch(self, thread: JobThread) -> None:
        if thread.quiet:
            return
        row = ProgressRow(thread.title, self)
        row.hide()
        row.cancel_requested.connect(thread.cancel)
        thread.event_emitted.connect(row.show_event)
        self._rows[thread] = row
        self._column.addWidget(row)
        QTimer.singleShot(APPEAR_AFTER_MS, row, lambda: self._appear(thread))

    def _appear(self, thread: JobThread) -> None:
        row = self._rows.get(thread)
        if row is not None:
            row.show()
            self.show()

    def _drop(self, thread: JobThread) -> None:
        row = self._rows.pop(thread, None)
        if row is not None:
            row.hide()
            self._column.removeWidget(row)
            row.deleteLater()
        if not any(not row.isHidden() for row in self._rows.values()):
            self.hide()
