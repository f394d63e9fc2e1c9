"""Begin a training from networks that learned before."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from latent_studio.errors import ModelError, OptionError, RunError, StudioError
from latent_studio.models.base import Generator, ModelSpec
from latent_studio.models.registry import empty_generator
from latent_studio.storage.checkpoint import load_checkpoint
from latent_studio.storage.foreign.entrance import open_networks
from latent_studio.storage.model_file import load_model
from latent_studio.storage.own_files import is_own
from latent_studio.training.config import TrainConfig
from latent_studio.training.state import TrainState

_NAMED = 3  # weights that are listed


def begin_from(state: TrainState, path: str | Path) -> str:
    """Copy weights from a model file or from a run's checkpoint; optimisers and data start anew.

    A model file holds the averaged generator; a checkpoint holds the discriminator, too, and so do
    most files of other programs. Weights of the same name and shape are taken, so that a network of
    twice the resolution keeps what it has in common with the smaller one.

    Returns
    -------
    str
        What was taken, what is new, and what becomes of classes.

    Raises
    ------
    OptionError
        If the file is of another family or has nothing in common with the networks, or layers of
        the discriminator are to stay as they are that the file does not hold.
    """
    path = Path(path)
    networks = _read(path)
    spec: ModelSpec = networks["spec"]
    if spec.architecture != state.generator.spec.architecture:
        raise OptionError(
            f"{path.name} is a {spec.architecture} model; it cannot start a training of "
            f"{state.generator.spec.architecture}. Choose a preset of its family."
        )
    new = _copy(state.generator, networks["generator"])
    _copy(state.average, networks["average"])
    total = sum(1 for _ in state.generator.parameters())
    taken = total - len(new)
    if not taken:
        raise OptionError(
            f"None of the weights in {path.name} fit this training's generator: its widths differ. "
            "Choose the preset and resolution that the model was trained with."
        )
    judges = sum(1 for _ in state.discriminator.parameters())
    unknown = _copy(state.discriminator, networks.get("discriminator") or {})
    _check_frozen(state.discriminator, unknown, path)
    judged = judges - len(unknown)
    beside = f" and {judged} of the discriminator" if judged else "; the discriminator is new"
    said = f"Began from {path.name}: {taken} of {total} weights of the generator{beside}."
    return said + _new_weights(new) + _classes(spec, state.generator)


def _check_frozen(discriminator: nn.Module, unknown: Sequence[str], path: Path) -> None:
    """FreezeD keeps what a discriminator has learned; frozen random layers would learn nothing."""
    frozen = {name for name, value in discriminator.named_parameters() if not value.requires_grad}
    missing = [name for name in unknown if name in frozen]
    if missing:
        raise OptionError(
            f"'freeze_d' keeps layers of the discriminator that {path.name} does not hold: "
            f"{_listed(missing)}. They would stay random. Begin from a run's checkpoint "
            "(checkpoint.safetensors), which holds the discriminator, or set 'freeze_d' to 0."
        )


def _new_weights(names: Sequence[str]) -> str:
    if not names:
        return ""
    return f" New in the generator: {_listed(names)}."


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"


def _classes(spec: ModelSpec, network: Generator) -> str:
    """What becomes of the classes that a model knows: nobody should lose them without a word."""
    known, wanted = empty_generator(spec).capabilities.classes, network.capabilities.classes
    if known == wanted:
        return ""
    if not wanted:
        return (
            f" The model knows {known} classes, this training learns none: what it knows of them "
            "is lost. To keep it, learn the classes (--conditional) of data that have as many."
        )
    if not known:
        return f" The model knows no classes; the {wanted} of the data are learnt from nothing."
    return f" The model knows {known} classes, the data have {wanted}: they are learnt anew."


def _read(path: Path) -> dict[str, Any]:
    if not is_own(path):
        found = open_networks(path)
        names = ("spec", "generator", "average", "discriminator")
        return {name: getattr(found, name) for name in names}
    try:
        bundle = load_model(path)
    except ModelError as reason:
        try:
            saved = load_checkpoint(path)
            config = TrainConfig.from_json(saved["config"])
            return {
                "spec": config.generator,
                **{name: saved[name] for name in ("generator", "average", "discriminator")},
            }
        except (RunError, OptionError, KeyError):
            raise reason from None
    except StudioError as reason:
        raise OptionError(reason.message, reason.detail) from reason
    return {"spec": bundle.spec, "generator": bundle.tensors, "average": bundle.tensors}


@torch.no_grad()
def _copy(network: nn.Module, tensors: Mapping[str, Tensor]) -> list[str]:
    """Take over what fits; returns the names of the parameters that nothing fitted."""
    for name, value in network.state_dict().items():
        if _fits(value, tensors.get(name)):
            value.copy_(tensors[name])
    parameters = network.named_parameters()
    return [name for name, value in parameters if not _fits(value, tensors.get(name))]


def _fits(value: Tensor, found: Tensor | None) -> bool:
    return found is not None and found.shape == value.shape
