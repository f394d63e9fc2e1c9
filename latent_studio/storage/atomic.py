"""Files that are either the old one or the new one, never half of it.

A writer fills a temporary file in the target's own folder; only when everything is on the disk does
it take the target's name. Whatever goes wrong before (an exception, a cancel, a full disk, a
kill -9) leaves the target as it was.
"""

import contextlib
import errno
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from latent_studio.errors import ExportError, StudioError

TEMP_PREFIX = ".latent-studio-"
TEMP_MARK = ".part"
# Virus scanners and indexers on Windows hold a fresh file open for a moment.
_REPLACE_RETRIES = 40
_REPLACE_WAIT_S = 0.05
_WINDOWS = os.name == "nt"

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM}


@contextmanager
def atomic_write(
    path: str | os.PathLike[str], *, error: type[StudioError] = ExportError
) -> Iterator[BinaryIO]:
    """Open a binary file that becomes ``path`` when the block ends without an exception.

    Parameters
    ----------
    path
        The target. Its folder must exist; an older file of that name is replaced at the end.
    error
        Which :class:`StudioError` an operating system error becomes.

    Raises
    ------
    StudioError
        Of the class ``error``, naming cause and cure: disk full, read-only, missing folder.
    """
    with atomic_path(path, error=error) as temporary, temporary.open("wb") as file:
        yield file


@contextmanager
def atomic_path(
    path: str | os.PathLike[str], *, error: type[StudioError] = ExportError
) -> Iterator[Path]:
    """As :func:`atomic_write`, for writers that want a path: yields a temporary one.

    The temporary file exists, is empty and has the suffix of ``path``.
    """
    target = _checked_target(Path(path), error)
    temporary = target.with_name(temp_name(target.suffix))
    try:
        _create(temporary)
        yield temporary
        _copy_mode(target, temporary)
        fsync_file(temporary)
        replace(temporary, target)
    except OSError as cause:
        raise error(explain(cause, path), repr(cause)) from cause
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    fsync_folder(target.parent)


def write_bytes(
    path: str | os.PathLike[str], data: bytes, *, error: type[StudioError] = ExportError
) -> None:
    """Write a whole file atomically."""
    with atomic_write(path, error=error) as file:
        file.write(data)


def write_text(
    path: str | os.PathLike[str], text: str, *, error: type[StudioError] = ExportError
) -> None:
    """Write a whole UTF-8 text file atomically, with ``\\n`` line ends on every system."""
    write_bytes(path, text.encode("utf-8"), error=error)


def replace(source: Path, target: Path) -> None:
    """``os.replace`` that waits for a while where another program has the target open."""
    _retry(lambda: os.replace(source, target))


def remove(path: Path) -> None:
    """Delete a file if it is there, waiting for a while where another program has it open."""
    _retry(lambda: path.unlink(missing_ok=True))


def remove_leftovers(folder: Path) -> None:
    """Delete temporary files that a killed process left in ``folder``."""
    for path in folder.glob(f"{TEMP_PREFIX}*{TEMP_MARK}*"):
        with contextlib.suppress(OSError):
            path.unlink()


def temp_name(suffix: str = "") -> str:
    """A fresh short name: the target's own name may be as long as the system allows."""
    return f"{TEMP_PREFIX}{secrets.token_hex(6)}{TEMP_MARK}{suffix}"


def fsync_file(path: Path) -> None:
    """Have the system put a file's content on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def fsync_folder(folder: Path) -> None:
    """Put a rename on the disk; Windows has no such call and needs none."""
    if _WINDOWS:
        return
    # Some network file systems refuse to sync folders; the rename itself has happened by now.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def explain(cause: OSError, path: str | os.PathLike[str]) -> str:
    """One line of cause and cure for an error met while writing ``path``."""
    name = Path(path)
    if cause.errno in _FULL:
        return f"Cannot write {name}: the disk is full. Free some space or choose another disk."
    if cause.errno == errno.EROFS:
        return f"Cannot write {name}: that disk is read-only. Choose another folder."
    if cause.errno in _FORBIDDEN:
        return (
            f"Cannot write {name}: no permission, or another program has it open. "
            "Close that program or choose another folder."
        )
    if cause.errno == errno.ENOENT:
        return f"Cannot write {name}: its folder does not exist. Create it or choose another."
    if cause.errno == errno.ENAMETOOLONG:
        return f"Cannot write {name}: the name is too long. Choose a shorter one."
    reason = cause.strerror or str(cause) or type(cause).__name__
    return f"Cannot write {name}: {reason}. Try another folder."


def _checked_target(path: Path, error: type[StudioError]) -> Path:
    """Follow links (so that a linked file stays a link) and refuse what is not a plain file."""
    try:
        target = Path(os.path.realpath(path))
        if not target.name:
            raise error(f"Cannot write {path}: it is not a file name. Give a name.")
        if not target.parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, "No such folder", str(target.parent))
        if target.exists() and not stat.S_ISREG(target.stat().st_mode):
            kind = "a folder" if target.is_dir() else "a device, not a file"
            raise error(f"Cannot write {path}: it is {kind}. Choose another name.")
    except ValueError as cause:
        raise error(f"Cannot write {path!s:.80}: not a valid file name.", str(cause)) from cause
    except OSError as cause:
        raise error(explain(cause, path), repr(cause)) from cause
    return target


def _create(path: Path) -> None:
    # Not tempfile.mkstemp: its mode 0600 would hide the finished file from everybody else.
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))


def _copy_mode(old: Path, new: Path) -> None:
    with contextlib.suppress(OSError):
        os.chmod(new, stat.S_IMODE(old.stat().st_mode) | stat.S_IWUSR)


def _retry(action: Callable[[], None]) -> None:
    for attempt in range(_REPLACE_RETRIES):
        try:
            return action()
        except PermissionError:
            # Elsewhere than on Windows a second try gives the same answer.
            if not _WINDOWS or attempt == _REPLACE_RETRIES - 1:
                raise
            time.sleep(_REPLACE_WAIT_S)
