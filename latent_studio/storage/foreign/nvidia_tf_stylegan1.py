"""StyleGAN of the first generation (2019) in NVIDIA's TensorFlow pickles.

The layout is the one that several public converters agree on; no original file was at hand to
compare pictures with, and a note says so. The generators are read, the discriminator is not.

Layers that double the size convolve an enlarged picture up to 64 pixels and are strided transposed
convolutions above (``fused_scale``), which turns their kernels by 180 degrees. The mapping's biases
are added behind the gain of its leaky ReLU there, and before it here.
"""

import math
import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec
from latent_studio.storage.foreign.base import ForeignNetwork, NotThisFormat
from latent_studio.storage.foreign.nvidia_stylegan2 import shape
from latent_studio.storage.foreign.nvidia_tf_names import (
    dense,
    first,
    kernel,
    plane,
    same,
    turned,
)
from latent_studio.storage.foreign.options import Options
from latent_studio.storage.foreign.tensors import StoredTensor, given

NOTE = (
    "This is a StyleGAN of the first generation, whose layout is known from public converters; "
    "compare its pictures with published ones."
)
_SQRT2 = math.sqrt(2.0)
_FUSED_FROM = 128
_MAX_STAGES = 9  # 1024 pixels
# Settings with which such a network is another one than this program has.
_FIXED: Mapping[str, Any] = {
    "use_styles": True,
    "use_instance_norm": True,
    "use_pixel_norm": False,
    "use_wscale": True,
    "const_input_layer": True,
    "normalize_latents": True,
    "nonlinearity": "lrelu",
    "mapping_nonlinearity": "lrelu",
    "label_size": 0,
}


def is_generator(variables: Any) -> bool:
    return "synthesis/4x4/Const/StyleMod/weight" in variables


def generator(variables: Mapping[str, StoredTensor], settings: Mapping[Any, Any]) -> ForeignNetwork:
    """The network of a generator's variables.

    Raises
    ------
    NotThisFormat, ValueError
        If a variable is missing or of an impossible shape.
    ModelError
        If its settings make a network that this program has not.
    """
    for name, value in _FIXED.items():
        if settings.get(name, value) != value:
            raise ModelError(
                f"This StyleGAN was built with {name} = {settings[name]!r:.40}, which this "
                "program's has not."
            )
    stages = sum(bool(re.fullmatch(r"synthesis/ToRGB_lod\d/weight", name)) for name in variables)
    if not 1 <= stages <= _MAX_STAGES:
        raise NotThisFormat("it has no layers ToRGB_lod")
    rate = Options({}, settings).real("mapping_lrmul", 0.01)
    tensors = _mapping(variables)
    for stage in range(stages):
        tensors |= _block(variables, stage, settings.get("fused_scale", "auto"))
        rgb, own = f"synthesis/ToRGB_lod{stages - 1 - stage}", f"synthesis.to_rgb.{stage}"
        tensors[f"{own}.weight"] = _get(variables, f"{rgb}/weight").then(kernel)
        tensors[f"{own}.bias"] = _get(variables, f"{rgb}/bias")
    tensors["synthesis.growth.progress"] = _progress(variables, stages)
    layers = sum(name.startswith("mapping.fc") for name in tensors) // 2
    mapping: dict[str, Any] = {"num_layers": layers, "lr_multiplier": rate}
    wide = shape(tensors, "mapping.fc0.weight", 2)[0]
    w_dim = shape(tensors, f"mapping.fc{layers - 1}.weight", 2)[0]
    if wide != w_dim:
        mapping["layer_features"] = wide
    config = {
        "z_dim": shape(tensors, "mapping.fc0.weight", 2)[1],
        "w_dim": w_dim,
        "img_resolution": 4 << (stages - 1),
        "img_channels": shape(tensors, "synthesis.to_rgb.0.weight", 4)[0],
        "widths": [
            shape(tensors, f"synthesis.blocks.{i}.conv1.weight", 4)[0] for i in range(stages)
        ],
        "mapping_kwargs": mapping,
        "use_noise": "synthesis.blocks.0.norm0.noise_strength" in tensors,
        "separate_blur": True,
    }
    return ForeignNetwork(ModelSpec("stylegan1", config), tensors)


def _mapping(variables: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    found = {"mapping.w_avg": _get(variables, "dlatent_avg")}
    index = 0
    while f"mapping/Dense{index}/weight" in variables:
        layer, own = f"mapping/Dense{index}", f"mapping.fc{index}"
        found[f"{own}.weight"] = _get(variables, f"{layer}/weight").then(dense)
        found[f"{own}.bias"] = _get(variables, f"{layer}/bias").then(_before_the_gain, same)
        index += 1
    if not index:
        raise NotThisFormat("it lacks mapping/Dense0/weight")
    return found


def _block(
    variables: Mapping[str, StoredTensor], stage: int, fused: Any
) -> dict[str, StoredTensor]:
    side, own = 4 << stage, f"synthesis.blocks.{stage}"
    at = f"synthesis/{side}x{side}"
    names = ("Const", "Conv") if stage == 0 else ("Conv0_up", "Conv1")
    found = {f"{own}.conv1.weight": _get(variables, f"{at}/{names[1]}/weight").then(kernel)}
    if stage == 0:
        found[f"{own}.const"] = _get(variables, f"{at}/Const/const").then(first)
    else:
        # Ours is written as a transposed convolution, as theirs is where it is fused.
        transposed = side >= _FUSED_FROM if fused == "auto" else bool(fused)
        change = kernel if transposed else turned
        up = _get(variables, f"{at}/Conv0_up/weight")
        found[f"{own}.conv0.weight"] = up.then(change, kernel)
    for place, name in enumerate(names):
        layer, norm = f"{at}/{name}", f"{own}.norm{place}"
        found[f"{norm}.bias"] = _get(variables, f"{layer}/bias")
        found[f"{norm}.affine.weight"] = _get(variables, f"{layer}/StyleMod/weight").then(dense)
        found[f"{norm}.affine.bias"] = _get(variables, f"{layer}/StyleMod/bias")
        if f"{layer}/Noise/weight" in variables:
            found[f"{norm}.noise_strength"] = variables[f"{layer}/Noise/weight"]
            noise = _get(variables, f"synthesis/noise{2 * stage + place}")
            found[f"{norm}.noise_const"] = noise.then(plane)
    return found


def _progress(variables: Mapping[str, StoredTensor], stages: int) -> StoredTensor:
    """How far it has grown: ``lod`` counts the resolutions that are still missing."""
    lod = 0.0
    if "lod" in variables and variables["lod"].numel == 1:
        lod = float(variables["lod"].load())
    lod = lod if 0 <= lod <= stages - 1 else 0.0
    return given(torch.tensor(float(stages - 1 - lod)))


def _get(variables: Mapping[str, StoredTensor], name: str) -> StoredTensor:
    if name not in variables:
        raise NotThisFormat(f"it lacks {name}")
    return variables[name]


def _before_the_gain(tensor: Tensor) -> Tensor:
    return tensor / _SQRT2
