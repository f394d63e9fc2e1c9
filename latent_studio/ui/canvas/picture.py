"""Pixels to something that a widget can paint."""

import numpy as np
from PIL import Image
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

TINY, SMALL = 48, 128  # sides up to which pictures are enlarged before Qt's bilinear filter
NEAREST_FROM = 8.0  # "auto" shows pixels as squares from this zoom on


def wrap_pixels(pixels: np.ndarray) -> QImage:
    """A ``QImage`` over ``[H, W, 4]`` uint8 (B, G, R, 255) without a copy.

    The image keeps ``pixels`` alive.
    """
    height, width = pixels.shape[:2]
    image = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB32)
    image.keeps_alive = pixels  # type: ignore[attr-defined]
    return image


def enlarge(pixels: np.ndarray) -> np.ndarray:
    """Small pictures twice, tiny ones four times as large (Lanczos), for smooth painting.

    This is done for every frame of a drag: faces of 64×64 enlarged four times look the same (48 dB)
    and take three times as long.
    """
    height, width = pixels.shape[:2]
    side = max(height, width)
    if side > SMALL:
        return pixels
    factor = 4 if side <= TINY else 2
    picture = Image.frombuffer("RGBX", (width, height), np.ascontiguousarray(pixels).data)
    size = (width * factor, height * factor)
    large = np.array(picture.resize(size, Image.Resampling.LANCZOS))
    large[:, :, 3] = 255
    return large


class Picture:
    """A picture to paint at any scale: its exact pixels, and (made when needed) a smooth one."""

    def __init__(self, pixels: np.ndarray) -> None:
        self.pixels = pixels
        self.image = wrap_pixels(pixels)
        self._smooth: QImage | None = None

    @property
    def width(self) -> int:
        return self.image.width()

    @property
    def height(self) -> int:
        return self.image.height()

    def paint(self, painter: QPainter, box: QRectF, smooth: bool) -> None:
        """Paint the whole picture into ``box``."""
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        enlarged = smooth and box.width() > 1.3 * self.width
        painter.drawImage(box, self._smoothed() if enlarged else self.image)

    def copy_image(self) -> QImage:
        """An image of its own, for the clipboard."""
        return self.image.copy()

    def _smoothed(self) -> QImage:
        if self._smooth is None:
            self._smooth = wrap_pixels(enlarge(self.pixels))
        return self._smooth


def is_smooth(choice: str, zoom: float, fitted: bool) -> bool:
    """Whether to filter: ``smooth``, ``nearest``, or ``auto`` (squares when zoomed in by hand)."""
    if choice == "auto":
        return fitted or zoom < NEAREST_FROM
    return choice == "smooth"
