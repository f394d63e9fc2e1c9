"""Several seeds side by side on the canvas."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from latent_studio.ui import theme
from latent_studio.ui.canvas.picture import Picture

GAP = 6.0
MARGIN = 16.0
UNEVEN = 0.8  # how much a last row with gaps is worth


@dataclass
class Tile:
    """One place of the grid; its picture comes later."""

    seed: int
    picture: Picture | None = None


@dataclass
class GridLayer:
    """Tiles and their layout. Knows no widget."""

    tiles: list[Tile] = field(default_factory=list)
    hovered: int = -1
    selected: int = -1

    def reset(self, seeds: Sequence[int], selected: int) -> None:
        """Show these seeds; pictures of seeds that were there stay until new ones come."""
        known = {tile.seed: tile.picture for tile in self.tiles}
        self.tiles = [Tile(seed, known.get(seed)) for seed in seeds]
        self.selected, self.hovered = selected, -1

    def put(self, seed: int, picture: Picture) -> None:
        for tile in self.tiles:
            if tile.seed == seed:
                tile.picture = picture

    def columns(self, size: QSizeF) -> int:
        """As many columns as make the (square) tiles largest; full rows if they are nearly so."""
        count = len(self.tiles)
        if not count:
            return 1

        def worth(columns: int) -> float:
            fair = 1.0 if count % columns == 0 else UNEVEN
            return fair * self._side(size, columns, count)

        return max(range(1, count + 1), key=worth)

    def rect(self, index: int, size: QSizeF) -> QRectF:
        columns = self.columns(size)
        rows = math.ceil(len(self.tiles) / columns)
        side = self._side(size, columns, len(self.tiles))
        left = (size.width() - columns * side - (columns - 1) * GAP) / 2
        top = (size.height() - rows * side - (rows - 1) * GAP) / 2
        row, column = divmod(index, columns)
        return QRectF(left + column * (side + GAP), top + row * (side + GAP), side, side)

    def at(self, point: QPointF, size: QSizeF) -> int:
        """Index of the tile under ``point``, or -1."""
        boxes = (self.rect(index, size) for index in range(len(self.tiles)))
        return next((index for index, box in enumerate(boxes) if box.contains(point)), -1)

    def paint(self, painter: QPainter, size: QSizeF, smooth: bool) -> None:
        colours = theme.colors()
        for index, tile in enumerate(self.tiles):
            box = self.rect(index, size)
            if tile.picture is None:
                painter.fillRect(box, QColor(colours.window))
            else:
                tile.picture.paint(painter, box, smooth)
            if index in (self.selected, self.hovered):
                self._mark(painter, box, tile, index == self.selected)

    def _mark(self, painter: QPainter, box: QRectF, tile: Tile, selected: bool) -> None:
        colours = theme.colors()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.accent if selected else colours.text), 2))
        painter.drawRect(box.adjusted(-2, -2, 2, 2))
        text = str(tile.seed)
        label = QRectF(0, 0, painter.fontMetrics().horizontalAdvance(text) + 12, 20)
        label.moveBottomLeft(box.bottomLeft() + QPointF(4, -4))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawRoundedRect(label, 4, 4)
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)

    @staticmethod
    def _side(size: QSizeF, columns: int, count: int) -> float:
        rows = math.ceil(count / columns)
        width = (size.width() - 2 * MARGIN - (columns - 1) * GAP) / columns
        height = (size.height() - 2 * MARGIN - (rows - 1) * GAP) / rows
        return max(8.0, math.floor(min(width, height)))
