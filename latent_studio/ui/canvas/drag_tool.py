"""The canvas tool that sets points to drag and paints the mask. It starts nothing by itself."""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QImage, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication

Mode: TypeAlias = Literal["points", "draw", "erase"]
Point: TypeAlias = tuple[float, float]
GRAB = 12.0
DOT = 5.5
HANDLE, TARGET = QColor("#e5484d"), QColor("#3e8ef7")


@dataclass
class Pair:
    """A handle and its target, in pixels of the picture; a target is None until it is set."""

    handle: Point
    target: Point | None = None


@dataclass(frozen=True, eq=False)
class Marks:
    """Points and mask as they were at some moment, for pictures of ``side`` pixels."""

    side: int
    pairs: tuple[tuple[Point, Point | None], ...]
    mask: np.ndarray | None

    def same(self, other: "Marks") -> bool:
        return self.pairs == other.pairs and _same_mask(self.mask, other.mask)


class DragTool(QObject):
    """Clicks set a handle, then its target; a pull sets both at once. Both can be moved. With the
    brush, the mask grows or shrinks: what may change.

    ``points_changed()`` and ``mask_changed()`` tell of every edit, ``repaint_wanted()`` of
    everything that is seen, ``edited(Marks, Marks)`` of one step of the hand: what was, what is.
    """

    points_changed = Signal()
    edited = Signal(object, object)
    mask_changed = Signal()
    repaint_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.side = 64
        self.mode: Mode = "points"
        self.brush = 6.0
        self.pairs: list[Pair] = []
        self.mask: np.ndarray | None = None
        """bool ``[side, side]``, True where things may change; None: everywhere."""
        self.locked = False
        self._held: tuple[int, str] | None = None
        self._pulled_from: QPointF | None = None  # where a new handle was pressed
        self._veil: QImage | None = None
        self._brush_at: QPointF | None = None
        self._settled = self.marks()

    # -- what is set ------------------------------------------------------------------------------

    @property
    def complete(self) -> list[tuple[Point, Point]]:
        """Handles that have a target."""
        return [(pair.handle, pair.target) for pair in self.pairs if pair.target is not None]

    def marks(self) -> Marks:
        pairs = tuple((pair.handle, pair.target) for pair in self.pairs)
        return Marks(self.side, pairs, None if self.mask is None else self.mask.copy())

    def set_marks(self, marks: Marks) -> None:
        """Back to what was; not while a drag runs, nor from pictures of another size."""
        if self.locked or marks.side != self.side:
            return
        self._held, self._veil = None, None
        self.mask = None if marks.mask is None else marks.mask.copy()
        self.mask_changed.emit()
        self.set_pairs([Pair(handle, target) for handle, target in marks.pairs])

    def finish_edit(self) -> None:
        """The hand has done one thing, by the canvas or by a panel: a step of its own."""
        before, self._settled = self._settled, self.marks()
        if not before.same(self._settled):
            self.edited.emit(before, self._settled)

    def set_side(self, side: int) -> None:
        """Another model's pictures: points and mask start anew if the size differs."""
        if side != self.side:
            self.side = side
            self.clear_mask()
            self.clear_points()

    def set_pairs(self, pairs: list[Pair]) -> None:
        """Other points, as nobody's edit; see :meth:`edit_pairs`."""
        self.pairs = pairs
        self._settled = self.marks()
        self.points_changed.emit()
        self.repaint_wanted.emit()

    def edit_pairs(self, pairs: list[Pair]) -> None:
        """Other points by hand."""
        self.pairs = pairs
        self.points_changed.emit()
        self.repaint_wanted.emit()
        self.finish_edit()

    def move_handles(self, points: tuple[Point, ...]) -> None:
        """The drag has found the handles elsewhere; silent."""
        moving = [pair for pair in self.pairs if pair.target is not None]
        for pair, point in zip(moving, points, strict=False):
            pair.handle = point
        self._settled = self.marks()
        self.repaint_wanted.emit()

    def clear_points(self) -> None:
        self._held = None
        self.set_pairs([])

    def clear_mask(self) -> None:
        self.mask, self._veil = None, None
        self.mask_changed.emit()
        self.repaint_wanted.emit()

    def set_mode(self, mode: Mode) -> None:
        self.mode = mode
        self.repaint_wanted.emit()

    # -- places -----------------------------------------------------------------------------------

    def to_pixels(self, point: QPointF, box: QRectF) -> Point:
        """From the canvas to the picture, where the middle of the first pixel is (0, 0)."""
        x = (point.x() - box.left()) / max(1e-9, box.width()) * self.side - 0.5
        y = (point.y() - box.top()) / max(1e-9, box.height()) * self.side - 0.5
        return _inside(x, self.side), _inside(y, self.side)

    def to_canvas(self, point: Point, box: QRectF) -> QPointF:
        x = box.left() + (point[0] + 0.5) / self.side * box.width()
        y = box.top() + (point[1] + 0.5) / self.side * box.height()
        return QPointF(x, y)

    def _at(self, point: QPointF, box: QRectF) -> tuple[int, str] | None:
        """The point under the hand: the nearest one within reach."""
        found: list[tuple[float, int, str]] = []
        for index, pair in enumerate(self.pairs):
            for name in ("target", "handle"):
                place = getattr(pair, name)
                if place is not None:
                    away = self.to_canvas(place, box) - point
                    found.append((math.hypot(away.x(), away.y()), index, name))
        nearest = min(found, default=(math.inf, 0, ""), key=lambda entry: entry[0])
        return (nearest[1], nearest[2]) if nearest[0] <= GRAB else None

    # -- hands ------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent, box: QRectF) -> bool:
        point = event.position()
        if self.locked or not box.contains(point):
            return False
        if self.mode != "points":
            self._paint_mask(point, box)
            return True
        self._held, self._pulled_from = self._at(point, box), None
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            if self._held is not None:
                self.remove(self._held[0])
            return True
        if self._held is None:
            self._add(point, box)
        return True

    def move(self, event: QMouseEvent, box: QRectF) -> None:
        if self.mode != "points":
            self._paint_mask(event.position(), box)
        elif self._held is not None:
            index, name = self._held
            self._bring(self.pairs[index], name, event.position(), box)
            self.points_changed.emit()
            self.repaint_wanted.emit()

    def _bring(self, pair: Pair, name: str, point: QPointF, box: QRectF) -> None:
        """What is held comes to ``point``; a new handle stays, and its target is pulled there."""
        place = self.to_pixels(point, box)
        if self._pulled_from is None:
            setattr(pair, name, place)
        else:  # a hand that trembles on a click, or comes back, pulls nothing
            far = math.hypot(*(point - self._pulled_from).toTuple())
            pair.target = place if far >= QApplication.startDragDistance() else None

    def release(self, event: QMouseEvent, box: QRectF) -> None:
        self._held = self._brush_at = self._pulled_from = None
        self.repaint_wanted.emit()
        self.finish_edit()

    def cursor(self, point: QPointF, box: QRectF) -> Qt.CursorShape:
        if self.locked or not box.contains(point):
            return Qt.CursorShape.ArrowCursor
        if self.mode == "points" and self._at(point, box) is not None:
            return Qt.CursorShape.SizeAllCursor
        return Qt.CursorShape.CrossCursor

    def remove(self, index: int) -> None:
        self._held = None
        self.edit_pairs([pair for i, pair in enumerate(self.pairs) if i != index])

    def _add(self, point: QPointF, box: QRectF) -> None:
        """A new handle, to be clicked or pulled; or the target of the last one, which can be moved
        on while it is held.
        """
        place = self.to_pixels(point, box)
        if self.pairs and self.pairs[-1].target is None:
            self.pairs[-1].target = place
            self._held = len(self.pairs) - 1, "target"
        else:
            self.pairs.append(Pair(place))
            self._held, self._pulled_from = (len(self.pairs) - 1, "handle"), point
        self.points_changed.emit()
        self.repaint_wanted.emit()

    def _paint_mask(self, point: QPointF, box: QRectF) -> None:
        if self.mask is None:
            # The first stroke says where things may change; erasing begins from everywhere.
            self.mask = np.full((self.side, self.side), self.mode == "erase")
        self._brush_at = point
        x, y = self.to_pixels(point, box)
        rows, columns = np.ogrid[: self.side, : self.side]
        self.mask[(columns - x) ** 2 + (rows - y) ** 2 <= self.brush**2] = self.mode == "draw"
        self._veil = None
        self.mask_changed.emit()
        self.repaint_wanted.emit()

    # -- painting ---------------------------------------------------------------------------------

    def paint(self, painter: QPainter, box: QRectF) -> None:
        painter.save()
        if self.mask is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(box, self._veiled(self.mask))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pair in self.pairs:
            self._paint_pair(painter, pair, box)
        if self._brush_at is not None and self.mode != "points":
            radius = self.brush / self.side * box.width()
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(255, 255, 255, 200), 1.2))
            painter.drawEllipse(self._brush_at, radius, radius)
        painter.restore()

    def _paint_pair(self, painter: QPainter, pair: Pair, box: QRectF) -> None:
        start = self.to_canvas(pair.handle, box)
        if pair.target is not None:
            end = self.to_canvas(pair.target, box)
            for pen in (QPen(QColor(0, 0, 0, 150), 4.0), QPen(QColor(255, 255, 255, 230), 1.6)):
                pen.setCapStyle(Qt.PenCapStyle.RoundCap)
                painter.setPen(pen)
                painter.drawLine(start, end)
            _dot(painter, end, TARGET)
        _dot(painter, start, HANDLE)

    def _veiled(self, mask: np.ndarray) -> QImage:
        """A dark veil over what has to stay."""
        if self._veil is None:
            pixels = np.zeros((self.side, self.side, 4), np.uint8)
            pixels[~mask, 3] = 150
            image = QImage(pixels.data, self.side, self.side, QImage.Format.Format_ARGB32)
            self._veil = image.copy()
        return self._veil


def _dot(painter: QPainter, at: QPointF, colour: QColor) -> None:
    painter.setPen(QPen(QColor(255, 255, 255), 1.6))
    painter.setBrush(QBrush(colour))
    painter.drawEllipse(at, DOT, DOT)


def _inside(value: float, side: int) -> float:
    return min(side - 1.0, max(0.0, round(value, 2)))


def _same_mask(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    return a is b if a is None or b is None else np.array_equal(a, b)
