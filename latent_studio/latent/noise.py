"""Noise maps of a recipe: one scene gives one picture on every device."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import ModelError, OptionError
from latent_studio.models.base import CONST_NOISE, NoiseInput, Synthesis
from latent_studio.recipe import Recipe

_NO_NOISE = NoiseInput(mode="none")


def noise_input(
    recipe: Recipe,
    shapes: Sequence[Sequence[int]],
    device: torch.device | str = "cpu",
    fetch: Callable[[str], bytes] | None = None,
    learned: Callable[[], Sequence[Tensor]] | None = None,
) -> NoiseInput:
    """The noise that a recipe asks for.

    Parameters
    ----------
    recipe
        Its noise mode, seed, maps and strength are read.
    shapes
        ``generator.synthesis.noise_shapes``: one ``(1, 1, r, r)`` a noise layer.
    device
        Where the maps are wanted. They are drawn on the CPU whatever it is.
    fetch
        Gives stored maps by their name, for the mode ``maps``.
    learned
        Gives the maps of the mode ``const``, for recipes that scale its layers apart.

    Returns
    -------
    NoiseInput
        Its tensors are shared between calls: read them only.

    Raises
    ------
    OptionError
        If the recipe's maps are of another network.
    StudioError
        That ``fetch`` raises where the maps are not to be had.
    """
    if recipe.noise_mode == "none" or not shapes:
        return _NO_NOISE
    stored = recipe.noise_mode == "maps" and bool(recipe.noise_maps) and fetch is not None
    apart = any(recipe.noise_factor(layer) != 1 for layer in range(len(shapes)))
    if recipe.noise_mode == "const" or (recipe.noise_mode == "maps" and not stored):
        if apart and learned is not None:
            maps = _scaled([each.to(device) for each in learned()], recipe)
            return NoiseInput(mode="random", maps=maps, strength=recipe.noise_strength)
        return (
            CONST_NOISE
            if recipe.noise_strength == 1
            else NoiseInput(strength=recipe.noise_strength)
        )
    key = tuple(tuple(int(n) for n in shape) for shape in shapes)
    if stored:
        assert fetch is not None
        maps = _stored(recipe.noise_maps, key, str(device), fetch)
    else:
        maps = _maps(recipe.noise_seed, key, str(device))
    maps = _scaled(maps, recipe) if apart else maps
    return NoiseInput(mode="random", maps=maps, strength=recipe.noise_strength)


def _scaled(maps: Sequence[Tensor], recipe: Recipe) -> tuple[Tensor, ...]:
    """Each layer's maps times its factor."""
    return tuple(each * recipe.noise_factor(layer) for layer, each in enumerate(maps))


def pack_maps(maps: Sequence[np.ndarray]) -> bytes:
    """Noise maps as they are stored: float32, little endian, layer after layer."""
    return b"".join(np.ascontiguousarray(values, "<f4").tobytes() for values in maps)


def unpack_maps(data: bytes, shapes: Sequence[Sequence[int]]) -> list[Tensor]:
    """What :func:`pack_maps` wrote, as ``[1, 1, r, r]`` tensors of their own.

    Raises
    ------
    OptionError
        If the number of values is not that of ``shapes``, or one is not finite.
    """
    sizes = [int(np.prod(shape)) for shape in shapes]
    if len(data) != 4 * sum(sizes):
        raise OptionError(
            "The noise maps of this picture are of another model. Choose another noise, or open "
            "the model that they were made with."
        )
    values = torch.from_numpy(np.frombuffer(data, "<f4").astype(np.float32))
    if not torch.isfinite(values).all():
        raise OptionError("The noise maps hold values that are not finite numbers.")
    parts = zip(values.split(sizes), shapes, strict=True)
    return [part.reshape(tuple(shape)) for part, shape in parts]


@lru_cache(maxsize=4)
def _stored(
    name: str,
    shapes: tuple[tuple[int, ...], ...],
    device: str,
    fetch: Callable[[str], bytes],
) -> tuple[Tensor, ...]:
    return tuple(maps.to(device) for maps in unpack_maps(fetch(name), shapes))


@lru_cache(maxsize=4)
def _maps(seed: int, shapes: tuple[tuple[int, ...], ...], device: str) -> tuple[Tensor, ...]:
    generator = torch.Generator("cpu").manual_seed(seed % 2**63)
    return tuple(torch.randn(shape, generator=generator).to(device) for shape in shapes)


def learned_maps(synthesis: Synthesis) -> list[Tensor]:
    """The maps of the noise mode ``const`` in layer order, ``[1, 1, r, r]`` each.

    Raises
    ------
    ModelError
        If they are not to be found.
    """
    found = [
        value.detach() for name, value in synthesis.named_buffers() if name.endswith("noise_const")
    ]
    shapes = synthesis.noise_shapes
    if len(found) != len(shapes):
        raise ModelError("This network's noise is not kept layer by layer.")
    return [value.reshape(shape) for value, shape in zip(found, shapes, strict=True)]
