"""Labelled pictures: which attributes can be learnt, from whom, and what weighs how much."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import DataError, OptionError

_MINIMUM = 20  # pictures of each side of an attribute


class LabelledPictures(Protocol):
    """What is read of :class:`~latent_studio.data.dataset.ImageDataset`."""

    @property
    def images(self) -> np.ndarray: ...

    @property
    def attributes(self) -> Mapping[str, np.ndarray]: ...

    @property
    def groups(self) -> Sequence[str] | None: ...


def split_groups(
    dataset: LabelledPictures, share: float, seed: int, among: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Part pictures in two so that nobody (no group) is on both sides.

    Parameters
    ----------
    dataset
        Its ``groups`` name the person of each picture; without them each picture stands alone.
    share
        Of the pictures, about, in the second part.
    seed
        Which people go where.
    among
        Indices to part; None for all.

    Returns
    -------
    tuple of ndarray
        Sorted int64 indices of the two parts.
    """
    indices = np.arange(len(dataset.images)) if among is None else np.asarray(among, np.int64)
    groups = dataset.groups
    names = np.array([groups[i] if groups is not None and groups[i] else f"#{i}" for i in indices])
    people, member, counts = np.unique(names, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(people))
    before = np.cumsum(counts[order]) - counts[order]
    chosen = np.zeros(len(people), dtype=bool)
    chosen[order] = before < share * len(indices)
    second = chosen[member]
    return indices[~second], indices[second]


def usable_attributes(dataset: LabelledPictures) -> list[str]:
    """Attributes of two values with enough pictures of both to learn from."""
    found = []
    for name, column in dataset.attributes.items():
        known = column[~np.isnan(column)]
        two_valued = bool(np.isin(known, (0, 1)).all())
        if two_valued and min((known == 0).sum(), (known == 1).sum()) >= _MINIMUM:
            found.append(name)
    return found


@dataclass(frozen=True, eq=False)
class HalvedPictures:
    """Pictures whose attributes of many values are told as *more than the median*, 0 or 1."""

    images: np.ndarray
    attributes: Mapping[str, np.ndarray]
    groups: Sequence[str] | None


def halved(dataset: LabelledPictures) -> HalvedPictures:
    """The same pictures, every numeric attribute with a boundary that can be learnt."""
    columns = {name: _halves(column) for name, column in dataset.attributes.items()}
    return HalvedPictures(dataset.images, columns, dataset.groups)


def _halves(column: np.ndarray) -> np.ndarray:
    known = ~np.isnan(column)
    if not known.any() or np.isin(column[known], (0, 1)).all():
        return column
    sides = (column > np.median(column[known])).astype(np.float32)
    return np.asarray(np.where(known, sides, np.float32(np.nan)))


def label_targets(dataset: LabelledPictures, attributes: Sequence[str]) -> np.ndarray:
    """float32 ``[N, attributes]`` of 0, 1 and nan."""
    known = dataset.attributes
    if not attributes:
        raise OptionError("Name at least one attribute.")
    for name in attributes:
        if name not in known:
            listed = ", ".join(usable_attributes(dataset)) or "none at all"
            raise OptionError(f"The data have no attribute '{name}'; they have {listed}.")
    targets = np.stack([np.asarray(known[name], np.float32) for name in attributes], axis=1)
    for name, column in zip(attributes, targets.T, strict=True):
        if not np.isin(column[~np.isnan(column)], (0, 1)).all():
            raise OptionError(f"Attribute '{name}' has other values than 0 and 1.")
    return targets


def side_weights(targets: np.ndarray, attributes: Sequence[str], minimum: int = _MINIMUM) -> Tensor:
    """Weights ``[2, attributes]`` of the sides 0 and 1, so that both count alike."""
    sides = np.stack([(targets == side).sum(axis=0) for side in (0, 1)])
    for name, (no, yes) in zip(attributes, sides.T, strict=True):
        if min(no, yes) < minimum:
            raise DataError(
                f"Attribute '{name}' has {yes} pictures with it and {no} without; at least "
                f"{_MINIMUM} of each are needed to learn it."
            )
    return torch.from_numpy((sides.sum(axis=0) / (2.0 * sides)).astype(np.float32))
