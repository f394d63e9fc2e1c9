"""Progressive GANs of the PyTorch GAN zoo: a dictionary with ``netG``, ``avgG`` and ``config``."""

from collections.abc import Mapping
from typing import Any

import torch

from latent_studio.errors import ModelError
from latent_studio.models.pggan_zoo import zoo_spec, zoo_state
from latent_studio.storage.foreign.base import ForeignModel, ForeignNetwork, Format
from latent_studio.storage.foreign.content import Content
from latent_studio.storage.foreign.stand_ins import Record
from latent_studio.storage.foreign.state_dicts import any_dict, dicts_of
from latent_studio.storage.foreign.tensors import StoredTensor, given

TITLE = "PyTorch GAN zoo (progressive GAN)"


def is_generator(names: Any) -> bool:
    return any(name.startswith("toRGBLayers.") for name in names) and any(
        name.startswith("formatLayer.") for name in names
    )


def translate(content: Content) -> ForeignModel:
    """The averaged generator, or the only one.

    Raises
    ------
    ModelError
        If a tensor is missing or left over.
    """
    found = dict(dicts_of(content, is_generator))
    key = next(iter(found))
    options = _config(content.value)
    raw = found["netG"] if key != "netG" and "netG" in found else None
    return ForeignModel(
        TITLE,
        key,
        _network(found[key], options),
        None if raw is None else _network(raw, options),
        facts={"settings": {k: v for k, v in options.items() if isinstance(v, int | float | str)}},
    )


def _network(tensors: Mapping[str, StoredTensor], options: Mapping[str, Any]) -> ForeignNetwork:
    """Their functions look at shapes and names alone, so they take tensors that are in the file."""
    state: Any = tensors
    alpha = options.get("alpha", 0.0)
    alpha = float(alpha) if isinstance(alpha, int | float) and 0 <= alpha <= 1 else 0.0
    leak = options.get("leakyReluLeak", 0.2)
    if not isinstance(leak, int | float) or not 0 <= leak <= 10:
        raise ModelError("Its setting leakyReluLeak is no slope, so its network cannot be built.")
    named: dict[str, Any] = dict(zoo_state(state, alpha))
    own = {n: given(t) if isinstance(t, torch.Tensor) else t for n, t in named.items()}
    return ForeignNetwork(zoo_spec(state, options), own)


def _config(value: Any) -> dict[str, Any]:
    """The attributes of the file's ``config``, whichever class they were in."""
    found = value.get("config") if isinstance(value, dict) else None
    found = found.state if isinstance(found, Record) else found
    if not isinstance(found, dict):
        return {}
    plain = (bool, int, float, str)
    return {k: v for k, v in found.items() if isinstance(k, str) and isinstance(v, plain)}


FORMAT = Format(TITLE, any_dict(is_generator), translate)
