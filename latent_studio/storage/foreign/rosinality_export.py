"""Write a StyleGAN2 as rosinality's ``stylegan2-pytorch`` reads it: work can leave."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from latent_studio.errors import ModelError
from latent_studio.models.resample import DEFAULT_FILTER, setup_filter
from latent_studio.models.stylegan2 import StyleGAN2Generator
from latent_studio.storage import atomic
from latent_studio.storage.foreign.rosinality import layer_names, noise_names, picture_names
from latent_studio.storage.model_file import ModelBundle, load_generator

_LR = 0.01  # its mapping layers have this rate and no other
_MAX = 512


def write_rosinality(bundle: ModelBundle, path: str | Path) -> tuple[str, ...]:
    """Write ``g_ema`` and ``latent_avg`` to a ``.pt`` that loads without unpickling objects.

    Returns
    -------
    tuple of str
        What its reader will do otherwise.

    Raises
    ------
    ModelError
        If that program has no such network.
    ExportError
        If the file cannot be written.
    """
    generator = load_generator(bundle)
    if not isinstance(generator, StyleGAN2Generator):
        raise ModelError(
            f"rosinality's program has StyleGAN2 only; this is a {bundle.spec.architecture} model."
        )
    _check(generator)
    content = {"g_ema": rosinality_state(generator), "latent_avg": generator.w_avg.clone()}
    with atomic.atomic_path(path) as temporary:
        torch.save(content, temporary)
    return _differences(generator)


def rosinality_state(generator: StyleGAN2Generator) -> dict[str, Tensor]:
    """The generator's state dict in its names and layouts."""
    own = {name: tensor.detach().clone() for name, tensor in generator.state_dict().items()}
    blocks = generator.synthesis.num_blocks
    found = {"input.input": own["synthesis.b4.const"].unsqueeze(0)}
    rate = float(_mapping(generator).get("lr_multiplier", _LR)) / _LR
    for layer in range(generator.mapping.num_layers):
        for part in ("weight", "bias"):
            found[f"style.{layer + 1}.{part}"] = own[f"mapping.fc{layer}.{part}"] * rate
    for (ours, theirs), noise in zip(layer_names(blocks).items(), noise_names(blocks), strict=True):
        found |= _conv(own, ours, theirs)
        found[f"{theirs}.activate.bias"] = own[f"{ours}.bias"]
        found[f"{theirs}.noise.weight"] = own[f"{ours}.noise_strength"].reshape(1)
        found[noise] = own[f"{ours}.noise_const"][None, None]
    for ours, theirs in picture_names(blocks).items():
        found |= _conv(own, ours, theirs)
        found[f"{theirs}.bias"] = own[f"{ours}.bias"].reshape(1, -1, 1, 1)
    kernel = generator.synthesis.block(0).resample_filter * 4
    for block in range(blocks - 1):
        found[f"convs.{2 * block}.conv.blur.kernel"] = kernel.clone()
        found[f"to_rgbs.{block}.upsample.kernel"] = kernel.clone()
    return {name: tensor.contiguous() for name, tensor in found.items()}


def _conv(own: Mapping[str, Tensor], ours: str, theirs: str) -> dict[str, Tensor]:
    return {
        f"{theirs}.conv.weight": own[f"{ours}.weight"].unsqueeze(0),
        f"{theirs}.conv.modulation.weight": own[f"{ours}.affine.weight"],
        f"{theirs}.conv.modulation.bias": own[f"{ours}.affine.bias"],
    }


def _mapping(generator: StyleGAN2Generator) -> Mapping[str, Any]:
    found: Mapping[str, Any] = generator.spec.config.get("mapping_kwargs") or {}
    return found


def _check(generator: StyleGAN2Generator) -> None:
    config, mapping = generator.spec.config, _mapping(generator)
    width = generator.w_dim
    lacks = {
        "another architecture than skip": generator.synthesis.architecture != "skip",
        "classes": generator.c_dim > 0,
        "no noise": not generator.synthesis.noise_shapes,
        "another number of colours than three": config.get("img_channels", 3) != 3,
        "z and w of different lengths": generator.z_dim != width
        or mapping.get("layer_features") not in (None, width),
        "another activation than leaky ReLU": config.get("activation", "lrelu") != "lrelu"
        or mapping.get("activation", "lrelu") != "lrelu",
    }
    missing = [name for name, has in lacks.items() if has]
    if missing:
        raise ModelError(f"This model has {missing[0]}, which rosinality's program does not know.")


def _differences(generator: StyleGAN2Generator) -> tuple[str, ...]:
    """What is in no state dict and so is lost."""
    config, notes = generator.spec.config, []
    if config.get("conv_clamp") is not None:
        notes.append("That program does not clamp activations; this model may need it in rare w.")
    filter_ = setup_filter(config.get("resample_filter") or DEFAULT_FILTER)
    if not torch.allclose(filter_, setup_filter()):
        notes.append("Build its generator with this model's blur_kernel.")
    widths = [block.conv1.weight.shape[0] for block in _blocks(generator)]
    sides = generator.synthesis.resolutions
    if not any(widths == [_usual_width(side, m) for side in sides] for m in (1, 2, 4)):
        notes.append(
            f"That program has a fixed table of channels; change it to {widths} (4x4 first)."
        )
    return tuple(notes)


def _blocks(generator: StyleGAN2Generator) -> list[Any]:
    return [generator.synthesis.block(i) for i in range(generator.synthesis.num_blocks)]


def _usual_width(side: int, multiplier: int) -> int:
    return _MAX if side <= 32 else 16384 * multiplier // side
