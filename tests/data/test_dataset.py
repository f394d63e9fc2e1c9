"""The decoded cache: made once, reused, renewed on change, never half, never in the way."""

import errno
import json
import multiprocessing
import os

import numpy as np
import pytest

from latent_studio.data import cache as cache_module
from latent_studio.data import dataset as dataset_module
from latent_studio.data.cache import default_cache_dir
from latent_studio.data.dataset import ImageDataset, open_dataset
from latent_studio.data.files import FileSource
from latent_studio.data.source import open_source
from latent_studio.errors import Cancelled, DataError
from latent_studio.events import Notice, Progress
from latent_studio.mailbox import StopToken


@pytest.fixture
def decodes(monkeypatch):
    """The files decoded so far."""
    seen = []
    original = FileSource.load_facts

    def load_facts(self, index, resolution, channels):
        seen.append(self.names[index])
        return original(self, index, resolution, channels)

    monkeypatch.setattr(FileSource, "load_facts", load_facts)
    return seen


def entries(cache):
    return sorted(p.name for p in cache.iterdir()) if cache.exists() else []


def test_decodes_once_then_maps(make_folder, pngs, tmp_path, decodes):
    root, cache = make_folder({**pngs, "bad.png": b"x"}), tmp_path / "cache"
    first = open_dataset(root, resolution=8, cache_dir=cache)
    assert len(decodes) == 7
    again = open_dataset(root, resolution=8, cache_dir=cache)
    assert len(decodes) == 7
    assert isinstance(again.images, np.memmap)
    assert not again.images.flags.writeable
    np.testing.assert_array_equal(first.images, again.images)
    assert again.images.shape == (6, 3, 8, 8)
    assert (len(again), again.resolution, again.channels) == (6, 8, 3)
    assert again.fingerprint == first.fingerprint
    assert again.report.problems == [("bad.png", "not an image, or damaged at its start")]


def test_annotations_follow_the_images_that_are_left(make_zip, pngs, tmp_path):
    labels = [[name, i] for i, name in enumerate(pngs)]
    table = "file,person,smiling\n" + "\n".join(f"{n},p{i},{i % 2}" for i, n in enumerate(pngs))
    files = {**pngs, "01.png": b"broken", "attributes.csv": table.encode()}
    files["dataset.json"] = json.dumps({"labels": labels}).encode()
    path = make_zip(files)
    for _ in range(2):
        data = open_dataset(path, resolution=8, cache_dir=tmp_path / "cache")
        assert data.labels.dtype == np.int64
        assert data.labels.tolist() == [0, 2, 3, 4, 5]
        assert list(data.groups) == ["p0", "p2", "p3", "p4", "p5"]
        assert data.attributes["smiling"].tolist() == [0, 0, 1, 0, 1]
        assert list(data.classes) == list("012345")


def test_size_channels_and_limit_are_kept_apart(make_folder, pngs, tmp_path):
    root, cache = make_folder(pngs), tmp_path / "cache"
    shapes = {
        open_dataset(root, cache_dir=cache, **options).images.shape
        for options in (
            {"resolution": 8},
            {"resolution": 8, "channels": 1},
            {"resolution": 16},
            {"resolution": 8, "limit": 2},
            {"resolution": 8, "limit": 99},
        )
    }
    assert shapes == {(6, 3, 8, 8), (6, 1, 8, 8), (6, 3, 16, 16), (2, 3, 8, 8)}
    assert len(entries(cache)) == 4


def test_a_changed_folder_is_read_again(make_folder, pngs, tmp_path, encoded, picture):
    root, cache = make_folder(pngs), tmp_path / "cache"
    before = open_dataset(root, resolution=8, cache_dir=cache)
    (root / "00.png").write_bytes(encoded(picture(99, (40, 40))))
    after = open_dataset(root, resolution=8, cache_dir=cache)
    assert before.fingerprint != after.fingerprint
    assert (before.images[0] != after.images[0]).any()
    os.utime(root / "01.png", (1, 1))
    assert open_dataset(root, resolution=8, cache_dir=cache).fingerprint != after.fingerprint


def test_a_moved_zip_is_recognised_and_a_changed_one_is_not(make_zip, pngs, tmp_path, decodes):
    path, cache = make_zip(pngs), tmp_path / "cache"
    first = open_dataset(path, resolution=8, cache_dir=cache)
    (tmp_path / "elsewhere").mkdir()
    moved = path.rename(tmp_path / "elsewhere" / path.name)
    assert open_dataset(moved, resolution=8, cache_dir=cache).fingerprint == first.fingerprint
    assert len(decodes) == 6
    changed = make_zip({**pngs, "00.png": pngs["01.png"]})
    assert open_dataset(changed, resolution=8, cache_dir=cache).fingerprint != first.fingerprint


@pytest.mark.parametrize("damage", ["short", "no entry", "garbage", "no annotations", "shape"])
def test_a_damaged_entry_is_made_again(make_folder, pngs, tmp_path, damage):
    root, cache = make_folder(pngs), tmp_path / "cache"
    good = np.array(open_dataset(root, resolution=8, cache_dir=cache).images)
    (entry,) = cache.iterdir()
    if damage == "short":
        (entry / "images.u8").write_bytes(b"\0" * 100)
    elif damage == "no entry":
        (entry / "entry.json").unlink()
    elif damage == "garbage":
        (entry / "entry.json").write_text("[1, 2", encoding="utf-8")
    elif damage == "no annotations":
        (entry / "annotations.npz").write_bytes(b"PK")
    else:
        facts = json.loads((entry / "entry.json").read_text(encoding="utf-8"))
        facts["shape"][0] = 5
        (entry / "entry.json").write_text(json.dumps(facts), encoding="utf-8")
    np.testing.assert_array_equal(open_dataset(root, resolution=8, cache_dir=cache).images, good)
    assert len(entries(cache)) == 1


def test_stopping_leaves_nothing(make_folder, pngs, tmp_path):
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        open_dataset(make_folder(pngs), resolution=8, cache_dir=tmp_path / "cache", token=token)
    assert entries(tmp_path / "cache") == []


def test_what_a_killed_process_left_is_not_used_and_later_removed(make_folder, pngs, tmp_path):
    root, cache = make_folder(pngs), tmp_path / "cache"
    good = open_dataset(root, resolution=8, cache_dir=cache)
    name = next(cache.iterdir()).name
    left = cache / f"{name}.tmp-0123456789ab"
    (cache / name).rename(left)
    fresh = open_dataset(root, resolution=8, cache_dir=cache)
    np.testing.assert_array_equal(fresh.images, good.images)
    assert left.exists()  # young: its writer may be alive
    for path in (*left.iterdir(), left):
        os.utime(path, (1, 1))
    open_dataset(root, resolution=16, cache_dir=cache)
    assert not left.exists()


def test_progress_is_told(make_folder, pngs, tmp_path):
    heard = []
    open_dataset(make_folder(pngs), resolution=8, cache_dir=tmp_path / "c", emit=heard.append)
    assert all(isinstance(event, Progress) for event in heard)
    assert (heard[-1].done, heard[-1].total) == (6, 6)


def _open_in_process(root, cache, queue):
    queue.put(open_dataset(root, resolution=8, cache_dir=cache).images.sum())


def test_two_processes_at_once(make_folder, pngs, tmp_path):
    root, cache = make_folder(pngs), tmp_path / "cache"
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    workers = [
        context.Process(target=_open_in_process, args=(root, cache, queue)) for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    sums = [queue.get(timeout=60) for _ in workers]
    for worker in workers:
        worker.join(60)
    assert sums[0] == sums[1] == open_dataset(root, resolution=8, cache_dir=cache).images.sum()
    assert len(entries(cache)) == 1


def test_losing_the_race_is_fine(make_folder, pngs, tmp_path, monkeypatch):
    root, cache = make_folder(pngs), tmp_path / "cache"
    real = cache_module._write_annotations

    def meanwhile(*args):
        monkeypatch.setattr(cache_module, "_write_annotations", real)
        open_dataset(root, resolution=8, cache_dir=cache)  # another process finishes first
        real(*args)

    monkeypatch.setattr(cache_module, "_write_annotations", meanwhile)
    assert len(open_dataset(root, resolution=8, cache_dir=cache)) == 6
    assert len(entries(cache)) == 1


class _FullDisk:
    """A file that takes ``room`` bytes."""

    def __init__(self, file, room):
        self._file, self._room = file, room

    def write(self, data):
        if self._file.tell() + len(data) > self._room:
            self._file.write(data[: max(0, self._room - self._file.tell())])
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._file.write(data)

    def __getattr__(self, name):
        return getattr(self._file, name)


@pytest.fixture
def full_disk(monkeypatch):
    def fill(room):
        real = cache_module.EntryWriter.__init__

        def init(self, *args, **options):
            real(self, *args, **options)
            self._file = _FullDisk(self._file, room)

        monkeypatch.setattr(cache_module.EntryWriter, "__init__", init)
        monkeypatch.setattr(dataset_module, "_BLOCK", 2)

    return fill


def test_a_full_disk_keeps_small_sets_in_memory(make_folder, pngs, tmp_path, full_disk):
    root, heard = make_folder(pngs), []
    good = np.array(open_dataset(root, resolution=8, cache_dir=tmp_path / "a").images)
    full_disk(2 * 192 + 100)
    data = open_dataset(root, resolution=8, cache_dir=tmp_path / "b", emit=heard.append)
    np.testing.assert_array_equal(data.images, good)
    notices = [event for event in heard if isinstance(event, Notice)]
    assert len(notices) == 1
    assert "the disk is full" in notices[0].message
    assert entries(tmp_path / "b") == []


def test_a_full_disk_and_a_large_set_is_an_error(
    make_folder, pngs, tmp_path, full_disk, monkeypatch
):
    full_disk(2 * 192 + 100)
    monkeypatch.setattr(cache_module, "MEMORY_LIMIT", 1000)
    with pytest.raises(DataError, match="the disk is full"):
        open_dataset(make_folder(pngs), resolution=8, cache_dir=tmp_path / "b")
    assert entries(tmp_path / "b") == []


def test_a_cache_that_cannot_be_made(make_folder, pngs, tmp_path):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    heard = []
    data = open_dataset(
        make_folder(pngs), resolution=8, cache_dir=tmp_path / "file" / "cache", emit=heard.append
    )
    assert len(data) == 6
    assert any(isinstance(event, Notice) and event.level == "warning" for event in heard)


def test_procedural_faces_with_a_limit(tmp_path):
    for _ in range(2):
        data = open_dataset("procedural-faces", resolution=16, limit=12, cache_dir=tmp_path / "c")
        assert data.images.shape == (12, 3, 16, 16)
        assert set(np.unique(data.attributes["smiling"])) <= {0.0, 1.0}
        assert data.attributes["smile"].shape == (12,)
        assert data.labels.max() < len(data.classes)


@pytest.mark.parametrize("channels", [1, 3])
def test_procedural_faces_made_together_are_those_made_alone(tmp_path, monkeypatch, channels):
    monkeypatch.setattr("latent_studio.data.dataset._TOGETHER", 5)
    data = open_dataset(
        "procedural-faces", resolution=64, channels=channels, limit=12, cache_dir=tmp_path
    )
    source = open_source("procedural-faces")
    for index in (0, 4, 5, 11):
        np.testing.assert_array_equal(data.images[index], source.load(index, 64, channels))


def test_drawing_faces_tells_its_progress_and_can_be_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr("latent_studio.data.dataset._TOGETHER", 4)
    monkeypatch.setattr("latent_studio.data.dataset._PROGRESS_S", 0.0)
    token, heard = StopToken(), []

    def emit(event):
        heard.append(event)
        token.stop()

    with pytest.raises(Cancelled):
        open_dataset(
            "procedural-faces", resolution=64, limit=400, cache_dir=tmp_path, emit=emit, token=token
        )
    assert heard
    assert heard[-1].done < 40
    assert entries(tmp_path) == []


@pytest.mark.parametrize("options", [{"resolution": 0}, {"resolution": 9999}])
def test_impossible_sizes(tmp_path, options):
    with pytest.raises(DataError, match="resolution"):
        open_dataset("procedural-faces", cache_dir=tmp_path, **options)
    with pytest.raises(DataError, match="limit"):
        open_dataset("procedural-faces", resolution=8, limit=0, cache_dir=tmp_path)


def test_only_broken_files(make_folder, tmp_path):
    root = make_folder({"a.png": b"x", "b.jpg": b"y"})
    with pytest.raises(DataError, match="None of the 2 images"):
        open_dataset(root, resolution=8, cache_dir=tmp_path / "cache")
    assert entries(tmp_path / "cache") == []


def test_columns_of_another_length_are_refused():
    images = np.zeros((3, 1, 8, 8), np.uint8)
    with pytest.raises(DataError, match="one entry"):
        ImageDataset(images, labels=np.zeros(2, np.int64))


def test_the_default_folder_follows_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path))
    assert default_cache_dir() == tmp_path / "cache"
    monkeypatch.delenv("LATENT_STUDIO_HOME")
    assert default_cache_dir().name == "cache"


@pytest.mark.data
def test_the_real_faces(real_data, tmp_path):
    path = real_data / "lfw-faces-64.zip"
    data = open_dataset(path, resolution=64, limit=500, cache_dir=tmp_path / "cache")
    assert data.images.shape == (500, 3, 64, 64)
    for name in ("smiling", "gender"):
        known = data.attributes[name][np.isfinite(data.attributes[name])]
        assert set(known) == {0.0, 1.0}
    assert data.groups[0] == "AJ_Cook"
    assert data.report.sizes == {(64, 64): 500}


@pytest.mark.data
def test_the_real_digits(real_data, tmp_path):
    path = real_data / "t10k-images-idx3-ubyte.gz"
    data = open_dataset(path, resolution=32, channels=1, limit=200, cache_dir=tmp_path / "cache")
    assert data.images.shape == (200, 1, 32, 32)
    assert data.labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert len(data.classes) == 10
