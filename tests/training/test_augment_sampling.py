"""Bilinear sampling: its two implementations, and derivatives of any order."""

import torch
from torch import Tensor

from latent_studio.training.augment.sampling import sample, sample_by_index


def _case(dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    images = torch.rand((2, 2, 8, 4), generator=generator, dtype=dtype)
    most = torch.tensor([3.0, 7.0], dtype=dtype).reshape(2, 1, 1)
    return images, torch.rand((2, 2, 5, 3), generator=generator, dtype=dtype) * most


def test_both_implementations_agree() -> None:
    images, positions = _case()
    assert torch.allclose(sample(images, positions), sample_by_index(images, positions))


def test_whole_positions_are_pixels() -> None:
    images, _ = _case(torch.float32)
    y, x = torch.meshgrid(torch.arange(8.0), torch.arange(4.0), indexing="ij")
    positions = torch.stack([x, y]).expand(2, -1, -1, -1)
    for way in (sample, sample_by_index):
        assert torch.equal(way(images, positions), images)


def test_derivatives_of_both_orders() -> None:
    images, positions = _case()
    images.requires_grad_()
    for way in (sample, sample_by_index):

        def cubed(x: Tensor, way=way) -> Tensor:
            return way(x, positions) ** 3

        assert torch.autograd.gradcheck(cubed, (images,), fast_mode=True)
        assert torch.autograd.gradgradcheck(cubed, (images,), fast_mode=True)


def test_the_transpose_is_one() -> None:
    images, positions = _case()
    images.requires_grad_()
    result = sample(images, positions)
    other = torch.rand(result.shape, generator=torch.Generator().manual_seed(1)).double()
    (spread,) = torch.autograd.grad(result, images, other)
    assert torch.allclose((result * other).sum(), (images * spread).sum())
