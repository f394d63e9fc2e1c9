"""The timeline and what plays on the canvas, on the real window."""

import av
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication

from latent_studio.recipe import Recipe

PATIENCE_MS = 20_000


def add_keyframes(window, qtbot, settled, *seeds: int):
    """Add these seeds by key; the dock."""
    for seed in seeds:
        window.context.state.edit(lambda _r, seed=seed: Recipe.from_seed(seed, psi=0.7))
        settled(window)
        window.canvas.setFocus()
        qtbot.keyClick(window.canvas, Qt.Key.Key_K)
    dock = window.host.widget("timeline")
    qtbot.waitUntil(lambda: dock.strip.isVisible() and dock.strip.width() > 300)
    return dock


def seeds(window) -> list[int | None]:
    return [r.source.seed for r in window.desk.timeline.timeline.recipes]


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def center(box) -> QPoint:
    return box.center().toPoint()


def test_keyframes_under_hands(window, qtbot, settled) -> None:
    state = window.desk.timeline
    dock = add_keyframes(window, qtbot, settled, 11, 12, 13)
    strip, stack = dock.strip, window.context.state.undo_stack
    assert seeds(window) == [11, 12, 13]
    qtbot.waitUntil(
        lambda: all(dock._picture(key) for key in state.timeline.keyframes), timeout=PATIENCE_MS
    )
    # drag the first behind the last
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(strip, left, pos=center(strip.layout_.thumb(0)))
    for step in (0.3, 0.7, 1.0):
        x = strip.layout_.thumb(0).center().x() * (1 - step) + (strip.width() - 2) * step
        qtbot.mouseMove(strip, QPoint(round(x), 40))
    qtbot.mouseRelease(strip, left, pos=QPoint(strip.width() - 2, 40))
    assert seeds(window) == [12, 13, 11]
    # drag the end of a way: one step
    count, box = stack.count(), strip.layout_.way(0)
    end = QPoint(round(box.right()), round(box.center().y()))
    scale = strip.layout_.scale
    qtbot.mousePress(strip, left, pos=end)
    for pixels in (10, 30, 60):
        qtbot.mouseMove(strip, end + QPoint(pixels, 0))
    qtbot.mouseRelease(strip, left, pos=end + QPoint(60, 0))
    assert state.timeline.keyframes[0].seconds == pytest.approx(2.0 + 60 / scale, abs=0.06)
    assert stack.count() == count + 1
    window.undo.trigger()
    assert state.timeline.keyframes[0].seconds == 2.0
    # keys
    strip.setFocus()
    state.select(0)
    for key in (Qt.Key.Key_D, Qt.Key.Key_Plus, Qt.Key.Key_Plus):
        qtbot.keyClick(strip, key)
    assert seeds(window) == [12, 12, 13, 11]
    assert state.timeline.keyframes[1].seconds == pytest.approx(2.2)
    qtbot.keyClick(strip, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert seeds(window) == [12, 13, 12, 11] and state.selection == 2
    qtbot.keyClick(strip, Qt.Key.Key_Delete)
    assert seeds(window) == [12, 13, 11]
    # fields
    dock.easing.setCurrentIndex(dock.easing.findData("sine"))
    dock.easing.activated.emit(dock.easing.currentIndex())
    dock.loop.click()
    dock.interpolation.setCurrentIndex(dock.interpolation.findData("spline"))
    dock.interpolation.activated.emit(dock.interpolation.currentIndex())
    timeline = state.timeline
    assert (timeline.keyframes[2].easing, timeline.loop) == ("sine", True)
    assert timeline.interpolation == "spline"
    window.context.state.edit(lambda r: r.with_direction("smile", 2.0))
    dock.put.click()
    assert state.timeline.recipes[2].directions[0].amount == 2.0
    # all of it can be taken back, to the last keyframe added
    while stack.undoText() != "Add keyframe":
        window.undo.trigger()
    assert seeds(window) == [11, 12, 13] and not state.timeline.loop
    assert not dock.loop.isChecked()
    # double click goes there, as a step of the scene
    qtbot.mouseDClick(strip, left, pos=center(strip.layout_.thumb(1)))
    assert window.context.state.recipe == Recipe.from_seed(12, psi=0.7)


def test_playing_looking_and_resting(window, qtbot, settled) -> None:
    dock = add_keyframes(window, qtbot, settled, 1, 2)
    player, state, render = window.desk.player, window.context.state, window.context.render
    clock = player.player._clock = Clock()
    scene, steps = state.scene, state.undo_stack.count()
    window.desk.timeline.select(0)
    player.place = 0.0
    window.canvas.setFocus()
    qtbot.keyClick(window.canvas, Qt.Key.Key_P)
    assert player.playing
    clock.now = 0.5

    def shown_at(seconds: float) -> bool:
        return player.place == pytest.approx(seconds) and render.last_frame.recipe != scene.recipe

    qtbot.waitUntil(lambda: shown_at(0.5), timeout=PATIENCE_MS)
    assert state.scene == scene and state.undo_stack.count() == steps
    window.desk.timeline.set_easing(0, "linear")  # an edit while it plays
    clock.now = 1.0
    qtbot.waitUntil(lambda: player.place == pytest.approx(1.0), timeout=PATIENCE_MS)
    dock.play.click()
    qtbot.waitUntil(lambda: state.scene != scene, timeout=PATIENCE_MS)
    settled(window)
    assert state.recipe.source.vector is not None and not player.player.active
    assert state.undo_stack.undoText() == "Timeline at 1.0 s"
    # playing on, to the end
    dock.play.click()
    clock.now = 30.0
    qtbot.waitUntil(lambda: not player.player.active, timeout=PATIENCE_MS)
    assert player.place == 2.0 and state.recipe == Recipe.from_seed(2, psi=0.7)
    # the ruler, by hand
    strip = dock.strip
    qtbot.mousePress(strip, Qt.MouseButton.LeftButton, pos=QPoint(round(strip.layout_.x(2.0)), 5))
    for seconds in (1.5, 0.25):
        qtbot.mouseMove(strip, QPoint(round(strip.layout_.x(seconds)), 5))
    qtbot.waitUntil(lambda: player.place == pytest.approx(0.25, abs=0.01), timeout=PATIENCE_MS)
    qtbot.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    qtbot.waitUntil(
        lambda: (
            state.undo_stack.undoText() == "Timeline at 0.3 s"
            or state.undo_stack.undoText() == "Timeline at 0.2 s"
        ),
        timeout=PATIENCE_MS,
    )
    # another edit ends the playing
    dock.play.click()
    qtbot.keyClick(window.canvas, Qt.Key.Key_Space)
    assert not player.player.active
    settled(window)


def test_a_video_of_it(window, qtbot, settled, tmp_path) -> None:
    dock = add_keyframes(window, qtbot, settled, 1, 2)
    window.desk.timeline.set_seconds(0, 0.5)
    dock.export.click()
    dialog = window.dialogs.made["export"]
    page = dialog.pages["timeline"]
    assert dialog.tabs.currentWidget() is page
    page.ask_path = lambda *_: str(tmp_path / "told.mp4")
    page.scale.setCurrentIndex(0)
    dialog.export()
    qtbot.waitUntil(lambda: (tmp_path / "told.mp4").exists(), timeout=PATIENCE_MS)
    with av.open(str(tmp_path / "told.mp4")) as file:
        assert len(list(file.decode(video=0))) == 15
    dialog.close()


def test_a_timeline_of_another_model_says_so(window, models, qtbot, settled) -> None:
    dock = add_keyframes(window, qtbot, settled, 1, 2)
    state, notes = window.context.state, window.context.notifications
    window.context.models.open_path(str(models["other"]))
    qtbot.waitUntil(lambda: state.model.title == "other", timeout=PATIENCE_MS)
    dock.play.click()
    assert "another model" in notes.history[-1].message and not window.desk.player.player.active
    dock.export.click()
    dialog = window.dialogs.made["export"]
    dialog.export()
    assert "another model" in notes.history[-1].message
    dialog.close()
    window.desk.player.go_to(1)
    qtbot.waitUntil(lambda: state.model.title == "styled", timeout=PATIENCE_MS)
    settled(window)
    assert state.recipe.source.seed == 2


def test_a_random_walk_ends_in_one_step(window, qtbot, settled) -> None:
    state, walk, render = window.context.state, window.desk.walk, window.context.render
    clock = walk.player._clock = Clock()
    start, steps = state.recipe, state.undo_stack.count()
    qtbot.keyClick(window.canvas, Qt.Key.Key_W)
    assert walk.walking and window.actions_["walk"].isChecked()
    clock.now = 4.0
    qtbot.waitUntil(lambda: render.last_frame.recipe.source.vector is not None, timeout=PATIENCE_MS)
    assert state.recipe == start
    state.edit(lambda r: r.with_direction("smile", 1.5))  # sliders act while it walks
    qtbot.waitUntil(
        lambda: (
            bool(render.last_frame.recipe.directions)
            and render.last_frame.recipe.source.vector is not None
        ),
        timeout=PATIENCE_MS,
    )
    qtbot.keyClick(window.canvas, Qt.Key.Key_K)  # what is shown, not where the walk began
    (key,) = window.desk.timeline.timeline.recipes
    assert key.source.vector is not None and key.directions[0].amount == 1.5
    window.undo.trigger()
    assert walk.walking and "0.25" in window.stage.hint.text()
    qtbot.keyClick(window.canvas, Qt.Key.Key_BracketRight)
    assert walk.speed == walk.player.speed == pytest.approx(0.375)
    assert "0.38" in window.stage.hint.text()
    clock.now += 4.0  # from where it was, at the new speed
    qtbot.waitUntil(lambda: walk.player.target == pytest.approx(2.5), timeout=PATIENCE_MS)
    qtbot.keyClick(window.canvas, Qt.Key.Key_BracketLeft)
    qtbot.keyClick(window.canvas, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: not walk.walking, timeout=PATIENCE_MS)
    assert window.stage.hint.text() == ""
    assert state.recipe.source.vector is not None and state.recipe.directions[0].amount == 1.5
    assert state.undo_stack.count() == steps + 2
    assert not window.actions_["walk"].isChecked()
    settled(window)
    first = state.recipe.source
    window.undo.trigger()
    assert state.recipe.source == start.source
    # the same seed goes the same way; another latent ends it
    walk.set_walking(True, walk.seed)
    clock.now += 10.0
    qtbot.waitUntil(lambda: render.last_frame.recipe.source == first, timeout=PATIENCE_MS)
    qtbot.keyClick(window.canvas, Qt.Key.Key_Space)
    assert not walk.walking and not walk.player.active
    settled(window)
    assert state.recipe.source.seed is not None


def test_hold_c_shows_what_was_before(window, qtbot, settled) -> None:
    from latent_studio.recipe import LatentSource
    from latent_studio.ui.compare import before

    state = window.context.state
    start = state.recipe
    assert before(state) == start
    state.edit(lambda r: r.with_direction("smile", 2.0), merge_key="d")
    state.edit(lambda r: r.with_direction("smile", 3.0), merge_key="d")
    assert before(state) == start
    plain = Recipe(source=LatentSource.from_vector("w", np.ones((1, 16), np.float32)))
    state.edit(lambda _r: plain)  # such as an inversion or a drag
    assert before(state) == start.with_direction("smile", 3.0)
    settled(window)
    qtbot.keyPress(window.canvas, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: window.canvas.reference is not None, timeout=PATIENCE_MS)
    qtbot.keyRelease(window.canvas, Qt.Key.Key_C)
    assert window.canvas.reference is None
    QApplication.processEvents()


def test_no_button_of_the_timeline_looks_like_saving_a_file(window) -> None:
    window.host.show("timeline")
    dock = window.host.widgets["timeline"]
    buttons = (dock.rewind, dock.play, dock.add, dock.put, dock.copy, dock.remove)
    names = [button._icon_name for button in buttons]
    assert "save" not in names and len(set(names)) == len(names)
