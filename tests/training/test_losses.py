import math
from collections.abc import Callable

import pytest
import torch

from latent_studio.errors import OptionError
from latent_studio.training.losses import OBJECTIVES, find_objective
from latent_studio.training.penalties import (
    between,
    gradient_penalty,
    lipschitz_penalty,
    path_lengths,
)

SCORES = torch.linspace(-5, 5, 11, dtype=torch.float64).unsqueeze(1)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def log_sigmoid(x: float) -> float:
    return math.log(sigmoid(x))


# For scores r of a real and f of a generated picture: what D and G minimise, as the papers say it.
EXPECTED: dict[str, tuple[Callable[[float, float], float], Callable[[float, float], float]]] = {
    "non-saturating": (
        lambda r, f: -log_sigmoid(r) - math.log(1 - sigmoid(f)),
        lambda r, f: -log_sigmoid(f),
    ),
    "minimax": (
        lambda r, f: -log_sigmoid(r) - math.log(1 - sigmoid(f)),
        lambda r, f: math.log(1 - sigmoid(f)),
    ),
    "wgan": (lambda r, f: f - r, lambda r, f: -f),
    "wgan-gp": (lambda r, f: f - r, lambda r, f: -f),
    "hinge": (lambda r, f: max(0.0, 1 - r) + max(0.0, 1 + f), lambda r, f: -f),
    "least-squares": (lambda r, f: ((r - 1) ** 2 + f**2) / 2, lambda r, f: (f - 1) ** 2 / 2),
    "relativistic": (lambda r, f: -log_sigmoid(r - f), lambda r, f: -log_sigmoid(f - r)),
}


@pytest.mark.parametrize("name", OBJECTIVES)
def test_losses_have_their_closed_form(name: str) -> None:
    real, fake = SCORES, SCORES.roll(3, 0)
    objective, expected = find_objective(name), EXPECTED[name]
    pairs = list(zip(real.flatten().tolist(), fake.flatten().tolist(), strict=True))
    for found, formula in (
        (objective.discriminator(real, fake), expected[0]),
        (objective.generator(fake, real), expected[1]),
    ):
        assert found.shape == real.shape and found.dtype == torch.float32
        torch.testing.assert_close(
            found.flatten(), torch.tensor([formula(r, f) for r, f in pairs]), rtol=1e-5, atol=1e-6
        )


def test_generator_losses() -> None:
    plain = [sigmoid(s) for s in SCORES.flatten().tolist()]
    minimax = find_objective("minimax").generator(SCORES).flatten()
    torch.testing.assert_close(minimax, torch.tensor([math.log(1 - p) for p in plain]))
    strong = find_objective("non-saturating").generator(SCORES).flatten()
    torch.testing.assert_close(strong, torch.tensor([-math.log(p) for p in plain]))


def test_minimax_is_zero_sum_and_fades() -> None:
    minimax, strong = find_objective("minimax"), find_objective("non-saturating")
    fake = torch.tensor([[-8.0]], requires_grad=True)
    real = torch.tensor([[200.0]])  # contributes nothing
    torch.testing.assert_close(minimax.generator(fake), -minimax.discriminator(real, fake))
    (weak,) = torch.autograd.grad(minimax.generator(fake).sum(), fake)
    (steep,) = torch.autograd.grad(strong.generator(fake).sum(), fake)
    assert abs(weak.item()) < 1e-3 and steep.item() < -0.99


@pytest.mark.parametrize("name", OBJECTIVES)
def test_extreme_scores_stay_finite(name: str) -> None:
    objective = find_objective(name)
    for scale in (1e4, -1e4):
        scores = torch.full((2, 1), scale, dtype=torch.bfloat16, requires_grad=True)
        loss = (
            objective.generator(scores, scores).sum()
            + objective.discriminator(scores, scores).sum()
        )
        loss.backward()
        assert loss.isfinite() and scores.grad is not None and scores.grad.isfinite().all()


def test_unknown_objective_lists_the_known() -> None:
    with pytest.raises(OptionError, match="non-saturating, minimax"):
        find_objective("wobbly")


def test_r1_of_a_linear_score() -> None:
    weight = torch.randn(3, 4, 4, dtype=torch.float64, requires_grad=True)
    images = torch.randn(5, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    scores = (images * weight).sum(dim=(1, 2, 3)).unsqueeze(1)
    penalty = gradient_penalty(scores, images)
    torch.testing.assert_close(penalty.double(), weight.square().sum().expand(5), rtol=1e-6, atol=0)
    penalty.mean().backward()
    torch.testing.assert_close(weight.grad, 2 * weight.detach(), rtol=1e-6, atol=1e-7)


def test_r1_of_a_network_matches_finite_differences() -> None:
    """Its derivative by the weights goes through the gradient, which the loss never sees."""
    draws = torch.Generator().manual_seed(0)
    a = torch.randn(6, 12, dtype=torch.float64, generator=draws, requires_grad=True)
    b = torch.randn(1, 6, dtype=torch.float64, generator=draws, requires_grad=True)
    images = torch.randn(4, 3, 2, 2, dtype=torch.float64, generator=draws, requires_grad=True)

    def penalty(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        scores = torch.tanh(images.flatten(1) @ a.t()) @ b.t()
        (gradient,) = torch.autograd.grad(scores.sum(), images, create_graph=True)
        return gradient.square().sum(dim=(1, 2, 3))

    assert torch.autograd.gradcheck(penalty, (a, b))
    scores = torch.tanh(images.flatten(1) @ a.t()) @ b.t()
    found = gradient_penalty(scores, images)
    torch.testing.assert_close(found.double(), penalty(a, b), rtol=1e-5, atol=0)


def test_lipschitz_penalty_of_a_linear_score() -> None:
    weight = torch.randn(3, 4, 4, dtype=torch.float64, requires_grad=True)
    images = torch.randn(5, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    scores = (images * weight).sum(dim=(1, 2, 3)).unsqueeze(1)
    length = weight.detach().square().sum().sqrt()
    penalty = lipschitz_penalty(scores, images)
    expected = (length - 1).square().expand(5)
    torch.testing.assert_close(penalty.double(), expected, rtol=1e-6, atol=0)
    penalty.mean().backward()
    expected = 2 * (length - 1) * weight.detach() / length
    torch.testing.assert_close(weight.grad, expected, rtol=1e-5, atol=1e-6)


def test_lipschitz_penalty_of_a_dead_critic_has_a_gradient() -> None:
    weight = torch.zeros(3, 2, 2, requires_grad=True)
    images = torch.randn(2, 3, 2, 2, requires_grad=True)
    lipschitz_penalty((images * weight).sum(dim=(1, 2, 3)).unsqueeze(1), images).mean().backward()
    assert weight.grad is not None and weight.grad.isfinite().all()


def test_between_is_on_the_line() -> None:
    real, fake = torch.zeros(3, 1, 2, 2), torch.ones(3, 1, 2, 2)
    found = between(real, fake, torch.tensor([0.0, 0.25, 1.0]))
    assert found[:, 0, 0, 0].tolist() == [0.0, 0.25, 1.0]


def test_path_lengths_of_a_linear_synthesis() -> None:
    """For ``image = sum over layers of A_l w_l`` the gradient is ``A_l^T y``."""
    draws = torch.Generator().manual_seed(0)
    maps = torch.randn(2, 12, 5, dtype=torch.float64, generator=draws, requires_grad=True)
    ws = torch.randn(4, 2, 5, dtype=torch.float64, generator=draws, requires_grad=True)
    y = torch.randn(4, 3, 2, 2, dtype=torch.float64, generator=draws)
    images = torch.einsum("lpd,nld->np", maps, ws).reshape(4, 3, 2, 2)
    found = path_lengths(images, ws, y)
    pulled = torch.einsum("lpd,np->nld", maps, y.flatten(1)) / 2  # 2 = sqrt(H W)
    torch.testing.assert_close(found, pulled.square().sum(2).mean(1).sqrt())
    found.sum().backward()
    assert maps.grad is not None and maps.grad.abs().sum() > 0
