"""Photographs through the real window: drop, guide, search, stop, compare, undo, batch."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

import latent_studio.jobs.invert  # noqa: F401 - before its settings are replaced here
from latent_studio.latent.inversion import settings as inversion
from latent_studio.latent.inversion.settings import StageSettings
from latent_studio.ui import drops

PATIENCE_MS = 20_000
PLAIN = inversion.InversionSettings


def with_steps(monkeypatch, steps: int) -> None:
    few = StageSettings(steps, 0.1)
    rates = {"w": few, "plus": few, "noise": few, "tuning": few}
    monkeypatch.setattr(
        inversion,
        "InversionSettings",
        lambda space, effort: PLAIN(space, samples=16, trial=2, **rates),
    )


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """A search of a few steps."""
    with_steps(monkeypatch, 3)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    paths = []
    for index in range(2):
        low = np.random.default_rng(index).integers(0, 256, (4, 6, 3), dtype=np.uint8)
        paths.append(folder / f"me{index}.png")
        Image.fromarray(low).resize((90, 60), Image.Resampling.BICUBIC).save(paths[-1])
    return [str(path) for path in paths]


@pytest.fixture
def dialog(window, photos, qtbot):
    """The dialog as a dropped photograph opens it."""
    window.open_dropped(photos[0])
    qtbot.waitUntil(lambda: "photos" in window.dialogs.made, timeout=PATIENCE_MS)
    dialog = window.dialogs.made["photos"]
    qtbot.waitUntil(lambda: len(dialog.entries) == 1, timeout=PATIENCE_MS)
    yield dialog
    dialog.close()


def finish(dialog, qtbot) -> None:
    qtbot.waitUntil(lambda: not dialog.running, timeout=PATIENCE_MS)


def test_a_found_photograph_becomes_the_scene_beside_it(dialog, window, qtbot, settled) -> None:
    state = window.context.state
    before, steps = state.recipe, state.undo_stack.count()
    QTest.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert dialog.running and dialog.start.text() == "Stop"
    finish(dialog, qtbot)
    settled(window)
    found = dialog.entries[0].found
    assert state.recipe == found.scene.recipe and state.undo_stack.count() == steps + 1
    assert "PSNR" in dialog.note.text() and "PSNR" in dialog.list.item(0).text()
    assert window.canvas.split and window.actions_["compare"].isChecked()
    assert np.array_equal(window.canvas.reference.pixels[:, :, 2::-1], found.target)
    assert window.canvas.names == ("Photo", "Found")
    window.undo.trigger()
    assert state.recipe == before and window.canvas.names == ("Photo", "Now")


def test_enter_in_a_field_starts_no_search(dialog, window, qtbot) -> None:
    dialog.list.setCurrentRow(0)
    for widget in (dialog.list, dialog.effort, *dialog.effort.findChildren(QLineEdit)):
        QTest.keyClick(widget, Qt.Key.Key_Return)
        assert not dialog.running and dialog.isVisible()


def test_noise_and_tuned_models_are_shown(dialog, window, qtbot, settled) -> None:
    state, first = window.context.state, window.context.state.scene.model
    for space in ("noise", "pti"):
        dialog.space.set_value(space)
        dialog.entries[0].found = None
        dialog.toggle()
        finish(dialog, qtbot)
        found = dialog.entries[0].found
        qtbot.waitUntil(lambda f=found: state.recipe == f.scene.recipe, timeout=PATIENCE_MS)
        settled(window)
        shown = window.canvas.picture.pixels[:, :, 2::-1].astype(int)
        assert np.abs(shown - found.picture).max() <= 1
    assert state.scene.model != first
    window.undo.trigger()
    settled(window)
    assert state.scene.model == first


def test_a_stop_keeps_the_best_so_far(dialog, window, qtbot, monkeypatch, settled) -> None:
    with_steps(monkeypatch, 100_000)
    dialog.toggle()
    qtbot.waitUntil(lambda: dialog.result.picture is not None, timeout=PATIENCE_MS)
    dialog.toggle()
    finish(dialog, qtbot)
    settled(window)
    assert dialog.entries[0].found.stopped and "stopped" in dialog.note.text()
    assert window.context.state.recipe == dialog.entries[0].found.scene.recipe


def test_several_photographs_wait_in_a_list(dialog, window, photos, qtbot, settled) -> None:
    dialog.add_paths([photos[1]])
    qtbot.waitUntil(lambda: len(dialog.entries) == 2, timeout=PATIENCE_MS)
    dialog.toggle()
    finish(dialog, qtbot)
    one, two = (entry.found for entry in dialog.entries)
    assert window.context.state.recipe == one.scene.recipe
    dialog.list.setCurrentRow(1)
    dialog.list.itemActivated.emit(dialog.list.item(1))
    assert window.context.state.recipe == two.scene.recipe
    settled(window)
    QTest.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    assert len(dialog.entries) == dialog.list.count() == 1


def test_the_guide_moves_by_mouse_and_by_keys(dialog, qtbot) -> None:
    view, entry = dialog.view, dialog.entries[0]
    before = view.face()
    at = view._to_screen(view.points[0]).toPoint()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=at)
    at.setX(at.x() + 30)
    QTest.mouseMove(view, at)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at)
    assert view.face().left_eye[0] > before.left_eye[0] + 2
    mouth = view.points[2]
    view.setFocus()
    for _ in range(2):
        QTest.keyClick(view, Qt.Key.Key_Space)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.points[2] == (mouth[0], mouth[1] + 1)
    assert entry.face == view.face()
    dialog.align.setChecked(False)
    assert view.face() is None and not entry.aligned
    qtbot.waitUntil(lambda: not dialog._crop_timer.isActive())
    assert dialog.target.picture is not None


def test_what_is_dropped_is_told_apart(photos, tmp_path) -> None:
    from latent_studio.recipe import ModelRef, Recipe, Scene
    from latent_studio.storage.images import write_image

    made = tmp_path / "made.png"
    write_image(made, np.zeros((4, 4, 3), np.uint8), Scene(ModelRef(), Recipe()))
    assert drops.classify(photos[0]) == "photo"
    assert drops.classify(str(made)) == "picture"
    assert drops.classify("a.JPG") == "photo"
    assert drops.classify("a.safetensors") == "model"


def test_every_control_has_a_name_and_a_tooltip(dialog) -> None:
    for name in ("view", "target", "result", "list", "add", "remove", "align", "space", "start"):
        widget = getattr(dialog, name)
        text = getattr(widget, "text", str)()
        assert widget.toolTip() and (widget.accessibleName() or text)
