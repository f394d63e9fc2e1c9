"""Pictures of the averaged generator for the run's fixed latents."""

import math

import numpy as np
import torch
from torch import Tensor

from latent_studio.models.base import Generator, StyledGenerator, one_hot

_CHUNK = 16


def fixed_latents(generator: Generator, count: int) -> tuple[Tensor, Tensor | None]:
    """z of the seeds 0, 1, ... ``[count, z_dim]``, and classes in turn for conditional models.

    A seed means what it means everywhere: ``numpy.random.RandomState(seed).randn(1, z_dim)``.
    """
    what = generator.capabilities
    rows = [np.random.RandomState(seed).randn(1, what.z_dim) for seed in range(count)]
    z = torch.from_numpy(np.concatenate(rows).astype(np.float32))
    if not what.classes:
        return z, None
    return z, one_hot(torch.arange(count) % what.classes, what.classes)


@torch.no_grad()
def draw_pictures(generator: Generator, z: Tensor, c: Tensor | None) -> np.ndarray:
    """Pictures without truncation, with constant noise: uint8 ``[N, H, W, C]``."""
    device = next(generator.parameters()).device
    parts = []
    for start in range(0, len(z), _CHUNK):
        rows = slice(start, start + _CHUNK)
        labels = None if c is None else c[rows].to(device)
        parts.append(to_bytes(_picture(generator, z[rows].to(device), labels)))
    return np.concatenate(parts)


def _picture(generator: Generator, z: Tensor, c: Tensor | None) -> Tensor:
    if isinstance(generator, StyledGenerator):
        picture: Tensor = generator.synthesis(generator.broadcast(generator.mapping(z, c)))
        return picture
    image: Tensor = generator(z, c)
    return image


def to_bytes(images: Tensor) -> np.ndarray:
    """``[N, C, H, W]`` in [-1, 1] to uint8 ``[N, H, W, C]``."""
    scaled = images.float().mul(127.5).add_(128).clamp_(0, 255).to(torch.uint8)
    return scaled.permute(0, 2, 3, 1).contiguous().cpu().numpy()


def grid_columns(count: int) -> int:
    """Columns of a nearly square grid."""
    return max(1, round(math.sqrt(count)))
