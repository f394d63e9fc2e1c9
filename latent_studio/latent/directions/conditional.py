"""Conditional manipulation (InterFaceGAN, Shen et al. 2020, arXiv:2005.09635, section 3.2).

The normal of an attribute's boundary says how its score changes. A step at a right angle to the
normals of other attributes leaves their scores as they are, as far as scores are linear in w.
"""

from collections.abc import Sequence

from latent_studio.errors import OptionError
from latent_studio.latent.boundary import projection_sigma, without
from latent_studio.latent.direction import QUALITY, Direction
from latent_studio.latent.spaces import space_points
from latent_studio.models.base import Generator

SIGMA_SAMPLES = 4_000


def conditional_direction(
    generator: Generator,
    direction: Direction,
    keep: Sequence[Direction],
    name: str = "",
    *,
    samples: int = SIGMA_SAMPLES,
    seed: int = 0,
) -> Direction:
    """``direction`` without what it shares with others, so that those attributes stay.

    Parameters
    ----------
    generator
        Whose latents give the new standard deviation.
    keep
        Directions of the attributes that shall not change, in the same space.
    name
        ``smile (keeps gender)`` if empty.

    Raises
    ------
    OptionError
        If a direction is of another space, or nothing of ``direction`` remains.
    """
    others = [other for other in keep if other.name != direction.name]
    if not others:
        raise OptionError("Name at least one other direction whose attribute shall stay.")
    for other in others:
        if other.space != direction.space:
            raise OptionError(
                f"'{other.name}' is a direction in {other.space}, '{direction.name}' in "
                f"{direction.space}; only directions of one space can be told apart."
            )
    vector = without(direction.vector, [other.vector for other in others])
    kept = [other.name for other in others]
    info = {key: value for key, value in direction.info.items() if key != QUALITY}
    points = space_points(generator, direction.space, samples, seed)
    return Direction(
        name or f"{direction.name} (keeps {', '.join(kept)})",
        vector,
        projection_sigma(points, vector),
        direction.kind,
        direction.space,
        direction.first,
        direction.last,
        {**info, "conditional": True, "keeps": kept, "of": direction.name},
        direction.strength,
    )
