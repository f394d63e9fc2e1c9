from types import SimpleNamespace

import numpy as np
import pytest
import torch

from latent_studio.errors import Cancelled, OptionError
from latent_studio.latent.attributes import (
    ScoredLatents,
    attribute_directions,
    fit_directions,
    people_halves,
)
from latent_studio.latent.classifier_training import ClassifierSettings
from latent_studio.latent.measure import measure_attribute, random_direction
from latent_studio.mailbox import StopToken

QUICK = ClassifierSettings(epochs=4, batch=32)


@pytest.fixture(scope="module")
def shades():
    """Photographs of one shade each; the lighter ones are called light."""
    draw = np.random.RandomState(0)
    shade = draw.randint(0, 256, 600)
    noise = draw.randint(-20, 20, (600, 3, 8, 8))
    images = np.clip(shade[:, None, None, None] + noise, 0, 255).astype(np.uint8)
    return SimpleNamespace(
        images=images,
        attributes={"smiling": (shade > 127).astype(np.float32)},
        groups=[f"person {i // 3}" for i in range(600)],
    )


@pytest.fixture
def shaded(styled):
    """Its pictures' shade is the mean of w, centred at zero."""
    styled.mapping.w_avg.zero_()
    return styled


def test_the_direction_is_found_and_measured(shaded, shades):
    events = []
    (smile,) = attribute_directions(shaded, shades, samples=600, settings=QUICK, emit=events.append)
    assert (smile.name, smile.kind, smile.space) == ("smile", "attribute", "w")
    draw = torch.Generator().manual_seed(9)
    points = shaded.mapping(torch.randn(2000, 8, generator=draw)).numpy()
    assert np.corrcoef(points @ smile.vector, points.mean(1))[0, 1] > 0.97
    assert smile.info["accuracy"] > 0.9 and smile.info["samples"] == 600
    assert 0.2 < smile.info["positive"] < 0.8
    done = [event.done for event in events]
    assert done == sorted(done) and done[-1] == events[-1].total

    report = measure_attribute(
        shaded, smile, shades, "smiling", settings=QUICK, seeds=100, sigma_samples=2000
    )
    low, middle, high = (result.called for result in report.results)
    assert low < 0.1 < 0.3 < middle < 0.7 < 0.9 < high
    assert report.accuracy > 0.9 and report.sigma == pytest.approx(smile.sigma, rel=0.1)
    assert report.results[1] == report.control[1]
    assert "random direction" in report.lines()[1] and report.to_json()["seeds"] == 100


def test_a_model_without_w_gets_directions_in_z(plain, shades):
    (found,) = attribute_directions(plain, shades, ["smiling"], samples=600, settings=QUICK)
    assert found.space == "z"
    assert found.vector.mean() * np.sqrt(8) > 0.95
    assert found.sigma == pytest.approx(1, abs=0.1)


def test_a_random_direction_has_the_same_step(shaded, shades):
    (smile,) = attribute_directions(shaded, shades, samples=200, settings=QUICK, names={})
    control = random_direction(smile, 3)
    assert smile.name == "smiling" and control.name != smile.name
    assert np.linalg.norm(control.step) == pytest.approx(np.linalg.norm(smile.step), rel=1e-5)
    assert abs(control.vector @ smile.vector) < 0.95


def test_halves_share_nobody(shades):
    first, second = people_halves(shades)
    people = np.array(shades.groups)
    assert len(first) == len(second) == 300
    assert not set(people[first]) & set(people[second])


def test_conditional_directions_are_orthogonal():
    draw = np.random.RandomState(0)
    points = draw.randn(500, 5)
    logits = np.stack([points[:, 0], points[:, 0] + points[:, 1]], axis=1)
    plain = fit_directions(ScoredLatents(points, logits), ["a", "b"], "w", ridge=1e-6)
    apart = fit_directions(
        ScoredLatents(points, logits), ["a", "b"], "w", ridge=1e-6, conditional=True
    )
    assert plain[0].vector @ plain[1].vector == pytest.approx(np.sqrt(0.5), abs=0.02)
    assert abs(apart[0].vector @ plain[1].vector) < 1e-5
    assert abs(apart[1].vector @ plain[0].vector) < 1e-5


def test_logistic_agrees_with_ridge():
    draw = np.random.RandomState(0)
    points = draw.randn(800, 4)
    logits = 2 * points[:, [1]]
    (a,) = fit_directions(ScoredLatents(points, logits), ["x"], "w", "ridge")
    (b,) = fit_directions(ScoredLatents(points, logits), ["x"], "w", "logistic")
    assert a.vector[1] > 0.99 and b.vector[1] > 0.99


def test_an_attribute_that_does_not_vary_is_named(shaded):
    scored = ScoredLatents(np.random.RandomState(0).randn(50, 3), np.full((50, 1), 9.0))
    with pytest.raises(OptionError, match="No direction for 'beard'"):
        fit_directions(scored, ["beard"], "w")


def test_bad_requests(shaded, shades):
    with pytest.raises(OptionError, match="too few"):
        attribute_directions(shaded, shades, samples=3)
    with pytest.raises(OptionError, match="ridge or logistic"):
        attribute_directions(shaded, shades, method="svm")
    with pytest.raises(OptionError, match="no attribute 'age'"):
        attribute_directions(shaded, shades, ["age"])
    blank = SimpleNamespace(images=shades.images, attributes={}, groups=None)
    with pytest.raises(OptionError, match="no attributes"):
        attribute_directions(shaded, blank)


def test_cancel(shaded, shades):
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        attribute_directions(shaded, shades, settings=QUICK, token=token)


def test_the_generator_is_left_as_it_was(shaded, shades):
    before = {name: value.clone() for name, value in shaded.state_dict().items()}
    attribute_directions(shaded, shades, samples=100, settings=QUICK)
    assert all(torch.equal(before[name], value) for name, value in shaded.state_dict().items())
