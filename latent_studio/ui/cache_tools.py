"""How large the cache is, and how to empty it; both walk over files, so on a worker."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from latent_studio.events import Emit, Progress, ignore
from latent_studio.mailbox import StopToken


def folder_size(folder: Path, *, emit: Emit = ignore, token: StopToken | None = None) -> int:
    """Bytes of all files in ``folder`` and below."""
    total = 0
    for path in _files(folder):
        if token is not None:
            token.checkpoint()
        try:
            total += path.stat().st_size
        except OSError:
            continue  # gone meanwhile
    return total


def clear_folder(folder: Path, *, emit: Emit = ignore, token: StopToken | None = None) -> int:
    """Remove what is in ``folder``, which stays; returns the number of entries removed.

    A file that somebody holds open (Windows) is left for the next time.
    """
    entries = list(folder.iterdir()) if folder.is_dir() else []
    for done, path in enumerate(entries):
        if token is not None:
            token.checkpoint()
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            _remove(path)
        emit(Progress(done + 1, len(entries)))
    return sum(1 for path in entries if not path.exists())


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except PermissionError:
        return


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())
