"""What a tool of the canvas is: it paints over the picture and takes the mouse first."""

from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter


class Overlay(Protocol):
    """Coordinates are the canvas's; ``box`` is where the picture is painted."""

    def paint(self, painter: QPainter, box: QRectF) -> None:
        """Paint over the picture."""

    def press(self, event: QMouseEvent, box: QRectF) -> bool:
        """A button went down; True takes all that follows until it is released."""
        ...

    def move(self, event: QMouseEvent, box: QRectF) -> None:
        """The mouse moved while a press is taken."""

    def release(self, event: QMouseEvent, box: QRectF) -> None:
        """The button of the press came up."""

    def cursor(self, point: QPointF, box: QRectF) -> Qt.CursorShape:
        """The shape of the pointer there."""
        ...
