"""One curve of a plot: a series, the two lines that show it, and how they look."""

from dataclasses import dataclass, field

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from latent_studio.ui.plots.clock import Axis, Clock
from latent_studio.ui.plots.series import Series, Trend, decimate, thin

RAW_ALPHA = 70
MIN_LOG = 1e-12
_FEW_POINTS = 24  # so few are marked, or a first one would not be seen
STYLES = (
    Qt.PenStyle.SolidLine,
    Qt.PenStyle.DashLine,
    Qt.PenStyle.DotLine,
    Qt.PenStyle.DashDotLine,
)


@dataclass
class View:
    """What part of a curve is drawn and how: bounds of x, number of bins, smoothing, log scale."""

    low: float
    high: float
    bins: int
    smoothing: float
    log: bool
    raw: bool = True


@dataclass
class Curve:
    """A series and its lines: what was measured (faint) and its trend.

    ``kind`` is its number among the curves of its run: the same kind of several runs is hidden
    together, and drawn in the same style.
    """

    series: Series
    title: str
    color: int
    clock: Clock
    kind: int = 0
    shown: bool = True
    raw: pg.PlotDataItem = field(default_factory=lambda: pg.PlotDataItem(antialias=False))
    line: pg.PlotDataItem = field(default_factory=lambda: pg.PlotDataItem(antialias=True))
    trend: Trend = field(default_factory=Trend)
    _converted: tuple[object, np.ndarray] = (None, np.empty(0))

    def x(self, axis: Axis) -> np.ndarray:
        """Where the points are on ``axis``, ``[n]``; empty while the run's clock is unknown."""
        key = (axis.name, id(self.series), self.series.version, len(self.series))
        key = (*key, self.clock.version)  # type: ignore[assignment]
        if self._converted[0] != key:
            self._converted = (key, self.clock.convert(self.series.x, axis))
        return self._converted[1]

    def draw(self, axis: Axis, view: View) -> np.ndarray:
        """Set the lines to what the width can show; returns the y values drawn."""
        x = self.x(axis)
        if not self.shown or not len(x):
            self.raw.setData([], [])
            self.line.setData([], [])
            return np.empty(0)
        first, last = _visible_rows(x, view.low, view.high)
        raw_x, raw_y = decimate(x[first:last], self.series.y[first:last], view.bins)
        if view.smoothing <= 0:
            self.raw.setData([], [])
            return _set_line(self.line, raw_x, raw_y, view.log)
        trend = self.trend.values(self.series, view.smoothing)
        trend_x, trend_y = thin(x[first:last], trend[first:last], max(64, view.bins // 2))
        drawn = _set_line(self.line, trend_x, trend_y, view.log)
        if not view.raw:
            self.raw.setData([], [])
            return drawn
        return np.concatenate([drawn, _set_line(self.raw, raw_x, raw_y, view.log)])

    def row_at(self, axis: Axis, x: float | None) -> int | None:
        """Index of the point nearest to ``x`` on ``axis`` (None: the last one); None if empty."""
        xs = self.x(axis)
        if not len(xs):
            return None
        if x is None:
            return len(xs) - 1
        right = int(np.searchsorted(xs, x))
        near = [i for i in (right - 1, right) if 0 <= i < len(xs)]
        return min(near, key=lambda i: abs(xs[i] - x))

    def paint(self, color: QColor, style: Qt.PenStyle) -> None:
        """Colour and style of both lines."""
        faint = QColor(color)
        faint.setAlpha(RAW_ALPHA)
        self.raw.setPen(pg.mkPen(faint, width=1))
        self.line.setPen(pg.mkPen(color, width=1.5, style=style))
        # Qt strokes one long path much more slowly than its pieces, but only a path has dashes.
        solid = style == Qt.PenStyle.SolidLine
        self.line.curve.setSegmentedLineMode("on" if solid else "off")
        self.raw.curve.setSegmentedLineMode("on")
        for item, brush in ((self.raw, faint), (self.line, color)):
            item.setSymbolBrush(pg.mkBrush(brush))
            item.setSymbolPen(None)
            item.setSymbolSize(4)


def _set_line(line: pg.PlotDataItem, x: np.ndarray, y: np.ndarray, log: bool) -> np.ndarray:
    """Draw ``line``; returns y as drawn."""
    scaled = np.log10(np.where(y > MIN_LOG, y, np.nan)) if log else y
    symbol = "o" if 0 < len(x) <= _FEW_POINTS else None
    line.setData(x, scaled, connect="finite", symbol=symbol)
    return scaled


def _visible_rows(x: np.ndarray, low: float, high: float) -> tuple[int, int]:
    """Rows in sight and one more on each side, so that lines run to the edge."""
    first, last = np.searchsorted(x, low), np.searchsorted(x, high, side="right")
    return max(0, int(first) - 1), min(len(x), int(last) + 1)
