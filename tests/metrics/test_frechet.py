import numpy as np
import pytest

from latent_studio.errors import OptionError
from latent_studio.metrics.frechet import MomentAccumulator, Moments, frechet_distance, moments

CASES = ["fid_full", "fid_rank_deficient_both", "fid_rank_deficient_one_unequal_n"]
CASES += ["fid_four_dead_dims", "fid_identical", "fid_identical_rank_deficient"]


@pytest.mark.parametrize("case", CASES)
def test_agrees_with_the_reference(oracle, case):
    found = frechet_distance(moments(oracle.set(case, 1)), moments(oracle.set(case, 2)))
    assert found == pytest.approx(oracle.cases[case]["value_exact"], rel=1e-9, abs=1e-9)
    assert found == pytest.approx(oracle.cases[case]["value"], rel=1e-9, abs=1e-4)


def test_moments_agree(oracle):
    found = moments(oracle["in/feat_A"])
    np.testing.assert_allclose(found.mean, oracle["out/fid_mu_A"], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.covariance, oracle["out/fid_cov_A"], rtol=1e-9, atol=1e-12)
    assert (found.count, found.mean.dtype) == (1500, np.float64)


def test_streaming_is_the_same_far_from_zero():
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((500, 6)) @ rng.standard_normal((6, 6)) + 1e6
    streamed = MomentAccumulator(6)
    for part in np.split(rows, [1, 1, 7, 300]):
        streamed.add(part)
    found = streamed.finish()
    assert found.count == streamed.count == 500
    np.testing.assert_allclose(found.mean, rows.mean(0), rtol=1e-14)
    np.testing.assert_allclose(found.covariance, np.cov(rows - 1e6, rowvar=False), rtol=1e-8)


def gaussian(mean, variances):
    return Moments(np.array(mean, float), np.diag(np.array(variances, float)), 100)


def test_closed_forms():
    # Of diagonal Gaussians: |m1 - m2|² + sum (s1 - s2)².
    a, b = gaussian([0, 1, 2], [1, 4, 9]), gaussian([3, 1, 6], [4, 4, 1])
    assert frechet_distance(a, b) == pytest.approx(9 + 16 + 1 + 0 + 4)
    assert frechet_distance(b, a) == pytest.approx(30)
    assert frechet_distance(a, a) == pytest.approx(0, abs=1e-12)
    still = gaussian([0, 0, 0], [0, 0, 0])
    assert frechet_distance(still, gaussian([1, 0, 0], [0, 0, 2])) == pytest.approx(3)


def test_a_shift_is_the_whole_distance():
    rows = np.random.default_rng(1).standard_normal((200, 5))
    shift = np.array([1.0, 0, 0, -2, 0.5])
    found = frechet_distance(moments(rows), moments(rows + shift))
    assert found == pytest.approx(5.25, rel=1e-9)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (np.zeros((1, 3)), "at least 2"),
        (np.full((4, 3), np.nan), "not finite"),
        (np.zeros(4), "one kind"),
    ],
)
def test_what_has_no_distance(rows, message):
    with pytest.raises(OptionError, match=message):
        moments(rows)


def test_moments_that_do_not_fit():
    with pytest.raises(OptionError, match="one kind"):
        frechet_distance(gaussian([0], [1]), gaussian([0, 0], [1, 1]))
    with pytest.raises(OptionError, match="not finite"):
        frechet_distance(gaussian([0], [1]), gaussian([0], [np.nan]))
    with pytest.raises(OptionError, match="at least 2"):
        MomentAccumulator(3).finish()
