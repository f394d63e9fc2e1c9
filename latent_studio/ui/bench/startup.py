"""Start the program as a person does, and tell when what was there.

Each stage has its time and the processor time until then, which a busy machine changes less. The
imports follow ``latent_studio.cli.gui``, which collects no garbage during them either; each is a
stage, so they stand in functions.
"""

import gc
import json
import os
import time
from typing import Any

LONGEST_S = 120
_stages: dict[str, tuple[float, float]] = {}


def main(began: float, running: tuple[float, float], model: str = "") -> None:
    """Open the window; print one line of JSON when its first picture is painted, and end.

    Parameters
    ----------
    began
        ``time.time()`` just before this process was started.
    running
        ``time.time()`` and ``time.process_time()`` of its first line, before the command line was
        imported.
    """

    def reached(stage: str) -> None:
        _stages.setdefault(stage, (time.time() - began, time.process_time()))

    _stages["interpreter"] = (running[0] - began, running[1])
    reached("command line")
    gc.disable()
    _import_qt()
    reached("Qt")
    window_app = _import_window()
    gc.enable()
    reached("modules of the window")
    app = window_app.create_app()
    reached("application")
    _watch(app, window_app.create_window(model), reached)


def _import_qt() -> None:
    import PySide6.QtGui
    import PySide6.QtWidgets  # noqa: F401


def _import_window() -> Any:
    from latent_studio.ui import app

    return app


def _watch(app: Any, window: Any, reached: Any) -> None:
    """Run until the engine's first picture is on the canvas; the last stage ends the process."""
    from PySide6.QtCore import QTimer

    from latent_studio.ui.bench.watching import Lateness, Painted

    render, lateness = window.context.render, Lateness()
    reached("window built")
    lateness.start()
    drawn = False

    def on_frame(*_: object) -> None:
        nonlocal drawn
        drawn = True
        reached("frame")

    def on_paint() -> None:
        reached("window")
        if drawn:
            reached("first picture")
            _tell({"stages": _stages, "stall": max(lateness.stop(), default=0.0)})

    render.frame_shown.connect(on_frame)
    render.label_changed.connect(lambda *_: reached("model"))
    _watch_loop(render, reached)
    window.painted = Painted(window.canvas, on_paint)
    QTimer.singleShot(LONGEST_S * 1000, lambda: _tell({"error": "no picture came"}))
    app.exec()


def _watch_loop(render: Any, reached: Any) -> None:
    """Poll for the loop: its signal is taken up by the controller alone."""
    from PySide6.QtCore import QTimer

    timer = QTimer(render, interval=10)

    def look() -> None:
        if render.ready:
            reached("torch")
            timer.stop()

    timer.timeout.connect(look)
    timer.start()


def _tell(result: Any) -> None:
    print(json.dumps(result), flush=True)
    os._exit(0)  # threads may be at work, and nothing of theirs is wanted
