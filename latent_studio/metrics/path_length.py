"""Perceptual path length: how far the picture moves for a small step of the latent.

Karras et al. 2019 (arXiv:1812.04948, section 4.1):  E[d(G(t), G(t + ε)) / ε²], d a perceptual
distance, along spherical paths in z or straight ones in w, over the whole path or at its end.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import OptionError

EPSILON = 1e-4
Space: TypeAlias = Literal["z", "w"]
Sampling: TypeAlias = Literal["full", "end"]


@dataclass(frozen=True)
class PathLength:
    """Mean and deviation (divided by their number) of the ``kept`` samples."""

    mean: float
    std: float
    kept: int


def lerp(a: Tensor, b: Tensor, t: Tensor | float) -> Tensor:
    """From ``a`` to ``b`` in a straight line."""
    return a + (b - a) * t


def slerp(a: Tensor, b: Tensor, t: Tensor | float) -> Tensor:
    """From the direction of ``a`` to that of ``b`` on the unit sphere, at even speed."""
    a, b = _unit(a), _unit(b)
    cosine = (a * b).sum(-1, keepdim=True)
    angle = torch.as_tensor(t, dtype=a.dtype, device=a.device) * cosine.clamp(-1, 1).acos()
    return _unit(a * angle.cos() + _unit(b - cosine * a) * angle.sin())


def slerp_any(a: Tensor, b: Tensor, t: Tensor | float) -> Tensor:
    """Shoemake's formula (1985) with the vectors' own lengths; needs them not to be parallel."""
    angle = (_unit(a) * _unit(b)).sum(-1, keepdim=True).clamp(-1, 1).acos()
    t = torch.as_tensor(t, dtype=a.dtype, device=a.device)
    return (a * ((1 - t) * angle).sin() + b * (t * angle).sin()) / angle.sin()


def path_pair(
    z0: Tensor,
    z1: Tensor,
    t: Tensor,
    mapping: Callable[[Tensor], Tensor],
    *,
    space: Space = "w",
    epsilon: float = EPSILON,
) -> tuple[Tensor, Tensor]:
    """The two ends of each small step.

    Parameters
    ----------
    z0, z1
        ``[N, z_dim]``.
    t
        ``[N]`` in [0, 1): all 0 for ``end``.
    mapping
        z to w ``[N, w_dim]`` (the identity where there is no w).
    space
        In which the path is even.

    Returns
    -------
    Tensor, Tensor
        What the picture is made of, ``[N, w_dim]`` each.
    """
    t = t.unsqueeze(-1)
    if space == "w":
        w0, w1 = mapping(z0), mapping(z1)
        return lerp(w0, w1, t), lerp(w0, w1, t + epsilon)
    return mapping(slerp(z0, z1, t)), mapping(slerp(z0, z1, t + epsilon))


def central_crop(images: Tensor) -> Tensor:
    """The middle of a photographed face, where the paper looks: 3/8 to 7/8 down, 1/4 to 3/4."""
    unit = images.shape[-1] // 8
    return images[..., 3 * unit : 7 * unit, 2 * unit : 6 * unit]


def path_length(
    distances: np.ndarray, low: float | None = 1, high: float | None = 99
) -> PathLength:
    """Mean of ``d / ε²`` without the samples outside of two percentiles (None: keep that side)."""
    values = np.asarray(distances, np.float64)
    if not len(values):
        raise OptionError("A path length needs at least one sample.")
    least = -np.inf if low is None else np.percentile(values, low, method="lower")
    most = np.inf if high is None else np.percentile(values, high, method="higher")
    kept = values[(values >= least) & (values <= most)]
    if not len(kept):
        raise OptionError("The path length is not a number; the generator makes no pictures.")
    return PathLength(float(kept.mean()), float(kept.std()), len(kept))


def _unit(vectors: Tensor) -> Tensor:
    unit: Tensor = vectors / vectors.norm(dim=-1, keepdim=True)
    return unit
