"""Rename and delete run folders, touching nothing that is not the run's own."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from latent_studio.errors import RunError
from latent_studio.storage import atomic
from latent_studio.storage.run_folder import RunFolder, is_run
from latent_studio.storage.run_notes import NOTE_FILE, OUTCOME_FILE

_FOLDERS = ("samples", "snapshots")
_SAVED = re.compile(r"\d+\.\d{3}\.(png|safetensors)")
_FILES = frozenset(
    {
        "stats.jsonl",
        "commands.jsonl",
        "alarms.jsonl",
        "checkpoint.safetensors",
        "checkpoint.previous.safetensors",
        NOTE_FILE,
        OUTCOME_FILE,
    }
)
_EVENTS = "events.out.tfevents."  # TensorBoard's files
_NEEDED = ("generator", "discriminator", "data", "resolution")
# What a name must not hold on some system; a run may be copied to it.
_UNFIT = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


def checked_run(path: str | Path) -> Path:
    """The folder ``path``, if it is really a training run's.

    Raises
    ------
    RunError
        It is none, or its configuration is not one of a training.
    """
    folder = Path(path).expanduser()
    if not is_run(folder):
        raise RunError(f"{folder} is not a run: it has no config.json. Check the name.")
    config = RunFolder.open(folder, write=False).config
    if any(name not in config for name in _NEEDED):
        raise RunError(
            f"{folder} is not a run of Latent Studio: its config.json describes no training. "
            "Nothing was changed."
        )
    return Path(os.path.realpath(folder))


def rename_run(path: str | Path, name: str) -> Path:
    """Give a run's folder another name in the same place; returns the new path.

    Raises
    ------
    RunError
        The name is taken or none, or a training is running in the folder.
    """
    folder = checked_run(path)
    target = folder.with_name(_checked_name(name))
    if target.exists() or target.is_symlink():
        raise RunError(f"{target} exists already. Choose another name for the run.")
    run = RunFolder.open(folder)
    try:
        if os.name == "nt":  # which renames no folder in which a file is open
            run.close()
        os.rename(folder, target)
    except OSError as error:
        raise RunError(atomic.explain(error, target), repr(error)) from error
    finally:
        run.close()
    return target


def delete_run(path: str | Path) -> list[Path]:
    """Delete a run; returns what is left of its folder because it was not the run's.

    ``config.json`` goes last: until then the folder can be deleted again if this is interrupted.

    Raises
    ------
    RunError
        It is no run, a training is running in it, or a file can't be deleted.
    """
    folder = checked_run(path)
    try:
        with RunFolder.open(folder):
            for file in [*_own_files(folder), folder / "config.json"]:
                atomic.remove(file)
            for name in _FOLDERS:
                _remove_if_empty(folder / name)
        atomic.remove(folder / "lock")
        _remove_if_empty(folder)
    except OSError as error:
        raise RunError(
            f"Cannot delete the run {folder}: {error.strerror or error}. Close what has it open.",
            repr(error),
        ) from error
    return sorted(folder.iterdir()) if folder.is_dir() else []


def run_bytes(path: Path) -> int:
    """Size of a run's own files."""
    total = 0
    for file in (path / "config.json", *_own_files(path)):
        try:
            total += file.stat().st_size
        except OSError:
            continue
    return total


def _own_files(folder: Path) -> Iterator[Path]:
    for path in _entries(folder):
        own = path.name in _FILES or path.name.startswith((_EVENTS, atomic.TEMP_PREFIX))
        if own and not path.is_dir():
            yield path
    for name in _FOLDERS:
        # a link leads to somebody else's pictures
        if not (folder / name).is_symlink():
            yield from (path for path in _entries(folder / name) if _SAVED.fullmatch(path.name))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _remove_if_empty(folder: Path) -> None:
    if folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir()):
        folder.rmdir()


def _checked_name(name: str) -> str:
    name = name.strip()
    if not name or name.startswith(".") or name.endswith(".") or _UNFIT.search(name):
        raise RunError(
            f"{name!r} can't name a run. Leave out slashes, quotes and the characters <>:|?*, and "
            "dots at its ends."
        )
    return name
