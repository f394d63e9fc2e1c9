"""A training on a thread of its own: events out at most ten times a second, commands in."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QThread, Signal

from latent_studio.errors import Cancelled
from latent_studio.mailbox import StopToken, Turn
from latent_studio.ui.threads.event_relay import EventRelay
from latent_studio.ui.threads.job_thread import STACK_BYTES


class HandFirst:
    """The trainer's ``yielder``: between the parts of a step it gives way to whoever draws.

    ``turn`` is held by the render loop while it draws, and from here for as long as a hand moves.
    """

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._active = False

    def set_active(self, active: bool) -> None:
        """A hand began or ceased to move; call on one thread."""
        if active and not self._active:
            self._turn.hold()
        elif self._active and not active:
            self._turn.release()
        self._active = active

    def wait_turn(self, max_seconds: float) -> None:
        self._turn.give_way(max_seconds)


class TrainerThread(QThread):
    """Runs ``train(emit=..., token=..., **kwargs)`` once.

    ``events_received(list)`` brings the typed events in order and without a gap; ``ended(error)``
    follows the last one, once the thread is over: None for a run that ended as it should (done,
    stopped or cancelled while preparing). Both are emitted on the thread that made this object.
    """

    events_received = Signal(list)
    ended = Signal(object)

    def __init__(self, train: Callable[..., Any], *, parent: QObject | None = None, **kwargs: Any):
        super().__init__(parent)
        self.setStackSize(STACK_BYTES)
        self.setObjectName("training")
        self.token = StopToken()
        self._relay = EventRelay(self)
        self._relay.received.connect(self.events_received)
        self._train, self._kwargs = train, kwargs
        self._error: BaseException | None = None
        self._concluded = False
        self.finished.connect(self.conclude, Qt.ConnectionType.QueuedConnection)

    def run(self) -> None:
        try:
            self._train(emit=self._relay.post, token=self.token, **self._kwargs)
        except Cancelled:
            pass
        except BaseException as error:  # noqa: BLE001 - every failure returns to the main thread
            self._error = error

    def conclude(self) -> None:
        """Deliver the last events and ``ended`` once; by itself, or by who has waited for it."""
        self.wait()
        if self._concluded:
            return
        self._concluded = True
        self._relay.flush()
        self._kwargs = {}
        self.ended.emit(self._error)
