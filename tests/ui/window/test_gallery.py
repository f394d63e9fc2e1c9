"""Bookmarks on the real window."""

import os
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtWidgets import QMenu

from latent_studio.recipe import ModelRef, Recipe, Scene
from latent_studio.storage.gallery import Gallery
from latent_studio.storage.images import read_scene
from latent_studio.ui.docks import gallery_list

PATIENCE_MS = 20_000


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path / "home"))


@pytest.fixture
def dock(window, qtbot):
    window.host.show("gallery")
    found = window.host.widget("gallery")
    qtbot.waitUntil(found.isVisible)
    window.canvas.setFocus()
    return found


def keep(window, qtbot, settled, *seeds: int) -> None:
    """Bookmark these seeds by key."""
    dock = window.host.widget("gallery")
    for seed in seeds:
        count = len(dock.model.entries)
        window.context.state.edit(lambda _r, seed=seed: Recipe.from_seed(seed, psi=0.7))
        settled(window)
        qtbot.keyClick(window.canvas, Qt.Key.Key_B)
        qtbot.waitUntil(lambda count=count: len(dock.model.entries) > count, timeout=PATIENCE_MS)


def seeds(dock) -> list[int]:
    return [entry.scene.recipe.source.seed for entry in dock.model.entries]


def choose(dock, *rows: int) -> None:
    dock.list.clearSelection()
    for row in rows:
        index = dock.model.index(row)
        dock.list.selectionModel().select(index, QItemSelectionModel.SelectionFlag.Select)


def test_b_keeps_what_is_shown_and_a_double_click_goes_back(window, dock, qtbot, settled) -> None:
    assert not {"timeline", "map", "history"} & window.host.widgets.keys()  # nobody looked yet
    keep(window, qtbot, settled, 5, 6)
    assert seeds(dock) == [6, 5]
    qtbot.waitUntil(
        lambda: dock.model.picture(dock.model.entries[0].id) is not None, timeout=PATIENCE_MS
    )
    kept = dock.model.picture(dock.model.entries[0].id).pixels
    assert np.array_equal(kept[..., :3], window.canvas.picture.pixels[..., :3])
    place = dock.list.visualRect(dock.model.index(1)).center()
    qtbot.mouseClick(dock.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseDClick(dock.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert window.context.state.recipe == Recipe.from_seed(5, psi=0.7)
    window.undo.trigger()
    assert window.context.state.recipe.source.seed == 6


def test_keeping_is_a_step_of_the_history(window, dock, qtbot, settled) -> None:
    keep(window, qtbot, settled, 5)
    stack, recipe = window.context.state.undo_stack, window.context.state.recipe
    assert stack.undoText() == "Bookmark"
    window.undo.trigger()
    qtbot.waitUntil(lambda: not dock.model.entries, timeout=PATIENCE_MS)
    assert window.context.state.recipe == recipe, "the edit before it stays"
    window.redo.trigger()
    qtbot.waitUntil(lambda: len(dock.model.entries) == 1, timeout=PATIENCE_MS)
    kept = dock.model.entries[0].id
    qtbot.waitUntil(lambda: dock.model.picture(kept) is not None, timeout=PATIENCE_MS)


def test_a_bookmark_opens_its_model_or_says_that_it_is_gone(
    window, dock, models, qtbot, settled, tmp_path
) -> None:
    keep(window, qtbot, settled, 5)
    state = window.context.state
    window.context.models.open_path(str(models["other"]))
    qtbot.waitUntil(lambda: state.model.title == "other", timeout=PATIENCE_MS)
    choose(dock, 0)
    dock.list.setCurrentIndex(dock.model.index(0))
    qtbot.keyClick(dock.list, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: state.model.title == "styled", timeout=PATIENCE_MS)
    settled(window)
    assert state.recipe == Recipe.from_seed(5, psi=0.7)
    before = window.context.state.scene
    gone = Scene(ModelRef("file", str(tmp_path / "gone.safetensors"), "c" * 64), Recipe())
    window.desk.gallery.add(gone, np.zeros((8, 8, 4), np.uint8))
    qtbot.waitUntil(lambda: len(dock.model.entries) == 2, timeout=PATIENCE_MS)
    dock.restore(dock.model.entries[0])
    notes = window.context.notifications
    qtbot.waitUntil(
        lambda: any("not here" in n.message for n in notes.history), timeout=PATIENCE_MS
    )
    assert state.scene == before


def test_delete_can_be_undone_and_another_window_s_bookmarks_appear(
    window, dock, qtbot, settled
) -> None:
    keep(window, qtbot, settled, 1, 2, 3)
    before = dock.model.entries
    choose(dock, 0, 2)
    qtbot.keyClick(dock.list, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: seeds(dock) == [2], timeout=PATIENCE_MS)
    window.undo.trigger()
    qtbot.waitUntil(lambda: dock.model.entries == before, timeout=PATIENCE_MS)
    window.redo.trigger()
    qtbot.waitUntil(lambda: seeds(dock) == [2], timeout=PATIENCE_MS)
    other = Gallery()  # another window
    (mine,) = other.entries()
    other.put([replace(other.get([mine.id])[0], id="f" * 32, created=0.0)])
    other.close()
    qtbot.waitUntil(lambda: len(dock.model.entries) == 2, timeout=PATIENCE_MS)


def test_names_tags_and_search(window, dock, qtbot, settled) -> None:
    keep(window, qtbot, settled, 1, 2)
    choose(dock, 0)
    dock.name.setText("Grand smile")
    qtbot.keyClick(dock.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dock.model.entries[0].name == "Grand smile", timeout=PATIENCE_MS)
    choose(dock, 0, 1)
    dock.tags.setText("Keep, hat")
    qtbot.keyClick(dock.tags, Qt.Key.Key_Return)
    both = lambda: [e.tags for e in dock.model.entries] == [("hat", "keep")] * 2  # noqa: E731
    qtbot.waitUntil(both, timeout=PATIENCE_MS)
    choose(dock, 1)
    dock.tags.setText("keep")
    qtbot.keyClick(dock.tags, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dock.model.entries[1].tags == ("keep",), timeout=PATIENCE_MS)
    dock.search.setText("SMILE keep")
    qtbot.waitUntil(lambda: seeds(dock) == [2], timeout=PATIENCE_MS)
    dock.search.setText("nothing like it")
    qtbot.waitUntil(lambda: dock.empty.isVisible(), timeout=PATIENCE_MS)
    dock.search.setText("")
    qtbot.waitUntil(lambda: len(dock.model.entries) == 2, timeout=PATIENCE_MS)
    dock.tag.setCurrentIndex(dock.tag.findData("hat"))
    dock.tag.activated.emit(dock.tag.currentIndex())
    qtbot.waitUntil(lambda: seeds(dock) == [2], timeout=PATIENCE_MS)
    for _ in range(3):
        window.undo.trigger()
    dock.tag.set_value("")
    dock.refresh()
    qtbot.waitUntil(lambda: not any(e.tags for e in dock.model.entries), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not any(e.name for e in dock.model.entries), timeout=PATIENCE_MS)


def test_what_is_typed_is_kept_when_the_focus_goes(window, dock, qtbot, settled) -> None:
    keep(window, qtbot, settled, 1, 2)
    choose(dock, 0)
    dock.name.setFocus()
    qtbot.keyClicks(dock.name, "By tab")
    qtbot.keyClick(dock.name, Qt.Key.Key_Tab)
    assert dock.tags.hasFocus()
    qtbot.waitUntil(lambda: dock.model.entries[0].name == "By tab", timeout=PATIENCE_MS)
    # Return in one field keeps what was typed in both
    qtbot.keyClicks(dock.tags, "Hat")
    dock.name.setFocus()
    qtbot.keyClicks(dock.name, " too")
    qtbot.keyClick(dock.name, Qt.Key.Key_Return)
    assert dock.list.hasFocus()
    kept = lambda: (dock.model.entries[0].name, dock.model.entries[0].tags)  # noqa: E731
    qtbot.waitUntil(lambda: kept() == ("By tab too", ("hat",)), timeout=PATIENCE_MS)
    assert (dock.name.text(), dock.tags.text()) == ("By tab too", "hat")
    # a click on another bookmark: the text is the first one's, and the field the second one's
    dock.name.setFocus()
    qtbot.keyClicks(dock.name, "!")
    place = dock.list.visualRect(dock.model.index(1)).center()
    qtbot.mouseClick(dock.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: dock.model.entries[0].name == "By tab too!", timeout=PATIENCE_MS)
    assert dock.model.entries[1].name == "" and dock.name.text() == ""
    # so it is where the choice moves while the field keeps the focus
    dock.name.setFocus()
    qtbot.keyClicks(dock.name, "Second")
    choose(dock, 0)
    assert dock.name.text() == "By tab too!"
    qtbot.waitUntil(lambda: dock.model.entries[1].name == "Second", timeout=PATIENCE_MS)
    assert dock.model.entries[0].name == "By tab too!"


def test_a_list_that_is_read_again_leaves_what_is_being_typed(window, dock, qtbot, settled) -> None:
    keep(window, qtbot, settled, 1, 2)
    choose(dock, 0, 1)
    dock.tags.setFocus()
    qtbot.keyClicks(dock.tags, "ha")
    other = Gallery()  # another window
    other.change([dock.model.entries[1].id], lambda b: replace(b, name="theirs"))
    other.close()
    qtbot.waitUntil(lambda: dock.model.entries[1].name == "theirs", timeout=PATIENCE_MS)
    qtbot.keyClicks(dock.tags, "t")
    qtbot.keyClick(dock.tags, Qt.Key.Key_Return)
    both = lambda: [e.tags for e in dock.model.entries] == [("hat",)] * 2  # noqa: E731
    qtbot.waitUntil(both, timeout=PATIENCE_MS)


def test_closing_the_window_keeps_what_is_typed(window, dock, qtbot, settled) -> None:
    keep(window, qtbot, settled, 1)
    choose(dock, 0)
    dock.name.setFocus()
    qtbot.keyClicks(dock.name, "Last")
    assert window.close()
    gallery = Gallery()
    assert [entry.name for entry in gallery.entries()] == ["Last"]
    gallery.close()


def test_the_menu_of_a_bookmark_has_short_entries(window, dock, qtbot, settled) -> None:
    keep(window, qtbot, settled, 1)
    choose(dock, 0)
    dock._show_menu(dock.list.visualRect(dock.model.index(0)).center())
    (menu,) = dock.findChildren(QMenu)
    acts = menu.actions()
    assert [act.text() for act in acts if act.isEnabled()] == [
        "Go there",
        "Add to the timeline",
        "Delete",
    ]
    assert all(len(act.text()) < 20 and act.toolTip() != act.text() for act in acts)
    menu.close()


def test_letters_on_the_list_are_commands(window, dock, qtbot, settled) -> None:
    keep(window, qtbot, settled, 1, 2)
    dock.list.setFocus()
    dock.list.setCurrentIndex(dock.model.index(0))
    qtbot.keyClick(dock.list, Qt.Key.Key_G)
    assert window.canvas.grid_shown
    qtbot.keyClick(dock.list, Qt.Key.Key_G)
    settled(window)
    qtbot.keyPress(dock.list, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: window.canvas.reference is not None, timeout=PATIENCE_MS)
    qtbot.keyRelease(dock.list, Qt.Key.Key_C)
    assert window.canvas.reference is None
    qtbot.keyClick(dock.list, Qt.Key.Key_End)
    assert dock.list.currentIndex().row() == 1
    kept = window.context.state.recipe
    qtbot.keyClick(dock.list, Qt.Key.Key_Right)
    assert window.context.state.recipe == kept
    qtbot.keyClick(dock.list, Qt.Key.Key_Space)
    assert window.context.state.recipe.source.seed != kept.source.seed
    settled(window)


def test_compare_two_and_go_to_their_average(window, dock, qtbot, settled) -> None:
    keep(window, qtbot, settled, 1, 2)
    picture = lambda: dock.model.picture(dock.model.entries[0].id)  # noqa: E731
    qtbot.waitUntil(lambda: picture() is not None, timeout=PATIENCE_MS)
    first = picture()
    window.context.state.edit(lambda _r: Recipe.from_seed(77, psi=0.7))
    settled(window)
    choose(dock, 0, 1)
    assert dock.compare.isEnabled()
    dock.compare.click()
    qtbot.waitUntil(lambda: window.canvas.split, timeout=PATIENCE_MS)
    settled(window)
    assert window.context.state.recipe.source.seed == 1
    assert np.array_equal(window.canvas.reference.pixels[..., :3], first.pixels[..., :3])
    assert window.actions_["compare"].isChecked()
    kept = [bookmark.title for bookmark in dock.list.chosen()]
    assert window.canvas.names == tuple(kept) and len(set(kept)) == 2
    window.actions_["compare"].trigger()
    assert not window.canvas.split and window.canvas.names == ("A", "B")
    choose(dock, 0, 1)
    dock.average.click()
    state = window.context.state
    qtbot.waitUntil(lambda: state.recipe.source.vector is not None, timeout=PATIENCE_MS)
    assert state.recipe.psi == 1.0 and state.recipe.source.space == "w"
    assert "2 bookmarks" in state.undo_stack.undoText()
    # the way from one to the other is a direction: an amount of one goes there
    window.undo.trigger()
    assert state.recipe.source.seed == 1
    choose(dock, 0, 1)
    dock.list.selectionModel().setCurrentIndex(
        dock.model.index(0), QItemSelectionModel.SelectionFlag.NoUpdate
    )
    dock.difference.click()
    names = lambda: [d.name for d in state.directions]  # noqa: E731
    qtbot.waitUntil(lambda: "2 − 1" in names(), timeout=PATIENCE_MS)
    state.edit(lambda r: r.with_direction("2 − 1", 1.0))
    settled(window)
    shown = window.canvas.picture.pixels[..., :3].astype(int)
    assert abs(shown - dock.model.picture(dock.model.entries[0].id).pixels[..., :3]).max() <= 2


def test_bookmarks_go_out_as_files(window, dock, qtbot, settled, monkeypatch) -> None:
    keep(window, qtbot, settled, 1, 2)
    dragged = []

    def start(drag, _actions):
        dragged.append([url.toLocalFile() for url in drag.mimeData().urls()])
        return Qt.DropAction.CopyAction

    monkeypatch.setattr(gallery_list.QDrag, "exec", start)
    monkeypatch.setattr(
        gallery_list.QGuiApplication, "mouseButtons", lambda: Qt.MouseButton.LeftButton
    )
    choose(dock, 0, 1)
    view = dock.list.viewport()
    place = dock.list.visualRect(dock.model.index(0)).center()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=place)
    qtbot.mouseMove(view, place + QPoint(30, 30))
    qtbot.mouseMove(view, place + QPoint(60, 60))
    qtbot.waitUntil(lambda: bool(dragged), timeout=PATIENCE_MS)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=place)
    (paths,) = dragged
    assert [read_scene(path).recipe.source.seed for path in paths] == [2, 1]
    old = os.path.getmtime(paths[0]) - 2 * gallery_list.KEPT_S
    os.utime(paths[0], (old, old))
    gallery_list.write_files(
        [("x/y: z", "abc", dock.model.entries[0].scene, np.zeros((4, 4, 3), np.uint8))]
    )
    assert not os.path.exists(paths[0]) and os.path.exists(paths[1])


def test_a_damaged_gallery_is_told_of(window, qtbot, tmp_path) -> None:
    assert "gallery" not in window.host.widgets and not window.desk.made("gallery")
    folder = tmp_path / "home" / "data"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gallery.sqlite3").write_bytes(b"rubbish" * 1000)
    window.host.show("gallery")
    notes = window.context.notifications
    qtbot.waitUntil(lambda: any("damaged" in n.message for n in notes.history), timeout=PATIENCE_MS)
    assert list(folder.glob("gallery-damaged-*.sqlite3"))
