"""DiffAugment: ranges, reproducibility and derivatives of its three policies."""

import pytest
import torch
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.models.draws import Rows
from latent_studio.training.augment.diffaug import POLICIES, DiffAugment


def source(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(count: int = 16, channels: int = 3, size: int = 16) -> Tensor:
    return torch.rand((count, channels, size, size), generator=source(99)) * 2 - 1


def test_translation_moves_whole_pixels_and_fills_with_grey() -> None:
    images = pictures(200)
    result = DiffAugment(["translation"])(images, source())
    padded = torch.nn.functional.pad(images, (2, 2, 2, 2))
    every = torch.stack([padded[:, :, y : y + 16, x : x + 16] for y in range(5) for x in range(5)])
    matches = (every == result).all(dim=4).all(dim=3).all(dim=2)
    assert (matches.sum(dim=0) == 1).all()
    assert (matches.sum(dim=1) > 0).all()


def test_cutout_takes_a_square_of_half_the_size() -> None:
    images = torch.ones(300, 1, 16, 16)
    hole = 1 - DiffAugment(["cutout"])(images, source())[:, 0]
    rows, columns = hole.amax(2).sum(1), hole.amax(1).sum(1)
    assert torch.equal(hole.sum(dim=(1, 2)), rows * columns)  # one rectangle
    assert rows.max() == columns.max() == 8
    assert rows.min() == columns.min() == 4  # its centre stays inside
    assert (hole.sum(0) > 0).all()


def test_colour_keeps_to_its_ranges() -> None:
    images = pictures(400)
    numbers = DiffAugment(["color"])
    mean = numbers(images, source()).mean(dim=(1, 2, 3)) - images.mean(dim=(1, 2, 3))
    assert mean.min() > -0.5 and mean.max() < 0.5
    assert mean.std() == pytest.approx(1 / 12**0.5, abs=0.03)
    contrast = numbers(images.mean(1, keepdim=True), source()).std(dim=(1, 2, 3))
    ratio = contrast / images.mean(1, keepdim=True).std(dim=(1, 2, 3))
    assert ratio.min() >= 0.5 and ratio.max() <= 1.5
    assert ratio.mean() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("policy", POLICIES)
def test_chance_comes_from_the_generator_alone(policy: str) -> None:
    images, augment = pictures(), DiffAugment([policy])
    torch.manual_seed(0)
    first = augment(images, source(1))
    torch.manual_seed(1)
    assert torch.equal(augment(images, source(1)), first)
    assert not torch.equal(augment(images, source(2)), first)


def test_a_part_of_a_batch_is_changed_as_in_the_whole() -> None:
    images = pictures()
    whole = DiffAugment()(images, source(3))
    part = DiffAugment()(images[1::4], Rows(source(3), 1, 4))
    assert torch.equal(part, whole[1::4])


@pytest.mark.parametrize("policy", POLICIES)
def test_second_derivatives_are_right(policy: str) -> None:
    images = pictures(2, size=6).double().requires_grad_()

    def cubed(x: Tensor) -> Tensor:
        return (DiffAugment([policy])(x, source(4)) ** 3).sum(dim=(1, 2, 3))

    assert torch.autograd.gradcheck(cubed, (images,), fast_mode=True)
    assert torch.autograd.gradgradcheck(cubed, (images,), fast_mode=True)


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(OptionError, match="color, translation, cutout"):
        DiffAugment(["blur"])
