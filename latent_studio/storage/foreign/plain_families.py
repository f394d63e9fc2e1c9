"""State dicts in our own names: each family's settings by its names and shapes.

Whatever these do not tell is what the file states beside them, else the usual. Names are so common
that all of a network's must be its family's.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from latent_studio.models.base import ModelSpec
from latent_studio.storage.foreign import nvidia_stylegan2, nvidia_stylegan3
from latent_studio.storage.foreign.base import ForeignNetwork, NotThisFormat
from latent_studio.storage.foreign.nvidia_stylegan2 import (
    Tensors,
    mapping_options,
    shape,
    with_average,
)
from latent_studio.storage.foreign.options import MAX_SIDE, Options
from latent_studio.storage.foreign.state_dicts import numbered

_MOST_STAGES = MAX_SIDE.bit_length() - 2  # 4, 8, ... to the largest side
_NORM = "weight|bias|running_mean|running_var|num_batches_tracked"
_ONE_HOT = "a one-hot class that joins z counts as a part of z"


@dataclass(frozen=True)
class Family:
    """A family of networks in plain state dicts.

    Attributes
    ----------
    is_generator
        Looks at names and shapes.
    unseen
        What follows from the settings that the shapes do not tell, for people.
    """

    is_generator: Callable[[Tensors], bool]
    generator: Callable[[Tensors, Options], ForeignNetwork]
    unseen: str


def _named(anchor: str, pattern: str) -> Callable[[Tensors], bool]:
    """Whether one name is ``anchor`` and ``pattern`` matches all of them."""
    names = re.compile(pattern)
    return lambda tensors: anchor in tensors and all(map(names.fullmatch, tensors))


def _label(tensors: Tensors, options: Options, name: str = "label.embed.weight") -> dict[str, Any]:
    """Settings of a class that joins z by learned numbers, which show, or as it is."""
    if name not in tensors:
        return {"classes": options.whole("classes", 0, 0, 1 << 20)}
    width, classes = shape(tensors, name, 2)
    return {"classes": classes, "conditioning": "embedding", "embed_dim": width}


def _z_dim(inputs: int, label: Mapping[str, Any]) -> int:
    """What is left of the inputs without the class's.

    Raises
    ------
    NotThisFormat
        If nothing is.
    """
    left = inputs - int(label.get("embed_dim", label["classes"]))
    if left < 1:
        raise NotThisFormat("its class takes all of the input")
    return left


def _picture(pixels: int) -> tuple[int, int] | None:
    """Channels and side of a square picture of so many numbers."""
    for channels in (1, 3, 2):
        side = math.isqrt(pixels // channels)
        if side > 1 and channels * side * side == pixels:
            return channels, side
    return None


_IS_MLP = _named(
    "layers.0.weight",
    rf"layers\.\d+\.(weight|bias)|norms\.\d+\.({_NORM})|label\.embed\.weight",
)


def _mlp_layers(tensors: Tensors) -> list[str]:
    return [f"layers.{n}.weight" for n in numbered(tensors, r"layers\.(\d+)\.weight")]


def _is_mlp(tensors: Tensors) -> bool:
    """The discriminator has such names, too, but gives one number."""
    if not _IS_MLP(tensors):
        return False
    last = tensors[_mlp_layers(tensors)[-1]].shape
    return len(last) == 2 and _picture(last[0]) is not None


def _mlp(tensors: Tensors, options: Options) -> ForeignNetwork:
    sizes = [shape(tensors, name, 2) for name in _mlp_layers(tensors)]
    label = _label(tensors, options)
    channels, side = _picture(sizes[-1][0]) or (0, 0)
    config = {
        "resolution": side,
        "channels": channels,
        "z_dim": _z_dim(sizes[0][1], label),
        "hidden": [out for out, _ in sizes[:-1]],
        "batch_norm": "norms.0.weight" in tensors,
        **label,
    }
    return ForeignNetwork(ModelSpec("mlp", config), dict(tensors))


def _dcgan(tensors: Tensors, options: Options) -> ForeignNetwork:
    inputs, first = shape(tensors, "stem.weight", 4)[:2]
    convs = numbered(tensors, r"convs\.(\d+)\.weight")
    widths = [first, *(shape(tensors, f"convs.{n}.weight", 4)[1] for n in convs)]
    base, most = widths[-1], max(widths)
    steps = range(min(len(widths), _MOST_STAGES - 1))
    if [min(base << step, most) for step in reversed(steps)] != widths:
        raise NotThisFormat(f"its channels, {widths[:12]}, do not halve from layer to layer")
    label = _label(tensors, options)
    config = {
        "resolution": 4 << len(widths),
        "channels": shape(tensors, "head.weight", 4)[1],
        "z_dim": _z_dim(inputs, label),
        "base_channels": base,
        "max_channels": most,
        **label,
    }
    return ForeignNetwork(ModelSpec("dcgan", config), dict(tensors))


def _grown(tensors: Tensors, path: str) -> dict[str, Any]:
    """Resolution, channels and widths by the layers to colours, one a resolution from 4 on."""
    stages = numbered(tensors, path.replace(".", r"\.") + r"\.(\d+)\.weight")
    if stages != list(range(len(stages))) or not 1 <= len(stages) <= _MOST_STAGES:
        raise NotThisFormat("its layers to colours are not numbered from 0")
    shapes = [shape(tensors, f"{path}.{stage}.weight", 4) for stage in stages]
    return {
        "img_resolution": 2 << len(stages),
        "img_channels": shapes[0][0],
        "widths": [width for _, width, _, _ in shapes],
    }


def _pggan(tensors: Tensors, options: Options) -> ForeignNetwork:
    label = {"classes": options.whole("c_dim", 0, 0, 1 << 20)}
    config = {
        "z_dim": _z_dim(shape(tensors, "dense.weight", 2)[1], label),
        "c_dim": label["classes"],
        **_grown(tensors, "to_rgb"),
        "leak": options.real("leak", 0.2),
        "pixel_norm": options.flag("pixel_norm", True),
        "equalized": options.flag("equalized", True),
        "output": options.text("output", "linear"),
    }
    return ForeignNetwork(ModelSpec("pggan", config), dict(tensors))


def _stylegan1(tensors: Tensors, options: Options) -> ForeignNetwork:
    w_dim = shape(tensors, "synthesis.blocks.0.norm0.affine.weight", 2)[1]
    conditional = "mapping.embed.weight" in tensors
    embed, classes = shape(tensors, "mapping.embed.weight", 2) if conditional else (0, 0)
    config = {
        "z_dim": shape(tensors, "mapping.fc0.weight", 2)[1] - embed,
        "c_dim": classes,
        "w_dim": w_dim,
        **_grown(tensors, "synthesis.to_rgb"),
        "mapping_kwargs": mapping_options(tensors, options.nested("mapping_kwargs"), w_dim),
        "use_noise": "synthesis.blocks.0.norm0.noise_strength" in tensors,
        "separate_blur": options.flag("separate_blur", False),
    }
    spec = ModelSpec("stylegan1", config)
    return ForeignNetwork(spec, with_average(dict(tensors), spec))


def _r3gan(tensors: Tensors, options: Options) -> ForeignNetwork:
    sides = numbered(tensors, r"b(\d+)\.(?:widen|blocks\.0\.conv0)\.weight")
    if not sides or sides[-1] > MAX_SIDE or sides[-1] & (sides[-1] - 1):
        raise NotThisFormat("its stages are not those of resolutions that double from 4")
    stages = [f"b{4 << step}" for step in range(sides[-1].bit_length() - 2)]
    widths = [shape(tensors, "basis.basis", 3)[0]]
    for stage in stages[1:]:  # one that keeps the width has no such layer
        wider = f"{stage}.widen.weight"
        widths.append(shape(tensors, wider, 4)[0] if wider in tensors else widths[-1])
    blocks = [len(numbered(tensors, rf"{s}\.blocks\.(\d+)\.conv0\.weight")) for s in stages]
    one = next((stage for stage, count in zip(stages, blocks, strict=True) if count), "b4")
    inner, outer = shape(tensors, f"{one}.blocks.0.conv0.weight", 4)[:2]
    label = _label(tensors, options, "embed.weight")
    label.pop("conditioning", None)
    config = {
        "resolution": sides[-1],
        "channels": shape(tensors, "torgb.weight", 4)[0],
        "z_dim": _z_dim(shape(tensors, "basis.weight", 2)[1], {"classes": 0, **label}),
        **label,
        "widths": widths,
        "blocks": blocks,
        "expansion": inner // max(outer, 1),
        "group_size": shape(tensors, f"{one}.blocks.0.conv1.weight", 4)[1],
    }
    taps = options.taps("resample_filter")
    config |= {} if taps is None else {"resample_filter": taps}
    return ForeignNetwork(ModelSpec("r3gan", config), dict(tensors))


_CLAMPS = "clamping and filters may differ from the original's"
FAMILIES: Mapping[str, Family] = {
    "stylegan2": Family(
        nvidia_stylegan2.is_generator,
        lambda tensors, options: nvidia_stylegan2.generator(tensors, options, ada=True),
        _CLAMPS,
    ),
    "stylegan3": Family(nvidia_stylegan3.is_generator, nvidia_stylegan3.generator, _CLAMPS),
    "mlp": Family(_is_mlp, _mlp, _ONE_HOT),
    "dcgan": Family(
        _named(
            "stem.weight",
            rf"(stem|head|convs\.\d+)\.weight|(stem_norm|norms\.\d+)\.({_NORM})"
            r"|head_bias|label\.embed\.weight",
        ),
        _dcgan,
        _ONE_HOT,
    ),
    "pggan": Family(
        _named(
            "dense.weight",
            r"(dense|stem|blocks\.\d+\.[01]|to_rgb\.\d+)\.(weight|bias)|scale\.progress",
        ),
        _pggan,
        f"slopes, normalisation and output may differ from the original's, and {_ONE_HOT}",
    ),
    "stylegan1": Family(
        lambda tensors: "synthesis.blocks.0.const" in tensors,
        _stylegan1,
        "the mapping's rate and the blur may differ from the original's",
    ),
    "r3gan": Family(
        lambda tensors: "basis.basis" in tensors and "torgb.weight" in tensors,
        _r3gan,
        "the filter between resolutions may differ from the original's",
    ),
}
