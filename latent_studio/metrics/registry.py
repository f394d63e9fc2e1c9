"""The metrics: one line here makes one available everywhere.

The registry fills the command line's choices, the training's and the parametrised tests.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.mailbox import StopToken
from latent_studio.metrics.blocks import ranges
from latent_studio.metrics.features import Extractor, batch_size
from latent_studio.metrics.frechet import frechet_distance, moments
from latent_studio.metrics.inception_score import SPLITS, inception_score
from latent_studio.metrics.kernel import SUBSET_SIZE, kernel_distance
from latent_studio.metrics.manifold import (
    DC_NEIGHBOURS,
    PR_NEIGHBOURS,
    density_coverage,
    precision_recall,
)
from latent_studio.metrics.path_length import EPSILON, path_length
from latent_studio.metrics.perceptual import perceptual_distance
from latent_studio.metrics.ssim import mean_pair_similarity, ms_ssim, ms_ssim_name, ssim
from latent_studio.metrics.swd import SMALLEST_LEVEL, swd

Better: TypeAlias = Literal["lower", "higher", "like real", ""]
PathFn: TypeAlias = Callable[[int, torch.Generator], tuple[Tensor, Tensor]]
KINDS = ("random", "inception")
_SWD_PICTURES = 4096
_SSIM_PICTURES = 2000
_SSIM_PAIRS = 500
_PATHS = 10_000


@dataclass(frozen=True)
class Reading:
    """One number: its name, which way is better, and what it means in a few words.

    ``detail`` marks numbers that stand behind another one, as a deviation does.
    """

    name: str
    value: float
    better: Better = ""
    meaning: str = ""
    detail: bool = False


@dataclass(eq=False)
class Side:
    """One set of pictures as the metrics see it.

    Attributes
    ----------
    count
        How many pictures were looked at.
    pictures
        Some or all of them, uint8 ``[n, C, H, W]``.
    features
        Kind of the extractor to float32 ``[count, dims]``.
    path
        Makes pairs of pictures a small step apart; None for a set that is no generator's.
    """

    count: int
    pictures: np.ndarray
    features: dict[str, np.ndarray] = field(default_factory=dict)
    path: PathFn | None = None


@dataclass(eq=False)
class Case:
    """What is compared with what, and by whom."""

    real: Side
    made: Side
    extractor: Extractor | None
    seed: int = 0
    token: StopToken | None = None

    def features(self) -> tuple[np.ndarray, np.ndarray]:
        assert self.extractor is not None
        return self.real.features[self.extractor.kind], self.made.features[self.extractor.kind]


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes
    ----------
    features
        Kind of extractor it needs, or "".
    pictures
        How many pictures of each side it looks at itself.
    least
        Fewer pictures than that make no sense.
    path
        Whether it walks through the latent space, so that real pictures have no such number.
    powers
        Whether the side of the pictures must be a power of two.
    """

    name: str
    title: str
    compute: Callable[["Metric", Case], list[Reading]]
    features: str = ""
    pictures: int = 0
    least: int = 2
    path: bool = False
    powers: bool = False


def _frechet(metric: Metric, case: Case) -> list[Reading]:
    real, made = case.features()
    value = frechet_distance(moments(real), moments(made))
    return [Reading(metric.name, value, "lower", "distance of the distributions")]


def _kernel(metric: Metric, case: Case) -> list[Reading]:
    found = kernel_distance(*case.features(), seed=case.seed, token=case.token)
    value = Reading(metric.name, found.mean, "lower", "distance without bias, about 0 at best")
    if min(case.real.count, case.made.count) <= SUBSET_SIZE:
        return [value]  # each subset is the same whole set: a deviation would say nothing
    return [value, Reading(f"{metric.name}/std", found.std, detail=True)]


def _precision_recall(metric: Metric, case: Case) -> list[Reading]:
    found = precision_recall(*case.features(), PR_NEIGHBOURS, token=case.token)
    name = metric.name
    return [
        Reading(f"{name}/precision", found.precision, "higher", "made pictures that look real"),
        Reading(f"{name}/recall", found.recall, "higher", "real pictures within its reach"),
    ]


def _density_coverage(metric: Metric, case: Case) -> list[Reading]:
    found = density_coverage(*case.features(), DC_NEIGHBOURS, token=case.token)
    name = metric.name
    return [
        Reading(f"{name}/density", found.density, "higher", "made pictures where real ones crowd"),
        Reading(f"{name}/coverage", found.coverage, "higher", "real pictures with a made one near"),
    ]


def _inception_score(metric: Metric, case: Case) -> list[Reading]:
    classify = getattr(case.extractor, "probabilities", None)
    if classify is None:
        raise OptionError("The Inception Score needs an extractor that knows classes: Inception.")
    found = inception_score(classify(case.features()[1]), SPLITS)
    return [
        Reading(metric.name, found.mean, "higher", "clear and varied ImageNet classes"),
        Reading(f"{metric.name}/std", found.std, detail=True),
    ]


def _swd(metric: Metric, case: Case) -> list[Reading]:
    found = swd(
        case.real.pictures[: metric.pictures],
        case.made.pictures[: metric.pictures],
        seed=case.seed,
        token=case.token,
    )
    levels = [Reading(f"swd/{k}", v, "lower", detail=True) for k, v in found.items() if k != "mean"]
    return [Reading(metric.name, found["mean"], "lower", "distance of textures"), *levels]


def _similarity(metric: Metric, case: Case) -> list[Reading]:
    pictures = case.made.pictures[: metric.pictures]
    several = metric.name == "ms-ssim"
    value = mean_pair_similarity(
        pictures, _SSIM_PAIRS, case.seed, measure=ms_ssim if several else ssim, token=case.token
    )
    name = ms_ssim_name(pictures.shape[-1]) if several else metric.name
    return [Reading(name, value, "like real", "alikeness of two; higher is less diverse")]


def _path_length(metric: Metric, case: Case) -> list[Reading]:
    assert case.extractor is not None and case.made.path is not None
    draw = torch.Generator().manual_seed(case.seed)
    size = batch_size(case.made.pictures.shape[-1])
    parts: list[np.ndarray] = []
    for some in ranges(min(_PATHS, case.made.count), size):
        if case.token is not None:
            case.token.checkpoint()
        ends = case.made.path(some.stop - some.start, draw)
        parts.append(perceptual_distance(case.extractor, *ends) / EPSILON**2)
    found = path_length(np.concatenate(parts))
    return [
        Reading(metric.name, found.mean, "lower", "how much a small step changes"),
        Reading(f"{metric.name}/std", found.std, detail=True),
    ]


def _on_features(kind: str) -> list[Metric]:
    """The metrics on features; only the Fréchet distance on Inception's is called FID."""
    frechet = "fid" if kind == "inception" else f"fd-{kind}"
    what = "Inception" if kind == "inception" else "random"
    return [
        Metric(frechet, f"Fréchet distance, {what} features", _frechet, kind),
        Metric(f"kid-{kind}", f"Kernel distance, {what} features", _kernel, kind),
        Metric(
            f"pr-{kind}",
            f"Improved precision and recall, {what} features",
            _precision_recall,
            kind,
            least=PR_NEIGHBOURS + 1,
        ),
        Metric(
            f"dc-{kind}",
            f"Density and coverage, {what} features",
            _density_coverage,
            kind,
            least=DC_NEIGHBOURS + 1,
        ),
        Metric(
            f"ppl-{kind}",
            f"Perceptual path length, {what} features",
            _path_length,
            kind,
            path=True,
        ),
    ]


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        *_on_features("random"),
        Metric(
            "swd",
            "Sliced Wasserstein distance",
            _swd,
            pictures=_SWD_PICTURES,
            powers=True,
        ),
        Metric("ssim", "Diversity by SSIM", _similarity, pictures=_SSIM_PICTURES),
        Metric("ms-ssim", "Diversity by MS-SSIM", _similarity, pictures=_SSIM_PICTURES),
        *_on_features("inception"),
        Metric("is", "Inception Score", _inception_score, "inception", least=SPLITS),
    )
}
# The short names stand for the best features that there are.
FAMILIES = {
    "fd": {"random": "fd-random", "inception": "fid"},
    **{
        family: {kind: f"{family}-{kind}" for kind in KINDS}
        for family in ("kid", "pr", "dc", "ppl")
    },
}
ALIASES = {"ssim-diversity": "ms-ssim", "fd-inception": "fid", "is-inception": "is"}


def metric_names() -> list[str]:
    """All names that may be asked for."""
    return [*METRICS, *FAMILIES, *ALIASES]


def find_metrics(
    names: Iterable[str],
    *,
    resolution: int,
    samples: int | None = None,
    kinds: Collection[str] = ("random",),
    path: bool = True,
) -> list[Metric]:
    """The metrics of these names, each once, in this order.

    Parameters
    ----------
    resolution
        Side of the pictures.
    samples
        How many there will be in a set, if that is known.
    kinds
        Extractors that are at hand.
    path
        Whether the generator can be walked through.

    Raises
    ------
    OptionError
        If there is no such metric or it cannot be computed here; says what it needs.
    """
    found: dict[str, Metric] = {}
    for name in names:
        metric = METRICS.get(_full_name(name.strip(), kinds))
        if metric is None:
            raise OptionError(f"There is no metric {name!r}; choose {', '.join(metric_names())}.")
        _check(metric, resolution, samples, kinds, path)
        found[metric.name] = metric
    if not found:
        raise OptionError(f"Name a metric: {', '.join(metric_names())}.")
    return list(found.values())


def kinds_of(metrics: Sequence[Metric]) -> list[str]:
    """Which extractors these need."""
    return [kind for kind in KINDS if any(metric.features == kind for metric in metrics)]


def fits_size(metric: Metric, resolution: int) -> bool:
    """Whether it can be computed of pictures of that side."""
    power = resolution >= SMALLEST_LEVEL and resolution & (resolution - 1) == 0
    return power or not metric.powers


def _full_name(name: str, kinds: Collection[str]) -> str:
    if name in FAMILIES:
        return FAMILIES[name]["inception" if "inception" in kinds else "random"]
    return ALIASES.get(name, name)


def _check(
    metric: Metric, resolution: int, samples: int | None, kinds: Collection[str], path: bool
) -> None:
    if metric.features and metric.features not in kinds:
        raise OptionError(
            f"The metric {metric.name} needs the weights of Inception-v3; give their file "
            "(--features)."
        )
    if not fits_size(metric, resolution):
        raise OptionError(
            f"The metric {metric.name} needs pictures whose side is a power of two from "
            f"{SMALLEST_LEVEL}, not {resolution}; fd-random takes any size."
        )
    if metric.path and not path:
        raise OptionError(f"The metric {metric.name} needs a generator to walk through.")
    if samples is not None and samples < metric.least:
        raise OptionError(f"The metric {metric.name} needs at least {metric.least} pictures.")
