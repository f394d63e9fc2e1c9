"""The one path for messages to the user.

Anything on any thread calls :meth:`Notifications.notify`; the record reaches the main thread, is
kept in the log and shown by whatever listens to ``added`` (the bar on the window). Equal messages
in a row are counted, not stacked. Nothing is lost before a view is there.
"""

import logging
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from PySide6.QtCore import QObject, Qt, Signal, Slot

from latent_studio.errors import StudioError
from latent_studio.events import Notice
from latent_studio.ui.i18n import tr
from latent_studio.ui.spoken import spoken

log = logging.getLogger(__name__)

Action: TypeAlias = tuple[str, Callable[[], object]]
LEVELS = ("info", "warning", "error")
_LOG_LEVEL = {"info": logging.INFO, "warning": logging.INFO, "error": logging.INFO}
MAX_KEPT = 500


@dataclass(frozen=True)
class Notification:
    """One message; ``count`` is how often it came in a row."""

    level: str
    message: str
    detail: str = ""
    actions: tuple[Action, ...] = ()
    when: float = field(default_factory=time.time)
    count: int = 1

    def same_as(self, other: "Notification") -> bool:
        return (self.level, self.message) == (other.level, other.message)

    def as_text(self) -> str:
        """For the clipboard: what a bug report needs."""
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.when))
        times = f" (x{self.count})" if self.count > 1 else ""
        head = f"{moment} {self.level}{times}: {self.message}"
        return f"{head}\n{self.detail}" if self.detail else head


class Notifications(QObject):
    """Keeps the messages. ``added(Notification)`` follows each one, on the main thread."""

    added = Signal(object)
    _posted = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._kept: list[Notification] = []
        self._posted.connect(self._receive, Qt.ConnectionType.AutoConnection)

    @property
    def history(self) -> tuple[Notification, ...]:
        """Oldest first."""
        with self._lock:
            return tuple(self._kept)

    def notify(
        self, level: str, message: str, detail: str = "", actions: Sequence[Action] = ()
    ) -> None:
        """Tell the user; ``actions`` are buttons ``(label, callable)`` beside the message."""
        assert level in LEVELS, level
        self._posted.emit(Notification(level, message, detail, tuple(actions)))

    def info(self, message: str, detail: str = "") -> None:
        self.notify("info", message, detail)

    def warning(self, message: str, detail: str = "") -> None:
        self.notify("warning", message, detail)

    def error(self, message: str, detail: str = "") -> None:
        self.notify("error", message, detail)

    def show_error(self, error: BaseException) -> None:
        """Tell of an exception: a StudioError in its own words, others with their traceback."""
        if isinstance(error, StudioError):
            self.error(spoken(error.message), error.detail)
            return
        trace = "".join(traceback.format_exception(error))
        what = str(error) or type(error).__name__
        self.error(tr("Something unexpected went wrong: {what}", what=what), trace)

    def handle(self, event: object) -> None:
        """Show the events that are messages; others are ignored."""
        if isinstance(event, Notice):
            level = event.level if event.level in LEVELS else "info"
            self.notify(level, spoken(event.message), event.detail)

    @Slot(object)
    def _receive(self, notification: Notification) -> None:
        log.log(_LOG_LEVEL[notification.level], "%s", notification.message)
        with self._lock:
            if self._kept and self._kept[-1].same_as(notification):
                notification = replace(notification, count=self._kept.pop().count + 1)
            self._kept.append(notification)
            del self._kept[:-MAX_KEPT]
        self.added.emit(notification)
