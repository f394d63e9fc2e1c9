"""A photograph with its guide: eyes and mouth to put where they are, and the crop they give."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from latent_studio.latent.alignment import (
    FacePoints,
    Similarity,
    central_transform,
    face_transform,
    guess_points,
)
from latent_studio.ui import theme
from latent_studio.ui.i18n import tr
from latent_studio.ui.photos.search import PhotoRead

GRAB = 16.0
SIDE = 256  # of the crop while it is only looked at
ARROWS = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}


class PhotoView(QWidget):
    """``guide_changed()`` follows every move of a point.

    A point is dragged, or chosen with Space and moved with the arrow keys (Shift: ten pixels).
    """

    guide_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.photo: PhotoRead | None = None
        self.points: list[tuple[float, float]] = []
        self.aligned = True
        self.reference: FacePoints | None = None
        self.chosen = 0
        self._image: QImage | None = None
        self._held = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(260, 260)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Photograph with its guide"))
        self.setToolTip(
            tr("Put the points on the eyes and the mouth. Space: next point, arrows: move it.")
        )

    def sizeHint(self) -> QSize:
        return QSize(380, 380)

    def names(self) -> tuple[str, str, str]:
        return tr("left eye"), tr("right eye"), tr("mouth")

    # -- what is shown ----------------------------------------------------------------------------

    def show_photo(
        self, photo: PhotoRead | None, reference: FacePoints, face: FacePoints | None
    ) -> None:
        """Show a photograph; ``face`` in its full pixels, None: the points where a model expects
        them in the middle."""
        self.photo, self.reference = photo, reference
        self._image = None
        if photo is not None:
            pixels = np.ascontiguousarray(photo.pixels)
            height, width = pixels.shape[:2]
            image = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
            self._image = image.copy()
            if face is None:
                face = guess_points(central_transform(width, height, SIDE), reference, SIDE)
                self.points = [face.left_eye, face.right_eye, face.mouth]
            else:
                small = face.scaled(1 / photo.factor)
                self.points = [small.left_eye, small.right_eye, small.mouth]
        self.update()
        self.guide_changed.emit()

    def set_aligned(self, aligned: bool) -> None:
        self.aligned = aligned
        self.update()
        self.guide_changed.emit()

    def face(self) -> FacePoints | None:
        """The points in the photograph's full pixels; None where the middle is taken."""
        if self.photo is None or not self.aligned:
            return None
        return FacePoints(*self.points).scaled(self.photo.factor)

    def transform(self, side: int) -> Similarity | None:
        """From the shown pixels to a crop of ``side``."""
        if self.photo is None or self.reference is None:
            return None
        if not self.aligned:
            height, width = self.photo.pixels.shape[:2]
            return central_transform(width, height, side)
        try:
            return face_transform(FacePoints(*self.points), self.reference, side)
        except Exception:  # noqa: BLE001 - points on one another make no crop; they are moved apart
            return None

    # -- places -----------------------------------------------------------------------------------

    def _box(self) -> QRectF:
        assert self._image is not None
        size = self._image.size()
        scale = min(self.width() / size.width(), self.height() / size.height())
        width, height = size.width() * scale, size.height() * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)

    def _to_screen(self, point: tuple[float, float]) -> QPointF:
        assert self._image is not None
        box = self._box()
        scale = box.width() / self._image.width()
        return QPointF(box.left() + point[0] * scale, box.top() + point[1] * scale)

    def _move(self, index: int, place: tuple[float, float]) -> None:
        assert self._image is not None
        x = min(float(self._image.width()), max(0.0, place[0]))
        y = min(float(self._image.height()), max(0.0, place[1]))
        self.points[index] = (x, y)
        self.update()
        self.guide_changed.emit()

    # -- hands ------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._held = self._at(event.position())
        if self._held >= 0:
            self.chosen = self._held
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held < 0:
            near = self._at(event.position()) >= 0
            self.setCursor(Qt.CursorShape.SizeAllCursor if near else Qt.CursorShape.ArrowCursor)
            return
        assert self._image is not None
        box = self._box()
        scale = self._image.width() / box.width()
        away = event.position() - box.topLeft()
        self._move(self._held, (away.x() * scale, away.y() * scale))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = -1

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._image is None or not self.aligned:
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Space:
            self.chosen = (self.chosen + 1) % 3
            self.setAccessibleDescription(self.names()[self.chosen])
            self.update()
        elif (step := ARROWS.get(Qt.Key(event.key()))) is not None:
            far = 10.0 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0
            x, y = self.points[self.chosen]
            self._move(self.chosen, (x + far * step[0], y + far * step[1]))
        else:
            super().keyPressEvent(event)

    def _at(self, point: QPointF) -> int:
        if self._image is None or not self.aligned:
            return -1
        away = [(self._to_screen(p) - point).manhattanLength() for p in self.points]
        nearest = min(range(3), key=lambda index: away[index])
        return nearest if away[nearest] <= GRAB else -1

    # -- painting ---------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(theme.colors().canvas))
        if self._image is None:
            painter.setPen(QColor(theme.colors().muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("Drop photographs here"))
            painter.end()
            return
        painter.setRenderHints(
            QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing
        )
        painter.drawImage(self._box(), self._image)
        self._paint_crop(painter)
        if self.aligned:
            self._paint_points(painter)
        painter.end()

    def _paint_crop(self, painter: QPainter) -> None:
        transform = self.transform(SIDE)
        if transform is None:
            return
        ends = np.array([[0, 0], [SIDE, 0], [SIDE, SIDE], [0, SIDE]], np.float64)
        corners = [
            self._to_screen((float(x), float(y))) for x, y in transform.inverse().apply(ends)
        ]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(QColor(0, 0, 0, 140), 3.0), QPen(QColor(255, 255, 255, 230), 1.4)):
            painter.setPen(pen)
            painter.drawPolygon(QPolygonF(corners))

    def _paint_points(self, painter: QPainter) -> None:
        accent = QColor(theme.colors().accent)
        for index, (place, name) in enumerate(zip(self.points, self.names(), strict=True)):
            at = self._to_screen(place)
            chosen = index == self.chosen and self.hasFocus()
            painter.setPen(QPen(QColor(255, 255, 255), 2.6 if chosen else 1.6))
            painter.setBrush(accent)
            painter.drawEllipse(at, 7.0 if chosen else 5.5, 7.0 if chosen else 5.5)
            painter.setPen(QColor(0, 0, 0, 200))
            painter.drawText(at + QPointF(10.8, 4.8), name)
            painter.setPen(QColor(255, 255, 255))
            painter.drawText(at + QPointF(10, 4), name)
