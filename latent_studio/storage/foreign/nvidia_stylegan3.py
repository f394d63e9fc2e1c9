"""StyleGAN3 in NVIDIA's names: the settings that the tensors, layers and arguments tell."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from latent_studio.errors import ModelError, OptionError
from latent_studio.models.base import ModelSpec
from latent_studio.models.stylegan3_geometry import signals
from latent_studio.storage.foreign.base import ForeignNetwork, NotThisFormat
from latent_studio.storage.foreign.nvidia_stylegan2 import (
    average_decay,
    mapping_options,
    shape,
    with_average,
)
from latent_studio.storage.foreign.options import MAX_SIDE, Options
from latent_studio.storage.foreign.tensors import StoredTensor

Tensors = Mapping[str, StoredTensor]
_LAYER = re.compile(r"synthesis\.(L(\d{1,3})_(\d{1,6})_(\d{1,6}))\.weight")
_MAX_TAPS = 32
_SPECTRUM = (
    "num_layers",
    "num_critical",
    "first_cutoff",
    "first_stopband",
    "last_stopband_rel",
    "margin_size",
)


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
    paths = [f"synthesis.{name}" for name, _, _ in layers]
    parts, inner = options.synthesis(), options.nested("mapping_kwargs")
    w_dim = shape(tensors, "synthesis.input.affine.weight", 2)[1]
    embed = tensors["mapping.embed.weight"].shape if "mapping.embed.weight" in tensors else (0, 0)
    mapping = mapping_options(tensors, inner, w_dim)
    beta = average_decay(inner, 0.998)
    config: dict[str, Any] = {
        "z_dim": shape(tensors, "mapping.fc0.weight", 2)[1] - embed[0],
        "c_dim": embed[1],
        "w_dim": w_dim,
        "img_resolution": layers[-1][1],
        "img_channels": shape(tensors, f"{paths[-1]}.weight", 4)[0],
        "mapping_kwargs": {**mapping, "w_avg_beta": beta},
        "num_layers": len(layers) - 1,
        **_spectrum(parts),
        **_layer_options(tensors, paths, parts),
    }
    config |= _channels(layers, config, parts)
    spec = ModelSpec("stylegan3", config)
    return ForeignNetwork(spec, with_average(dict(tensors), spec))


def _layers(tensors: Tensors) -> list[tuple[str, int, int]]:
    """Names, sizes and channels of the layers, in order."""
    found = [match for name in tensors if (match := _LAYER.fullmatch(name))]
    found.sort(key=lambda match: int(match[2]))
    if [int(match[2]) for match in found] != list(range(len(found))) or not 2 <= len(found) <= 128:
        raise NotThisFormat("its layers are not numbered from 0")
    layers = [(match[1], int(match[3]), int(match[4])) for match in found]
    if layers[-1][1] > MAX_SIDE:
        raise NotThisFormat("its pictures are larger than this program draws")
    return layers


def _spectrum(options: Options) -> dict[str, Any]:
    """Settings of the network as a whole."""
    top = "synthesis"
    return {
        "num_critical": options.whole("num_critical", 2, 0, 128, top),
        "first_cutoff": options.real("first_cutoff", 2.0),
        "first_stopband": options.real("first_stopband", 2**2.1),
        "last_stopband_rel": options.real("last_stopband_rel", 2**0.3),
        "margin_size": options.whole("margin_size", 10, 0, 1024, top),
        "output_scale": options.real("output_scale", 0.25, top),
        "num_fp16_res": options.whole("num_fp16_res", 4, 0, 64, top),
    }


def _layer_options(tensors: Tensors, paths: list[str], options: Options) -> dict[str, Any]:
    """Settings of the layers, from the first one's tensors where they show there."""
    first = paths[0]
    filters = [tensors[name].shape for name in _filters(tensors, paths)]
    radial = any(len(sides) == 2 for sides in filters)
    rate = options.whole("lrelu_upsampling", 2, 1, 16)
    # The shortest filter is that of a layer that keeps its rate: it goes up by the bend's own.
    usual = min((sides[0] // rate for sides in filters if sides), default=6)
    # Beside other arguments an absent one has the published default.
    usual = 6 if "img_resolution" in options.arguments else usual
    return {
        "conv_kernel": shape(tensors, f"{first}.weight", 4)[2],
        "filter_size": options.whole("filter_size", usual, 1, _MAX_TAPS),
        "lrelu_upsampling": rate,
        "use_radial_filters": radial or options.flag("use_radial_filters", False),
        "conv_clamp": options.optional_real("conv_clamp", 256, first),
        "magnitude_ema_beta": options.real("magnitude_ema_beta", 0.999, first),
    }


def _filters(tensors: Tensors, paths: list[str]) -> Iterator[str]:
    for path in paths:
        yield from (n for n in (f"{path}.up_filter", f"{path}.down_filter") if n in tensors)


def _channels(
    layers: list[tuple[str, int, int]], config: Mapping[str, Any], options: Options
) -> dict[str, int]:
    """The rule that gives the layers' channels: the file's, or one that is found to fit."""
    base = options.whole("channel_base", 32768, 1, 1 << 24)
    highest = options.whole("channel_max", 512, 1, 1 << 20)
    widths = [width for _, _, width in layers[:-1]]
    guesses = [(base, highest), (base * 2, highest * 2)]
    guesses += [(1 << power, max(widths)) for power in range(5, 21)]
    guesses += [(_base_of(widths[-1], config), max(widths))]
    settings = {key: config[key] for key in _SPECTRUM}
    for base, highest in guesses:
        try:
            outputs = signals(
                config["img_resolution"], config["img_channels"], base, highest, **settings
            )
        except (OptionError, ArithmeticError, ValueError) as error:
            raise ModelError(f"Its settings make no StyleGAN3 network: {error}") from error
        if [signal.channels for signal in outputs[:-1]] == widths:
            return {"channel_base": base, "channel_max": highest}
    raise ModelError(
        "Its layers have channels that follow no rule of StyleGAN3, so its network cannot be built."
    )


def _base_of(width: int, config: Mapping[str, Any]) -> int:
    """The base that gives the last layers, of half the resolution as cutoff, their width."""
    return max(1, width * int(config["img_resolution"]))
