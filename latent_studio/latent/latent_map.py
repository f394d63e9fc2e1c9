"""Many latents of a model on a plane: their first two principal components."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.events import Emit, Progress, ignore
from latent_studio.latent.direction import Direction
from latent_studio.latent.pca import leading_components, principal_components
from latent_studio.latent.population import device_of, mean_and_covariance
from latent_studio.latent.resolve import LatentResolver
from latent_studio.latent.sampling import cut_normal, seed_z_batch
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator, StyledGenerator
from latent_studio.recipe import Label, Recipe

COUNT = 500
AXIS_SAMPLES = 4000
_Z_AXIS_SAMPLES = 1000  # each with its picture
_BATCH = 50
_MESSAGE = "Mapping latents"
# Components name no property; every other kind was given a meaning by a person or by labels.
_NAMELESS = ("pca", "sefa", "channel")


@dataclass(frozen=True, eq=False)
class LatentMap:
    """Where the latents of some seeds lie, and what they are like.

    Parameters
    ----------
    seeds
        ``[N]`` of the points.
    points
        ``[N, 2]`` float32 in standard deviations along the two axes.
    values
        For each direction that means something, how far each point lies along it: ``[N]`` float32
        in standard deviations.
    explained
        Share of the variance along each axis.
    """

    seeds: np.ndarray
    points: np.ndarray
    values: Mapping[str, np.ndarray]
    explained: tuple[float, float]


@torch.no_grad()
def latent_map(
    generator: Generator,
    directions: Sequence[Direction] = (),
    *,
    count: int = COUNT,
    label: Label = None,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> LatentMap:
    """Lay out seeds 0 to ``count`` − 1.

    With w the axes are the principal components of mapped latents of the class; without, those
    directions of z along which pictures differ most (see :mod:`latent_studio.latent.pca`).

    Parameters
    ----------
    generator
        In eval mode; only read.
    directions
        The model's; those of its plane's space give :attr:`LatentMap.values`.
    label
        Class of all points.

    Raises
    ------
    OptionError
        If ``count`` is too small, or the model has no such class.
    Cancelled
        If the token is stopped.
    """
    if count < 3:
        raise OptionError("A map needs at least three latents.")
    resolver = LatentResolver(generator, (), device_of(generator))
    labels = resolver.labels(Recipe(label=label))
    seeded = _seeded(generator, count, emit, token)
    if generator.capabilities.has_w:
        points = _mapped(generator, seeded, labels, token)
        drawn = _mapped(generator, _drawn(generator), labels, token)
        mean, covariance = mean_and_covariance([torch.from_numpy(drawn)])
        spread, axes = leading_components(covariance, 2)
        shares = spread / max(float(covariance.trace()), 1e-30)
    else:
        points = seeded.numpy()
        mean = torch.zeros(points.shape[1], dtype=torch.float64)
        found = principal_components(generator, _Z_AXIS_SAMPLES, 2, emit=emit, token=token)
        axes = np.array([direction.vector for direction in found], dtype=np.float64)
        spread = np.array([direction.sigma**2 for direction in found])
        shares = np.array([float(direction.info["explained"]) for direction in found])
    centred = points.astype(np.float64) - mean.numpy()
    plane = np.zeros((count, 2), np.float32)
    plane[:, : len(axes)] = centred @ axes.T / np.sqrt(spread)
    space = "w" if generator.capabilities.has_w else "z"
    values = {
        direction.name: np.asarray(centred @ direction.vector / direction.sigma, np.float32)
        for direction in directions
        if direction.space == space and direction.kind not in _NAMELESS
    }
    padded = (*(float(share) for share in shares), 0.0, 0.0)
    return LatentMap(np.arange(count), plane, values, (padded[0], padded[1]))


def _seeded(generator: Generator, count: int, emit: Emit, token: StopToken | None) -> Tensor:
    """z of seeds 0, 1, …: float32 ``[count, z_dim]``."""
    model, parts = generator.capabilities, []
    for start in range(0, count, _BATCH):
        if token is not None:
            token.checkpoint()
        seeds = range(start, min(count, start + _BATCH))
        parts.append(torch.from_numpy(seed_z_batch(seeds, model.z_dim, model.prior)))
        emit(Progress(seeds.stop, count, _MESSAGE))
    return torch.cat(parts)


def _drawn(generator: Generator) -> Tensor:
    """z for the axes, the same each time: drawn in one go, which is faster than from seeds."""
    model, draw = generator.capabilities, torch.Generator().manual_seed(0)
    shape = (AXIS_SAMPLES, model.z_dim)
    if model.prior == "normal":
        return torch.randn(shape, generator=draw)
    return cut_normal(torch.rand(shape, generator=draw)).float()


def _mapped(
    generator: Generator, z: Tensor, labels: Tensor | None, token: StopToken | None
) -> np.ndarray:
    """w of each z: float32 ``[N, w_dim]``."""
    mapping, device = cast(StyledGenerator, generator).mapping, device_of(generator)
    parts = []
    for some in z.split(1000):
        if token is not None:
            token.checkpoint()
        c = None if labels is None else labels.expand(len(some), -1)
        parts.append(mapping(some.to(device), c).float().cpu().numpy())
    return np.concatenate(parts)
