"""Directions by themselves in a ``.safetensors`` file, to be given to others.

Layout::

    metadata["latent_studio_directions"]   {"format": 1, "directions": [{...}, ...],
                                             "model": {"sha256": ..., "architecture": ...}}
    directions/<i>                          float32 [dim], vector of the i-th direction
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from latent_studio.errors import ModelError
from latent_studio.latent.direction import Direction
from latent_studio.storage import atomic
from latent_studio.storage.tensor_file import DamagedFileError, read_tensors, write_tensors

DIRECTIONS_KEY = "latent_studio_directions"
_FORMAT = 1
_VECTOR = "directions/"


@dataclass(frozen=True, eq=False)
class StoredDirections:
    """Directions and the model they were found in (``sha256`` of its weights, ``architecture``)."""

    directions: tuple[Direction, ...]
    model: Mapping[str, str] = field(default_factory=dict)


def save_directions(
    path: str | os.PathLike[str],
    directions: Sequence[Direction],
    model: Mapping[str, str] | None = None,
) -> None:
    """Write directions atomically.

    Raises
    ------
    ExportError
        If the file cannot be written.
    ModelError
        If their facts are not JSON.
    """
    facts = {
        "format": _FORMAT,
        "directions": [direction.to_json() for direction in directions],
        "model": dict(model or {}),
    }
    try:
        text = json.dumps(facts, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ModelError("The facts of a direction must be plain JSON.", str(error)) from error
    tensors = {
        f"{_VECTOR}{index}": torch.tensor(direction.vector, dtype=torch.float32)
        for index, direction in enumerate(directions)
    }
    with atomic.atomic_write(Path(path)) as file:
        write_tensors(file, tensors, {DIRECTIONS_KEY: text, "format": "pt"})


def load_directions(path: str | os.PathLike[str]) -> StoredDirections:
    """Read what :func:`save_directions` wrote.

    Raises
    ------
    ModelError
        If the file is missing, damaged, or none of directions.
    """
    path = Path(path)
    try:
        metadata, tensors = read_tensors(path)
    except FileNotFoundError as error:
        raise ModelError(f"There is no file {path}. Check the name.") from error
    except (OSError, DamagedFileError) as error:
        raise ModelError(
            f"{path} cannot be read as directions: {error}. Choose a .safetensors file that was "
            "exported here.",
            repr(error),
        ) from error
    if DIRECTIONS_KEY not in metadata:
        raise ModelError(
            f"{path} holds no directions. Choose a file that was exported here; a model file is "
            "opened as a model."
        )
    try:
        facts = json.loads(metadata[DIRECTIONS_KEY])
        if facts["format"] != _FORMAT:
            raise ModelError(f"{path} was made by a newer Latent Studio. Update Latent Studio.")
        entries: list[Any] = list(facts["directions"])
        found = tuple(
            Direction.from_json(entry, tensors[f"{_VECTOR}{index}"].float().numpy())
            for index, entry in enumerate(entries)
        )
        model = {str(key): str(value) for key, value in dict(facts.get("model", {})).items()}
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelError(
            f"{path} cannot be used: its list of directions is damaged. Get the file again.",
            repr(error),
        ) from error
    return StoredDirections(found, model)
