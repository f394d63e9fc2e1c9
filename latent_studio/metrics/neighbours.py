"""Nearest neighbours of features by exact search, blockwise and in float64.

Squared distances come from |x|² + |y|² - 2 x·y, which is fast and off by rounding. Where rounding
could decide (a point on the rim of a ball), the pair is computed again from the differences, so
that ties are ties.
"""

from dataclasses import dataclass

import numpy as np

from latent_studio.mailbox import StopToken
from latent_studio.metrics.blocks import ranges

_COLUMNS = 4096
_SPARE = 4  # candidates beside the k nearest whose order rounding may have changed
_ROUNDING = 1e-12  # of the sum of squared lengths; 2048 features err by some 1e-14
_PAIRS_AT_ONCE = 4096


@dataclass(frozen=True, eq=False)
class BallCounts:
    """``of_points`` ``[M]``: balls round each point; ``of_balls`` ``[N]``: points in each ball."""

    of_points: np.ndarray
    of_balls: np.ndarray


def kth_distances(points: np.ndarray, k: int, *, token: StopToken | None = None) -> np.ndarray:
    """Squared distance of each of ``[N, d]`` (N > k) to its k-th nearest other point, float64."""
    points = _moved(points, points.mean(axis=0, dtype=np.float64))
    lengths = _lengths(points)
    found = np.empty(len(points))
    wanted = min(k + _SPARE, len(points) - 1)
    for rows in ranges(len(points)):
        nearest = _nearest(points, lengths, rows, wanted, token)
        own = np.repeat(np.arange(rows.start, rows.stop), wanted)
        exact = _exact(points, own, points, nearest.ravel()).reshape(-1, wanted)
        found[rows] = np.partition(exact, k - 1, axis=1)[:, k - 1]
    return found


def ball_counts(
    centres: np.ndarray,
    squared_radii: np.ndarray,
    points: np.ndarray,
    *,
    closed: bool = True,
    token: StopToken | None = None,
) -> BallCounts:
    """Which of ``points`` ``[M, d]`` lie in which balls round ``centres`` ``[N, d]``.

    ``squared_radii`` are :func:`kth_distances` of the centres.
    """
    origin = centres.mean(axis=0, dtype=np.float64)
    centres, points = _moved(centres, origin), _moved(points, origin)
    centre_lengths, point_lengths = _lengths(centres), _lengths(points)
    of_points = np.zeros(len(points), np.int64)
    of_balls = np.zeros(len(centres), np.int64)
    for rows in ranges(len(points)):
        for columns in ranges(len(centres), _COLUMNS):
            if token is not None:
                token.checkpoint()
            sizes = point_lengths[rows, None] + centre_lengths[columns]
            margin = sizes - 2 * (points[rows] @ centres[columns].T) - squared_radii[columns]
            inside = margin <= 0 if closed else margin < 0
            row, column = np.nonzero(np.abs(margin) <= _ROUNDING * sizes)
            exact = _exact(points[rows], row, centres[columns], column)
            limit = squared_radii[columns][column]
            inside[row, column] = exact <= limit if closed else exact < limit
            of_points[rows] += inside.sum(axis=1)
            of_balls[columns] += inside.sum(axis=0)
    return BallCounts(of_points, of_balls)


def _nearest(
    points: np.ndarray, lengths: np.ndarray, rows: slice, wanted: int, token: StopToken | None
) -> np.ndarray:
    """Numbers of the ``wanted`` nearest other points of a block of rows, in no order."""
    best = np.empty((rows.stop - rows.start, 0))
    numbers = np.empty(best.shape, np.int64)
    for columns in ranges(len(points), _COLUMNS):
        if token is not None:
            token.checkpoint()
        squares = lengths[rows, None] + lengths[columns] - 2 * (points[rows] @ points[columns].T)
        _forget_self(squares, rows, columns)
        ids = np.broadcast_to(np.arange(columns.start, columns.stop), squares.shape)
        best = np.concatenate([best, squares], axis=1)
        numbers = np.concatenate([numbers, ids], axis=1)
        if best.shape[1] > wanted:
            chosen = np.argpartition(best, wanted - 1, axis=1)[:, :wanted]
            best = np.take_along_axis(best, chosen, 1)
            numbers = np.take_along_axis(numbers, chosen, 1)
    return numbers


def _forget_self(squares: np.ndarray, rows: slice, columns: slice) -> None:
    own = np.arange(max(rows.start, columns.start), min(rows.stop, columns.stop))
    squares[own - rows.start, own - columns.start] = np.inf


def _exact(a: np.ndarray, i: np.ndarray, b: np.ndarray, j: np.ndarray) -> np.ndarray:
    """``|a[i] - b[j]|²`` of pairs, from the differences; the same for (x, y) and (y, x)."""
    found = np.empty(len(i))
    for some in ranges(len(i), _PAIRS_AT_ONCE):
        found[some] = np.square(a[i[some]] - b[j[some]]).sum(axis=1)
    return found


def _moved(points: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """float64, with ``origin`` at 0 (rounded to whole numbers: ties of such points stay ties)."""
    moved: np.ndarray = np.asarray(points, np.float64) - np.rint(origin)
    return moved


def _lengths(points: np.ndarray) -> np.ndarray:
    squares: np.ndarray = np.square(points).sum(axis=1)
    return squares
