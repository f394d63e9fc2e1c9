"""What a model file says about its model, as checked JSON; and what is said of damaged ones."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

from torch import Tensor

from latent_studio.errors import ModelError
from latent_studio.latent.direction import Direction
from latent_studio.models.registry import ARCHITECTURES

Naming: TypeAlias = Literal["tree", "flat"]

MODEL_KEY = "latent_studio"
MODEL_FORMAT = 1
MODEL_SUFFIX = ".safetensors"
DIRECTIONS = "directions/"
NAMINGS: tuple[Naming, ...] = ("tree", "flat")


def facts_text(facts: Mapping[str, Any]) -> str:
    """The facts as JSON.

    Raises
    ------
    ModelError
        If they are none.
    """
    try:
        return json.dumps(facts, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as cause:
        raise ModelError(
            "The model's config, card, training facts and direction facts must be plain JSON "
            "without NaN or infinity.",
            str(cause),
        ) from cause


def parse_facts(path: Path, metadata: Mapping[str, str]) -> dict[str, Any]:
    """The facts in a file's metadata.

    Raises
    ------
    ModelError
        If there are none, they are damaged, or of a newer program.
    """
    if MODEL_KEY not in metadata:
        raise ModelError(
            f"{path} is a safetensors file, but not a model of Latent Studio. "
            "Choose a file that this program has written."
        )
    facts: Any
    try:
        facts = json.loads(metadata[MODEL_KEY], parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise broken(path, "its header is not valid JSON", repr(error)) from error
    if not isinstance(facts, dict):
        raise broken(path, "its header is no JSON object")
    _check_version(path, facts)
    wanted = {"architecture": str, "config": dict, "sha256": str}
    optional = {"training": dict, "card": dict, "directions": list}
    for key, kind in optional.items():
        facts.setdefault(key, kind())
    for key, kind in (wanted | optional).items():
        if not isinstance(facts.get(key), kind):
            raise broken(path, f"its header lacks a usable '{key}'")
    if facts["architecture"] not in ARCHITECTURES:
        raise ModelError(
            f"{path} needs the architecture {facts['architecture']!r}, which this Latent Studio "
            f"does not know ({', '.join(ARCHITECTURES)}). Update Latent Studio."
        )
    if not all(isinstance(entry, dict) for entry in facts["directions"]):
        raise broken(path, "its list of directions is damaged")
    return facts


def _check_version(path: Path, facts: dict[str, Any]) -> None:
    version = facts.get("format")
    if isinstance(version, bool) or not isinstance(version, int):
        raise broken(path, "its header has no format version")
    naming = facts.setdefault("hash", "flat")
    if version > MODEL_FORMAT or naming not in NAMINGS:
        raise ModelError(
            f"{path} was made by a newer Latent Studio (format {version}; this one reads up to "
            f"{MODEL_FORMAT}). Update Latent Studio."
        )


def parse_directions(
    path: Path, entries: Sequence[Mapping[str, Any]], tensors: Mapping[str, Tensor]
) -> tuple[Direction, ...]:
    """Directions of the facts with their vectors of the file."""
    directions = []
    for index, entry in enumerate(entries):
        vector = tensors.get(f"{DIRECTIONS}{index}")
        if vector is None or vector.ndim != 1 or not vector.is_floating_point():
            raise broken(path, f"the vector of direction {index} is missing or damaged")
        try:
            directions.append(Direction.from_json(entry, vector.float().numpy()))
        except ModelError as error:
            raise broken(path, f"direction {index} is damaged", error.message) from error
    return tuple(directions)


def called(path: Path | None) -> str:
    return str(path) if path is not None else "The model"


def broken(path: Path | None, reason: str, detail: str = "") -> ModelError:
    """The error of a file that cannot be used."""
    return ModelError(
        f"{called(path)} cannot be used: {reason}. Get the file again or choose another.", detail
    )


def unreadable(path: Path, error: Exception) -> ModelError:
    """The error of a file that cannot be read, or is no file of tensors."""
    if isinstance(error, FileNotFoundError):
        return ModelError(f"There is no file {path}. Check the name.")
    if isinstance(error, IsADirectoryError) or path.is_dir():
        return ModelError(f"{path} is a folder. Choose a {MODEL_SUFFIX} file.")
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return ModelError(f"{path} cannot be read: {reason}. Check its permissions.", repr(error))
    return ModelError(
        f"{path} is not a usable model file: {error}. Choose a {MODEL_SUFFIX} file that Latent "
        "Studio has written, or get it again."
    )


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not allowed")
