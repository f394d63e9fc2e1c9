import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from latent_studio.errors import OptionError
from latent_studio.latent.sampling import (
    blend_z,
    merged_seeds,
    recipe_warnings,
    seed_blend,
    seed_position,
    seed_z,
    seed_z_batch,
    source_z,
)
from latent_studio.models.base import Capabilities
from latent_studio.recipe import MAX_SEED, LatentSource, LayerMix, Recipe, Transform

STYLED = Capabilities(64, 3, 8, w_dim=6, num_ws=5, classes=2, noise=True, truncation="w")
PLAIN = Capabilities(64, 3, 8)


def test_seeds_are_randomstate():
    expected = np.random.RandomState(7).randn(1, 512).astype(np.float32)
    assert np.array_equal(seed_z(7, 512), expected)
    assert np.array_equal(seed_z_batch([7, 8], 512)[:1], expected)
    assert seed_z_batch([], 512).shape == (0, 512)


@pytest.mark.parametrize("seed", [-1, MAX_SEED + 1, 1.5, True])
def test_bad_seeds(seed):
    with pytest.raises(OptionError, match="whole number"):
        seed_z(seed, 4)


def test_seeds_leave_numpys_own_generator_alone():
    np.random.seed(3)
    before = np.random.get_state()[1].copy()
    seed_z(1, 16)
    assert np.array_equal(np.random.get_state()[1], before)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_seed_blend_is_a_partition_of_one(x, y):
    pairs = seed_blend(x, y)
    assert 1 <= len(pairs) <= 4
    assert all(0 <= seed <= MAX_SEED and weight > 0 for seed, weight in pairs)
    assert sum(weight for _, weight in pairs) == pytest.approx(1)


def test_seed_blend_at_and_between_points():
    assert seed_blend(3, 2) == ((203, 1.0),)
    assert dict(seed_blend(3.25, 2)) == {203: 0.75, 204: 0.25}
    assert dict(seed_blend(3.5, 2.5)) == dict.fromkeys((203, 204, 303, 304), 0.25)
    assert seed_blend(-1, 0) == ((MAX_SEED, 1.0),)
    assert seed_blend(1, 1, columns=10) == ((11, 1.0),)
    with pytest.raises(OptionError):
        seed_blend(float("nan"), 0)


@given(st.integers(0, MAX_SEED))
def test_seed_position_inverts_seed_blend(seed):
    assert seed_blend(*seed_position(seed)) == ((seed, 1.0),)


@given(st.lists(st.floats(0.01, 10), min_size=1, max_size=4))
def test_blend_in_z_keeps_the_variance(weights):
    pairs = [(seed, weight) for seed, weight in enumerate(weights)]
    assert blend_z(pairs, 20_000).std() == pytest.approx(1, abs=0.03)


def test_blend_of_one_seed_is_that_seed():
    assert np.array_equal(blend_z([(5, 0.3)], 16), seed_z(5, 16))
    twice = LatentSource(((5, 0.5), (5, 0.5)))
    assert np.array_equal(source_z(twice, 16), seed_z(5, 16))


def test_blend_needs_a_weight():
    with pytest.raises(OptionError, match="weight"):
        merged_seeds(LatentSource(((5, 0.5), (5, -0.5))))
    with pytest.raises(OptionError, match="weight"):
        merged_seeds(LatentSource(((5, float("inf")),)))


def test_no_warnings_for_what_a_model_has():
    recipe = Recipe(
        label=1,
        psi=0.5,
        cutoff=2,
        mixing=(LayerMix(4, LatentSource.from_seed(2)),),
        noise_mode="random",
    ).with_direction("smile", 1.0)
    recipe = recipe.with_offset("w", 5, 1.0).with_offset("z", 7, 1.0)
    assert recipe_warnings(recipe, STYLED, ["smile"]) == []
    assert recipe_warnings(Recipe(), PLAIN) == []


def test_every_missing_thing_is_named():
    recipe = Recipe(
        source=LatentSource.from_seed(1, "w"),
        label=1,
        psi=0.5,
        mixing=(LayerMix(4, LatentSource.from_seed(2)),),
        noise_mode="random",
        transform=Transform(rotate=5.0),
    ).with_direction("smile", 1.0)
    recipe = recipe.with_offset("w", 5, 1.0).with_offset("w", 6, 1.0).with_offset("z", 8, 1.0)
    text = "\n".join(recipe_warnings(recipe, PLAIN))
    for part in ("no w; the seeds", "no classes", "no truncation", "no w; offsets", "z[8]"):
        assert part in text
    for part in ("no layers", "no noise", "no direction 'smile'", "cannot move or turn"):
        assert part in text
    assert text.count("offsets in w") == 1


def test_warnings_of_a_styled_model():
    recipe = Recipe(
        source=LatentSource.from_vector("w", np.zeros(6)),
        mixing=(LayerMix(5, LatentSource.from_seed(2)),),
    ).with_offset("z", 1, 1.0)
    text = "\n".join(recipe_warnings(recipe, STYLED))
    assert "class 0" in text and "Layer 5" in text and "starts from w" in text
