import math

import pytest
import torch

from latent_studio.errors import OptionError
from latent_studio.training.losses import OBJECTIVES, find_objective
from latent_studio.training.penalties import gradient_penalty

SCORES = torch.linspace(-5, 5, 11, dtype=torch.float64).unsqueeze(1)


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


@pytest.mark.parametrize("name", OBJECTIVES)
def test_discriminator_loss_is_cross_entropy(name: str) -> None:
    real, fake = SCORES, SCORES.flip(0)
    loss = find_objective(name).discriminator(real, fake)
    expected = [
        -math.log(sigmoid(r)) - math.log(1 - sigmoid(f))
        for r, f in zip(real.flatten().tolist(), fake.flatten().tolist(), strict=True)
    ]
    assert loss.shape == real.shape and loss.dtype == torch.float32
    torch.testing.assert_close(loss.flatten(), torch.tensor(expected))


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
        loss = objective.generator(scores).sum() + objective.discriminator(scores, scores).sum()
        loss.backward()
        assert loss.isfinite() and scores.grad is not None and scores.grad.isfinite().all()


def test_unknown_objective_lists_the_known() -> None:
    with pytest.raises(OptionError, match="non-saturating, minimax"):
        find_objective("hinge")


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
