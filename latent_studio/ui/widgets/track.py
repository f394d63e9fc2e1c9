"""The sliding part of a slider: a thin groove, filled from its origin to the handle."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QSlider, QWidget

from latent_studio.ui import theme

HANDLE = 6.0
GROOVE = 3.0


def paint_track(
    painter: QPainter, box: QRectF, position: float, origin: float, *, enabled: bool, active: bool
) -> None:
    """Paint a track into ``box``; ``position`` and ``origin`` are fractions of its length."""
    colours = theme.colors()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    left, width, middle = box.left() + HANDLE, box.width() - 2 * HANDLE, box.center().y()
    groove = QRectF(left, middle - GROOVE / 2, width, GROOVE)
    painter.setBrush(QColor(colours.groove))
    painter.drawRoundedRect(groove, GROOVE / 2, GROOVE / 2)
    x, start = left + position * width, left + origin * width
    tint = QColor(colours.accent if enabled else colours.faint)
    painter.setBrush(tint)
    painter.drawRect(QRectF(min(x, start), middle - GROOVE / 2, abs(x - start), GROOVE))
    if 0.0 < origin < 1.0:
        painter.setBrush(QColor(colours.faint))
        painter.drawRect(QRectF(start - 0.5, middle - 4.5, 1.0, 9.0))
    moved = abs(position - origin) > 1e-6
    painter.setBrush(QColor(colours.text) if moved or active else QColor(colours.muted))
    painter.drawEllipse(QPointF(x, middle), HANDLE - (0 if active else 1), HANDLE - (not active))


class Track(QSlider):
    """A horizontal slider that jumps to a click beside its handle, resets on double click and lets
    the wheel scroll the list around it unless it has the focus. ``reset_requested()`` is the double
    click.
    """

    reset_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.origin = 0.0
        self._held = 0.0  # pixels between the mouse and the middle of the handle
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(120, 20)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, 20)

    def position_of(self, value: int) -> int:
        """Where the handle of ``value`` is, in pixels from the left."""
        return round(self._middle(value))

    def paintEvent(self, event: QPaintEvent) -> None:
        span = max(1, self.maximum() - self.minimum())
        position = (self.sliderPosition() - self.minimum()) / span
        active = self.isSliderDown() or self.underMouse() or self.hasFocus()
        painter = QPainter(self)
        if self.hasFocus():
            ring = QColor(theme.colors().accent)
            ring.setAlpha(40)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ring)
            painter.drawRoundedRect(self.rect(), 4, 4)
        box = QRectF(self.rect())
        paint_track(painter, box, position, self.origin, enabled=self.isEnabled(), active=active)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        x = event.position().x()
        self._held = x - self._middle()
        self.setSliderDown(True)
        if abs(self._held) > HANDLE:
            self._held = 0.0
            self.setSliderPosition(self._value_at(x))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self.setSliderPosition(self._value_at(event.position().x() - self._held))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.isSliderDown():
            self.setSliderDown(False)
            self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.reset_requested.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self.update()
        return super().event(event)

    def _middle(self, value: int | None = None) -> float:
        """Where the middle of the handle is (would be, for ``value``), to parts of a pixel."""
        value = self.sliderPosition() if value is None else value
        fraction = (value - self.minimum()) / max(1, self.maximum() - self.minimum())
        return HANDLE + fraction * (self.width() - 2 * HANDLE)

    def _value_at(self, x: float) -> int:
        span = self.maximum() - self.minimum()
        fraction = (x - HANDLE) / max(1.0, self.width() - 2 * HANDLE)
        return self.minimum() + round(min(1.0, max(0.0, fraction)) * span)
