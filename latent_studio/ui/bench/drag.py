"""Drag a slider of the real window, sixty times a second, and time each move to its picture.

    python -m latent_studio.ui.bench.drag SETTINGS

``SETTINGS`` is JSON: ``model``, ``seconds``, ``training`` (false: the window alone), ``preset``,
``data``, ``threads``, ``limit``, ``live``. ``LATENT_STUDIO_HOME`` should be a folder to throw away.
"""

import json
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer

from latent_studio.events import TrainTick
from latent_studio.recipe import LatentSource, Recipe
from latent_studio.storage.paths import data_dir
from latent_studio.ui import app as window_app
from latent_studio.ui.bench.watching import Lateness, Painted
from latent_studio.ui.training_request import TrainRequest

MOVE_MS = 16
SETTLE_S = 1.0
TICK_KIMG = 0.001  # every step tells that it is done


class Drag(QObject):
    """Moves and their pictures.

    A move is answered when a picture of it, or of a later one, has been painted: what was left out
    because the hand was faster has waited all the same.
    """

    def __init__(self, window: Any) -> None:
        super().__init__(window)
        self._window, self._context = window, window.context
        self._waiting: deque[tuple[float, Recipe]] = deque()
        self._shown: Recipe | None = None
        self.latencies: list[float] = []
        self.frame_ms: list[float] = []
        self.previews = 0
        self._context.render.frame_shown.connect(self._on_frame)
        self._painted = Painted(window.canvas, self._on_paint)
        self._timer = QTimer(self, interval=MOVE_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._move)
        self._slider = self._find_slider()

    def _find_slider(self) -> Any:
        """The truncation's, which changes every layer; None where the model has none."""
        slider = getattr(self._window.host.widgets["latent"], "psi", None)
        styled = self._context.state.capabilities.has_w
        return slider if styled else None

    def start(self) -> None:
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _move(self) -> None:
        began = time.perf_counter()
        place = began % 4 / 4  # there and back in four seconds
        share = 2 * min(place, 1 - place)
        before = self._context.state.recipe
        if self._slider is not None:
            track = self._slider.track
            track.setValue(round(track.minimum() + share * (track.maximum() - track.minimum())))
        else:
            source = LatentSource(((0, 1 - share), (1, share)))
            change = lambda recipe: replace(recipe, source=source)  # noqa: E731
            self._context.state.edit(change, merge_key="bench")
        recipe = self._context.state.recipe
        if recipe != before:
            self._waiting.append((began, recipe))

    def _on_frame(self, frame: Any, _picture: object) -> None:
        self._shown = frame.recipe
        self.frame_ms.append(frame.render_ms)
        self.previews += bool(frame.preview)

    def _on_paint(self) -> None:
        shown, self._shown = self._shown, None
        places = [i for i, (_, recipe) in enumerate(self._waiting) if recipe == shown]
        if shown is None or not places:
            return
        now = time.perf_counter()
        for _ in range(places[-1] + 1):
            began, _recipe = self._waiting.popleft()
            self.latencies.append((now - began) * 1000)


def measure(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What the drag was like, all times in ms."""
    app = window_app.create_app()
    window = window_app.create_window(settings["model"])
    window.resize(1440, 900)
    context = window.context
    _wait(app, lambda: context.render.last_frame is not None, "the first picture", 120)
    result: dict[str, Any] = {"at_rest": 0.0}
    _wait(app, lambda: _prepared(context), "the backend", 300)
    try:
        if settings["training"]:
            _start_training(app, window, settings)
            result["at_rest"] = _speed(context, settings["seconds"], lambda: None, lambda: None)
        _pause(SETTLE_S)
        drag, lateness = Drag(window), Lateness()

        def begin() -> None:
            drag.start()
            lateness.start()

        result["moving"] = _speed(context, settings["seconds"], begin, drag.stop)
        result["lateness"] = lateness.stop()
        frames = len(drag.frame_ms)
        result |= {"latency": drag.latencies, "frame": drag.frame_ms, "previews": drag.previews}
        result |= {"pictures": frames / settings["seconds"], "label": context.render.label}
    finally:
        for part in (context.training, context.render, context.jobs):
            part.shut_down()
    return result


def _prepared(context: Any) -> bool:
    """Whether what serves is what goes on serving: a conversion happens once for a model."""
    from latent_studio.engine.fast_lane import PREPARING

    return context.render.last_frame.note != PREPARING


def _speed(
    context: Any, seconds: float, begin: Callable[[], None], end: Callable[[], None]
) -> float:
    """Pass ``seconds``; returns the pictures a second that a training saw meanwhile.

    From tick to tick, since a step takes long; 0 when there were fewer than two.
    """
    ticks: list[tuple[float, float]] = []

    def note(event: object) -> None:
        if isinstance(event, TrainTick):
            ticks.append((time.perf_counter(), event.kimg * 1000))

    context.training.event_received.connect(note)
    begin()
    _pause(seconds)
    end()
    context.training.event_received.disconnect(note)
    (first, before), (last, after) = (ticks[0], ticks[-1]) if ticks else ((0, 0), (0, 0))
    return (after - before) / (last - first) if last > first else 0.0


def _start_training(app: Any, window: Any, settings: Mapping[str, Any]) -> None:
    window.host.show("training")
    training = window.context.training
    changes = {key: settings[key] for key in ("threads", "limit")} | {"tick_kimg": TICK_KIMG}
    folder = str(data_dir() / "bench")
    window.context.state.set_live(settings["live"])
    request = TrainRequest(settings["data"], settings["preset"], folder, 1e6, False, changes)
    training.start(request)
    _wait(app, lambda: training.history.last is not None or not training.running, "a step", 600)
    if not training.running:
        raise SystemExit(window.context.notifications.history[-1].message)
    window.context.state.set_live(settings["live"])


def _pause(seconds: float) -> None:
    loop = QEventLoop()  # quitting the application would ask about the training
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def _wait(app: Any, condition: Callable[[], bool], what: str, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {seconds:g} s in vain for {what}")
        app.processEvents()
        time.sleep(0.005)


def main() -> None:
    settings = json.loads(sys.argv[1])
    result = measure(settings)
    print(json.dumps(result), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
