"""Fréchet distance between Gaussians fitted to two sets of features.

Heusel et al. 2017 (arXiv:1706.08500): with means m and covariances C

    d² = |m1 - m2|² + tr(C1 + C2 - 2 (C1 C2)^(1/2)).

With Inception features of 50,000 pictures it is the FID; with any others it is not.
"""

from dataclasses import dataclass

import numpy as np

from latent_studio.errors import OptionError
from latent_studio.metrics.blocks import check_features, ranges


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean ``[d]`` and covariance ``[d, d]`` (divided by N - 1) of ``count`` rows, float64."""

    mean: np.ndarray
    covariance: np.ndarray
    count: int


class MomentAccumulator:
    """Mean and covariance of rows that come in batches, in float64.

    Each batch is centred on its own mean and merged by the formula of Chan, Golub and LeVeque
    (1979), so that features far from 0 lose no digits.
    """

    def __init__(self, dims: int) -> None:
        self._count = 0
        self._mean = np.zeros(dims)
        self._scatter = np.zeros((dims, dims))

    @property
    def count(self) -> int:
        return self._count

    def add(self, features: np.ndarray) -> None:
        """Take rows ``[n, dims]`` of any float type."""
        if not len(features):
            return
        rows = np.asarray(features, np.float64)
        mean = rows.mean(axis=0)
        rows = rows - mean
        total = self._count + len(rows)
        step = mean - self._mean
        self._scatter += rows.T @ rows
        self._scatter += np.outer(step, step) * (self._count * len(rows) / total)
        self._mean += step * (len(rows) / total)
        self._count = total

    def finish(self) -> Moments:
        """The moments so far.

        Raises
        ------
        OptionError
            With fewer than two rows there is no covariance.
        """
        if self._count < 2:
            raise OptionError("The Fréchet distance needs at least 2 pictures in each set.")
        return Moments(self._mean.copy(), self._scatter / (self._count - 1), self._count)


def moments(features: np.ndarray) -> Moments:
    """Mean and covariance of ``[N, d]``, blockwise."""
    check_features(features, least=2)
    found = MomentAccumulator(features.shape[1])
    for rows in ranges(len(features)):
        found.add(features[rows])
    return found.finish()


def frechet_distance(a: Moments, b: Moments) -> float:
    """Squared Fréchet (Wasserstein-2) distance of two Gaussians; never negative.

    Raises
    ------
    OptionError
        If the moments are of features of different widths, or not finite.
    """
    if a.mean.shape != b.mean.shape:
        raise OptionError("The sets need features of one kind, as [N, dims].")
    if not all(np.isfinite(m.covariance).all() and np.isfinite(m.mean).all() for m in (a, b)):
        raise OptionError("Some features are not finite; the pictures or the network are damaged.")
    shift = a.mean - b.mean
    traces = np.trace(a.covariance) + np.trace(b.covariance)
    distance = shift @ shift + traces - 2 * trace_of_root(a.covariance, b.covariance)
    return max(0.0, float(distance))


def trace_of_root(a: np.ndarray, b: np.ndarray) -> float:
    """tr((A B)^(1/2)) of two symmetric positive semi-definite matrices.

    A B has the eigenvalues of R B Rᵀ with A = Rᵀ R, which is symmetric. Eigenvalues that are zero
    up to rounding (fewer pictures than features) are dropped: their roots would be noise.
    """
    values, vectors = np.linalg.eigh(a)
    kept = values > _noise(values)
    root = vectors[:, kept] * np.sqrt(values[kept])
    inner = np.linalg.eigvalsh(root.T @ b @ root)
    return float(np.sqrt(inner[inner > _noise(inner)]).sum())


def _noise(values: np.ndarray) -> float:
    """Below this an eigenvalue is rounding."""
    largest = float(np.abs(values).max(initial=0.0))
    return largest * len(values) * float(np.finfo(np.float64).eps)
