"""Directions of a latent space: what they are, how they are found, what they do."""

from latent_studio.latent.attributes import attribute_directions, people_halves
from latent_studio.latent.direction import (
    Direction,
    DirectionKind,
    DirectionSpace,
    check_directions,
    merge_directions,
    with_analysis,
)
from latent_studio.latent.directions.channels import channel_directions
from latent_studio.latent.directions.conditional import conditional_direction
from latent_studio.latent.directions.difference import difference_direction
from latent_studio.latent.directions.hand import (
    HandFit,
    LabellingPool,
    hand_direction,
    labelling_pool,
    next_sample,
)
from latent_studio.latent.directions.sefa import sefa_directions
from latent_studio.latent.measure import DirectionReport, measure_attribute, measure_direction
from latent_studio.latent.pca import principal_components

__all__ = [
    "Direction",
    "DirectionKind",
    "DirectionReport",
    "DirectionSpace",
    "HandFit",
    "LabellingPool",
    "attribute_directions",
    "channel_directions",
    "check_directions",
    "conditional_direction",
    "difference_direction",
    "hand_direction",
    "labelling_pool",
    "measure_attribute",
    "measure_direction",
    "merge_directions",
    "with_analysis",
    "next_sample",
    "people_halves",
    "principal_components",
    "sefa_directions",
]
