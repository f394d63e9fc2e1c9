"""Principal components of a latent space (GANSpace, Härkönen et al. 2020, arXiv:2004.02546).

In w they are the eigenvectors of the covariance of mapped latents. z has none: it is the same in
every direction. There the components are found where they show, as GANSpace does for BigGAN in an
early layer, and brought back to z by linear regression; the layer used here is the picture itself
(made small), the one that every model has.
"""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.events import Emit, ignore
from latent_studio.latent.classifier import fit_pictures
from latent_studio.latent.direction import Direction, DirectionSpace
from latent_studio.latent.population import latent_batches, make_pictures, mean_and_covariance
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator

W_SAMPLES = 10_000
Z_SAMPLES = 4_000
COMPONENTS = 20
_PICTURE_SIDE = 16
_MESSAGE = "Finding principal components"


@torch.no_grad()
def principal_components(
    generator: Generator,
    samples: int | None = None,
    count: int = COMPONENTS,
    seed: int = 0,
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> list[Direction]:
    """The directions in which a model's latents differ most, the strongest first.

    Parameters
    ----------
    generator
        In eval mode.
    samples
        Latents drawn: 10,000 in w, 4,000 (with their pictures) for models without w.
    count
        Components wanted; there are at most as many as dimensions.
    seed
        Equal seeds give equal directions. Signs are fixed: the largest entry is positive.
    emit, token
        Get :class:`~latent_studio.events.Progress`; stop or pause.

    Returns
    -------
    list of Direction
        Named ``PC 1``, ``PC 2``, …; ``info`` has ``explained``, the share of the variance (of w,
        or of the small pictures), and for z ``fit``, the share of the component that is linear in
        z. Components without variance are left out.

    Raises
    ------
    OptionError
        If ``samples`` or ``count`` is too small.
    Cancelled
        If the token is stopped.
    """
    has_w = generator.capabilities.has_w
    samples = (W_SAMPLES if has_w else Z_SAMPLES) if samples is None else samples
    if count < 1 or samples < 2:
        raise OptionError("Principal components need at least 2 samples and a count of 1.")
    find = _components_of_w if has_w else _components_of_pictures
    return find(generator, samples, count, seed, emit, token)


def leading_components(covariance: Tensor, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues ``[k]`` and eigenvectors ``[k, d]`` of a covariance, the greatest first.

    ``k`` is ``count`` or the rank, if that is less. The entry of greatest magnitude of each vector
    is positive.
    """
    values, vectors = np.linalg.eigh(covariance.double().numpy())
    order = np.argsort(values, kind="stable")[::-1][:count]
    values, rows = values[order], vectors.T[order]
    keep = values > max(float(values[0]), 0.0) * 1e-10
    return values[keep], np.array([fix_sign(row) for row in rows[keep]])


def fix_sign(vector: np.ndarray) -> np.ndarray:
    """``vector`` or its opposite: the one whose entry of greatest magnitude is positive."""
    return -vector if vector[int(np.argmax(np.abs(vector)))] < 0 else vector


def _components_of_w(
    generator: Generator, samples: int, count: int, seed: int, emit: Emit, token: StopToken | None
) -> list[Direction]:
    batches = latent_batches(generator, samples, seed, emit=emit, token=token, message=_MESSAGE)
    _, covariance = mean_and_covariance(batch.points for batch in batches)
    values, rows = leading_components(covariance, count)
    total = float(covariance.trace())
    facts = [{"explained": float(value) / total} for value in values]
    return _directions(rows, np.sqrt(values), "w", facts, samples, seed)


def _components_of_pictures(
    generator: Generator, samples: int, count: int, seed: int, emit: Emit, token: StopToken | None
) -> list[Direction]:
    joint = _joint_rows(generator, samples, seed, emit, token)
    _, covariance = mean_and_covariance(joint)
    z_dim = generator.capabilities.z_dim
    of_z, of_pictures = covariance[:z_dim, :z_dim], covariance[z_dim:, z_dim:]
    values, rows = leading_components(of_pictures, count)
    # Slope of each component over z: cov(z)^-1 cov(z, component).
    cross = covariance[:z_dim, z_dim:] @ torch.from_numpy(rows.T.copy())
    slopes = torch.linalg.solve(of_z + 1e-9 * torch.eye(z_dim), cross).T.numpy()
    explained = values / float(of_pictures.trace())
    fits = np.einsum("kd,dk->k", slopes, cross.numpy()) / values
    facts = [
        {"explained": float(share), "fit": float(fit)}
        for share, fit in zip(explained, fits, strict=True)
    ]
    lengths = np.linalg.norm(slopes, axis=1)
    units = slopes / np.maximum(lengths, 1e-30)[:, None]
    return _directions(units, np.ones(len(units)), "z", facts, samples, seed)


def _joint_rows(
    generator: Generator, samples: int, seed: int, emit: Emit, token: StopToken | None
) -> Iterator[Tensor]:
    """``[n, z_dim + pixels]``: each latent beside its small picture."""
    batches = latent_batches(
        generator, samples, seed, batch=64, emit=emit, token=token, message=_MESSAGE
    )
    side = min(_PICTURE_SIDE, generator.capabilities.resolution)
    for latents in batches:
        small = fit_pictures(make_pictures(generator, latents).float(), side)
        yield torch.cat([latents.z, small.flatten(1)], dim=1)


def _directions(
    rows: np.ndarray,
    sigmas: np.ndarray,
    space: DirectionSpace,
    facts: list[dict[str, float]],
    samples: int,
    seed: int,
) -> list[Direction]:
    return [
        Direction(
            f"PC {index + 1}",
            row.astype(np.float32),
            float(sigma),
            "pca",
            space,
            info={**fact, "index": index, "samples": samples, "seed": seed},
        )
        for index, (row, sigma, fact) in enumerate(zip(rows, sigmas, facts, strict=True))
    ]
