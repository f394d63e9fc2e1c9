"""Recipes and scenes: values that go to JSON and back without loss."""

import json
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from latent_studio.errors import OptionError
from latent_studio.recipe import (
    MAX_SEED,
    DirectionAmount,
    LatentSource,
    LayerMix,
    ModelRef,
    Offset,
    Recipe,
    Scene,
    Transform,
    Vector,
)

amounts = st.floats(-1e6, 1e6, allow_nan=False)
seeds = st.integers(0, MAX_SEED)
layers = st.integers(0, 40)
texts = st.text(max_size=20)
arrays = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=1, max_dims=3, max_side=4),
    elements=st.floats(-1e6, 1e6, width=32),
)
vectors = arrays.map(Vector.from_array)
blends = st.lists(st.tuples(seeds, amounts), min_size=1, max_size=4).filter(
    lambda pairs: any(weight for _, weight in pairs)
)
sources = st.one_of(
    st.builds(LatentSource.from_seed, seeds, st.sampled_from(["z", "w"])),
    st.builds(LatentSource, blends.map(tuple), st.sampled_from(["z", "w"])),
    st.builds(LatentSource, st.just(()), st.sampled_from(["z", "w", "w+"]), vectors),
)
recipes = st.builds(
    Recipe,
    source=sources,
    label=st.one_of(
        st.none(), st.integers(0, 999), st.lists(amounts, min_size=1, max_size=4).map(tuple)
    ),
    psi=amounts,
    cutoff=st.one_of(st.none(), layers),
    directions=st.lists(
        st.builds(DirectionAmount, texts, amounts, layers, st.one_of(st.none(), layers)),
        max_size=3,
    ).map(tuple),
    offsets=st.lists(
        st.builds(Offset, st.sampled_from(["z", "w"]), layers, amounts), max_size=3
    ).map(tuple),
    mixing=st.lists(st.builds(LayerMix, layers, sources, amounts), max_size=3).map(tuple),
    noise_mode=st.sampled_from(["const", "random", "none"]),
    noise_seed=seeds,
    noise_strength=amounts,
    noise_layers=st.lists(amounts, max_size=4).map(tuple),
    transform=st.one_of(
        st.just(Transform()),
        st.builds(Transform, st.floats(-1e4, 1e4), st.floats(-1e4, 1e4), amounts),
    ),
)
refs = st.builds(
    ModelRef,
    st.sampled_from(["file", "bundled", "run"]),
    texts,
    texts,
    st.one_of(st.none(), amounts),
)


@given(recipes)
def test_recipe_survives_json(recipe):
    text = json.dumps(recipe.to_json(), allow_nan=False)
    assert Recipe.from_json(json.loads(text)) == recipe


@given(st.builds(Scene, refs, recipes))
def test_scene_survives_json_and_hashes_alike(scene):
    again = Scene.loads(scene.dumps())
    assert again == scene
    assert hash(again) == hash(scene)
    assert again.digest() == scene.digest()
    assert again.dumps() == scene.dumps()


@settings(max_examples=30)
@given(recipes, recipes)
def test_different_scenes_have_different_digests(a, b):
    one, two = Scene(ModelRef(), a), Scene(ModelRef(), b)
    assert (one == two) == (one.digest() == two.digest())


@given(arrays)
def test_vector_keeps_every_bit(array):
    vector = Vector.from_array(array)
    assert vector.array().tobytes() == array.astype("<f4").tobytes()
    assert vector.array().shape == array.shape
    assert Vector.from_json(vector.to_json()) == vector
    assert Vector.from_json(json.loads(json.dumps(array.tolist()))) == vector


def test_values_are_immutable():
    recipe = Recipe.from_seed(1)
    with pytest.raises(FrozenInstanceError):
        recipe.psi = 0.5
    vector = Vector.from_array([[1.0, 2.0]])
    with pytest.raises(ValueError, match="read-only"):
        vector.array()[0, 0] = 3
    array = np.ones((1, 2), np.float32)
    vector = Vector.from_array(array)
    array[:] = 5
    assert (vector.array() == 1).all()


def test_a_transform_is_only_written_where_it_moves_things():
    assert "transform" not in Recipe().to_json()
    recipe = Recipe(transform=Transform(0.25, -0.5, 30))
    assert recipe.to_json()["transform"] == {"translate": [0.25, -0.5], "rotate": 30.0}
    assert Recipe.from_json({"transform": {"rotate": 10}}).transform == Transform(rotate=10.0)
    assert Recipe.from_json({"transform": {"translate": [1, 2]}}).transform == Transform(1, 2)
    assert Recipe.from_json({"transform": None}) == Recipe.from_json({"transform": {}}) == Recipe()
    assert not Transform() and not Transform(0, -0.0, 0) and Transform(rotate=1e-9)
    one, two = Recipe(transform=Transform(0, -0.0, 5)), Recipe(transform=Transform(-0.0, 0, 5.0))
    assert Scene(ModelRef(), one).digest() == Scene(ModelRef(), two).digest()


def test_defaults_of_an_empty_object():
    assert Recipe.from_json({}) == Recipe() == Recipe.from_seed(0)
    assert Recipe().psi == 1.0


def test_short_forms():
    recipe = Recipe.from_json({"directions": {"smile": 2}, "class": 3, "z": [[1, 2]]})
    assert recipe.directions == (DirectionAmount("smile", 2.0),)
    assert recipe.label == 3
    assert recipe.source == LatentSource.from_vector("z", [[1.0, 2.0]])
    assert Recipe.from_json({"class": [[0.5, 0.5]]}).label == (0.5, 0.5)
    assert Recipe.from_json({"ws": [[[1, 2], [3, 4]]]}).source.space == "w+"


def test_directions_are_set_replaced_and_removed():
    recipe = Recipe().with_direction("smile", 1).with_direction("age", 2)
    assert [d.name for d in recipe.directions] == ["smile", "age"]
    changed = recipe.with_direction("smile", 3)
    assert changed.directions == (DirectionAmount("smile", 3.0), DirectionAmount("age", 2.0))
    assert recipe.with_direction("smile", 0).directions == (DirectionAmount("age", 2.0),)
    # A layer range is a choice worth keeping at zero.
    assert recipe.with_direction("smile", 0, first=2).directions[0].first == 2
    assert Recipe().with_direction("none", 0) == Recipe()


def test_offsets_are_set_replaced_and_removed():
    recipe = Recipe().with_offset("z", 3, 1).with_offset("w", 3, 2).with_offset("z", 3, 4)
    assert recipe.offsets == (Offset("z", 3, 4.0), Offset("w", 3, 2.0))
    assert recipe.with_offset("z", 3, 0).offsets == (Offset("w", 3, 2.0),)


def test_layers_are_sorted_and_given_back():
    a, b = LatentSource.from_seed(1), LatentSource.from_seed(2)
    recipe = Recipe().with_layer(5, a).with_layer(2, b, 0.5).with_layer(5, b)
    assert recipe.mixing == (LayerMix(2, b, 0.5), LayerMix(5, b, 1.0))
    assert recipe.with_layer(5, None).with_layer(2, None) == Recipe()


def test_heaviest_seed():
    assert LatentSource(((3, 0.2), (9, 0.8))).seed == 9
    assert LatentSource.from_vector("w", [[0.0]]).seed is None


BAD_RECIPES = [
    ([], "must be a JSON object"),
    ("seed", "must be a JSON object"),
    ({"sed": 1}, "Unknown field in the recipe: sed. Known: .*seed"),
    ({"version": 2}, "version 2; this program reads version 1. Update"),
    ({"seed": -1}, "from 0 to 4294967295, not -1"),
    ({"seed": 2**32}, "from 0 to 4294967295"),
    ({"seed": "a"}, "A seed is a whole number"),
    ({"seed": True}, "A seed is a whole number"),
    ({"seeds": []}, "at least one seed with a weight"),
    ({"seeds": [[1, 0]]}, "at least one seed with a weight"),
    ({"seeds": [1]}, "list of \\[seed, weight\\] pairs"),
    ({"seeds": [[1, float("inf")]]}, "finite weights"),
    ({"space": "q"}, "'space' must be"),
    ({"z": [[1]], "w": [[1]]}, "takes one of z, w, not several"),
    ({"z": "abc"}, "list of numbers or an object"),
    ({"z": [[1, 2], [3]]}, "list of numbers or an object"),
    ({"z": {"shape": [1, 2], "base64": "AAAA"}}, "list of numbers or an object"),
    ({"z": {"shape": [1, 1], "base64": "!"}}, "list of numbers or an object"),
    ({"z": {"base64": ""}}, "list of numbers or an object"),
    ({"z": [[float("nan")]]}, "not finite"),
    ({"class": "cat"}, "'class' must be a whole number"),
    ({"class": -1}, "'class' must be a whole number from 0"),
    ({"class": ["a"]}, "index or a list of weights"),
    ({"psi": "big"}, "'psi' must be a number, not 'big'"),
    ({"psi": True}, "'psi' must be a number"),
    ({"psi": float("inf")}, "'psi' must be finite"),
    ({"psi": 1e308}, "'psi' must be finite"),
    ({"psi": 10**400}, "'psi' must be finite"),
    ({"seed": ""}, "A seed is a whole number"),
    ({"seed": False}, "A seed is a whole number"),
    ({"seed": []}, "A seed is a whole number"),
    ({"seeds": [[1, 10**400]]}, "'seeds' must be a list"),
    ({"z": [[10**400]]}, "A latent vector must be"),
    ({"class": [10**400]}, "'class' must be an index"),
    ({"class": [float("nan")]}, "'class' needs finite weights"),
    ({"directions": {"smile": 10**400}}, "'smile' must be finite"),
    ({"offsets": 5}, "'offsets' must be a list of objects"),
    ({"offsets": [{"space": "z", "index": 10**30}]}, "'index' must be a whole number up to"),
    ({"mixing": True}, "'mixing' must be a list of objects"),
    ({"cutoff": 1.5}, "'cutoff' must be a whole number from 0"),
    ({"cutoff": -1}, "'cutoff' must be a whole number from 0"),
    ({"directions": "smile"}, "'directions' must be a list of objects"),
    ({"directions": [1]}, "'directions' must be a list of objects"),
    ({"directions": [{"amount": 1}]}, "A direction needs a 'name'"),
    ({"directions": [{"name": "a", "x": 1}]}, "Unknown field in the direction: x"),
    ({"directions": {"smile": "a lot"}}, "'smile' must be a number"),
    ({"offsets": [{"space": "ws", "index": 0}]}, "offset's 'space'"),
    ({"offsets": [{"space": "z", "index": -1}]}, "'index' must be a whole number"),
    ({"mixing": [{"seed": 1}]}, "A mixing entry needs a 'layer'"),
    ({"mixing": [{"layer": 1, "sed": 1}]}, "Unknown field in the mixing entry: sed"),
    ({"mixing": [3]}, "'mixing' must be a list of objects"),
    ({"noise_mode": "loud"}, "'noise_mode' must be one of const, random, none, maps, not 'loud'"),
    ({"noise_seed": -3}, "'noise_seed' must be a whole number"),
    ({"noise_strength": None}, "'noise_strength' must be a number"),
    ({"noise_layers": 2}, "'noise_layers' must be a list of numbers"),
    ({"noise_layers": ["a"]}, "'noise_layers' must be a list of numbers"),
    ({"noise_layers": "12"}, "'noise_layers' must be a list"),
    ({"noise_layers": [float("inf")]}, "at most 64 finite numbers"),
    ({"noise_layers": [1] * 65}, "at most 64 finite numbers"),
    ({"transform": [1, 2]}, "'transform' must be an object"),
    ({"transform": {"zoom": 2}}, "Unknown field in the transform: zoom"),
    ({"transform": {"translate": 1}}, "'translate' must be a list of two numbers"),
    ({"transform": {"translate": "ab"}}, "'translate' must be a list of two numbers"),
    ({"transform": {"translate": [1]}}, "'translate' must be a list of two numbers"),
    ({"transform": {"translate": [1, "a"]}}, "'translate' must be a number"),
    ({"transform": {"translate": [1, 2e4]}}, "'translate' must lie within 10000 widths"),
    ({"transform": {"rotate": float("nan")}}, "'rotate' must be finite"),
    ({"transform": {"rotate": None}}, "'rotate' must be a number"),
]


@pytest.mark.parametrize(
    ("value", "message"), BAD_RECIPES, ids=[str(v)[:40] for v, _ in BAD_RECIPES]
)
@pytest.mark.filterwarnings("error")
def test_bad_recipes_are_named(value, message):
    with pytest.raises(OptionError, match=message) as caught:
        Recipe.from_json(value)
    assert "\n" not in str(caught.value)


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(
                st.sampled_from(
                    [
                        "seed",
                        "z",
                        "ws",
                        "class",
                        "mixing",
                        "layer",
                        "directions",
                        "offsets",
                        "seeds",
                        "psi",
                        "name",
                        "shape",
                        "base64",
                        "transform",
                        "translate",
                        "rotate",
                    ]
                ),
                inner,
                max_size=4,
            ),
        ),
        max_leaves=12,
    )
)
def test_no_json_crashes_the_reader(value):
    try:
        recipe = Recipe.from_json(value)
    except OptionError:
        return
    assert Recipe.from_json(recipe.to_json()) == recipe


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON|needs a 'model'"),
        ("{}", "needs a 'model' and a 'recipe'"),
        ('{"model": {"kind": "cloud"}, "recipe": {}}', "must say its 'kind'"),
        ('{"model": {"kind": "file", "kimg": "x"}, "recipe": {}}', "'kimg' must be a number"),
    ],
)
def test_bad_scenes_are_named(text, message):
    with pytest.raises(OptionError, match=message):
        Scene.loads(text)


def test_replace_is_how_a_slider_edits():
    recipe = Recipe.from_seed(1, psi=0.7)
    assert replace(recipe, psi=0.5) == Recipe.from_seed(1, psi=0.5)
    assert len({recipe, replace(recipe, psi=0.7), replace(recipe, psi=0.5)}) == 2
