"""Steps in a latent space measured in the latent's own standard deviations.

w is neither round nor of a known size: along some axes it hardly varies, along others a lot, and
each model has its own scale. Optimisers of latents move in ``u`` instead, ``w = mean + u B``, where
``B^T B`` is the covariance of w (a whitening; cf. Zhu et al. 2020, arXiv:2012.09036): one step
length fits every model and every axis, and ``|u|^2`` is the squared Mahalanobis distance.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from latent_studio.latent.population import (
    Latents,
    device_of,
    draw_latents,
    mean_and_covariance,
)
from latent_studio.latent.sampling import cut_normal
from latent_studio.models.base import Generator, StyledGenerator

# Axes shorter than this share of the longest one are lengthened to it, so that nothing is divided
# by zero and every latent can be reached.
_SHORTEST = 1e-3
_MAPPED = 1000


@dataclass(frozen=True, eq=False)
class Whitening:
    """``mean`` ``[dim]``, ``basis`` ``[dim, dim]`` (rows: principal axes, a deviation long)."""

    mean: Tensor
    basis: Tensor

    @property
    def dim(self) -> int:
        return len(self.mean)

    def unwhiten(self, u: Tensor) -> Tensor:
        """``[..., dim]`` in standard deviations to latents."""
        return self.mean + u @ self.basis

    def whiten(self, w: Tensor) -> Tensor:
        """Latents ``[..., dim]`` to standard deviations."""
        return (w - self.mean) @ self.basis.t() / self.basis.square().sum(1)


def whitening_of(mean: Tensor, covariance: Tensor, device: torch.device | str) -> Whitening:
    """From a mean ``[dim]`` and a covariance ``[dim, dim]`` (float64)."""
    variances, axes = torch.linalg.eigh(covariance)
    # eigh leaves the signs open: the largest part of each axis is made positive.
    largest = axes.gather(0, axes.abs().argmax(0, keepdim=True))
    axes = axes * largest.sign()
    lengths = variances.clamp(min=0).sqrt()
    lengths = lengths.clamp(min=_SHORTEST * float(lengths.max()) + 1e-12)
    basis = (axes * lengths).t().float().contiguous()
    return Whitening(mean.float().to(device), basis.to(device))


def w_whitening(
    generator: StyledGenerator, samples: int = 4096, seed: int = 0, c: Tensor | None = None
) -> Whitening:
    """Of a model's w, from mapped latents; with class weights ``c`` ``[1, classes]`` of that class.

    Deterministic by ``seed``.
    """
    draw = torch.Generator().manual_seed(seed)
    counts = [min(_MAPPED, samples - start) for start in range(0, samples, _MAPPED)]
    parts = (latents_of_class(generator, draw_latents(generator, n, draw), c) for n in counts)
    mean, covariance = mean_and_covariance(part.points for part in parts)
    return whitening_of(mean, covariance, device_of(generator))


@torch.no_grad()
def latents_of_class(generator: Generator, latents: Latents, c: Tensor | None) -> Latents:
    """The same z with class weights ``c`` ``[1, classes]``; as they are when None."""
    if c is None or not generator.capabilities.classes:
        return latents
    rows = c.to(latents.z.device).expand(len(latents.z), -1)
    if latents.w is None:
        return Latents(latents.z, rows, None)
    assert isinstance(generator, StyledGenerator)
    return Latents(latents.z, rows, generator.mapping(latents.z, rows).float())


def z_whitening(generator: Generator) -> Whitening:
    """Of z: it is white already (a cut normal distribution is a little narrower)."""
    size, device = generator.capabilities.z_dim, device_of(generator)
    deviation = 1.0
    if generator.capabilities.prior == "cut":
        deviation = float(cut_normal((torch.arange(4096) + 0.5) / 4096).std())
    return Whitening(torch.zeros(size, device=device), deviation * torch.eye(size, device=device))
