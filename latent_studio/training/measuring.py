"""Metrics of the averaged generator while it learns."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from latent_studio.data.dataset import ImageDataset
from latent_studio.errors import Cancelled
from latent_studio.events import Emit, Notice, ignore
from latent_studio.mailbox import StopToken
from latent_studio.metrics.evaluate import (
    compute,
    look_at_made,
    look_at_real,
    real_order,
)
from latent_studio.metrics.extractors import kinds_with, load_extractors
from latent_studio.metrics.feature_cache import FeatureCache
from latent_studio.metrics.features import Extractor
from latent_studio.metrics.registry import Metric, Side, find_metrics, kinds_of
from latent_studio.metrics.sampling import GeneratorSampler
from latent_studio.models.base import Generator
from latent_studio.training.config import TrainConfig
from latent_studio.training.schedule import Every

PREFIX = "metric/"


class MetricMeter:
    """Measures at every so many model files. Real pictures are looked at once a run.

    Measuring draws from a generator of its own: the training does not notice. Nor does it notice
    when a metric fails: that one is left out, and a warning says why.
    """

    def __init__(
        self, config: TrainConfig, dataset: ImageDataset, cache_dir: Path | None = None
    ) -> None:
        self._dataset, self._cache_dir = dataset, cache_dir
        self._real: Side | None = None
        self._extractors: dict[str, Extractor] = {}
        self._warned: set[str] = set()
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
        """Finite values by name with ``metric/`` before it.

        Raises
        ------
        Cancelled
            If the token stops.
        """
        found: dict[str, float] = {}
        with self._guard(config.metrics, emit):
            metrics, real, made = self._look(config, generator, emit, token)
            for metric in metrics:
                with self._guard(metric.name, emit):
                    readings = compute([metric], real, made, self._extractors, token=token)
                    found |= {one.name: one.value for one in readings if not one.detail}
        for name in [name for name, value in found.items() if not math.isfinite(value)]:
            del found[name]
            self._warn(name, "its value is not a finite number", emit)
        return {PREFIX + name: value for name, value in found.items()}

    def _look(
        self, config: TrainConfig, generator: Generator, emit: Emit, token: StopToken | None
    ) -> tuple[list[Metric], Side, Side]:
        """What is to be computed, and both sides of it."""
        count = min(config.metrics_samples, len(self._dataset))
        metrics = check_metrics(config, len(self._dataset))
        if self._real is None or self._real.count != count:
            place = next(generator.parameters()).device
            self._extractors = load_extractors(metrics, config.metrics_features, place)
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
        return metrics, self._real, made

    @contextmanager
    def _guard(self, name: str, emit: Emit) -> Iterator[None]:
        """Hours of training are worth more than a point of a curve, whatever went wrong with it."""
        try:
            yield
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - also what a library raises
            lines = str(error).strip().splitlines()
            self._warn(name, lines[0] if lines else type(error).__name__, emit, repr(error))

    def _warn(self, name: str, reason: str, emit: Emit, detail: str = "") -> None:
        """Say it once: what fails at one model file mostly fails at the next, too."""
        text = f"{name} could not be measured: {reason.rstrip('.')}. The training goes on."
        if text not in self._warned:
            self._warned.add(text)
            emit(Notice("warning", text, detail))


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
    kinds = kinds_with(config.metrics_features)
    return find_metrics(names, resolution=config.resolution, samples=samples, kinds=kinds)


def check_measuring(config: TrainConfig) -> None:
    """Refuse metrics that no run could measure, also for the file that they need.

    Raises
    ------
    OptionError
        As :func:`check_metrics`.
    ModelError
        If the weights of Inception-v3 are missing or of another network.
    """
    metrics = check_metrics(config)
    if "inception" in kinds_of(metrics):
        load_extractors(metrics, config.metrics_features)
