"""PGGAN generators of the GAN zoo's checkpoints: their names, arguments and fade-in."""

import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec

# Objectives of the zoo whose generators end in tanh; the others end in nothing.
_SQUASHED = ("MSE", "DCGAN")


def zoo_names(stages: int) -> dict[str, str]:
    """Our tensors' names to the zoo's, for a generator of ``stages`` resolutions."""
    layers = {"dense": "formatLayer", "stem": "groupScale0.0"}
    for stage in range(stages):
        layers[f"to_rgb.{stage}"] = f"toRGBLayers.{stage}"
    for block in range(stages - 1):
        for conv in range(2):
            layers[f"blocks.{block}.{conv}"] = f"scaleLayers.{block}.{conv}"
    return {
        f"{own}.{part}": f"{theirs}.module.{part}"
        for own, theirs in layers.items()
        for part in ("weight", "bias")
    }


def zoo_spec(state: Mapping[str, Tensor], options: Mapping[str, Any] | None = None) -> ModelSpec:
    """The network that a zoo checkpoint's state dict is of.

    Parameters
    ----------
    state
        As :func:`zoo_state` takes it.
    options
        The checkpoint's ``config`` as a mapping (``leakyReluLeak``, ``perChannelNormalization``,
        ``equalizedlR``, ``lossCriterion`` are read), or None for the zoo's defaults.

    Raises
    ------
    ModelError
        If the names are not those of such a generator.
    """
    state, options = _with_modules(state), options or {}
    stages = len(
        [name for name in state if re.fullmatch(r"toRGBLayers\.\d+\.module\.weight", name)]
    )
    if not stages:
        raise ModelError("These weights are not those of a PGGAN generator: no toRGB layer.")
    try:
        rgb = [state[f"toRGBLayers.{stage}.module.weight"] for stage in range(stages)]
        dense = state["formatLayer.module.weight"]
    except KeyError as error:
        raise ModelError(f"These weights lack {error.args[0]} of a PGGAN generator.") from error
    return ModelSpec(
        "pggan",
        {
            "z_dim": dense.shape[1],
            "img_resolution": 2 ** (stages + 1),
            "img_channels": rgb[0].shape[0],
            "widths": [weight.shape[1] for weight in rgb],
            "leak": float(options.get("leakyReluLeak", 0.2)),
            "pixel_norm": bool(options.get("perChannelNormalization", True)),
            "equalized": bool(options.get("equalizedlR", True)),
            "output": "tanh" if options.get("lossCriterion") in _SQUASHED else "linear",
        },
    )


def zoo_state(state: Mapping[str, Tensor], alpha: float = 0.0) -> dict[str, Tensor]:
    """A zoo generator's state dict with our names.

    Parameters
    ----------
    state
        Names with or without ``.module`` (older files lack it).
    alpha
        The share of the last but one resolution that is still in the picture.

    Raises
    ------
    ModelError
        If a tensor is missing or left over.
    """
    state = _with_modules(state)
    stages = sum(name.startswith("toRGBLayers.") and name.endswith("weight") for name in state)
    names = zoo_names(stages)
    odd = sorted(set(names.values()) ^ state.keys())
    if odd:
        raise ModelError(f"These weights do not fit a PGGAN generator: {odd[0]}.", ", ".join(odd))
    progress = torch.tensor(stages - 1 - (float(alpha) if stages > 1 else 0.0))
    return {own: state[theirs] for own, theirs in names.items()} | {"scale.progress": progress}


def _with_modules(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {re.sub(r"(?<!\.module)\.(weight|bias)$", r".module.\1", n): t for n, t in state.items()}
