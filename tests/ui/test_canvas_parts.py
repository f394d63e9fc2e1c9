"""The Qt-free arithmetic of the canvas, and its pictures."""

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QSizeF

from latent_studio.ui.canvas.grid_layer import GridLayer
from latent_studio.ui.canvas.picture import Picture, enlarge, is_smooth, wrap_pixels
from latent_studio.ui.canvas.view import MARGIN, MAX_ZOOM, View

CANVAS, PICTURE = QSizeF(800, 600), QSizeF(64, 64)


def test_a_fitted_picture_is_centred_and_whole() -> None:
    box = View().rect(CANVAS, PICTURE)
    assert box.center() == QPointF(400, 300)
    assert box.height() == pytest.approx(600 - 2 * MARGIN)


@pytest.mark.parametrize("factor", [0.5, 1.25, 3.0])
def test_zoom_keeps_what_lies_under_the_mouse(factor: float) -> None:
    view, at = View(), QPointF(330, 250)
    old = view.rect(CANVAS, PICTURE)
    new = view.zoomed(factor, at, CANVAS, PICTURE).rect(CANVAS, PICTURE)
    for box in (old, new):
        assert (at.x() - box.left()) / box.width() == pytest.approx(
            (330 - old.left()) / old.width()
        )
        assert (at.y() - box.top()) / box.height() == pytest.approx(
            (250 - old.top()) / old.height()
        )


def test_zoom_and_pan_cannot_lose_the_picture() -> None:
    view = View()
    for _ in range(50):
        view = view.zoomed(2.0, QPointF(0, 0), CANVAS, PICTURE)
    assert view.zoom == MAX_ZOOM
    view = view.panned(QPointF(1e6, -1e6), CANVAS, PICTURE)
    assert view.rect(CANVAS, PICTURE).contains(QPointF(400, 300))


def test_wrapping_does_not_copy() -> None:
    pixels = np.zeros((8, 16, 4), np.uint8)
    image = wrap_pixels(pixels)
    pixels[3, 5] = (10, 20, 30, 255)
    colour = image.pixelColor(5, 3)
    assert (colour.blue(), colour.green(), colour.red()) == (10, 20, 30)


def test_a_picture_keeps_its_pixels_alive() -> None:
    picture = Picture(np.full((32, 32, 4), 77, np.uint8))
    junk = [np.random.default_rng(n).integers(0, 255, (32, 32, 4), np.uint8) for n in range(50)]
    assert picture.image.pixelColor(31, 31).red() == 77
    assert len(junk) == 50


@pytest.mark.parametrize(
    ("side", "factor"), [(16, 4), (48, 4), (64, 2), (128, 2), (129, 1), (300, 1)]
)
def test_small_pictures_are_enlarged_for_smooth_painting(side: int, factor: int) -> None:
    pixels = np.full((side, side, 4), 100, np.uint8)
    large = enlarge(pixels)
    assert large.shape == (side * factor, side * factor, 4)
    assert (large[:, :, :3] == 100).all()


def test_scaling_is_smooth_unless_zoomed_in_by_hand() -> None:
    assert is_smooth("auto", 12.0, fitted=True)
    assert not is_smooth("auto", 12.0, fitted=False)
    assert is_smooth("auto", 2.0, fitted=False)
    assert is_smooth("smooth", 60.0, fitted=False) and not is_smooth("nearest", 1.0, fitted=True)


@pytest.mark.parametrize("count", [1, 4, 9, 16, 20])
@pytest.mark.parametrize("size", [QSizeF(800, 600), QSizeF(300, 900)])
def test_tiles_lie_inside_and_apart(count: int, size: QSizeF) -> None:
    grid = GridLayer()
    grid.reset(range(count), 0)
    boxes = [grid.rect(index, size) for index in range(count)]
    for index, box in enumerate(boxes):
        assert box.left() >= 0 and box.right() <= size.width()
        assert box.top() >= 0 and box.bottom() <= size.height()
        assert grid.at(box.center(), size) == index
        assert not any(box.intersects(other) for other in boxes[:index])


def test_tiles_keep_their_pictures_while_new_ones_are_made() -> None:
    grid = GridLayer()
    grid.reset([1, 2, 3], 0)
    picture = Picture(np.zeros((4, 4, 4), np.uint8))
    grid.put(2, picture)
    grid.reset([2, 3, 4], 0)
    assert [tile.picture for tile in grid.tiles] == [picture, None, None]
