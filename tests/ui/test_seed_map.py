"""The seed map without a window: its edges, and how little of it is painted."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from latent_studio.recipe import MAX_SEED
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.canvas.seed_map import SeedMap, on_map, seed_at


@pytest.fixture
def seed_map(qtbot) -> SeedMap:
    made = SeedMap()
    qtbot.addWidget(made)
    made.resize(320, 200)
    made.show()
    qtbot.waitExposed(made)
    return made


def fill(seed_map: SeedMap) -> None:
    for seed in seed_map.missing_seeds():
        pixels = np.full((16, 16, 4), seed % 256, np.uint8)
        seed_map.put_thumbnail(None, seed, Picture(pixels))


def test_there_are_no_seeds_below_zero_or_beyond_the_last() -> None:
    assert seed_at(42, 0) == 42 and seed_at(-1, 1) == 99
    assert seed_at(-1, 0) is None and seed_at(42, -1) is None
    assert seed_at(MAX_SEED % 100 + 1, MAX_SEED // 100) is None


@pytest.mark.parametrize("point", [(0.5, -3.2), (-7.5, 0.4), (-250.0, 2.6), (1e12, 1e12), (3, 4)])
def test_the_hand_stays_where_every_neighbour_is_a_seed(point: tuple[float, float]) -> None:
    from latent_studio.latent.sampling import seed_blend

    x, y = on_map(*point)
    around = [seed for seed, _ in seed_blend(x, y)]
    assert max(around) - min(around) <= 101  # none of them wraps
    assert on_map(x, y) == (x, y)


def test_dragging_over_the_edge_stops_at_it(seed_map, qtbot) -> None:
    middle = seed_map.rect().center()
    qtbot.mousePress(seed_map, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(seed_map, middle + QPoint(90, 60))
    qtbot.mouseRelease(seed_map, Qt.MouseButton.LeftButton, pos=middle + QPoint(90, 60))
    assert (seed_map.x, seed_map.y) == (0.0, 0.0)
    assert all(0 <= seed < 1000 for seed in seed_map.missing_seeds())


def test_thumbnails_are_filtered_once(seed_map, qtbot) -> None:
    seed_map.set_position(42, 2)
    fill(seed_map)
    seed_map.grab()
    tiles = dict(seed_map._tiles)
    assert len(tiles) >= 9
    seed_map.set_position(42.25, 2)
    fill(seed_map)
    seed_map.grab()
    assert all(seed_map._tiles[seed] is tile for seed, tile in tiles.items())
    seed_map.cell *= 1.5
    seed_map.grab()
    assert seed_map._tiles[242] is not tiles[242] and seed_map._tiles[242].width() > 64


def test_what_did_not_change_is_not_painted(seed_map, qtbot, monkeypatch) -> None:
    seed_map.set_position(42, 2)
    qtbot.wait(50)
    asked = []
    monkeypatch.setattr(seed_map, "update", lambda *box: asked.append(box))
    seed_map.set_position(42, 2)
    assert not asked
    seed_map.put_thumbnail(None, 242, Picture(np.zeros((8, 8, 4), np.uint8)))
    (box,) = asked[0]
    assert box.width() <= seed_map.cell + 2 and box.contains(seed_map.rect().center())
