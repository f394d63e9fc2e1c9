"""Curves of a run: every tick is data; drawing is throttled, thinned, and rests when hidden."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QElapsedTimer, QEvent, QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from latent_studio.ui import theme
from latent_studio.ui.plots.clock import AXES, Clock
from latent_studio.ui.plots.curve import STYLES, Curve, View
from latent_studio.ui.plots.legend import Legend, LegendEntry
from latent_studio.ui.plots.limit_line import LimitLine
from latent_studio.ui.plots.numbers import short_number
from latent_studio.ui.plots.series import Series, robust_range
from latent_studio.ui.plots.value_axis import ValueAxis

REDRAW_INTERVAL_MS = 200
_LIMIT_ROOM = 0.05  # beyond a line


@dataclass(frozen=True, eq=False)
class Overlay:
    """Another run in the same plot: a series for each curve of the plot, in one colour."""

    name: str
    color: int
    clock: Clock
    series: Sequence[Series]


class CurvePlot(QWidget):
    """Lines over kimg, steps or time: legend, read-out under the mouse, trend, log scale, and
    other runs for comparison.

    Add :class:`~latent_studio.ui.plots.series.Series` with :meth:`add_curve`, append to them at any
    rate and call :meth:`refresh`: the plot redraws at most five times a second, from as many
    points as the width can show, and not at all while it is hidden. Drag and wheel zoom in x and y;
    a double click shows everything again.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.redraws = 0
        self._axis = AXES["kimg"]
        self._curves: list[Curve] = []
        self._others: list[Curve] = []
        self._limits: list[LimitLine] = []
        self._clock = Clock()
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

    def add_curve(
        self, series: Series, title: str, color: int | None = None, clock: Clock | None = None
    ) -> None:
        """Show a series; ``color`` is an index into the theme's plot colours, ``clock`` knows the
        steps and the time of its run.
        """
        kind = len(self._curves)
        clock = self._clock if clock is None else clock
        curve = Curve(series, title, kind if color is None else color, clock, kind)
        self._curves.append(self._adopt(curve))
        self._apply_theme()
        self.refresh()

    def add_limit(self, value: float, text: str, below: bool) -> None:
        """Draw a line, always in sight, ``below`` or above which something is wrong."""
        line = LimitLine(value, text, below)
        self._limits.append(line)
        self._item.addItem(line.item, ignoreBounds=True)
        self.refresh()

    @property
    def limits(self) -> list[tuple[float, str]]:
        """Values and words of the lines."""
        return [(line.value, line.text) for line in self._limits]

    def set_overlays(self, overlays: Sequence[Overlay]) -> None:
        """Show other runs, too: then the colour tells the run and the style of line the curve."""
        for curve in self._others:
            for item in (curve.raw, curve.line):
                self._item.removeItem(item)
        self._others = []
        for overlay in overlays:
            for curve, series in zip(self._curves, overlay.series, strict=True):
                other = Curve(series, overlay.name, overlay.color, overlay.clock, curve.kind)
                other.shown = curve.shown
                self._others.append(self._adopt(other))
        self._apply_theme()
        self.refresh()

    def _adopt(self, curve: Curve) -> Curve:
        for item in (curve.raw, curve.line):
            self._item.addItem(item, ignoreBounds=True)
        return curve

    @property
    def axis(self) -> str:
        return self._axis.name

    def set_axis(self, name: str) -> None:
        """What x counts: ``kimg``, ``step`` or ``seconds``."""
        self._axis = AXES[name]
        self.show_all()

    def curve_titles(self) -> list[str]:
        return [curve.title for curve in self._curves]

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
        for line in self._limits:
            line.place(on)
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
        low, high = self._item.vb.viewRange()[0]
        bins = max(64, self._plot.width() // 2)
        view = View(low, high, bins, self._smoothing, self._log, raw=not self._others)
        lines = [curve.draw(self._axis, view) for curve in self._all()]
        if self._follow:
            self._fit_y(lines)
        self._update_legend()

    def _all(self) -> list[Curve]:
        return [*self._curves, *self._others]

    def _fit_x(self) -> None:
        xs = [x for x in (curve.x(self._axis) for curve in self._all()) if len(x)]
        if not xs:
            return
        low, high = min(x[0] for x in xs), max(x[-1] for x in xs)
        self._item.vb.setXRange(low, max(high, low + 1e-3), padding=0.02)

    def _fit_y(self, lines: list[np.ndarray]) -> None:
        bounds = [b for b in map(robust_range, lines) if b is not None]
        if bounds:
            low, high = min(b[0] for b in bounds), max(b[1] for b in bounds)
            self._item.vb.setYRange(*self._with_limits(low, high), padding=0)

    def _with_limits(self, low: float, high: float) -> tuple[float, float]:
        """A range that holds the lines, too."""
        places = [p for p in (line.drawn(self._log) for line in self._limits) if p is not None]
        bottom, top = min([low, *places]), max([high, *places])
        room = _LIMIT_ROOM * (top - bottom)
        return bottom - room * (bottom < low), top + room * (top > high)

    # the person's hand

    def _on_manual_range(self, *_: object) -> None:
        self._follow = False
        self.refresh()

    def _on_x_range(self, *_: object) -> None:
        if not self._follow:
            self.refresh()

    def _set_shown(self, index: int, shown: bool) -> None:
        for curve in self._all():
            if curve.kind == index:
                curve.shown = shown
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
        rows = {id(curve): curve.row_at(self._axis, self._hover) for curve in self._all()}
        known = [curve for curve in self._all() if rows[id(curve)] is not None]
        at = known[0].x(self._axis)[rows[id(known[0])]] if known else None
        self._cursor.setVisible(self._hover is not None and at is not None)
        if self._cursor.isVisible() and at is not None:
            self._cursor.setPos(at)
        texts = [
            " / ".join(
                short_number(curve.series.y[rows[id(curve)]])
                for curve in known
                if curve.kind == main.kind
            )
            for main in self._curves
        ]
        kinds = {curve.kind for curve in known}
        self._legend.show_present([main.kind in kinds for main in self._curves])
        where = f"{at:,.2f} {self._axis.unit}" if self._cursor.isVisible() else ""
        self._legend.show_values(texts, where)

    # looks

    def _apply_theme(self) -> None:
        colors = theme.colors()
        self._plot.setBackground(colors.panel)
        for side in ("left", "bottom"):
            axis = self._item.getAxis(side)
            axis.setPen(pg.mkPen(colors.border))
            axis.setTextPen(pg.mkPen(colors.muted))
        self._cursor.setPen(pg.mkPen(colors.muted, style=Qt.PenStyle.DashLine))
        for limit in self._limits:
            limit.dress()
        entries = []
        compared = bool(self._others)
        for curve in self._all():
            main = curve.kind < len(self._curves) and self._curves[curve.kind] is curve
            index = 0 if compared and main else curve.color
            color = QColor(colors.plot[index % len(colors.plot)])
            style = STYLES[curve.kind % len(STYLES)] if compared else STYLES[0]
            curve.paint(color, style)
            if main:
                shade = colors.text if compared else color.name()
                line = style if compared else None
                entries.append(LegendEntry(curve.title, shade, curve.shown, line))
        self._legend.set_entries(entries)
        self.refresh()


def _make_plot_widget() -> pg.PlotWidget:
    plot = pg.PlotWidget(axisItems={"left": ValueAxis()})
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
