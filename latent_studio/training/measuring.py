"""Metrics of the averaged generator while it learns."""

from collections.abc import Mapping
from pathlib import Path

from latent_studio.data.dataset import ImageDataset
from latent_studio.events import Emit, ignore
from latent_studio.mailbox import StopToken
from latent_studio.metrics.evaluate import (
    compute,
    look_at_made,
    look_at_real,
    real_order,
    with_random,
)
from latent_studio.metrics.feature_cache import FeatureCache
from latent_studio.metrics.features import Extractor
from latent_studio.metrics.registry import Metric, Side, find_metrics
from latent_studio.metrics.sampling import GeneratorSampler
from latent_studio.models.base import Generator
from latent_studio.training.config import TrainConfig
from latent_studio.training.schedule import Every

PREFIX = "metric/"


class MetricMeter:
    """Measures at every so many model files. Real pictures are looked at once a run.

    Measuring draws from a generator of its own: the training does not notice.
    """

    def __init__(
        self, config: TrainConfig, dataset: ImageDataset, cache_dir: Path | None = None
    ) -> None:
        self._dataset, self._cache_dir = dataset, cache_dir
        self._real: Side | None = None
        self._extractors: dict[str, Extractor] = {}
        check_metrics(config, len(dataset))

    def due(self, config: TrainConfig, before: int, after: int, last: bool) -> bool:
        """Whether a step from ``before`` to ``after`` pictures passes a measured model file."""
        if not config.metrics:
            return False
        every = config.snapshot_kimg * config.metrics_every
        return last or Every(every).due(before, after)

    def measure(
        self,
        config: TrainConfig,
        generator: Generator,
        *,
        emit: Emit = ignore,
        token: StopToken | None = None,
    ) -> Mapping[str, float]:
        """Values by name with ``metric/`` before it.

        Raises
        ------
        OptionError
            If a metric cannot be computed of this.
        Cancelled
            If the token stops.
        """
        count = min(config.metrics_samples, len(self._dataset))
        metrics = check_metrics(config, len(self._dataset))
        if self._real is None or self._real.count != count:
            self._extractors = with_random({}, metrics)
            cache = FeatureCache(self._cache_dir, emit) if self._cache_dir else None
            self._real = look_at_real(
                self._dataset.images,
                real_order(len(self._dataset))[:count],
                metrics,
                self._extractors,
                cache,
                self._dataset.fingerprint,
                token=token,
            )
        sampler = GeneratorSampler(generator)
        made = look_at_made(sampler, count, self._real, metrics, self._extractors, token=token)
        made.path = sampler.path
        readings = compute(metrics, self._real, made, self._extractors, token=token)
        return {PREFIX + reading.name: reading.value for reading in readings if not reading.detail}


def check_metrics(config: TrainConfig, count: int | None = None) -> list[Metric]:
    """The metrics that ``config`` names.

    Raises
    ------
    OptionError
        If one is unknown, needs a file of weights, or does not fit the pictures.
    """
    names = [name for name in config.metrics.split(",") if name.strip()]
    if not names:
        return []
    samples = config.metrics_samples if count is None else min(config.metrics_samples, count)
    return find_metrics(names, resolution=config.resolution, samples=samples)
