"""The picture: painted without a copy, zoomed, panned, compared, or as a grid of seeds."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from latent_studio.recipe import Transform
from latent_studio.ui import theme
from latent_studio.ui.canvas import move_tool
from latent_studio.ui.canvas.grid_layer import GridLayer
from latent_studio.ui.canvas.overlay import Overlay
from latent_studio.ui.canvas.picture import Picture, is_smooth
from latent_studio.ui.canvas.view import WHEEL_FACTOR, View
from latent_studio.ui.i18n import tr

DIVIDER_GRAB = 8.0
PLAIN_NAMES = ("A", "B")


class Canvas(QWidget):
    """``seed_picked(int)`` tells of a click on a tile of the grid, ``view_changed()`` of another
    zoom or mode, ``compare_held(bool)`` of the compare key going down and up, ``moved(Transform)``
    of a drag with the move tool and ``move_finished()`` of its end.
    """

    seed_picked = Signal(object)
    view_changed = Signal()
    compare_held = Signal(bool)
    moved = Signal(object)
    move_finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Picture"))
        self.view = View()
        self.grid = GridLayer()
        self.scaling = "auto"
        self.picture: Picture | None = None
        self.reference: Picture | None = None
        self.names = PLAIN_NAMES
        self.message = ""
        self._model_size = QSizeF(1, 1)
        self._grid_shown = self._split = self._holding = False
        self._divider = 0.5
        self._grabbed: QPointF | None = None
        self._moving_divider = False
        self._transform = Transform()
        self._moving = False
        self._grip: move_tool.Grip | None = None
        self._overlay: Overlay | None = None
        self._overlay_pressed = False
        theme.notifier().changed.connect(self.update)

    # -- what is shown ----------------------------------------------------------------------------

    def show_picture(self, picture: Picture | None, model_resolution: int = 0) -> None:
        """Show a picture; one that is smaller than the model's (a preview) fills its place."""
        self.picture = picture
        if picture is not None:
            scale = max(1.0, model_resolution / max(1, picture.height))
            size = QSizeF(picture.width * scale, picture.height * scale)
            if size != self._model_size:
                self._model_size = size
                self.view_changed.emit()
        self.update()

    def show_message(self, text: str) -> None:
        """A quiet line where no picture is yet."""
        self.message = text
        self.update()

    def show_grid(self, shown: bool) -> None:
        if shown != self._grid_shown:
            self._grid_shown = shown
            self._mode_changed()

    def set_tiles(self, seeds: Sequence[int], selected: int) -> None:
        self.grid.reset(seeds, selected)
        self.update()

    def put_tile(self, seed: int, picture: Picture) -> None:
        self.grid.put(seed, picture)
        if self._grid_shown:
            self.update()

    def set_reference(self, picture: Picture | None) -> None:
        """The A of A/B."""
        self.reference = picture
        self.update()

    def set_names(self, first: str, second: str) -> None:
        """What A and B are called."""
        if (first, second) != self.names:
            self.names = first, second
            self.update()

    def set_split(self, split: bool) -> None:
        """Show A left and B right of a divider that can be dragged."""
        if split != self._split:
            self._split = split
            self._mode_changed()

    def set_holding(self, holding: bool) -> None:
        """Show A alone while the key is down."""
        if holding != self._holding:
            self._holding = holding
            self.update()

    def set_moving(self, moving: bool) -> None:
        """Let a drag move what is shown (and its handle turn it) instead of the view."""
        if moving != self._moving:
            self._moving, self._grip = moving, None
            self.unsetCursor()
            self.update()

    def set_overlay(self, overlay: Overlay | None) -> None:
        """Let a tool paint over the picture and take the mouse; None ends that."""
        self._overlay, self._overlay_pressed = overlay, False
        self.unsetCursor()
        self.update()

    def set_transform(self, transform: Transform) -> None:
        """Where what is shown lies: the handle of the move tool follows it."""
        if transform != self._transform:
            self._transform = transform
            if self._moving:
                self.update()

    @property
    def grid_shown(self) -> bool:
        return self._grid_shown

    @property
    def split(self) -> bool:
        return self._split

    @property
    def shown_image(self) -> QImage | None:
        """What *copy picture* copies, at its own size."""
        return None if self.picture is None else self.picture.copy_image()

    # -- zoom -------------------------------------------------------------------------------------

    def zoom(self) -> float:
        """Screen pixels a pixel of the model's picture."""
        return self.view.scale(QSizeF(self.size()), self._model_size)

    def set_zoom(self, zoom: float | None) -> None:
        """``None`` fits the window."""
        self._set_view(self.view.at_zoom(zoom))

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        point = QPointF(self.rect().center()) if at is None else at
        self._set_view(self.view.zoomed(factor, point, QSizeF(self.size()), self._model_size))

    def set_scaling(self, choice: str) -> None:
        """``auto``, ``nearest`` or ``smooth``."""
        self.scaling = choice
        self.update()

    def picture_rect(self) -> QRectF:
        return self.view.rect(QSizeF(self.size()), self._model_size)

    # -- painting ---------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(640, 640)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, 160)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.view_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.colors().canvas))
        if self._grid_shown:
            self.grid.paint(painter, QSizeF(self.size()), is_smooth(self.scaling, 1.0, True))
        elif self.picture is not None:
            self._paint_picture(painter, self.picture)
            if self._moving and not self._holding:
                accent = QColor(theme.colors().accent)
                move_tool.paint_handle(painter, self.picture_rect(), self._transform, accent)
            if self._overlay is not None and not self._holding:
                self._overlay.paint(painter, self.picture_rect())
        else:
            painter.setPen(QColor(theme.colors().muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.message)
        painter.end()

    def _paint_picture(self, painter: QPainter, picture: Picture) -> None:
        box = self.picture_rect()
        fitted = self.view.zoom is None
        smooth = is_smooth(self.scaling, self.zoom(), fitted)
        if self.reference is None or not (self._split or self._holding):
            picture.paint(painter, box, smooth)
            return
        if self._holding:
            self.reference.paint(painter, box, smooth)
            self._paint_name(painter, self.names[0], box)
            return
        picture.paint(painter, box, smooth)
        x = self._divider_x()
        painter.save()
        painter.setClipRect(QRectF(0, 0, x, self.height()))
        self.reference.paint(painter, box, smooth)
        painter.restore()
        painter.setPen(QPen(QColor(255, 255, 255, 200), 1.5))
        painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        self._paint_name(painter, self.names[0], box)
        self._paint_name(painter, self.names[1], box, right=True)

    def _paint_name(self, painter: QPainter, name: str, box: QRectF, right: bool = False) -> None:
        """A name in an upper corner of what is seen of ``box``; it leaves room for the other."""
        seen, metrics = box.intersected(QRectF(self.rect())), self.fontMetrics()
        most = round(seen.width() / 2 - 30)
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, most)
        width = max(24, metrics.horizontalAdvance(text) + 14)
        left = seen.right() - 10 - width if right else seen.left() + 10
        plate = QRectF(left, seen.top() + 10, width, 24)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 150))
        painter.drawRoundedRect(plate, 5, 5)
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, text)

    def _divider_x(self) -> float:
        box = self.picture_rect()
        return box.left() + self._divider * box.width()

    # -- hands ------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if steps and not self._grid_shown:
            self.zoom_by(WHEEL_FACTOR**steps, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            return
        if self._grid_shown:
            self._pick(event.position())
            return
        if self.picture is None:
            return
        self._moving_divider = self._near_divider(event.position())
        left = event.button() == Qt.MouseButton.LeftButton
        if self._overlay is not None and left and not self._moving_divider:
            self._overlay_pressed = self._overlay.press(event, self.picture_rect())
            if self._overlay_pressed:
                return
        if self._moving and left and not self._moving_divider:
            turning = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            box = self.picture_rect()
            self._grip = move_tool.grip_at(event.position(), box, self._transform, turning)
            return
        self._grabbed = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._grid_shown:
            self._hover(self.grid.at(point, QSizeF(self.size())))
        elif self._overlay is not None and self._overlay_pressed:
            self._overlay.move(event, self.picture_rect())
        elif self._grip is not None:
            snap = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            grip = move_tool.dragged(self._grip, point, self.picture_rect(), snap)
            self._grip, transform = grip
            self.moved.emit(transform)
        elif self._grabbed is None:
            self.setCursor(self._cursor_at(point))
        elif self._moving_divider:
            box = self.picture_rect()
            self._divider = min(1.0, max(0.0, (point.x() - box.left()) / box.width()))
            self.update()
        else:
            delta = point - self._grabbed
            self._grabbed = point
            self._set_view(self.view.panned(delta, QSizeF(self.size()), self._model_size))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grabbed, self._moving_divider = None, False
        if self._overlay is not None and self._overlay_pressed:
            self._overlay_pressed = False
            self._overlay.release(event, self.picture_rect())
        if self._grip is not None:
            self._grip = None
            self.move_finished.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._overlay is not None:
            self.mousePressEvent(event)  # two quick clicks of a tool are two clicks
        elif not self._grid_shown:
            self.set_zoom(None)

    def leaveEvent(self, event: object) -> None:
        self._hover(-1)

    def hold_key(self, event: QKeyEvent, down: bool) -> bool:
        """Take the key that compares while it is held; False for every other one."""
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.key() != Qt.Key.Key_C or (down and not plain):
            return False
        if not event.isAutoRepeat():
            self.compare_held.emit(down)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.hold_key(event, True):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self.hold_key(event, False):
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.compare_held.emit(False)  # the key may come up elsewhere
        super().focusOutEvent(event)

    def _near_divider(self, point: QPointF) -> bool:
        shown = self._split and self.reference is not None and not self._grid_shown
        return shown and abs(point.x() - self._divider_x()) <= DIVIDER_GRAB

    def _cursor_at(self, point: QPointF) -> Qt.CursorShape:
        if self._near_divider(point):
            return Qt.CursorShape.SplitHCursor
        if self._overlay is not None:
            return self._overlay.cursor(point, self.picture_rect())
        if not self._moving:
            return Qt.CursorShape.ArrowCursor
        turns = move_tool.on_knob(point, self.picture_rect(), self._transform)
        return Qt.CursorShape.PointingHandCursor if turns else Qt.CursorShape.SizeAllCursor

    def _pick(self, point: QPointF) -> None:
        index = self.grid.at(point, QSizeF(self.size()))
        if index >= 0:
            self.seed_picked.emit(self.grid.tiles[index].seed)

    def _hover(self, index: int) -> None:
        if index != self.grid.hovered:
            self.grid.hovered = index
            self.update()

    def _set_view(self, view: View) -> None:
        self.view = view
        self._mode_changed()

    def _mode_changed(self) -> None:
        self.update()
        self.view_changed.emit()
