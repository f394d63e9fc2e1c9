"""StyleGAN3 in NVIDIA's names: the settings that the tensors, layers and arguments tell."""

import re
from collections.abc import Mapping
from typing import Any

from latent_studio.models.base import ModelSpec
from latent_studio.storage.foreign.base import ForeignNetwork, NotThisFormat
from latent_studio.storage.foreign.nvidia_stylegan2 import (
    average_decay,
    mapping_options,
    shape,
    with_average,
)
from latent_studio.storage.foreign.nvidia_stylegan3_search import Layer, fitting_settings
from latent_studio.storage.foreign.options import MAX_SIDE, Options
from latent_studio.storage.foreign.tensors import StoredTensor

Tensors = Mapping[str, StoredTensor]
_LAYER = re.compile(r"(synthesis\.L(\d{1,3})_(\d{1,6})_(\d{1,6}))\.weight")


def is_generator(names: Any) -> bool:
    """Whether the names are those of a StyleGAN3 generator."""
    return "synthesis.input.freqs" in names


def generator(tensors: Tensors, options: Options) -> ForeignNetwork:
    """The network of a generator's tensors; as that of StyleGAN2.

    The configuration, T or R, shows in the kernels' size and the filters' axes.

    Raises
    ------
    NotThisFormat
        If tensors are missing from which the settings are read.
    ModelError
        If the settings are no settings.
    """
    layers = _layers(tensors)
    parts, inner = options.synthesis(), options.nested("mapping_kwargs")
    w_dim = shape(tensors, "synthesis.input.affine.weight", 2)[1]
    embed = tensors["mapping.embed.weight"].shape if "mapping.embed.weight" in tensors else (0, 0)
    mapping = mapping_options(tensors, inner, w_dim)
    beta = average_decay(inner, 0.998)
    config: dict[str, Any] = {
        "z_dim": shape(tensors, "mapping.fc0.weight", 2)[1] - embed[0],
        "c_dim": embed[1],
        "w_dim": w_dim,
        "img_resolution": layers[-1].size,
        "img_channels": shape(tensors, f"{layers[-1].path}.weight", 4)[0],
        "mapping_kwargs": {**mapping, "w_avg_beta": beta},
        "num_layers": len(layers) - 1,
        **_spectrum(parts),
        **_layer_options(tensors, layers, parts),
    }
    config |= fitting_settings(tensors, layers, config, parts)
    spec = ModelSpec("stylegan3", config)
    return ForeignNetwork(spec, with_average(dict(tensors), spec))


def _layers(tensors: Tensors) -> list[Layer]:
    """The layers by their names, in order."""
    found = [match for name in tensors if (match := _LAYER.fullmatch(name))]
    found.sort(key=lambda match: int(match[2]))
    if [int(match[2]) for match in found] != list(range(len(found))) or not 2 <= len(found) <= 128:
        raise NotThisFormat("its layers are not numbered from 0")
    layers = [Layer(match[1], int(match[3]), int(match[4])) for match in found]
    if layers[-1].size > MAX_SIDE:
        raise NotThisFormat("its pictures are larger than this program draws")
    return layers


def _spectrum(options: Options) -> dict[str, Any]:
    """Settings of the network as a whole."""
    top = "synthesis"
    return {
        "first_cutoff": options.real("first_cutoff", 2.0),
        "first_stopband": options.real("first_stopband", 2**2.1),
        "last_stopband_rel": options.real("last_stopband_rel", 2**0.3),
        "output_scale": options.real("output_scale", 0.25, top),
        "num_fp16_res": options.whole("num_fp16_res", 4, 0, 64, top),
    }


def _layer_options(tensors: Tensors, layers: list[Layer], options: Options) -> dict[str, Any]:
    """Settings of the layers, from the first one's tensors where they show there."""
    first = layers[0].path
    downs = (tensors.get(f"{layer.path}.down_filter") for layer in layers)
    radial = any(down is not None and len(down.shape) == 2 for down in downs)
    return {
        "conv_kernel": shape(tensors, f"{first}.weight", 4)[2],
        "use_radial_filters": radial or options.flag("use_radial_filters", False),
        "conv_clamp": options.optional_real("conv_clamp", 256, first),
        "magnitude_ema_beta": options.real("magnitude_ema_beta", 0.999, first),
    }
