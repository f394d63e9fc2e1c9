"""Noise maps that are optimised and stay noise.

Karras et al. 2020 (arXiv:1912.04958, appendix D): an optimiser would write the picture itself into
the maps, so neighbours must stay uncorrelated at every scale, and each map keeps mean 0 and
variance 1.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

_SMALLEST = 8


def noise_penalty(maps: Sequence[Tensor]) -> Tensor:
    """Squared correlations of neighbours of maps ``[N, 1, r, r]``, summed over maps and scales.

    Returns
    -------
    Tensor
        ``[N]``; about 0 for white noise.
    """
    total = torch.zeros(len(maps[0]), dtype=maps[0].dtype, device=maps[0].device)
    for values in maps:
        while True:
            for axis in (2, 3):
                shifted = values.roll(1, dims=axis)
                total = total + (values * shifted).flatten(1).mean(1).square()
            if values.shape[-1] <= _SMALLEST:
                break
            # Twice the mean of four keeps the variance of white noise.
            values = 2 * F.avg_pool2d(values, 2)
    return total


@torch.no_grad()
def normalise_noise(maps: Sequence[Tensor]) -> None:
    """Give each map mean 0 and variance 1, in place."""
    for values in maps:
        values -= values.mean(dim=(1, 2, 3), keepdim=True)
        values *= (values.square().mean(dim=(1, 2, 3), keepdim=True) + 1e-8).rsqrt()
