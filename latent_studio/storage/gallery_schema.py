"""The gallery's tables, their versions, and what becomes of a damaged file."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from latent_studio.errors import StudioError

BUSY_MS = 10_000
_COPIED_AT_ONCE = 50


def _first_tables(db: sqlite3.Connection) -> None:
    db.execute(
        "CREATE TABLE bookmark ("
        "id TEXT PRIMARY KEY, scene TEXT NOT NULL, name TEXT NOT NULL, "
        "model_name TEXT NOT NULL, model_sha256 TEXT NOT NULL, created REAL NOT NULL, "
        "found TEXT NOT NULL, thumbnail BLOB NOT NULL)"
    )
    db.execute(
        "CREATE TABLE tag (bookmark TEXT NOT NULL REFERENCES bookmark(id) ON DELETE CASCADE, "
        "tag TEXT NOT NULL, PRIMARY KEY (bookmark, tag)) WITHOUT ROWID"
    )
    db.execute("CREATE INDEX bookmark_created ON bookmark(created)")
    db.execute("CREATE INDEX tag_bookmarks ON tag(tag)")


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_first_tables,)
"""Step ``i`` brings a database of version ``i`` to ``i + 1``; version 0 is an empty file."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the database, brought to the present version.

    Raises
    ------
    sqlite3.DatabaseError
        If the file is no database or is damaged.
    StudioError
        If a newer program made it.
    """
    db = sqlite3.connect(
        path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False
    )
    try:
        # Readers and a writer do not wait for each other. Disks that cannot (network ones) answer
        # with another mode and lock as usual.
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.execute("PRAGMA foreign_keys=ON")
        (verdict,) = db.execute("PRAGMA quick_check(1)").fetchone()
        if verdict != "ok":
            raise sqlite3.DatabaseError(verdict)
        _migrate(db, path)
    except BaseException:
        db.close()
        raise
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """All of the block or nothing of it; waits for its turn at the beginning, never in between."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        # A full disk may have ended the transaction by itself.
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def set_aside(path: Path) -> tuple[Path, int]:
    """Move a damaged database away and bring what can be read of it into a new one.

    Returns
    -------
    path, rescued
        Where the damaged file is now, and how many bookmarks the new one has.

    Raises
    ------
    OSError
        If it cannot be moved.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.stem}-damaged-{stamp}{path.suffix}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.stem}-damaged-{stamp}-{number}{path.suffix}")
    path.rename(aside)
    for ending in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + ending).rename(aside.with_name(aside.name + ending))
    fresh = connect(path)
    try:
        return aside, _rescue(aside, fresh)
    finally:
        fresh.close()


def _rescue(damaged: Path, fresh: sqlite3.Connection) -> int:
    """Copy whole rows one by one; rows on broken pages are skipped."""
    rescued = 0
    with contextlib.suppress(sqlite3.Error):
        db = sqlite3.connect(f"{damaged.as_uri()}?mode=ro", uri=True, isolation_level=None)
        with contextlib.closing(db), transaction(fresh):
            tags = _readable(db, "SELECT bookmark, tag FROM tag")
            columns = "id, scene, name, model_name, model_sha256, created, found, thumbnail"
            for (number,) in _readable(db, "SELECT rowid FROM bookmark"):
                with contextlib.suppress(sqlite3.Error):
                    row = db.execute(
                        f"SELECT {columns} FROM bookmark WHERE rowid = ?", (number,)
                    ).fetchone()
                    fresh.execute("INSERT INTO bookmark VALUES (?,?,?,?,?,?,?,?)", row)
                    rescued += 1
            for row in tags:
                with contextlib.suppress(sqlite3.Error):
                    fresh.execute("INSERT INTO tag VALUES (?,?)", row)
    return rescued


def _readable(db: sqlite3.Connection, query: str) -> list[tuple[object, ...]]:
    """The rows up to the first broken page."""
    rows: list[tuple[object, ...]] = []
    with contextlib.suppress(sqlite3.Error):
        cursor = db.execute(query)
        while some := cursor.fetchmany(_COPIED_AT_ONCE):
            rows += some
    return rows


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    if _version(db) == len(MIGRATIONS):
        return
    with transaction(db):
        version = _version(db)  # another window may have been quicker
        if version > len(MIGRATIONS):
            raise StudioError(
                f"The gallery {path} was made by a newer Latent Studio. Update the program; the "
                "bookmarks are left as they are."
            )
        for step in MIGRATIONS[version:]:
            step(db)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _version(db: sqlite3.Connection) -> int:
    (version,) = db.execute("PRAGMA user_version").fetchone()
    return int(version)
