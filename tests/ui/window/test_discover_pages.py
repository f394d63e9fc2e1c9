"""Finding, labelling, measuring and editing directions through the real window."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QPushButton

from latent_studio.latent.direction import Direction
from latent_studio.latent.directions import labelling_pool
from latent_studio.recipe import Recipe
from latent_studio.ui import discovery

PATIENCE_MS = 60_000
CLICK = Qt.MouseButton.LeftButton


@pytest.fixture
def dialog(window, qtbot):
    window.host.widgets["directions"].discover.click()
    made = window.dialogs.made["discover"]
    qtbot.waitExposed(made)
    yield made
    made.close()


def names(window):
    return [direction.name for direction in window.context.state.directions]


def open_page(dialog, page):
    dialog.pages.setCurrentWidget(page)
    return page


def test_a_candidate_is_looked_at_named_and_taken_back(window, dialog, qtbot, settled) -> None:
    page = open_page(dialog, dialog.candidates)
    page.method.set_value("sefa")
    page.count.setValue(1)
    qtbot.mouseClick(page.find, CLICK)
    qtbot.waitUntil(lambda: len(page.rows) == 3, timeout=PATIENCE_MS)
    row = page.rows[0]
    full = lambda: all(p is not None for r in page.rows for p in r.strip.pictures)  # noqa: E731
    qtbot.waitUntil(full, timeout=PATIENCE_MS)
    low, *_, high = (picture.pixels.astype(int) for picture in row.strip.pictures)
    assert np.abs(low - high).max() > 0  # the strip really goes along the direction
    before = names(window)
    row.name.setText("  pose ")
    qtbot.keyClick(row.name, Qt.Key.Key_Return)
    assert names(window) == [*before, "pose"]
    dock = window.host.widgets["directions"]
    assert "pose" in dock.listed and "pose" in row.about.text()
    window.undo.trigger()
    assert names(window) == before and "pose" not in dock.listed
    window.redo.trigger()
    assert names(window) == [*before, "pose"]


def test_channels_are_offered_and_found(window, dialog, qtbot) -> None:
    page = open_page(dialog, dialog.candidates)
    page.method.set_value("channels")
    page.group.set_value("fine")
    page.count.setValue(2)
    page.find.click()
    qtbot.waitUntil(lambda: len(page.rows) == 2, timeout=PATIENCE_MS)
    assert all(row.direction.space == "s" for row in page.rows)
    page.rows[0].keep.click()
    assert page.rows[0].direction.name in names(window)


def candidates(count):
    """Directions as an analysis finds them."""
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(count, 16)).astype(np.float32)
    return [Direction(f"PC {i + 1}", vector, 1.0, "pca") for i, vector in enumerate(vectors)]


def test_return_in_a_field_finds_nothing_anew(window, dialog, qtbot) -> None:
    page = open_page(dialog, dialog.candidates)
    searches = []
    page.find.clicked.connect(lambda: searches.append("find"))
    page.show_candidates(candidates(3))
    rows = list(page.rows)
    for row in rows:
        row.keep.clicked.connect(lambda: searches.append("keep"))
    kept = len(names(window))
    rows[1].name.setFocus()
    qtbot.keyClicks(rows[1].name, "nice")
    qtbot.keyClick(rows[1].name, Qt.Key.Key_Return)
    assert names(window)[kept:] == ["nice"]
    qtbot.keyClick(page.count, Qt.Key.Key_Return)
    qtbot.keyClick(page.count.lineEdit(), Qt.Key.Key_Enter)
    assert not searches and page.rows == rows
    for other in (dialog.hand, dialog.difference):
        open_page(dialog, other)
        qtbot.keyClick(other.name, Qt.Key.Key_Return)
        pressable = [button for button in other.findChildren(QPushButton) if button.isVisible()]
        assert pressable and not any(b.autoDefault() or b.isDefault() for b in pressable)
    assert dialog.isVisible() and len(names(window)) == kept + 1


def test_new_candidates_begin_at_the_top(window, dialog, qtbot) -> None:
    page = open_page(dialog, dialog.candidates)
    page.show_candidates(candidates(12))
    bar = page.sheet.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0, timeout=PATIENCE_MS)
    bar.setValue(bar.maximum())
    page.show_candidates(candidates(12))
    qtbot.wait(50)  # for the new rows to be laid out
    qtbot.waitUntil(lambda: bar.maximum() > 0, timeout=PATIENCE_MS)
    assert bar.value() == 0


def test_names_that_look_alike_get_a_number(window, dialog, qtbot) -> None:
    page = open_page(dialog, dialog.candidates)
    page.show_candidates(candidates(4))
    before = names(window)
    for row, typed in zip(page.rows, ("Smile", "", "", "pc 1"), strict=True):
        row.name.setText(typed)
        row.keep.click()
    assert names(window)[len(before) :] == ["Smile 2", "Direction 1", "Direction 2", "pc 1 (2)"]
    assert "Direction 1" in page.rows[1].about.text()
    edits = window.context.models.direction_edits
    edits.change("glasses", lambda d: replace(d, name="SMILE"), "x")  # another one's: refused
    edits.change("smile", lambda d: replace(d, name="Smile"), "x")  # its own
    assert "glasses" in names(window) and "Smile" in names(window)


def test_thumbs_up_and_down_make_a_slider(window, dialog, qtbot, monkeypatch) -> None:
    def few(model, psi, label, *, emit, token):
        return labelling_pool(discovery.own_generator(model), 100, psi=psi, emit=emit, token=token)

    monkeypatch.setattr(discovery, "make_pool", few)
    page = open_page(dialog, dialog.hand)
    qtbot.mouseClick(page.begin, CLICK)
    qtbot.waitUntil(lambda: page.pool is not None, timeout=PATIENCE_MS)
    shown = lambda: page.view.picture is not None  # noqa: E731
    qtbot.waitUntil(shown, timeout=PATIENCE_MS)
    bright = page.pool.pictures.mean((1, 2, 3))
    for _ in range(12):
        key = Qt.Key.Key_Up if bright[page._shown] > np.median(bright) else Qt.Key.Key_N
        qtbot.keyClick(page.view, key)
    assert len(page.labels) == 12
    qtbot.keyClick(page.view, Qt.Key.Key_S)
    qtbot.keyClick(page.view, Qt.Key.Key_Left)  # takes the skip back
    qtbot.keyClick(page.view, Qt.Key.Key_Left)
    assert len(page.labels) == 11
    fitted = lambda: page.fit is not None and page.fit.labels == 11  # noqa: E731
    qtbot.waitUntil(fitted, timeout=PATIENCE_MS)
    assert "%" in page.note.text() and not page.make.isEnabled()
    page.name.setText("bright")
    qtbot.mouseClick(page.make, CLICK)
    assert "bright" in names(window)
    window.undo.trigger()
    assert "bright" not in names(window)


def test_the_answers_stay_in_their_place(window, dialog, qtbot) -> None:
    page = open_page(dialog, dialog.hand)
    page.pool = SimpleNamespace(recipes=[])
    page.labels = dict.fromkeys(range(6), True) | dict.fromkeys(range(6, 9), False)
    places, said = set(), []
    for fit in (None, 0.93, 0.5, 0.31, None):
        page.fit = None if fit is None else SimpleNamespace(auc=fit)
        page._show()
        page.layout().activate()
        QApplication.processEvents()
        places.add(page.yes.mapTo(page, QPoint()).y())
        said.append(page.note.text())
    assert len(places) == 1
    assert "93%" in said[1] and "21 more make it good" in said[1]
    for text in said[2:4]:
        assert "ot better than chance" in text and "make it good" not in text
    dialog.resize(520, 700)  # narrower: more lines
    QApplication.processEvents()
    assert page.note.minimumHeight() >= page.note.heightForWidth(page.note.width())
    page._reset()


def test_the_difference_of_two_pictures(window, dialog, qtbot, settled) -> None:
    page = open_page(dialog, dialog.difference)
    page.take["start"].click()
    window.context.state.edit(lambda recipe: recipe.with_direction("smile", 2.0))
    page.take["end"].click()
    assert not page.make.isEnabled()
    page.name.setText("smiling")
    page.make.click()
    qtbot.waitUntil(lambda: "smiling" in names(window), timeout=PATIENCE_MS)
    views = lambda: all(view.picture is not None for view in page.views.values())  # noqa: E731
    qtbot.waitUntil(views, timeout=PATIENCE_MS)
    smile = next(d for d in window.context.state.directions if d.name == "smile")
    made = next(d for d in window.context.state.directions if d.name == "smiling")
    assert made.vector @ smile.vector == pytest.approx(1, abs=1e-3)
    edits = window.context.models.direction_edits
    with qtbot.waitSignal(window.context.notifications.added, timeout=PATIENCE_MS) as told:
        edits.difference(Recipe.from_seed(1), Recipe.from_seed(1), "nothing")
    assert told.args[0].level == "error"


def actions(menu):
    return {action.text(): action for action in menu.actions()}


def test_the_menu_of_a_direction(window, qtbot, tmp_path, settled) -> None:
    dock, state = window.host.widgets["directions"], window.context.state
    state.edit(lambda recipe: recipe.with_direction("smile", 1.0, 1, 4))
    named = lambda name: next(d for d in state.directions if d.name == name)  # noqa: E731
    vector = named("smile").vector
    row = dock.listed["smile"]
    place = row.mapToGlobal(row.rect().center())
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(row, QContextMenuEvent(reason, row.rect().center(), place))
    shown = lambda: QApplication.activePopupWidget() is not None  # noqa: E731
    qtbot.waitUntil(shown, timeout=PATIENCE_MS)
    QApplication.activePopupWidget().close()
    actions(dock.menus.for_direction(named("smile")))["Turn round"].trigger()
    assert np.array_equal(named("smile").vector, -vector)
    actions(dock.menus.for_direction(named("smile")))["Keep these layers"].trigger()
    assert (named("smile").first, named("smile").last) == (1, 4)
    dock.menus.ask_number = lambda *_: 2.5
    actions(dock.menus.for_direction(named("smile")))["Strength…"].trigger()
    assert named("smile").strength == 2.5
    dock.menus.ask_text = lambda *_: "grin"
    actions(dock.menus.for_direction(named("smile")))["Rename…"].trigger()
    assert "smile" not in names(window) and state.recipe.directions[0].name == "grin"
    assert dock.listed["grin"].slider.value() == 1.0
    dock.menus.ask_text = lambda *_: "glasses"
    actions(dock.menus.for_direction(named("grin")))["Rename…"].trigger()
    assert "grin" in names(window)  # the name is taken
    kept = actions(dock.menus.for_direction(named("grin")))["Without changing"].menu()
    actions(kept)["glasses"].trigger()
    qtbot.waitUntil(lambda: "grin (keeps glasses)" in names(window), timeout=PATIENCE_MS)
    file = tmp_path / "grin.safetensors"
    dock.menus.ask_save = lambda _title: str(file)
    actions(dock.menus.for_direction(named("grin")))["Export…"].trigger()
    qtbot.waitUntil(file.exists, timeout=PATIENCE_MS)
    actions(dock.menus.for_direction(named("grin")))["Delete"].trigger()
    assert "grin" not in names(window)
    dock.menus.ask_open = lambda: str(file)
    actions(dock.menus.for_all())["Import…"].trigger()
    qtbot.waitUntil(lambda: "grin" in names(window), timeout=PATIENCE_MS)
    while state.undo_stack.canUndo():
        state.undo_stack.undo()
    assert "smile" in names(window) and "grin" not in names(window)
    assert np.array_equal(named("smile").vector, vector)


def test_measured_quality_shows_in_the_dock(window, qtbot, monkeypatch) -> None:
    from latent_studio.storage.model_file import load_model

    monkeypatch.setattr(discovery, "MEASURED_SEEDS", 6)
    dock = window.host.widgets["directions"]
    assert dock.listed["smile"].mark is None
    part = actions(dock.menus.for_all())["Measure"].menu()
    actions(part)["Distance only"].trigger()
    qtbot.waitUntil(lambda: dock.listed["smile"].mark is not None, timeout=PATIENCE_MS)
    assert "Distance" in dock.listed["smile"].mark.toolTip()
    assert max(dock.listed["smile"].mark.bars()) > 0
    path = window.context.state.model.path

    def stored():
        return all("quality" in direction.info for direction in load_model(path).directions)

    qtbot.waitUntil(stored, timeout=PATIENCE_MS)
    window.undo.trigger()
    assert dock.listed["smile"].mark is None


def test_models_without_w_have_components_only(window, models, dialog, qtbot, settled) -> None:
    window.context.models.open_path(str(models["plain"]))
    ready = lambda: window.context.state.model.title == "plain"  # noqa: E731
    qtbot.waitUntil(ready, timeout=PATIENCE_MS)
    page = open_page(dialog, dialog.candidates)
    assert not page.method.isVisible() and page.method.value() == "pca"
    page.count.setValue(2)
    page.find.click()
    qtbot.waitUntil(lambda: len(page.rows) == 2, timeout=PATIENCE_MS)
