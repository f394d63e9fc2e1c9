"""The render loop in a QThread."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from latent_studio.mailbox import StopToken

STACK_BYTES = 16 * 1024 * 1024  # macOS gives threads 512 KB, too little for torch


class RenderThread(QThread):
    """Builds a loop with ``make_loop(on_frame, on_error, on_model)`` on the thread (that imports
    torch) and runs it until the token stops.

    ``frame_ready()`` carries nothing: the frame waits in its slot. ``loop_ready(loop)``,
    ``model_ready(label)``, ``request_failed(exception)`` and ``broken(exception)``, the end of the
    loop, come to the owner's thread, too.
    """

    frame_ready = Signal()
    loop_ready = Signal(object)
    model_ready = Signal(str)
    request_failed = Signal(object)
    broken = Signal(object)

    def __init__(self, make_loop: Callable[..., Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setStackSize(STACK_BYTES)
        self.setObjectName("render")
        self.token = StopToken()
        self._make_loop = make_loop

    def run(self) -> None:
        try:
            loop = self._make_loop(
                self.frame_ready.emit,
                self.request_failed.emit,
                lambda renderer: self.model_ready.emit(renderer.label),
            )
            self.loop_ready.emit(loop)
            loop.run(self.token)
        except BaseException as error:  # noqa: BLE001 - becomes a message on the main thread
            self.broken.emit(error)
