"""Large parts of recipes (noise maps, masks) as files named by the SHA-256 of their content.

A recipe holds the name alone, so that scenes stay small, comparable and cheap to keep by the
hundred. What a name means can't change: equal names are equal bytes, a file is checked against its
name when it is read, and writing one that is there already does nothing.
"""

import hashlib
import logging
import re
import threading
from collections import OrderedDict
from pathlib import Path

from latent_studio.errors import ExportError, StudioError
from latent_studio.storage import atomic, paths

log = logging.getLogger(__name__)

MAX_BYTES = 256 << 20
_REMEMBERED_BYTES = 64 << 20
_NAME = re.compile(r"[0-9a-f]{64}")


class MissingBlobError(StudioError):
    """A recipe names content that is not on this computer."""


class _Memory:
    """Blobs used lately, so that a folder that can't be written to costs nothing but the past."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def put(self, name: str, data: bytes) -> None:
        with self._lock:
            self._kept[name] = data
            self._kept.move_to_end(name)
            # The newest one stays whatever its size.
            while len(self._kept) > 1 and sum(map(len, self._kept.values())) > _REMEMBERED_BYTES:
                self._kept.popitem(last=False)

    def get(self, name: str) -> bytes | None:
        with self._lock:
            return self._kept.get(name)

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


_memory = _Memory()


def blob_name(data: bytes) -> str:
    """The name of ``data``: its SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def keep_blob(data: bytes) -> str:
    """Store ``data``; returns its name.

    Raises
    ------
    ExportError
        If it can't be written; :func:`fetch_blob` finds it all the same for a while.
    """
    name = blob_name(data)
    _memory.put(name, data)
    path = _path(name)
    if not path.is_file():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExportError(atomic.explain(error, path), repr(error)) from error
        atomic.write_bytes(path, data)
    return name


def adopt_blob(name: str, data: bytes) -> bool:
    """Take in what came with a picture. Returns False if it is not what its name says.

    A store that can't be written to is no hindrance: the content is remembered.
    """
    if blob_name(data) != name:
        return False
    try:
        keep_blob(data)
    except StudioError as error:
        log.info("content of a picture is not kept: %s", error)
    return True


def fetch_blob(name: str) -> bytes:
    """The content of that name.

    Raises
    ------
    MissingBlobError
        If it is not here, or damaged.
    """
    found = _memory.get(name)
    if found is None:
        found = _read(name)
        _memory.put(name, found)
    return found


def _read(name: str) -> bytes:
    missing = (
        f"The noise maps or mask of this picture ({name[:12]}…) are not on this computer. Open the "
        "PNG that they were saved in, or choose another noise."
    )
    if not _NAME.fullmatch(name):
        raise MissingBlobError(missing)
    try:
        path = _path(name)
        if path.stat().st_size > MAX_BYTES:
            raise MissingBlobError(missing, f"{path} is too large")
        data = path.read_bytes()
    except OSError as error:
        raise MissingBlobError(missing, repr(error)) from error
    if blob_name(data) != name:
        raise MissingBlobError(missing, f"{path} is damaged")
    return data


def _path(name: str) -> Path:
    return paths.data_dir() / "blobs" / name[:2] / name


def forget_blobs() -> None:
    """Empty the memory, not the disk."""
    _memory.clear()
