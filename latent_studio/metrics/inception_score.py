"""Inception Score of Salimans et al. 2016 (arXiv:1606.03498): exp(E KL(p(y|x) ‖ p(y))).

High where each picture is surely of one class and all classes come up. It needs the probabilities
of a classifier, and never looks at real pictures.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from latent_studio.errors import OptionError

SPLITS = 10


@dataclass(frozen=True, eq=False)
class InceptionScore:
    """Score of each split, float64 ``[splits]``."""

    per_split: np.ndarray

    @property
    def mean(self) -> float:
        return float(self.per_split.mean())

    @property
    def std(self) -> float:
        """Deviation over the splits (divided by their number)."""
        return float(self.per_split.std())


def inception_score(probabilities: np.ndarray, splits: int = SPLITS) -> InceptionScore:
    """Score of ``[N, classes]`` probabilities, rows in random order, in ``splits`` even parts.

    Raises
    ------
    OptionError
        If there are fewer rows than splits, or the rows are no probabilities.
    """
    count = len(probabilities)
    if splits < 1 or count < splits:
        raise OptionError(f"An Inception Score of {splits} parts needs that many pictures.")
    rows = np.asarray(probabilities, np.float64)
    if rows.min() < 0 or not np.allclose(rows.sum(axis=1), 1, atol=1e-3):
        raise OptionError("The Inception Score needs probabilities of classes, each row adding 1.")
    bounds = [i * count // splits for i in range(splits + 1)]
    parts = [rows[a:b] for a, b in pairwise(bounds)]
    return InceptionScore(np.array([np.exp(_information(part)) for part in parts]))


def softmax(logits: np.ndarray) -> np.ndarray:
    """Probabilities of ``[N, classes]`` logits, float64."""
    values = np.asarray(logits, np.float64)
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    shares: np.ndarray = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _information(rows: np.ndarray) -> float:
    """Mean of the relative entropy of each row to the mean row, in nats; 0 log 0 is 0."""
    marginal = rows.mean(axis=0)
    ratio = np.divide(rows, marginal, out=np.ones_like(rows), where=rows > 0)
    return float((rows * np.log(ratio)).sum(axis=1).mean())
