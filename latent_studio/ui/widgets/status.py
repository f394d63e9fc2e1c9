"""The status bar: what renders and how fast | the run | the last message."""

from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QStatusBar, QWidget

from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.notifications import Notification
from latent_studio.ui.spoken import spoken
from latent_studio.ui.widgets.slider import ElidedLabel

MESSAGE_MS = 15000
REFRESH_MS = 200


class ClickableLabel(ElidedLabel):
    clicked = Signal()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()


class Status(QStatusBar):
    """``messages_requested()`` follows a click on the message."""

    messages_requested = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._context = context
        self.render = ElidedLabel("")
        self.run = ElidedLabel("")
        self.message = ClickableLabel("")
        self.message.setCursor(Qt.CursorShape.PointingHandCursor)
        self.message.setToolTip(tr("Show all messages"))
        self.message.clicked.connect(self.messages_requested)
        self.render.setMinimumWidth(230)
        self.run.setMinimumWidth(10)
        for index, (label, stretch) in enumerate(
            ((self.render, 0), (self.run, 2), (self.message, 3))
        ):
            if index:
                self.addWidget(self._divider())
            self.addWidget(label, stretch)
        self._frame: Any = None
        self._refresh = QTimer(self, singleShot=True, interval=REFRESH_MS)
        self._refresh.timeout.connect(self._show_frame)
        self._clear = QTimer(self, singleShot=True, interval=MESSAGE_MS)
        self._clear.timeout.connect(lambda: self.message.set_full_text(""))
        context.render.frame_shown.connect(self._on_frame)
        context.training.status_changed.connect(self.run.set_full_text)
        context.notifications.added.connect(self._on_message)
        self.render.set_full_text(tr("Starting…"))

    def _divider(self) -> QFrame:
        line = QFrame()
        line.setFrameShape(QFrame.Shape.VLine)
        line.setProperty("role", "vline")
        return line

    def _on_frame(self, frame: Any, _picture: object) -> None:
        self._frame = frame
        if not self._refresh.isActive():
            self._refresh.start()

    def _show_frame(self) -> None:
        frame, meter = self._frame, self._context.render.meter
        parts = [frame.backend]
        if meter.fps:
            parts.append(tr("{fps:.0f} fps", fps=meter.fps))
        parts.append(tr("{ms:.1f} ms", ms=frame.render_ms))
        if frame.kimg is not None:
            parts.append(tr("{kimg:,.0f} kimg", kimg=frame.kimg))
        self.render.setToolTip(spoken(frame.note))
        if frame.note:
            parts.append(spoken(frame.note))
        self.render.set_full_text(" · ".join(parts))

    def _on_message(self, notification: Notification) -> None:
        self.message.set_full_text(notification.message)
        self._clear.start()
