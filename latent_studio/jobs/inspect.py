"""What there is: models, presets, the contents of a data source.

Listing imports no torch: it reads the JSON header of model files and nothing else.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from latent_studio.events import Emit, ignore
from latent_studio.mailbox import StopToken
from latent_studio.storage.resources import resource_path

if TYPE_CHECKING:
    from latent_studio.data.report import DataReport

_SUFFIX = ".safetensors"
# What the families call the side of their pictures.
_SIDES = ("img_resolution", "resolution", "output_dim")
_MAX_HEADER = 64 << 20


@dataclass(frozen=True)
class ModelListing:
    """One line of the list of models."""

    name: str
    path: str
    architecture: str
    resolution: int | None
    kimg: float | None
    directions: tuple[str, ...]
    bytes: int

    def line(self) -> str:
        facts = [self.architecture]
        if self.resolution:
            facts.append(f"{self.resolution}×{self.resolution}")
        if self.kimg:
            facts.append(f"{self.kimg:,.0f} kimg")
        facts.append(f"{self.bytes / 1e6:.1f} MB")
        named = [name for name in self.directions if not name.startswith("PC ")]
        if named:
            facts.append(f"sliders: {', '.join(named)}")
        return f"{self.name:20}  {' · '.join(facts)}"


@dataclass(frozen=True)
class PresetListing:
    """One line of the list of presets."""

    name: str
    title: str
    summary: str


def list_models() -> list[ModelListing]:
    """The bundled models and the user's own, by name; damaged files are left out."""
    entries: dict[str, ModelListing] = {}
    for folder in (resource_path("models"), user_models_folder()):
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            facts = read_facts(path)
            if facts is not None:
                entries[path.stem] = _listing(path, facts)
    return list(entries.values())


def user_models_folder() -> Path:
    """Where model files are known by name; it need not exist."""
    from latent_studio.storage import paths

    return paths.data_dir() / "models"


def is_listed(name: str) -> bool:
    """Whether a model of that name comes with the program or is in the user's folder."""
    return any(entry.name == name for entry in list_models())


def describe_model(name_or_path: str | Path) -> dict[str, Any]:
    """What a model file says about itself, as JSON.

    Raises
    ------
    ModelError
        There is no such model, or the file is none.
    """
    path = resource_path("models", f"{name_or_path}{_SUFFIX}")
    facts = read_facts(path)
    if facts is None:
        from latent_studio.storage.library import resolve_model
        from latent_studio.storage.model_file import read_header

        path = resolve_model(name_or_path)
        header = read_header(path)  # says what is wrong with a damaged file
        facts = read_facts(path) or {**header.spec.to_json(), "card": dict(header.card)}
    return {"path": str(path), "bytes": path.stat().st_size, **facts}


def model_lines(facts: Mapping[str, Any]) -> list[str]:
    """What :func:`describe_model` found, for people: the list's line, its training, its card."""
    path, card = Path(facts["path"]), _mapping(facts.get("card"))
    entry = _listing(path, facts)
    found = [replace(entry, directions=()).line(), *_trained(_mapping(facts.get("training")))]
    if entry.directions:
        found.append(f"directions: {', '.join(entry.directions)}")
    found.append(f"weights: sha256 {facts.get('sha256') or 'unknown'}")
    found.append(f"file: {path}")
    for key, value in card.items():
        found += ["", f"{key.replace('_', ' ')}: {value}"] if isinstance(value, str) else []
    for key, value in card.items():
        if not isinstance(value, str):
            found += ["", f"{key.replace('_', ' ')}:", *_nested(value)]
    return found


def _trained(training: Mapping[str, Any]) -> list[str]:
    """One line: pictures seen, data, preset, time."""
    parts = []
    if isinstance(training.get("kimg"), int | float):
        parts.append(f"{1000 * training['kimg']:,.0f} pictures seen")
    if training.get("data"):
        count = training.get("data_images")
        parts.append(f"of {training['data']}" + (f" ({count:,})" if count else ""))
    if training.get("preset"):
        parts.append(f"preset {training['preset']}")
    if isinstance(training.get("seconds"), int | float):
        parts.append(f"{training['seconds'] / 3600:.1f} hours")
    return [f"training: {', '.join(parts)}"] if parts else []


def _nested(value: Any, indent: str = "  ") -> list[str]:
    """Lists and mappings of a card, a line each."""
    if isinstance(value, Mapping):
        lines = []
        for key, item in value.items():
            plain = not isinstance(item, Mapping | list)
            lines += [f"{indent}{key}: {_number(item)}"] if plain else [f"{indent}{key}:"]
            lines += [] if plain else _nested(item, indent + "  ")
        return lines
    if isinstance(value, list):
        return [line for item in value for line in _nested(item, indent)]
    return [f"{indent}{_number(value)}"]


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def list_presets() -> list[PresetListing]:
    """The training presets, in the order in which they are offered; the person's own last."""
    from latent_studio.jobs.presets import all_presets

    presets = all_presets().values()
    return [PresetListing(preset.name, preset.title, preset.summary) for preset in presets]


def describe_preset(name: str) -> dict[str, Any]:
    """All settings of a preset as JSON.

    Raises
    ------
    OptionError
        There is no such preset; the known ones are listed.
    """
    from latent_studio.jobs.presets import find_preset

    settings = find_preset(name).config("").to_json()
    del settings["data"]
    return settings


def report_data(
    spec: str | Path, *, emit: Emit = ignore, token: StopToken | None = None
) -> "DataReport":
    """Open a data source and say what is in it.

    Raises
    ------
    DataError
        The source is missing, empty or of no known kind.
    """
    from latent_studio.data.source import open_source

    return open_source(spec).report(emit=emit, token=token)


def read_facts(path: Path) -> dict[str, Any] | None:
    """The JSON that a model file carries, or None where it can't be read."""
    try:
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            if length > _MAX_HEADER:
                return None
            facts = json.loads(json.loads(file.read(length))["__metadata__"]["latent_studio"])
    except (OSError, ValueError, KeyError, TypeError, struct.error, RecursionError):
        return None
    return facts if isinstance(facts, dict) and "architecture" in facts else None


def _listing(path: Path, facts: Mapping[str, Any]) -> ModelListing:
    config = _mapping(facts.get("config"))
    training = _mapping(facts.get("training"))
    directions = facts.get("directions")
    resolution = next((config[key] for key in _SIDES if key in config), None)
    kimg = training.get("kimg")
    return ModelListing(
        path.stem,
        str(path),
        str(facts["architecture"]),
        resolution if isinstance(resolution, int) else None,
        float(kimg) if isinstance(kimg, int | float) else None,
        tuple(str(_mapping(entry).get("name", "")) for entry in directions or ()),
        path.stat().st_size,
    )


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
