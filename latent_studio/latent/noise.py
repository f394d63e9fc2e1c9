"""Noise maps of a recipe: one scene gives one picture on every device."""

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from latent_studio.models.base import CONST_NOISE, NoiseInput
from latent_studio.recipe import Recipe

_NO_NOISE = NoiseInput(mode="none")


def noise_input(
    recipe: Recipe, shapes: Sequence[Sequence[int]], device: torch.device | str = "cpu"
) -> NoiseInput:
    """The noise that a recipe asks for.

    Parameters
    ----------
    recipe
        Its noise mode, seed and strength are read.
    shapes
        ``generator.synthesis.noise_shapes``: one ``(1, 1, r, r)`` a noise layer.
    device
        Where the maps are wanted. They are drawn on the CPU whatever it is.

    Returns
    -------
    NoiseInput
        Its tensors are shared between calls: read them only.
    """
    if recipe.noise_mode == "none" or not shapes:
        return _NO_NOISE
    if recipe.noise_mode == "const":
        return (
            CONST_NOISE
            if recipe.noise_strength == 1
            else NoiseInput(strength=recipe.noise_strength)
        )
    key = tuple(tuple(int(n) for n in shape) for shape in shapes)
    maps = _maps(recipe.noise_seed, key, str(device))
    return NoiseInput(mode="random", maps=maps, strength=recipe.noise_strength)


@lru_cache(maxsize=4)
def _maps(seed: int, shapes: tuple[tuple[int, ...], ...], device: str) -> tuple[Tensor, ...]:
    generator = torch.Generator("cpu").manual_seed(seed % 2**63)
    return tuple(torch.randn(shape, generator=generator).to(device) for shape in shapes)
