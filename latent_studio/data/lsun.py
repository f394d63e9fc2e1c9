"""LMDB data sets of encoded images, the way LSUN (Yu et al. 2015, arXiv:1506.03365) is published.

Each value of the database is an image file. A folder is one database (``data.mdb`` in it), or holds
several of them, which then are classes. Images are found by their place in the order of the keys;
of the keys only every thousandth is kept, as far as one has got, so that millions cost nothing.
"""

import hashlib
import importlib
import itertools
import os
import struct
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, overload

import numpy as np

from latent_studio.data.annotations import Annotations
from latent_studio.data.decode import MAX_FILE_BYTES, ImageProblem
from latent_studio.data.files import FileSource
from latent_studio.errors import DataError

DATA_FILE = "data.mdb"
_STRIDE = 1024
# A page of LMDB begins with 16 bytes of header; the first one is followed by this number.
_MAGIC_AT, _MAGIC = 16, 0xBEEFC0DE
_SUFFIXES = ("_lmdb", "_train", "_val", "_test")


def is_lmdb(text: str) -> bool:
    """Whether a folder is an LMDB database or holds some, by their first bytes."""
    return Path(text).is_dir() and bool(databases(Path(text)))


def databases(folder: Path) -> list[Path]:
    """The folder itself if it is a database, else its sub-folders that are."""
    if _has_magic(folder / DATA_FILE):
        return [folder]
    return sorted(path.parent for path in folder.glob(f"*/{DATA_FILE}") if _has_magic(path))


def _has_magic(path: Path) -> bool:
    if not path.is_file():
        return False
    with open(path, "rb") as file:
        head = file.read(_MAGIC_AT + 4)
    return any(head[_MAGIC_AT:] == struct.pack(f"{order}I", _MAGIC) for order in "<>")


class _Environment:
    """One open database; LMDB allows one a process and path."""

    def __init__(self, lmdb: Any, path: Path) -> None:
        self.handle = lmdb.open(str(path), readonly=True, lock=False, readahead=False, create=False)


_OPEN: "weakref.WeakValueDictionary[str, _Environment]" = weakref.WeakValueDictionary()
_OPEN_LOCK = threading.Lock()


def _environment(lmdb: Any, path: Path) -> _Environment:
    """The open database at ``path``, shared by all who read it."""
    key = os.path.realpath(path)
    with _OPEN_LOCK:
        found = _OPEN.get(key)
        if found is None:
            found = _OPEN[key] = _Environment(lmdb, path)
        return found


# Damage inside a database ends the process that comes across it (an assertion of the library, a
# page beyond the file), so every entry is come across in another process first.
_WALK = """
import sys
sys.path[:] = sys.argv[2:]
import lmdb
env = lmdb.open(sys.argv[1], readonly=True, lock=False, readahead=False, create=False)
with env.begin(buffers=True) as transaction:
    found = sum(1 for _ in transaction.cursor())
sys.exit(0 if found == env.stat()["entries"] else "the number of entries is wrong")
"""
_SOUND: set[tuple[str, int, int]] = set()


def _check_apart(path: Path) -> None:
    """Refuse a database that can't be walked through; once for each state of its file."""
    status = (path / DATA_FILE).stat()
    state = os.path.realpath(path), status.st_size, status.st_mtime_ns
    if state in _SOUND or not sys.executable or getattr(sys, "frozen", False):
        return  # sound, or there is no interpreter to start
    command = [sys.executable, "-c", _WALK, str(path), *sys.path]
    walk = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # of a console, on Windows
    )
    if walk.returncode:
        told = walk.stderr.decode("utf-8", "replace").strip()
        raise _damaged(path, OSError(f"{walk.returncode}: {told[-500:]}"))
    _SOUND.add(state)


class Database:
    """One LMDB database, its entries by place.

    Raises
    ------
    DataError
        If the package ``lmdb`` is missing or the database cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            lmdb: Any = importlib.import_module("lmdb")
        except ImportError as error:
            raise DataError(
                f"{path} is an LMDB data set. Install its reader: "
                'pip install "latent-studio[lsun]".',
                str(error),
            ) from error
        self._error: type[Exception] = lmdb.Error
        _check_apart(path)
        try:
            self._environment = _environment(lmdb, path)
            self._env = self._environment.handle
            facts, info = self._env.stat(), self._env.info()
        except (lmdb.Error, OSError) as error:
            raise _damaged(path, error) from error
        # Reading a page beyond the end of the file would end the whole process.
        if (path / DATA_FILE).stat().st_size < (info["last_pgno"] + 1) * facts["psize"]:
            raise _damaged(path, EOFError(f"{info['last_pgno']} pages"))
        self.count = int(facts["entries"])
        self.stamp = f"{self.count} {info['last_txnid']}"
        self._lock = threading.Lock()
        self._anchors: list[bytes] = []
        self._block: tuple[int, list[bytes]] = (-1, [])

    def key(self, index: int) -> bytes:
        """The key at place ``index`` in their order."""
        number, place = divmod(index, _STRIDE)
        with self._lock:
            if self._block[0] != number:
                self._block = (number, self._keys(number))
            return self._block[1][place]

    def read(self, key: bytes) -> bytes:
        with self._reading() as transaction:
            value = transaction.get(key)
        return b"" if value is None else bytes(value)

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        """A transaction whose failures name the file."""
        try:
            with self._env.begin() as transaction:
                yield transaction
        except (self._error, OSError) as error:
            raise _damaged(self.path, error) from error

    def _keys(self, number: int) -> list[bytes]:
        """The keys of block ``number``; the blocks before are gone through once."""
        with self._reading() as transaction:
            cursor = transaction.cursor()
            while len(self._anchors) <= number:
                self._find_anchor(cursor)
            cursor.set_key(self._anchors[number])
            return list(itertools.islice(cursor.iternext(keys=True, values=False), _STRIDE))

    def _find_anchor(self, cursor: Any) -> None:
        """Note the first key of the next block."""
        if not self._anchors:
            if not cursor.first():
                raise IndexError("an empty database")
        else:
            cursor.set_key(self._anchors[-1])
            for _ in range(_STRIDE):
                if not cursor.next():
                    raise IndexError("beyond the last key")
        self._anchors.append(bytes(cursor.key()))


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(
        f"{path} is a damaged or cut off LMDB data set. Copy or download it again.", str(error)
    )


class _Names(Sequence[str]):
    """Names of the images, made when one is asked for."""

    def __init__(self, stores: Sequence[Database]) -> None:
        self._stores = stores
        self._ends = np.cumsum([store.count for store in stores])

    def __len__(self) -> int:
        return int(self._ends[-1])

    def place(self, index: int) -> tuple[Database, int]:
        if not 0 <= index < len(self):
            raise IndexError(index)
        which = int(np.searchsorted(self._ends, index, side="right"))
        return self._stores[which], index - (int(self._ends[which - 1]) if which else 0)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        store, row = self.place(index)
        return f"{store.path.name}/{store.key(row).decode('utf-8', 'backslashreplace')}"


class LmdbSource(FileSource):
    """The images of one LMDB database, or of several as classes.

    Raises
    ------
    DataError
        If the package ``lmdb`` is missing, or a database is damaged or empty.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._stores = [Database(path) for path in databases(root)]
        if not sum(store.count for store in self._stores):
            raise DataError(f"There are no images in the LMDB data set {root}.")
        self._stores = [store for store in self._stores if store.count]
        self._names = _Names(self._stores)
        digest = hashlib.blake2b(b"lmdb", digest_size=16)
        for store in self._stores:
            size = (store.path / DATA_FILE).stat().st_size
            digest.update(f"{store.path.name}\0{size}\0{store.stamp}\n".encode())
        super().__init__(root.resolve().name or str(root), digest.hexdigest())

    @property
    def names(self) -> Sequence[str]:
        return self._names

    def read(self, index: int) -> bytes:
        store, row = self._names.place(index)
        content = store.read(store.key(row))
        if len(content) > MAX_FILE_BYTES:
            raise ImageProblem(self.names[index], "the file is larger than this program reads")
        return content

    def read_table(self, name: str) -> bytes | None:
        return None

    def _annotate(self) -> Annotations:
        if len(self._stores) < 2:
            return Annotations()
        counts = [store.count for store in self._stores]
        labels = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
        return Annotations(labels, _class_names(self._stores), labelled=len(labels))


def _class_names(stores: Sequence[Database]) -> list[str]:
    """``bedroom`` for ``bedroom_train_lmdb``, where the short names stay distinct."""
    whole = [store.path.name for store in stores]
    short = []
    for name in whole:
        for suffix in _SUFFIXES:
            name = name.removesuffix(suffix)
        short.append(name)
    return short if len(set(short)) == len(short) and all(short) else whole
