"""Directions of a latent space: what they are and how they are found."""

from latent_studio.latent.direction import (
    Direction,
    DirectionKind,
    DirectionSpace,
    check_directions,
    merge_directions,
)

__all__ = [
    "Direction",
    "DirectionKind",
    "DirectionSpace",
    "check_directions",
    "merge_directions",
]
