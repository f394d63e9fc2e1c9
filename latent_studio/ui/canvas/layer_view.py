"""Feature maps side by side, or a spectrum with its curve."""

from math import ceil

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QToolTip, QWidget

from latent_studio.ui import theme
from latent_studio.ui.i18n import tr

GAP = 2.0
CURVE_SHARE = 0.32  # of the height
_STOPS = ((0, 0, 4), (66, 10, 104), (147, 38, 103), (221, 81, 58), (252, 165, 10), (252, 255, 164))


def heat_table() -> list[int]:
    """256 colours from black through red to yellow, evenly brighter, as Qt wants them."""
    places = np.linspace(0, 1, len(_STOPS))
    fine = np.linspace(0, 1, 256)
    columns = [np.interp(fine, places, [stop[i] for stop in _STOPS]) for i in range(3)]
    return [QColor(*(round(float(c[i])) for c in columns)).rgb() for i in range(256)]


class LayerView(QWidget):
    """Shows maps as tiles (a click enlarges one, another goes back), or one spectrum."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._table = heat_table()
        self._tiles: list[QImage] = []
        self._channels: list[int] = []
        self._curve: np.ndarray | None = None
        self._floor = -60.0
        self._alone = -1
        self.message = ""
        self.setMinimumSize(QSize(120, 120))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Feature maps"))

    def sizeHint(self) -> QSize:
        return QSize(280, 280)

    @property
    def alone(self) -> int:
        """The channel that is shown large, or -1."""
        return self._channels[self._alone] if 0 <= self._alone < len(self._channels) else -1

    @property
    def count(self) -> int:
        return len(self._tiles)

    def show_message(self, text: str) -> None:
        """A line in place of maps."""
        self._tiles, self._channels, self._curve, self.message = [], [], None, text
        self.update()

    def show_maps(self, values: np.ndarray, channels: list[int]) -> None:
        """``[N, h, w]`` from 0 to 1, and the number of the channel that each is."""
        kept = self.alone
        self._tiles = [self._image(tile) for tile in values]
        self._channels, self._curve, self.message = list(channels), None, ""
        self._alone = self._channels.index(kept) if kept in self._channels else -1
        self.update()

    def show_spectrum(self, spectrum: np.ndarray, curve: np.ndarray) -> None:
        """Decibels ``[h, w]``, and of the lengths of frequencies ``[n]``."""
        self._floor = min(-20.0, float(np.floor(curve.min() / 10) * 10))
        self._tiles = [self._image(np.clip(1 - spectrum / self._floor, 0, 1))]
        self._channels, self._curve, self.message, self._alone = [], curve, "", -1
        self.update()

    def _image(self, values: np.ndarray) -> QImage:
        pixels = np.ascontiguousarray(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8))
        height, width = pixels.shape
        image = QImage(pixels.data, width, height, width, QImage.Format.Format_Indexed8).copy()
        image.setColorTable(self._table)
        return image

    # -- geometry ---------------------------------------------------------------------------------

    def _boxes(self) -> list[QRectF]:
        """Where each tile is, row by row."""
        area = QRectF(self.rect())
        if self._curve is not None:
            area.setHeight(area.height() * (1 - CURVE_SHARE))
        if self._curve is not None or self._alone >= 0:
            side = min(area.width(), area.height())
            box = QRectF(area.center().x() - side / 2, area.center().y() - side / 2, side, side)
            return [box]
        count = max(1, len(self._tiles))
        fits = (
            (min(area.width() / columns, area.height() / ceil(count / columns)), columns)
            for columns in range(1, count + 1)
        )
        side, columns = max(fits)
        left = (area.width() - side * columns) / 2
        return [
            QRectF(left + i % columns * side, i // columns * side, side - GAP, side - GAP)
            for i in range(count)
        ]

    def _at(self, place: QPointF) -> int:
        if self._curve is not None or not self._channels:
            return -1
        hits = (i for i, box in enumerate(self._boxes()) if box.contains(place))
        return next(hits, -1) if self._alone < 0 else self._alone

    # -- events -----------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = theme.colors()
        if not self._tiles:
            painter.setPen(QColor(colours.muted))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect(), int(flags), self.message)
            return
        tiles = [self._tiles[self._alone]] if self._alone >= 0 else self._tiles
        for box, tile in zip(self._boxes(), tiles, strict=False):
            painter.drawImage(box, tile)
        if self._curve is not None:
            self._paint_curve(painter, self._curve)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours.accent), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_curve(self, painter: QPainter, curve: np.ndarray) -> None:
        """Power over frequency, 0 to half a cycle a pixel."""
        colours, metrics = theme.colors(), self.fontMetrics()
        area = QRectF(self.rect())
        area.setTop(area.height() * (1 - CURVE_SHARE) + metrics.height())
        area.adjust(metrics.horizontalAdvance("−100 dB") + 4, 0, -6, -metrics.height())
        painter.setPen(QPen(QColor(colours.muted), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.drawLine(area.bottomLeft(), area.topLeft())
        down = int(area.bottom()) + metrics.ascent()
        painter.drawText(QPointF(area.left(), down), "0")
        end = tr("0.5 cycles a pixel")
        painter.drawText(QPointF(area.right() - metrics.horizontalAdvance(end), down), end)
        painter.drawText(QPointF(0, area.top() + metrics.ascent() / 2), "0 dB")
        painter.drawText(QPointF(0, area.bottom()), f"{self._floor:.0f} dB".replace("-", "−"))
        xs = area.left() + np.linspace(0, area.width(), len(curve))
        ys = area.top() + np.clip(curve / self._floor, 0, 1) * area.height()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.accent), 1.5))
        points = [QPointF(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]
        painter.drawPolyline(QPolygonF(points))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            place = self._at(event.position())
            self._alone = -1 if self._alone >= 0 else place
            self.update()

    def keyPressEvent(self, event: object) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(event.key())  # type: ignore[attr-defined]
        if step is None or not self._channels:
            super().keyPressEvent(event)  # type: ignore[arg-type]
            return
        self._alone = (self._alone + step) % len(self._channels) if self._alone >= 0 else 0
        self.update()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._at(QPointF(event.pos()))
            if place < 0:
                QToolTip.hideText()
                return True
            channel = self._channels[place]
            enlarge = tr("Channel {channel}: click to enlarge", channel=channel)
            back = tr("Channel {channel}: click to go back", channel=channel)
            QToolTip.showText(event.globalPos(), back if self._alone >= 0 else enlarge, self)
            return True
        return super().event(event)
