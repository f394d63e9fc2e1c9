from types import SimpleNamespace

import numpy as np
import pytest
import torch

from latent_studio.errors import OptionError
from latent_studio.latent.direction import QUALITY, Direction
from latent_studio.latent.directions.quality import Quality, measure_quality
from latent_studio.latent.labelled import halved


class Judge:
    """Knows light from the picture, and nothing of anything else."""

    attributes = ("light", "other")

    def score(self, pictures):
        mean = pictures.mean(dim=(1, 2, 3))
        return torch.stack([mean, torch.full_like(mean, -1.0)], dim=1)


def apart(a, b):
    return (a - b).abs().mean(dim=(1, 2, 3)).numpy()


@pytest.fixture
def shaded(styled):
    """Its pictures' shade is the mean of w, centred at zero."""
    styled.mapping.w_avg.zero_()
    return styled


def directions():
    away = np.array([1.0, -1, 1, -1, 1, -1])
    return [
        Direction("light", np.ones(6), 0.1, "attribute", info={"attribute": "light"}),
        Direction("nothing", away, 1.0, "pca"),
    ]


def test_effect_leakage_and_distance(shaded):
    found = measure_quality(
        shaded, directions(), apart, Judge(), seeds=60, sigma_samples=500, accuracy={"light": 0.9}
    )
    light, nothing = (Quality.of(direction) for direction in found)
    assert light.low["light"] < 0.1 < 0.3 < light.middle["light"] < 0.7 < 0.9 < light.high["light"]
    assert light.effect > 0.8 and light.leakage == {"other": 0.0} and light.mean_leakage == 0
    assert light.accuracy == {"light": 0.9} and light.seeds == 60 and light.attribute == "light"
    assert light.distance > 0.5
    assert nothing.distance < 0.01 and abs(nothing.effect) < 0.1
    assert found[0].sigma > 0.5  # measured, not the one that was told


def test_it_is_kept_in_the_facts_and_turned_with_the_direction(shaded):
    (found, _) = measure_quality(shaded, directions(), apart, Judge(), seeds=20, sigma_samples=0)
    again = Direction.from_json(found.to_json(), found.vector)
    assert Quality.of(again) == Quality.of(found) and found.sigma == pytest.approx(0.1)
    turned = Quality.of(found.flipped())
    assert turned.effect == -Quality.of(found).effect
    assert Quality.of(directions()[0]) is None
    broken = found.with_info(**{QUALITY: {"low": 3}})
    assert Quality.of(broken) is None


def test_without_a_judge_there_is_a_distance(shaded):
    (found, _) = measure_quality(shaded, directions(), apart, seeds=20, sigma_samples=200)
    quality = Quality.of(found)
    assert quality.distance > 0.3 and quality.attribute == "" and quality.effect == 0
    with pytest.raises(OptionError, match="two seeds"):
        measure_quality(shaded, directions(), apart, seeds=1)


def test_numeric_attributes_are_told_by_their_median():
    columns = {
        "age": np.array([0.1, 0.2, 0.3, np.nan, 0.9], np.float32),
        "glasses": np.array([0, 1, 1, 0, np.nan], np.float32),
    }
    found = halved(SimpleNamespace(images=np.zeros(5), attributes=columns, groups=None)).attributes
    np.testing.assert_array_equal(found["age"], [0, 0, 1, np.nan, 1])
    np.testing.assert_array_equal(found["glasses"], columns["glasses"])
