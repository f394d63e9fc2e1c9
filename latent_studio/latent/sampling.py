"""From seeds, blends and explicit vectors to latents; what of a recipe a model cannot use.

Seeds mean what the published tools mean: ``RandomState(seed).randn(1, z_dim)``, and for models
whose z is cut at two (BigGAN) that distribution's quantiles at ``RandomState(seed).uniform``.
"""

import math
from collections.abc import Collection, Sequence
from typing import Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.models.base import Capabilities
from latent_studio.recipe import MAX_SEED, LatentSource, Recipe, check_seed

SEED_MAP_COLUMNS = 100


Prior: TypeAlias = Literal["normal", "cut"]
CUT = 2.0


def seed_z(seed: int, z_dim: int, prior: Prior = "normal") -> np.ndarray:
    """The latent of a seed: float32 ``[1, z_dim]``; ``prior`` as in ``Capabilities``.

    Raises
    ------
    OptionError
        If the seed is not a whole number from 0 to 2**32 - 1.
    """
    random = np.random.RandomState(check_seed(seed))
    if prior == "normal":
        return random.randn(1, z_dim).astype(np.float32)
    return cut_normal(torch.from_numpy(random.uniform(size=(1, z_dim)))).float().numpy()


def cut_normal(uniform: Tensor) -> Tensor:
    """Numbers of the normal distribution without |z| > 2, from uniform ones in [0, 1)."""
    below = torch.special.ndtr(torch.tensor(-CUT, dtype=torch.float64))
    quantiles: Tensor = torch.special.ndtri(below + uniform.double() * (1 - 2 * below))
    return quantiles.clamp(-CUT, CUT)


def seed_z_batch(seeds: Sequence[int], z_dim: int, prior: Prior = "normal") -> np.ndarray:
    """Latents of several seeds: float32 ``[N, z_dim]``."""
    if not seeds:
        return _empty(z_dim)
    return np.concatenate([seed_z(seed, z_dim, prior) for seed in seeds])


def seed_blend(
    x: float, y: float, columns: int = SEED_MAP_COLUMNS
) -> tuple[tuple[int, float], ...]:
    """The seeds around a point of the seed map, with bilinear weights.

    Seed ``s`` lies at ``(s % columns, s // columns)``; the map goes on beyond its edges, where
    seeds count on modulo 2**32. At a whole-numbered point there is one seed with weight 1.

    Returns
    -------
    tuple of (seed, weight)
        One to four pairs; the weights are positive and add up to 1.
    """
    if not (math.isfinite(x) and math.isfinite(y)):
        raise OptionError("A point of the seed map needs finite coordinates.")
    left, top = math.floor(x), math.floor(y)
    fx, fy = x - left, y - top
    weights: dict[int, float] = {}
    for column, across in ((left, 1 - fx), (left + 1, fx)):
        for row, down in ((top, 1 - fy), (top + 1, fy)):
            seed = (column + row * columns) % (MAX_SEED + 1)
            weights[seed] = weights.get(seed, 0.0) + across * down
    return tuple((seed, weight) for seed, weight in weights.items() if weight > 0)


def seed_position(seed: int, columns: int = SEED_MAP_COLUMNS) -> tuple[float, float]:
    """Where a seed lies on the seed map (the inverse of :func:`seed_blend`)."""
    return float(check_seed(seed) % columns), float(seed // columns)


def merged_seeds(source: LatentSource) -> tuple[tuple[int, float], ...]:
    """The seeds of a blend, each once, those without weight left out.

    Raises
    ------
    OptionError
        If nothing has a weight.
    """
    weights: dict[int, float] = {}
    for seed, weight in source.seeds:
        weights[seed] = weights.get(seed, 0.0) + weight
    pairs = tuple((seed, weight) for seed, weight in weights.items() if weight)
    if not pairs or not all(math.isfinite(weight) for _, weight in pairs):
        raise OptionError("A blend of seeds needs at least one seed with a finite weight.")
    return pairs


def blend_z(pairs: Sequence[tuple[int, float]], z_dim: int, prior: Prior = "normal") -> np.ndarray:
    """Weighted sum of seeds' z divided by ``sqrt(sum(weight**2))``: float32 ``[1, z_dim]``.

    A sum of independent standard normal vectors divided so is standard normal again; a plain mean
    would be shorter than any vector the model has seen. Of a ``cut`` prior, what comes to lie
    beyond the cut is moved there.
    """
    if len(pairs) == 1:
        sign = np.float32(math.copysign(1.0, pairs[0][1]))
        return np.asarray(seed_z(pairs[0][0], z_dim, prior) * sign)
    total = sum(weight * seed_z(seed, z_dim, prior).astype(np.float64) for seed, weight in pairs)
    norm = math.sqrt(sum(weight * weight for _, weight in pairs))
    blend = np.asarray(total / norm, dtype=np.float32)
    return blend if prior == "normal" else blend.clip(-CUT, CUT)


def source_z(source: LatentSource, z_dim: int, prior: Prior = "normal") -> np.ndarray:
    """z of a source: float32 ``[1, z_dim]``.

    Raises
    ------
    OptionError
        If the source is a vector of another space or another length.
    """
    if source.vector is None:
        return blend_z(merged_seeds(source), z_dim, prior)
    if source.space != "z":
        raise OptionError(
            f"This recipe holds a vector of {source.space}; the model wants z. Choose a seed, or "
            "open the model the recipe was made with."
        )
    return vector_rows(source, (z_dim,))


def vector_rows(source: LatentSource, shape: tuple[int, ...]) -> np.ndarray:
    """An explicit vector checked against ``shape``, with a leading axis of one.

    Raises
    ------
    OptionError
        Naming the length that the model wants and the one that the recipe has.
    """
    assert source.vector is not None
    array = source.vector.array()
    if array.shape not in (shape, (1, *shape)):
        raise OptionError(_shape_message(source.space, array.shape, shape))
    return array.reshape(1, *shape)


def recipe_warnings(
    recipe: Recipe, capabilities: Capabilities, direction_names: Collection[str] = ()
) -> list[str]:
    """Fields of a recipe that have no effect on a model, one sentence each.

    Such fields stay in the recipe: they act again once a model has what they need.
    """
    found = [text for check in _CHECKS for text in check(recipe, capabilities)]
    missing = [d.name for d in recipe.directions if d.amount and d.name not in direction_names]
    found += [f"This model has no direction '{name}'; it is inactive." for name in missing]
    return found


def _warn_source(recipe: Recipe, model: Capabilities) -> list[str]:
    source = recipe.source
    if source.vector is None and source.space == "w" and not model.has_w:
        return ["This model has no w; the seeds are blended in z."]
    return []


def _warn_label(recipe: Recipe, model: Capabilities) -> list[str]:
    if recipe.label is not None and not model.classes:
        return ["This model has no classes; the class is inactive."]
    if recipe.label is None and model.classes:
        return ["This model wants a class and the recipe has none; class 0 is shown."]
    return []


def _warn_truncation(recipe: Recipe, model: Capabilities) -> list[str]:
    if model.truncation == "none" and (recipe.psi != 1 or recipe.cutoff is not None):
        return ["This model has no truncation; psi and cutoff are inactive."]
    if model.truncation == "z" and recipe.cutoff is not None:
        return ["This model has no layers to truncate singly; the cutoff is inactive."]
    return []


def _warn_offsets(recipe: Recipe, model: Capabilities) -> list[str]:
    found = []
    vector = recipe.source.vector
    for offset in recipe.offsets:
        size = model.z_dim if offset.space == "z" else model.w_dim
        if size is None:
            found.append("This model has no w; offsets in w are inactive.")
        elif offset.index >= size:
            found.append(
                f"{offset.space}[{offset.index}] does not exist: this model's {offset.space} has "
                f"{size} numbers; the offset is inactive."
            )
        elif offset.space == "z" and vector is not None and recipe.source.space != "z":
            found.append("The picture starts from w; offsets in z are inactive.")
    return list(dict.fromkeys(found))


def _warn_mixing(recipe: Recipe, model: Capabilities) -> list[str]:
    if not recipe.mixing:
        return []
    if model.num_ws is None:
        return ["This model has no layers; style mixing is inactive."]
    return [
        f"Layer {mix.layer} does not exist: this model has layers 0 to {model.num_ws - 1}; its "
        "style mixing is inactive."
        for mix in recipe.mixing
        if mix.layer >= model.num_ws
    ]


def _warn_noise(recipe: Recipe, model: Capabilities) -> list[str]:
    noisy = recipe.noise_mode != "const" or recipe.noise_strength != 1 or recipe.noise_layers
    if not model.noise and noisy:
        return ["This model has no noise inputs; the noise settings are inactive."]
    return []


def _warn_transform(recipe: Recipe, model: Capabilities) -> list[str]:
    if recipe.transform and not model.transform:
        return ["This model cannot move or turn what it shows; the transform is inactive."]
    return []


_CHECKS = (
    _warn_source,
    _warn_label,
    _warn_truncation,
    _warn_offsets,
    _warn_mixing,
    _warn_noise,
    _warn_transform,
)


def _shape_message(space: str, have: tuple[int, ...], want: tuple[int, ...]) -> str:
    if len(want) == 1 and (len(have) == 1 or (len(have) == 2 and have[0] == 1)):
        return (
            f"This model wants {want[0]} numbers in {space}, the recipe has {have[-1]}. Use a "
            "vector made with this model, or a seed."
        )
    wanted = " x ".join(map(str, (1, *want)))
    given = " x ".join(map(str, have))
    return f"This model wants a {space} vector of {wanted} numbers, the recipe has {given}."


def _empty(z_dim: int) -> np.ndarray:
    return np.zeros((0, z_dim), dtype=np.float32)
