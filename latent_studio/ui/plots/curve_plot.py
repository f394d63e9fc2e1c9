"""Curves of a run: every tick is data; drawing is throttled, thinned, and rests when hidden."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from latent_studio.ui import theme
from latent_studio.ui.plots.legend import Legend, LegendEntry
from latent_studio.ui.plots.numbers import short_number
from latent_studio.ui.plots.series import Series, Trend, decimate, robust_range, thin

REDRAW_INTERVAL_MS = 200
_RAW_ALPHA = 70
_FEW_POINTS = 24  # so few are marked, or a first one would not be seen
_MIN_LOG = 1e-12


@dataclass
class _Curve:
    """A series and its two lines: what was measured (faint) and its trend."""

    series: Series
    title: str
    color: int
    raw: pg.PlotDataItem
    line: pg.PlotDataItem
    shown: bool = True
    trend: Trend = field(default_factory=Trend)


class CurvePlot(QWidget):
    """Lines over kimg (or another ``unit``): legend, read-out under the mouse, trend, log scale.

    Add :class:`~latent_studio.ui.plots.series.Series` with :meth:`add_curve`, append to them at any
    rate and call :meth:`refresh`: the plot redraws at most five times a second, from as many
    points as the width can show, and not at all while it is hidden. Drag and wheel zoom in x and y;
    a double click shows everything again.
    """

    def __init__(self, title: str, unit: str = "kimg", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.redraws = 0
        self._unit = unit
        self._curves: list[_Curve] = []
        self._smoothing = 0.0
        self._log = False
        self._follow = True
        self._dirty = False
        self._since_redraw = QElapsedTimer()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._redraw)
        self._legend = Legend(title)
        self._legend.toggled.connect(self._set_shown)
        self._plot = _make_plot_widget()
        self._plot.setAccessibleName(title)
        self._item: pg.PlotItem = self._plot.getPlotItem()
        self._cursor = pg.InfiniteLine(angle=90, movable=False)
        self._item.addItem(self._cursor, ignoreBounds=True)
        self._cursor.hide()
        self._hover: float | None = None
        self._item.vb.sigRangeChangedManually.connect(self._on_manual_range)
        self._item.vb.sigXRangeChanged.connect(self._on_x_range)
        self._plot.scene().sigMouseMoved.connect(self._on_mouse_moved)
        self._plot.viewport().installEventFilter(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._legend)
        layout.addWidget(self._plot, 1)
        theme.notifier().changed.connect(self._apply_theme)
        self._apply_theme()

    # what is shown

    def add_curve(self, series: Series, title: str, color: int | None = None) -> None:
        """Show a series; ``color`` is an index into the theme's plot colours."""
        index = len(self._curves) if color is None else color
        raw, line = pg.PlotDataItem(antialias=False), pg.PlotDataItem(antialias=True)
        for item in (raw, line):
            self._item.addItem(item, ignoreBounds=True)
            # Qt strokes one long path much more slowly than its pieces
            item.curve.setSegmentedLineMode("on")
        self._curves.append(_Curve(series, title, index, raw, line))
        self._apply_theme()
        self.refresh()

    def curve_titles(self) -> list[str]:
        return [curve.title for curve in self._curves]

    def replace_series(self, series: Sequence[Series]) -> None:
        """Point the curves, in order, at the data of another run."""
        for curve, new in zip(self._curves, series, strict=True):
            curve.series = new
        self.show_all()

    @property
    def smoothing(self) -> float:
        return self._smoothing

    def set_smoothing(self, weight: float) -> None:
        """Weight of the moving average, 0 (none) to 0.999."""
        self._smoothing = min(max(weight, 0.0), 0.999)
        self.refresh()

    @property
    def log_scale(self) -> bool:
        return self._log

    def set_log_scale(self, on: bool) -> None:
        """Show y logarithmically; values of zero and below are left out."""
        self._log = on
        self._item.getAxis("left").setLogMode(on)
        self.show_all()

    def show_all(self) -> None:
        """Follow the data again, after zooming."""
        self._follow = True
        self.refresh()

    @property
    def following(self) -> bool:
        """False while the person has zoomed in."""
        return self._follow

    def y_range(self) -> tuple[float, float]:
        """The shown range of y (log10 of it on a log scale)."""
        low, high = self._item.vb.viewRange()[1]
        return float(low), float(high)

    # drawing

    def refresh(self) -> None:
        """The data changed: draw soon, if anybody can see it."""
        self._dirty = True
        if self.isVisible() and not self._timer.isActive():
            waited = self._since_redraw.elapsed() if self._since_redraw.isValid() else math.inf
            self._timer.start(int(max(0.0, REDRAW_INTERVAL_MS - waited)))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._dirty:
            self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def _redraw(self) -> None:
        if not self.isVisible():
            return
        self._dirty = False
        self._since_redraw.start()
        self.redraws += 1
        if self._follow:
            self._fit_x()
        lines = [self._draw_curve(curve) for curve in self._curves]
        if self._follow:
            self._fit_y(lines)
        self._update_legend()

    def _draw_curve(self, curve: _Curve) -> np.ndarray:
        """Set the lines of one curve to what the width can show; returns the y values drawn."""
        if not curve.shown or not len(curve.series):
            curve.raw.setData([], [])
            curve.line.setData([], [])
            return np.empty(0)
        x, y = curve.series.x, curve.series.y
        first, last = self._visible_rows(x)
        bins = max(64, self._plot.width() // 2)
        raw_x, raw_y = decimate(x[first:last], y[first:last], bins)
        if self._smoothing <= 0:
            return self._set_line(curve.line, raw_x, raw_y, other=curve.raw)
        trend = curve.trend.values(curve.series, self._smoothing)
        trend_x, trend_y = thin(x[first:last], trend[first:last], max(64, bins // 2))
        drawn = self._set_line(curve.line, trend_x, trend_y)
        return np.concatenate([drawn, self._set_line(curve.raw, raw_x, raw_y)])

    def _set_line(
        self, line: pg.PlotDataItem, x: np.ndarray, y: np.ndarray, other: Any = None
    ) -> np.ndarray:
        """Draw ``line`` and clear ``other``; returns y as drawn."""
        scaled = self._scaled(y)
        symbol = "o" if 0 < len(x) <= _FEW_POINTS else None
        line.setData(x, scaled, connect="finite", symbol=symbol)
        if other is not None:
            other.setData([], [])
        return scaled

    def _scaled(self, y: np.ndarray) -> np.ndarray:
        if not self._log:
            return y
        return np.log10(np.where(y > _MIN_LOG, y, np.nan))

    def _visible_rows(self, x: np.ndarray) -> tuple[int, int]:
        """Rows in sight and one more on each side, so that lines run to the edge."""
        low, high = self._item.vb.viewRange()[0]
        first, last = np.searchsorted(x, low), np.searchsorted(x, high, side="right")
        return max(0, int(first) - 1), min(len(x), int(last) + 1)

    def _fit_x(self) -> None:
        ends = [(c.series.x[0], c.series.x[-1]) for c in self._curves if len(c.series)]
        if not ends:
            return
        low, high = min(e[0] for e in ends), max(e[1] for e in ends)
        self._item.vb.setXRange(low, max(high, low + 1e-3), padding=0.02)

    def _fit_y(self, lines: list[np.ndarray]) -> None:
        bounds = [b for b in map(robust_range, lines) if b is not None]
        if bounds:
            low, high = min(b[0] for b in bounds), max(b[1] for b in bounds)
            self._item.vb.setYRange(low, high, padding=0)

    # the person's hand

    def _on_manual_range(self, *_: object) -> None:
        self._follow = False
        self.refresh()

    def _on_x_range(self, *_: object) -> None:
        if not self._follow:
            self.refresh()

    def _set_shown(self, index: int, shown: bool) -> None:
        self._curves[index].shown = shown
        self.refresh()

    def _on_mouse_moved(self, position: QPointF) -> None:
        box = self._item.vb
        inside = box.sceneBoundingRect().contains(position)
        self._hover = box.mapSceneToView(position).x() if inside else None
        self._update_legend()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonDblClick:
            self.show_all()
            return True
        if event.type() == QEvent.Type.Leave:
            self._hover = None
            self._update_legend()
        return False

    def _update_legend(self) -> None:
        rows = [self._legend_row(curve) for curve in self._curves]
        at = next((c.series.x[i] for c, i in rows if i is not None), None)
        self._cursor.setVisible(self._hover is not None and at is not None)
        if self._cursor.isVisible() and at is not None:
            self._cursor.setPos(at)
        values = [short_number(c.series.y[i]) if i is not None else "" for c, i in rows]
        where = f"{at:,.2f} {self._unit}" if self._cursor.isVisible() else self._unit
        self._legend.show_values(values, where)

    def _legend_row(self, curve: _Curve) -> tuple[_Curve, int | None]:
        if not len(curve.series):
            return curve, None
        if self._hover is None:
            return curve, len(curve.series) - 1
        return curve, curve.series.nearest(self._hover)

    # looks

    def _apply_theme(self) -> None:
        colors = theme.colors()
        self._plot.setBackground(colors.panel)
        for side in ("left", "bottom"):
            axis = self._item.getAxis(side)
            axis.setPen(pg.mkPen(colors.border))
            axis.setTextPen(pg.mkPen(colors.muted))
        self._cursor.setPen(pg.mkPen(colors.muted, style=Qt.PenStyle.DashLine))
        entries = []
        for curve in self._curves:
            color = QColor(colors.plot[curve.color % len(colors.plot)])
            faint = QColor(color)
            faint.setAlpha(_RAW_ALPHA)
            curve.raw.setPen(pg.mkPen(faint, width=1))
            curve.line.setPen(pg.mkPen(color, width=1.5))
            for item, brush in ((curve.raw, faint), (curve.line, color)):
                item.setSymbolBrush(pg.mkBrush(brush))
                item.setSymbolPen(None)
                item.setSymbolSize(4)
            entries.append(LegendEntry(curve.title, color.name(), curve.shown))
        self._legend.set_entries(entries)
        self.refresh()


def _make_plot_widget() -> pg.PlotWidget:
    plot = pg.PlotWidget(axisItems={})
    plot.setFrameShape(plot.Shape.NoFrame)
    item = plot.getPlotItem()
    item.hideButtons()
    item.setMenuEnabled(False)
    item.disableAutoRange()
    item.showGrid(y=True, alpha=0.12)
    item.getAxis("bottom").enableAutoSIPrefix(False)
    item.getAxis("left").enableAutoSIPrefix(False)
    item.getAxis("left").setWidth(56)
    return plot
