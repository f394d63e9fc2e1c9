import itertools
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest
import torch

from latent_studio.errors import OptionError
from latent_studio.latent.direction import Direction
from latent_studio.latent.interpolation import path_recipes, recipe_between
from latent_studio.latent.resolve import LatentResolver
from latent_studio.latent.sampling import seed_z
from latent_studio.recipe import LatentSource, LayerMix, Recipe, Transform

KEYS = [Recipe.from_seed(seed, psi=0.7) for seed in (1, 2, 3)]


@pytest.fixture
def resolver(styled):
    return LatentResolver(styled)


@pytest.mark.parametrize("curve", ["line", "spline"])
@pytest.mark.parametrize("space", ["z", "w"])
def test_paths_pass_through_their_keys(resolver, space, curve):
    frames = list(path_recipes(KEYS, 9, resolver=resolver, space=space, curve=curve))
    assert len(frames) == 9
    for frame, key in zip(frames[::4], KEYS, strict=True):
        torch.testing.assert_close(resolver.ws(frame), resolver.ws(key))


@pytest.mark.parametrize("curve", ["line", "spline"])
@pytest.mark.parametrize("space", ["z", "w"])
def test_loops_stop_one_step_before_the_start(resolver, space, curve):
    arguments = {"resolver": resolver, "space": space, "curve": curve, "loop": True}
    frames = list(path_recipes(KEYS, 12, **arguments))
    for frame, key in zip(frames[::4], KEYS, strict=True):
        torch.testing.assert_close(resolver.ws(frame), resolver.ws(key))
    first, second, last = (resolver.ws(frames[i]) for i in (0, 1, -1))
    assert not torch.allclose(first, last)
    if curve == "line" and space == "w":
        step = (resolver.ws(KEYS[0]) - resolver.ws(KEYS[2])) / 4
        torch.testing.assert_close(first - last, step)
        assert not torch.allclose(second, first)


def test_a_line_in_w_is_straight(resolver):
    middle = list(path_recipes(KEYS[:2], 3, resolver=resolver))[1]
    expected = (resolver.ws(KEYS[0]) + resolver.ws(KEYS[1])) / 2
    torch.testing.assert_close(resolver.ws(middle), expected)


@pytest.mark.parametrize("curve", ["line", "spline"])
def test_a_path_in_z_keeps_to_the_sphere(plain, curve):
    resolver = LatentResolver(plain)
    lengths = [np.linalg.norm(seed_z(seed, 8)) for seed in (1, 2, 3)]
    frames = path_recipes(KEYS, 21, resolver=resolver, space="z", curve=curve)
    found = [float(resolver.z(frame).norm()) for frame in frames]
    np.testing.assert_allclose(
        found, np.interp(np.linspace(0, 2, 21), range(3), lengths), rtol=1e-5
    )


def test_numbers_of_the_recipe_change_linearly_and_choices_in_the_middle(resolver):
    a = Recipe.from_seed(1, psi=1.0, cutoff=2, label=0, noise_seed=3)
    b = Recipe.from_seed(1, psi=0.0, cutoff=4, label=1, noise_seed=9, noise_strength=2.0)
    a, b = a.with_direction("smile", -2.0), b.with_direction("smile", 2.0).with_direction("age", 4)
    b = b.with_offset("w", 3, 1.0)
    frames = list(path_recipes([a, b], 5, resolver=resolver))
    assert [frame.psi for frame in frames] == [1, 0.75, 0.5, 0.25, 0]
    assert [frame.cutoff for frame in frames] == [2, 2, 4, 4, 4]
    assert [frame.noise_seed for frame in frames] == [3, 3, 9, 9, 9]
    assert [frame.label for frame in frames] == [0, 0, 1, 1, 1]
    assert frames[1].noise_strength == 1.25
    amounts = {entry.name: entry.amount for entry in frames[1].directions}
    assert amounts == {"smile": -1.0, "age": 1.0}
    assert frames[1].offsets[0].amount == 0.25


def test_what_is_shown_moves_and_turns_evenly(resolver):
    keys = [Recipe(), Recipe(transform=Transform(0.5, -1.0, 370.0))]
    moves = [recipe.transform for recipe in path_recipes(keys, 5, resolver=resolver)]
    assert [move.rotate for move in moves] == pytest.approx([0, 92.5, 185, 277.5, 370])
    assert [(move.x, move.y) for move in moves[::2]] == [(0, 0), (0.25, -0.5), (0.5, -1)]
    assert not any(r.transform for r in path_recipes([Recipe()] * 2, 3, resolver=resolver))


def test_class_weights_blend(resolver):
    a, b = Recipe(label=(1.0, 0.0)), Recipe(label=(0.0, 1.0))
    assert recipe_between(a, b, 0.25, resolver=resolver).label == (0.75, 0.25)


def test_offsets_and_directions_in_z_are_walked_through(styled):
    direction = Direction("d", np.eye(8)[0], space="z")
    resolver = LatentResolver(styled, [direction])
    a = Recipe.from_seed(1).with_offset("z", 2, 3.0)
    b = Recipe.from_seed(2).with_direction("d", 2.0)
    for space in ("z", "w"):
        frames = list(path_recipes([a, b], 3, resolver=resolver, space=space))
        torch.testing.assert_close(resolver.ws(frames[0]), resolver.ws(a))
        torch.testing.assert_close(resolver.ws(frames[2]), resolver.ws(b))


def test_mixing_fades(resolver):
    a = Recipe.from_seed(1)
    b = replace(a, mixing=(LayerMix(2, LatentSource.from_seed(5), 1.0),))
    middle = recipe_between(a, b, 0.5, resolver=resolver)
    torch.testing.assert_close(resolver.ws(middle), (resolver.ws(a) + resolver.ws(b)) / 2)
    c = replace(a, mixing=(LayerMix(2, LatentSource.from_seed(6), 1.0),))
    middle = recipe_between(b, c, 0.5, resolver=resolver)
    torch.testing.assert_close(resolver.ws(middle), (resolver.ws(b) + resolver.ws(c)) / 2)


def test_paths_take_explicit_layers(resolver):
    rows = np.random.RandomState(0).randn(1, 5, 6).astype(np.float32)
    key = Recipe(source=LatentSource.from_vector("w+", rows))
    frames = list(path_recipes([key, KEYS[0]], 3, resolver=resolver))
    assert np.array_equal(resolver.ws(frames[0]).numpy(), rows)


def test_easing_bends_the_pace_not_the_path(resolver):
    eased = list(path_recipes(KEYS[:2], 5, resolver=resolver, easing="ease-in"))[2]
    expected = torch.lerp(resolver.ws(KEYS[0]), resolver.ws(KEYS[1]), 0.125)
    torch.testing.assert_close(resolver.ws(eased), expected)


def test_paths_are_deterministic(styled):
    first, second = (
        list(path_recipes(KEYS, 7, resolver=LatentResolver(styled), curve="spline"))
        for _ in range(2)
    )
    assert first == second


def test_paths_are_made_on_demand(resolver):
    path = path_recipes(KEYS, 10**12, resolver=resolver, easing="smooth")
    assert len(list(itertools.islice(path, 5))) == 5
    tracemalloc.start()
    try:
        for recipe in itertools.islice(path, 280):
            resolver.ws(recipe)
        before = tracemalloc.get_traced_memory()[0]
        for recipe in itertools.islice(path, 300):
            resolver.ws(recipe)
        assert tracemalloc.get_traced_memory()[0] - before < 60_000
    finally:
        tracemalloc.stop()


def test_one_key_is_a_still(resolver):
    frames = list(path_recipes(KEYS[:1], 4, resolver=resolver, loop=True))
    assert len(frames) == 4 and len(set(frames)) == 1
    torch.testing.assert_close(resolver.ws(frames[0]), resolver.ws(KEYS[0]))


def test_one_frame_is_the_first_key(resolver):
    (frame,) = path_recipes(KEYS, 1, resolver=resolver)
    torch.testing.assert_close(resolver.ws(frame), resolver.ws(KEYS[0]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"keys": []}, "at least one latent"),
        ({"frames": 0}, "at least one frame"),
        ({"space": "y"}, "z or in w"),
        ({"curve": "zigzag"}, "line or a spline"),
        ({"easing": "bouncy"}, "no easing"),
    ],
)
def test_bad_arguments_are_told_at_once(resolver, change, message):
    arguments = {"keys": KEYS, "frames": 5} | change
    keys, frames = arguments.pop("keys"), arguments.pop("frames")
    with pytest.raises(OptionError, match=message):
        path_recipes(keys, frames, resolver=resolver, **arguments)


def test_impossible_spaces_are_told_at_once(plain, resolver):
    with pytest.raises(OptionError, match="no w"):
        path_recipes(KEYS, 5, resolver=LatentResolver(plain))
    explicit = Recipe(source=LatentSource.from_vector("w", np.zeros(6)))
    with pytest.raises(OptionError, match="wants z"):
        path_recipes([KEYS[0], explicit], 5, resolver=resolver, space="z")
