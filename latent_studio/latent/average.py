"""The middle of several pictures."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from latent_studio.errors import OptionError
from latent_studio.latent.resolve import LatentResolver
from latent_studio.recipe import Label, LatentSource, Recipe


@torch.no_grad()
def average_recipe(recipes: Sequence[Recipe], resolver: LatentResolver) -> Recipe:
    """The recipe half-way between all of ``recipes``, with nothing but a vector in it.

    With w it is the mean of the styles as they are drawn: truncation, mixing, directions and
    offsets are in it (not those of single style channels, which have no place in w). Without w it
    is the mean of z brought to the z's mean length, as blends of seeds are: a plain mean is shorter
    than any vector the model has seen.

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
    }
    if resolver.capabilities.has_w:
        rows = np.stack([resolver.ws(recipe).cpu().numpy() for recipe in recipes])
        ws = rows.astype(np.float64).mean(0).astype(np.float32)
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


def _mean_label(labels: Sequence[Label]) -> Label:
    tuples = [label for label in labels if isinstance(label, tuple)]
    if len(tuples) == len(labels) and len({len(label) for label in tuples}) == 1:
        return tuple(float(value) for value in np.mean(np.array(tuples), axis=0))
    return labels[0]
