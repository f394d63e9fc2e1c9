"""Sliders from thumbs up and down."""

from pathlib import Path

import numpy as np
import pytest
import torch

from latent_studio.errors import Cancelled, OptionError
from latent_studio.latent.directions.hand import (
    LabellingPool,
    auc_of,
    hand_direction,
    labelling_pool,
    next_sample,
)
from latent_studio.mailbox import StopToken
from latent_studio.recipe import Recipe
from latent_studio.storage.judge_file import load_judge

# Trained on 10,000 drawn faces; the file says how, and how often it is right (91 to 99 %).
JUDGE = Path(__file__).parents[2] / "fixtures" / "judges" / "procedural-faces-16.safetensors"


def drawn_pool(samples=300, seed=0):
    """Pictures whose lower left corner is lit by one number of the latent, the rest by others."""
    draw = np.random.default_rng(seed)
    points = draw.normal(size=(samples, 20)).astype(np.float32)
    pictures = np.repeat(points[:, 1:4, None, None], 16, 2).repeat(16, 3)
    pictures[:, :, 12:, :4] += 2 * points[:, :1, None, None]
    recipes = tuple(Recipe.from_seed(i) for i in range(samples))
    return LabellingPool(recipes, points, pictures.astype(np.float32))


def test_labels_spread_to_where_pictures_are_alike():
    pool = drawn_pool()
    truth = pool.points[:, 0] > 0
    labels = {i: bool(truth[i]) for i in range(30)}
    fit = hand_direction(pool, labels, "corner")
    assert fit.direction.vector[0] > 0.8
    assert auc_of(pool.points[30:] @ fit.direction.vector, truth[30:]) > 0.9
    assert 0.75 < fit.auc <= 1 and fit.labels == 30
    assert fit.direction.kind == "hand" and fit.direction.info["yes"] == sum(labels.values())
    # What has been seen is known better than what has not.
    assert fit.doubt[:30].mean() < fit.doubt[30:].mean()


def test_labels_by_chance_are_not_told_as_a_good_slider():
    pool = drawn_pool()
    sides = np.random.default_rng(1).random(60) < 0.5
    fit = hand_direction(pool, {i: bool(side) for i, side in enumerate(sides)}, "chance")
    assert fit.auc < 0.7


def test_later_samples_lie_near_the_border():
    pool = drawn_pool()
    truth = pool.points[:, 0] > 0
    assert next_sample(pool, {}) == 0 and next_sample(pool, {0: True}) == 1
    labels = {i: bool(truth[i]) for i in range(20)}
    fit = hand_direction(pool, labels, "corner")
    chosen = next_sample(pool, labels, fit)
    assert chosen not in labels
    assert abs(fit.scores[chosen]) < np.quantile(np.abs(fit.scores), 0.1)
    assert next_sample(pool, dict.fromkeys(range(len(pool.points)), True)) is None


def test_one_sided_labels_are_refused():
    pool = drawn_pool(60)
    with pytest.raises(OptionError, match="0 of the labels say no"):
        hand_direction(pool, dict.fromkeys(range(30), True), "x")
    with pytest.raises(OptionError, match="1 of the labels say yes"):
        hand_direction(pool, {0: True, 1: False, 2: False}, "x")
    alike = LabellingPool(pool.recipes, pool.points, np.zeros_like(pool.pictures))
    with pytest.raises(OptionError, match="Nothing in the pictures"):
        hand_direction(alike, {0: True, 1: True, 2: False, 3: False}, "x")


def test_auc_counts_pairs():
    assert auc_of(np.array([3.0, 1, 2, 2]), np.array([True, False, True, False])) == 0.875
    with pytest.raises(OptionError, match="both sides"):
        auc_of(np.ones(3), np.ones(3, bool))


def test_a_model_without_w_and_cancel(plain):
    pool = labelling_pool(plain, 60)
    assert pool.points.shape == (60, 8) and pool.pictures.shape == (60, 3, 8, 8)
    bright = pool.points.mean(1) > 0
    fit = hand_direction(pool, {i: bool(bright[i]) for i in range(30)}, "bright", space="z")
    assert fit.direction.space == "z" and fit.direction.vector.mean() * np.sqrt(8) > 0.9
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        labelling_pool(plain, 60, token=token)
    with pytest.raises(OptionError, match="50 or more"):
        labelling_pool(plain, 10)


@pytest.fixture(scope="module")
def faces():
    """Samples of the bundled model, and what the judge of the exactly known attributes of drawn
    faces says of them.
    """
    from latent_studio.storage.library import resolve_model
    from latent_studio.storage.model_file import load_generator

    judge = load_judge(JUDGE).judge
    pool = labelling_pool(load_generator(resolve_model("procedural-faces")), 300)
    truth = judge.score(torch.from_numpy(pool.pictures)).numpy() > 0
    return pool, dict(zip(judge.attributes, truth.T, strict=True))


@pytest.mark.parametrize("name", ["skin", "hair_tone", "bearded", "brightness", "background"])
def test_thirty_labels_on_procedural_faces_reach_an_auc_of_80_percent(faces, name):
    """All that the judge knows: only drawn faces have exact attributes, of a model's pictures they
    are what a network trained on those sees in them.
    """
    pool, truth = faces
    sides, labels = truth[name], {}
    while len(labels) < 30:  # as the window asks
        few = min(sum(labels.values()), len(labels) - sum(labels.values()))
        fit = hand_direction(pool, labels, name, validate=False) if few >= 2 else None
        asked = next_sample(pool, labels, fit)
        labels[asked] = bool(sides[asked])
    direction = hand_direction(pool, labels, name, validate=False).direction
    rest = [i for i in range(len(sides)) if i not in labels]
    assert auc_of(pool.points[rest] @ direction.vector, sides[rest]) >= 0.8
