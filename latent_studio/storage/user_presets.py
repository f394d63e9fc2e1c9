"""Presets that a person keeps: one JSON file each in the folder of their data."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from latent_studio.errors import OptionError
from latent_studio.storage import atomic, paths

PRESET_VERSION = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SUFFIX = ".json"


def presets_dir() -> Path:
    """Where the files are; it need not exist."""
    return paths.data_dir() / "presets"


def check_preset_name(name: str) -> str:
    """``name``, if a preset can be called so.

    Raises
    ------
    OptionError
        It holds more than letters, digits, dots, dashes and underscores.
    """
    if not _NAME.fullmatch(name) or name.endswith("."):
        raise OptionError(
            f"{name!r} can't name a preset. Use letters, digits, '.', '-' and '_', 64 at most."
        )
    return name


def read_user_presets() -> dict[str, dict[str, Any]]:
    """The person's presets by name, as they were written; damaged files are left out."""
    found: dict[str, dict[str, Any]] = {}
    try:
        files = sorted(presets_dir().glob(f"*{_SUFFIX}"))
    except OSError:
        return {}
    for path in files:
        values = _read(path)
        if values is not None:
            found[path.stem] = values
    return found


def write_user_preset(name: str, values: Mapping[str, Any]) -> Path:
    """Keep ``values`` as the preset ``name``; an older one of that name is replaced.

    Raises
    ------
    OptionError
        The name or a value can't be written.
    ExportError
        The file can't be written; the old one is still there then.
    """
    path = presets_dir() / f"{check_preset_name(name)}{_SUFFIX}"
    try:
        text = json.dumps(
            {"version": PRESET_VERSION, **values}, indent=2, allow_nan=False, ensure_ascii=False
        )
    except (TypeError, ValueError) as error:
        raise OptionError(f"The preset {name} is not plain JSON: {error}.") from error
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic.write_text(path, text + "\n")
    return path


def delete_user_preset(name: str) -> None:
    """Forget the preset ``name``.

    Raises
    ------
    OptionError
        The person has none of that name.
    """
    path = presets_dir() / f"{check_preset_name(name)}{_SUFFIX}"
    if not path.is_file():
        raise OptionError(f"You have no preset of your own named {name!r}.")
    atomic.remove(path)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(values, dict) or values.pop("version", None) != PRESET_VERSION:
        return None
    return values
