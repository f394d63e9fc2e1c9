"""Measure what a model's directions do."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.events import Emit, ignore
from latent_studio.jobs.judges import Judge, judge_for
from latent_studio.latent.direction import Direction
from latent_studio.latent.directions.quality import Distance, measure_quality
from latent_studio.latent.measure import SEEDS, SIGMA_SAMPLES
from latent_studio.latent.population import device_of
from latent_studio.mailbox import StopToken
from latent_studio.metrics.features import RandomConvExtractor
from latent_studio.metrics.perceptual import perceptual_distance
from latent_studio.models.base import Generator

_AT_ONCE = 64


def measured(
    generator: Generator,
    directions: Sequence[Direction],
    data: str | Path = "",
    names: Sequence[str] = (),
    *,
    attributes: Sequence[str] = (),
    seeds: int = SEEDS,
    sigma_samples: int = SIGMA_SAMPLES,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> list[Direction]:
    """All directions, those measured with what was found in their facts.

    Parameters
    ----------
    generator
        In eval mode.
    directions
        All of the model's.
    data
        Labelled pictures that a judge learns from (:func:`~latent_studio.jobs.judges.judge_for`);
        empty: only the distance is measured.
    names
        Which directions; empty for all.
    attributes
        Which the judge shall tell; empty for all that it can.
    seeds, sigma_samples
        As for :func:`~latent_studio.latent.directions.quality.measure_quality`.

    Raises
    ------
    OptionError
        If there is no direction of such a name.
    DataError, Cancelled
        As :func:`~latent_studio.jobs.judges.judge_for`.
    """
    known = [direction.name for direction in directions]
    for name in names:
        if name not in known:
            raise OptionError(f"The model has no direction '{name}'; it has {', '.join(known)}.")
    chosen = [direction for direction in directions if not names or direction.name in names]
    judge: Judge | None = None
    if data:
        capabilities = generator.capabilities
        judge = judge_for(
            data,
            capabilities.channels,
            capabilities.resolution,
            attributes=attributes,
            emit=emit,
            token=token,
        )
    found = measure_quality(
        generator,
        chosen,
        feature_distance(),
        None if judge is None else judge.network.to(device_of(generator)),
        seeds=seeds,
        sigma_samples=sigma_samples,
        accuracy=None if judge is None else judge.accuracy,
        emit=emit,
        token=token,
    )
    fresh = {direction.name: direction for direction in found}
    return [fresh.get(direction.name, direction) for direction in directions]


def feature_distance() -> Distance:
    """How different pictures look to the random network, which needs no file."""
    extractor = RandomConvExtractor()

    def distance(a: Tensor, b: Tensor) -> np.ndarray:
        parts = [
            perceptual_distance(extractor, a[i : i + _AT_ONCE], b[i : i + _AT_ONCE])
            for i in range(0, len(a), _AT_ONCE)
        ]
        return np.concatenate(parts)

    return distance
