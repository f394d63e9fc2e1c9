import numpy as np
import pytest
import torch

from latent_studio.errors import Cancelled, OptionError
from latent_studio.events import Progress
from latent_studio.latent.pca import leading_components, principal_components
from latent_studio.latent.population import mean_and_covariance
from latent_studio.mailbox import StopToken


def test_a_planted_subspace_is_recovered(styled):
    axes = torch.linalg.qr(torch.randn(6, 2, generator=torch.Generator().manual_seed(3)))[0]
    plane = torch.randn(8, 2, generator=torch.Generator().manual_seed(4))
    plane = torch.linalg.qr(plane)[0] * torch.tensor([5.0, 2.0])
    styled.mapping.matrix.copy_(plane @ axes.T)
    found = principal_components(styled, samples=4000)
    assert [d.name for d in found] == ["PC 1", "PC 2"]  # the rest has no variance
    for direction, axis, sigma in zip(found, axes.T.numpy(), (5, 2), strict=True):
        assert abs(direction.vector @ axis) > 0.999
        assert direction.sigma == pytest.approx(sigma, rel=0.05)
        assert direction.kind == "pca" and direction.space == "w"
        assert direction.vector[np.abs(direction.vector).argmax()] > 0
    assert found[0].info["explained"] == pytest.approx(25 / 29, abs=0.02)


def test_components_are_deterministic_and_limited(styled):
    first = principal_components(styled, samples=500, count=3, seed=5)
    assert first == principal_components(styled, samples=500, count=3, seed=5)
    assert len(first) == 3 and first != principal_components(styled, samples=500, count=3, seed=6)
    assert all(a.sigma >= b.sigma for a, b in zip(first, first[1:], strict=False))  # noqa: RUF007


def test_covariance_in_batches_is_numpys_even_far_from_zero():
    rows = torch.randn(700, 4, generator=torch.Generator().manual_seed(0)) + 1000
    mean, covariance = mean_and_covariance(rows.split(128))
    np.testing.assert_allclose(mean, rows.double().numpy().mean(0), rtol=1e-12)
    np.testing.assert_allclose(covariance, np.cov(rows.double().numpy().T), rtol=1e-9)


def test_a_model_without_w_gets_what_its_pictures_show(plain):
    found = principal_components(plain, samples=1500)
    # Its pictures have one shade, the tanh of the mean of z: there is one component.
    assert [d.name for d in found] == ["PC 1"] and found[0].space == "z"
    np.testing.assert_allclose(np.abs(found[0].vector), 1 / np.sqrt(8), atol=0.03)
    assert found[0].sigma == 1 and 0.9 < found[0].info["fit"] <= 1


def test_conditional_models_have_components(conditional):
    assert len(principal_components(conditional, samples=200, count=2)) == 2


def test_progress_and_cancel(styled):
    events = []
    principal_components(styled, samples=2500, emit=events.append)
    assert [event.done for event in events] == [1000, 2000, 2500]
    assert all(isinstance(event, Progress) and event.total == 2500 for event in events)
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        principal_components(styled, samples=100, token=token)


def test_too_little_is_told(styled):
    with pytest.raises(OptionError):
        principal_components(styled, samples=1)
    with pytest.raises(OptionError):
        principal_components(styled, count=0)


def test_leading_components_fix_signs():
    values, rows = leading_components(torch.diag(torch.tensor([1.0, 9.0, 4.0])), 2)
    np.testing.assert_allclose(values, [9, 4])
    np.testing.assert_allclose(rows, [[0, 1, 0], [0, 0, 1]])
