"""A recipe's move of what is shown, as the matrix that a network takes."""

from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import Tensor

from latent_studio.models.stylegan3_layers import inverse_transform
from latent_studio.recipe import Recipe, Transform


def transform_input(recipes: Sequence[Recipe], device: torch.device | str = "cpu") -> Tensor | None:
    """The moves of a batch of recipes.

    Returns
    -------
    Tensor or None
        float32 ``[N, 3, 3]`` from places in the picture to places in what is shown; ``[1, 3, 3]``
        if all move alike, None if none moves. Shared between calls: to be read only.
    """
    moves = list(dict.fromkeys(recipe.transform for recipe in recipes))
    if not any(moves):
        return None
    if len(moves) == 1:
        return _matrix(moves[0], str(device))
    return torch.cat([_matrix(recipe.transform, str(device)) for recipe in recipes])


@lru_cache(maxsize=64)
def _matrix(move: Transform, device: str) -> Tensor:
    return inverse_transform((move.x, move.y), move.rotate)[None].to(device)
