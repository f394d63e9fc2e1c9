"""The numbers behind a curve: every tick is kept, drawing takes what the screen can show.

Qt-free. x is what the run counts in (kimg) and never decreases.
"""

from collections.abc import Iterable

import numpy as np

_FIRST_CAPACITY = 256
_BLOCK = 64


class Series:
    """A growing curve ``(x, y)`` in float64, amortised O(1) per point."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._data = np.empty((2, _FIRST_CAPACITY))
        self._count = 0
        self.version = 0
        """Grows whenever points are taken away."""

    def __len__(self) -> int:
        return self._count

    @property
    def x(self) -> np.ndarray:
        """A view ``[n]``; valid until the next change."""
        return self._data[0, : self._count]

    @property
    def y(self) -> np.ndarray:
        """A view ``[n]``; values that were not finite are kept as they came."""
        return self._data[1, : self._count]

    def append(self, x: float, y: float) -> None:
        """Add one point. An x before the last one cuts the curve there first (a resumed run)."""
        if self._count and x <= self._data[0, self._count - 1]:
            self.truncate(x)
        if self._count == self._data.shape[1]:
            self._data = np.concatenate([self._data, np.empty_like(self._data)], axis=1)
        self._data[:, self._count] = x, y
        self._count += 1

    def extend(self, points: Iterable[tuple[float, float]]) -> None:
        for x, y in points:
            self.append(x, y)

    def assign(self, x: np.ndarray, y: np.ndarray) -> None:
        """Take over whole columns ``[n]``; points that only came to the end cost no redrawing."""
        known = self._count
        grown = known <= len(x) and np.array_equal(x[:known], self.x)
        if not (grown and np.array_equal(y[:known], self.y, equal_nan=True)):
            self.version += 1
        capacity = self._data.shape[1]
        while capacity < len(x):
            capacity *= 2
        if capacity > self._data.shape[1]:
            self._data = np.empty((2, capacity))
        self._data[0, : len(x)], self._data[1, : len(x)] = x, y
        self._count = len(x)

    def truncate(self, x: float) -> None:
        """Forget the points at ``x`` and after it."""
        self._count = int(np.searchsorted(self.x, x, side="left"))
        self.version += 1

    def clear(self) -> None:
        self._count = 0
        self.version += 1

    def nearest(self, x: float) -> int | None:
        """Index of the point nearest to ``x``; None while empty."""
        if not self._count:
            return None
        right = int(np.searchsorted(self.x, x))
        candidates = [i for i in (right - 1, right) if 0 <= i < self._count]
        return min(candidates, key=lambda i: abs(self._data[0, i] - x))


class Trend:
    """Exponential moving average of a series with the start-up bias removed, kept as it grows.

    ``s_t = weight * s_(t-1) + (1 - weight) * y_t``, divided by ``1 - weight ** (t + 1)``, as Adam
    does (Kingma and Ba 2015, arXiv:1412.6980). Values that are not finite count as the last one
    that was. Only the points that are new since the last call cost time.
    """

    def __init__(self) -> None:
        self._of: tuple[Series | None, int, float] = (None, 0, 0.0)
        self._gapless = self._average = self._result = np.empty(0)

    def values(self, series: Series, weight: float) -> np.ndarray:
        """The trend of ``series``, ``[n]``."""
        if weight <= 0:
            return series.y
        of = (series, series.version, weight)
        if of != self._of:
            self._of = of
            self._gapless = self._average = self._result = np.empty(0)
        done = len(self._result)
        if done < len(series):
            self._extend(series.y[done:], weight)
        return self._result

    def _extend(self, new: np.ndarray, weight: float) -> None:
        done = len(self._result)
        gapless = fill_gaps(np.concatenate([self._gapless[-1:], new]))[min(done, 1) :]
        start = self._average[-1] if done else 0.0
        average = _moving_average(gapless, weight, float(start))
        bias = 1.0 - weight ** np.arange(done + 1.0, done + len(new) + 1.0)
        self._gapless = gapless
        self._average = average
        self._result = np.concatenate([self._result, average / bias])


def _moving_average(values: np.ndarray, weight: float, start: float) -> np.ndarray:
    """The recursion for ``[n]`` values, in blocks: a matrix product within, a carry between."""
    blocks = -(-len(values) // _BLOCK)
    padded = np.zeros(blocks * _BLOCK)
    padded[: len(values)] = values
    steps = np.arange(_BLOCK)
    lag = steps[:, None] - steps[None, :]
    kernel = np.where(lag >= 0, (1 - weight) * weight ** np.maximum(lag, 0), 0.0)
    result = padded.reshape(blocks, _BLOCK) @ kernel.T
    decay = weight ** (steps + 1.0)
    carry = start
    for block in result:
        block += carry * decay
        carry = block[-1]
    return result.reshape(-1)[: len(values)]


def fill_gaps(y: np.ndarray) -> np.ndarray:
    """Replace values that are not finite by the last finite one (the first one at the start)."""
    good = np.isfinite(y)
    if good.all():
        return np.asarray(y, dtype=float)
    if not good.any():
        return np.zeros(len(y))
    last = np.maximum.accumulate(np.where(good, np.arange(len(y)), -1))
    last[last < 0] = int(np.argmax(good))
    return np.asarray(y, dtype=float)[last]


def decimate(x: np.ndarray, y: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """At most ``2 * bins`` points that keep every peak: lowest and highest of each bin, in order.

    NaN is ignored unless a bin holds nothing else, where the curve shows a gap.
    """
    bins = max(1, bins)
    if len(x) <= 2 * bins:
        return x, y
    size = -(-len(x) // bins)
    rows = len(x) // size
    whole = y[: rows * size].reshape(rows, size)
    low, high = _lowest(whole), _highest(whole)
    pairs = np.sort(np.stack([low, high], axis=1), axis=1) + np.arange(rows)[:, None] * size
    picked = pairs.reshape(-1)
    if len(y) > rows * size:
        rest = y[None, rows * size :]
        ends = np.sort(np.concatenate([_lowest(rest), _highest(rest)]))
        picked = np.concatenate([picked, ends + rows * size])
    return x[picked], y[picked]


def thin(x: np.ndarray, y: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray]:
    """At most ``bins + 1`` points of a smooth curve: the mean of each bin, and the last point."""
    bins = max(1, bins)
    if len(x) <= 2 * bins:
        return x, y
    size = -(-len(x) // bins)
    rows = len(x) // size
    means = [values[: rows * size].reshape(rows, size).mean(axis=1) for values in (x, y)]
    return np.append(means[0], x[-1]), np.append(means[1], y[-1])


def _lowest(rows: np.ndarray) -> np.ndarray:
    """Column of the lowest finite value of each row of ``[R, n]``."""
    found = np.argmin(rows, axis=1)  # lands on a NaN if there is one
    if not np.isfinite(rows[np.arange(len(rows)), found]).all():
        return np.argmin(np.where(np.isfinite(rows), rows, np.inf), axis=1)
    return found


def _highest(rows: np.ndarray) -> np.ndarray:
    """Column of the highest finite value of each row of ``[R, n]``."""
    return _lowest(-rows)


def robust_range(values: np.ndarray, margin: float = 0.08) -> tuple[float, float] | None:
    """Bounds of an axis for ``[n]`` that a few spikes do not squash.

    The extremes are used as long as they lie near the bulk (1st to 99th percentile); spikes further
    away than the height of the bulk are left out. None if nothing is finite.
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    low, bulk_low, bulk_high, high = np.quantile(finite, (0.0, 0.01, 0.99, 1.0))
    height = max(bulk_high - bulk_low, 1e-9 * max(abs(bulk_high), 1e-3))
    low, high = max(low, bulk_low - height), min(high, bulk_high + height)
    pad = margin * max(high - low, 0.02 * max(abs(high), abs(low)), 1e-6)
    return float(low - pad), float(high + pad)
