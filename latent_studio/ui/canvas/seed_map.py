"""A map of seeds to wander on: every whole-numbered point is a seed, between them they blend.

The map ends above seed 0: cells without a seed stay empty, and the hand cannot go there.

The point under the cross in the middle is what the picture shows; dragging moves the map below it,
a click goes to a neighbour. Thumbnails come from the render thread when it has nothing better to
do; without them the map shows the numbers.
"""

import math
from collections.abc import Hashable, Iterator
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from latent_studio.recipe import MAX_SEED
from latent_studio.ui import theme
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.i18n import tr

COLUMNS = 100  # of the endless map, as in latent.sampling.seed_blend
MIN_CELL, MAX_CELL = 36.0, 144.0
FINE_STEP = 0.1
MAX_KEPT = 400
CROSS_SIDE = 20


def seed_at(column: int, row: int) -> int | None:
    """The seed of a whole-numbered point; None where there is none."""
    seed = column + row * COLUMNS
    return seed if 0 <= seed <= MAX_SEED else None


def on_map(x: float, y: float) -> tuple[float, float]:
    """The nearest point whose neighbours all are seeds."""
    y = min(max(y, 0.0), float(MAX_SEED // COLUMNS))
    lowest, highest = -COLUMNS * math.floor(y), MAX_SEED - COLUMNS * math.ceil(y)
    return float(min(max(x, lowest), highest)), y


class SeedMap(QWidget):
    """``moved(x, y)`` follows the hand, ``edit_finished()`` its release; ``thumbnails_wanted()``
    tells that seeds came into view that have no picture yet (see :meth:`missing_seeds`).
    """

    moved = Signal(float, float)
    edit_finished = Signal()
    thumbnails_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setAccessibleName(tr("Seed map"))
        self.setToolTip(
            tr(
                "Drag to wander between seeds; click a neighbour to go there.\n"
                "Arrow keys: next seed, with Shift a tenth of the way. Wheel: zoom."
            )
        )
        self.x, self.y = 0.0, 0.0
        self.cell = 64.0
        self.active = True
        self._pictures: dict[int, Picture] = {}
        self._tiles: dict[int, QPixmap] = {}  # the pictures at the size of a cell
        self._cross: tuple[Hashable, QPixmap] | None = None
        self.key: Any = None
        self._pressed: QPointF | None = None
        self._start = (0.0, 0.0)
        self._dragging = False
        theme.notifier().changed.connect(self.update)

    def set_position(self, x: float, y: float) -> None:
        """Show another point without telling anybody."""
        if self.active and (x, y) == (self.x, self.y):
            return
        self.active = True
        self.x, self.y = x, y
        self.thumbnails_wanted.emit()
        self.update()

    def set_inactive(self) -> None:
        """The picture comes from an explicit vector, which has no place here."""
        if self.active:
            self.active = False
            self.update()

    def set_key(self, key: Hashable) -> None:
        """What else the thumbnails depend on; another key makes the old ones void."""
        if key != self.key:
            self.key = key
            self._pictures.clear()
            self._tiles.clear()
            self.thumbnails_wanted.emit()
            self.update()

    def put_thumbnail(self, key: Hashable, seed: int, picture: Picture) -> None:
        if key != self.key:
            return
        if len(self._pictures) >= MAX_KEPT:
            oldest = next(iter(self._pictures))
            del self._pictures[oldest]
            self._tiles.pop(oldest, None)
        self._pictures[seed] = picture
        self._tiles.pop(seed, None)
        for column, row in self._cells():
            if seed_at(column, row) == seed:
                self.update(self._cell_rect(column, row).toAlignedRect())

    def missing_seeds(self) -> list[int]:
        """Seeds in view without a picture, the nearest first."""
        cells = sorted(self._cells(), key=lambda c: math.hypot(c[0] - self.x, c[1] - self.y))
        seeds = dict.fromkeys(seed_at(column, row) for column, row in cells)
        return [seed for seed in seeds if seed is not None and seed not in self._pictures]

    # -- painting ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(260, 168)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 110)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colors()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.canvas))
        painter.setOpacity(1.0 if self.active else 0.35)
        for column, row in self._cells():
            if self._cell_rect(column, row).intersects(QRectF(event.rect())):
                self._paint_cell(painter, column, row)
        if self.active:
            self._paint_cross(painter)
        painter.setOpacity(1.0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.accent if self.hasFocus() else colours.border), 1))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _paint_cell(self, painter: QPainter, column: int, row: int) -> None:
        box = self._cell_rect(column, row).adjusted(1.5, 1.5, -1.5, -1.5)
        seed = seed_at(column, row)
        if seed is None:
            return
        if seed in self._pictures:
            painter.drawPixmap(box.topLeft(), self._tile(seed))
            return
        painter.fillRect(box, QColor(theme.colors().window))
        painter.setPen(QColor(theme.colors().faint))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(seed))

    def _tile(self, seed: int) -> QPixmap:
        """A picture at the size of a cell, filtered once and not at every move."""
        side, scale = self.cell - 3.0, self.devicePixelRatioF()
        pixels = round(side * scale)
        tile = self._tiles.get(seed)
        if tile is None or tile.width() != pixels or tile.devicePixelRatio() != scale:
            tile = QPixmap(pixels, pixels)
            tile.setDevicePixelRatio(scale)
            tile.fill(Qt.GlobalColor.transparent)
            painter = QPainter(tile)
            self._pictures[seed].paint(painter, QRectF(0, 0, side, side), True)
            painter.end()
            self._tiles[seed] = tile
        return tile

    def _paint_cross(self, painter: QPainter) -> None:
        """The mark in the middle, drawn once a theme and screen."""
        key = (theme.colors().accent, self.devicePixelRatioF())
        if self._cross is None or self._cross[0] != key:
            self._cross = (key, self._make_cross())
        half = CROSS_SIDE / 2
        painter.drawPixmap(
            QPointF(self.width() / 2 - half, self.height() / 2 - half), self._cross[1]
        )

    def _make_cross(self) -> QPixmap:
        scale = self.devicePixelRatioF()
        cross = QPixmap(round(CROSS_SIDE * scale), round(CROSS_SIDE * scale))
        cross.setDevicePixelRatio(scale)
        cross.fill(Qt.GlobalColor.transparent)
        painter = QPainter(cross)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QPointF(CROSS_SIDE / 2, CROSS_SIDE / 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(QColor(0, 0, 0, 150), 4), QPen(QColor(theme.colors().accent), 2)):
            painter.setPen(pen)
            painter.drawEllipse(middle, 7, 7)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(255, 255, 255))
        painter.drawEllipse(middle, 2, 2)
        painter.end()
        return cross

    def _cells(self) -> Iterator[tuple[int, int]]:
        across, down = self.width() / 2 / self.cell + 0.5, self.height() / 2 / self.cell + 0.5
        for row in range(math.ceil(self.y - down), math.floor(self.y + down) + 1):
            for column in range(math.ceil(self.x - across), math.floor(self.x + across) + 1):
                yield column, row

    def _cell_rect(self, column: int, row: int) -> QRectF:
        middle_x = self.width() / 2 + (column - self.x) * self.cell
        middle_y = self.height() / 2 + (row - self.y) * self.cell
        return QRectF(middle_x - self.cell / 2, middle_y - self.cell / 2, self.cell, self.cell)

    # -- hands ------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._start = event.position(), (self.x, self.y)
            self._dragging = False
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        delta = event.position() - self._pressed
        if not self._dragging:
            enough = QApplication.startDragDistance() / 2
            self._dragging = QPoint(delta.toPoint()).manhattanLength() >= enough
        if self._dragging:
            self._go(self._start[0] - delta.x() / self.cell, self._start[1] - delta.y() / self.cell)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            return
        if not self._dragging:
            across = (event.position().x() - self.width() / 2) / self.cell
            down = (event.position().y() - self.height() / 2) / self.cell
            self._go(round(self.x + across), round(self.y + down))
        self._pressed, self._dragging = None, False
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.edit_finished.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        factor = 1.15 ** (event.angleDelta().y() / 120)
        self.cell = min(MAX_CELL, max(MIN_CELL, self.cell * factor))
        self.thumbnails_wanted.emit()
        self.update()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            x, y = self.x + FINE_STEP * step[0], self.y + FINE_STEP * step[1]
            self._go(round(x, 6), round(y, 6))
        else:
            self._go(round(self.x) + step[0], round(self.y) + step[1])

    def resizeEvent(self, event: object) -> None:
        self.thumbnails_wanted.emit()

    def _go(self, x: float, y: float) -> None:
        self.set_position(*on_map(float(x), float(y)))
        self.moved.emit(self.x, self.y)
