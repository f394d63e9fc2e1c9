"""What is measured of the window: lateness, paints, and moves by the picture that answers them."""

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from latent_studio.recipe import Recipe
from latent_studio.ui.bench.drag import Drag
from latent_studio.ui.bench.watching import Lateness, Painted


def test_a_held_main_thread_is_late(qtbot):
    lateness = Lateness()
    lateness.start()
    QTimer.singleShot(20, lambda: time.sleep(0.1))
    qtbot.waitUntil(lambda: max(lateness.values, default=0) > 60)
    assert len(lateness.stop()) > 1
    count = len(lateness.values)
    qtbot.wait(20)
    assert len(lateness.values) == count


def test_every_paint_is_told_after_it_happened(qtbot):
    log = []

    class Canvas(QWidget):
        def paintEvent(self, event):
            log.append("paint")

    canvas = Canvas()
    qtbot.addWidget(canvas)
    watch = Painted(canvas, lambda: log.append("done"))
    canvas.show()
    qtbot.waitUntil(lambda: "done" in log)
    assert log[:2] == ["paint", "done"]
    assert watch.parent() is canvas


class Render(QObject):
    frame_shown = Signal(object, object)


class Window(QWidget):
    """A canvas and a state; no slider."""

    def __init__(self):
        super().__init__()
        self.canvas = QWidget(self)
        self.host = SimpleNamespace(widgets={"latent": None})
        state = SimpleNamespace(recipe=Recipe(), capabilities=SimpleNamespace(has_w=True))
        state.edit = lambda change, merge_key: setattr(state, "recipe", change(state.recipe))
        self.context = SimpleNamespace(render=Render(), state=state)


@pytest.fixture
def drag(qtbot):
    window = Window()
    qtbot.addWidget(window)
    window.show()
    return Drag(window)


def frame(recipe, preview=False):
    return SimpleNamespace(recipe=recipe, render_ms=3.0, preview=preview)


def test_a_move_is_answered_by_a_painted_picture_of_it_or_of_a_later_one(drag, qtbot):
    recipes = [replace(Recipe(), psi=value / 10) for value in range(4)]
    now = time.perf_counter()
    drag._waiting.extend((now - 0.1 * (4 - place), recipe) for place, recipe in enumerate(recipes))
    shown = drag._context.render.frame_shown
    shown.emit(frame(recipes[2], preview=True), None)
    assert drag.latencies == []
    drag._on_paint()
    assert [round(value, -2) for value in drag.latencies] == [400, 300, 200]
    assert [recipe for _, recipe in drag._waiting] == recipes[3:]
    drag._on_paint()
    shown.emit(frame(recipes[0]), None)
    drag._on_paint()
    assert len(drag.latencies) == 3
    assert (drag.previews, drag.frame_ms) == (1, [3.0, 3.0])


def test_the_hand_moves_sixty_times_a_second(drag, qtbot):
    drag.start()
    qtbot.waitUntil(lambda: len(drag._waiting) > 3)
    drag.stop()
    recipes = [recipe for _, recipe in drag._waiting]
    assert len(set(recipes)) == len(recipes)
