"""Moving and turning what a StyleGAN3 shows, with the mouse and by numbers."""

import pytest
from PySide6.QtCore import QPoint, Qt

from latent_studio.recipe import Transform

SMALL = {
    "z_dim": 8,
    "w_dim": 8,
    "img_resolution": 16,
    "channel_base": 256,
    "channel_max": 8,
    "num_layers": 4,
}


@pytest.fixture(scope="module")
def movable_file(tmp_path_factory, write_file):
    return write_file(
        tmp_path_factory.mktemp("movable") / "movable.safetensors", "stylegan3", SMALL
    )


@pytest.fixture
def open_file(qtbot, settled):
    def go(window, path) -> None:
        state = window.context.state
        window.context.models.open_path(str(path))
        qtbot.waitUntil(lambda: state.scene.model.name == str(path), timeout=20_000)
        settled(window)

    return go


@pytest.fixture
def movable(window, movable_file, open_file):
    """The window with a StyleGAN3, its move tool on."""
    assert not window.actions_["move"].isVisible()
    assert not window.host.widgets["latent"].transform.isVisible()
    open_file(window, movable_file)
    assert window.actions_["move"].isVisible()
    assert window.host.widgets["latent"].transform.isVisibleTo(window)
    window.canvas.setFocus()
    return window


def drag(qtbot, canvas, *points, keys=Qt.KeyboardModifier.NoModifier) -> None:
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, keys, points[0])
    for point in points[1:]:
        qtbot.mouseMove(canvas, point)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, keys, points[-1])


def test_a_drag_moves_and_is_one_step(movable, qtbot, settled) -> None:
    state, canvas = movable.context.state, movable.canvas
    before = canvas.picture.pixels.copy()
    qtbot.keyClick(canvas, Qt.Key.Key_M)
    box = canvas.picture_rect()
    start = box.center().toPoint() + QPoint(30, 40)
    steps = state.undo_stack.count()
    drag(qtbot, canvas, start, start + QPoint(10, 5), start + QPoint(round(box.width() / 4), 9))
    assert state.undo_stack.count() == steps + 1
    assert state.recipe.transform.x == pytest.approx(0.25, abs=0.01)
    assert state.recipe.transform.y == pytest.approx(9 / box.height(), abs=0.01)
    rows = movable.host.widgets["latent"].transform
    assert rows.right.value() == state.recipe.transform.x
    settled(movable)
    assert (canvas.picture.pixels != before).any()
    assert canvas.picture_rect() == box  # the view stays
    movable.undo.trigger()
    assert not state.recipe.transform and rows.right.value() == 0
    settled(movable)
    assert (canvas.picture.pixels == before).all()


def test_shift_and_the_knob_turn(movable, qtbot) -> None:
    state, canvas = movable.context.state, movable.canvas
    movable.actions_["move"].trigger()
    centre = canvas.picture_rect().center().toPoint()
    shift = Qt.KeyboardModifier.ShiftModifier
    drag(qtbot, canvas, centre + QPoint(60, 0), centre + QPoint(0, -60), keys=shift)
    assert state.recipe.transform.rotate == pytest.approx(90, abs=1.5)
    from latent_studio.ui.canvas.move_tool import knob

    at = knob(canvas.picture_rect(), state.recipe.transform).toPoint()
    drag(qtbot, canvas, at, centre + QPoint(0, 100))
    assert state.recipe.transform.rotate == pytest.approx(180, abs=2)
    qtbot.keyClick(movable, Qt.Key.Key_Escape)
    assert not movable.actions_["move"].isChecked()
    drag(qtbot, canvas, centre, centre + QPoint(20, 0))
    assert canvas.view.zoom is not None  # the view again


def test_numbers_and_putting_back(movable, qtbot) -> None:
    state = movable.context.state
    rows = movable.host.widgets["latent"].transform
    assert not rows.reset.isEnabled()
    rows.turn.spin.setValue(720.0)
    rows.down.spin.setValue(-0.5)
    assert state.recipe.transform == Transform(0.0, -0.5, 720.0)
    steps = state.undo_stack.count()
    qtbot.mouseClick(rows.reset, Qt.MouseButton.LeftButton)
    assert not state.recipe.transform and state.undo_stack.count() == steps + 1
    assert (rows.turn.value(), rows.down.value()) == (0, 0)


def test_another_model_puts_the_tool_away(movable, models, open_file) -> None:
    movable.actions_["move"].trigger()
    open_file(movable, models["plain"])
    assert not movable.actions_["move"].isChecked()
    assert not movable.actions_["move"].isVisible()
    assert not movable.host.widgets["latent"].transform.isVisible()
