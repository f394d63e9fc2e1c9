"""Adversarial objectives on logits, and the registry that offers them.

Scores are the discriminator's unbounded outputs ``[N, 1]``; losses come back per sample in float32,
so that the caller decides how to reduce them. ``softplus`` keeps both ends finite: no ``log`` of a
sigmoid is ever taken.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from torch import Tensor
from torch.nn.functional import softplus

from latent_studio.errors import OptionError

GeneratorLoss: TypeAlias = Callable[[Tensor], Tensor]
DiscriminatorLoss: TypeAlias = Callable[[Tensor, Tensor], Tensor]


def discriminator_cross_entropy(real: Tensor, fake: Tensor) -> Tensor:
    """``-log D(x) - log(1 - D(G(z)))`` with ``D = sigmoid(score)``, ``[N, 1]``.

    Goodfellow et al. 2014, arXiv:1406.2661; the discriminator's side of both objectives below.
    """
    return softplus(-real.float()) + softplus(fake.float())


def generator_non_saturating(fake: Tensor) -> Tensor:
    """``-log D(G(z))``: a strong gradient where the discriminator is sure (section 3 there)."""
    return softplus(-fake.float())


def generator_minimax(fake: Tensor) -> Tensor:
    """``log(1 - D(G(z)))``: the zero-sum game itself, which fades where D is sure."""
    return -softplus(fake.float())


@dataclass(frozen=True)
class Objective:
    """What G and D minimise.

    Attributes
    ----------
    generator
        Scores of generated pictures to losses ``[N, 1]``.
    discriminator
        Scores of real and of generated pictures to losses ``[N, 1]``.
    """

    name: str
    title: str
    generator: GeneratorLoss
    discriminator: DiscriminatorLoss


OBJECTIVES: dict[str, Objective] = {}


def register(objective: Objective) -> Objective:
    """Offer an objective to configurations, menus and the parametrised tests."""
    OBJECTIVES[objective.name] = objective
    return objective


def find_objective(name: str) -> Objective:
    """The objective called ``name``.

    Raises
    ------
    OptionError
        Listing the known ones.
    """
    try:
        return OBJECTIVES[name]
    except KeyError:
        known = ", ".join(OBJECTIVES)
        raise OptionError(f"There is no objective '{name}'. Choose one of: {known}.") from None


register(
    Objective(
        "non-saturating",
        "Non-saturating",
        generator_non_saturating,
        discriminator_cross_entropy,
    )
)
register(Objective("minimax", "Minimax", generator_minimax, discriminator_cross_entropy))
