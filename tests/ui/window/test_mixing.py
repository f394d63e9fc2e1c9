"""The dock of style mixing with many sources at the width it has at first."""

from itertools import pairwise

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


def test_few_sources_need_no_scroll_bar(dock, qtbot) -> None:
    assert len(dock.tiles) == 4
    assert dock.tile_scroll.horizontalScrollBar().maximum() == 0
    assert dock.table_scroll.horizontalScrollBar().maximum() == 0
    assert dock.table_scroll.height() == dock.table.height()
