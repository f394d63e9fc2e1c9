"""The numbers by which a search judges a run while it goes on."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from latent_studio.data.dataset import ImageDataset
from latent_studio.errors import OptionError
from latent_studio.mailbox import StopToken
from latent_studio.metrics.evaluate import evaluate_generator
from latent_studio.metrics.extractors import kinds_with, load_extractors
from latent_studio.metrics.feature_cache import FeatureCache
from latent_studio.metrics.features import Extractor
from latent_studio.metrics.registry import METRICS, find_metrics
from latent_studio.metrics.sampling import GeneratorSampler
from latent_studio.storage.model_file import load_generator, load_model
from latent_studio.storage.paths import cache_dir

# Costs that are known without looking at pictures.
COSTS = ("seconds", "parameters")
_HIGHER = frozenset({"precision", "recall", "density", "coverage"})
_SEED = 0


@dataclass(frozen=True)
class Aim:
    """One number to make small or large.

    Attributes
    ----------
    name
        As it is printed: ``swd``, ``pr-random/recall``, ``seconds``.
    metric
        The metric that it is a reading of; empty for a cost.
    """

    name: str
    metric: str
    maximize: bool = False


def find_aims(
    names: Sequence[str], resolution: int, samples: int, features: str = ""
) -> tuple[Aim, ...]:
    """The aims of these names; ``features`` is the file with Inception's weights, or empty.

    Raises
    ------
    OptionError
        There is no such metric, it can't be computed of these data, or it is no single number
        that is better the larger or the smaller it is.
    """
    aims = tuple(
        _aim(name.strip(), resolution, samples, features) for name in names if name.strip()
    )
    if not aims or len({aim.name for aim in aims}) != len(aims):
        raise OptionError("Name one metric to search by, or several different ones.")
    if all(not aim.metric for aim in aims):
        raise OptionError("A search for the cheapest training alone finds the worst one; add swd.")
    return aims


def _aim(name: str, resolution: int, samples: int, features: str) -> Aim:
    if name in COSTS:
        return Aim(name, "")
    base, _, part = name.partition("/")
    kinds = kinds_with(features)
    metric = find_metrics([base], resolution=resolution, samples=samples, kinds=kinds)[0].name
    if metric.startswith(("pr-", "dc-")) and part not in _HIGHER:
        parts = ("precision", "recall") if metric.startswith("pr-") else ("density", "coverage")
        raise OptionError(f"{base} is two numbers; name one: {base}/{parts[0]}, {base}/{parts[1]}.")
    if metric in ("ssim", "ms-ssim"):
        raise OptionError(
            f"{metric} is neither better larger nor smaller; search by another metric."
        )
    return Aim(f"{metric}/{part}" if part else metric, metric, part in _HIGHER or metric == "is")


def extractors_of(aims: Sequence[Aim], features: str) -> dict[str, Extractor]:
    """The networks that measure these aims.

    Raises
    ------
    ModelError
        If the file ``features`` is needed and can't be used.
    """
    return load_extractors([METRICS[aim.metric] for aim in aims if aim.metric], features)


class RunningMetric:
    """Measures model files of runs against one data set, always in the same way.

    Parameters
    ----------
    samples
        Pictures in each set.
    features
        File with Inception's weights, or empty.

    Raises
    ------
    ModelError
        If that file is needed and can't be used.
    """

    def __init__(
        self, aims: Sequence[Aim], dataset: ImageDataset, samples: int, features: str = ""
    ) -> None:
        self._metrics = list(dict.fromkeys(aim.metric for aim in aims if aim.metric))
        self._dataset, self._samples = dataset, samples
        self._extractors = list(extractors_of(aims, features).values())
        self._cache = FeatureCache(cache_dir() / "features")

    def measure(self, model: Path, token: StopToken | None = None) -> dict[str, float]:
        """All readings of the model file, and ``parameters`` of its generator.

        Raises
        ------
        StudioError
            The file or the metric fails.
        Cancelled
            The token stops.
        """
        generator = load_generator(load_model(model))
        sampler = GeneratorSampler(generator)
        found = evaluate_generator(
            sampler,
            self._dataset.images,
            self._metrics,
            samples=self._samples,
            extractor=self._extractors,
            path_fn=sampler.path,
            cache=self._cache,
            fingerprint=self._dataset.fingerprint,
            seed=_SEED,
            token=token,
        )
        size = sum(parameter.numel() for parameter in generator.parameters())
        return {**found, "parameters": float(size)}
