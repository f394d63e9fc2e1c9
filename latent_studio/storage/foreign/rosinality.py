"""Checkpoints of rosinality's ``stylegan2-pytorch``: the same network in other names.

Checked against the published numbers: no kernel is turned. The scale that its convolutions have
when they run goes out with the demodulation.
"""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from latent_studio.errors import ModelError
from latent_studio.storage.foreign import nvidia_stylegan2
from latent_studio.storage.foreign.base import ForeignModel, ForeignNetwork, Format, NotThisFormat
from latent_studio.storage.foreign.content import Content
from latent_studio.storage.foreign.options import Options
from latent_studio.storage.foreign.state_dicts import any_dict, dicts_of, numbered
from latent_studio.storage.foreign.tensors import StoredTensor, given

TITLE = "rosinality stylegan2-pytorch"
_MIN_SIDE = 4


def is_generator(names: Any) -> bool:
    return "input.input" in names and "conv1.conv.modulation.weight" in names


def is_discriminator(names: Any) -> bool:
    return "final_conv.0.weight" in names and "final_linear.1.weight" in names


def translate(content: Content) -> ForeignModel:
    """The generators and the discriminator of a checkpoint.

    Raises
    ------
    ModelError
        If a tensor is missing or of an impossible shape.
    """
    generators = dict(dicts_of(content, is_generator))
    key = next(iter(generators))
    average = content.value.get("latent_avg") if isinstance(content.value, dict) else None
    judges = [tensors for _, tensors in dicts_of(content, is_discriminator)]
    try:
        first = generator(generators[key], average)
        raw = generator(generators["g"], average) if key != "g" and "g" in generators else None
        judge = discriminator(judges[0]) if judges else None
    except (NotThisFormat, ValueError) as error:
        raise ModelError(f"The {key} in this file is damaged: {error}.") from error
    notes: tuple[str, ...] = ()
    if not isinstance(average, StoredTensor) and "mapping.w_avg" not in generators[key]:
        notes = ("The file has no centre of truncation; the mean of ten thousand w is used.",)
    return ForeignModel(TITLE, key, first, raw, judge, notes)


def generator(tensors: Mapping[str, StoredTensor], average: Any = None) -> ForeignNetwork:
    """The network of a generator's state dict; ``average`` is the file's ``latent_avg``."""
    named = _generator_names(tensors)
    if isinstance(average, StoredTensor):
        named["mapping.w_avg"] = average.then(lambda t: t.reshape(-1))
    # Its own defaults: no clamping, nothing measured for half precision.
    settings = {"conv_clamp": None, "num_fp16_res": 0, "mapping_kwargs": {"w_avg_beta": 0.998}}
    return nvidia_stylegan2.generator(named, Options({}, settings), ada=False)


def discriminator(tensors: Mapping[str, StoredTensor]) -> ForeignNetwork:
    """The network of a discriminator's state dict: residual blocks, no clamping."""
    blocks = numbered(tensors, r"convs\.(\d+)\.conv1\.0\.weight")
    if not blocks or blocks != list(range(1, len(blocks) + 1)):
        raise NotThisFormat("its blocks are not numbered from 1")
    side = _MIN_SIDE << len(blocks)
    names = {f"b{side}.fromrgb": ("convs.0.0", "convs.0.1")}
    for block in blocks:
        own = f"b{side >> (block - 1)}"
        names[f"{own}.conv0"] = (f"convs.{block}.conv1.0", f"convs.{block}.conv1.1")
        names[f"{own}.conv1"] = (f"convs.{block}.conv2.1", f"convs.{block}.conv2.2")
        names[f"{own}.skip"] = (f"convs.{block}.skip.1", "")
    names["b4.conv"] = ("final_conv.0", "final_conv.1")
    names["b4.fc"] = ("final_linear.0", "final_linear.0")
    names["b4.out"] = ("final_linear.1", "final_linear.1")
    found = {}
    for own, (weight, bias) in names.items():
        found[f"{own}.weight"] = _get(tensors, f"{weight}.weight")
        if bias:
            found[f"{own}.bias"] = _get(tensors, f"{bias}.bias")
    kernel = "convs.1.conv2.0.kernel"
    if kernel in tensors:
        found[f"b{side}.resample_filter"] = tensors[kernel]
    settings = {"conv_clamp": None, "num_fp16_res": 0}
    return nvidia_stylegan2.discriminator(found, Options({}, settings), ada=False)


def layer_names(blocks: int) -> dict[str, str]:
    """Our styled layers to theirs, for a generator of ``blocks`` resolutions."""
    layers = {"synthesis.b4.conv1": "conv1"}
    for block in range(1, blocks):
        own = f"synthesis.b{_MIN_SIDE << block}"
        layers[f"{own}.conv0"] = f"convs.{2 * block - 2}"
        layers[f"{own}.conv1"] = f"convs.{2 * block - 1}"
    return layers


def picture_names(blocks: int) -> dict[str, str]:
    """Our toRGB layers to theirs."""
    names = {"synthesis.b4.torgb": "to_rgb1"}
    for block in range(1, blocks):
        names[f"synthesis.b{_MIN_SIDE << block}.torgb"] = f"to_rgbs.{block - 1}"
    return names


def _generator_names(tensors: Mapping[str, StoredTensor]) -> dict[str, StoredTensor]:
    blocks = 1 + len(numbered(tensors, r"to_rgbs\.(\d+)\.conv\.weight"))
    found = {"synthesis.b4.const": _get(tensors, "input.input").then(_first)}
    for index in numbered(tensors, r"style\.(\d+)\.weight"):
        for part in ("weight", "bias"):
            found[f"mapping.fc{index - 1}.{part}"] = _get(tensors, f"style.{index}.{part}")
    for index, (own, theirs) in enumerate(layer_names(blocks).items()):
        found |= _conv(tensors, own, theirs)
        found[f"{own}.bias"] = _get(tensors, f"{theirs}.activate.bias")
        strength = _get(tensors, f"{theirs}.noise.weight")
        found[f"{own}.noise_strength"] = strength.then(lambda t: t.reshape(()))
        found[f"{own}.noise_const"] = _noise(tensors, index)
        blur = f"{theirs}.conv.blur.kernel"
        if blur in tensors:
            found[f"{own}.resample_filter"] = tensors[blur].then(lambda t: t / 4)
    for own, theirs in picture_names(blocks).items():
        found |= _conv(tensors, own, theirs)
        found[f"{own}.bias"] = _get(tensors, f"{theirs}.bias").then(lambda t: t.reshape(-1))
    return found


def _conv(tensors: Mapping[str, StoredTensor], own: str, theirs: str) -> dict[str, StoredTensor]:
    return {
        f"{own}.weight": _get(tensors, f"{theirs}.conv.weight").then(_first),
        f"{own}.affine.weight": _get(tensors, f"{theirs}.conv.modulation.weight"),
        f"{own}.affine.bias": _get(tensors, f"{theirs}.conv.modulation.bias"),
    }


def _noise(tensors: Mapping[str, StoredTensor], index: int) -> StoredTensor:
    """The fixed noise of a layer; old files have none, so it is drawn, always the same."""
    name = f"noises.noise_{index}"
    if name in tensors:
        return tensors[name].then(lambda t: t[0, 0])
    import torch

    side = _MIN_SIDE << ((index + 1) // 2)
    return given(torch.randn(side, side, generator=torch.Generator().manual_seed(index)))


def _first(tensor: Tensor) -> Tensor:
    """Without the axis of length one that all kernels have in front."""
    if tensor.shape[0] != 1:
        raise IndexError("more than one")
    return tensor[0]


def _get(tensors: Mapping[str, StoredTensor], name: str) -> StoredTensor:
    if name not in tensors:
        raise NotThisFormat(f"it lacks {name}")
    return tensors[name]


def noise_names(blocks: int) -> list[str]:
    """Names of the fixed noises, in the order of :func:`layer_names`."""
    return [f"noises.noise_{index}" for index in range(2 * blocks - 1)]


FORMAT = Format(TITLE, any_dict(is_generator), translate)
