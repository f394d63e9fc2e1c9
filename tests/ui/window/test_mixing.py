"""The dock of style mixing with many sources at the width it has at first."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget

from latent_studio.ui.docks.mixing_dock import LETTERS, MixingDock
from latent_studio.ui.widgets.layer_table import LEAST_TRACK

WIDTH = 300
PATIENCE_MS = 20_000


@pytest.fixture
def dock(window, qtbot) -> MixingDock:
    window.host.show("mixing")
    made = window.host.widgets["mixing"]
    window.resizeDocks([window.host.docks["mixing"]], [WIDTH], Qt.Orientation.Horizontal)
    qtbot.waitUntil(lambda: 0 < made.width() <= WIDTH + 10, timeout=PATIENCE_MS)
    return made


def add_sources(dock: MixingDock, count: int, qtbot) -> None:
    while len(dock.tiles) < count:
        dock.add.click()
    source = len(dock.tiles) - 1
    dock.table.button(0, source).click()
    last = dock.table.button(0, source)
    qtbot.waitUntil(lambda: last.x() > 0 and dock.table.strength(0).isVisible())
    qtbot.wait(50)


def shown(window) -> np.ndarray:
    return window.canvas.picture.pixels.copy()


def within(inner: QWidget, outer: QWidget) -> bool:
    corner = inner.mapTo(outer, QPoint(0, 0))
    return corner.x() >= 0 and corner.x() + inner.width() <= outer.width()


@pytest.mark.parametrize("count", [4, 5, len(LETTERS)])
def test_columns_of_sources_are_equally_narrow_and_sliders_useful(dock, qtbot, count) -> None:
    add_sources(dock, count, qtbot)
    table = dock.table
    places = [table.button(0, source).geometry().center().x() for source in range(count)]
    steps = [b - a for a, b in pairwise(places)]
    assert max(steps) - min(steps) <= 1 and max(steps) < 40
    assert table.strength(0).track.width() >= LEAST_TRACK


def test_the_table_scrolls_sideways_where_it_is_too_wide(dock, qtbot) -> None:
    add_sources(dock, len(LETTERS), qtbot)
    bar = dock.table_scroll.horizontalScrollBar()
    assert bar.maximum() > 0 and bar.isVisibleTo(dock)
    assert dock.table_scroll.verticalScrollBar().maximum() == 0
    strength = dock.table.strength(0)
    assert not within(strength, dock.table_scroll.viewport())
    bar.setValue(bar.maximum())
    assert within(strength, dock.table_scroll.viewport())


def test_every_source_can_be_reached_and_removed(dock, qtbot) -> None:
    add_sources(dock, 7, qtbot)
    assert within(dock.remove, dock.viewport())
    place = dock.tile_scroll.viewport()
    qtbot.waitUntil(lambda: within(dock.tiles[6], place), timeout=PATIENCE_MS)
    assert dock.tiles[6].width() == dock.tiles[0].width() == dock.tiles[0].sizeHint().width()
    qtbot.mouseClick(dock.remove, Qt.MouseButton.LeftButton)
    assert len(dock.tiles) == 6


def steps(window) -> list[str]:
    stack = window.context.state.undo_stack
    return [stack.text(index) for index in range(stack.count())]


def test_a_source_that_is_added_is_a_step(window, dock, qtbot, settled) -> None:
    state = window.context.state
    state.edit(lambda r: r.with_direction("smile", 1.0), text="Smile")
    before = state.scene
    qtbot.mouseClick(dock.add, Qt.MouseButton.LeftButton)
    assert steps(window) == ["Smile", "Add source E"] and dock.active == 4
    assert state.scene == before
    assert state.before_last_step().recipe.directions == (), "the picture before, not the list"
    dock.table.button(0, 4).click()
    settled(window)
    mixed = shown(window)
    window.undo.trigger()
    window.undo.trigger()
    assert len(dock.tiles) == 4 and state.scene == before
    assert window.undo.text() == "Undo Smile"
    window.redo.trigger()
    assert len(dock.tiles) == 5 and dock.active == 4
    window.redo.trigger()
    settled(window)
    assert dock.table.button(0, 4).isChecked() and np.array_equal(shown(window), mixed)


def test_a_source_that_is_removed_comes_back_with_its_layers(window, dock, qtbot, settled) -> None:
    state = window.context.state
    dock.tiles[2].click()
    dock.presets["fine"].click()
    settled(window)
    mixed, recipe, sources = shown(window), state.recipe, dock.sources
    qtbot.mouseClick(dock.remove, Qt.MouseButton.LeftButton)
    settled(window)
    plain = shown(window)
    assert steps(window)[-1] == "Remove source C" and len(dock.tiles) == 3 and dock.active == 1
    assert not np.array_equal(plain, mixed)
    window.undo.trigger()
    settled(window)
    assert (state.recipe, dock.sources, dock.active) == (recipe, sources, 2)
    assert np.array_equal(shown(window), mixed)
    assert [tile.seed for tile in dock.tiles[1:]] == [1, 2, 3]
    qtbot.waitUntil(lambda: dock.tiles[2].picture is not None, timeout=PATIENCE_MS)
    window.redo.trigger()
    settled(window)
    assert np.array_equal(shown(window), plain) and len(dock.tiles) == 3


def test_the_seed_of_a_source_goes_back_to_its_tile(window, dock, settled) -> None:
    state = window.context.state
    dock.presets["all"].click()
    dock.seed.value_changed.emit(50)
    dock.seed.value_changed.emit(51)
    assert steps(window) == ["All from B", "Seed of source B"], "typing on is one step"
    assert dock.sources[0].seed == 51 and state.recipe.mixing[0].source.seed == 51
    dock.seed.value_changed.emit(1)
    assert steps(window) == ["All from B"], "back where it began"
    state.end_merge()
    dock.tiles[3].click()
    dock.seed.value_changed.emit(77)
    assert steps(window)[-1] == "Seed of source D"
    window.undo.trigger()
    assert [source.seed for source in dock.sources] == [1, 2, 3] and len(dock.tiles) == 4


def test_few_sources_need_no_scroll_bar(dock, qtbot) -> None:
    assert len(dock.tiles) == 4
    assert dock.tile_scroll.horizontalScrollBar().maximum() == 0
    assert dock.table_scroll.horizontalScrollBar().maximum() == 0
    assert dock.table_scroll.height() == dock.table.height()
