"""The small Adam is torch's."""

import pytest
import torch

from latent_studio.latent.descent import Adam


def test_it_follows_the_paper() -> None:
    """Algorithm 1 of arXiv:1412.6980, in doubles. (torch's own loads its compiler first.)"""
    start = torch.randn(5, generator=torch.Generator().manual_seed(0))
    tensor, wanted = start.clone().requires_grad_(True), start.double()
    adam, mean, square = Adam([tensor], [0.05]), torch.zeros(5).double(), torch.zeros(5).double()
    for step in range(1, 11):
        adam.clear()
        (tensor**4).sum().backward()
        adam.step()
        slope = 4 * wanted**3
        mean = 0.9 * mean + 0.1 * slope
        square = 0.99 * square + 0.01 * slope**2
        corrected = mean / (1 - 0.9**step), square / (1 - 0.99**step)
        wanted = wanted - 0.05 * corrected[0] / (corrected[1].sqrt() + 1e-8)
    assert torch.allclose(tensor.detach().double(), wanted, atol=1e-5)


def test_rates_factors_and_tensors_without_gradient() -> None:
    tensors = [torch.ones(1, requires_grad=True) for _ in range(3)]
    adam = Adam(tensors, [0.1, 0.2, 0.3])
    (tensors[0] + tensors[1]).sum().backward()
    adam.step(0.5)
    assert [float(t.detach()) for t in tensors] == pytest.approx([0.95, 0.9, 1.0])
    adam.clear()
    assert tensors[0].grad is None
    with pytest.raises(ValueError, match="one a tensor"):
        Adam(tensors, [0.1, 0.2])
