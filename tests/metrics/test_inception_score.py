import numpy as np
import pytest

from latent_studio.errors import OptionError
from latent_studio.metrics.inception_score import inception_score, softmax


@pytest.mark.parametrize(
    "case", ["is_default", "is_stored_order", "is_uneven_splits", "is_one_split"]
)
def test_agrees_with_the_reference(oracle, case):
    run = oracle.cases[case]
    logits = oracle["in/is_logits"]
    if run["order"]:
        logits = logits[oracle[run["order"]]]
    found = inception_score(softmax(logits), run["options"]["splits"])
    np.testing.assert_allclose(found.per_split, oracle[run["per_split"]], rtol=1e-9)
    assert found.mean == pytest.approx(run["mean"], rel=1e-9)
    assert found.std == pytest.approx(run["std"], rel=1e-9, abs=1e-12)


def test_probabilities_of_logits(oracle):
    np.testing.assert_allclose(softmax(oracle["in/is_logits"]), oracle["in/is_probs"], rtol=1e-9)
    assert softmax(np.array([[1e4, 0]])).tolist() == [[1, 0]]


def test_closed_forms():
    assert inception_score(np.eye(7), 1).mean == pytest.approx(7)
    assert inception_score(np.full((6, 3), 1 / 3), 2).mean == pytest.approx(1)
    assert inception_score(np.eye(3)[[0] * 8], 2).mean == pytest.approx(1)


def test_what_has_no_score():
    with pytest.raises(OptionError, match="parts"):
        inception_score(np.eye(3), 4)
    with pytest.raises(OptionError, match="probabilities"):
        inception_score(np.ones((4, 4)), 1)
    with pytest.raises(OptionError, match="probabilities"):
        inception_score(np.array([[2.0, -1.0]]), 1)
