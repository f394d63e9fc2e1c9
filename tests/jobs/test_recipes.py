import json
from dataclasses import replace

import numpy as np
import pytest

from latent_studio.errors import OptionError
from latent_studio.jobs.recipes import check_recipe, parse_recipes, read_recipes, seed_recipes
from latent_studio.models.base import Capabilities
from latent_studio.recipe import LatentSource, ModelRef, Recipe, Scene, Transform
from latent_studio.storage.images import write_image

STYLED = Capabilities(16, 3, 8, w_dim=8, num_ws=6, classes=3, truncation="w")
PLAIN = Capabilities(8, 1, 5)


def test_rows_become_recipes():
    recipes = parse_recipes({"z": [[1, 2], [3, 4], [5, 6]], "psi": 0.5})
    assert [r.source.vector.array().tolist() for r in recipes] == [[[1, 2]], [[3, 4]], [[5, 6]]]
    assert {r.psi for r in recipes} == {0.5}


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ({"w": [1, 2]}, 1),
        ({"w": [[1, 2]]}, 1),
        ({"ws": [[1, 2], [3, 4]]}, 1),  # [num_ws, w_dim]
        ({"ws": [[[1, 2], [3, 4]]] * 3}, 3),
        ({"seed": 4}, 1),
        ([{"seed": 4}, {"w": [[1], [2]]}], 3),
    ],
)
def test_how_many(value, count):
    assert len(parse_recipes(value)) == count


def test_base64_rows():
    array = np.arange(6, dtype=np.float32).reshape(3, 2)
    value = {"w": LatentSource.from_vector("w", array).vector.to_json()}
    rows = [r.source.vector.array() for r in parse_recipes(value)]
    assert np.array_equal(np.concatenate(rows), array)


def test_classes_by_row():
    recipes = parse_recipes({"z": [[1], [2]], "class": [[1, 0], [0, 1]]})
    assert [r.label for r in recipes] == [(1, 0), (0, 1)]
    assert [r.label for r in parse_recipes({"z": [[1], [2]], "class": 2})] == [2, 2]
    with pytest.raises(OptionError, match="3 rows for 2 vectors"):
        parse_recipes({"z": [[1], [2]], "class": [[1], [1], [1]]})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "empty"),
        ({"z": [[[1]]]}, r"\[rows, numbers\], not 3 deep"),
        ({"ws": [1]}, r"\[rows, layers, numbers\]"),
        ({"sed": 1}, "Unknown field"),
    ],
)
def test_bad_values(value, message):
    with pytest.raises(OptionError, match=message):
        parse_recipes(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 900 + "]" * 900, "nested too deeply"),
        ('{"seed": 1' + "0" * 5000 + "}", "a number is too long"),
        ('{"w": [[1e39]]}', "not finite"),
        (b"\xff\xfe{", "not UTF-8"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_bad_files_are_one_line(tmp_path, text, message):
    file = tmp_path / "r.json"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(OptionError, match=message) as caught:
        read_recipes(file)
    assert "\n" not in caught.value.message and "r.json" in caught.value.message


def test_files(tmp_path):
    file = tmp_path / "r.json"
    file.write_text(json.dumps({"seed": 3, "psi": 0.7}), encoding="utf-8")
    assert read_recipes(file) == [Recipe.from_seed(3, psi=0.7)]
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())  # as Windows editors write it
    assert read_recipes(file) == [Recipe.from_seed(3, psi=0.7)]
    scene = Scene(ModelRef(), Recipe.from_seed(5))
    file.write_text(scene.dumps(), encoding="utf-8")
    assert read_recipes(file) == [Recipe.from_seed(5)]
    write_image(tmp_path / "p.png", np.zeros((4, 4, 3), np.uint8), scene)
    assert read_recipes(tmp_path / "p.png") == [Recipe.from_seed(5)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"hello", "no valid JSON .line 1"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"[" * 100_000, "neither a recipe nor a session"),
        (b'{"psi": "x"}', "'psi' must be a number"),
    ],
)
def test_bad_files(tmp_path, content, message):
    file = tmp_path / "r.json"
    file.write_bytes(content)
    with pytest.raises(OptionError, match=message) as caught:
        read_recipes(file)
    assert str(file) in str(caught.value)


def test_missing_files_and_pictures_without_scene(tmp_path):
    with pytest.raises(OptionError, match="There is no file"):
        read_recipes(tmp_path / "none.json")
    with pytest.raises(OptionError, match="is a folder"):
        read_recipes(tmp_path)
    write_image(tmp_path / "p.png", np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(OptionError, match="carries no scene"):
        read_recipes(tmp_path / "p.png")


def test_seeds_replace_the_source_only():
    base = Recipe.from_seed(9, psi=0.3).with_direction("smile", 1)
    assert seed_recipes([1, 2], base) == [
        Recipe.from_seed(s, psi=0.3).with_direction("smile", 1) for s in (1, 2)
    ]


@pytest.mark.parametrize(
    ("recipe", "model", "message"),
    [
        (Recipe(cutoff=7), STYLED, "Cutoff 7 is out of range: this model has 6 layers"),
        (Recipe().with_layer(6, LatentSource()), STYLED, "Layer 6 does not exist"),
        (Recipe().with_layer(0, LatentSource()), PLAIN, "no layers to mix"),
        (Recipe(label=3), STYLED, "classes 0 to 2"),
        (Recipe(label=0), PLAIN, "no classes"),
        (Recipe(transform=Transform(0.1)), STYLED, "cannot move or turn what it shows"),
        (Recipe().with_direction("grin", 1), STYLED, "no direction 'grin'; it has smile"),
    ],
)
def test_what_a_model_cannot_do(recipe, model, message):
    with pytest.raises(OptionError, match=message):
        check_recipe(recipe, model, ["smile"])


def test_what_a_model_can_do():
    recipe = Recipe(cutoff=6, label=2).with_direction("smile", 1).with_layer(5, LatentSource())
    check_recipe(recipe, STYLED, ["smile"])
    check_recipe(Recipe(psi=0.7), PLAIN)
    movable = replace(STYLED, transform=True)
    check_recipe(Recipe(transform=Transform(0.1, 0.2, 30)), movable)
