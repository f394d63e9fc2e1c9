"""The architectures: one line here makes one available everywhere.

The registry fills the menus, the command line's choices and the parametrised tests.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from latent_studio.errors import ModelError, OptionError
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
    with torch.device("meta"):
        network = _build(spec, "generator")
    assert isinstance(network, Generator)
    return network


def empty_discriminator(spec: ModelSpec) -> Discriminator:
    """As :func:`empty_generator`; raises as :func:`build_discriminator`."""
    with torch.device("meta"):
        network = _build(spec, "discriminator")
    assert isinstance(network, Discriminator)
    return network


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
