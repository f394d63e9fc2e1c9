"""Starts long work on threads, keeps the threads alive, and ends them when the window closes."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from latent_studio.ui.notifications import Notifications
from latent_studio.ui.threads.job_thread import JobThread


class JobController(QObject):
    """``job_started(JobThread)`` and ``job_finished(JobThread)`` let views list what runs."""

    job_started = Signal(object)
    job_finished = Signal(object)

    def __init__(self, notifications: Notifications, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._notifications = notifications
        self._running: list[JobThread] = []
        self._closed = False

    @property
    def running(self) -> tuple[JobThread, ...]:
        return tuple(self._running)

    @property
    def closed(self) -> bool:
        """Whether the window is closing, so that no job can start any more."""
        return self._closed

    def start(
        self,
        title: str,
        function: Callable[..., Any],
        *args: Any,
        done: Callable[[Any], object] | None = None,
        failed: Callable[[BaseException], object] | None = None,
        cancelled: Callable[[], object] | None = None,
        quiet: bool = False,
        plain: bool = False,
        **kwargs: Any,
    ) -> JobThread:
        """Call ``function(*args, emit=..., token=..., **kwargs)`` on a thread.

        Parameters
        ----------
        title
            What the progress row says.
        done, failed, cancelled
            Called on the main thread, but not once the window is closing: what they would change is
            gone or going. Without ``failed`` the error becomes a notification.
        quiet
            Show no progress row.
        plain
            The function takes neither ``emit`` nor ``token``.

        Raises
        ------
        RuntimeError
            After :meth:`shut_down`.
        """
        if self._closed:
            raise RuntimeError("the window is closing; no job can start")
        thread = JobThread(title, function, *args, plain=plain, quiet=quiet, **kwargs)
        thread.event_emitted.connect(self._notifications.handle)
        if done is not None:
            thread.succeeded.connect(partial(self._tell, done))
        thread.failed.connect(partial(self._tell, failed or self._notifications.show_error))
        if cancelled is not None:
            thread.cancelled.connect(partial(self._tell, cancelled))
        for signal in _ends(thread):
            signal.connect(partial(self._forget, thread))
        self._running.append(thread)
        thread.start()
        self.job_started.emit(thread)
        return thread

    def shut_down(self, timeout_s: float = 30.0) -> bool:
        """Cancel every job and wait for its end. Returns False if one is still running."""
        self._closed = True
        for thread in self._running:
            thread.cancel()
        deadline = time.monotonic() + timeout_s
        ended = [
            thread.wait(max(0, int((deadline - time.monotonic()) * 1000)))
            for thread in tuple(self._running)
        ]
        self._running = [t for t, over in zip(self._running, ended, strict=True) if not over]
        return all(ended)

    def _tell(self, listener: Callable[..., object], *about: Any) -> None:
        if not self._closed:
            listener(*about)

    def _forget(self, thread: JobThread, *_: object) -> None:
        if thread in self._running:
            self._running.remove(thread)
            self.job_finished.emit(thread)
        QTimer.singleShot(0, partial(_release, thread))  # when everybody has heard of its end


def _ends(thread: JobThread) -> tuple[Any, ...]:
    """Its signals of which exactly one is emitted."""
    return thread.succeeded, thread.failed, thread.cancelled


def _release(thread: JobThread) -> None:
    """Let go of what listens: functions that hold the thread would keep it alive for ever."""
    for signal in (thread.event_emitted, *_ends(thread)):
        signal.disconnect()
