"""A set of images in memory or mapped from the cache, all of one size."""

import hashlib
import time
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np

from latent_studio.data.cache import FORMAT, Cache, Entry, EntryWriter, default_cache_dir
from latent_studio.data.decode import ImageFacts, ImageProblem, check_resolution
from latent_studio.data.files import Tally, parallel, summarise
from latent_studio.data.report import DataReport
from latent_studio.data.source import BatchSource, Source, open_source
from latent_studio.errors import DataError
from latent_studio.events import Emit, Progress, ignore
from latent_studio.mailbox import StopToken

DEFAULT_LIMIT = 10_000
_BLOCK = 64
_PROGRESS_S = 0.1
_TOGETHER = 256  # images of 64 pixels made in one go
_AT_ONCE = 4  # such goes held in memory
_Read: TypeAlias = tuple[np.ndarray, ImageFacts] | ImageProblem


@dataclass(eq=False)
class ImageDataset:
    """Images of one size, with what is known about them. Read-only.

    Attributes
    ----------
    images
        uint8 ``[N, C, H, W]``, an array or a memory map.
    labels
        int64 ``[N]`` (0 to ``len(classes) - 1``, every image has one), or None.
    classes
        Names of the classes.
    attributes
        Name to float32 ``[N]``; nan = unknown.
    groups
        One text an image (the person shown), or None.
    name, fingerprint
        What it is called; what identifies content, size and limit.
    report
        What was found when it was read.
    """

    images: np.ndarray
    labels: np.ndarray | None = None
    classes: Sequence[str] = ()
    attributes: Mapping[str, np.ndarray] = field(default_factory=dict)
    groups: Sequence[str] | None = None
    name: str = ""
    fingerprint: str = ""
    report: DataReport | None = None

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or self.images.dtype != np.uint8 or not len(self.images):
            raise DataError("A data set needs images as uint8 [N, C, H, W], at least one.")
        lengths = [len(values) for values in self.attributes.values()]
        lengths += [len(column) for column in (self.labels, self.groups) if column is not None]
        if any(length != len(self.images) for length in lengths):
            raise DataError("Labels and attributes must have one entry for each image.")

    def __len__(self) -> int:
        return len(self.images)

    @property
    def channels(self) -> int:
        return int(self.images.shape[1])

    @property
    def resolution(self) -> int:
        return int(self.images.shape[3])


def open_dataset(
    spec: str | Path,
    *,
    resolution: int,
    channels: int = 3,
    cache_dir: Path | None = None,
    limit: int | None = None,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> ImageDataset:
    """Open a source at one size; the first time, every image is decoded into the cache.

    Parameters
    ----------
    spec
        Folder, zip, IDX file or ``procedural-faces[:SEED]``.
    resolution
        Side of the square images, 4 to 1024 pixels.
    channels
        1 (grey) or 3 (colour).
    cache_dir
        Folder for decoded images; None: below ``LATENT_STUDIO_HOME`` or the temporary files.
    limit
        Use at most the first ``limit`` images; an infinite source gives 10,000 without it.
    emit, token
        Get :class:`~latent_studio.events.Progress`; stop or pause.

    Raises
    ------
    DataError
        If the source cannot be used, or nothing in it, or there is no room for it.
    Cancelled
        If the token is stopped. What was decoded so far is thrown away.
    """
    check_resolution(resolution, channels)
    if limit is not None and limit < 1:
        raise DataError(f"A data set of {limit} images cannot be used: give a limit of 1 or more.")
    source = open_source(spec, check=False)
    if limit is None and source.endless:
        limit = DEFAULT_LIMIT
    cache = Cache(default_cache_dir() if cache_dir is None else Path(cache_dir))
    key = _key(source, resolution, channels, limit)
    entry = cache.open(source.name, key)
    if entry is None:
        count = min(n for n in (source.count, limit) if n is not None)
        shape = (count, channels, resolution, resolution)
        writer = cache.writer(source.name, key, shape, emit=emit)
        try:
            entry = _fill(writer, source, emit, token)
        except BaseException:
            writer.abandon()
            raise
    return ImageDataset(
        images=entry.images,
        labels=entry.found.labels,
        classes=entry.found.classes,
        attributes=entry.found.attributes,
        groups=entry.found.groups,
        name=source.name,
        fingerprint=key,
        report=entry.report,
    )


def _key(source: Source, resolution: int, channels: int, limit: int | None) -> str:
    if limit is not None and source.count is not None and limit >= source.count:
        limit = None
    text = f"{FORMAT} {source.fingerprint} {resolution} {channels} {limit}"
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _fill(writer: EntryWriter, source: Source, emit: Emit, token: StopToken | None) -> Entry:
    """Decode everything into ``writer``, listing what cannot be used."""
    count, _, resolution, _ = writer.shape
    channels = writer.shape[1]
    found = source.annotations(count)  # mistakes in the tables show before the long part
    tally, kept = Tally(), array("q")
    problems: list[tuple[str, str]] = []
    block: list[np.ndarray] = []
    progress = _Meter(emit, count, f"Reading {source.name}")
    if isinstance(source, BatchSource):
        results = _together(source, count, resolution, channels, token)
    else:
        results = _one_by_one(source, count, resolution, channels, token)
    for index, result in enumerate(results):
        if isinstance(result, ImageProblem):
            problems.append((result.file, result.reason))
        else:
            block.append(result[0])
            tally.add(result[1])
            kept.append(index)
        if len(block) == _BLOCK:
            writer.add(block)
            block = []
        progress.tell(index + 1)
    if block:
        writer.add(block)
    found = found.take(kept)
    return writer.finish(found, summarise(source.name, tally, found, problems))


def _one_by_one(
    source: Source, count: int, resolution: int, channels: int, token: StopToken | None
) -> Iterator[_Read]:
    """Every image, or what is wrong with it."""

    def work(index: int) -> _Read:
        try:
            return source.load_facts(index, resolution, channels)
        except ImageProblem as problem:
            return problem

    return parallel(work, range(count), token=token)


def _together(
    source: BatchSource, count: int, resolution: int, channels: int, token: StopToken | None
) -> Iterator[_Read]:
    """Every image of a source that makes many at a time."""
    size = max(1, min(_TOGETHER, _TOGETHER * 64**2 // resolution**2))

    def work(start: int) -> np.ndarray:
        if token is not None:
            token.checkpoint()
        return source.load_many(range(start, min(start + size, count)), resolution, channels)

    facts = source.facts(resolution, channels)
    for images in parallel(work, range(0, count, size), token=token, chunk=_AT_ONCE):
        for image in images:
            yield image, facts


class _Meter:
    """Progress with an estimate of the time left, ten times a second at most."""

    def __init__(self, emit: Emit, total: int, message: str) -> None:
        self._emit, self._total, self._message = emit, total, message
        self._start = time.monotonic()
        self._next = self._start

    def tell(self, done: int) -> None:
        now = time.monotonic()
        if now < self._next and done < self._total:
            return
        self._next = now + _PROGRESS_S
        eta = (now - self._start) / done * (self._total - done)
        self._emit(Progress(done, self._total, self._message, eta))
