import numpy as np
import pytest

from latent_studio.errors import OptionError
from latent_studio.latent.average import average_recipe
from latent_studio.latent.direction import Direction
from latent_studio.latent.resolve import LatentResolver
from latent_studio.latent.walk import RandomWalk
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.models.style_space import StyleSpace
from latent_studio.recipe import LatentSource, Recipe


def test_average_in_w_is_the_mean_of_what_is_drawn(styled):
    resolver = LatentResolver(styled, [Direction("smile", np.ones(6), 2.0, "attribute")])
    recipes = [
        Recipe.from_seed(1, psi=0.5).with_direction("smile", 1.5, 0, 2),
        Recipe.from_seed(2, noise_mode="random"),
        Recipe.from_seed(3).with_layer(1, LatentSource.from_seed(9)),
    ]
    mean = average_recipe(recipes, resolver)
    drawn = np.mean([resolver.ws(recipe).numpy() for recipe in recipes], axis=0)
    assert np.allclose(resolver.ws(mean).numpy(), drawn, atol=1e-6)
    assert (mean.psi, mean.directions, mean.mixing) == (1.0, (), ())
    assert mean.noise_mode == "const" and mean.source.space == "w+"
    same = average_recipe([Recipe.from_seed(1), Recipe.from_seed(2)], resolver)
    assert same.source.space == "w"


def test_average_moves_style_channels_by_their_mean():
    config = {"z_dim": 8, "w_dim": 8, "img_resolution": 8, "channel_base": 32, "channel_max": 4}
    styled = build_generator(ModelSpec("stylegan2", config)).eval()
    size = StyleSpace(styled.synthesis).size
    vectors = np.eye(2, size)
    known = [Direction(f"channel {i}", vectors[i], 1.5, "channel", "s") for i in range(2)]
    resolver = LatentResolver(styled, known)
    recipes = [
        Recipe.from_seed(1).with_direction("channel 0", 3.0).with_direction("channel 1", 1.0, 0, 1),
        Recipe.from_seed(2).with_direction("channel 0", -1.0),
        Recipe.from_seed(3).with_direction("channel 1", 2.0),
    ]
    mean = average_recipe(recipes, resolver)
    moved = [resolver.style_shift(recipe).numpy() for recipe in recipes]
    assert np.allclose(resolver.style_shift(mean).numpy(), np.mean(moved, axis=0), atol=1e-6)
    drawn = np.mean([resolver.ws(recipe).numpy() for recipe in recipes], axis=0)
    assert np.allclose(resolver.ws(mean).numpy(), drawn, atol=1e-6)


def test_average_of_one_is_its_picture(styled):
    resolver = LatentResolver(styled)
    one = Recipe.from_seed(4, psi=0.7)
    assert np.allclose(resolver.ws(average_recipe([one], resolver)), resolver.ws(one), atol=1e-6)


def test_average_in_z_keeps_the_length(plain):
    resolver = LatentResolver(plain)
    recipes = [Recipe.from_seed(seed, psi=seed / 10) for seed in (1, 2, 3)]
    z = np.stack([resolver.z(recipe).numpy()[0] for recipe in recipes])
    found = average_recipe(recipes, resolver)
    mean = resolver.z(found).numpy()[0]
    assert np.linalg.norm(mean) == pytest.approx(np.linalg.norm(z, axis=1).mean(), rel=1e-5)
    assert np.dot(mean, z.mean(0)) == pytest.approx(
        np.linalg.norm(mean) * np.linalg.norm(z.mean(0)), rel=1e-5
    )
    assert found.psi == pytest.approx(0.2)
    away = [Recipe(source=LatentSource.from_vector("z", sign * z[:1])) for sign in (1, -1)]
    assert np.allclose(resolver.z(average_recipe(away, resolver)), 0, atol=1e-6)


def test_average_of_classes(conditional):
    resolver = LatentResolver(conditional)
    weights = [
        Recipe.from_seed(1, label=(1.0, 0.0, 0.0)),
        Recipe.from_seed(2, label=(0.0, 0.0, 1.0)),
    ]
    assert average_recipe(weights, resolver).label == (0.5, 0.0, 0.5)
    assert average_recipe([Recipe.from_seed(1, label=2)] * 2, resolver).label == 2


def test_average_of_nothing(styled):
    with pytest.raises(OptionError, match="Choose"):
        average_recipe([], LatentResolver(styled))


@pytest.mark.parametrize("space", ["z", "w"])
def test_a_walk_begins_here_and_never_jumps(styled, space):
    resolver = LatentResolver(styled)
    start = Recipe.from_seed(7, psi=0.7)
    walk = RandomWalk(start, resolver, 3, space)
    assert walk.at(0) == start.source
    times = np.linspace(0, 6, 601)
    points = np.stack([resolver.ws(Recipe(source=walk.at(t))).numpy().ravel() for t in times])
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    assert steps.max() < 0.06 * np.linalg.norm(points - points.mean(0), axis=1).max()
    turns = np.linalg.norm(np.diff(points, 2, axis=0), axis=1)
    assert turns.max() < 0.4 * steps.max()  # no corners either
    assert np.linalg.norm(points[-1] - points[0]) > 0.5


def test_equal_seeds_give_equal_walks(styled):
    start, resolver = Recipe.from_seed(7), LatentResolver(styled)
    first = [RandomWalk(start, resolver, 1).at(t) for t in (0.3, 2.5, 9.1)]
    again = RandomWalk(start, LatentResolver(styled), 1)
    assert [again.at(t) for t in (9.1, 2.5, 0.3)] == first[::-1]
    assert RandomWalk(start, resolver, 2).at(0.3) != first[0]


def test_a_walk_in_z_keeps_to_the_model_s_latents(plain):
    resolver = LatentResolver(plain)
    walk = RandomWalk(Recipe.from_seed(1), resolver, 0, "z")
    lengths = [np.linalg.norm(walk.at(t).vector.array()) for t in np.linspace(0.1, 40, 300)]
    assert 0.5 * 8**0.5 < np.mean(lengths) < 1.3 * 8**0.5
    with pytest.raises(OptionError, match="no w space"):
        RandomWalk(Recipe.from_seed(1), resolver, 0, "w")


def test_a_walk_from_an_explicit_vector(styled):
    resolver = LatentResolver(styled)
    rows = LatentSource.from_vector("w+", np.random.default_rng(0).normal(size=(1, 5, 6)))
    walk = RandomWalk(Recipe(source=rows), resolver, 0, "w")
    assert walk.at(0) == rows
    near = resolver.ws(Recipe(source=walk.at(1e-4)))
    assert np.allclose(near, resolver.ws(Recipe(source=rows)), atol=1e-2)
    with pytest.raises(OptionError):
        RandomWalk(Recipe(source=rows), resolver, 0, "z")
