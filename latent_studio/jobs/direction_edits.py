"""Rename, turn, limit, delete, give away and take in directions: lists of directions in and out."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from latent_studio.errors import ModelError, OptionError
from latent_studio.latent.direction import (
    Direction,
    check_directions,
    merge_directions,
    name_key,
)
from latent_studio.latent.mixing import parse_layers
from latent_studio.latent.resolve import space_dims
from latent_studio.models.base import Generator
from latent_studio.storage.direction_file import load_directions, save_directions


def renamed(directions: Sequence[Direction], old: str, new: str) -> list[Direction]:
    """With another name for one of them.

    Raises
    ------
    OptionError
        If there is none called ``old``, or another is called ``new`` already.
    """
    name = new.strip()
    if not name:
        raise OptionError("A direction needs a name.")
    others = [direction.name for direction in directions if direction.name != old]
    if name_key(name) in map(name_key, others):
        raise OptionError(f"There is a direction called '{name}' already; choose another name.")
    return changed(directions, old, lambda direction: replace(direction, name=name))


def flipped(directions: Sequence[Direction], name: str) -> list[Direction]:
    """With one of them turned round; OptionError if there is none of the name."""
    return changed(directions, name, Direction.flipped)


def with_strength(directions: Sequence[Direction], name: str, strength: float) -> list[Direction]:
    """With another strength of one of them; OptionError if it does not exist or is not above 0."""
    if not 0 < strength < float("inf"):
        raise OptionError(f"A strength is a number above 0, not {strength}.")
    return changed(directions, name, lambda direction: replace(direction, strength=strength))


def with_layers(
    directions: Sequence[Direction], name: str, layers: str, num_ws: int
) -> list[Direction]:
    """With one of them limited to layers, as in ``0-3``, ``coarse`` or ``all``.

    Raises
    ------
    OptionError
        If there is none of the name, or the layers are not a range of the model's.
    """
    chosen = range(num_ws) if layers.strip() == "all" else parse_layers(layers, num_ws)
    first, last = chosen[0], chosen[-1] + 1
    if len(chosen) != last - first:
        raise OptionError(f"A direction acts on one range of layers, such as 0-3, not {layers!r}.")
    end = None if last == num_ws else last
    return changed(directions, name, lambda direction: direction.with_layers(first, end))


def without(directions: Sequence[Direction], name: str) -> list[Direction]:
    """Without one of them; OptionError if there is none of the name."""
    _index(directions, name)
    return [direction for direction in directions if direction.name != name]


def changed(
    directions: Sequence[Direction], name: str, change: Callable[[Direction], Direction]
) -> list[Direction]:
    """With one of them changed in its place; OptionError if there is none of the name."""
    index = _index(directions, name)
    return [change(d) if i == index else d for i, d in enumerate(directions)]


def give_away(
    path: str | Path,
    directions: Sequence[Direction],
    names: Sequence[str] = (),
    sha256: str = "",
    architecture: str = "",
) -> list[Direction]:
    """Write directions (all, or those named) to a file; returns them.

    Raises
    ------
    OptionError
        If there is nothing to write, or none of a name.
    ExportError
        If the file cannot be written.
    """
    given = chosen(directions, names)
    if not given:
        raise OptionError("The model has no directions to export.")
    save_directions(path, given, {"sha256": sha256, "architecture": architecture})
    return given


def chosen(directions: Sequence[Direction], names: Sequence[str] = ()) -> list[Direction]:
    """Those of the names, or all without names; OptionError if there is none of a name."""
    return [directions[_index(directions, name)] for name in names] or list(directions)


def taken_in(
    path: str | Path, directions: Sequence[Direction], generator: Generator
) -> tuple[list[Direction], list[str]]:
    """``directions`` with those of a file; one of the same name is replaced and keeps its name.

    Returns
    -------
    list of Direction, list of str
        All, and the names of the new ones.

    Raises
    ------
    ModelError
        If the file cannot be used, a direction does not fit the model, or two of the file have
        names that look alike.
    """
    stored = load_directions(path)
    check_directions(stored.directions, space_dims(generator))
    keys: set[str] = set()
    for direction in stored.directions:
        if name_key(direction.name) in keys:
            raise ModelError(f"Two directions of the file are called '{direction.name}'.")
        keys.add(name_key(direction.name))
    merged = merge_directions(directions, stored.directions)
    return merged, [direction.name for direction in merged if name_key(direction.name) in keys]


def _index(directions: Sequence[Direction], name: str) -> int:
    for index, direction in enumerate(directions):
        if direction.name == name:
            return index
    listed = ", ".join(direction.name for direction in directions) or "none"
    raise OptionError(f"The model has no direction '{name}'; it has {listed}.")
