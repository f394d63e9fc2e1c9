"""The direction of an attribute from scored latents (InterFaceGAN, Shen et al. 2020).

Latents on the two sides of an attribute are told apart by a linear boundary; its normal is the
direction. The latents' covariance matters: components of w differ in variance by orders of
magnitude, so the fit is made on whitened latents, with a ridge that keeps components of hardly any
variance from deciding.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from latent_studio.errors import OptionError

RIDGE = 0.1
_NEWTON_STEPS = 25


@dataclass(frozen=True, eq=False)
class Boundary:
    """A linear model of scores: ``score ≈ intercept + slope * (latent · vector)``.

    ``vector`` is float64 ``[d]`` of unit length and points to higher scores; ``fit`` is the
    squared correlation of ``latent · vector`` with the scores; ``sigma`` the standard deviation of
    the projection.
    """

    vector: np.ndarray
    slope: float
    intercept: float
    fit: float
    sigma: float


def ridge_boundary(latents: np.ndarray, scores: np.ndarray, ridge: float = RIDGE) -> Boundary:
    """Ridge regression of scores: ``(C + ridge * mean variance * I)^-1 cov(latent, score)``.

    Without a ridge this is the normal of the least squares boundary; a large one turns it into
    the difference of the means of high and low scores, which moves more and keeps less.

    Parameters
    ----------
    latents
        ``[N, d]``.
    scores
        ``[N]``: logits, or anything that rises with the attribute.
    ridge
        In units of the latents' mean variance a dimension.

    Raises
    ------
    OptionError
        If all scores are equal or the shapes do not match.
    """
    x, y = _checked(latents, scores)
    centred = x - x.mean(0)
    covariance = centred.T @ centred / (len(x) - 1)
    cross = centred.T @ (y - y.mean()) / (len(x) - 1)
    penalty = ridge * np.trace(covariance) / len(covariance)
    normal = np.linalg.solve(covariance + (penalty + 1e-12) * np.eye(len(covariance)), cross)
    return _boundary(x, y, normal)


def logistic_boundary(latents: np.ndarray, targets: np.ndarray, ridge: float = RIDGE) -> Boundary:
    """Logistic regression by Newton's method on latents whitened as :func:`ridge_boundary` does.

    Parameters
    ----------
    latents
        ``[N, d]``.
    targets
        ``[N]``: 0 and 1, or probabilities between.
    ridge
        As in :func:`ridge_boundary`.

    Raises
    ------
    OptionError
        If all targets are equal, beyond 0 to 1, or the shapes do not match.
    """
    x, y = _checked(latents, targets)
    if y.min() < 0 or y.max() > 1:
        raise OptionError("Logistic regression wants targets from 0 to 1.")
    centred = x - x.mean(0)
    values, axes = np.linalg.eigh(centred.T @ centred / (len(x) - 1))
    values = np.maximum(values, 0) + ridge * max(values.mean(), 1e-12)
    whiten = axes / np.sqrt(values)
    white = np.column_stack([centred @ whiten, np.ones(len(x))])
    weights = _newton(white, y)
    return _boundary(x, y, whiten @ weights[:-1])


def without(vector: np.ndarray, others: Sequence[np.ndarray]) -> np.ndarray:
    """``vector`` less what it shares with ``others``: conditional manipulation (Shen et al. 2020).

    Returns
    -------
    ndarray
        float64 ``[d]`` of unit length at a right angle to each of ``others``.

    Raises
    ------
    OptionError
        If nothing remains.
    """
    rest = np.asarray(vector, np.float64) / np.linalg.norm(vector)
    if others:
        basis, singular, _ = np.linalg.svd(np.stack(others, axis=1).astype(np.float64), False)
        basis = basis[:, singular > 1e-9 * singular.max()]
        rest = rest - basis @ (basis.T @ rest)
    length = float(np.linalg.norm(rest))
    if length < 1e-6:
        raise OptionError("A direction that lies among the others leaves nothing of its own.")
    return np.asarray(rest / length)


def projection_sigma(latents: np.ndarray, vector: np.ndarray) -> float:
    """Standard deviation of ``latents · vector`` for a unit ``vector``."""
    return float((latents.astype(np.float64) @ np.asarray(vector, np.float64)).std(ddof=1))


def _checked(latents: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.asarray(latents, np.float64), np.asarray(scores, np.float64)
    if x.ndim != 2 or y.shape != (len(x),) or len(x) < 2:
        raise OptionError("A boundary needs a row of numbers and one score for each latent.")
    if not y.std() > 0:
        raise OptionError("All samples have the same score: the attribute does not vary.")
    return x, y


def _boundary(x: np.ndarray, y: np.ndarray, normal: np.ndarray) -> Boundary:
    length = float(np.linalg.norm(normal))
    if not np.isfinite(length) or length == 0:
        raise OptionError("The scores do not depend on the latents: there is no direction.")
    vector = normal / length
    along = x @ vector
    sigma = float(along.std(ddof=1))
    slope = float(np.cov(along, y)[0, 1] / sigma**2)
    fit = float(np.corrcoef(along, y)[0, 1] ** 2)
    return Boundary(vector, slope, float(y.mean() - slope * along.mean()), fit, sigma)


def _newton(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Weights ``[d + 1]`` of the penalised likelihood; the last one, the constant, is free."""
    weights = np.zeros(x.shape[1])
    # A weak prior: keeps the weights finite when the sides can be told apart without error.
    prior = np.full(x.shape[1], 1e-3 * len(x))
    prior[-1] = 0
    for _ in range(_NEWTON_STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ weights, -30, 30)))
        gradient = x.T @ (p - y) + prior * weights
        curvature = (x * (p * (1 - p) + 1e-9)[:, None]).T @ x + np.diag(prior)
        step = np.linalg.solve(curvature, gradient)
        weights -= step
        if np.abs(step).max() < 1e-8:
            break
    return weights
