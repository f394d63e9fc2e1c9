"""How good a model is, in numbers, beside what two sets of real pictures would get."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from latent_studio.data.dataset import ImageDataset, open_dataset
from latent_studio.errors import OptionError
from latent_studio.events import Emit, Notice, ignore
from latent_studio.jobs.features import features_file, weights_folder
from latent_studio.jobs.opened import AnyModel, Model, open_model
from latent_studio.jobs.targets import check_target
from latent_studio.latent.population import device_of
from latent_studio.mailbox import StopToken
from latent_studio.metrics.evaluate import compute, look_at_made, look_at_real, real_order
from latent_studio.metrics.extractors import kinds_with, load_extractors
from latent_studio.metrics.feature_cache import FeatureCache
from latent_studio.metrics.features import Extractor
from latent_studio.metrics.inception_weights import download_inception
from latent_studio.metrics.registry import (
    METRICS,
    Metric,
    Reading,
    Side,
    find_metrics,
    fits_size,
    kinds_of,
)
from latent_studio.metrics.sampling import GeneratorSampler
from latent_studio.storage import atomic
from latent_studio.storage.paths import cache_dir

DEFAULT_METRICS = ("fd", "kid", "pr", "dc", "swd", "ms-ssim")
SAMPLES = 1000
_JSON_BYTES = 1 << 16


@dataclass(frozen=True)
class Evaluation:
    """What :func:`evaluate` found.

    Attributes
    ----------
    readings
        The numbers of the model.
    yardstick
        The same of real pictures against other real pictures, by name; empty if not asked for.
    samples, real, yardstick_samples
        How many pictures were made, how many real ones stood against them, and how many were in
        each half of the yardstick: some numbers are larger for small sets.
    features
        Names of the extractors by kind.
    """

    model: str
    data: str
    readings: tuple[Reading, ...]
    yardstick: Mapping[str, float] = field(default_factory=dict)
    samples: int = 0
    real: int = 0
    yardstick_samples: int = 0
    seed: int = 0
    psi: float = 1.0
    features: Mapping[str, str] = field(default_factory=dict)

    @property
    def values(self) -> dict[str, float]:
        """All numbers by name."""
        return {reading.name: reading.value for reading in self.readings}

    def to_json(self) -> dict[str, Any]:
        facts = {name: getattr(self, name) for name in ("model", "data", "samples", "real")}
        return {
            **facts,
            "yardstick_samples": self.yardstick_samples,
            "seed": self.seed,
            "psi": self.psi,
            "features": dict(self.features),
            "metrics": self.values,
            "yardstick": dict(self.yardstick),
        }

    def lines(self) -> list[str]:
        """A table: the number, that of real pictures, which way is better, what it means."""
        head = [f"{self.model} against {self.data}: {self.samples:,} made, {self.real:,} real"]
        rows = [("metric", self.model[:12], "real", "better", "")]
        for reading in self.readings:
            if not reading.detail:
                yard = self.yardstick.get(reading.name)
                real = "" if yard is None else _number(yard)
                rows.append(
                    (reading.name, _number(reading.value), real, reading.better, reading.meaning)
                )
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        for name, value, real, better, meaning in rows:
            line = f"{name:{widths[0]}}  {value:>{widths[1]}}  {real:>{widths[2]}}"
            head.append(f"{line}  {better:{widths[3]}}  {meaning}".rstrip())
        return head + self._notes()

    def _notes(self) -> list[str]:
        notes = []
        if self.yardstick:
            note = f"real: {self.yardstick_samples:,} real pictures against as many others"
            if self.yardstick_samples < self.samples:
                note += "; fewer than were made, which by itself makes distances larger"
            notes.append(note)
        notes += [f"features: {name}" for name in self.features.values()]
        return notes


def evaluate(
    model: AnyModel,
    data: str | Path,
    metrics: Sequence[str] = (),
    *,
    samples: int = SAMPLES,
    features: str | Path = "random",
    download: bool = False,
    psi: float = 1.0,
    seed: int = 0,
    yardstick: bool = True,
    json_file: str | Path | None = None,
    device: str = "auto",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Evaluation:
    """Compute metrics of a model against real pictures.

    Parameters
    ----------
    model
        A file, a bundled model's name, or an opened one.
    data
        Real pictures of the kind that the model makes.
    metrics
        Names of :data:`~latent_studio.metrics.registry.METRICS`; without any the usual ones.
    samples
        Pictures to make; as many real ones are looked at, if there are so many.
    features
        ``random``; a file with the weights of Inception-v3; or ``inception`` for the file in the
        program's cache folder.
    download
        Fetch that file if it is not there.
    psi
        Truncation; 1 judges the whole distribution.
    yardstick
        Compute the same for two sets of real pictures.
    json_file
        Write the numbers there.

    Raises
    ------
    OptionError, ModelError, DataError, ExportError
        With the cause and the cure.
    Cancelled
        The token was stopped; nothing is written.
    """
    if samples < 2:
        raise OptionError("An evaluation needs at least 2 pictures.")
    target = None if json_file is None else check_target(json_file, (".json",), _JSON_BYTES)
    opened = open_model(model, device=device)
    chosen, extractors = _prepared(opened, metrics, features, download, samples, emit, token)
    dataset = _opened_data(opened, data, emit, token)
    judge = _Judge(dataset, chosen, extractors, seed, emit, token)
    rows = real_order(len(dataset))
    real = judge.real(rows[:samples], "Looking at real pictures")
    sampler = GeneratorSampler(opened.renderer.generator, psi)
    made = look_at_made(
        sampler, samples, real, chosen, extractors, seed=seed, emit=emit, token=token
    )
    made.path = sampler.path
    readings = judge.readings(chosen, real, made)
    half = min(samples, len(dataset) // 2)
    found = Evaluation(
        opened.name,
        dataset.name,
        tuple(readings),
        judge.yardstick(rows, half, real) if yardstick else {},
        samples,
        real.count,
        half if yardstick else 0,
        seed,
        psi,
        {kind: extractor.name for kind, extractor in extractors.items()},
    )
    if target is not None:
        atomic.write_text(target, json.dumps(found.to_json(), indent=2) + "\n")
    return found


class _Judge:
    """The real pictures, and what looks at them."""

    def __init__(
        self,
        dataset: ImageDataset,
        metrics: Sequence[Metric],
        extractors: Mapping[str, Extractor],
        seed: int,
        emit: Emit,
        token: StopToken | None,
    ) -> None:
        self._dataset, self._metrics, self._extractors = dataset, metrics, extractors
        self._seed, self._emit, self._token = seed, emit, token
        self._cache = FeatureCache(cache_dir() / "features", emit)

    def real(self, rows: Any, message: str) -> Side:
        return look_at_real(
            self._dataset.images,
            rows,
            self._metrics,
            self._extractors,
            self._cache,
            self._dataset.fingerprint,
            message=message,
            emit=self._emit,
            token=self._token,
        )

    def readings(self, metrics: Sequence[Metric], real: Side, made: Side) -> list[Reading]:
        link = {"seed": self._seed, "emit": self._emit, "token": self._token}
        return compute(metrics, real, made, self._extractors, **link)  # type: ignore[arg-type]

    def yardstick(self, rows: Any, half: int, real: Side) -> dict[str, float]:
        """Readings of ``half`` real pictures against as many others; what has no path has none."""
        metrics = [m for m in self._metrics if not m.path and m.least <= half]
        if half < 2 or not metrics:
            self._emit(Notice("info", "There are too few real pictures to compare among them."))
            return {}
        if real.count != half:
            real = self.real(rows[:half], "Looking at real pictures")
        other = self.real(rows[half : 2 * half], "Looking at other real pictures")
        found = self.readings(metrics, real, other)
        return {reading.name: reading.value for reading in found}


def _prepared(
    model: Model,
    names: Sequence[str],
    features: str | Path,
    download: bool,
    samples: int,
    emit: Emit,
    token: StopToken | None,
) -> tuple[list[Metric], dict[str, Extractor]]:
    """What to compute, and the networks for it; every mistake shows here, before the work."""
    place = device_of(model.renderer.generator)
    weights = features_file(features)
    side = model.capabilities.resolution
    wanted = names or _usual(side)
    metrics = find_metrics(wanted, resolution=side, samples=samples, kinds=kinds_with(weights))
    if str(features) == "inception" and "inception" in kinds_of(metrics):
        _fetch(weights, download, emit, token)
    return metrics, load_extractors(metrics, weights, place)


def _usual(side: int) -> list[str]:
    """The usual metrics that this size allows."""
    return [n for n in DEFAULT_METRICS if n not in METRICS or fits_size(METRICS[n], side)]


def _fetch(weights: str, download: bool, emit: Emit, token: StopToken | None) -> None:
    """Bring Inception's weights into the program's folder, or say how they get there."""
    if download:
        download_inception(weights_folder(), emit=emit, token=token)
    elif not Path(weights).is_file():
        emit(Notice("info", "--download fetches the weights of Inception-v3 once."))


def _opened_data(
    model: Model, data: str | Path, emit: Emit, token: StopToken | None
) -> ImageDataset:
    return open_dataset(
        data,
        resolution=model.capabilities.resolution,
        channels=model.capabilities.channels,
        cache_dir=cache_dir(),
        emit=emit,
        token=token,
    )


def _number(value: float) -> str:
    """Four significant digits or so."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
