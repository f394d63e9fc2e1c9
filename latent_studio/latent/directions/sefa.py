"""Closed-form factorisation of what the layers make of w (SeFa, Shen & Zhou, arXiv:2007.06600).

A step along ``n`` changes the styles of a layer by ``A n``, whatever w is. The directions of
greatest change are the eigenvectors of ``AᵀA``, where ``A`` stacks the affine maps of the chosen
layers: no sample is needed to find them.
"""

from typing import cast

import numpy as np
import torch

from latent_studio.errors import OptionError
from latent_studio.latent.direction import Direction
from latent_studio.latent.mixing import GROUPS, layer_groups
from latent_studio.latent.pca import leading_components
from latent_studio.latent.population import latent_batches, mean_and_covariance
from latent_studio.models.base import Generator, StyledGenerator
from latent_studio.models.layers import EqualLinear
from latent_studio.models.style_space import StyleLayer, style_layers

SIGMA_SAMPLES = 4_000


def sefa_directions(
    generator: Generator,
    count: int = 5,
    group: str = "",
    *,
    samples: int = SIGMA_SAMPLES,
    seed: int = 0,
) -> list[Direction]:
    """The directions in w that change the styles of a group of layers most.

    Parameters
    ----------
    generator
        In eval mode, with w and affine maps: StyleGAN 1 to 3.
    count
        Directions a group.
    group
        ``coarse``, ``middle`` or ``fine`` (see :func:`~latent_studio.latent.mixing.layer_groups`),
        ``all`` layers together; empty: each of the three groups by itself.
    samples, seed
        Latents drawn for the standard deviation of the projection.

    Returns
    -------
    list of Direction
        Named ``SeFa coarse 1``, …, each acting on the layers of its group; ``info`` has the
        ``group`` and ``share``, its part of the change that all directions together make.

    Raises
    ------
    OptionError
        If the model has no affine maps, or there is no such group.
    """
    styled, layers = styled_layers(generator)
    _, covariance = mean_and_covariance(b.points for b in latent_batches(generator, samples, seed))
    found: list[Direction] = []
    for name, rows in _groups(group, styled.synthesis.num_ws).items():
        chosen = [layer for layer in layers if layer.row in rows and layer.kind == "features"]
        if chosen:
            found += _of_group(styled, name, rows, chosen, covariance.numpy(), count)
    return found


def styled_layers(generator: Generator) -> tuple[StyledGenerator, tuple[StyleLayer, ...]]:
    """A generator as one with styles, and its affine maps.

    Raises
    ------
    OptionError
        If it has none.
    """
    layers: tuple[StyleLayer, ...] = ()
    if generator.capabilities.has_w:
        layers = style_layers(cast(StyledGenerator, generator).synthesis)
    if not layers:
        raise OptionError(
            "This model has no styles; SeFa and style channels need a style-based model (StyleGAN "
            "1 to 3). Use principal components or labels."
        )
    return cast(StyledGenerator, generator), layers


def _of_group(
    styled: StyledGenerator,
    name: str,
    rows: range,
    chosen: list[StyleLayer],
    covariance: np.ndarray,
    count: int,
) -> list[Direction]:
    stacked = torch.cat([_weight(styled, layer) for layer in chosen]).double()
    gram = stacked.T @ stacked
    values, vectors = leading_components(gram, count)
    total = float(gram.trace())
    sigmas = np.sqrt(np.einsum("kd,de,ke->k", vectors, covariance, vectors))
    last = None if rows.stop >= styled.synthesis.num_ws else rows.stop
    return [
        Direction(
            f"SeFa {name} {index + 1}",
            vector,
            float(max(sigma, 1e-6)),
            "sefa",
            "w",
            rows.start,
            last,
            {"group": name, "share": float(value) / total, "index": index},
        )
        for index, (value, vector, sigma) in enumerate(zip(values, vectors, sigmas, strict=True))
    ]


def _weight(styled: StyledGenerator, layer: StyleLayer) -> torch.Tensor:
    """What multiplies w: ``[channels, w_dim]`` on the CPU."""
    affine = cast(EqualLinear, styled.synthesis.get_submodule(f"{layer.name}.affine"))
    return (affine.weight.detach() * affine.weight_gain).cpu()


def _groups(group: str, num_ws: int) -> dict[str, range]:
    if group == "all":
        return {"all": range(num_ws)}
    groups: dict[str, range] = {name: rows for name, rows in layer_groups(num_ws).items() if rows}
    if not group:
        return groups
    if group not in groups:
        raise OptionError(f"There is no layer group '{group}'; choose {', '.join(GROUPS)} or all.")
    return {group: groups[group]}
