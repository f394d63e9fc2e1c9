"""The data of curves: nothing lost, trends right, peaks kept."""

import time

import numpy as np
import pytest

from latent_studio.ui.plots.numbers import duration, short_number, size_text
from latent_studio.ui.plots.series import Series, Trend, decimate, fill_gaps, robust_range, thin


def series_of(values, step=1.0):
    made = Series("s")
    made.extend((step * i, float(v)) for i, v in enumerate(values))
    return made


def reference_trend(values, weight):
    state, result = 0.0, []
    for t, value in enumerate(values):
        state = weight * state + (1 - weight) * value
        result.append(state / (1 - weight ** (t + 1)))
    return np.array(result)


def test_every_point_is_kept():
    values = np.random.default_rng(0).normal(size=1000)
    made = series_of(values, 0.5)
    np.testing.assert_array_equal(made.y, values)
    np.testing.assert_array_equal(made.x, np.arange(1000) * 0.5)


def test_a_resumed_run_replaces_what_comes_after_it():
    made = series_of(range(10))
    made.append(6.0, -1.0)
    np.testing.assert_array_equal(made.y, [0, 1, 2, 3, 4, 5, -1])


@pytest.mark.parametrize("weight", [0.3, 0.9, 0.999])
@pytest.mark.parametrize("chunks", [(700,), (1, 1, 62, 64, 65, 507), tuple([1] * 700)])
def test_the_trend_is_the_same_however_it_grows(weight, chunks):
    values = np.random.default_rng(1).normal(size=700)
    made, trend, start = Series(), Trend(), 0
    for chunk in chunks:
        made.extend((float(i), values[i]) for i in range(start, start + chunk))
        start += chunk
        result = trend.values(made, weight)
    np.testing.assert_allclose(result, reference_trend(values, weight), rtol=1e-9, atol=1e-12)


def test_the_trend_starts_anew_after_a_cut_and_with_another_weight():
    values = np.random.default_rng(2).normal(size=50)
    made, trend = series_of(values), Trend()
    trend.values(made, 0.9)
    made.truncate(30)
    np.testing.assert_allclose(trend.values(made, 0.9), reference_trend(values[:30], 0.9))
    np.testing.assert_allclose(trend.values(made, 0.5), reference_trend(values[:30], 0.5))


def test_a_trend_goes_over_gaps():
    made = series_of([1.0, np.nan, np.inf, 1.0])
    np.testing.assert_allclose(Trend().values(made, 0.9), 1.0)
    np.testing.assert_array_equal(fill_gaps(np.array([np.nan, 2.0, np.nan])), [2.0, 2.0, 2.0])


def test_decimation_keeps_every_peak_and_the_order():
    rng = np.random.default_rng(3)
    y = rng.normal(size=100_003)
    peaks = rng.choice(len(y), 50, replace=False)
    y[peaks] = 100 + np.arange(50)
    x = np.arange(len(y), dtype=float)
    short_x, short_y = decimate(x, y, 500)
    assert len(short_x) <= 2 * 502
    assert np.all(np.diff(short_x) >= 0)
    size = -(-len(y) // 500)
    tallest = {max(group, key=y.__getitem__) for group in _by_bin(peaks, size)}
    assert {x[i] for i in tallest} <= {*short_x}
    assert short_y.max() == y.max() and short_y.min() == y.min()


def _by_bin(rows, size):
    bins = {}
    for row in rows:
        bins.setdefault(row // size, []).append(row)
    return bins.values()


def test_decimation_sees_past_missing_values():
    y = np.full(1000, np.nan)
    y[500], y[501] = 3.0, -3.0
    _, short = decimate(np.arange(1000.0), y, 10)
    assert np.nanmax(short) == 3.0 and np.nanmin(short) == -3.0


def test_thinning_a_trend_keeps_its_mean_and_its_end():
    x = np.arange(10_007.0)
    short_x, short_y = thin(x, np.sin(x / 1000), 200)
    assert len(short_x) <= 201
    assert short_x[-1] == x[-1]
    np.testing.assert_allclose(short_y[:-1], np.sin(short_x[:-1] / 1000), atol=1e-3)


def test_the_range_is_not_squashed_by_a_spike():
    y = np.concatenate([np.linspace(0, 1, 999), [1e6]])
    low, high = robust_range(y)
    assert low < 0 and 1 < high < 3
    assert robust_range(np.array([np.nan])) is None
    low, high = robust_range(np.full(5, 2.0))
    assert low < 2 < high


def test_a_hundred_thousand_points_are_prepared_quickly():
    made, trend = series_of(np.random.default_rng(4).normal(size=100_000)), Trend()
    trend.values(made, 0.95)
    made.append(1e6, 0.0)
    started = time.perf_counter()
    trend.values(made, 0.95)
    decimate(made.x, made.y, 900)
    assert time.perf_counter() - started < 0.1


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.500"), (12.345, "12.3"), (0, "0.000"), (0.00042, "4.2e-04"), (12345.6, "12,346")],
)
def test_numbers_are_short(value, text):
    assert short_number(value) == text
    assert short_number(float("nan")) == "–"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (4.4, "4 s"), (65, "1 min 05 s"), (4320, "1 h 12 min"), (200_000, "2 d 7 h")],
)
def test_durations_read_like_words(seconds, text):
    assert duration(seconds) == text


def test_sizes():
    assert size_text(999) == "999 B" and size_text(3_400_000) == "3.4 MB"
