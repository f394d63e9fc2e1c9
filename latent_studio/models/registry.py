"""The architectures: one line here makes one available everywhere.

The registry fills the menus, the command line's choices and the parametrised tests.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import torch

from latent_studio.errors import ModelError, OptionError
from latent_studio.lean_torch import load_meta_kernels
from latent_studio.models.base import Discriminator, Generator, ModelSpec
from latent_studio.models.biggan import BigGANDeepGenerator
from latent_studio.models.dcgan import DCGANDiscriminator, DCGANGenerator
from latent_studio.models.layers import initialise
from latent_studio.models.mlp import MLPDiscriminator, MLPGenerator
from latent_studio.models.pggan import PGGANDiscriminator, PGGANGenerator
from latent_studio.models.r3gan import R3GANDiscriminator, R3GANGenerator
from latent_studio.models.stylegan1 import StyleGAN1Generator
from latent_studio.models.stylegan1_d import StyleGAN1Discriminator
from latent_studio.models.stylegan2 import StyleGAN2Generator
from latent_studio.models.stylegan2_d import StyleGAN2Discriminator
from latent_studio.models.stylegan3 import StyleGAN3Generator


@dataclass(frozen=True)
class Architecture:
    """A family of networks: its name in files, its title for people, its two classes.

    A family without a discriminator can be rendered, but not trained.
    """

    name: str
    title: str
    generator: Callable[..., Generator]
    discriminator: Callable[..., Discriminator] | None = None


ARCHITECTURES: dict[str, Architecture] = {}


def register(architecture: Architecture) -> None:
    """Make an architecture known.

    Raises
    ------
    ValueError
        If the name is taken.
    """
    if architecture.name in ARCHITECTURES:
        raise ValueError(f"architecture {architecture.name!r} is registered already")
    ARCHITECTURES[architecture.name] = architecture


register(Architecture("mlp", "Multilayer perceptron", MLPGenerator, MLPDiscriminator))
register(Architecture("dcgan", "DCGAN", DCGANGenerator, DCGANDiscriminator))
register(Architecture("pggan", "PGGAN", PGGANGenerator, PGGANDiscriminator))
register(Architecture("stylegan1", "StyleGAN", StyleGAN1Generator, StyleGAN1Discriminator))
register(Architecture("stylegan2", "StyleGAN2", StyleGAN2Generator, StyleGAN2Discriminator))
register(Architecture("stylegan3", "StyleGAN3", StyleGAN3Generator, StyleGAN2Discriminator))
register(Architecture("r3gan", "R3GAN", R3GANGenerator, R3GANDiscriminator))
register(Architecture("biggan-deep", "BigGAN-deep", BigGANDeepGenerator))


_MOST, _MOST_PARTS = 2**24, 1000
_REPEATED = {"layers": _MOST_PARTS, "blocks": _MOST_PARTS}
_LIMITS = {**_REPEATED, "filter": 64, "kernel": 64, "upsampling": 16}  # by a part of the name


def architectures() -> list[str]:
    """Registered names, in order of registration."""
    return list(ARCHITECTURES)


def trainable_architectures() -> list[str]:
    """Names of those that have a discriminator."""
    return [name for name, entry in ARCHITECTURES.items() if entry.discriminator is not None]


def build_generator(spec: ModelSpec, init: torch.Generator | None = None) -> Generator:
    """Build a generator on the CPU with start values drawn from ``init`` (seed 0 when None).

    Raises
    ------
    ModelError
        If the architecture is unknown or its arguments do not fit.
    """
    network = _build(spec, "generator")
    assert isinstance(network, Generator)
    initialise(network, init or torch.Generator().manual_seed(0))
    return network


def empty_generator(spec: ModelSpec) -> Generator:
    """A generator without memory or values (on torch's meta device), for its names and shapes.

    Raises
    ------
    ModelError
        As :func:`build_generator`.
    """
    network = _empty(spec, "generator")
    assert isinstance(network, Generator)
    return network


def empty_discriminator(spec: ModelSpec) -> Discriminator:
    """As :func:`empty_generator`; raises as :func:`build_discriminator`."""
    network = _empty(spec, "discriminator")
    assert isinstance(network, Discriminator)
    return network


@dataclass(frozen=True)
class Layout:
    """The names and shapes of a network's state, and which of the names are buffers."""

    shapes: Mapping[str, tuple[int, ...]]
    buffers: frozenset[str]


def layout(spec: ModelSpec, role: Literal["generator", "discriminator"] = "generator") -> Layout:
    """What a network's state has to be; no memory is taken, and no time when asked again.

    Raises
    ------
    ModelError
        As :func:`build_generator` and :func:`build_discriminator`.
    """
    try:
        config = json.dumps(spec.to_json()["config"], sort_keys=True)
    except (TypeError, ValueError) as error:
        said = f"The settings of this {spec.architecture} {role} are not plain values."
        raise ModelError(said, str(error)) from error
    return _layout(role, spec.architecture, config)


@lru_cache(maxsize=32)
def _layout(role: str, architecture: str, config: str) -> Layout:
    build = empty_generator if role == "generator" else empty_discriminator
    network = build(ModelSpec(architecture, json.loads(config)))
    shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    return Layout(shapes, frozenset(name for name, _ in network.named_buffers()))


def build_discriminator(spec: ModelSpec, init: torch.Generator | None = None) -> Discriminator:
    """Build a discriminator; as :func:`build_generator`.

    Raises
    ------
    ModelError
        Also if the architecture has none.
    """
    network = _build(spec, "discriminator")
    assert isinstance(network, Discriminator)
    initialise(network, init or torch.Generator().manual_seed(0))
    return network


def _empty(spec: ModelSpec, role: str) -> torch.nn.Module:
    with torch.device("meta"):
        try:
            return _build(spec, role)
        except ModelError as error:  # an operator that the meta device has in Python only
            if not isinstance(error.__cause__, NotImplementedError) or not load_meta_kernels():
                raise
            return _build(spec, role)


def _build(spec: ModelSpec, role: str) -> torch.nn.Module:
    if spec.architecture not in ARCHITECTURES:
        raise ModelError(
            f"Unknown architecture {spec.architecture!r}; this version of Latent Studio knows "
            f"{', '.join(ARCHITECTURES)}."
        )
    factory = getattr(ARCHITECTURES[spec.architecture], role)
    if factory is None:
        raise ModelError(
            f"{ARCHITECTURES[spec.architecture].title} has no {role} here: its models can be "
            f"rendered, not trained. Train one of {', '.join(trainable_architectures())}."
        )
    _check_sizes("", spec.config)
    try:
        network = factory(**spec.config)
    except OptionError as error:
        raise ModelError(error.message, error.detail) from error
    except (TypeError, ValueError, RuntimeError, ZeroDivisionError) as error:
        raise ModelError(
            f"The settings of this {spec.architecture} {role} do not fit together.", str(error)
        ) from error
    assert isinstance(network, torch.nn.Module)
    return network


def _check_sizes(name: str, value: Any, limits: Mapping[str, int] = _LIMITS) -> None:
    """Refuse what would be built for hours: the arguments may come from a stranger's file."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _check_sizes(str(key), inner)
    elif isinstance(value, (list, tuple)):
        _check_size(f"length of {name}", len(value), _MOST_PARTS)
        for inner in value:
            _check_sizes(name, inner, _REPEATED)  # a filter may have large values
    elif isinstance(value, int):
        named = [most for part, most in limits.items() if part in name]
        _check_size(name, value, min(named, default=_MOST))


def _check_size(name: str, value: int, most: int) -> None:
    if abs(value) > most:
        shown = value if abs(value) < 10**12 else "an even larger number"
        raise ModelError(f"The {name} of this network would be {shown}; at most {most} is built.")
