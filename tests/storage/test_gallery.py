import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from latent_studio.errors import StudioError
from latent_studio.recipe import ModelRef, Recipe, Scene
from latent_studio.storage import gallery_schema
from latent_studio.storage.gallery import (
    THUMBNAIL_SIDE,
    Bookmark,
    Gallery,
    clean_tags,
    make_thumbnail,
    read_thumbnail,
)

FACES = ModelRef("bundled", "faces", "a" * 64)
CARS = ModelRef("file", "/models/cars.safetensors", "b" * 64)
THUMBNAIL = make_thumbnail(np.full((8, 8, 3), 90, np.uint8))


def bookmark(seed: int, model: ModelRef = FACES, **facts) -> Bookmark:
    facts = {"thumbnail": THUMBNAIL, "created": float(seed), **facts}
    return Bookmark(Scene(model, Recipe.from_seed(seed)), model_name=Path(model.name).stem, **facts)


@pytest.fixture
def gallery(tmp_path):
    opened = Gallery(tmp_path / "gallery.sqlite3")
    yield opened
    opened.close()


def seeds(found) -> list[int]:
    return [entry.scene.recipe.source.seed for entry in found]


def test_what_is_put_comes_back(gallery):
    vector = Recipe(source=Recipe().source.from_vector("w", np.arange(6, dtype=np.float32)))
    one = Bookmark(Scene(CARS, vector), "Ünique", ("b", "a"), "cars", THUMBNAIL, 12.5)
    gallery.put([one])
    (found,) = gallery.get([one.id])
    assert found == Bookmark(one.scene, "Ünique", ("a", "b"), "cars", THUMBNAIL, 12.5, one.id)
    (listed,) = gallery.entries()
    assert listed.thumbnail == b"" and listed.scene == one.scene
    assert gallery.thumbnails([one.id, "nobody"]) == {one.id: THUMBNAIL}


def test_search_tags_and_sort(gallery):
    gallery.put(
        [
            bookmark(3, name="Große Brille", tags=("Glasses", "keep")),
            bookmark(1, name="smile", tags=("keep",)),
            bookmark(2, CARS, name="red CAR 100%"),
        ]
    )
    assert seeds(gallery.entries()) == [3, 2, 1]
    assert seeds(gallery.entries(sort="oldest")) == [1, 2, 3]
    assert seeds(gallery.entries(sort="name")) == [3, 2, 1]
    assert seeds(gallery.entries(sort="model"))[0] == 2
    assert seeds(gallery.entries("GROSSE")) == [3]
    assert seeds(gallery.entries("keep faces")) == [3, 1]
    assert seeds(gallery.entries("100%")) == [2]
    assert seeds(gallery.entries("%")) == [2]
    assert seeds(gallery.entries(tags=("KEEP", "glasses"))) == [3]
    assert seeds(gallery.entries(model_sha256="b" * 64)) == [2]
    assert gallery.tags() == [("glasses", 1), ("keep", 2)]


def test_remove_and_bring_back(gallery):
    kept = [bookmark(seed, tags=("t",)) for seed in range(3)]
    gallery.put(kept)
    gone = gallery.remove([kept[0].id, "nobody", kept[2].id])
    assert gone == [kept[0], kept[2]]
    assert seeds(gallery.entries()) == [1] and gallery.tags() == [("t", 1)]
    gallery.put(gone)
    assert seeds(gallery.entries(sort="oldest")) == [0, 1, 2]
    assert gallery.get([b.id for b in kept]) == kept


def test_change_gives_back_what_was(gallery):
    from dataclasses import replace

    one = bookmark(5, tags=("old",))
    gallery.put([one])
    before = gallery.change([one.id], lambda b: replace(b, name="new", tags=("fresh",), id="x"))
    assert before == [one]
    assert gallery.get([one.id])[0].name == "new" and gallery.entries("fresh")
    gallery.put(before)
    assert gallery.get([one.id]) == [one] and not gallery.entries("fresh")


def test_a_failed_change_changes_nothing(gallery):
    kept = [bookmark(seed) for seed in range(3)]
    gallery.put(kept)

    def break_off(found: Bookmark) -> Bookmark:
        if found.id == kept[1].id:
            raise RuntimeError("half-way")
        return Bookmark(found.scene, "changed")

    with pytest.raises(RuntimeError):
        gallery.change([b.id for b in kept], break_off)
    assert gallery.get([b.id for b in kept]) == kept


def test_another_window_is_seen(gallery):
    other = Gallery(gallery.path)
    try:
        before = gallery.version
        gallery.put([bookmark(1)])
        assert gallery.version == before  # its own changes it knows
        other.put([bookmark(2)])
        assert gallery.version != before
        assert seeds(gallery.entries()) == [2, 1] == seeds(other.entries())
    finally:
        other.close()


def test_many_hands_lose_nothing(gallery):
    windows = [Gallery(gallery.path) for _ in range(4)]
    failures = []

    def work(window: Gallery, first: int) -> None:
        try:
            for seed in range(first, first + 12):
                window.put([bookmark(seed, tags=("t",))])
                window.entries("faces")
        except StudioError as error:
            failures.append(error)

    threads = [
        threading.Thread(target=work, args=(window, 100 * index))
        for index, window in enumerate(windows)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for window in windows:
        window.close()
    assert not failures
    assert len(gallery.entries()) == 48


def test_a_killed_writer_harms_nobody(tmp_path):
    path = tmp_path / "gallery.sqlite3"
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from latent_studio.recipe import ModelRef, Recipe, Scene\n"
        "from latent_studio.storage.gallery import Bookmark, Gallery\n"
        "g = Gallery(Path(sys.argv[1]))\n"
        "g.put([Bookmark(Scene(ModelRef(), Recipe.from_seed(1)))])\n"
        "g._db.execute('BEGIN IMMEDIATE')\n"
        "g._db.execute('DELETE FROM bookmark')\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], timeout=60)
    left = Gallery(path)
    try:
        assert seeds(left.entries()) == [1]
        left.put([bookmark(2)])
        assert left.notice == ""
    finally:
        left.close()


def test_a_file_that_is_no_database_is_set_aside(tmp_path):
    path = tmp_path / "gallery.sqlite3"
    path.write_bytes(b"not a database at all" * 100)
    gallery = Gallery(path)
    try:
        assert "damaged" in gallery.notice and "0 bookmarks" in gallery.notice
        (aside,) = tmp_path.glob("gallery-damaged-*.sqlite3")
        assert aside.read_bytes().startswith(b"not a database")
        gallery.put([bookmark(1)])
        assert seeds(gallery.entries()) == [1]
    finally:
        gallery.close()


def test_what_can_be_read_of_a_damaged_file_is_brought_over(tmp_path):
    path = tmp_path / "gallery.sqlite3"
    first = Gallery(path)
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    first.put([bookmark(s, thumbnail=make_thumbnail(noise), tags=("t",)) for s in range(40)])
    first.close()
    data = bytearray(path.read_bytes())
    assert len(data) > 1_000_000
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 20 * 4096] = b"\x5a" * (20 * 4096)
    path.write_bytes(data)
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    gallery = Gallery(path)
    try:
        assert "damaged" in gallery.notice
        found = gallery.entries()
        assert 30 <= len(found) < 40
        pictures = gallery.thumbnails([entry.id for entry in found])
        whole = [read_thumbnail(pictures[entry.id]) is not None for entry in found]
        assert sum(whole) >= len(found) - 2
        assert gallery.tags()[0][1] == len(found)
    finally:
        gallery.close()


def test_a_window_follows_when_another_sets_the_file_aside(gallery):
    gallery.put([bookmark(1)])
    aside, rescued = gallery_schema.set_aside(gallery.path)
    assert (aside.is_file(), rescued) == (True, 1)
    gallery.put([bookmark(2)])
    other = Gallery(gallery.path)
    try:
        assert seeds(other.entries()) == [2, 1]
    finally:
        other.close()


def test_a_newer_program_s_gallery_stays_as_it_is(gallery):
    gallery.put([bookmark(1)])
    gallery.close()
    db = sqlite3.connect(gallery.path)
    db.execute(f"PRAGMA user_version = {len(gallery_schema.MIGRATIONS) + 1}")
    db.close()
    with pytest.raises(StudioError, match="newer Latent Studio"):
        Gallery(gallery.path)
    assert not list(gallery.path.parent.glob("*damaged*"))


def test_an_older_gallery_is_brought_up(gallery, monkeypatch):
    gallery.put([bookmark(1)])
    gallery.close()

    def rate(db: sqlite3.Connection) -> None:
        db.execute("ALTER TABLE bookmark ADD COLUMN rating INTEGER NOT NULL DEFAULT 3")

    monkeypatch.setattr(gallery_schema, "MIGRATIONS", (*gallery_schema.MIGRATIONS, rate))
    db = gallery_schema.connect(gallery.path)
    assert db.execute("SELECT rating FROM bookmark").fetchall() == [(3,)]
    assert db.execute("PRAGMA user_version").fetchone() == (2,)
    db.close()


def test_a_migration_that_fails_leaves_the_old_version(gallery, monkeypatch):
    gallery.put([bookmark(1)])
    gallery.close()

    def break_off(db: sqlite3.Connection) -> None:
        db.execute("DROP TABLE tag")
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(gallery_schema, "MIGRATIONS", (*gallery_schema.MIGRATIONS, break_off))
        with pytest.raises(RuntimeError):
            gallery_schema.connect(gallery.path)
    assert seeds(gallery.entries()) == [1]


def test_a_scene_from_the_future_is_kept_but_not_shown(gallery):
    gallery.put([bookmark(1), bookmark(2)])
    scene = '{"model":{"kind":"file"},"recipe":{"hologram":1}}'
    gallery._db.execute("UPDATE bookmark SET scene = ? WHERE created = 1", (scene,))
    assert seeds(gallery.entries()) == [2]
    assert gallery._db.execute("SELECT count(*) FROM bookmark").fetchone() == (2,)


def test_busy_and_forbidden_places_are_explained(gallery, monkeypatch, tmp_path):
    monkeypatch.setattr(gallery_schema, "BUSY_MS", 20)
    other = Gallery(gallery.path)
    gallery._db.execute("BEGIN IMMEDIATE")
    with pytest.raises(StudioError, match="Another window"):
        other.put([bookmark(1)])
    gallery._db.execute("ROLLBACK")
    other.close()
    (tmp_path / "folder.sqlite3").mkdir()
    with pytest.raises(StudioError, match="permissions"):
        Gallery(tmp_path / "folder.sqlite3")


def test_a_full_disk_is_told_and_loses_nothing(gallery):
    gallery.put([bookmark(1)])
    pages = gallery._db.execute("PRAGMA page_count").fetchone()[0]
    gallery._db.execute(f"PRAGMA max_page_count = {pages}")
    noise = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    with pytest.raises(StudioError, match="is full"):
        gallery.put([bookmark(2, thumbnail=make_thumbnail(noise))])
    assert seeds(gallery.entries()) == [1]


def test_thumbnails():
    grey = np.arange(256, dtype=np.uint8).repeat(512).reshape(256, 512)
    small = read_thumbnail(make_thumbnail(grey))
    assert small.shape == (THUMBNAIL_SIDE // 2, THUMBNAIL_SIDE, 3)
    exact = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert np.array_equal(read_thumbnail(make_thumbnail(exact)), exact)
    assert read_thumbnail(b"nonsense") is None


def test_tags_are_cleaned():
    assert clean_tags([" Big  Hat", "big hat", "", "a"]) == ("a", "big hat")
