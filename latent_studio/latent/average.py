"""The middle of several pictures."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from latent_studio.errors import OptionError
from latent_studio.latent.resolve import LatentResolver
from latent_studio.recipe import DirectionAmount, Label, LatentSource, Recipe


@torch.no_grad()
def average_recipe(recipes: Sequence[Recipe], resolver: LatentResolver) -> Recipe:
    """The recipe half-way between all of ``recipes``: a vector, and directions of style channels.

    With w it is the mean of the styles as they are drawn: truncation, mixing, directions and
    offsets are in it; style channels, which have no place in w, are moved by the mean of their
    amounts. Without w it is the mean of z brought to the z's mean length, as blends of seeds are: a
    plain mean is shorter than any vector the model has seen.

    Parameters
    ----------
    recipes
        One or more, that all fit the model.

    Returns
    -------
    Recipe
        psi is 1 (the truncation is in the vector already) with w, the mean psi without. Noise is
        the first recipe's; so is the class, if it is the same in all or they are no weights.

    Raises
    ------
    OptionError
        If there are none, or one does not fit the model.
    """
    if not recipes:
        raise OptionError("Choose the pictures to take the middle of.")
    first = recipes[0]
    kept: dict[str, Any] = {
        "label": _mean_label([recipe.label for recipe in recipes]),
        "noise_mode": first.noise_mode,
        "noise_seed": first.noise_seed,
        "noise_strength": first.noise_strength,
        "noise_layers": first.noise_layers,
    }
    if resolver.capabilities.has_w:
        rows = np.stack([resolver.ws(recipe).cpu().numpy() for recipe in recipes])
        ws = rows.astype(np.float64).mean(0).astype(np.float32)
        kept["directions"] = _mean_channels([resolver.style_moves(recipe) for recipe in recipes])
        if (ws == ws[:, :1]).all():
            return Recipe(source=LatentSource.from_vector("w", ws[:, 0]), **kept)
        return Recipe(source=LatentSource.from_vector("w+", ws), **kept)
    rows = np.stack([resolver.z(recipe).cpu().numpy() for recipe in recipes]).astype(np.float64)
    psi = float(np.mean([recipe.psi for recipe in recipes]))
    return Recipe(source=LatentSource.from_vector("z", _mean_z(rows)), psi=psi, **kept)


def _mean_z(rows: np.ndarray) -> np.ndarray:
    """``[N, 1, z_dim]`` to ``[1, z_dim]`` of their mean length; opposite ones give zero."""
    mean = rows.mean(0)
    length = float(np.linalg.norm(mean))
    wanted = float(np.linalg.norm(rows, axis=2).mean())
    scale = wanted / length if length > 1e-6 * wanted else 1.0
    return np.asarray(mean * scale, dtype=np.float32)


def _mean_channels(moves: Sequence[Sequence[DirectionAmount]]) -> tuple[DirectionAmount, ...]:
    """Each direction by the mean of its amounts, over the layers it acts on."""
    sums: dict[tuple[str, int, int | None], float] = {}
    for entry in (entry for entries in moves for entry in entries):
        key = entry.name, entry.first, entry.last
        sums[key] = sums.get(key, 0.0) + entry.amount
    means = (DirectionAmount(name, sums[name, a, b] / len(moves), a, b) for name, a, b in sums)
    return tuple(entry for entry in means if entry.amount)


def _mean_label(labels: Sequence[Label]) -> Label:
    tuples = [label for label in labels if isinstance(label, tuple)]
    if len(tuples) == len(labels) and len({len(label) for label in tuples}) == 1:
        return tuple(float(value) for value in np.mean(np.array(tuples), axis=0))
    return labels[0]
