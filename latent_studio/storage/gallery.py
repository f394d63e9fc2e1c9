"""Bookmarks: scenes with a thumbnail, a name and tags, in one SQLite file of the user's.

Several windows may have it open: every change is one short transaction, :attr:`Gallery.version`
tells when somebody else has changed something, and a damaged file is set aside with all that can be
read of it brought over.
"""

import contextlib
import io
import os
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from PIL import Image

from latent_studio.errors import StudioError
from latent_studio.recipe import Scene
from latent_studio.storage import paths
from latent_studio.storage.file_lock import FileLock, LockedError
from latent_studio.storage.gallery_schema import connect, set_aside, transaction

THUMBNAIL_SIDE = 128
FILE_NAME = "gallery.sqlite3"
_LOCK_WAIT_S = 20.0
_MANY = 500  # SQLite takes some thousand parameters a query

Sort: TypeAlias = Literal["newest", "oldest", "name", "model"]
SORTS: dict[Sort, str] = {
    "newest": "created DESC, id",
    "oldest": "created, id",
    "name": "name COLLATE NOCASE, created DESC",
    "model": "model_name COLLATE NOCASE, created DESC",
}


def new_id() -> str:
    """A name that no other bookmark of any window has."""
    return uuid.uuid4().hex


@dataclass(frozen=True)
class Bookmark:
    """A scene worth coming back to.

    ``thumbnail`` is a PNG of at most :data:`THUMBNAIL_SIDE` pixels a side; ``created`` seconds
    since 1970. Entries of a list (:meth:`Gallery.entries`) come without thumbnail.
    """

    scene: Scene
    name: str = ""
    tags: tuple[str, ...] = ()
    model_name: str = ""
    thumbnail: bytes = field(default=b"", repr=False)
    created: float = field(default_factory=time.time)
    id: str = field(default_factory=new_id)

    @property
    def title(self) -> str:
        """Its name, or what it is a picture of."""
        if self.name:
            return self.name
        seed = self.scene.recipe.source.seed
        return self.model_name if seed is None else f"{seed}"


class Gallery:
    """The bookmarks of a user; may be used from any thread, by one at a time.

    Parameters
    ----------
    path
        The database; None: in the user's data folder. Created if need be.

    Attributes
    ----------
    notice
        What a person must be told of its opening (a damaged file was set aside), or empty.

    Raises
    ------
    StudioError
        If it cannot be opened, with the cause and the cure; nothing was changed then.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = paths.data_dir() / FILE_NAME if path is None else path
        self.notice = ""
        self._lock = threading.RLock()
        self._db: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        with self._lock, self._explained():
            self._open()

    def close(self) -> None:
        with self._lock:
            db, self._db = self._db, None
            if db is not None:
                db.close()

    # -- reading ----------------------------------------------------------------------------------

    def entries(
        self,
        search: str = "",
        tags: Iterable[str] = (),
        model_sha256: str = "",
        sort: Sort = "newest",
    ) -> list[Bookmark]:
        """Bookmarks without thumbnails that have every word of ``search`` (in name, tags or model,
        upper case or lower) and all ``tags``; those of one model with ``model_sha256``.
        """
        wanted: list[Any] = []
        where: list[str] = []
        for word in search.casefold().split():
            where.append("instr(found, ?) > 0")
            wanted.append(word)
        for tag in clean_tags(tags):
            where.append("EXISTS (SELECT 1 FROM tag WHERE bookmark = bookmark.id AND tag.tag = ?)")
            wanted.append(tag)
        if model_sha256:
            where.append("model_sha256 = ?")
            wanted.append(model_sha256)
        condition = f"WHERE {' AND '.join(where)}" if where else ""
        query = (
            "SELECT id, scene, name, model_name, created FROM bookmark "
            f"{condition} ORDER BY {SORTS[sort]}"
        )
        with self._reading() as db:
            tagged = _tags_by_bookmark(db)
            rows = db.execute(query, wanted).fetchall()
        return [found for row in rows if (found := _bookmark(row, tagged)) is not None]

    def tags(self) -> list[tuple[str, int]]:
        """Every tag with the number of its bookmarks, by name."""
        with self._reading() as db:
            rows = db.execute("SELECT tag, count(*) FROM tag GROUP BY tag ORDER BY tag").fetchall()
        return [(str(tag), int(count)) for tag, count in rows]

    def thumbnails(self, ids: Sequence[str]) -> dict[str, bytes]:
        """PNG bytes by id; unknown ids are left out."""
        found: dict[str, bytes] = {}
        with self._reading() as db:
            for some in _in_parts(ids):
                marks = ",".join("?" * len(some))
                query = f"SELECT id, thumbnail FROM bookmark WHERE id IN ({marks})"
                found.update(db.execute(query, some).fetchall())
        return found

    def get(self, ids: Sequence[str]) -> list[Bookmark]:
        """Whole bookmarks in the order of ``ids``; unknown ids are left out."""
        with self._reading() as db:
            return self._get(db, ids)

    @property
    def version(self) -> int:
        """Another number once somebody else (another window) has changed something."""
        with self._reading() as db:
            (version,) = db.execute("PRAGMA data_version").fetchone()
            return int(version)

    # -- writing ----------------------------------------------------------------------------------

    def put(self, bookmarks: Iterable[Bookmark]) -> None:
        """Keep bookmarks; those whose id is there already are replaced."""
        with self._writing() as db:
            for bookmark in bookmarks:
                _insert(db, bookmark)

    def change(self, ids: Sequence[str], edit: Callable[[Bookmark], Bookmark]) -> list[Bookmark]:
        """Rename, tag …: ``edit`` each bookmark. Returns what they were before, for :meth:`put`."""
        with self._writing() as db:
            before = self._get(db, ids)
            for bookmark in before:
                _insert(db, replace(edit(bookmark), id=bookmark.id))
        return before

    def remove(self, ids: Sequence[str]) -> list[Bookmark]:
        """Delete bookmarks and return them whole, so that :meth:`put` can bring them back."""
        with self._writing() as db:
            gone = self._get(db, ids)
            db.executemany("DELETE FROM bookmark WHERE id = ?", [(b.id,) for b in gone])
        return gone

    # -- inside -----------------------------------------------------------------------------------

    def _get(self, db: sqlite3.Connection, ids: Sequence[str]) -> list[Bookmark]:
        tagged = _tags_by_bookmark(db)
        found: dict[str, Bookmark] = {}
        for some in _in_parts(ids):
            query = (
                "SELECT id, scene, name, model_name, created, thumbnail FROM bookmark "
                f"WHERE id IN ({','.join('?' * len(some))})"
            )
            for row in db.execute(query, some):
                bookmark = _bookmark(row, tagged)
                if bookmark is not None:
                    found[bookmark.id] = bookmark
        return [found[one] for one in dict.fromkeys(ids) if one in found]

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._explained():
            yield self._current()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._explained():
            db = self._current()
            with transaction(db):
                yield db

    def _current(self) -> sqlite3.Connection:
        """The connection; a new one if another window has set the file aside meanwhile."""
        if self._db is None or self._file != _identity(self.path):
            self._open()
        assert self._db is not None
        return self._db

    def _open(self) -> None:
        self.close()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(self.path.with_suffix(".lock")):
            try:
                self._db = connect(self.path)
            except sqlite3.DatabaseError as error:
                if not _is_damage(error):
                    raise
                aside, rescued = set_aside(self.path)
                self.notice = (
                    f"The gallery was damaged and is kept as {aside.name}; {rescued} bookmarks "
                    f"could be read and are in the new one ({self.path.parent})."
                )
                self._db = connect(self.path)
        self._file = _identity(self.path)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            if _is_damage(error):
                self.close()  # the next use finds it out, too, and sets the file aside
            raise StudioError(_explain(error, self.path), repr(error)) from error
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StudioError(
                f"Cannot open the gallery {self.path}: {reason}. Check the folder.", repr(error)
            ) from error


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags without empty ones, doubles and spare blanks; lower case, sorted."""
    return tuple(sorted({" ".join(tag.casefold().split()) for tag in tags} - {""}))


def make_thumbnail(pixels: np.ndarray) -> bytes:
    """A PNG of at most :data:`THUMBNAIL_SIDE` pixels a side.

    Parameters
    ----------
    pixels
        uint8 ``[H, W]`` or ``[H, W, C]``, C = 1 or 3.
    """
    pixels = pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels
    image = Image.fromarray(np.ascontiguousarray(pixels))
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def read_thumbnail(data: bytes) -> np.ndarray | None:
    """uint8 ``[H, W, 3]`` of a thumbnail; None if it is damaged."""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            return np.array(image.convert("RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _bookmark(row: Sequence[Any], tagged: dict[str, list[str]]) -> Bookmark | None:
    """A row as a bookmark; None for a scene that this program cannot read."""
    try:
        scene = _scene(row[1])
    except StudioError:
        return None
    return Bookmark(
        scene=scene,
        name=str(row[2]),
        tags=tuple(tagged.get(row[0], ())),
        model_name=str(row[3]),
        thumbnail=bytes(row[5]) if len(row) > 5 else b"",
        created=float(row[4]),
        id=str(row[0]),
    )


@lru_cache(maxsize=4096)
def _scene(text: str) -> Scene:
    """Lists are read again and again, and their scenes are the same."""
    return Scene.loads(text)


def _insert(db: sqlite3.Connection, bookmark: Bookmark) -> None:
    tags = clean_tags(bookmark.tags)
    found = " ".join((bookmark.name, bookmark.title, bookmark.model_name, *tags)).casefold()
    model = bookmark.scene.model
    db.execute("DELETE FROM bookmark WHERE id = ?", (bookmark.id,))
    db.execute(
        "INSERT INTO bookmark VALUES (?,?,?,?,?,?,?,?)",
        (
            bookmark.id,
            bookmark.scene.dumps(),
            bookmark.name,
            bookmark.model_name,
            model.sha256,
            bookmark.created,
            found,
            bookmark.thumbnail,
        ),
    )
    db.executemany("INSERT INTO tag VALUES (?,?)", [(bookmark.id, tag) for tag in tags])


def _tags_by_bookmark(db: sqlite3.Connection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for bookmark, tag in db.execute("SELECT bookmark, tag FROM tag ORDER BY tag"):
        found.setdefault(bookmark, []).append(tag)
    return found


def _in_parts(ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), _MANY):
        yield list(ids[start : start + _MANY])


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file goes by that name now."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextmanager
def _alone(lock_path: Path) -> Iterator[None]:
    """One window at a time looks at the file's health and sets it aside."""
    lock: FileLock | None = None
    deadline = time.monotonic() + _LOCK_WAIT_S
    while lock is None:
        try:
            lock = FileLock(lock_path)
        except LockedError:
            if time.monotonic() > deadline:
                break  # a window hangs: SQLite's own locks hold without this one, too
            time.sleep(0.02)
        except OSError:
            break  # a disk without locks
    try:
        yield
    finally:
        if lock is not None:
            with contextlib.suppress(OSError):
                lock.release()


def _is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken (and not busy, full or forbidden)."""
    return type(error) is sqlite3.DatabaseError or "malformed" in str(error)


def _explain(error: sqlite3.Error, path: Path) -> str:
    text = str(error)
    if "locked" in text or "busy" in text:
        return "Another window is busy with the gallery. Try again in a moment."
    if "full" in text:
        return f"The bookmark was not kept: the disk of {path.parent} is full. Free some space."
    if "readonly" in text or "unable to open" in text:
        return f"The gallery {path} cannot be written to. Check the folder's permissions."
    if _is_damage(error):
        return f"The gallery {path} turned out to be damaged. Try again: it will be set aside."
    return f"The gallery {path} cannot be used: {text}."
