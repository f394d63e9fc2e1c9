"""A lock between processes that dies with its owner.

The operating system's own file locks: whatever ends the owner (kill -9 included) frees the lock, so
a lock is never stale and nobody has to guess whether a process number is alive.
"""

import contextlib
import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

if sys.platform == "win32":
    import msvcrt

    # Windows forbids others to read locked bytes; this one is far behind the text.
    _LOCKED_BYTE = 1 << 30

    def _lock(file: BinaryIO) -> None:
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _unlock(file: BinaryIO) -> None:
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        # flock and not lockf: it belongs to this open file, so a second opener in the same process
        # is refused, too.
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: BinaryIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)


class LockedError(Exception):
    """Somebody else holds the lock; ``owner`` says who, as far as is known."""

    def __init__(self, owner: dict[str, Any]) -> None:
        super().__init__("locked")
        self.owner = owner


class FileLock:
    """Hold ``path`` locked from construction to :meth:`release`.

    The file holds the owner's process number, host and start time, for messages only.

    Raises
    ------
    LockedError
        If another opener holds it.
    OSError
        If the file cannot be created or its disk knows no locks.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
        self._file: BinaryIO | None = os.fdopen(descriptor, "rb+", buffering=0)
        try:
            _lock(self._file)
        except OSError as error:
            self._file.close()
            self._file = None
            if isinstance(error, BlockingIOError | PermissionError):
                raise LockedError(lock_owner(path)) from error
            raise
        self._write({"pid": os.getpid(), "host": platform.node(), "started": time.time()})

    def release(self) -> None:
        """Free the lock; twice does no harm. The file stays: deleting it could race."""
        file, self._file = self._file, None
        if file is None:
            return
        with file:
            self._write({}, file)
            with contextlib.suppress(OSError):
                _unlock(file)

    def _write(self, owner: dict[str, Any], file: BinaryIO | None = None) -> None:
        file = file or self._file
        assert file is not None
        # Only for messages: a full disk must not end a training because of them.
        with contextlib.suppress(OSError):
            file.seek(0)
            file.truncate()
            file.write(json.dumps(owner).encode("utf-8") if owner else b"")


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock ``path`` now.

    An owner leaves a name behind while the lock is held, or after having been killed; only then the
    lock itself is tried, so that looking hardly ever meets somebody who is about to take it.
    """
    if not lock_owner(path):
        return False
    try:
        with path.open("rb+", buffering=0) as file:
            _lock(file)
            _unlock(file)
    except (BlockingIOError, PermissionError):
        # Windows refuses even to open for writing a file in a folder that may only be read; there,
        # too, the lock is nobody's that this process could disturb.
        return os.access(path, os.W_OK)
    except OSError:
        return False
    return False


def lock_owner(path: Path) -> dict[str, Any]:
    """What the owner wrote, or an empty dict."""
    try:
        owner = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return owner if isinstance(owner, dict) else {}
