"""What happens to pictures before D sees them, so that it can't learn them by heart.

Everything here is differentiable by the pictures, twice where a penalty needs it, and takes chance
from the generator it is given.
"""

from latent_studio.training.augment.registry import (
    AUGMENTATIONS,
    Augmentation,
    build_augmentation,
)

__all__ = ["AUGMENTATIONS", "Augmentation", "build_augmentation"]
