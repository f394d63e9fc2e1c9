"""NVIDIA's TensorFlow pickles of StyleGAN and StyleGAN2: a tuple of G, D and the averaged G.

Each network is a record with its settings and its variables; parts are networks within it. As
with the PyTorch pickles, the source text beside them is not used.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from latent_studio.errors import ModelError
from latent_studio.storage.foreign import nvidia_stylegan2, nvidia_tf_stylegan1
from latent_studio.storage.foreign.base import ForeignModel, ForeignNetwork, Format, NotThisFormat
from latent_studio.storage.foreign.content import Content
from latent_studio.storage.foreign.nvidia_tf_names import discriminator_names, generator_names
from latent_studio.storage.foreign.options import Options
from latent_studio.storage.foreign.stand_ins import Record
from latent_studio.storage.foreign.tensors import StoredArray, StoredTensor, given

TITLE = "NVIDIA TensorFlow pickle"
_MAX_VARIABLES = 5_000
_MAX_DEPTH = 4
# Their arguments to ours; the base of the channels is twice theirs.
_COMMON = {
    "fmap_max": "channel_max",
    "num_fp16_res": "num_fp16_res",
    "conv_clamp": "conv_clamp",
    "resample_kernel": "resample_filter",
    "nonlinearity": "activation",
}


def _networks(content: Content) -> list[Record]:
    value = content.value
    value = [value] if isinstance(value, Record) else value
    if not isinstance(value, tuple | list) or not 1 <= len(value) <= 3:
        return []
    networks = [item for item in value if isinstance(item, Record) and "variables" in item.state]
    return networks if len(networks) == len(value) else []


def recognises(content: Content) -> bool:
    return bool(_networks(content))


def translate(content: Content) -> ForeignModel:
    """The averaged generator, the generator and the discriminator.

    Raises
    ------
    ModelError
        If they are not those of a StyleGAN, or damaged.
    """
    networks = _networks(content)
    try:
        average = _generator(networks[-1])
        raw = _generator(networks[0]) if len(networks) == 3 else None
        first = average.spec.architecture == "stylegan1"
        judge = _discriminator(networks[1]) if len(networks) == 3 and not first else None
    except (NotThisFormat, ValueError) as error:
        raise ModelError(f"The networks in this file are no StyleGAN: {error}.") from error
    names = [str(network.state.get("name", ""))[:40] for network in networks]
    return ForeignModel(
        f"{TITLE} ({'StyleGAN' if first else 'StyleGAN2'})",
        "Gs" if len(networks) == 3 else "G",
        average,
        raw,
        judge,
        (nvidia_tf_stylegan1.NOTE,) if first else (),
        facts={"networks": names, "embedded_source": True},
    )


def _generator(network: Record) -> ForeignNetwork:
    variables, given_options = _variables(network), network.mapping("static_kwargs")
    if not any(name.startswith("synthesis/4x4/Const") for name in variables):
        raise NotThisFormat("there is no synthesis/4x4/Const")
    if "mapping/LabelConcat/weight" in variables:
        raise ModelError(
            "This file's mapping takes classes in the way of the first TensorFlow release, which "
            "this program does not read. Convert it to PyTorch with its authors' tools."
        )
    if nvidia_tf_stylegan1.is_generator(variables):
        return nvidia_tf_stylegan1.generator(variables, given_options)
    mapping = {
        "lr_multiplier": given_options.get("mapping_lrmul", 0.01),
        "activation": given_options.get("mapping_nonlinearity", "lrelu"),
        "w_avg_beta": given_options.get("w_avg_beta", 0.995),
    }
    arguments = {**_arguments(given_options), "mapping_kwargs": mapping}
    tensors = generator_names(variables)
    return nvidia_stylegan2.generator(tensors, Options({}, arguments), ada=True)


def _discriminator(network: Record) -> ForeignNetwork:
    variables, given_options = _variables(network), network.mapping("static_kwargs")
    lr = given_options.get("mapping_lrmul", 0.1)
    arguments = {
        **_arguments(given_options),
        "mapping_kwargs": {"lr_multiplier": lr},
        # As the authors' own converter has it: the whole batch is one group if nothing is said.
        "epilogue_kwargs": {"mbstd_group_size": given_options.get("mbstd_group_size")},
    }
    nonlinearity = given_options.get("nonlinearity", "lrelu")
    arguments["block_kwargs"] = {"activation": nonlinearity}
    arguments["epilogue_kwargs"]["activation"] = nonlinearity
    if "resample_filter" in arguments:
        arguments["block_kwargs"]["resample_filter"] = arguments["resample_filter"]
    tensors = discriminator_names(variables)
    return nvidia_stylegan2.discriminator(tensors, Options({}, arguments), ada=True)


def _arguments(options: Mapping[Any, Any]) -> dict[str, Any]:
    found = {own: options[theirs] for theirs, own in _COMMON.items() if theirs in options}
    base = options.get("fmap_base", 16384)
    return {**found, "channel_base": base * 2 if isinstance(base, int) else base}


def _variables(network: Record, depth: int = 0) -> dict[str, StoredTensor]:
    """All variables by their full names: its own, then those of its parts."""
    if depth > _MAX_DEPTH:
        raise ModelError("Its networks are nested more deeply than this program reads.")
    own = network.state.get("variables")
    if not isinstance(own, list) or len(own) > _MAX_VARIABLES:
        raise NotThisFormat("it has no list of variables")
    found: dict[str, StoredTensor] = {}
    for pair in own:
        if not isinstance(pair, tuple | list) or len(pair) != 2 or not isinstance(pair[0], str):
            raise NotThisFormat("its variables have no names")
        found[pair[0]] = _tensor(pair[1])
    for name, part in network.mapping("components").items():
        if isinstance(part, Record) and isinstance(name, str):
            inner = _variables(part, depth + 1)
            found |= {f"{name}/{key}": tensor for key, tensor in inner.items()}
    if len(found) > _MAX_VARIABLES:
        raise ModelError("Its networks have more variables than this program reads.")
    return found


def _tensor(value: Any) -> StoredTensor:
    """An array, or a scalar, which was read as a number."""
    if isinstance(value, StoredArray) and value.tensor is not None:
        return value.tensor
    if isinstance(value, StoredTensor):
        return value
    if isinstance(value, int | float):
        number: Tensor = torch.tensor(float(value))
        return given(number)
    raise NotThisFormat("its variables are no arrays")


FORMAT = Format(TITLE, recognises, translate)
