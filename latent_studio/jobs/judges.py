"""Judges of attributes: trained once for labelled pictures, then kept."""

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from latent_studio.data.dataset import ImageDataset, open_dataset
from latent_studio.errors import DataError, StudioError
from latent_studio.events import Emit, ignore
from latent_studio.latent.attributes import people_halves
from latent_studio.latent.classifier import AttributeClassifier, with_heads
from latent_studio.latent.classifier_training import (
    DEFAULT_SETTINGS,
    ClassifierSettings,
    train_classifier,
)
from latent_studio.latent.labelled import halved, usable_attributes
from latent_studio.mailbox import StopToken
from latent_studio.storage.judge_file import StoredJudge, load_judge, save_judge
from latent_studio.storage.paths import cache_dir

log = logging.getLogger(__name__)

SEED = 1
"""Another one than that of the classifier that directions are found with."""
LARGEST = 64
"""The classifier looks at no larger pictures."""
RELIABLE = 0.85
_VERSION = 1


@dataclass(frozen=True, eq=False)
class Judge:
    """Who tells the attributes, and how often rightly, on pictures held out (both sides alike)."""

    network: AttributeClassifier
    accuracy: Mapping[str, float]


def judge_for(
    data: str | Path | ImageDataset,
    channels: int = 3,
    resolution: int = LARGEST,
    *,
    attributes: Sequence[str] = (),
    seed: int = SEED,
    settings: ClassifierSettings = DEFAULT_SETTINGS,
    reliable: float = RELIABLE,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Judge:
    """Learn to tell the attributes of labelled pictures; the second time it is read from disk.

    It learns from the people that directions are not found with
    (:func:`~latent_studio.latent.attributes.people_halves`). Numeric attributes are told as *more
    than the median*.

    Parameters
    ----------
    data
        Labelled pictures, or procedural faces, whose attributes are known exactly.
    channels, resolution
        Of the model's pictures.
    attributes
        Which ones; empty for all that it tells well enough.
    reliable
        Balanced accuracy below which an attribute that was not asked for is left out.

    Raises
    ------
    DataError
        If the pictures are not labelled, or nothing can be learnt from them.
    OptionError, Cancelled
        As :func:`~latent_studio.latent.classifier_training.train_classifier`.
    """
    dataset = data
    if not isinstance(data, ImageDataset):
        dataset = open_dataset(
            data,
            resolution=min(resolution, LARGEST),
            channels=channels,
            cache_dir=cache_dir(),
            emit=emit,
            token=token,
        )
    assert isinstance(dataset, ImageDataset)
    known = halved(dataset)
    names = list(dict.fromkeys(attributes)) or usable_attributes(known)
    if not names:
        raise DataError(
            f"{dataset.name} has no attributes to judge by. Put an attributes.csv beside the "
            "pictures: a column 'file', then one column of 0 and 1 for each attribute."
        )
    place = _place(dataset, names, seed, settings)
    stored = _stored(place)
    if stored is None:
        network, report = train_classifier(
            known,
            names,
            indices=people_halves(known)[1],
            seed=seed,
            settings=settings,
            emit=emit,
            token=token,
        )
        stored = StoredJudge(network, report.balanced_accuracy, report.to_json())
        _keep(place, stored)
    return _reliable(stored, attributes, reliable, dataset.name)


def _reliable(stored: StoredJudge, attributes: Sequence[str], reliable: float, data: str) -> Judge:
    names = [
        name
        for name in stored.judge.attributes
        if name in attributes or stored.accuracy[name] >= reliable
    ]
    if not names:
        raise DataError(
            f"No attribute of {data} can be told from its pictures by {reliable:.0%} or more; "
            "there is nobody to measure directions by."
        )
    accuracy = {name: stored.accuracy[name] for name in names}
    return Judge(with_heads(stored.judge, names), accuracy)


def _place(
    dataset: ImageDataset, names: Sequence[str], seed: int, settings: ClassifierSettings
) -> Path | None:
    """Where it is kept; None for pictures that nothing identifies."""
    if not dataset.fingerprint:
        return None
    said = f"{_VERSION} {dataset.fingerprint} {dataset.images.shape} {names} {seed} {settings}"
    digest = hashlib.blake2b(said.encode(), digest_size=12).hexdigest()
    return cache_dir() / "judges" / f"{digest}.safetensors"


def _stored(place: Path | None) -> StoredJudge | None:
    if place is None or not place.exists():
        return None
    try:
        return load_judge(place)
    except StudioError as error:
        log.info("%s", error.message)
        return None


def _keep(place: Path | None, stored: StoredJudge) -> None:
    if place is None:
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        save_judge(place, stored.judge, stored.accuracy, stored.facts)
    except (OSError, StudioError) as error:  # a full or read-only place: trained again next time
        log.info("the judge is not kept: %s", error)
