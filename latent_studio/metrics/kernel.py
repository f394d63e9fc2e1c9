"""Kernel distance: the squared maximum mean discrepancy between two sets of features.

Gretton et al. 2012 (JMLR 13, p. 723) give the estimators; Bińkowski et al. 2018 (arXiv:1801.01401)
the polynomial kernel (x·y / d + 1)³ and the mean over subsets that are known as KID. Unbiased, so a
small set is judged as a large one is, and the distance of two sets of one kind may be below 0.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from latent_studio.errors import OptionError
from latent_studio.mailbox import StopToken
from latent_studio.metrics.blocks import check_features, ranges

Kernel: TypeAlias = Callable[[np.ndarray, np.ndarray], np.ndarray]
Estimator: TypeAlias = Literal["unbiased", "biased", "u-statistic"]
SUBSETS = 100
SUBSET_SIZE = 1000


@dataclass(frozen=True, eq=False)
class KernelDistance:
    """Squared discrepancy of each subset, float64 ``[subsets]``."""

    per_subset: np.ndarray

    @property
    def mean(self) -> float:
        return float(self.per_subset.mean())

    @property
    def std(self) -> float:
        """Deviation over the subsets (divided by their number)."""
        return float(self.per_subset.std())


def polynomial(degree: int = 3, gamma: float | None = None, coef0: float = 1.0) -> Kernel:
    """``(gamma x·y + coef0) ** degree``; gamma None is 1 / dims."""

    def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        scale = 1.0 / x.shape[1] if gamma is None else gamma
        values: np.ndarray = (scale * (x @ y.T) + coef0) ** degree
        return values

    return kernel


def gaussian(sigma: float) -> Kernel:
    """``exp(-|x - y|² / (2 sigma²))``."""

    def kernel(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        squares = (x**2).sum(1)[:, None] + (y**2).sum(1) - 2 * (x @ y.T)
        values: np.ndarray = np.exp(np.maximum(squares, 0) / (-2 * sigma**2))
        return values

    return kernel


def squared_mmd(
    x: np.ndarray, y: np.ndarray, kernel: Kernel | None = None, estimator: Estimator = "unbiased"
) -> float:
    """Squared maximum mean discrepancy of ``[N, d]`` and ``[M, d]``, in float64 and blockwise.

    ``unbiased`` leaves out the pairs of a point with itself; ``u-statistic`` (N = M) those of equal
    rows in both sets as well; ``biased`` counts all.

    Raises
    ------
    OptionError
        If a set has fewer than two rows, or the sizes do not fit the estimator.
    """
    check_features(x, y, least=2)
    kernel = polynomial() if kernel is None else kernel
    n, m = len(x), len(y)
    if estimator == "u-statistic" and n != m:
        raise OptionError("A U-statistic needs two sets of one size.")
    xx, xx_same = _sums(x, x, kernel)
    yy, yy_same = _sums(y, y, kernel)
    xy, xy_same = _sums(x, y, kernel)
    if estimator == "biased":
        return xx / n**2 + yy / m**2 - 2 * xy / (n * m)
    within = (xx - xx_same) / (n * (n - 1)) + (yy - yy_same) / (m * (m - 1))
    if estimator == "unbiased":
        return within - 2 * xy / (n * m)
    return within - 2 * (xy - xy_same) / (n * (n - 1))


def kernel_distance(
    x: np.ndarray,
    y: np.ndarray,
    *,
    subsets: int = SUBSETS,
    size: int = SUBSET_SIZE,
    seed: int = 0,
    rows: tuple[np.ndarray, np.ndarray] | None = None,
    kernel: Kernel | None = None,
    token: StopToken | None = None,
) -> KernelDistance:
    """KID: the unbiased squared discrepancy of random subsets.

    Parameters
    ----------
    x, y
        ``[N, d]`` and ``[M, d]``.
    subsets, size
        How many, and of how many rows each, drawn without repetition; a smaller set is taken whole.
    seed
        Of the draws.
    rows
        Row numbers of the subsets in ``x`` and ``y``, each ``[subsets, size]``, instead.
    kernel
        None is the cubic polynomial of the paper.

    Raises
    ------
    OptionError
        If a set has fewer than two rows.
    Cancelled
        If the token is stopped.
    """
    check_features(x, y, least=2)
    found = []
    for a, b in zip(*rows, strict=True) if rows else _draws(len(x), len(y), subsets, size, seed):
        if token is not None:
            token.checkpoint()
        found.append(squared_mmd(x[a], y[b], kernel))
    return KernelDistance(np.array(found))


def _draws(
    n: int, m: int, subsets: int, size: int, seed: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(seed)
    size = min(n, m, size)
    # Subsets that are the whole of both sets are all the same one.
    for _ in range(1 if size == n == m else subsets):
        yield rng.choice(n, size, replace=False), rng.choice(m, size, replace=False)


def _sums(x: np.ndarray, y: np.ndarray, kernel: Kernel) -> tuple[float, float]:
    """Sum of the kernel over all pairs, and over pairs of equal row numbers."""
    total = same = 0.0
    for rows in ranges(len(x)):
        left = np.asarray(x[rows], np.float64)
        for columns in ranges(len(y)):
            values = kernel(left, np.asarray(y[columns], np.float64))
            total += float(values.sum())
            if rows.start == columns.start:  # both cut into the same blocks
                same += float(np.trace(values))
    return total, same
