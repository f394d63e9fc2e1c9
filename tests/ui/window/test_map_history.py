"""The map and the visible history on the real window."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from latent_studio.recipe import Recipe
from latent_studio.ui.canvas.latent_map_view import LARGE, MAX_SIDE

PATIENCE_MS = 20_000


def wheel(widget, at: QPointF, notches: int) -> None:
    plain, none = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.NoButton
    event = QWheelEvent(
        at,
        QPointF(widget.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120 * notches),
        none,
        plain,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_a_click_on_the_map_goes_there(window, qtbot, settled, models) -> None:
    state = window.context.state
    state.edit(lambda _r: Recipe.from_seed(7, psi=0.5).with_direction("smile", 1.0))
    settled(window)
    window.host.show("map")
    dock = window.host.widget("map")
    view = dock.view
    qtbot.waitUntil(lambda: view.latents is not None and view.width() > 150, timeout=PATIENCE_MS)
    assert len(view.latents.seeds) == 500 and view.current == 7
    # coloured by what the model's directions mean
    assert [dock.colour.itemData(i) for i in range(dock.colour.count())] == ["", "smile", "glasses"]
    assert dock.colour.value() == "smile" and view._tints is not None
    hot, cold = (int(i) for i in (view._tints.argmax(), view._tints.argmin()))
    assert view._tint(hot).red() > view._tint(cold).red()
    # from afar some are pictures, near by all in view
    qtbot.waitUntil(lambda: bool(view._pictures) and not view.missing(), timeout=PATIENCE_MS)
    assert 8 < len(view.pictured()) < 100
    point = view.places()[42]
    wheel(view, QPointF(*point), 18)
    assert 42 in view.pictured() and view.side() == MAX_SIDE
    qtbot.waitUntil(lambda: bool(view._pictures) and not view.missing(), timeout=PATIENCE_MS)
    place = view.places()[42]
    assert abs(place - point).max() < 5  # what lay under the hand stayed there
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(*(round(v) for v in place)))
    seed = state.recipe.source.seed
    assert view.chosen == seed and state.recipe.directions[0].amount == 1.0
    settled(window)
    window.undo.trigger()
    assert state.recipe.source.seed == 7
    # by keys
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.chosen != seed
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert state.recipe.source.seed == view.chosen
    settled(window)
    # another model: another map, a computation on its way is of no interest any more
    first = view.latents
    window.context.models.open_path(str(models["plain"]))
    qtbot.waitUntil(lambda: state.model.title == "plain", timeout=PATIENCE_MS)
    window.context.models.open_path(str(models["other"]))
    qtbot.waitUntil(
        lambda: state.model.title == "other" and view.latents not in (None, first),
        timeout=PATIENCE_MS,
    )
    qtbot.waitUntil(lambda: dock._job is None, timeout=PATIENCE_MS)
    assert dock.colour.count() == 1 and dock._made_for[0] == state.model.ref


def test_a_click_on_a_picture_goes_to_that_one(window, qtbot) -> None:
    state = window.context.state
    window.host.show("map")
    view = window.host.widget("map").view
    qtbot.waitUntil(lambda: view.latents is not None and view.width() > 150, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: bool(view._pictures) and not view.missing(), timeout=PATIENCE_MS)
    # a dot that lies under a picture, nearer to the hand than the picture's own point
    places, pictured, half = view.places(), view.pictured(), view.side() / 2
    inside = [
        (index, dot)
        for index in pictured
        for dot in range(len(places))
        if dot not in pictured and half / 2 < abs(places[dot] - places[index]).max() < half - 2
        if (places[dot] > 0).all() and (places[dot] < (view.width(), view.height())).all()
    ]
    index, dot = inside[0]
    at = QPoint(*(round(v) for v in places[dot]))
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    assert view.chosen == index and state.recipe.source.seed == view.latents.seeds[index]
    # the chosen picture is larger: what lies under its edge does not count
    edge = QPoint(*(round(v) for v in places[index] + LARGE / 2 - 2))
    assert view.under(QPointF(edge)) == index
    # where there is no picture, the nearest dot is meant
    view._pictures.clear()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    assert view.chosen == dot


def test_the_history_shows_every_step_and_goes_to_it(window, qtbot, settled) -> None:
    state = window.context.state
    start = state.recipe
    window.host.show("history")
    dock = window.host.widget("history")
    for amount in (0.5, 1.0, 1.5):
        state.edit(lambda r, a=amount: r.with_direction("smile", a), merge_key="x", text="Smile")
    state.end_merge()
    state.edit(lambda _r: Recipe.from_seed(9), text="Seed 9")
    window.desk.add_keyframe()
    rows = dock.view.model()
    texts = [rows.index(i, 0).data() for i in range(rows.rowCount())]
    assert texts == ["Beginning", "Smile", "Seed 9", "Add keyframe"]
    dock.view.setCurrentIndex(rows.index(1, 0))
    assert state.recipe == start.with_direction("smile", 1.5)
    assert not window.desk.timeline.timeline.keyframes
    assert dock.count.text() == "Step 1 of 3"
    dock.view.setCurrentIndex(rows.index(3, 0))
    assert len(window.desk.timeline.timeline.keyframes) == 1
    settled(window)


def test_letters_on_the_list_are_commands(window, qtbot, settled) -> None:
    state = window.context.state
    window.host.show("history")
    view = window.host.widget("history").view
    state.edit(lambda r: r.with_direction("smile", 1.0), text="Smile")
    settled(window)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_G)
    assert window.canvas.grid_shown
    qtbot.keyClick(view, Qt.Key.Key_G)
    seed, steps = state.recipe.source.seed, state.undo_stack.count()
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert state.recipe.source.seed == seed and state.undo_stack.count() == steps
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert state.undo_stack.index() == steps - 1
    qtbot.keyClick(view, Qt.Key.Key_Down)
    qtbot.keyClick(view, Qt.Key.Key_Space)
    assert state.recipe.source.seed != seed
    settled(window)
