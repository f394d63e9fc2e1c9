"""Decoded images on disk: written once, memory-mapped ever after.

An entry is a folder named by the hash of source fingerprint, size and options::

    <cache>/<name>-<key>/images.u8        uint8 [N, C, H, W], raw
                         annotations.npz  labels, attributes
                         entry.json       shape, classes, groups, report; written last

It is made under a temporary name and renamed when complete, so that an entry is either whole or not
there, whoever is killed and however many processes do the same at once.
"""

import contextlib
import errno
import json
import os
import re
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from latent_studio.data.annotations import Annotations
from latent_studio.data.report import DataReport
from latent_studio.errors import DataError
from latent_studio.events import Emit, Notice, ignore

FORMAT = 3
MEMORY_LIMIT = 2**30
ABANDONED_AFTER_S = 3600.0
_IMAGES, _ANNOTATIONS, _ENTRY = "images.u8", "annotations.npz", "entry.json"


@dataclass
class Entry:
    """A decoded source: pixels ``uint8 [N, C, H, W]``, their annotations, and the report."""

    images: np.ndarray
    found: Annotations
    report: DataReport


def default_cache_dir() -> Path:
    """``LATENT_STUDIO_HOME/cache``, or a folder of this user beside the temporary files."""
    home = os.environ.get("LATENT_STUDIO_HOME")
    if home:
        return Path(home) / "cache"
    user = re.sub(r"\W", "_", os.environ.get("USER") or os.environ.get("USERNAME") or "user")
    return Path(tempfile.gettempdir()) / f"latent-studio-{user}" / "cache"


class Cache:
    """Entries below one folder.

    Parameters
    ----------
    folder
        Made when the first entry is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str, key: str) -> Path:
        readable = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:40].lower()
        return self.folder / f"{readable}-{key}"

    def open(self, name: str, key: str) -> Entry | None:
        """The entry, memory-mapped read-only; None if it is not there or not whole."""
        return read_entry(self.path(name, key))

    def writer(
        self, name: str, key: str, shape: tuple[int, ...], *, emit: Emit = ignore
    ) -> "EntryWriter":
        """Start an entry for at most ``shape[0]`` images ``uint8 shape[1:]``."""
        return EntryWriter(self.path(name, key), shape, emit=emit)


def read_entry(path: Path) -> Entry | None:
    """Open a complete entry; anything odd about it means that it is made again."""
    try:
        with open(path / _ENTRY, encoding="utf-8") as file:
            facts = json.load(file)
        shape = tuple(int(n) for n in facts["shape"])
        if facts["format"] != FORMAT or len(shape) != 4 or min(shape) < 1:
            return None
        if (path / _IMAGES).stat().st_size != int(np.prod(shape, dtype=np.int64)):
            return None
        images = np.memmap(path / _IMAGES, dtype=np.uint8, mode="r", shape=shape)
        found = _read_annotations(path / _ANNOTATIONS, facts, shape[0])
        return Entry(images, found, DataReport.from_json(facts["report"]))
    except (OSError, ValueError, KeyError, TypeError, EOFError, DataError):
        return None


class EntryWriter:
    """Takes images one after the other and makes an entry of them, all or nothing.

    Falls back to memory, with a notice, where the folder cannot be written or the disk is full and
    the images are few enough.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], *, emit: Emit = ignore) -> None:
        self.path = path
        self.shape = shape
        self.count = 0
        self._emit = emit
        self._memory: np.ndarray | None = None
        self._temporary = path.with_name(f"{path.name}.tmp-{uuid.uuid4().hex[:12]}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _remove_abandoned(path.parent)
            self._temporary.mkdir()
            self._file = open(self._temporary / _IMAGES, "w+b")  # noqa: SIM115 - closed by us
        except OSError as error:
            self._to_memory(error)

    def add(self, images: Iterable[np.ndarray]) -> None:
        """Append images ``uint8 [C, H, W]``.

        Raises
        ------
        DataError
            If they can be kept neither on disk nor in memory.
        """
        block = np.stack(list(images))
        if self._memory is None:
            try:
                self._file.write(block.tobytes())
                self._file.flush()
            except OSError as error:
                self._to_memory(error)
        if self._memory is not None:
            self._memory[self.count : self.count + len(block)] = block
        self.count += len(block)

    def finish(self, found: Annotations, report: DataReport) -> Entry:
        """Make the entry visible and open it."""
        if self._memory is None:
            try:
                self._publish(found, report)
            except OSError as error:
                self._to_memory(error)
        if self._memory is not None:
            return Entry(self._memory[: self.count], found, report)
        entry = read_entry(self.path)
        if entry is None:
            raise DataError(
                f"The decoded images in {self.path} were removed or changed by another program. "
                "Try again."
            )
        return entry

    def abandon(self) -> None:
        """Remove what was written."""
        if self._memory is None:
            self._file.close()
        self._memory = None
        shutil.rmtree(self._temporary, ignore_errors=True)

    def _publish(self, found: Annotations, report: DataReport) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        _write_annotations(self._temporary, (self.count, *self.shape[1:]), found, report)
        self._file.close()  # an open file would stop the renaming on Windows
        _rename(self._temporary, self.path)

    def _to_memory(self, error: OSError) -> None:
        """Carry on without the disk, keeping what was decoded."""
        where, why = self.path.parent, _cause(error)
        size = int(np.prod(self.shape, dtype=np.int64))
        if size > MEMORY_LIMIT:
            self._drop_files()
            raise DataError(
                f"The decoded images ({size / 2**30:.1f} GiB) cannot be kept in {where}: {why}. "
                "Free some space or choose another cache folder (LATENT_STUDIO_HOME).",
                str(error),
            ) from error
        memory = np.empty(self.shape, dtype=np.uint8)
        if self.count:
            written = np.fromfile(
                self._temporary / _IMAGES, dtype=np.uint8, count=self.count * memory[0].size
            )
            memory[: self.count] = written.reshape(-1, *self.shape[1:])
        self._drop_files()
        self._memory = memory
        self._emit(
            Notice(
                "warning",
                f"The decoded images stay in memory, because {where} cannot take them: {why}.",
                str(error),
            )
        )

    def _drop_files(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            self._file.close()
        shutil.rmtree(self._temporary, ignore_errors=True)


def _cause(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", -1)):
        return "the disk is full"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return "it is read-only"
    return error.strerror or str(error)


def _rename(source: Path, target: Path) -> None:
    """Publish a finished entry; a whole one that another process made meanwhile is as good."""
    for attempt in range(10):
        try:
            os.rename(source, target)
            return
        except OSError:
            if read_entry(target) is not None:
                shutil.rmtree(source, ignore_errors=True)
                return
            if target.exists():  # damaged: move it away in one step, then remove it
                broken = target.with_name(f"{target.name}.tmp-{uuid.uuid4().hex[:12]}")
                with contextlib.suppress(OSError):
                    os.rename(target, broken)
                shutil.rmtree(broken, ignore_errors=True)
            elif attempt == 9:
                raise
            else:
                time.sleep(0.05)  # virus scanners and indexers on Windows hold files for a moment
    raise OSError(errno.EEXIST, "a damaged entry is in the way", str(target))


def _remove_abandoned(folder: Path) -> None:
    """Remove what killed processes left; a living writer touches its file all the time."""
    limit = time.time() - ABANDONED_AFTER_S
    for path in folder.glob("*.tmp-*"):
        with contextlib.suppress(OSError):
            newest = max(p.stat().st_mtime for p in (path, *path.glob("*")))
            if newest < limit:
                shutil.rmtree(path, ignore_errors=True)


def _write_annotations(
    folder: Path, shape: tuple[int, ...], found: Annotations, report: DataReport
) -> None:
    arrays = {f"attribute/{i}": values for i, values in enumerate(found.attributes.values())}
    if found.labels is not None:
        arrays["labels"] = found.labels
    with open(folder / _ANNOTATIONS, "wb") as binary:
        np.savez(binary, allow_pickle=False, **arrays)
        binary.flush()
        os.fsync(binary.fileno())
    facts = {
        "format": FORMAT,
        "shape": shape,
        "classes": found.classes,
        "attributes": list(found.attributes),
        "groups": found.groups,
        "labelled": found.labelled,
        "report": report.to_json(),
    }
    with open(folder / _ENTRY, "w", encoding="utf-8") as text:
        json.dump(facts, text)
        text.flush()
        os.fsync(text.fileno())


def _read_annotations(path: Path, facts: dict[str, Any], count: int) -> Annotations:
    with np.load(path, allow_pickle=False) as arrays:
        labels = arrays.get("labels")
        attributes = {n: arrays[f"attribute/{i}"] for i, n in enumerate(facts["attributes"])}
    groups = facts["groups"]
    columns = [c for c in (labels, groups, *attributes.values()) if c is not None]
    if any(len(column) != count for column in columns):
        raise ValueError("annotations of another length")
    return Annotations(labels, facts["classes"], attributes, groups, int(facts["labelled"]))
