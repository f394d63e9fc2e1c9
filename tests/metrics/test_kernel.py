import numpy as np
import pytest

from latent_studio.errors import Cancelled, OptionError
from latent_studio.mailbox import StopToken
from latent_studio.metrics import kernel as kernels
from latent_studio.metrics.kernel import gaussian, kernel_distance, polynomial, squared_mmd

KERNELS = {
    "kid_default": polynomial(),
    "kid_degree2": polynomial(2, 0.05, 0.5),
    "kid_rbf": gaussian(6),
    "kid_same_set": None,
}


@pytest.mark.parametrize("case", KERNELS)
def test_agrees_with_the_reference(oracle, case):
    rows = oracle["in/kid_idx_1"], oracle["in/kid_idx_2"]
    found = kernel_distance(
        oracle.set(case, 1), oracle.set(case, 2), rows=rows, kernel=KERNELS[case]
    )
    run = oracle.cases[case]
    np.testing.assert_allclose(found.per_subset, oracle[run["per_subset"]], rtol=1e-9)
    assert found.mean == pytest.approx(run["mean"], rel=1e-9)
    assert found.std == pytest.approx(run["std"], rel=1e-9)


@pytest.mark.parametrize("estimator", ["unbiased", "biased", "u-statistic"])
@pytest.mark.parametrize("block", [1024, 100])
def test_estimators_agree_however_cut(oracle, monkeypatch, estimator, block):
    ranges = kernels.ranges
    monkeypatch.setattr(kernels, "ranges", lambda count: ranges(count, block))
    case = f"kid_all_rows_{estimator.replace('-', '_')}"
    found = squared_mmd(oracle.set(case, 1), oracle.set(case, 2), estimator=estimator)
    assert found == pytest.approx(oracle.cases[case]["value"], rel=1e-9)


def test_single_precision_features_are_taken_in_double(oracle):
    a, b = oracle["in/feat_A"][:300], oracle["in/feat_B"][:300]
    assert squared_mmd(a, b) == squared_mmd(a.astype(np.float64), b.astype(np.float64))


def test_closed_form():
    # Linear kernel, biased: the squared distance of the means.
    x, y = np.array([[1.0, 0], [3, 0]]), np.array([[0.0, 1], [0, 3]])
    linear = polynomial(1, 1, 0)
    assert squared_mmd(x, y, linear, "biased") == pytest.approx(8)
    assert squared_mmd(x, y, linear) == pytest.approx(3 + 3)


def test_is_about_zero_within_one_kind():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((400, 16)), rng.standard_normal((400, 16))
    same = kernel_distance(a, b, subsets=20, size=200)
    other = kernel_distance(a, b + 1, subsets=20, size=200)
    assert abs(same.mean) < 0.02 < 1 < other.mean


def test_is_a_function_of_the_seed():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((50, 4)), rng.standard_normal((40, 4))
    options = {"subsets": 3, "size": 20}
    first = kernel_distance(a, b, seed=1, **options).mean
    assert first == kernel_distance(a, b, seed=1, **options).mean
    assert first != kernel_distance(a, b, seed=2, **options).mean
    assert len(kernel_distance(a[:40], b).per_subset) == 1


def test_what_does_not_work():
    rows = np.zeros((5, 2))
    with pytest.raises(OptionError, match="at least 2"):
        kernel_distance(rows[:1], rows)
    with pytest.raises(OptionError, match="one size"):
        squared_mmd(rows, rows[:3], estimator="u-statistic")
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        kernel_distance(rows, rows, token=token)
