"""Latents on a plane: dots, and more pictures as one comes nearer; a click goes there."""

import math
from collections.abc import Hashable
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from latent_studio.ui import theme
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from latent_studio.latent.latent_map import LatentMap

DOT = 4.0
MIN_SIDE, MAX_SIDE = 34.0, 96.0
LARGE = 64.0  # at least, of the picture that is pointed at or chosen
MAX_PICTURES = 600
MIN_ZOOM, MAX_ZOOM = 0.8, 40.0
REACH = 3.0  # standard deviations from the middle to the edge at first
COLD, WARM = QColor(70, 120, 235), QColor(240, 120, 60)


class LatentMapView(QWidget):
    """``seed_picked(int)`` follows a click or Enter, ``pictures_wanted()`` a look at points that
    have no picture yet (see :meth:`missing`).
    """

    seed_picked = Signal(object)
    pictures_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Map of latents"))
        self.setToolTip(
            tr(
                "Wheel: come nearer; drag: move; click a point to go there.\n"
                "Arrow keys choose a neighbour, Enter goes there, + and − zoom."
            )
        )
        self.message = ""
        self._map: LatentMap | None = None
        self._tints: np.ndarray | None = None
        self._key: Hashable = None
        self._pictures: dict[int, Picture] = {}
        self.zoom, self._centre = 1.0, (0.0, 0.0)
        self.current: int | None = None
        self.chosen = -1
        self._hovered = -1
        self._pressed: QPointF | None = None
        self._grabbed = (0.0, 0.0)
        self._dragging = False
        theme.notifier().changed.connect(self.update)

    # -- what is shown ----------------------------------------------------------------------------

    @property
    def latents(self) -> "LatentMap | None":
        return self._map

    def set_map(self, latents: "LatentMap | None", message: str = "") -> None:
        self._map, self.message = latents, message
        self._tints = None
        self._pictures.clear()
        self.zoom, self._centre = 1.0, (0.0, 0.0)
        self.chosen = self._hovered = -1
        self.update()

    def set_colours(self, values: np.ndarray | None) -> None:
        """Colour points by ``[N]`` standard deviations, or all alike."""
        self._tints = values
        self.update()

    def set_key(self, key: Hashable) -> None:
        """What else the pictures depend on; another key makes the old ones void."""
        if key != self._key:
            self._key = key
            self._pictures.clear()
            self.pictures_wanted.emit()
            self.update()

    def set_current(self, seed: int | None) -> None:
        """Mark the seed that the canvas shows."""
        if seed != self.current:
            self.current = seed
            self.update()

    def put_picture(self, key: Hashable, seed: int, picture: Picture) -> None:
        if key != self._key:
            return
        if len(self._pictures) >= MAX_PICTURES:
            del self._pictures[next(iter(self._pictures))]
        self._pictures[seed] = picture
        self.update()

    def missing(self) -> list[int]:
        """Seeds of :meth:`pictured` without a picture, the nearest to the middle first."""
        if self._map is None:
            return []
        middle = np.array([self.width() / 2, self.height() / 2])
        away = ((self.places() - middle) ** 2).sum(1)
        near = sorted(self.pictured(), key=lambda index: float(away[index]))
        seeds = [int(self._map.seeds[index]) for index in near]
        return [seed for seed in seeds if seed not in self._pictures]

    # -- geometry ---------------------------------------------------------------------------------

    def scale(self) -> float:
        """Pixels a standard deviation."""
        return self.zoom * min(self.width(), self.height()) / (2 * REACH)

    def places(self) -> np.ndarray:
        """``[N, 2]`` pixels of the points."""
        assert self._map is not None
        scale = self.scale()
        offset = np.array([self.width() / 2, self.height() / 2])
        flipped = (self._map.points - np.array(self._centre)) * np.array([1.0, -1.0])
        return np.asarray(flipped * scale + offset)

    def side(self) -> float:
        """Of a picture."""
        if self._map is None:
            return MIN_SIDE
        # Points of a normal plane are about the root of the room of each apart in its middle.
        gap = self.scale() * math.sqrt(2 * math.pi / len(self._map.seeds))
        return min(MAX_SIDE, max(MIN_SIDE, 1.5 * gap))

    def pictured(self) -> list[int]:
        """Points in view that are shown as pictures: as many as do not hide each other. The nearer
        one comes, the more they are; those of low seeds stay.
        """
        if self._map is None:
            return []
        places, side = self.places(), self.side()
        size = np.array([self.width(), self.height()])
        inside = ((places > -side / 2) & (places < size + side / 2)).all(1)
        kept: list[int] = []
        for index in np.flatnonzero(inside):
            apart = np.abs(places[kept] - places[index]).max(1)
            if not kept or apart.min() >= side:
                kept.append(int(index))
        return kept

    def under(self, point: QPointF) -> int:
        """Index of what is under the hand: the topmost picture, else the nearest dot; or -1."""
        if self._map is None:
            return -1
        away = self.places() - np.array([point.x(), point.y()])
        side = self.side()
        chosen = self.chosen
        if chosen >= 0 and self._picture_of(chosen) and _reaches(away[chosen], max(side, LARGE)):
            return chosen  # its picture is larger, and above all others
        for index in reversed(self.pictured()):
            if self._picture_of(index) and _reaches(away[index], side):
                return index
        distances = np.hypot(*away.T)
        index = int(np.argmin(distances))
        return index if distances[index] <= side / 2 else -1

    def _picture_of(self, index: int) -> Picture | None:
        assert self._map is not None
        return self._pictures.get(int(self._map.seeds[index]))

    # -- painting ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(280, 280)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 120)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(colours.canvas))
        if self._map is None:
            painter.setPen(QColor(colours.muted))
            inner = self.rect().adjusted(12, 12, -12, -12)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(inner, flags, self.message)
        else:
            self._paint_points(painter)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.accent if self.hasFocus() else colours.border), 1))
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _paint_points(self, painter: QPainter) -> None:
        assert self._map is not None
        places, side = self.places(), self.side()
        reach = QRectF(self.rect()).adjusted(-side, -side, side, side)
        pictured = self.pictured()
        small = set(pictured)
        last = [index for index in (self._hovered, self.chosen) if index >= 0]
        dots = [i for i in range(len(places)) if i not in small and i not in last]
        order = [*dots, *(i for i in pictured if i not in last), *last]
        for index in order:
            point = QPointF(*places[index])
            if not reach.contains(point):
                continue
            seed = int(self._map.seeds[index])
            marked = index in last or seed == self.current
            seen = index in small or index in last
            picture = self._picture_of(index) if seen else None
            if picture is None:
                self._paint_dot(painter, point, index, marked)
            else:
                room = max(side, LARGE) if index in last else side
                self._paint_picture(painter, point, index, picture, room, marked)

    def _paint_dot(self, painter: QPainter, point: QPointF, index: int, marked: bool) -> None:
        painter.setPen(QPen(QColor(theme.colors().text), 1.5) if marked else Qt.PenStyle.NoPen)
        painter.setBrush(self._tint(index))
        radius = DOT * (1.7 if marked else 1.0)
        painter.drawEllipse(point, radius, radius)

    def _paint_picture(
        self,
        painter: QPainter,
        point: QPointF,
        index: int,
        picture: Picture,
        side: float,
        marked: bool,
    ) -> None:
        box = QRectF(point.x() - side / 2, point.y() - side / 2, side, side)
        picture.paint(painter, box, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if marked:
            painter.setPen(QPen(QColor(theme.colors().accent), 2.5))
            painter.drawRect(box)
        elif self._tints is not None:
            painter.setPen(QPen(self._tint(index), 2.5))
            painter.drawRect(box.adjusted(1, 1, -1, -1))

    def _tint(self, index: int) -> QColor:
        if self._tints is None:
            return QColor(theme.colors().accent)
        share = min(1.0, max(0.0, (float(self._tints[index]) + 2.0) / 4.0))
        mixed = [
            round(a * (1 - share) + b * share)
            for a, b in zip(COLD.getRgb()[:3], WARM.getRgb()[:3], strict=True)
        ]
        return QColor(*mixed)

    # -- hands ------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._grabbed = event.position(), self._centre
            self._dragging = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._pressed is None:
            index = self.under(event.position())
            if index != self._hovered:
                self._hovered = index
                shape = (
                    Qt.CursorShape.PointingHandCursor if index >= 0 else Qt.CursorShape.ArrowCursor
                )
                self.setCursor(shape)
                self.update()
            return
        delta = event.position() - self._pressed
        if self._dragging or delta.manhattanLength() >= QApplication.startDragDistance():
            self._dragging = True
            x, y = self._grabbed
            self._look(x - delta.x() / self.scale(), y + delta.y() / self.scale())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        self._pressed = None
        index = -1 if self._dragging else self.under(event.position())
        if index >= 0:
            self._pick(index)

    def leaveEvent(self, event: object) -> None:
        if self._hovered >= 0:
            self._hovered = -1
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._zoom_by(1.2 ** (event.angleDelta().y() / 120), event.position())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1.0, 0.0),
            Qt.Key.Key_Right: (1.0, 0.0),
            Qt.Key.Key_Up: (0.0, 1.0),
            Qt.Key.Key_Down: (0.0, -1.0),
        }
        step = steps.get(Qt.Key(event.key()))
        middle = QPointF(self.width() / 2, self.height() / 2)
        if self._map is None:
            super().keyPressEvent(event)
        elif step is not None:
            self._choose_towards(np.array(step))
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self._zoom_by(1.25, middle)
        elif event.key() == Qt.Key.Key_Minus:
            self._zoom_by(0.8, middle)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.chosen >= 0:
            self._pick(self.chosen)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: object) -> None:
        self.pictures_wanted.emit()

    def _pick(self, index: int) -> None:
        assert self._map is not None
        self.chosen = index
        self.seed_picked.emit(int(self._map.seeds[index]))
        self.update()

    def _choose_towards(self, step: np.ndarray) -> None:
        """The nearest point on that side of the chosen one (or of the middle)."""
        assert self._map is not None
        points = self._map.points
        at = points[self.chosen] if self.chosen >= 0 else np.array(self._centre)
        away = points - at
        along = away @ step
        across = np.abs(away @ np.array([step[1], step[0]]))
        cost = np.where(along > 1e-6, np.hypot(along, 2 * across), np.inf)
        index = int(np.argmin(cost))
        if np.isfinite(cost[index]):
            self.chosen = index
            self._look(*(float(value) for value in points[index]))

    def _zoom_by(self, factor: float, at: QPointF) -> None:
        """What lies under ``at`` stays there."""
        before = self.scale()
        self.zoom = min(MAX_ZOOM, max(MIN_ZOOM, self.zoom * factor))
        shift = 1 / before - 1 / self.scale()
        x = self._centre[0] + (at.x() - self.width() / 2) * shift
        y = self._centre[1] - (at.y() - self.height() / 2) * shift
        self._look(x, y)

    def _look(self, x: float, y: float) -> None:
        self._centre = (min(5.0, max(-5.0, x)), min(5.0, max(-5.0, y)))
        self.pictures_wanted.emit()
        self.update()


def _reaches(away: np.ndarray, side: float) -> bool:
    """Whether a picture of ``side`` reaches as far as that from its middle."""
    return bool(np.abs(away).max() <= side / 2)
