"""NVIDIA's PyTorch pickles: StyleGAN2 and StyleGAN3, by the programs of 2020 (ADA) and 2021.

A dictionary with the networks ``G``, ``D`` and ``G_ema``; each network and layer is a persistent
object, of which the class's name and the attributes are used and the source text is not.
"""

from collections.abc import Mapping
from typing import Any

from latent_studio.errors import ModelError
from latent_studio.storage.foreign import nvidia_stylegan2, nvidia_stylegan3
from latent_studio.storage.foreign.base import ForeignModel, ForeignNetwork, Format, NotThisFormat
from latent_studio.storage.foreign.content import Content
from latent_studio.storage.foreign.modules import ModuleTree
from latent_studio.storage.foreign.options import Options, unknown_arguments
from latent_studio.storage.foreign.stand_ins import Record
from latent_studio.storage.foreign.unknown import UnknownContainer

TITLE = "NVIDIA PyTorch pickle"
_GENERATORS = ("G_ema", "G")
# What the constructors take, whether or not it changes pictures here.
_COMMON = "z_dim c_dim w_dim img_resolution img_channels mapping_kwargs"
_SYNTHESIS_2 = (
    "channel_base channel_max num_fp16_res conv_clamp architecture resample_filter "
    "fp16_channels_last fused_modconv_default use_noise activation kernel_size"
)
_SYNTHESIS_3 = (
    "channel_base channel_max num_layers num_critical first_cutoff first_stopband "
    "last_stopband_rel margin_size output_scale num_fp16_res conv_kernel filter_size "
    "lrelu_upsampling use_radial_filters conv_clamp magnitude_ema_beta"
)


def _networks(content: Content) -> Mapping[str, Record]:
    value = content.value
    if isinstance(value, Record) and value.state.get("_modules") is not None:
        return {"G": value}
    if not isinstance(value, dict):
        return {}
    names = (*_GENERATORS, "D")
    return {name: value[name] for name in names if isinstance(value.get(name), Record)}


def recognises(content: Content) -> bool:
    return any(name in _networks(content) for name in _GENERATORS)


def translate(content: Content) -> ForeignModel:
    """The generators and the discriminator of a pickle.

    Raises
    ------
    ModelError
        If the networks are of an unknown class, damaged, or built with impossible settings.
    """
    networks = _networks(content)
    key = next(name for name in _GENERATORS if name in networks)
    tree = ModuleTree(networks[key])
    generator = _generator(tree)
    raw = None
    if key == "G_ema" and "G" in networks:
        raw = _generator(ModuleTree(networks["G"]))
    discriminator, notes = _discriminator(networks, _is_ada(tree)), _notes(tree)
    return ForeignModel(
        format=f"{TITLE} ({_program(generator, tree)})",
        key=key,
        generator=generator,
        raw=raw,
        discriminator=discriminator,
        notes=notes,
        facts={
            "networks": {name: record.kind for name, record in networks.items()},
            "embedded_source": any(record.embedded for record in networks.values()),
            **_training_set(content.value),
        },
    )


def _generator(tree: ModuleTree) -> ForeignNetwork:
    options = Options(tree.modules, tree.arguments)
    try:
        if nvidia_stylegan3.is_generator(tree.tensors):
            return nvidia_stylegan3.generator(tree.tensors, options)
        if nvidia_stylegan2.is_generator(tree.tensors):
            return nvidia_stylegan2.generator(tree.tensors, options, ada=_is_ada(tree))
    except NotThisFormat as error:
        raise ModelError(f"The {tree.root.kind} in this file is damaged: {error}.") from error
    raise UnknownContainer(
        f"This file holds a network of the class {tree.root.kind!r}, which is neither a StyleGAN2 "
        "nor a StyleGAN3 generator."
    )


def _discriminator(networks: Mapping[str, Record], ada: bool) -> ForeignNetwork | None:
    """The discriminator, if it is one that this program has."""
    if "D" not in networks:
        return None
    tree = ModuleTree(networks["D"])
    if not nvidia_stylegan2.is_discriminator(tree.tensors):
        return None
    try:
        options = Options(tree.modules, tree.arguments)
        return nvidia_stylegan2.discriminator(tree.tensors, options, ada=ada)
    except NotThisFormat:
        return None


def _is_ada(tree: ModuleTree) -> bool:
    """Whether StyleGAN2-ADA's program wrote it, which has defaults of its own."""
    return "synthesis_kwargs" in tree.arguments


def _program(generator: ForeignNetwork, tree: ModuleTree) -> str:
    if generator.spec.architecture == "stylegan3":
        return "StyleGAN3-R" if generator.spec.config["conv_kernel"] == 1 else "StyleGAN3-T"
    return "StyleGAN2-ADA" if _is_ada(tree) else "StyleGAN2"


def _notes(tree: ModuleTree) -> tuple[str, ...]:
    arguments: dict[str, Any] = dict(tree.arguments)
    nested = arguments.pop("synthesis_kwargs", {})
    arguments |= nested if isinstance(nested, dict) else {}
    is_3 = nvidia_stylegan3.is_generator(tree.tensors)
    known = f"{_COMMON} {_SYNTHESIS_3 if is_3 else _SYNTHESIS_2}"
    return unknown_arguments(arguments, known.split())


def _training_set(value: Any) -> dict[str, Any]:
    """What the file says of its training pictures: plain facts without paths."""
    found = value.get("training_set_kwargs") if isinstance(value, dict) else None
    if not isinstance(found, dict):
        return {}
    kinds = (bool, int, float)
    facts = {str(key)[:40]: item for key, item in found.items() if isinstance(item, kinds)}
    return {"training_set": facts} if facts else {}


FORMAT = Format(TITLE, recognises, translate)
