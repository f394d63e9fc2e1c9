import numpy as np
import pytest

from latent_studio.errors import Cancelled, OptionError
from latent_studio.mailbox import StopToken
from latent_studio.metrics import neighbours
from latent_studio.metrics.manifold import density_coverage, precision_recall
from latent_studio.metrics.neighbours import kth_distances


@pytest.fixture(params=["whole", "small blocks"])
def cut(request, monkeypatch):
    if request.param == "small blocks":
        ranges = neighbours.ranges
        monkeypatch.setattr(neighbours, "ranges", lambda count, size=0: ranges(count, 37))


@pytest.mark.parametrize("case", ["pr_k3", "pr_k5", "pr_k3_identical", "pr_k3_ties"])
def test_precision_and_recall_agree(oracle, cut, case):
    run = oracle.cases[case]
    found = precision_recall(oracle[run["real"]], oracle[run["generated"]], run["options"]["k"])
    assert found.precision == run["precision"]
    assert found.recall == run["recall"]


@pytest.mark.parametrize("case", ["dc_k3", "dc_k5", "dc_k3_identical", "dc_k3_ties"])
def test_density_and_coverage_agree(oracle, cut, case):
    run = oracle.cases[case]
    sets = oracle[run["real"]], oracle[run["generated"]]
    found = density_coverage(*sets, run["options"]["k"])
    assert found.density == pytest.approx(run["density"], rel=1e-12)
    assert found.coverage == run["coverage"]
    closed = density_coverage(*sets, run["options"]["k"], closed=True)
    assert closed.density == pytest.approx(run["density_closed_ball"], rel=1e-12)
    assert closed.coverage == run["coverage_closed_ball"]


def test_ties_stay_ties_at_any_size():
    # Far from 0 the fast formula is off by more than the distances between the points.
    rng = np.random.default_rng(0)
    grid = rng.integers(0, 4, (60, 3)).astype(np.float64)
    made = rng.integers(0, 4, (50, 3)).astype(np.float64)
    near = density_coverage(grid, made, 3), precision_recall(grid, made, 3)
    far = density_coverage(grid + 2**24, made + 2**24, 3)
    assert (far, precision_recall(grid + 2**24, made + 2**24, 3)) == near
    squares = np.square(grid[:, None] - grid).sum(2)
    assert (kth_distances(grid + 2**24, 5) == np.sort(squares, axis=1)[:, 5]).all()


def test_sets_apart_share_nothing():
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((30, 4)), rng.standard_normal((20, 4)) + 100
    assert vars(precision_recall(a, b)) == {"precision": 0, "recall": 0}
    assert vars(density_coverage(a, b)) == {"density": 0, "coverage": 0}


def test_collapse_has_precision_without_recall():
    rng = np.random.default_rng(0)
    real = rng.standard_normal((200, 4))
    made = 0.01 * rng.standard_normal((200, 4))
    found = precision_recall(real, made)
    assert found.precision == 1 and found.recall < 0.05
    assert density_coverage(real, made).coverage < 0.5


def test_what_does_not_work():
    rows = np.random.default_rng(0).standard_normal((4, 2))
    with pytest.raises(OptionError, match="more than 5"):
        precision_recall(rows, rows, 5)
    with pytest.raises(OptionError, match="one kind"):
        density_coverage(rows, np.zeros((4, 3)), 1)
    assert density_coverage(rows, rows[:1], 1).density > 0
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        precision_recall(rows, rows, 1, token=token)
