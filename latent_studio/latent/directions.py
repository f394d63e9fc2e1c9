"""Directions of a latent space: what they are, how they are found, what they do."""

from latent_studio.latent.attributes import attribute_directions, people_halves
from latent_studio.latent.direction import (
    Direction,
    DirectionKind,
    DirectionSpace,
    check_directions,
    merge_directions,
)
from latent_studio.latent.measure import DirectionReport, measure_attribute, measure_direction
from latent_studio.latent.pca import principal_components

__all__ = [
    "Direction",
    "DirectionKind",
    "DirectionReport",
    "DirectionSpace",
    "attribute_directions",
    "check_directions",
    "measure_attribute",
    "measure_direction",
    "merge_directions",
    "people_halves",
    "principal_components",
]
