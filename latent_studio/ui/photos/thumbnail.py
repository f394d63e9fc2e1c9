"""A small picture of any size, painted square."""

import numpy as np
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from latent_studio.ui import theme
from latent_studio.ui.canvas.picture import Picture

SIDE = 168


def as_bgra(pixels: np.ndarray) -> np.ndarray:
    """uint8 ``[H, W, 1 or 3]`` to ``[H, W, 4]`` as Qt paints it."""
    result = np.full((*pixels.shape[:2], 4), 255, np.uint8)
    result[:, :, :3] = pixels[:, :, ::-1] if pixels.shape[2] == 3 else pixels
    return result


class Thumbnail(QWidget):
    """Shows pixels, or an empty square."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(SIDE, SIDE)
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.picture: Picture | None = None

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    def show_pixels(self, pixels: np.ndarray | None) -> None:
        """uint8 ``[H, W, C]``, or None."""
        self.picture = None if pixels is None else Picture(as_bgra(pixels))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.colors().canvas))
        if self.picture is not None:
            self.picture.paint(painter, QRectF(self.rect()), True)
        painter.end()
