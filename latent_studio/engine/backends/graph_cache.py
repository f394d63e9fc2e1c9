"""Compiled graphs on disk: kept by what they are made of, the longest unused thrown away first.

Entries are written under a temporary name and renamed, so two processes may share the folder; a
damaged one is deleted and counts as missing.
"""

import contextlib
import hashlib
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from latent_studio.errors import StudioError
from latent_studio.models.base import Generator
from latent_studio.storage.atomic import atomic_write, remove
from latent_studio.storage.paths import cache_dir

log = logging.getLogger(__name__)

LIMIT_BYTES = 2 << 30
SUFFIX = ".graph"
_MAGIC = b"latent-studio graph 1\n"
_DIGEST = 32


def graphs_dir() -> Path:
    """Where compiled graphs and choices lie.

    Raises
    ------
    StudioError
        If the folder cannot be made.
    """
    folder = cache_dir() / "graphs"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise StudioError(f"Cannot create the folder {folder}.", repr(error)) from error
    return folder


def key_of(facts: Mapping[str, Any]) -> str:
    """A name for everything that a result depends on (JSON values)."""
    text = json.dumps(facts, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()


def weight_hash(generator: Generator) -> str:
    """Hash of all parameters and buffers, names and shapes; some 0.2 s for 100 MB."""
    digest = hashlib.blake2b(digest_size=20)
    for name, value in sorted([*generator.named_parameters(), *generator.named_buffers()]):
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}\n".encode())
        flat = value.detach().cpu().contiguous().reshape(-1).view(torch.uint8)
        digest.update(flat.numpy().data)
    return digest.hexdigest()


class GraphCache:
    """A folder of at most ``limit`` bytes of entries; may be shared by processes."""

    def __init__(self, folder: Path, limit: int = LIMIT_BYTES) -> None:
        self.folder, self.limit = folder, limit

    def path(self, key: str) -> Path:
        return self.folder / f"{key}{SUFFIX}"

    def read(self, key: str) -> bytes | None:
        """An entry, now the most recently used one; None if it is missing or damaged."""
        path = self.path(key)
        try:
            raw = path.read_bytes()
        except OSError:
            return None
        head = len(_MAGIC) + _DIGEST
        body = memoryview(raw)[head:]
        if raw[: len(_MAGIC)] != _MAGIC or raw[len(_MAGIC) : head] != _sum(body):
            log.info("%s is damaged; it will be made again", path.name)
            self.remove(key)
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        return bytes(body)

    def write(self, key: str, data: bytes) -> None:
        """Keep ``data``. A disk that is full or read-only costs the entry, nothing else."""
        try:
            with atomic_write(self.path(key)) as file:
                file.write(_MAGIC + _sum(data))
                file.write(data)
        except StudioError as error:
            log.info("a compiled graph is not kept: %s", error)
        self.prune(keep=key)

    def remove(self, key: str) -> None:
        with contextlib.suppress(OSError):
            remove(self.path(key))

    def prune(self, keep: str = "") -> None:
        """Delete the longest unused entries until the rest fits; never ``keep``."""
        entries = []
        for path in self.folder.glob(f"*{SUFFIX}"):
            with contextlib.suppress(OSError):  # another process was quicker
                facts = path.stat()
                entries.append((facts.st_mtime, facts.st_size, path))
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= self.limit:
                break
            if path != self.path(keep):
                with contextlib.suppress(OSError):
                    remove(path)
                total -= size


def _sum(data: bytes | memoryview) -> bytes:
    return hashlib.blake2b(data, digest_size=_DIGEST).digest()
