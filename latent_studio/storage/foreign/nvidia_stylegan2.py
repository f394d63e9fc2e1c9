"""StyleGAN2 in NVIDIA's names: the settings that the tensors, layers and arguments tell.

Whatever the shapes decide is taken from them; attributes of the layers come next, the
constructor's arguments then, and the defaults of the program that wrote the file at last.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from latent_studio.models.base import ModelSpec
from latent_studio.models.resample import DEFAULT_FILTER, setup_filter
from latent_studio.models.stylegan2 import block_channels
from latent_studio.storage.foreign.averages import mean_style
from latent_studio.storage.foreign.base import ForeignNetwork, NotThisFormat
from latent_studio.storage.foreign.options import MAX_SIDE, Options
from latent_studio.storage.foreign.tensors import StoredTensor, computed

Tensors = Mapping[str, StoredTensor]
_MAX_TAPS = 1024
_MAX_LAYERS = 64


def is_generator(names: Any) -> bool:
    """Whether the names are those of a StyleGAN2 generator."""
    return "synthesis.b4.const" in names and "synthesis.b4.conv1.weight" in names


def is_discriminator(names: Any) -> bool:
    return "b4.fc.weight" in names and "b4.conv.weight" in names


def shape(tensors: Tensors, name: str, axes: int) -> tuple[int, ...]:
    """The shape of a tensor that must be there.

    Raises
    ------
    NotThisFormat
        If it is not, or has another number of axes.
    """
    if name not in tensors or len(tensors[name].shape) != axes:
        raise NotThisFormat(f"it lacks {name}")
    return tensors[name].shape


def generator(tensors: Tensors, options: Options, *, ada: bool) -> ForeignNetwork:
    """The network of a generator's tensors.

    Parameters
    ----------
    options
        Of the top network; the synthesis network's arguments may be nested in it.
    ada
        Whether the program that wrote it was StyleGAN2-ADA's, whose defaults are others.

    Raises
    ------
    NotThisFormat
        If tensors are missing from which the settings are read.
    ModelError
        If the settings are no settings.
    """
    sides = _sides(tensors, r"synthesis\.b(\d+)\.conv1\.weight", 4)
    top = f"synthesis.b{sides[-1]}"
    widths = [shape(tensors, f"synthesis.b{side}.conv1.weight", 4)[0] for side in sides]
    w_dim = shape(tensors, "synthesis.b4.conv1.affine.weight", 2)[1]
    parts = options.synthesis()
    mapping = mapping_options(tensors, options.nested("mapping_kwargs"), w_dim)
    beta = average_decay(options.nested("mapping_kwargs"), 0.995 if ada else 0.998)
    embed = tensors["mapping.embed.weight"].shape if "mapping.embed.weight" in tensors else (0, 0)
    entrance = shape(tensors, "mapping.fc0.weight", 2)[1]
    config: dict[str, Any] = {
        "z_dim": entrance - embed[0],
        "c_dim": embed[1],
        "w_dim": w_dim,
        "img_resolution": sides[-1],
        "img_channels": shape(tensors, f"{top}.torgb.weight", 4)[0],
        "mapping_kwargs": {**mapping, "w_avg_beta": beta},
        **_channels(sides, widths, parts),
        "architecture": _generator_architecture(tensors, sides, parts),
        "num_fp16_res": _half_resolutions(
            [f"synthesis.b{side}" for side in sides[1:]], parts, 0 if ada else 4
        ),
        "conv_clamp": parts.optional_real("conv_clamp", None if ada else 256, f"{top}.conv1"),
        "use_noise": "synthesis.b4.conv1.noise_strength" in tensors,
        "activation": parts.text("activation", "lrelu", "synthesis.b4.conv1"),
        **_filter(tensors, parts, [f"{top}.conv0.resample_filter", f"{top}.resample_filter"]),
    }
    spec = ModelSpec("stylegan2", config)
    return ForeignNetwork(spec, with_average(without_filters(tensors), spec))


def discriminator(tensors: Tensors, options: Options, *, ada: bool) -> ForeignNetwork:
    """The network of a discriminator's tensors; as :func:`generator`."""
    sides = [4, *_sides(tensors, r"b(\d+)\.conv0\.weight", 8)]
    top = f"b{sides[-1]}"
    widths = [shape(tensors, "b4.conv.weight", 4)[0]]
    widths += [shape(tensors, f"b{side}.conv0.weight", 4)[0] for side in sides[1:]]
    blocks, last = options.nested("block_kwargs"), options.nested("epilogue_kwargs")
    conditional = "mapping.embed.weight" in tensors
    out, into = shape(tensors, "b4.out.weight", 2)[0], shape(tensors, "b4.conv.weight", 4)
    config: dict[str, Any] = {
        "c_dim": shape(tensors, "mapping.embed.weight", 2)[1] if conditional else 0,
        "img_resolution": sides[-1],
        "img_channels": shape(tensors, f"{top}.fromrgb.weight", 4)[1],
        "architecture": _discriminator_architecture(tensors, top),
        **_channels(sides, widths, options),
        "conv_clamp": options.optional_real("conv_clamp", None if ada else 256, f"{top}.conv0"),
        "num_fp16_res": _half_resolutions(
            [f"b{side}" for side in sides[1:]], options, 0 if ada else 4
        ),
        "cmap_dim": out if conditional else None,
        "block_kwargs": {
            "activation": blocks.text("activation", "lrelu", f"{top}.conv0"),
            **_filter(tensors, blocks, [f"{top}.resample_filter", f"{top}.conv1.resample_filter"]),
        },
        "epilogue_kwargs": {
            "mbstd_group_size": last.optional_real("mbstd_group_size", 4, "b4.mbstd", "group_size"),
            "mbstd_num_channels": into[1] - into[0],
            "activation": last.text("activation", "lrelu", "b4.conv"),
        },
    }
    if conditional:
        inner = options.nested("mapping_kwargs")
        config["mapping_kwargs"] = mapping_options(tensors, inner, out)
    spec = ModelSpec("stylegan2", config)
    return ForeignNetwork(spec, without_filters(tensors), "discriminator")


def mapping_options(tensors: Tensors, options: Options, w_dim: int) -> dict[str, Any]:
    """Arguments of the mapping network, but for the average's."""
    count = 0
    while f"mapping.fc{count}.weight" in tensors and count < _MAX_LAYERS:
        count += 1
    found: dict[str, Any] = {"num_layers": count}
    if count > 1 and (width := shape(tensors, "mapping.fc0.weight", 2)[0]) != w_dim:
        found["layer_features"] = width
    if "mapping.embed.weight" in tensors:
        width = shape(tensors, "mapping.embed.weight", 2)[0]
        found |= {} if width == w_dim else {"embed_features": width}
    found["activation"] = options.text("activation", "lrelu", "mapping.fc0")
    found["lr_multiplier"] = options.real("lr_multiplier", 0.01, "mapping.fc0", "bias_gain")
    return found


def average_decay(options: Options, default: float) -> float:
    """Of the centre of truncation; one that kept none gets it here, for whom trains on."""
    return options.optional_real("w_avg_beta", default, "mapping") or default


def without_filters(tensors: Tensors) -> dict[str, StoredTensor]:
    """All but the FIR filters, which our networks derive from their settings."""
    return {name: t for name, t in tensors.items() if not name.endswith("resample_filter")}


def with_average(tensors: dict[str, StoredTensor], spec: ModelSpec) -> dict[str, StoredTensor]:
    """With the centre of truncation, worked out where the file has none."""
    if "mapping.w_avg" in tensors:
        return tensors
    inner = {name: t for name, t in tensors.items() if name.startswith("mapping.")}
    width = int(spec.config["w_dim"])
    return {**tensors, "mapping.w_avg": computed((width,), lambda: mean_style(inner, spec.config))}


def _sides(tensors: Tensors, pattern: str, first: int) -> list[int]:
    """The resolutions of the blocks, from ``first`` doubling."""
    found = [match for name in tensors if (match := re.fullmatch(pattern, name))]
    sides = sorted(int(match[1]) for match in found if len(match[1]) <= 5)
    if not sides or sides != [first << i for i in range(len(sides))] or sides[-1] > MAX_SIDE:
        raise NotThisFormat("its blocks are not those of resolutions that double from 4")
    return sides


def _channels(sides: Sequence[int], widths: Sequence[int], options: Options) -> dict[str, Any]:
    """The rule that the widths follow, or the widths themselves where they follow none."""
    base = options.whole("channel_base", 32768, 1, 1 << 24)
    highest = options.whole("channel_max", 512, 1, 1 << 20)
    guesses = [(base, highest), (widths[-1] * sides[-1], max(widths))]
    guesses += [(1 << power, max(widths)) for power in range(6, 21)]
    for base, highest in guesses:
        if list(widths) == [block_channels(side, base, highest) for side in sides]:
            return {"channel_base": base, "channel_max": highest}
    return {"widths": list(widths)}


def _half_resolutions(blocks: Sequence[str], options: Options, default: int) -> int | None:
    """How many of the highest resolutions were made for half precision.

    None, for all, where none was: the file says nothing then about which would bear it, and who
    asks for half precision measures it.
    """
    flags = [options.find("", None, name, "use_fp16") for name in blocks]
    if flags and all(isinstance(flag, bool) for flag in flags):
        count = flags.count(True)
    else:
        count = min(options.whole("num_fp16_res", default, 0, 64), len(blocks))
    return count or None


def _generator_architecture(tensors: Tensors, sides: Sequence[int], options: Options) -> str:
    if len(sides) == 1:
        return options.text("architecture", "skip", "synthesis.b4")
    if f"synthesis.b{sides[-1]}.skip.weight" in tensors:
        return "resnet"
    return "skip" if "synthesis.b4.torgb.weight" in tensors else "orig"


def _discriminator_architecture(tensors: Tensors, top: str) -> str:
    if f"{top}.skip.weight" in tensors:
        return "resnet"
    return "skip" if "b4.fromrgb.weight" in tensors else "orig"


def _filter(tensors: Tensors, options: Options, names: Sequence[str]) -> dict[str, Any]:
    """The FIR filter: its taps if they make the stored one, else the stored one, if unusual."""
    taps: Any = options.taps("resample_filter") or list(DEFAULT_FILTER)
    for name in names:
        if name not in tensors or tensors[name].numel > _MAX_TAPS:
            continue
        stored = tensors[name].load().float()
        made = setup_filter(taps)
        if made.shape != stored.shape or not torch.allclose(made, stored, atol=1e-6):
            taps = stored.tolist() if stored.ndim else [1.0]
        break
    flat = taps if not isinstance(taps[0], list) else [tap for row in taps for tap in row]
    if not all(math.isfinite(tap) for tap in flat) or not sum(flat):
        raise NotThisFormat("its filters are no filters")
    return {} if taps == list(DEFAULT_FILTER) else {"resample_filter": taps}
