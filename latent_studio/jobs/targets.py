"""Refuse an output that cannot be written before hours are spent on making it."""

import os
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from latent_studio.errors import ExportError, OptionError
from latent_studio.storage.atomic import explain

_SPARE_BYTES = 1 << 20


def check_target(path: str | Path, suffixes: Collection[str], needed_bytes: int = 0) -> Path:
    """Make sure that a file can be written at ``path``; returns it as a ``Path``.

    Parameters
    ----------
    path
        The file to be written; an existing one will be replaced.
    suffixes
        The endings that are possible, lower case with the dot; empty for a folder or any.
    needed_bytes
        A low estimate of the size, so that a full disk is noticed now.

    Raises
    ------
    OptionError
        The ending names no known format.
    ExportError
        The folder is missing, is a file, cannot be written to or has no room.
    """
    target = Path(path).expanduser()
    if suffixes and target.suffix.lower() not in suffixes:
        known = ", ".join(sorted(suffixes))
        raise OptionError(f"Can't tell a format from {target.name!r}; end it in one of {known}.")
    check_folder(target.parent, needed_bytes)
    check_name(target)
    if target.is_dir() and suffixes:
        raise ExportError(f"{target} is a folder; give the name of a file.")
    if target.is_file() and not os.access(target, os.W_OK):
        raise ExportError(f"{target} is write-protected; choose another name.")
    if target.exists() and not (target.is_file() or target.is_dir()):
        raise ExportError(f"{target} is neither a file nor a folder; choose another name.")
    return target


def check_name(path: Path) -> None:
    """Make sure that the system takes ``path`` as a name (raises ``ExportError``)."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):  # the folder is looked at by itself
        return
    except (OSError, ValueError) as error:
        reason = explain(error, path) if isinstance(error, OSError) else f"Not a name: {path!r}."
        raise ExportError(reason, repr(error)) from error


def check_folder(folder: Path, needed_bytes: int = 0) -> None:
    """Make sure that files can be created in ``folder`` (raises ``ExportError``)."""
    if not folder.exists():
        raise ExportError(f"The folder {folder} does not exist; create it or choose another.")
    if not folder.is_dir():
        raise ExportError(f"{folder} is a file, not a folder; choose another place.")
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ExportError(explain(error, folder), repr(error)) from error
    free = shutil.disk_usage(folder).free
    if free < needed_bytes + _SPARE_BYTES:
        raise ExportError(
            f"The disk of {folder} is full ({free >> 20} MiB left, {needed_bytes >> 20} MiB and "
            "some room needed); free some space or choose another."
        )
