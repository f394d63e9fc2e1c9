"""Judge a generator: its pictures are drawn once and looked at once, for all metrics."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.events import Emit, Notice, Progress, ignore
from latent_studio.mailbox import StopToken
from latent_studio.metrics.blocks import ranges
from latent_studio.metrics.feature_cache import FeatureCache
from latent_studio.metrics.features import Extractor, RandomConvExtractor, batch_size
from latent_studio.metrics.registry import (
    Case,
    Metric,
    PathFn,
    Reading,
    Side,
    find_metrics,
    kinds_of,
)

SampleFn: TypeAlias = Callable[[int, torch.Generator], Tensor | np.ndarray]
_ORDER_SEED = 0
_PICTURE_BYTES = 1 << 30


def evaluate_generator(
    sample_fn: SampleFn,
    real_images: np.ndarray,
    names: Iterable[str],
    *,
    samples: int,
    extractor: Extractor | Sequence[Extractor] | None = None,
    path_fn: PathFn | None = None,
    cache: FeatureCache | None = None,
    fingerprint: str = "",
    seed: int = 0,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> dict[str, float]:
    """Compute metrics of a generator against real pictures.

    Parameters
    ----------
    sample_fn
        ``sample_fn(count, draw)`` gives uint8 ``[count, C, H, W]``, of the size of the real ones
        (:class:`~latent_studio.metrics.sampling.GeneratorSampler` is one).
    real_images
        uint8 ``[N, C, H, W]``; ``samples`` of them are taken, always the same.
    names
        Of :data:`~latent_studio.metrics.registry.METRICS`.
    samples
        Pictures in each set; fewer real ones if there are no more.
    extractor
        One or several; None makes the random one where it is needed.
    path_fn
        ``path_fn(count, draw)`` gives pictures at both ends of small steps, for path lengths.
    cache, fingerprint
        Where features of the real pictures are kept, and what names the pictures
        (``ImageDataset.fingerprint``); without either they are computed each time.
    seed
        Of the latents and of what the metrics draw.

    Returns
    -------
    dict
        Such as ``{"fd-random": 2.1, "pr-random/precision": 0.8, "swd": 11.0, "swd/64": ...}``.

    Raises
    ------
    OptionError
        If a metric is unknown or cannot be computed of this.
    Cancelled
        If the token is stopped.
    """
    extractors = by_kind(extractor)
    metrics = find_metrics(
        names,
        resolution=real_images.shape[-1],
        samples=min(samples, len(real_images)),
        kinds=["random", *extractors],
        path=path_fn is not None,
    )
    extractors = with_random(extractors, metrics)
    rows = real_order(len(real_images))[:samples]
    real = look_at_real(
        real_images, rows, metrics, extractors, cache, fingerprint, emit=emit, token=token
    )
    made = look_at_made(
        sample_fn, samples, real, metrics, extractors, seed=seed, emit=emit, token=token
    )
    made.path = path_fn
    readings = compute(metrics, real, made, extractors, seed=seed, emit=emit, token=token)
    return {reading.name: reading.value for reading in readings}


def by_kind(extractor: Extractor | Sequence[Extractor] | None) -> dict[str, Extractor]:
    """Extractors by their kind."""
    if extractor is None:
        return {}
    given = extractor if isinstance(extractor, Sequence) else [extractor]
    return {one.kind: one for one in given}


def with_random(
    extractors: Mapping[str, Extractor], metrics: Sequence[Metric]
) -> dict[str, Extractor]:
    """Those that the metrics need; the random one is made if it is not there."""
    needed = kinds_of(metrics)
    found = {kind: extractors[kind] for kind in needed if kind in extractors}
    if "random" in needed and "random" not in found:
        found["random"] = RandomConvExtractor()
    return found


def real_order(count: int) -> np.ndarray:
    """A fixed random order of real pictures: each start of it is a fair sample."""
    return np.random.default_rng(_ORDER_SEED).permutation(count)


def look_at_real(
    images: np.ndarray,
    rows: np.ndarray,
    metrics: Sequence[Metric],
    extractors: Mapping[str, Extractor],
    cache: FeatureCache | None = None,
    fingerprint: str = "",
    *,
    message: str = "Looking at real pictures",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Side:
    """What the metrics need of the real pictures ``rows``; features come from the cache if there.

    Raises
    ------
    OptionError, Cancelled
        As :func:`evaluate_generator`.
    """
    if images.ndim != 4 or images.dtype != np.uint8 or not len(rows):
        raise OptionError("Metrics need real pictures as uint8 [N, C, H, W].")
    kept = _kept(metrics, len(rows), images.shape[1:], emit)
    side = Side(len(rows), np.ascontiguousarray(images[rows[:kept]]))
    keys = {kind: _key(one, images, rows, fingerprint) for kind, one in extractors.items()}
    missing = dict(extractors)
    for kind, one in extractors.items():
        found = cache.load(keys[kind], (len(rows), one.dims)) if cache and fingerprint else None
        if found is not None:
            side.features[kind] = found
            del missing[kind]
    if not missing:
        return side
    batches = (images[rows[some]] for some in ranges(len(rows), batch_size(images.shape[-1])))
    _, features = _look(batches, len(rows), 0, missing, message, emit, token)
    for kind, values in features.items():
        side.features[kind] = values
        if cache and fingerprint:
            cache.save(keys[kind], values)
    return side


def look_at_made(
    sample_fn: SampleFn,
    samples: int,
    real: Side,
    metrics: Sequence[Metric],
    extractors: Mapping[str, Extractor],
    *,
    seed: int = 0,
    message: str = "Making pictures",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Side:
    """Draw pictures and take from each batch what the metrics need.

    Raises
    ------
    OptionError
        If the pictures are not of the real ones' size and kind.
    Cancelled
        If the token is stopped.
    """
    draw = torch.Generator().manual_seed(seed)
    first = _drawn(sample_fn, 1, torch.Generator().manual_seed(seed))
    if first.shape[1:] != real.pictures.shape[1:]:
        raise OptionError(
            f"The made pictures are {_size(first)} and the real ones {_size(real.pictures)}; "
            "metrics need one size."
        )
    size = batch_size(first.shape[-1])
    kept = _kept(metrics, samples, first.shape[1:], emit)
    batches = (_drawn(sample_fn, some.stop - some.start, draw) for some in ranges(samples, size))
    pictures, features = _look(batches, samples, kept, extractors, message, emit, token)
    return Side(samples, pictures if kept else first[:0], features)


def compute(
    metrics: Sequence[Metric],
    real: Side,
    made: Side,
    extractors: Mapping[str, Extractor],
    *,
    seed: int = 0,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> list[Reading]:
    """All readings of two sides that have been looked at.

    Raises
    ------
    OptionError
        If there are too few pictures for a metric, or they are damaged.
    Cancelled
        If the token is stopped.
    """
    readings: list[Reading] = []
    for done, metric in enumerate(metrics):
        if token is not None:
            token.checkpoint()
        emit(Progress(done, len(metrics), f"Computing {metric.name}"))
        case = Case(real, made, extractors.get(metric.features), seed, token)
        readings += metric.compute(metric, case)
    emit(Progress(len(metrics), len(metrics), "Computing"))
    return readings


def _look(
    batches: Iterable[np.ndarray],
    count: int,
    kept: int,
    extractors: Mapping[str, Extractor],
    message: str,
    emit: Emit,
    token: StopToken | None,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Go through batches once: the first ``kept`` pictures, and features by kind."""
    pictures: list[np.ndarray] = []
    features: dict[str, list[np.ndarray]] = {kind: [] for kind in extractors}
    done = 0
    for batch in batches:
        if token is not None:
            token.checkpoint()
        if done < kept:
            pictures.append(batch[: kept - done])
        for kind, extractor in extractors.items():
            values = extractor(torch.from_numpy(np.ascontiguousarray(batch)))
            features[kind].append(values.cpu().numpy())
        done += len(batch)
        emit(Progress(done, count, message))
    found = np.concatenate(pictures) if pictures else np.empty((0, 0, 0, 0), np.uint8)
    return found, {kind: np.concatenate(parts) for kind, parts in features.items()}


def _drawn(sample_fn: SampleFn, count: int, draw: torch.Generator) -> np.ndarray:
    found = sample_fn(count, draw)
    images = found.cpu().numpy() if isinstance(found, Tensor) else found
    if images.ndim != 4 or images.dtype != np.uint8 or len(images) != count:
        raise OptionError("A generator must give the metrics uint8 pictures [N, C, H, W].")
    return images


def _kept(metrics: Sequence[Metric], count: int, shape: tuple[int, ...], emit: Emit) -> int:
    """How many pictures to hold in memory."""
    wanted = min(count, max(metric.pictures for metric in metrics))
    room = max(64, _PICTURE_BYTES // int(np.prod(shape)))
    if room < wanted:
        names = ", ".join(metric.name for metric in metrics if metric.pictures)
        emit(Notice("info", f"{names}: computed of {room} pictures, for memory."))
    return min(wanted, room)


def _key(extractor: Extractor, images: np.ndarray, rows: np.ndarray, fingerprint: str) -> str:
    """Everything that features of real pictures depend on."""
    chosen = f"{len(rows)} {int(rows[0])} {int(rows[-1])} {int(rows.sum())}"
    shape = "x".join(str(n) for n in images.shape)
    return f"{extractor.kind} {extractor.digest} {fingerprint} {shape} {chosen}"


def _size(pictures: np.ndarray) -> str:
    channels, height, width = pictures.shape[1:]
    return f"{width}×{height} with {channels} channels"
