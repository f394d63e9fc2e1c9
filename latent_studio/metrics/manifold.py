"""How much of the real set is covered, and how much of the made set is real.

A set's manifold is the union of balls round its points, each out to the k-th nearest other point.

- Improved precision and recall: Kynkäänniemi et al. 2019 (arXiv:1904.06991), closed balls.
- Density and coverage: Naeem et al. 2020 (arXiv:2002.09797), open balls round real points only, so
  that one outlier among the made pictures counts little.
"""

from dataclasses import dataclass

import numpy as np

from latent_studio.errors import OptionError
from latent_studio.mailbox import StopToken
from latent_studio.metrics.blocks import check_features
from latent_studio.metrics.neighbours import ball_counts, kth_distances

PR_NEIGHBOURS = 3
DC_NEIGHBOURS = 5


@dataclass(frozen=True)
class PrecisionRecall:
    """Share of made pictures inside the real manifold, and of real ones inside the made one."""

    precision: float
    recall: float


@dataclass(frozen=True)
class DensityCoverage:
    """Mean number of real balls round a made picture over k, and share of real balls not empty."""

    density: float
    coverage: float


def precision_recall(
    real: np.ndarray,
    made: np.ndarray,
    k: int = PR_NEIGHBOURS,
    *,
    token: StopToken | None = None,
) -> PrecisionRecall:
    """Improved precision and recall of features ``[N, d]`` and ``[M, d]``.

    Raises
    ------
    OptionError
        If a set has no more than ``k`` rows.
    Cancelled
        If the token is stopped.
    """
    _check(real, made, k, both=True)
    in_real = ball_counts(real, kth_distances(real, k, token=token), made, token=token)
    in_made = ball_counts(made, kth_distances(made, k, token=token), real, token=token)
    return PrecisionRecall(
        float((in_real.of_points > 0).mean()), float((in_made.of_points > 0).mean())
    )


def density_coverage(
    real: np.ndarray,
    made: np.ndarray,
    k: int = DC_NEIGHBOURS,
    *,
    closed: bool = False,
    token: StopToken | None = None,
) -> DensityCoverage:
    """Density and coverage of features ``[N, d]`` and ``[M, d]``; ``closed`` counts ties as inside.

    Raises
    ------
    OptionError, Cancelled
        As :func:`precision_recall`.
    """
    _check(real, made, k, both=False)
    radii = kth_distances(real, k, token=token)
    found = ball_counts(real, radii, made, closed=closed, token=token)
    return DensityCoverage(float(found.of_points.mean() / k), float((found.of_balls > 0).mean()))


def _check(real: np.ndarray, made: np.ndarray, k: int, both: bool) -> None:
    check_features(real, made)
    if k < 1 or min(len(real), len(made) if both else len(real)) <= k:
        raise OptionError(f"Neighbourhoods of {k} need more than {k} pictures in each set.")
