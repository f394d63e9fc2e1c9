"""Many latents of a model as points of the space in which a direction lies."""

from typing import cast

import numpy as np
import torch

from latent_studio.errors import OptionError
from latent_studio.latent.direction import DirectionSpace
from latent_studio.latent.population import latent_batches
from latent_studio.models.base import Generator, StyledGenerator
from latent_studio.models.style_space import StyleSpace


@torch.no_grad()
def space_points(
    generator: Generator, space: DirectionSpace, samples: int, seed: int = 0
) -> np.ndarray:
    """Untruncated latents drawn from a model: float32 ``[samples, dim]``.

    Raises
    ------
    OptionError
        If the model lacks the space.
    """
    if space != "z" and not generator.capabilities.has_w:
        raise OptionError(f"This model has no {space}; its directions are in z.")
    styled = cast(StyledGenerator, generator)
    styles = StyleSpace(styled.synthesis) if space == "s" else None
    parts = []
    for batch in latent_batches(generator, samples, seed):
        points = batch.z if space == "z" else batch.points
        if styles is not None:
            points = styles.styles(styled.broadcast(points))
        elif space == "w+":
            points = styled.broadcast(points).flatten(1)
        parts.append(points.cpu())
    return torch.cat(parts).float().numpy()
