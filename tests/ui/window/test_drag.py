"""The drag tool through the real window: points, mask, run, stop, undo."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from latent_studio.ui.canvas.drag_tool import Pair

PATIENCE_MS = 20_000


@pytest.fixture
def dragging(window, qtbot):
    """A window with the tool on its canvas."""
    QTest.keyClick(window.canvas, Qt.Key.Key_D)
    assert window.drag.active and not window.host.docks["drag"].isHidden()
    return window


def at(window, x: float, y: float) -> QPoint:
    return window.drag.tool.to_canvas((x, y), window.canvas.picture_rect()).toPoint()


def click(window, x: float, y: float, modifier=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(window.canvas, Qt.MouseButton.LeftButton, modifier, at(window, x, y))


def dock(window):
    return window.host.widget("drag")


def idle(window, qtbot) -> None:
    qtbot.waitUntil(lambda: not window.drag.running, timeout=PATIENCE_MS)


def test_clicks_set_move_and_remove_points(dragging) -> None:
    window, tool = dragging, dragging.drag.tool
    assert not dock(window).start.isEnabled()
    click(window, 10, 12)
    assert len(tool.pairs) == 1 and tool.pairs[0].target is None
    click(window, 20, 12)
    assert tool.pairs[0].target == pytest.approx((20, 12), abs=0.6)
    assert dock(window).start.isEnabled() and dock(window).table.rowCount() == 1
    canvas, button = window.canvas, Qt.MouseButton.LeftButton
    QTest.mousePress(canvas, button, pos=at(window, 20, 12))
    QTest.mouseMove(canvas, at(window, 25, 20))
    QTest.mouseRelease(canvas, button, pos=at(window, 25, 20))
    assert tool.pairs[0].target == pytest.approx((25, 20), abs=0.6)
    click(window, 10, 12, Qt.KeyboardModifier.AltModifier)
    assert not tool.pairs


def test_a_pull_sets_a_point_and_its_target(dragging) -> None:
    window, tool, canvas = dragging, dragging.drag.tool, dragging.canvas
    button = Qt.MouseButton.LeftButton
    between = at(window, 15, 16)
    bare = canvas.grab().toImage().pixelColor(between)
    QTest.mousePress(canvas, button, pos=at(window, 10, 12))
    QTest.mouseMove(canvas, at(window, 18, 20))
    QTest.mouseMove(canvas, at(window, 20, 20))
    assert tool.pairs[0].target == pytest.approx((20, 20), abs=0.6)
    assert canvas.grab().toImage().pixelColor(between) != bare, "no line"
    QTest.mouseRelease(canvas, button, pos=at(window, 20, 20))
    assert tool.pairs[0].handle == pytest.approx((10, 12), abs=0.6)
    assert dock(window).start.isEnabled()
    click(window, 28, 5)
    assert len(tool.pairs) == 2 and tool.pairs[1].target is None
    assert tool.pairs[0].target == pytest.approx((20, 20), abs=0.6)


def test_a_click_that_trembles_and_a_pull_that_comes_back_set_only_the_point(dragging) -> None:
    window, tool, canvas = dragging, dragging.drag.tool, dragging.canvas
    start = at(window, 10, 12)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    for place in (at(window, 25, 25), start + QPoint(2, 1)):
        QTest.mouseMove(canvas, place)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=start)
    assert tool.pairs[0].target is None
    assert tool.pairs[0].handle == pytest.approx((10, 12), abs=0.6)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(canvas, at(window, 14, 14))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(window, 14, 14))
    assert tool.pairs[0].handle == pytest.approx((14, 14), abs=0.6), "a point that is there moves"
    assert tool.pairs[0].target is None


def test_points_and_mask_are_steps_of_the_history(dragging) -> None:
    window, tool, stack = dragging, dragging.drag.tool, dragging.context.state.undo_stack
    recipe, steps = window.context.state.recipe, stack.count()
    click(window, 10, 12)
    QTest.mousePress(window.canvas, Qt.MouseButton.LeftButton, pos=at(window, 20, 12))
    for x in (21, 23, 26):
        QTest.mouseMove(window.canvas, at(window, x, 14))
    QTest.mouseRelease(window.canvas, Qt.MouseButton.LeftButton, pos=at(window, 26, 14))
    tool.set_mode("draw")
    click(window, 16, 16)
    painted = tool.mask.copy()
    dock(window).clear_mask.click()
    dock(window).reset.click()
    assert stack.count() == steps + 5, "a pull or a stroke is one step"
    assert stack.undoText() == "Drag points" and not tool.pairs and tool.mask is None
    window.undo.trigger()
    assert tool.complete and tool.mask is None and dock(window).table.rowCount() == 1
    window.undo.trigger()
    assert np.array_equal(tool.mask, painted) and stack.undoText() == "Mask of a drag"
    window.undo.trigger()
    assert tool.mask is None and tool.pairs[0].target == pytest.approx((26, 14), abs=0.6)
    window.undo.trigger()
    assert tool.pairs[0].target is None
    window.undo.trigger()
    assert not tool.pairs and window.context.state.recipe == recipe
    for _ in range(3):
        window.redo.trigger()
    assert tool.complete and np.array_equal(tool.mask, painted)


def test_a_run_is_one_step_of_undo_and_brings_its_points_back(dragging, qtbot, settled) -> None:
    window, state = dragging, dragging.context.state
    before, steps = state.recipe, state.undo_stack.count()
    tool = window.drag.tool
    tool.set_pairs([Pair((14, 15), (17, 13))])
    shown = []
    window.drag.status_changed.connect(shown.append)
    QTest.mouseClick(dock(window).start, Qt.MouseButton.LeftButton)
    assert window.drag.running and dock(window).start.text() == "Stop"
    qtbot.waitUntil(lambda: any("pixels left" in text for text in shown), timeout=PATIENCE_MS)
    window.drag.stop()
    idle(window, qtbot)
    settled(window)
    assert state.undo_stack.count() == steps + 1
    assert state.recipe.source.space == "w+" and state.recipe.psi == 1
    moved = tool.pairs[0].handle
    assert moved != (14, 15)
    after = state.recipe
    window.undo.trigger()
    assert state.recipe == before and tool.pairs[0].handle == (14, 15)
    window.redo.trigger()
    assert state.recipe == after and tool.pairs[0].handle == moved


def test_a_point_without_a_target_is_told_of(dragging, qtbot, settled) -> None:
    window, tool, panel = dragging, dragging.drag.tool, dock(dragging)
    tool.set_pairs([Pair((14, 15))])
    assert not panel.start.isEnabled() and "should go" in panel.status.text()
    window.drag.start()
    assert not window.drag.running
    tool.set_pairs([Pair((14, 15), (17, 13)), Pair((4, 5))])
    assert "without a target" in panel.status.text() and panel.start.isEnabled()
    with qtbot.waitSignal(window.context.notifications.added) as told:
        QTest.mouseClick(panel.start, Qt.MouseButton.LeftButton)
    assert "left out" in told.args[0].message
    window.drag.stop()
    idle(window, qtbot)
    settled(window)
    tool.set_pairs([Pair((14, 15), (17, 13))])
    assert "without a target" not in panel.status.text()


def test_starting_again_goes_on_with_the_same_drag(dragging, qtbot, settled) -> None:
    window = dragging
    window.drag.options.rate = 0.001
    window.drag.tool.set_pairs([Pair((14, 15), (20, 13))])
    told = []
    window.drag.status_changed.connect(told.append)
    works = []
    for _ in range(2):
        told.clear()
        window.drag.start()
        qtbot.waitUntil(lambda: any("pixels left" in t for t in told), timeout=PATIENCE_MS)
        window.drag.stop()
        idle(window, qtbot)
        settled(window)
        works.append(window.drag._work)
    assert works[0] is works[1]
    window.drag.tool.mask = np.ones((32, 32), bool)
    window.drag.start()
    window.drag.stop()
    idle(window, qtbot)
    assert window.drag._work is not works[0]


def test_the_mask_is_painted_and_erased(dragging) -> None:
    window, tool, panel = dragging, dragging.drag.tool, dock(dragging)
    QTest.mouseClick(panel.mode.button("draw"), Qt.MouseButton.LeftButton)
    tool.brush = 3.0
    click(window, 10, 10)
    assert tool.mask is not None and tool.mask[10, 10] and not tool.mask[25, 25]
    assert panel.clear_mask.isEnabled()
    QTest.mouseClick(panel.mode.button("erase"), Qt.MouseButton.LeftButton)
    click(window, 10, 10)
    assert not tool.mask.any()
    QTest.mouseClick(panel.clear_mask, Qt.MouseButton.LeftButton)
    assert tool.mask is None and not tool.pairs


def test_points_are_set_by_keyboard(dragging) -> None:
    panel, tool = dock(dragging), dragging.drag.tool
    QTest.mouseClick(panel.add, Qt.MouseButton.LeftButton)
    panel.table.item(0, 2).setText("20,5")
    assert tool.pairs[0].target == (20.5, 15.5)
    panel.table.item(0, 2).setText("far")
    assert tool.pairs[0].target == (20.5, 15.5) and panel.table.item(0, 2).text() == "20.5"
    panel.table.item(0, 3).setText("999")
    assert tool.pairs[0].target == (20.5, 31)
    panel.table.selectRow(0)
    QTest.keyClick(panel.table, Qt.Key.Key_Delete)
    assert not tool.pairs


def test_the_tool_goes_with_escape_and_with_models_without_w(
    dragging, models, qtbot, settled
) -> None:
    window = dragging
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.drag.active
    window.actions_["drag"].setChecked(True)
    window.context.models.open_path(str(models["plain"]))
    qtbot.waitUntil(lambda: not window.actions_["drag"].isEnabled(), timeout=PATIENCE_MS)
    settled(window)
    assert not window.drag.active and window.drag.tool.side == 16


def test_another_picture_meanwhile_is_kept(dragging, qtbot, settled) -> None:
    window, state = dragging, dragging.context.state
    window.drag.options.rate = 0.001
    window.drag.tool.set_pairs([Pair((14, 15), (20, 13))])
    window.drag.start()
    window.actions_["random"].trigger()
    chosen = state.recipe
    window.drag.stop()
    idle(window, qtbot)
    settled(window)
    assert state.recipe == chosen


def test_every_control_has_a_name_and_a_tooltip(dragging) -> None:
    panel = dock(dragging)
    for name in ("start", "reset", "clear_mask", "add", "remove", "table"):
        widget = getattr(panel, name)
        assert widget.toolTip() and (widget.accessibleName() or widget.text())
