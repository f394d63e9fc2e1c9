"""Keyframes in their times: thumbnails to reorder, ways whose ends can be dragged, a playhead."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QWidget

from latent_studio.latent.timeline import MAX_SECONDS, MIN_SECONDS, Keyframe, Timeline
from latent_studio.ui import theme
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.i18n import tr
from latent_studio.ui.spoken import spoken

RULER, WAY, GAP = 20.0, 22.0, 6.0
SIDE, MIN_SIDE, MARGIN = 84.0, 16.0, 12.0
GRAB = 6.0
SECONDS_STEP = 0.1
MAX_ZOOM = 40.0
_NICE = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)


@dataclass(frozen=True)
class Layout:
    """Where things are. Times in seconds, places in pixels."""

    timeline: Timeline
    width: float
    height: float

    @property
    def side(self) -> float:
        """Of a thumbnail: smaller where keyframes are close together."""
        starts = self.timeline.starts
        gaps = [b - a for a, b in pairwise(starts)]
        free = min(gaps) * self.scale - 4 if gaps else SIDE
        room = self.height - RULER - WAY - 2 * GAP
        return max(MIN_SIDE, min(SIDE, room, free))

    @property
    def scale(self) -> float:
        """Pixels a second."""
        return max(1.0, self.width - 2 * MARGIN - SIDE) / max(self.timeline.seconds, 0.1)

    def x(self, seconds: float) -> float:
        return MARGIN + SIDE / 2 + seconds * self.scale

    def seconds(self, x: float) -> float:
        return (x - MARGIN - SIDE / 2) / self.scale

    def thumb(self, index: int) -> QRectF:
        side = self.side
        return QRectF(self.x(self.timeline.starts[index]) - side / 2, RULER + GAP, side, side)

    def way(self, index: int) -> QRectF:
        start = self.timeline.starts[index]
        left = self.x(start) + 1
        right = self.x(start + self.timeline.keyframes[index].seconds) - 1
        return QRectF(left, RULER + 2 * GAP + self.side, right - left, WAY)

    def thumb_at(self, point: QPointF) -> int:
        indices = range(len(self.timeline.keyframes))
        return next((i for i in reversed(indices) if self.thumb(i).contains(point)), -1)

    def way_at(self, point: QPointF) -> int:
        grown = ((i, self.way(i).adjusted(-1, 0, 1, 0)) for i in range(len(self.timeline.ways)))
        return next((i for i, box in grown if box.contains(point)), -1)

    def way_end_at(self, point: QPointF) -> int:
        """The way whose end is under the hand."""
        for index in range(len(self.timeline.ways)):
            box = self.way(index)
            inside = box.top() - GAP <= point.y() <= box.bottom() + GAP
            if inside and abs(point.x() - box.right()) <= GRAB:
                return index
        return -1

    def slot(self, x: float) -> int:
        """Which number a keyframe dropped at ``x`` gets, among all."""
        return sum(self.x(start) < x for start in self.timeline.starts)


class TimelineStrip(QWidget):
    """Everything it tells follows the user only: ``seconds_changed(index, seconds)`` while a way's
    end is dragged and ``drag_finished()`` after it, ``moved(old, new)``, ``keyframe_selected``,
    ``keyframe_opened``, ``duplicated`` and ``removed`` with an index; ``sought(seconds)`` and
    ``released()`` of the playhead.
    """

    seconds_changed = Signal(int, float)
    drag_finished = Signal()
    moved = Signal(int, int)
    keyframe_selected = Signal(int)
    keyframe_opened = Signal(int)
    duplicated = Signal(int)
    removed = Signal(int)
    sought = Signal(float)
    released = Signal()
    zoomed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.timeline = Timeline()
        self.place = 0.0
        self.selection = -1
        self.zoom = 1.0
        self.picture_of: Callable[[Keyframe], Picture | None] = lambda _key: None
        self._pressed: QPointF | None = None
        self._carried = self._stretched = -1
        self._fixed = (0.0, 1.0)  # start of the stretched way, pixels a second when it was grabbed
        self._seeking = False
        self._drop: float | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Timeline"))
        self.setToolTip(
            tr(
                "Drag a picture to reorder, the end of a way to change its length, the ruler to "
                "look.\nDouble click: go to the keyframe. Ctrl+wheel: zoom. Arrow keys choose, "
                "with Alt move; + and − lengthen and shorten; D duplicates, Del removes."
            )
        )
        theme.notifier().changed.connect(self.update)

    # -- what is shown ----------------------------------------------------------------------------

    def show_timeline(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.update()

    def show_selection(self, index: int) -> None:
        self.selection = index
        keys = self.timeline.keyframes
        if 0 <= index < len(keys):
            facts = {"number": index + 1, "count": len(keys), "seconds": keys[index].seconds}
            text = tr("Keyframe {number} of {count}, {seconds:g} seconds to the next", **facts)
            self.setAccessibleDescription(text)
        self.update()

    def show_place(self, seconds: float) -> None:
        if seconds != self.place:
            self.place = seconds
            self.update()

    @property
    def layout_(self) -> Layout:
        return Layout(self.timeline, self.width(), self.height())

    def sizeHint(self) -> QSize:
        return QSize(400, self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(120, round(RULER + SIDE / 2 + WAY + 3 * GAP))

    # -- painting ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.colors()
        painter.fillRect(self.rect(), QColor(colours.canvas))
        layout = self.layout_
        if not self.timeline.keyframes:
            painter.setPen(QColor(colours.muted))
            text = tr("Press K to add what is shown as a keyframe.")
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
        else:
            self._paint_ruler(painter, layout)
            for index in range(len(self.timeline.ways)):
                self._paint_way(painter, layout, index)
            if self.timeline.loops:
                self._paint_return(painter, layout)
            for index in range(len(self.timeline.keyframes)):
                self._paint_thumb(painter, layout, index)
            self._paint_hand(painter, layout)
        painter.setPen(QPen(QColor(colours.accent if self.hasFocus() else colours.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()

    def _paint_ruler(self, painter: QPainter, layout: Layout) -> None:
        colours = theme.colors()
        step = next((s for s in _NICE if s * layout.scale >= 56), _NICE[-1])
        painter.setPen(QColor(colours.faint))
        count = int(self.timeline.seconds / step + 1e-6)
        for number in range(count + 1):
            x = layout.x(number * step)
            painter.drawLine(QPointF(x, RULER - 5), QPointF(x, RULER))
            box = QRectF(x - 30, 1, 60, RULER - 5)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, tr("{s} s", s=f"{number * step:g}"))

    def _paint_way(self, painter: QPainter, layout: Layout, index: int) -> None:
        colours, key, box = theme.colors(), self.timeline.keyframes[index], layout.way(index)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.hover if index == self.selection else colours.raised))
        painter.drawRoundedRect(box, 4, 4)
        painter.setBrush(QColor(colours.muted if index == self._stretched else colours.groove))
        painter.drawRoundedRect(QRectF(box.right() - 4, box.top() + 4, 3, box.height() - 8), 1, 1)
        painter.setPen(QColor(colours.text))
        text = tr("{s} s", s=f"{key.seconds:.3g}") + f"  {spoken(key.easing)}"
        inner = box.adjusted(6, 0, -7, 0)
        elide = Qt.TextElideMode.ElideRight
        shown = painter.fontMetrics().elidedText(text, elide, round(inner.width()))
        if inner.width() > 22:
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, shown)

    def _paint_return(self, painter: QPainter, layout: Layout) -> None:
        """A loop's end: the first keyframe again, faded."""
        box = layout.thumb(0)
        box.moveCenter(QPointF(layout.x(self.timeline.seconds), box.center().y()))
        painter.setOpacity(0.35)
        self._paint_picture(painter, box, self.timeline.keyframes[0])
        painter.setOpacity(1.0)

    def _paint_thumb(self, painter: QPainter, layout: Layout, index: int) -> None:
        colours, box = theme.colors(), layout.thumb(index)
        painter.setOpacity(0.4 if index == self._carried and self._drop is not None else 1.0)
        self._paint_picture(painter, box, self.timeline.keyframes[index])
        painter.setOpacity(1.0)
        chosen = index == self.selection
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.accent if chosen else colours.border), 2))
        painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), 3, 3)

    def _paint_picture(self, painter: QPainter, box: QRectF, key: Keyframe) -> None:
        picture = self.picture_of(key)
        if picture is not None:
            picture.paint(painter, box, True)
            return
        painter.fillRect(box, QColor(theme.colors().field))
        painter.setPen(QColor(theme.colors().faint))
        seed = key.scene.recipe.source.seed
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "…" if seed is None else str(seed))

    def _paint_hand(self, painter: QPainter, layout: Layout) -> None:
        """The playhead, and where a carried keyframe would go."""
        accent = QColor(theme.colors().accent)
        x = layout.x(self.place)
        painter.setPen(QPen(accent, 1.5))
        painter.drawLine(QPointF(x, 2), QPointF(x, self.height() - 2))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawPolygon([QPointF(x - 5, 1), QPointF(x + 5, 1), QPointF(x, 9)])
        if self._drop is None or self._carried < 0:
            return
        slot, starts = layout.slot(self._drop), self.timeline.starts
        left = layout.x(starts[slot - 1]) if slot else layout.x(0) - layout.side
        right = layout.x(starts[slot]) if slot < len(starts) else left + layout.side
        middle = (left + right) / 2
        painter.setPen(QPen(QColor(theme.colors().text), 2))
        painter.drawLine(QPointF(middle, RULER), QPointF(middle, RULER + 2 * GAP + layout.side))

    # -- hands ------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self.timeline.keyframes:
            return
        point, layout = event.position(), self.layout_
        self._pressed, self._drop = point, None
        self._stretched = layout.way_end_at(point)
        self._carried = -1 if self._stretched >= 0 else layout.thumb_at(point)
        way = layout.way_at(point)
        if self._stretched >= 0:
            self._fixed = (self.timeline.starts[self._stretched], layout.scale)
            self._choose(self._stretched)
        elif self._carried >= 0:
            self._choose(self._carried)
        elif way >= 0:
            self._choose(way)
        else:
            self._seeking = True
            self._seek(point.x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point, layout = event.position(), self.layout_
        if self._pressed is None:
            self._show_cursor(point, layout)
        elif self._stretched >= 0:
            self._stretch(point.x() - self._pressed.x())
        elif self._seeking:
            self._seek(point.x())
        elif self._carried >= 0:
            far = (point - self._pressed).manhattanLength() >= QApplication.startDragDistance()
            if far or self._drop is not None:
                self._drop = point.x()
                self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        stretched, carried, drop = self._stretched, self._carried, self._drop
        seeking = self._seeking
        self._pressed, self._drop, self._seeking = None, None, False
        self._stretched = self._carried = -1
        if stretched >= 0:
            self.drag_finished.emit()
        elif seeking:
            self.released.emit()
        elif carried >= 0 and drop is not None:
            slot = self.layout_.slot(drop)
            new = slot - 1 if slot > carried else slot
            if new != carried:
                self.moved.emit(carried, new)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.layout_.thumb_at(event.position())
        if index >= 0:
            self.keyframe_opened.emit(index)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return
        self.zoom = min(MAX_ZOOM, max(1.0, self.zoom * 1.25 ** (event.angleDelta().y() / 120)))
        self.zoomed.emit(self.zoom)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, count = event.key(), len(self.timeline.keyframes)
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key), 0)
        index = self.selection
        if step and count:
            new = min(count - 1, max(0, index + step))
            moves = event.modifiers() & Qt.KeyboardModifier.AltModifier
            if moves and index >= 0 and new != index:
                self.moved.emit(index, new)
            elif not moves:
                self._choose(new)
        elif index < 0 or not self._act(key, index):
            super().keyPressEvent(event)

    def _act(self, key: int, index: int) -> bool:
        """What a key does to the chosen keyframe; False for others."""
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit(index)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.keyframe_opened.emit(index)
        elif key == Qt.Key.Key_D:
            self.duplicated.emit(index)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            sign = -1 if key == Qt.Key.Key_Minus else 1
            self._emit_seconds(index, self.timeline.keyframes[index].seconds + sign * SECONDS_STEP)
        else:
            return False
        return True

    def _stretch(self, pixels: float) -> None:
        """The scale is that of the press: the strip refits while the length changes."""
        start, scale = self._fixed
        assert self._pressed is not None
        end = (self._pressed.x() + pixels - MARGIN - SIDE / 2) / scale
        self._emit_seconds(self._stretched, end - start)

    def _emit_seconds(self, index: int, seconds: float) -> None:
        rounded = round(seconds / 0.05) * 0.05
        self.seconds_changed.emit(index, round(min(MAX_SECONDS, max(MIN_SECONDS, rounded)), 2))

    def _seek(self, x: float) -> None:
        seconds = min(max(0.0, self.layout_.seconds(x)), self.timeline.seconds)
        self.sought.emit(seconds)

    def _choose(self, index: int) -> None:
        self.keyframe_selected.emit(index)

    def _show_cursor(self, point: QPointF, layout: Layout) -> None:
        shape = Qt.CursorShape.ArrowCursor
        if self.timeline.keyframes:
            if layout.way_end_at(point) >= 0:
                shape = Qt.CursorShape.SplitHCursor
            elif layout.thumb_at(point) >= 0:
                shape = Qt.CursorShape.OpenHandCursor
        self.setCursor(shape)
