"""The real window under hands: mouse, keys, drops."""

import dataclasses
import zipfile

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication

from latent_studio.recipe import Recipe, Scene
from latent_studio.storage.images import write_image
from latent_studio.ui.state import START_SEED

PATIENCE_MS = 20_000


def drop(window, path) -> None:
    """Drop a file on the middle of the window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place = QPointF(window.rect().center())
    rest = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton)
    plain = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place.toPoint(), *rest, plain)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(place, *rest, plain))


def drag(qtbot, slider, *fractions: float) -> None:
    """Press the track at the first fraction, move through the others, release."""
    track = slider.track
    points = [QPoint(round(f * (track.width() - 1)), track.height() // 2) for f in fractions]
    qtbot.mousePress(track, Qt.MouseButton.LeftButton, pos=points[0])
    for point in points[1:]:
        qtbot.mouseMove(track, point)
    qtbot.mouseRelease(track, Qt.MouseButton.LeftButton, pos=points[-1])


def shown(window) -> np.ndarray:
    return window.canvas.picture.pixels.copy()


def direction_slider(window, name: str):
    return window.host.widgets["directions"].listed[name].slider


def test_first_picture_and_hint(window) -> None:
    assert window.canvas.picture.height == 32
    assert window.context.state.recipe.psi == 0.7
    assert window.context.state.undo_stack.count() == 0
    assert window.stage.hint.isVisible()
    assert "styled" in window.windowTitle()


def test_the_last_value_of_a_drag_is_the_one_rendered(window, qtbot, settled) -> None:
    before = shown(window)
    slider = direction_slider(window, "smile")
    drag(qtbot, slider, 0.5, *np.linspace(0.5, 0.9, 40))
    settled(window)
    frame = window.context.render.last_frame
    assert frame.recipe.directions[0].amount == slider.value() == pytest.approx(2.4, abs=0.4)
    assert not frame.preview
    assert not np.array_equal(before, shown(window))


def test_one_drag_is_one_step_and_can_be_undone(window, qtbot, settled) -> None:
    stack, state = window.context.state.undo_stack, window.context.state
    start = state.recipe
    drag(qtbot, direction_slider(window, "smile"), 0.5, 0.6, 0.7, 0.8)
    once = state.recipe
    drag(qtbot, direction_slider(window, "smile"), 0.8, 0.9)
    assert stack.count() == 2
    window.undo.trigger()
    assert state.recipe == once
    assert direction_slider(window, "smile").value() == once.directions[0].amount
    window.undo.trigger()
    assert state.recipe == start
    window.redo.trigger()
    assert state.recipe == once
    settled(window)
    assert window.context.render.last_frame.recipe == once


def test_double_click_resets_and_typing_sets(window, qtbot) -> None:
    slider, state = direction_slider(window, "glasses"), window.context.state
    slider.spin.lineEdit().selectAll()
    qtbot.keyClicks(slider.spin, "4.5")  # beyond the track
    qtbot.keyClick(slider.spin, Qt.Key.Key_Return)
    assert state.recipe.directions[0].amount == 4.5
    qtbot.mouseDClick(slider.track, Qt.MouseButton.LeftButton)
    assert state.recipe.directions == ()


def test_keys_act_only_on_the_canvas(window, qtbot, settled) -> None:
    state = window.context.state
    qtbot.keyClick(window.canvas, Qt.Key.Key_Right)
    assert state.recipe.source.seed == START_SEED + 1
    qtbot.keyClick(window.canvas, Qt.Key.Key_Left)
    qtbot.keyClick(window.canvas, Qt.Key.Key_Left)
    assert state.recipe.source.seed == START_SEED - 1
    qtbot.keyClick(window.canvas, Qt.Key.Key_Space)
    assert abs(state.recipe.source.seed - START_SEED) > 1
    kept = state.recipe
    search = window.host.widgets["directions"].search
    search.setFocus()
    qtbot.keyClicks(search, "g t 0")
    assert search.text() == "g t 0"
    assert state.recipe == kept
    assert not window.canvas.grid_shown
    assert not window.context.training.running


def test_keys_that_a_slider_does_not_use_reach_the_canvas(window, qtbot, settled) -> None:
    state = window.context.state
    slider = direction_slider(window, "smile")
    slider.track.setFocus()
    kept = state.recipe.source.seed
    before = slider.value()
    qtbot.keyClick(slider.track, Qt.Key.Key_Right)
    assert slider.value() > before
    assert state.recipe.source.seed == kept
    qtbot.keyClick(slider.track, Qt.Key.Key_Space)
    assert state.recipe.source.seed != kept
    settled(window)
    qtbot.keyPress(slider.track, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: window.canvas.reference is not None, timeout=PATIENCE_MS)
    qtbot.keyRelease(slider.track, Qt.Key.Key_C)
    assert window.canvas.reference is None
    qtbot.keyClick(slider.track, Qt.Key.Key_G)
    assert window.canvas.grid_shown
    qtbot.keyClick(slider.track, Qt.Key.Key_Escape)
    assert not window.canvas.grid_shown


def test_letters_that_a_number_refuses_are_no_commands(window, qtbot, settled) -> None:
    spin = direction_slider(window, "smile").spin
    spin.setFocus()
    kept = window.context.state.recipe
    for key in (Qt.Key.Key_G, Qt.Key.Key_Space, Qt.Key.Key_T):
        qtbot.keyClick(spin, key)
    assert not window.canvas.grid_shown
    assert not window.context.training.running
    assert window.context.state.recipe == kept


def test_undo_and_redo_by_keys(window, qtbot) -> None:
    state = window.context.state
    qtbot.keyClick(window.canvas, Qt.Key.Key_Right)
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert state.recipe.source.seed == START_SEED
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_Z, both)
    assert state.recipe.source.seed == START_SEED + 1


def test_zero_resets_every_slider_as_one_step(window, qtbot) -> None:
    state = window.context.state
    state.edit(lambda r: r.with_direction("smile", 2.0).with_offset("w", 3, 1.0))
    qtbot.keyClick(window.canvas, Qt.Key.Key_0)
    assert state.recipe.directions == () and state.recipe.offsets == ()
    window.undo.trigger()
    assert state.recipe.directions and state.recipe.offsets


def test_grid_shows_neighbours_and_a_click_picks_one(window, qtbot, settled) -> None:
    qtbot.keyClick(window.canvas, Qt.Key.Key_G)
    tiles = window.canvas.grid.tiles
    assert [tile.seed for tile in tiles] == [START_SEED + n for n in range(16)]
    qtbot.waitUntil(lambda: all(tile.picture for tile in tiles), timeout=PATIENCE_MS)
    size = window.canvas.size().toSizeF()
    point = window.canvas.grid.rect(5, size).center().toPoint()
    qtbot.mouseClick(window.canvas, Qt.MouseButton.LeftButton, pos=point)
    assert window.context.state.recipe.source.seed == START_SEED + 5
    qtbot.keyClick(window.canvas, Qt.Key.Key_G)
    settled(window)
    assert np.array_equal(tiles[5].picture.pixels, shown(window))


def test_compare_pins_the_picture(window, qtbot, settled) -> None:
    before = shown(window)
    window.actions_["compare"].setChecked(True)
    qtbot.keyClick(window.canvas, Qt.Key.Key_Right)
    settled(window)
    canvas = window.canvas
    assert np.array_equal(canvas.reference.pixels, before)
    assert not np.array_equal(shown(window), before)
    box = canvas.picture_rect()
    image = canvas.grab().toImage()
    left, right = box.center() - QPointF(40, 0), box.center() + QPointF(40, 0)
    window.actions_["compare"].setChecked(False)
    plain = canvas.grab().toImage()
    assert image.pixel(left.toPoint()) != plain.pixel(left.toPoint())
    assert image.pixel(right.toPoint()) == plain.pixel(right.toPoint())


def test_long_names_of_what_is_compared_leave_room_for_each_other(window) -> None:
    canvas = window.canvas
    window.compare.pin(canvas.picture, "", "", window.context.state.recipe)
    bare = canvas.grab().toImage()
    window.compare.pin(canvas.picture, "a" * 200, "b" * 200, window.context.state.recipe)
    named, box = canvas.grab().toImage(), canvas.picture_rect()
    row = round(box.top()) + 20
    columns = range(round(box.left()), round(box.right()))
    changed = [x for x in columns if bare.pixel(x, row) != named.pixel(x, row)]
    middle = box.center().x()
    assert changed and min(abs(x - middle) for x in changed if x != round(middle)) > 5
    assert any(x < middle for x in changed) and any(x > middle for x in changed)


def test_holding_c_shows_the_unedited_picture(window, qtbot, settled) -> None:
    before = shown(window)
    window.context.state.edit(lambda r: r.with_direction("smile", 3.0))
    settled(window)
    qtbot.keyPress(window.canvas, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: window.canvas.reference is not None, timeout=PATIENCE_MS)
    assert np.array_equal(window.canvas.reference.pixels, before)
    assert window.canvas.names[0] == "Unedited"
    qtbot.keyRelease(window.canvas, Qt.Key.Key_C)
    assert window.canvas.reference is None


def test_dropped_model_opens_and_can_be_undone(window, models, qtbot, settled) -> None:
    state = window.context.state
    drop(window, models["plain"])
    qtbot.waitUntil(lambda: state.model.title == "plain", timeout=PATIENCE_MS)
    settled(window)
    assert window.canvas.picture.height == 16
    window.undo.trigger()
    settled(window)
    assert state.model.title == "styled"
    assert window.canvas.picture.height == 32


def test_dropped_picture_restores_its_scene(window, models, qtbot, tmp_path, settled) -> None:
    state = window.context.state
    recipe = Recipe.from_seed(77, psi=0.5).with_direction("smile", 1.5)
    scene = Scene(state.scene.model, recipe)
    state.set_scene(scene)
    settled(window)
    expected = shown(window)
    write_image(tmp_path / "x.png", window.context.render.last_frame.rgb(), scene)
    drop(window, models["other"])
    qtbot.waitUntil(lambda: state.model.title == "other", timeout=PATIENCE_MS)
    drop(window, tmp_path / "x.png")
    qtbot.waitUntil(lambda: state.scene == scene, timeout=PATIENCE_MS)
    settled(window)
    difference = np.abs(shown(window).astype(int) - expected.astype(int)).max()
    assert difference <= 1, difference  # in rounding, when the renderer goes on from a preview


def test_bad_drops_become_messages_and_nothing_is_lost(window, models, qtbot, tmp_path) -> None:
    state, notifications = window.context.state, window.context.notifications
    before = state.scene
    (tmp_path / "notes.txt").write_text("no model", encoding="utf-8")
    whole = models["styled"].read_bytes()
    (tmp_path / "cut.safetensors").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.safetensors").touch()
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    names = ("notes.txt", "cut.safetensors", "empty.safetensors", "broken.png")
    for count, name in enumerate(names, 1):
        drop(window, tmp_path / name)
        qtbot.waitUntil(lambda n=count: len(notifications.history) >= n, timeout=PATIENCE_MS)
        assert name in notifications.history[-1].message
    assert window.stage.bar.isVisible()
    assert state.scene == before and state.model.title == "styled"
    window.stage.bar.copy.click()
    assert "broken.png" in QGuiApplication.clipboard().text()


def test_what_a_model_cannot_use_is_said_once(window, models, qtbot, settled) -> None:
    state, notifications = window.context.state, window.context.notifications
    state.edit(lambda r: dataclasses.replace(r.with_direction("smile", 1.0), cutoff=2))
    assert not notifications.history
    drop(window, models["plain"])
    qtbot.waitUntil(lambda: state.model.title == "plain", timeout=PATIENCE_MS)
    settled(window)
    (told,) = notifications.history
    assert told.level == "info"
    assert "truncation" in told.message and "'smile'" in told.message


def test_the_defaults_of_a_model_are_no_reason_for_a_message(window, models, qtbot) -> None:
    state, notifications = window.context.state, window.context.notifications
    drop(window, models["plain"])
    qtbot.waitUntil(lambda: state.model.title == "plain", timeout=PATIENCE_MS)
    assert state.recipe.psi == 1.0 and not notifications.history


def test_the_setting_turns_previews_off(window, settled, monkeypatch) -> None:
    asked = []
    render = window.context.render
    monkeypatch.setattr(render.requests, "put", asked.append)
    for wanted in (True, False):
        window.context.settings.set("drag_preview", wanted)
        render.request()
        assert asked[-1].previews is wanted
    monkeypatch.undo()
    render.request()
    settled(window)


def test_small_pictures_are_never_previews(window, qtbot, monkeypatch) -> None:
    """On a slow machine the scene may begin with one; nothing would follow it in a thumbnail."""
    requests = window.context.render.requests
    seen, put = [], requests.put
    monkeypatch.setattr(requests, "put", lambda request: (seen.append(request), put(request)))
    shown = {}
    window.context.render.request_tiles("test", [("one", Recipe.from_seed(5))], shown.__setitem__)
    window.context.state.edit(lambda recipe: recipe.with_direction("smile", 1.0), text="smile")
    qtbot.waitUntil(lambda: "one" in shown)
    assert all(request.previews == (request.request_id > 0) for request in seen)
    assert {request.request_id > 0 for request in seen} == {True, False}


def test_the_training_gives_way_while_the_hand_moves(window, qtbot, settled) -> None:
    turn = window.context.render.turn
    window.context.state.edit(lambda r: dataclasses.replace(r, psi=0.5))
    assert turn.taken
    settled(window)
    qtbot.waitUntil(lambda: not turn.taken, timeout=PATIENCE_MS)


def test_dropped_folder_becomes_training_data(window, qtbot, tmp_path, monkeypatch) -> None:
    taken = []
    monkeypatch.setattr(window.context.training, "set_data", taken.append)
    (tmp_path / "photos").mkdir()
    drop(window, tmp_path / "photos")
    qtbot.waitUntil(lambda: bool(taken), timeout=PATIENCE_MS)
    assert taken[0].endswith("photos")


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_dropped_pictures_become_the_data_choice(window, qtbot, tmp_path, kind) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for index in range(3):
        write_image(folder / f"{index}.png", np.full((8, 8, 3), 40 * index, np.uint8), None)
    path = folder
    if kind == "zip":
        path = tmp_path / "pictures.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in folder.iterdir():
                archive.write(file, file.name)
    window.host.docks["training"].close()
    training = window.context.training
    with qtbot.waitSignal(training.data_reported, timeout=PATIENCE_MS) as reported:
        drop(window, path)
    assert training.data == str(path) and reported.args[0].count == 3
    dock = window.host.widgets["training"]
    assert dock.isVisible() and dock.bar.data.text() == path.stem


def test_a_zip_that_is_none_is_a_message(window, qtbot, tmp_path) -> None:
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and no more")
    notifications, training = window.context.notifications, window.context.training
    before = training.data
    drop(window, tmp_path / "broken.zip")
    qtbot.waitUntil(lambda: bool(notifications.history), timeout=PATIENCE_MS)
    assert notifications.history[-1].level == "error"
    assert "broken.zip" in notifications.history[-1].message
    assert training.data == before and training.recent_data == []


def test_controls_that_a_model_lacks_are_hidden(bare_window, models, qtbot, settled) -> None:
    window = bare_window
    latent, docks = window.host.widgets["latent"], window.host.docks
    assert not docks["mixing"].isVisible()
    window.context.models.open_first(str(models["styled"]))
    settled(window)
    assert docks["mixing"].isVisible() and latent.psi.isVisibleTo(latent)
    assert latent.noise_row.isVisibleTo(latent) and not latent.classes.isVisibleTo(latent)
    window.context.models.open_path(str(models["plain"]))
    qtbot.waitUntil(lambda: window.context.state.model.title == "plain", timeout=PATIENCE_MS)
    assert not docks["mixing"].isVisible()
    for control in (latent.psi, latent.cutoff, latent.noise_row, latent.space_row):
        assert not control.isVisibleTo(latent)
    components = window.host.widgets["components"]
    assert len(components.list.model().numbers) == 20
    window.context.models.open_path(str(models["classes"]))
    qtbot.waitUntil(lambda: window.context.state.model.title == "classes", timeout=PATIENCE_MS)
    assert docks["mixing"].isVisible() and latent.classes.isVisibleTo(latent)
    assert len(latent.classes.titles()) == 4


def test_a_dock_that_was_closed_stays_closed(window, models, qtbot, settled) -> None:
    window.host.docks["mixing"].close()
    closed = window.host.save()
    window.context.models.open_path(str(models["other"]))
    qtbot.waitUntil(lambda: window.context.state.model.title == "other", timeout=PATIENCE_MS)
    assert not window.host.docks["mixing"].isVisible()
    assert "mixing" in closed and window.host.save() == closed


def test_copy_puts_the_picture_on_the_clipboard(window) -> None:
    window.actions_["copy"].trigger()
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == (32, 32)
    assert image.pixelColor(3, 4) == window.canvas.picture.image.pixelColor(3, 4)


def test_empty_state_without_any_model(bare_window, qtbot, monkeypatch) -> None:
    from latent_studio.storage import library

    monkeypatch.setattr(library, "bundled_models", list)
    bare_window.context.models.open_first()
    qtbot.waitUntil(bare_window.stage.empty.isVisible, timeout=PATIENCE_MS)
    assert not bare_window.actions_["random"].isEnabled()
    qtbot.mouseClick(bare_window.stage.empty.get, Qt.MouseButton.LeftButton)
    page = bare_window.dialogs.made["get_models"]
    qtbot.waitUntil(page.isVisible, timeout=PATIENCE_MS)
    page.close()


def test_zoom_keeps_the_point_under_the_mouse(window) -> None:
    canvas = window.canvas
    fitted = canvas.zoom()
    at = canvas.picture_rect().topLeft() + QPointF(50, 60)

    def fraction() -> float:
        box = canvas.picture_rect()
        return (at.x() - box.left()) / box.width()

    before = fraction()
    canvas.zoom_by(2.0, at)
    assert canvas.zoom() == pytest.approx(2 * fitted)
    assert fraction() == pytest.approx(before)
    window.actions_["fit"].trigger()
    assert canvas.zoom() == pytest.approx(fitted)


def test_close_stays_when_asked_to(window, monkeypatch) -> None:
    training = type(window.context.training)
    monkeypatch.setattr(training, "running", property(lambda self: True))
    monkeypatch.setattr(window, "ask_about_training", lambda: "stay")
    assert not window.close()
    assert window.isVisible()
    monkeypatch.undo()


def test_full_screen_shows_the_picture_alone(window, qtbot) -> None:
    qtbot.keyClick(window.canvas, Qt.Key.Key_F)
    assert window.isFullScreen()
    assert not window.menuBar().isVisible()
    assert not window.host.docks["latent"].isVisible()
    qtbot.keyClick(window.canvas, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert window.host.docks["latent"].isVisible() and window.tools.isVisible()


def test_f1_lists_every_key(window, qtbot) -> None:
    from latent_studio.ui.actions import COMMANDS
    from latent_studio.ui.widgets.keys_dialog import key_rows

    qtbot.keyClick(window, Qt.Key.Key_F1)
    assert window.dialogs.made["keys"].isVisible()
    listed = {text for _, text in key_rows()}
    assert all(command.tip() in listed for command in COMMANDS if command.keys)


def test_every_control_has_a_name_and_a_tooltip(window) -> None:
    from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QComboBox, QScrollBar

    from latent_studio.ui.widgets.section import SearchField

    for name in ("latent", "directions", "components", "mixing"):
        for kind in (QAbstractButton, QAbstractSlider, QComboBox):
            for control in window.host.widgets[name].findChildren(kind):
                if isinstance(control, QScrollBar) or control.objectName().startswith("qt"):
                    continue
                if isinstance(control.parent(), SearchField):
                    continue  # Qt's own clear button
                told = control.accessibleName() or getattr(control, "text", str)()
                assert told and control.toolTip(), (name, control, told)


def test_a_picture_of_an_old_model_is_never_shown(window, models, qtbot, settled) -> None:
    from latent_studio.engine.frame import Frame

    render = window.context.render
    current = window.canvas.picture
    old = Frame(np.zeros((32, 32, 4), np.uint8), Recipe(), 32, request_id=99, model_epoch=-1)
    render.frames.put(old)
    render._take()
    assert window.canvas.picture is current


def test_scene_json_survives_the_window(window, qtbot, settled) -> None:
    state = window.context.state
    window.host.widgets["mixing"].presets["fine"].click()
    scene = Scene.loads(state.scene.dumps())
    assert scene == state.scene
    assert dataclasses.replace(scene.recipe, mixing=()) != scene.recipe
