"""Recipes from files, and the checks that a person's options deserve.

A recipe file is JSON as described in :mod:`latent_studio.recipe`; a scene, a session, a list of
recipes, a recipe whose ``z``, ``w`` or ``ws`` hold several rows, and a PNG that carries its scene
are read, too.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from latent_studio.errors import OptionError
from latent_studio.models.base import Capabilities
from latent_studio.recipe import Recipe, Scene, Vector
from latent_studio.storage.session import Session, is_session

_MAX_BYTES = 256 << 20
# Dimensions of one latent, without the leading axis of rows.
_RANKS = {"z": 1, "w": 1, "ws": 2}
_PNG = b"\x89PNG"


def read_recipes(path: str | Path) -> list[Recipe]:
    """All recipes of a file, in order.

    Raises
    ------
    OptionError
        The file is missing, is no JSON, holds no recipe, or a field of it is wrong (named).
    """
    file = Path(path).expanduser()
    content = _read(file)
    if content.startswith(_PNG):
        return [_scene_of_picture(file).recipe]
    value = _json(file, content)
    try:
        recipes = parse_recipes(value)
    except OptionError as error:
        raise OptionError(f"{file}: {error.message}", error.detail) from error
    except RecursionError as error:
        raise OptionError(f"{file} is not a recipe: it is nested too deeply.") from error
    return recipes


def read_session_or_scene(path: str | Path) -> Session:
    """What a session document, a scene's JSON or a PNG made here holds: told apart by content.

    Raises
    ------
    OptionError
        The file is missing, damaged, or names no model with its recipe.
    """
    file = Path(path).expanduser()
    content = _read(file)
    if content.startswith(_PNG):
        return Session(_scene_of_picture(file))
    value = _json(file, content)
    try:
        if is_session(value):
            return Session.from_json(value)
        if isinstance(value, Mapping) and "model" in value:
            return Session(Scene.from_json(value))
    except OptionError as error:
        raise OptionError(f"{file}: {error.message}", error.detail) from error
    raise OptionError(
        f"{file} is no session and names no model; give it with --recipe, and a model with --model."
    )


def parse_recipes(value: Any) -> list[Recipe]:
    """Recipes from parsed JSON: one, a list, a scene, or one with several rows of vectors.

    A recipe with N rows gives N recipes that differ in their vector (and in ``class``, where that
    is a list of N lists of weights).

    Raises
    ------
    OptionError
        Naming the field that is wrong.
    """
    if isinstance(value, list):
        if not value:
            raise OptionError("The list of recipes is empty.")
        return [recipe for entry in value for recipe in parse_recipes(entry)]
    if is_session(value):
        return [Session.from_json(value).scene.recipe]
    if isinstance(value, Mapping) and "recipe" in value:
        return [Scene.from_json({"model": {"kind": "file"}, **value}).recipe]
    recipe = Recipe.from_json(value)
    if recipe.source.vector is None:
        return [recipe]
    key = next(key for key in _RANKS if value.get(key) is not None)
    rows = _rows(recipe.source.vector, key)
    labels = _labels(value.get("class"), len(rows), recipe)
    return [
        replace(recipe, source=replace(recipe.source, vector=row), label=label)
        for row, label in zip(rows, labels, strict=True)
    ]


def seed_recipes(seeds: Sequence[int], base: Recipe | None = None) -> list[Recipe]:
    """``base`` with each of ``seeds`` in place of its own source."""
    base = base or Recipe()
    return [replace(base, source=Recipe.from_seed(seed).source) for seed in seeds]


def check_recipe(
    recipe: Recipe, capabilities: Capabilities, direction_names: Sequence[str] = ()
) -> None:
    """Refuse what a person asked for and this model cannot do.

    A recipe from elsewhere may hold such fields (they are inactive and a notice says so); an
    option typed for this model may not.

    Raises
    ------
    OptionError
        A cutoff or layer out of range, an unknown class or direction, or a transform that the
        model has not.
    """
    _check_layers(recipe, capabilities)
    if recipe.transform and not capabilities.transform:
        raise OptionError(
            "This model cannot move or turn what it shows; StyleGAN3 models can. Leave out "
            "--translate and --rotate."
        )
    if isinstance(recipe.label, int) and recipe.label >= capabilities.classes:
        raise OptionError(_class_message(recipe.label, capabilities.classes))
    known = set(direction_names)
    for entry in recipe.directions:
        if entry.name not in known:
            listed = f"it has {', '.join(direction_names)}" if known else "it has none"
            raise OptionError(
                f"This model has no direction {entry.name!r}; {listed}. "
                "'latent-studio directions' adds some."
            )


def _check_layers(recipe: Recipe, capabilities: Capabilities) -> None:
    num_ws = capabilities.num_ws
    if recipe.mixing and num_ws is None:
        raise OptionError("This model has no layers to mix; choose a style-based model.")
    if num_ws is None:
        return
    if recipe.cutoff is not None and recipe.cutoff > num_ws:
        raise OptionError(
            f"Cutoff {recipe.cutoff} is out of range: this model has {num_ws} layers (0 to "
            f"{num_ws})."
        )
    for mix in recipe.mixing:
        if mix.layer >= num_ws:
            raise OptionError(
                f"Layer {mix.layer} does not exist: this model has layers 0 to {num_ws - 1}."
            )


def _class_message(label: int, classes: int) -> str:
    if not classes:
        return "This model has no classes; leave the class out."
    return f"Class {label} does not exist: this model has classes 0 to {classes - 1}."


def _read(file: Path) -> bytes:
    try:
        if file.is_dir():
            raise OptionError(f"{file} is a folder; name a recipe file.")
        if file.stat().st_size > _MAX_BYTES:
            raise OptionError(f"{file} is too large for a recipe file.")
        return file.read_bytes()
    except FileNotFoundError as error:
        raise OptionError(f"There is no file {file}.") from error
    except OSError as error:
        raise OptionError(f"Can't read {file}: {error.strerror or error}.", repr(error)) from error


def _json(file: Path, content: bytes) -> Any:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise OptionError(
            f"{file} is neither a recipe nor a session: it is no valid JSON ({_short(error)}).",
            str(error),
        ) from error


def _scene_of_picture(file: Path) -> Scene:
    from latent_studio.storage.images import read_scene

    scene = read_scene(file)
    if scene is None:
        raise OptionError(f"{file} carries no scene; only pictures made by this program do.")
    return scene


def _rows(vector: Vector, key: str) -> list[Vector]:
    array, rank = vector.array(), _RANKS[key]
    if array.ndim == rank:
        return [vector]
    if array.ndim != rank + 1:
        axes = "[rows, layers, numbers]" if key == "ws" else "[rows, numbers]"
        raise OptionError(f"'{key}' must be a list of vectors, {axes}, not {array.ndim} deep.")
    if not array.size:
        raise OptionError(f"'{key}' is empty.")
    return [Vector.from_array(np.ascontiguousarray(row[None])) for row in array]


def _labels(value: Any, count: int, recipe: Recipe) -> list[Any]:
    """One label a row: the recipe's own for all, or one list of weights each."""
    per_row = isinstance(value, list) and value and isinstance(value[0], list)
    if not per_row or len(value) == 1:
        return [recipe.label] * count
    if len(value) != count:
        raise OptionError(f"'class' has {len(value)} rows for {count} vectors.")
    return [Recipe.from_json({"class": row}).label for row in value]


def _short(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}: {error.msg}"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8 text"
    return "nested too deeply" if isinstance(error, RecursionError) else "a number is too long"
