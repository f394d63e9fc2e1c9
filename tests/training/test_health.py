"""What is measured of pictures, scores and weights: known cases."""

import math

import pytest
import torch
from torch import nn

from latent_studio.training.health import (
    RandomExtractor,
    blind_loss,
    clipped,
    diversity,
    saturated,
    signs,
    similarity,
    weight_norm,
)
from latent_studio.training.losses import OBJECTIVES


def pictures(count: int, seed: int = 0, size: int = 16, channels: int = 3) -> torch.Tensor:
    """Smooth random pictures."""
    small = torch.randn((count, channels, 4, 4), generator=torch.Generator().manual_seed(seed))
    return nn.functional.interpolate(small, size=size, mode="bilinear").clamp(-1, 1)


def ratio(fakes: torch.Tensor, reals: torch.Tensor) -> float:
    found = diversity(fakes, reals, RandomExtractor(fakes.shape[1]))
    return float(found["spread/fake"] / found["spread/real"])


def test_diversity_counts_modes() -> None:
    reals = pictures(64)
    assert ratio(pictures(64, seed=1), reals) == pytest.approx(1, abs=0.1)
    one, two, four = (reals[torch.arange(64) % k] for k in (1, 2, 4))
    assert ratio(one, reals) == pytest.approx(0, abs=1e-3)
    assert ratio(two, reals) == pytest.approx(1 / 2, abs=0.15)
    assert ratio(four, reals) == pytest.approx(3 / 4, abs=0.15)


@pytest.mark.parametrize("size", [8, 28, 64, 100])
@pytest.mark.parametrize("channels", [1, 3])
def test_the_gap_is_zero_for_equal_kinds_and_grows_with_the_difference(
    size: int, channels: int
) -> None:
    def gap(fakes: torch.Tensor) -> float:
        found = diversity(fakes, pictures(48, 0, size, channels), RandomExtractor(channels))
        fake, real, cross = (float(found[f"spread/{k}"]) for k in ("fake", "real", "cross"))
        return (2 * cross - fake - real) / real

    same = pictures(48, 1, size, channels)
    assert abs(gap(same)) < 0.03
    assert gap(same[:1].expand(48, -1, -1, -1)) > 0.5
    assert gap(torch.randn(same.shape, generator=torch.Generator().manual_seed(3))) > 0.1


def test_features_are_the_same_everywhere() -> None:
    torch.manual_seed(1)
    first = RandomExtractor(3)(pictures(2))
    torch.manual_seed(2)
    assert torch.equal(RandomExtractor(3)(pictures(2)), first)
    assert first.shape == (2, 1024)
    assert not list(RandomExtractor(3).parameters())


def test_similarity_of_equal_and_of_opposite_pictures() -> None:
    images = pictures(8, size=32)
    assert torch.allclose(similarity(images, images), torch.ones(8))
    assert similarity(images, -images).max() < 0.2
    noisy = images + 0.1 * torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    between = similarity(images, noisy)
    assert (between < 1).all() and (between > similarity(images, images.roll(1, 0))).all()


def test_a_batch_of_one_has_no_pairs() -> None:
    assert diversity(pictures(1), pictures(8), RandomExtractor(3)) == {}


def test_saturation_and_weights() -> None:
    assert saturated(torch.tensor([-1.0, 0.995, 0.5, -0.98])) == 0.5
    weights = [torch.tensor([3.0, 4.0]), torch.zeros(2)]
    assert weight_norm(weights) == pytest.approx(math.sqrt(25 / 4))


def test_clipped_is_the_share_of_weights_at_the_bound() -> None:
    weights = [torch.tensor([0.01, -0.01, 0.005]), torch.tensor([[0.0, 0.00999]])]
    assert clipped(weights, 0.01) == pytest.approx(3 / 5)
    assert clipped(weights, 0.02) == 0


def test_signs_have_the_boundary_of_the_objective() -> None:
    real, fake = torch.tensor([[0.4], [2.0]]), torch.tensor([[0.2], [-1.0]])
    plain = signs(real, fake, "non-saturating")
    assert plain["sign/real"].tolist() == [[1], [1]]
    assert plain["sign/fake"].tolist() == [[1], [-1]]
    squares = signs(real, fake, "least-squares")
    assert squares["sign/real"].tolist() == [[-1], [1]]
    shifted = signs(real + 100, fake + 100, "wgan-gp")
    assert shifted["sign/fake"].tolist() == [[-1], [-1]]


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_blind_discriminator_cannot_do_better_than_its_loss(objective: str) -> None:
    blind = blind_loss(objective)
    kind = OBJECTIVES[objective]
    if kind.critic:
        assert blind is None
        return
    assert blind is not None and blind > 0
    scores = torch.linspace(-2, 2, 81).reshape(-1, 1)  # the same for both kinds
    assert float(kind.discriminator(scores, scores).min()) == pytest.approx(blind, abs=1e-6)
