"""The latent docks on the real window."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from latent_studio.recipe import LatentSource
from latent_studio.ui.docks.components_dock import matching
from latent_studio.ui.docks.latent_dock import map_position
from latent_studio.ui.state import START_SEED

PATIENCE_MS = 20_000


def test_seed_field_takes_the_largest_seed(window, qtbot) -> None:
    field = window.host.widgets["latent"].seed
    field.lineEdit().selectAll()
    qtbot.keyClicks(field, "4294967295")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.context.state.recipe.source.seed == 2**32 - 1
    field.stepBy(1)
    assert window.context.state.recipe.source.seed == 0


def test_dragging_the_seed_map_blends_and_merges(window, qtbot, settled) -> None:
    state, seed_map = window.context.state, window.host.widgets["latent"].seed_map
    middle = seed_map.rect().center()
    qtbot.mousePress(seed_map, Qt.MouseButton.LeftButton, pos=middle)
    for step in range(1, 9):
        qtbot.mouseMove(seed_map, middle - QPoint(4 * step, 2 * step))
    qtbot.mouseRelease(seed_map, Qt.MouseButton.LeftButton, pos=middle - QPoint(32, 16))
    seeds = dict(state.recipe.source.seeds)
    assert set(seeds) == {START_SEED + step for step in (0, 1, 100, 101)}
    assert seeds[START_SEED] == pytest.approx(0.5 * 0.75)
    assert state.undo_stack.count() == 1
    settled(window)
    window.undo.trigger()
    assert (seed_map.x, seed_map.y) == (START_SEED % 100, START_SEED // 100)


def test_clicking_a_neighbour_on_the_map_goes_there(window, qtbot) -> None:
    seed_map = window.host.widgets["latent"].seed_map
    right = seed_map.rect().center() + QPoint(round(seed_map.cell), 0)
    qtbot.mouseClick(seed_map, Qt.MouseButton.LeftButton, pos=right)
    assert window.context.state.recipe.source == LatentSource.from_seed(START_SEED + 1)


def test_thumbnails_come_when_the_picture_rests(window, qtbot) -> None:
    seed_map = window.host.widgets["latent"].seed_map
    qtbot.waitUntil(lambda: not seed_map.missing_seeds(), timeout=PATIENCE_MS)
    assert seed_map._pictures


def test_thumbnails_stay_while_psi_is_dragged_and_follow_when_it_rests(window, qtbot) -> None:
    window.host.show("mixing")
    dock, mixing = (window.host.widgets[name] for name in ("latent", "mixing"))
    seed_map = dock.seed_map
    qtbot.waitUntil(lambda: not seed_map.missing_seeds(), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: len(mixing._pictures) == len(mixing.tiles), timeout=PATIENCE_MS)
    before = seed_map.key
    for value in (0.3, 0.2, 0.1):
        dock.psi.spin.setValue(value)
    assert not seed_map.missing_seeds() and seed_map.key == before
    assert len(mixing._pictures) == len(mixing.tiles)
    qtbot.waitUntil(lambda: seed_map.key != before, timeout=PATIENCE_MS)
    assert seed_map.key[1] == 0.1
    qtbot.waitUntil(lambda: not seed_map.missing_seeds(), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: len(mixing._pictures) == len(mixing.tiles), timeout=PATIENCE_MS)


def test_map_position_inverts_the_blend() -> None:
    from latent_studio.latent.sampling import seed_blend

    for x, y in ((0.0, 0.0), (3.25, 7.5), (99.5, 2.0), (41.0, 0.125)):
        found = map_position(LatentSource(seed_blend(x, y)))
        assert dict(seed_blend(*found)) == pytest.approx(dict(seed_blend(x, y)))
    assert map_position(LatentSource.from_vector("w", [[0.0]])) is None


def test_every_component_is_there_and_can_be_found(window, qtbot) -> None:
    dock, state = window.host.widgets["components"], window.context.state
    assert len(dock.list.model().numbers) == 16
    window.host.show("components")
    dock.search.setText("7")
    assert dock.list.model().numbers == [7]
    index = dock.list.model().index(0)
    box = dock.list.track_rect(dock.list.visualRect(index))
    points = [QPoint(box.left() + round(box.width() * f), box.center().y()) for f in (0.5, 0.9)]
    view = dock.list.viewport()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=points[0])
    for point in points[1:]:
        qtbot.mouseMove(view, point)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=points[-1])
    (offset,) = state.recipe.offsets
    assert (offset.space, offset.index) == ("w", 7) and offset.amount > 1.5
    assert state.undo_stack.count() == 1
    dock.search.setText("changed")
    assert dock.list.model().numbers == [7]
    dock.list.setCurrentIndex(dock.list.model().index(0))
    qtbot.keyClick(dock.list, Qt.Key.Key_Delete)
    assert state.recipe.offsets == ()


def test_components_of_z_and_w_are_apart(window) -> None:
    dock, state = window.host.widgets["components"], window.context.state
    dock.space.button("z").click()
    dock.list.change(dock.list.model().index(2), 1.0)
    assert [(o.space, o.index, o.amount) for o in state.recipe.offsets] == [("z", 2, 1.0)]
    dock.space.button("w").click()
    assert not any(dock.list.model().amounts.values())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", list(range(30))),
        ("12", [12]),
        ("2", [2, *range(20, 30)]),
        ("3-5, 9", [3, 4, 5, 9]),
        ("99", []),
        ("chang", [4, 8]),
        ("28-40", [28, 29]),
    ],
)
def test_component_search(text: str, found: list[int]) -> None:
    assert matching(text, 30, [4, 8]) == found


def test_a_direction_acts_on_chosen_layers(window, qtbot) -> None:
    row = window.host.widgets["directions"].listed["smile"]
    state = window.context.state
    row.slider.spin.setValue(1.0)
    row.fold.click()
    row.first.setValue(2)
    row.last.setValue(4)
    (entry,) = state.recipe.directions
    assert (entry.amount, entry.first, entry.last) == (1.0, 2, 5)
    row.first.setValue(0)
    row.last.setValue(row.layers - 1)
    (entry,) = state.recipe.directions
    assert (entry.first, entry.last) == (0, None)


def test_directions_are_searchable(window) -> None:
    dock = window.host.widgets["directions"]
    dock.search.setText("gla")
    shown = [name for name, row in dock.listed.items() if row.isVisibleTo(dock)]
    assert shown == ["glasses"]


def test_layers_take_their_own_source_and_strength(window, qtbot, settled) -> None:
    dock, state = window.host.widgets["mixing"], window.context.state
    dock.table.button(3, 2).click()
    dock.table.strength(3).spin.setValue(0.25)
    dock.table.button(1, 1).click()
    layers = {mix.layer: (mix.source.seed, mix.strength) for mix in state.recipe.mixing}
    assert layers == {3: (2, 0.25), 1: (1, 1.0)}
    dock.table.button(3, 0).click()
    assert [mix.layer for mix in state.recipe.mixing] == [1]
    settled(window)


def test_mixing_presets_act_on_the_chosen_source(window) -> None:
    from latent_studio.latent.mixing import layer_groups

    dock, state = window.host.widgets["mixing"], window.context.state
    dock.tiles[3].click()
    dock.presets["middle"].click()
    groups = layer_groups(window.context.state.capabilities.num_ws)
    assert [mix.layer for mix in state.recipe.mixing] == list(groups["middle"])
    assert {mix.source.seed for mix in state.recipe.mixing} == {3}
    dock.seed.stepBy(5)
    assert {mix.source.seed for mix in state.recipe.mixing} == {8}
    dock.tiles[0].click()
    dock.presets["all"].click()
    assert state.recipe.mixing == ()


def test_sources_of_a_foreign_recipe_are_listed(window) -> None:
    dock, state = window.host.widgets["mixing"], window.context.state
    foreign = LatentSource.from_seed(1234)
    state.edit(lambda r: r.with_layer(0, foreign, 0.5))
    assert foreign in dock.sources and len(dock.tiles) == 5
    assert dock.table.button(0, dock.sources.index(foreign) + 1).isChecked()
    dock.tiles[4].click()
    dock.remove.click()
    assert state.recipe.mixing == () and foreign not in dock.sources


def test_cutoff_at_its_end_means_every_layer(window) -> None:
    latent, state = window.host.widgets["latent"], window.context.state
    latent.cutoff.spin.setValue(3)
    assert state.recipe.cutoff == 3
    latent.cutoff.reset()
    assert state.recipe.cutoff is None


def test_noise_seed_shows_only_for_random_noise(window) -> None:
    latent, state = window.host.widgets["latent"], window.context.state
    assert not latent.noise_seed_row.isVisibleTo(latent)
    latent.noise_mode.setCurrentIndex(1)
    latent.noise_mode.activated.emit(1)
    assert state.recipe.noise_mode == "random" and latent.noise_seed_row.isVisibleTo(latent)


def test_tab_passes_by_docks_behind_other_tabs(window, qtbot) -> None:
    host = window.host
    host.show("directions")
    qtbot.waitUntil(lambda: host.is_behind(host.widget("components")), timeout=5000)
    window.host.widget("directions").more.setFocus(Qt.FocusReason.TabFocusReason)
    for _ in range(80):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert not host.is_behind(QApplication.focusWidget())


def test_a_dock_of_the_view_menu_comes_to_the_front(window, qtbot) -> None:
    host = window.host
    toggle = host._toggles["map"]
    assert not toggle.isChecked()
    toggle.trigger()
    qtbot.waitUntil(lambda: not host.is_behind(host.widget("map")), timeout=5000)
    toggle.trigger()
    assert host.docks["map"].isHidden()
