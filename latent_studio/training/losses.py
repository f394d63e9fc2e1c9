"""Adversarial objectives on scores, and the registry that offers them.

Scores are the discriminator's unbounded outputs ``[N, 1]``; losses come back per sample in float32,
so that the caller decides how to reduce them. ``softplus`` keeps both ends finite: no ``log`` of a
sigmoid is ever taken.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from torch import Tensor
from torch.nn.functional import relu, softplus

from latent_studio.errors import OptionError

GeneratorLoss: TypeAlias = Callable[..., Tensor]
DiscriminatorLoss: TypeAlias = Callable[[Tensor, Tensor], Tensor]


def discriminator_cross_entropy(real: Tensor, fake: Tensor) -> Tensor:
    """``-log D(x) - log(1 - D(G(z)))`` with ``D = sigmoid(score)``, ``[N, 1]``.

    Goodfellow et al. 2014, arXiv:1406.2661; the discriminator's side of both objectives below.
    """
    return softplus(-real.float()) + softplus(fake.float())


def generator_non_saturating(fake: Tensor, real: Tensor | None = None) -> Tensor:
    """``-log D(G(z))``: a strong gradient where the discriminator is sure (section 3 there)."""
    return softplus(-fake.float())


def generator_minimax(fake: Tensor, real: Tensor | None = None) -> Tensor:
    """``log(1 - D(G(z)))``: the zero-sum game itself, which fades where D is sure."""
    return -softplus(fake.float())


def critic_wasserstein(real: Tensor, fake: Tensor) -> Tensor:
    """``D(G(z)) - D(x)``: minus an estimate of the earth mover's distance.

    Arjovsky, Chintala, Bottou 2017, arXiv:1701.07875. Only meaningful while the critic is
    Lipschitz: by clipped weights (there) or a gradient penalty (Gulrajani et al. 2017,
    arXiv:1704.00028).
    """
    return fake.float() - real.float()


def generator_wasserstein(fake: Tensor, real: Tensor | None = None) -> Tensor:
    """``-D(G(z))``; also the generator's side of the hinge objective."""
    return -fake.float()


def discriminator_hinge(real: Tensor, fake: Tensor) -> Tensor:
    """``max(0, 1 - D(x)) + max(0, 1 + D(G(z)))``: what is told apart by a margin rests.

    Lim and Ye 2017, arXiv:1705.02894; Miyato et al. 2018, arXiv:1802.05957.
    """
    return relu(1 - real.float()) + relu(1 + fake.float())


def discriminator_least_squares(real: Tensor, fake: Tensor) -> Tensor:
    """``(D(x) - 1)² / 2 + D(G(z))² / 2``: targets 1 and 0.

    Mao et al. 2017, arXiv:1611.04076, equation 9.
    """
    return ((real.float() - 1).square() + fake.float().square()) / 2


def generator_least_squares(fake: Tensor, real: Tensor | None = None) -> Tensor:
    """``(D(G(z)) - 1)² / 2``."""
    return (fake.float() - 1).square() / 2


def discriminator_relativistic(real: Tensor, fake: Tensor) -> Tensor:
    """``softplus(D(G(z)) - D(x))``: each real picture against one generated picture.

    Jolicoeur-Martineau 2019, arXiv:1807.00734; with R1 and R2 it is R3GAN's objective (Huang et
    al. 2024, arXiv:2501.05441).
    """
    return softplus(fake.float() - real.float())


def generator_relativistic(fake: Tensor, real: Tensor | None = None) -> Tensor:
    """``softplus(D(x) - D(G(z)))``."""
    if real is None:
        raise ValueError("the relativistic loss compares with the scores of real pictures")
    return softplus(real.float() - fake.float())


@dataclass(frozen=True)
class Objective:
    """What G and D minimise.

    Attributes
    ----------
    generator
        Scores of generated pictures (and, if ``paired``, of as many real ones) to losses
        ``[N, 1]``.
    discriminator
        Scores of real and of generated pictures to losses ``[N, 1]``.
    paired
        Whether the generator's loss looks at real pictures, too.
    critic
        Whether the scores estimate a distance, which needs a Lipschitz discriminator.
    options
        Settings of the paper that the objective belongs to; a person's own go before them.
    """

    name: str
    title: str
    generator: GeneratorLoss
    discriminator: DiscriminatorLoss
    paired: bool = False
    critic: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


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


_NO_PENALTY: dict[str, Any] = {"r1_gamma": 0.0, "r2_gamma": 0.0}

register(
    Objective(
        "non-saturating",
        "Non-saturating",
        generator_non_saturating,
        discriminator_cross_entropy,
    )
)
register(
    Objective("minimax", "Minimax (saturating)", generator_minimax, discriminator_cross_entropy)
)
register(
    Objective(
        "wgan",
        "Wasserstein, clipped weights",
        generator_wasserstein,
        critic_wasserstein,
        critic=True,
        options={
            **_NO_PENALTY,
            "optimizer": "rmsprop",
            "g_lr": 5e-5,
            "d_lr": 5e-5,
            "n_critic": 5,
            "weight_clip": 0.01,
        },
    )
)
register(
    Objective(
        "wgan-gp",
        "Wasserstein, gradient penalty",
        generator_wasserstein,
        critic_wasserstein,
        critic=True,
        options={
            **_NO_PENALTY,
            "g_lr": 1e-4,
            "d_lr": 1e-4,
            "betas": (0.0, 0.9),
            "n_critic": 5,
            "gp_weight": 10.0,
        },
    )
)
register(Objective("hinge", "Hinge", generator_wasserstein, discriminator_hinge))
register(
    Objective(
        "least-squares", "Least squares", generator_least_squares, discriminator_least_squares
    )
)
register(
    Objective(
        "relativistic",
        "Relativistic pairing",
        generator_relativistic,
        discriminator_relativistic,
        paired=True,
        options={"r1_gamma": 1.0, "r2_gamma": 1.0, "r1_interval": 1},
    )
)
