"""A job under a terminal: its events are printed, and Ctrl-C is a wish to stop."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from latent_studio.mailbox import StopToken

_STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK")


@contextmanager
def running(quiet: bool = False) -> Iterator[dict[str, Any]]:
    """``emit`` and ``token`` for a job; Ctrl-C (and SIGTERM) stop the token.

    A second Ctrl-C interrupts at once.
    """
    from latent_studio.cli.reporter import Reporter

    reporter, token = Reporter(quiet), StopToken()
    with stop_on_signal(token):
        try:
            yield {"emit": reporter, "token": token}
        finally:
            reporter.close()


@contextmanager
def stop_on_signal(token: StopToken) -> Iterator[None]:
    """Let the system's stop signals set ``token`` inside the block (main thread only)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {}

    def stop(number: int, frame: Any) -> None:
        for known, handler in before.items():
            signal.signal(known, handler)
        token.stop()

    for name in _STOP_SIGNALS:
        number = getattr(signal, name, None)
        if number is not None:
            before[number] = signal.signal(number, stop)
    try:
        yield
    finally:
        for known, handler in before.items():
            signal.signal(known, handler)
