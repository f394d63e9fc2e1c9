"""The curve widget: throttled, silent while hidden, readable under the mouse."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QElapsedTimer, QPoint, QPointF, Qt

from latent_studio.ui.plots.clock import AXES, Clock
from latent_studio.ui.plots.curve_plot import REDRAW_INTERVAL_MS, CurvePlot, Overlay
from latent_studio.ui.plots.series import Series


@pytest.fixture
def plot(qtbot):
    made = CurvePlot("losses")
    qtbot.addWidget(made)
    made.resize(600, 240)
    made.add_curve(Series("loss/G"), "G")
    made.add_curve(Series("loss/D"), "D")
    return made


def feed(plot, count, start=0):
    for i in range(start, start + count):
        for number, curve in enumerate(plot._curves):
            curve.series.append(float(i), np.sin(i / 20) + number)
        plot.refresh()


def drawn(plot, index=0):
    x, y = plot._curves[index].line.getData()
    return (np.empty(0), np.empty(0)) if x is None else (x, y)


def test_hidden_plots_keep_everything_and_paint_nothing(qtbot, plot):
    feed(plot, 500)
    qtbot.wait(2 * REDRAW_INTERVAL_MS)  # the time in which a visible one would have painted
    assert plot.redraws == 0
    plot.show()
    qtbot.waitUntil(lambda: plot.redraws == 1)
    assert len(plot._curves[0].series) == 500
    assert len(drawn(plot)[0]) > 100
    plot.hide()
    feed(plot, 10, 500)
    qtbot.wait(2 * REDRAW_INTERVAL_MS)
    assert plot.redraws == 1


def test_drawing_is_throttled_and_ends_with_the_last_point(qtbot, plot):
    plot.show()
    qtbot.waitUntil(lambda: plot.redraws >= 1)
    before, clock = plot.redraws, QElapsedTimer()
    clock.start()
    for i in range(40):
        feed(plot, 1, i)
        qtbot.wait(10)
    assert plot.redraws - before <= clock.elapsed() / REDRAW_INTERVAL_MS + 2
    qtbot.waitUntil(lambda: len(drawn(plot)[0]) == 40)


def test_long_runs_are_drawn_with_few_points_and_all_peaks(qtbot, plot):
    series = plot._curves[0].series
    series.extend((float(i), 5.0 if i == 33_333 else 0.1) for i in range(100_000))
    plot.show()
    qtbot.waitUntil(lambda: len(drawn(plot)[0]) > 0)
    assert len(drawn(plot)[0]) < 1500
    assert drawn(plot)[1].max() == 5.0
    assert len(series) == 100_000


def test_zooming_stops_following_and_a_double_click_follows_again(qtbot, plot):
    plot.show()
    feed(plot, 100)
    qtbot.waitUntil(lambda: len(drawn(plot)[0]) == 100)
    plot._item.vb.setXRange(10, 20, padding=0)
    plot._item.vb.sigRangeChangedManually.emit([True, True])
    assert not plot.following
    qtbot.waitUntil(lambda: len(drawn(plot)[0]) < 20)
    qtbot.mouseDClick(plot._plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 100))
    assert plot.following
    qtbot.waitUntil(lambda: len(drawn(plot)[0]) == 100)


def test_a_log_scale_leaves_out_what_has_no_logarithm(qtbot, plot):
    plot._curves[0].series.extend([(0, 1.0), (1, 0.0), (2, 100.0), (3, -5.0)])
    plot.set_log_scale(True)
    plot.show()
    qtbot.waitUntil(lambda: len(drawn(plot)[0]) == 4)
    y = drawn(plot)[1]
    assert (y[0], y[2]) == (0.0, 2.0)
    assert np.isnan(y[[1, 3]]).all()


def test_smoothing_draws_a_trend_over_the_values(qtbot, plot):
    rng = np.random.default_rng(0)
    plot._curves[0].series.extend((float(i), v) for i, v in enumerate(rng.normal(size=300)))
    plot.set_smoothing(0.9)
    plot.show()
    qtbot.waitUntil(lambda: len(drawn(plot)[0]) > 0)
    assert drawn(plot)[1].std() < 0.5 * plot._curves[0].raw.getData()[1].std()


def test_a_click_on_the_legend_hides_a_curve(qtbot, plot):
    plot.show()
    feed(plot, 50)
    qtbot.waitUntil(lambda: len(drawn(plot, 1)[0]) == 50)
    qtbot.mouseClick(plot._legend.button(1), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(drawn(plot, 1)[0]) == 0)
    assert len(drawn(plot, 0)[0]) == 50


def test_the_legend_reads_out_the_point_under_the_mouse(qtbot, plot):
    plot.show()
    feed(plot, 101)
    qtbot.waitUntil(lambda: len(drawn(plot)[0]) == 101)
    box = plot._item.vb
    plot._on_mouse_moved(box.mapViewToScene(QPointF(40.2, 1.0)))
    assert plot._legend.button(0).text() == f"G  {np.sin(2):.3f}"
    assert plot._legend._where.text() == "40.00 kimg"


def test_a_clock_turns_kimg_into_steps_and_minutes():
    clock = Clock()
    clock.append(1.0, 100, 60.0)
    clock.append(2.0, 200, 180.0)
    kimg = np.array([0.5, 1.0, 1.5, 9.0])
    assert list(clock.convert(kimg, AXES["step"])) == [50, 100, 150, 200]
    assert list(clock.convert(kimg, AXES["seconds"])) == [0.5, 1.0, 2.0, 3.0]
    assert clock.convert(kimg, AXES["kimg"]) is kimg
    assert not len(Clock().convert(kimg, AXES["step"]))


def test_the_axis_can_count_steps_or_time(qtbot):
    clock, series = Clock(), Series("loss/G")
    plot = CurvePlot("losses")
    qtbot.addWidget(plot)
    plot.add_curve(series, "G", clock=clock)
    for tick in range(1, 31):
        clock.append(tick * 0.5, tick * 10, tick * 60.0)
        series.append(tick * 0.5, 1.0)
    plot.show()
    qtbot.waitUntil(lambda: len(drawn(plot)[0]) == 30)
    assert drawn(plot)[0][-1] == 15.0
    plot.set_axis("step")
    qtbot.waitUntil(lambda: drawn(plot)[0][-1] == 300)
    plot.set_axis("seconds")
    qtbot.waitUntil(lambda: drawn(plot)[0][-1] == 30.0)
    plot._hover = 10.0
    plot._update_legend()
    assert plot._legend._where.text() == "10.00 min"


def test_another_run_is_drawn_in_its_colour_and_in_the_same_styles(qtbot, plot):
    other = [Series("loss/G"), Series("loss/D")]
    for number, series in enumerate(other):
        series.extend((float(i), 5.0 + number) for i in range(40))
    feed(plot, 20)
    plot.set_overlays([Overlay("other", 3, Clock(), other)])
    plot.show()
    qtbot.waitUntil(lambda: plot._others[1].line.getData()[1] is not None)
    pens = [curve.line.opts["pen"] for curve in (*plot._curves, *plot._others)]
    assert pens[0].color() == pens[1].color() != pens[2].color() == pens[3].color()
    assert pens[0].style() == pens[2].style() != pens[1].style() == pens[3].style()
    assert "5.000" in plot._legend.button(0).text() and " / " in plot._legend.button(0).text()
    qtbot.mouseClick(plot._legend.button(1), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not len(drawn(plot, 1)[0]))
    assert not plot._others[1].shown and plot._others[1].line.getData()[0] is None
    plot.set_overlays([])
    assert not plot._others


def test_whole_columns_keep_the_series_and_its_version_when_they_only_grow():
    series = Series("loss/G")
    series.extend([(0.0, 1.0), (1.0, np.nan)])
    version = series.version
    series.assign(np.arange(1000.0), np.concatenate([[1.0, np.nan], np.ones(998)]))
    assert len(series) == 1000 and series.version == version
    series.append(1000.0, 2.0)
    assert len(series) == 1001
    series.assign(np.arange(3.0), np.zeros(3))
    assert list(series.y) == [0, 0, 0] and series.version > version


@pytest.mark.parametrize("log", [False, True])
def test_a_low_plot_has_fewer_labels_and_none_on_another(qtbot, plot, log):
    feed(plot, 500)
    plot.set_log_scale(log)
    plot.show()
    axis, counts = plot._item.getAxis("left"), []
    for height in (400, 160, 80, 64):
        plot.resize(400, height)
        redraws = plot.redraws
        plot.refresh()
        qtbot.waitUntil(lambda redraws=redraws: plot.redraws > redraws)
        plot.grab()
        places = sorted((rect.top(), rect.bottom()) for rect, _text in axis.labels)
        assert all(a[1] <= b[0] for a, b in pairwise(places))
        counts.append(len(places))
    assert counts[0] > counts[-1] >= 1
