import numpy as np
import pytest

from latent_studio.errors import OptionError
from latent_studio.latent.boundary import (
    logistic_boundary,
    projection_sigma,
    ridge_boundary,
    without,
)


@pytest.fixture
def planted():
    """Correlated latents of very different variances, and the normal of their scores."""
    draw = np.random.RandomState(0)
    scales = np.geomspace(3, 0.1, 12)
    latents = draw.randn(4000, 12) * scales @ np.linalg.qr(draw.randn(12, 12))[0] + 5
    normal = draw.randn(12)
    return latents, normal / np.linalg.norm(normal), draw


def test_ridge_recovers_a_planted_direction(planted):
    latents, normal, draw = planted
    scores = 3 * latents @ normal + 1 + 0.1 * draw.randn(len(latents))
    found = ridge_boundary(latents, scores, ridge=1e-6)
    assert found.vector @ normal > 0.999
    assert np.linalg.norm(found.vector) == pytest.approx(1)
    assert found.slope == pytest.approx(3, rel=0.02) and found.fit > 0.99
    assert found.sigma == pytest.approx((latents @ normal).std(), rel=0.02)
    np.testing.assert_allclose(
        found.intercept + found.slope * latents @ found.vector, scores, atol=1
    )


def test_a_large_ridge_is_the_difference_of_means(planted):
    latents, normal, _ = planted
    scores = latents @ normal
    cross = np.cov(latents.T) @ normal
    found = ridge_boundary(latents, scores, ridge=1e6)
    assert found.vector @ cross / np.linalg.norm(cross) > 0.9999


def test_a_ridge_steadies_noisy_scores(planted):
    latents, normal, draw = planted
    some = latents[:60]
    noisy = some @ normal + 2 * draw.randn(60)

    def gain(ridge):
        vector = ridge_boundary(some, noisy, ridge).vector
        return np.corrcoef(latents @ vector, latents @ normal)[0, 1]

    assert gain(0.1) > gain(1e-9)


def test_logistic_recovers_a_planted_direction(planted):
    latents, normal, draw = planted
    logits = 4 * (latents - latents.mean(0)) @ normal
    targets = (draw.rand(len(latents)) < 1 / (1 + np.exp(-logits))).astype(float)
    found = logistic_boundary(latents, targets, ridge=1e-6)
    along, wanted = latents @ found.vector, latents @ normal
    assert np.corrcoef(along, wanted)[0, 1] > 0.98


def test_logistic_is_finite_on_separable_data(planted):
    latents, normal, _ = planted
    targets = (latents @ normal > np.median(latents @ normal)).astype(float)
    assert np.isfinite(logistic_boundary(latents, targets).vector).all()


def test_without_is_orthogonal_to_all_others():
    draw = np.random.RandomState(1)
    vector, others = draw.randn(6), [draw.randn(6), draw.randn(6)]
    rest = without(vector, [*others, others[0] * 2])
    assert np.linalg.norm(rest) == pytest.approx(1)
    assert np.abs(np.stack(others) @ rest).max() < 1e-12
    assert rest @ vector > 0
    np.testing.assert_allclose(without(vector, []), vector / np.linalg.norm(vector))
    with pytest.raises(OptionError, match="nothing"):
        without(others[0] + others[1], others)


def test_what_cannot_be_fitted_is_told():
    latents = np.random.RandomState(0).randn(10, 3)
    for fit in (ridge_boundary, logistic_boundary):
        with pytest.raises(OptionError, match="does not vary"):
            fit(latents, np.ones(10))
        with pytest.raises(OptionError, match="one score"):
            fit(latents, np.arange(9.0))
        with pytest.raises(OptionError, match="does not vary"):
            fit(latents, np.full(10, np.nan))
    with pytest.raises(OptionError, match="0 to 1"):
        logistic_boundary(latents, np.arange(10.0))


def test_projection_sigma():
    latents = np.random.RandomState(0).randn(1000, 2) * [3, 1]
    assert projection_sigma(latents, np.array([1.0, 0])) == pytest.approx(3, rel=0.1)
