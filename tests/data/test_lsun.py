"""LMDB data sets: found by content, read in the order of their keys, refused when cut off."""

import builtins
import gc
import importlib

import numpy as np
import pytest

from latent_studio.data import lsun
from latent_studio.data.dataset import open_dataset
from latent_studio.data.source import open_source
from latent_studio.errors import DataError

lmdb = pytest.importorskip("lmdb", reason='pip install "latent-studio[lsun]"')


@pytest.fixture
def make_lmdb(tmp_path):
    def make(files, name="bedroom_train_lmdb"):
        path = tmp_path / name
        path.mkdir(parents=True)
        with lmdb.open(str(path), map_size=2**24) as env, env.begin(write=True) as transaction:
            for key, value in files.items():
                transaction.put(key.encode(), value)
        return path

    return make


def shuffled(pngs):
    """Keys that are not in the order of writing, as hashes are."""
    return {f"{(i * 7) % 6:040x}": data for i, data in enumerate(pngs.values())}


def test_images_come_in_the_order_of_their_keys(make_lmdb, pngs, picture):
    source = open_source(make_lmdb(shuffled(pngs)))
    assert source.count == 6
    assert source.annotations().labels is None
    assert source.item_name(1).endswith("/" + f"{1:040x}")
    order = sorted(range(6), key=lambda i: (i * 7) % 6)
    for index, number in enumerate(order):
        expected = np.asarray(picture(number).crop((2, 0, 18, 16))).transpose(2, 0, 1)
        np.testing.assert_array_equal(source.load(index, 16, 3), expected)
    assert source.report().count == 6


def test_every_image_is_found_among_many_blocks(make_lmdb, monkeypatch):
    monkeypatch.setattr(lsun, "_STRIDE", 4)
    source = open_source(make_lmdb({f"{i:03d}": f"v{i}".encode() for i in range(23)}))
    for index in (22, 0, 7, 8, 3, 22, 15, 16):
        assert source.read(index) == f"v{index}".encode()
    with pytest.raises(IndexError):
        source.item_name(23)


def test_only_what_is_asked_for_is_looked_at(make_lmdb, monkeypatch):
    monkeypatch.setattr(lsun, "_STRIDE", 4)
    source = open_source(make_lmdb({f"{i:03d}": b"x" for i in range(40)}))
    source.read(5)
    assert len(source._stores[0]._anchors) == 2


def test_several_databases_are_classes(make_lmdb, pngs):
    names = list(pngs)
    make_lmdb({n: pngs[n] for n in names[:2]}, "lsun/bedroom_train_lmdb")
    root = make_lmdb({n: pngs[n] for n in names[2:]}, "lsun/tower_train_lmdb").parent
    found = open_source(root).annotations()
    assert found.classes == ["bedroom", "tower"]
    assert found.labels.tolist() == [0, 0, 1, 1, 1, 1]


def test_a_data_set_is_made_and_found_again(make_lmdb, pngs, tmp_path):
    path = make_lmdb({**pngs, "broken": b"no picture"})
    for _ in range(2):
        data = open_dataset(path, resolution=8, cache_dir=tmp_path / "cache")
        assert data.images.shape == (6, 3, 8, 8)
    assert [why for _, why in data.report.problems] == ["not an image, or damaged at its start"]
    first = data.fingerprint
    del data
    gc.collect()  # LMDB opens a path once a process
    with lmdb.open(str(path), map_size=2**24) as env, env.begin(write=True) as transaction:
        transaction.put(b"more", pngs["00.png"])
    assert open_dataset(path, resolution=8, cache_dir=tmp_path / "cache").fingerprint != first


def test_two_readers_at_once(make_lmdb, pngs):
    path = make_lmdb(pngs)
    one, two = open_source(path), open_source(path)
    assert one.read(3) == two.read(3)


def test_a_cut_file_is_refused(make_lmdb):
    path = make_lmdb({f"{i:03d}": bytes(5000) for i in range(50)})
    data = (path / "data.mdb").read_bytes()
    (path / "data.mdb").write_bytes(data[: len(data) // 2])
    with pytest.raises(DataError, match="cut off LMDB"):
        open_source(path)


@pytest.mark.parametrize("seed", range(12))
def test_damage_inside_is_refused_or_does_no_harm(make_lmdb, seed):
    """Whole pages of noise, which the library may meet with an assertion."""
    path = make_lmdb({f"{i:03d}": bytes(900) for i in range(60)})
    raw = bytearray((path / "data.mdb").read_bytes())
    random = np.random.default_rng(seed)
    page = 4096 * int(random.integers(2, len(raw) // 4096))
    raw[page : page + 4096] = random.bytes(4096)
    (path / "data.mdb").write_bytes(raw)
    try:
        source = open_source(path)
        for index in range(source.count):
            source.read(index)
    except DataError as error:
        assert str(path) in error.message


def test_a_walk_that_dies_is_told_and_one_that_does_not_is_not_repeated(make_lmdb, monkeypatch):
    path = make_lmdb({"a": b"x"})
    monkeypatch.setattr(lsun, "_WALK", "import os; os.abort()")
    with pytest.raises(DataError, match="damaged"):
        open_source(path)
    monkeypatch.setattr(lsun, "_WALK", "pass")
    open_source(path)
    monkeypatch.setattr(lsun.subprocess, "run", pytest.fail)
    assert open_source(path).read(0) == b"x"


def test_a_program_of_one_file_starts_no_second_window(make_lmdb, pngs, monkeypatch):
    """There ``sys.executable`` is the program itself."""
    monkeypatch.setattr(lsun.sys, "frozen", True, raising=False)
    monkeypatch.setattr(lsun.subprocess, "run", pytest.fail)
    assert open_source(make_lmdb(shuffled(pngs), "frozen_train_lmdb")).count == 6


def test_failures_of_the_library_name_the_file(make_lmdb):
    source = open_source(make_lmdb({"a": b"x"}))

    class Failing:
        def begin(self):
            raise lmdb.PageNotFoundError("page 7")

    source._stores[0]._env = Failing()
    for work in (source.read, source.item_name):
        with pytest.raises(DataError, match="bedroom_train_lmdb"):
            work(0)


def test_garbage_behind_the_magic_is_refused(tmp_path):
    path = tmp_path / "odd_lmdb"
    path.mkdir()
    (path / "data.mdb").write_bytes(bytes(16) + b"\xde\xc0\xef\xbe" + bytes(9000))
    with pytest.raises(DataError, match="damaged"):
        open_source(path)


def test_an_empty_database_is_told(make_lmdb):
    with pytest.raises(DataError, match="no images"):
        open_source(make_lmdb({}))


def test_without_the_package_the_cure_is_named(make_lmdb, pngs, monkeypatch):
    path = make_lmdb(pngs)
    real = importlib.import_module

    def without(name, *rest):
        if name == "lmdb":
            raise builtins.ImportError("No module named 'lmdb'")
        return real(name, *rest)

    monkeypatch.setattr(importlib, "import_module", without)
    with pytest.raises(DataError, match=r'pip install "latent-studio\[lsun\]"'):
        open_source(path)
