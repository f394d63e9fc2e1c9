"""How different two pictures look to a network.

As Zhang et al. 2018 (arXiv:1801.03924): activations of several layers, normalised over channels at
each place, squared differences, mean over places, sum over layers; without learnt weights of the
channels, so the numbers are not LPIPS.
"""

import numpy as np
import torch
from torch import Tensor

from latent_studio.metrics.features import Extractor

_EPSILON = 1e-10


@torch.no_grad()
def perceptual_distance(extractor: Extractor, a: Tensor, b: Tensor) -> np.ndarray:
    """Distances of pairs of float pictures ``[N, C, H, W]``, 0 to 255: float64 ``[N]``."""
    total = np.zeros(len(a))
    for x, y in zip(extractor.stages(a), extractor.stages(b), strict=True):
        squares = (_normalised(x) - _normalised(y)).square().sum(1)
        total += squares.mean(dim=(1, 2)).cpu().numpy()
    return total


def _normalised(maps: Tensor) -> Tensor:
    maps = maps.double()
    unit: Tensor = maps / (maps.norm(dim=1, keepdim=True) + _EPSILON)
    return unit
