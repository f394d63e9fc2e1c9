from dataclasses import replace

import numpy as np
import pytest
import torch

from latent_studio.errors import ModelError, OptionError
from latent_studio.latent.direction import Direction
from latent_studio.latent.resolve import LatentResolver
from latent_studio.latent.sampling import seed_z
from latent_studio.recipe import DirectionAmount, LatentSource, LayerMix, Offset, Recipe


def mapped(generator, seed, c=None):
    return generator.mapping(torch.from_numpy(seed_z(seed, 8)), c)


def axis(name, index, dim=6, **kwargs):
    return Direction(name, np.eye(dim, dtype=np.float32)[index], **kwargs)


def test_a_seed_is_randomstate_through_the_mapping(styled):
    ws = LatentResolver(styled).ws(Recipe.from_seed(42))
    assert ws.shape == (1, 5, 6) and ws.dtype == torch.float32
    z = np.random.RandomState(42).randn(1, 8).astype(np.float32)
    expected = styled.mapping(torch.from_numpy(z))
    assert torch.equal(ws, expected[:, None].expand(-1, 5, -1))


def test_order_is_truncation_then_mixing_then_edits(styled):
    recipe = Recipe(
        source=LatentSource.from_seed(1),
        psi=0.5,
        cutoff=3,
        directions=(DirectionAmount("d", 2.0, 1, 4),),
        offsets=(Offset("w", 5, 0.25),),
        mixing=(
            LayerMix(2, LatentSource.from_seed(2), 0.5),
            LayerMix(4, LatentSource.from_seed(3)),
        ),
    )
    resolver = LatentResolver(styled, [axis("d", 0, sigma=1.5)])
    avg = styled.w_avg
    one, two, three = (mapped(styled, seed)[0] for seed in (1, 2, 3))
    expected = torch.stack([avg + 0.5 * (one - avg)] * 3 + [one, one])
    expected[2] = (expected[2] + avg + 0.5 * (two - avg)) / 2
    expected[4] = three  # layer 4 lies behind the cutoff: not truncated
    expected[1:4, 0] += 3.0
    expected[:, 5] += 0.25
    torch.testing.assert_close(resolver.ws(recipe)[0], expected)


def test_offsets_in_z_come_before_the_mapping(styled):
    recipe = Recipe.from_seed(1).with_offset("z", 3, 2.0)
    z = seed_z(1, 8)
    z[0, 3] += 2
    expected = styled.mapping(torch.from_numpy(z))
    torch.testing.assert_close(LatentResolver(styled).ws(recipe)[:, 0], expected)


def test_a_direction_in_z_moves_z_of_any_model(styled, plain):
    direction = axis("d", 2, dim=8, space="z", sigma=0.5)
    recipe = Recipe.from_seed(1).with_direction("d", 3.0)
    expected = seed_z(1, 8)
    expected[0, 2] += 1.5
    np.testing.assert_allclose(LatentResolver(plain, [direction]).z(recipe)[0], expected[0])
    ws = LatentResolver(styled, [direction]).ws(recipe)
    torch.testing.assert_close(ws[:, 0], styled.mapping(torch.from_numpy(expected)))


def test_blend_in_w_is_the_weighted_mean_of_w(styled):
    source = LatentSource(((1, 1.0), (2, 3.0)), "w")
    ws = LatentResolver(styled).ws(Recipe(source=source))
    torch.testing.assert_close(ws[:, 0], 0.25 * mapped(styled, 1) + 0.75 * mapped(styled, 2))


def test_blend_in_w_refuses_weights_that_cancel(styled):
    source = LatentSource(((1, 1.0), (2, -1.0)), "w")
    with pytest.raises(OptionError, match="zero"):
        LatentResolver(styled).ws(Recipe(source=source))


@pytest.mark.parametrize(("space", "shape"), [("w", (6,)), ("w", (1, 6)), ("w+", (1, 5, 6))])
def test_explicit_vectors_are_used_as_they_are(styled, space, shape):
    array = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    ws = LatentResolver(styled).ws(Recipe(source=LatentSource.from_vector(space, array)))
    assert np.array_equal(ws[0].numpy(), np.broadcast_to(array.reshape(-1, 6), (5, 6)))


def test_an_explicit_vector_is_truncated_like_any_source(styled):
    source = LatentSource.from_vector("w", np.ones(6))
    ws = LatentResolver(styled).ws(Recipe(source=source, psi=0.0, cutoff=2))
    assert torch.equal(ws[0, :2], styled.w_avg.expand(2, -1))
    assert torch.equal(ws[0, 2:], torch.ones(3, 6))


@pytest.mark.parametrize(
    ("space", "shape", "message"),
    [
        ("z", (1, 4), "wants 8 numbers in z, the recipe has 4"),
        ("w", (1, 512), "wants 6 numbers in w, the recipe has 512"),
        ("w+", (1, 4, 6), "1 x 5 x 6 numbers, the recipe has 1 x 4 x 6"),
        ("w", (2, 6), "1 x 6 numbers, the recipe has 2 x 6"),
    ],
)
def test_vectors_of_another_model_are_named(styled, space, shape, message):
    recipe = Recipe(source=LatentSource.from_vector(space, np.zeros(shape)))
    with pytest.raises(OptionError, match=message):
        LatentResolver(styled).ws(recipe)


def test_a_model_without_w_refuses_ws(plain):
    resolver = LatentResolver(plain)
    with pytest.raises(OptionError, match="no w"):
        resolver.ws(Recipe())
    with pytest.raises(OptionError, match="wants z"):
        resolver.z(Recipe(source=LatentSource.from_vector("w", np.zeros(6))))


def test_a_model_without_w_blends_in_z(plain):
    source = LatentSource(((1, 1.0), (2, 1.0)), "w")
    z = LatentResolver(plain).z(Recipe(source=source)).numpy()
    np.testing.assert_allclose(z, (seed_z(1, 8) + seed_z(2, 8)) / np.sqrt(2), rtol=1e-6)


def test_classes(conditional, styled):
    resolver = LatentResolver(conditional)
    assert resolver.labels(Recipe(label=2)).tolist() == [[0, 0, 1]]
    assert resolver.labels(Recipe()).tolist() == [[1, 0, 0]]
    weights = resolver.labels(Recipe(label=(0.5, 0.0, 0.5)))
    expected = mapped(conditional, 0, weights)
    torch.testing.assert_close(resolver.ws(Recipe(label=(0.5, 0.0, 0.5)))[:, 0], expected)
    assert not torch.equal(resolver.ws(Recipe(label=1)), resolver.ws(Recipe(label=2)))
    with pytest.raises(OptionError, match="classes 0 to 2"):
        resolver.ws(Recipe(label=3))
    with pytest.raises(OptionError, match="3 class weights, the recipe has 2"):
        resolver.labels(Recipe(label=(1.0, 0.0)))
    assert LatentResolver(styled).labels(Recipe(label=7)) is None
    assert LatentResolver(styled).ws(Recipe(label=7)) is not None


def test_mixing_takes_the_class_of_the_recipe(conditional):
    recipe = Recipe(label=2, mixing=(LayerMix(0, LatentSource.from_seed(9)),))
    resolver = LatentResolver(conditional)
    expected = resolver.ws(Recipe.from_seed(9, label=2))
    assert torch.equal(resolver.ws(recipe)[:, 0], expected[:, 0])


def test_what_the_model_lacks_is_inactive(styled):
    resolver = LatentResolver(styled)
    recipe = replace(
        Recipe.from_seed(3).with_direction("smile", 2.0).with_offset("w", 99, 1.0),
        mixing=(LayerMix(17, LatentSource.from_seed(1)),),
    ).with_offset("z", 50, 1.0)
    assert torch.equal(resolver.ws(recipe), resolver.ws(Recipe.from_seed(3)))
    assert len(resolver.warnings(recipe)) == 4


def test_directions_must_fit(styled):
    resolver = LatentResolver(styled, [axis("a", 0)])
    with pytest.raises(ModelError, match="'b' has 4 numbers; this model's w has 6"):
        resolver.set_directions([axis("b", 0, dim=4)])
    with pytest.raises(ModelError, match="Two directions"):
        resolver.set_directions([axis("a", 0), axis("a", 1)])
    assert [d.name for d in resolver.directions] == ["a"]


def test_the_mapping_runs_once_a_source(styled):
    resolver = LatentResolver(styled, [axis("d", 0)])
    for amount in (0.0, 1.0, 2.0):
        for psi in (0.5, 1.0):
            resolver.ws(Recipe.from_seed(5, psi=psi).with_direction("d", amount))
    resolver.ws(Recipe(source=LatentSource(((5, 2.0),), "w")))
    assert styled.mapping.calls == [1]


def test_invalidate_follows_new_weights(styled):
    resolver = LatentResolver(styled)
    before = resolver.ws(Recipe.from_seed(5, psi=0.5))
    styled.mapping.matrix *= 2
    styled.mapping.w_avg += 1
    assert torch.equal(resolver.ws(Recipe.from_seed(5, psi=0.5)), before)
    resolver.invalidate()
    fresh = LatentResolver(styled).ws(Recipe.from_seed(5, psi=0.5))
    assert torch.equal(resolver.ws(Recipe.from_seed(5, psi=0.5)), fresh)
    assert not torch.equal(fresh, before)


def test_results_belong_to_the_caller(styled):
    resolver = LatentResolver(styled)
    first = resolver.ws(Recipe.from_seed(5))
    expected = first.clone()
    first.zero_()
    assert torch.equal(resolver.ws(Recipe.from_seed(5)), expected)


def test_the_cache_is_bounded(styled):
    resolver = LatentResolver(styled, cache_size=3)
    for seed in range(10):
        resolver.ws(Recipe.from_seed(seed))
    assert len(resolver._mapped) == 3 and len(resolver._mixed) == 3
    resolver.ws(Recipe.from_seed(9))
    assert len(styled.mapping.calls) == 10
    resolver.ws(Recipe.from_seed(0))
    assert len(styled.mapping.calls) == 11


def test_many_maps_in_one_call_and_agrees_with_one_by_one(styled):
    recipes = [
        Recipe(mixing=(LayerMix(1, LatentSource.from_seed(seed + 50)),), psi=0.7)
        if seed % 2
        else Recipe.from_seed(seed)
        for seed in range(8)
    ]
    many = LatentResolver(styled).many(recipes)
    assert styled.mapping.calls == [8]
    single = torch.cat([LatentResolver(styled).ws(recipe) for recipe in recipes])
    torch.testing.assert_close(many, single)


def test_many_beyond_the_cache(styled):
    recipes = [Recipe.from_seed(seed) for seed in range(7)]
    many = LatentResolver(styled, cache_size=2).many(recipes)
    torch.testing.assert_close(many, LatentResolver(styled).many(recipes))


def test_many_without_w_gives_z(plain):
    z = LatentResolver(plain).many([Recipe.from_seed(1), Recipe.from_seed(2)])
    np.testing.assert_array_equal(z.numpy(), np.concatenate([seed_z(1, 8), seed_z(2, 8)]))


def test_many_labels(conditional, styled):
    labels = LatentResolver(conditional).many_labels([Recipe(label=1), Recipe()])
    assert labels.tolist() == [[0, 1, 0], [1, 0, 0]]
    assert LatentResolver(styled).many_labels([Recipe()]) is None


def test_direction_range_is_cut_with_the_recipes(styled):
    resolver = LatentResolver(styled, [axis("d", 0, first=1, last=4)])
    recipe = Recipe(directions=(DirectionAmount("d", 1.0, 2, None),))
    changed = (resolver.ws(recipe) - resolver.ws(Recipe()))[0, :, 0]
    assert changed.round(decimals=5).tolist() == [0, 0, 1, 1, 0]
