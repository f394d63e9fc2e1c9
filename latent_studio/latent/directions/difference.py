"""The way from one scene to another as a direction: *smile − neutral*."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.latent.boundary import projection_sigma
from latent_studio.latent.direction import Direction, DirectionSpace
from latent_studio.latent.population import device_of
from latent_studio.latent.resolve import LatentResolver
from latent_studio.latent.spaces import space_points
from latent_studio.models.base import Generator
from latent_studio.models.style_space import StyleSpace
from latent_studio.recipe import Recipe

SIGMA_SAMPLES = 1_000
_ALIKE = 1e-6


@torch.no_grad()
def difference_direction(
    generator: Generator,
    directions: Sequence[Direction],
    start: Recipe,
    end: Recipe,
    name: str,
    *,
    samples: int = SIGMA_SAMPLES,
    seed: int = 0,
) -> Direction:
    """``end − start``: an amount of 1 goes from one picture to the other.

    It lies in w if every layer differs alike, in w+ if not (mixing, a cutoff, a layer range), in S
    if style channels differ, and in z for models without w. Noise, class and transform are no part
    of it.

    Parameters
    ----------
    generator, directions
        Of the model of both scenes.
    start, end
        What is rendered at amount 0 and 1.
    samples, seed
        Latents drawn for the standard deviation along it; ``strength`` times that is its length.

    Raises
    ------
    OptionError
        If the scenes do not differ, or one does not fit the model.
    """
    space, step = _step(LatentResolver(generator, directions, device_of(generator)), start, end)
    length = float(np.linalg.norm(step))
    if not length > _ALIKE * np.sqrt(step.size):
        raise OptionError(
            "The two pictures have the same latent; a direction leads from one to another."
        )
    unit = step / length
    sigma = max(projection_sigma(space_points(generator, space, samples, seed), unit), 1e-6)
    return Direction(
        name,
        unit,
        sigma,
        "difference",
        space,
        info={"start": start.to_json(), "end": end.to_json()},
        strength=length / sigma,
    )


def _step(
    resolver: LatentResolver, start: Recipe, end: Recipe
) -> tuple[DirectionSpace, np.ndarray]:
    """Space and float64 vector of the difference."""
    if not resolver.capabilities.has_w:
        return "z", _array(resolver.z(end) - resolver.z(start))[0]
    rows = _array(resolver.ws(end) - resolver.ws(start))[0]
    if _differ(resolver.style_shift(start), resolver.style_shift(end)):
        return "s", _in_styles(resolver, start, end)
    spread = np.abs(rows - rows[0]).max()
    if spread <= _ALIKE * max(1.0, float(np.abs(rows).max())):
        return "w", rows.mean(0)
    return "w+", rows.reshape(-1)


def _in_styles(resolver: LatentResolver, start: Recipe, end: Recipe) -> np.ndarray:
    space = StyleSpace(resolver.generator.synthesis)  # type: ignore[arg-type]
    points = []
    for recipe in (start, end):
        shift = resolver.style_shift(recipe)
        styles = space.styles(resolver.ws(recipe))
        points.append(styles if shift is None else styles + shift)
    return np.asarray(_array(points[1] - points[0])[0])


def _differ(a: Tensor | None, b: Tensor | None) -> bool:
    if a is None or b is None:
        return a is not b
    return not torch.equal(a, b)


def _array(values: Tensor) -> np.ndarray:
    array: np.ndarray = values.detach().cpu().double().numpy()
    return array
