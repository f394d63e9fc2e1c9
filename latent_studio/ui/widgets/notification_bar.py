"""Messages on the window, without a dialog, and the list of all of them."""

from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from latent_studio.ui import theme
from latent_studio.ui.i18n import tr
from latent_studio.ui.notifications import Notification, Notifications
from latent_studio.ui.widgets.section import MARGIN, SPACING, icon_button

MOST_WIDTH, LEAST_TEXT = 420, 80
MARGINS = (10, 6, 6, 6)
GAP = 14  # to the edges of what it lies over
SHOWN_MS = {"info": 5000, "warning": 12000, "error": 0}  # 0: until it is closed


class NotificationBar(QFrame):
    """The newest warning or error (or whatever has buttons): over its parent, or over the dialog
    that has the focus, which would hide it.
    """

    def __init__(self, notifications: Notifications, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notification-bar")
        self.setAccessibleName(tr("Message"))
        self.current: Notification | None = None
        self._symbol = QLabel()
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = QPushButton(tr("Copy details"))
        self.copy.setProperty("role", "flat")
        self.copy.clicked.connect(self._on_copy)
        self.close_button = icon_button("close", tr("Close this message"))
        self.close_button.clicked.connect(self.hide)
        self._floor = 0
        self._buttons: list[QPushButton] = []
        self._lay_out()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.hide)
        self.hide()
        self._home = parent
        notifications.added.connect(self.show_notification)
        self._unseen = False
        later = Qt.ConnectionType.QueuedConnection  # when Qt knows which window is the active one
        QApplication.instance().focusWindowChanged.connect(self._on_focus, later)

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(SPACING)
        line.addWidget(self._symbol)
        line.addWidget(self.text)
        line.addStretch(1)
        line.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self._row = QHBoxLayout()
        self._row.setSpacing(SPACING)
        self._row.addStretch(1)
        self._row.addWidget(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(*MARGINS)
        column.setSpacing(SPACING)
        column.addLayout(line)
        column.addLayout(self._row)

    def show_notification(self, notification: Notification) -> None:
        if notification.level == "info" and not notification.actions:
            return  # the status bar is enough
        self.current = notification
        times = f"  (×{notification.count})" if notification.count > 1 else ""
        self.text.setText(notification.message + times)
        self._symbol.setPixmap(self._icon(notification.level))
        self.copy.setVisible(notification.level == "error" or bool(notification.detail))
        self._show_buttons(notification)
        self.setProperty("level", notification.level)
        self.style().unpolish(self)
        self.style().polish(self)
        self._lie_over(self._wanted_host())
        self._unseen = QApplication.activeWindow() is None
        wait = SHOWN_MS[notification.level]
        if wait and not notification.actions:
            self._timer.start(wait)
        else:
            self._timer.stop()

    def place(self, floor: int) -> None:
        """Centre above ``floor`` of its home; in a dialog at the top, as its buttons are below."""
        self._floor = floor
        host = self.parentWidget()
        if host is None or self.isHidden():
            return
        self._fit(min(MOST_WIDTH, host.width() - 2 * GAP))
        top = floor - self.height() - GAP if host is self._home else GAP
        self.move((host.width() - self.width()) // 2, top)

    def _wanted_host(self) -> QWidget | None:
        """The dialog that has the focus if it is one of this window's, and no mere question."""
        window = QApplication.activeModalWidget() or QApplication.activeWindow()
        opener = window.parentWidget() if isinstance(window, QDialog) else None
        if opener is None or isinstance(window, QMessageBox | QFileDialog):
            return self._home
        ours = self._home is not None and opener.window() is self._home.window()
        return window if ours else self._home

    def _on_focus(self) -> None:
        """What came while another program had the focus is shown where the user comes back to."""
        if self._unseen and isValid(self._home) and QApplication.activeWindow() is not None:
            self._unseen = False
            if not self.isHidden():
                self._lie_over(self._wanted_host())

    def _lie_over(self, host: QWidget | None) -> None:
        self._move_to(host)
        self.show()
        self.raise_()
        self.place(self._floor)

    def _move_to(self, host: QWidget | None) -> None:
        before = self.parentWidget()
        if host is before:
            return
        if before is not None and before is not self._home:
            before.removeEventFilter(self)
        if host is not None and host is not self._home:
            host.installEventFilter(self)
        self.setParent(host)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A dialog that goes takes no message with it, unless the window goes before it."""
        if not isValid(self._home):
            return False
        if event.type() == QEvent.Type.Hide:
            go = self._move_to if self.isHidden() else self._lie_over
            go(self._home)
        elif event.type() == QEvent.Type.Resize:
            self.place(self._floor)
        return super().eventFilter(watched, event)

    def _fit(self, most: int) -> None:
        """As wide as the text, which wraps where that is more than ``most``."""
        around = self.width() - self.contentsRect().width()  # the border
        around += MARGINS[0] + MARGINS[2] + 2 * SPACING
        around += self._symbol.sizeHint().width() + self.close_button.sizeHint().width()
        natural = self.text.fontMetrics().size(0, self.text.text()).width() + 2
        self.text.setFixedWidth(max(LEAST_TEXT, min(natural, most - around)))
        self.layout().activate()
        self.adjustSize()

    def _icon(self, level: str) -> object:
        colours = theme.colors()
        tint = {"warning": colours.warning, "error": colours.bad}.get(level, colours.accent)
        return theme.icon(level, tint).pixmap(QSize(18, 18), self.devicePixelRatioF())

    def _show_buttons(self, notification: Notification) -> None:
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = []
        for label, act in notification.actions:
            button = QPushButton(label)
            if not self._buttons:  # the first is what most want
                button.setProperty("role", "primary")
            button.clicked.connect(partial(self._act, act))
            self._row.insertWidget(1 + len(self._buttons), button)
            button.show()  # now: hidden ones take no room
            self._buttons.append(button)

    def _act(self, act: object, *_: object) -> None:
        self.hide()
        act()  # type: ignore[operator]

    def _on_copy(self) -> None:
        if self.current is not None:
            QGuiApplication.clipboard().setText(self.current.as_text())


class MessagesDialog(QDialog):
    """Every message of this session, newest first."""

    def __init__(self, notifications: Notifications, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Messages"))
        self.resize(640, 360)
        self._notifications = notifications
        self.list = QListWidget()
        self.list.setWordWrap(True)
        self.list.setAccessibleName(tr("Messages"))
        self.list.setToolTip(tr("All messages of this session, newest first"))
        copy = QPushButton(tr("Copy all"))
        copy.setToolTip(tr("Copy all messages with their details"))
        copy.clicked.connect(self._on_copy)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.addWidget(self.list, 1)
        column.addLayout(row)
        notifications.added.connect(lambda _one: self._fill())
        self._fill()

    def _fill(self) -> None:
        self.list.clear()
        for one in reversed(self._notifications.history):
            self.list.addItem(one.as_text().split("\n")[0])

    def _on_copy(self) -> None:
        text = "\n\n".join(one.as_text() for one in self._notifications.history)
        QGuiApplication.clipboard().setText(text)
