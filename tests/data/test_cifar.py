"""CIFAR as it is published: archives, folders and single files, pickled and binary."""

import io
import pickle
import tarfile
from typing import ClassVar

import numpy as np
import pytest

from latent_studio.data import containers
from latent_studio.data.cifar import CifarSource
from latent_studio.data.dataset import open_dataset
from latent_studio.data.source import open_source
from latent_studio.errors import DataError

PER_FILE = 4


def pixels(seed, count=PER_FILE):
    return np.random.default_rng(seed).integers(0, 256, (count, 3072), dtype=np.uint8)


def ten():
    """Files of a tiny CIFAR-10 in pickles, the way Python 2 has them: keys as bytes."""
    files = {}
    for k in range(5):
        labels = [(k + i) % 10 for i in range(PER_FILE)]
        content = {b"batch_label": b"x", b"labels": labels, b"data": pixels(k)}
        files[f"data_batch_{k + 1}"] = pickle.dumps(content, 2)
    files["test_batch"] = pickle.dumps({b"labels": [9] * PER_FILE, b"data": pixels(9)}, 2)
    names = [f"kind{i}".encode() for i in range(10)]
    files["batches.meta"] = pickle.dumps({b"label_names": names}, 2)
    files["readme.html"] = b"<html>"
    return files


def hundred():
    content = {"data": pixels(1), "fine_labels": [0, 99, 5, 5], "coarse_labels": [1, 0, 2, 2]}
    meta = {
        "fine_label_names": [f"fine{i}" for i in range(100)],
        "coarse_label_names": ["fish", "flower", "tree"],
    }
    return {"train": pickle.dumps(content, 4), "meta": pickle.dumps(meta, 4)}


def ten_binary():
    files = {"batches.meta.txt": b"\n".join(f"kind{i}".encode() for i in range(10)) + b"\n\n"}
    for k in range(5):
        labels = (np.arange(PER_FILE, dtype=np.uint8) + k) % 10
        files[f"data_batch_{k + 1}.bin"] = np.column_stack([labels, pixels(k)]).tobytes()
    return files


def hundred_binary():
    labels = np.array([[1, 0], [0, 99], [2, 5], [2, 5]], dtype=np.uint8)
    return {
        "train.bin": np.hstack([labels, pixels(1)]).tobytes(),
        "fine_label_names.txt": b"\n".join(f"fine{i}".encode() for i in range(100)),
        "coarse_label_names.txt": b"fish\nflower\ntree\n",
    }


@pytest.fixture
def make_tar(tmp_path):
    def make(files, name="cifar-10-python.tar.gz", folder="cifar-10-batches-py", mode="w:gz"):
        with tarfile.open(tmp_path / name, mode) as target:
            for member, data in sorted(files.items(), reverse=True):
                info = tarfile.TarInfo(f"{folder}/{member}")
                info.size = len(data)
                target.addfile(info, io.BytesIO(data))
        return tmp_path / name

    return make


def picture(seed, row):
    return pixels(seed)[row].reshape(3, 32, 32)


def check_ten(source):
    assert source.count == 5 * PER_FILE
    np.testing.assert_array_equal(source.load(0, 32, 3), picture(0, 0))
    np.testing.assert_array_equal(source.load(PER_FILE * 4 + 3, 32, 3), picture(4, 3))
    np.testing.assert_array_equal(source.load(PER_FILE, 32, 3), picture(1, 0))
    assert source.load(2, 64, 1).shape == (1, 64, 64)
    found = source.annotations()
    assert found.classes[3] == "kind3"
    assert found.labels.tolist()[:5] == [0, 1, 2, 3, 1]
    assert source.report().sizes == {(32, 32): 20}


def check_hundred(source):
    found = source.annotations()
    assert found.labels.tolist() == [0, 99, 5, 5]
    assert found.classes[99] == "fine99"
    assert found.attributes["coarse=fish"].tolist() == [0, 1, 0, 0]
    assert found.attributes["coarse=tree"].tolist() == [0, 0, 1, 1]
    np.testing.assert_array_equal(source.load(2, 32, 3), picture(1, 2))


def test_the_archive(make_tar):
    check_ten(open_source(make_tar(ten())))


def test_an_unpacked_archive_and_its_folder(make_folder):
    files = ten()
    check_ten(open_source(make_folder(files, "cifar-10-batches-py")))
    inner = {f"cifar-10-batches-py/{name}": data for name, data in files.items()}
    check_ten(open_source(make_folder(inner, "downloads")))


def test_the_binary_version(make_tar, make_folder):
    check_ten(open_source(make_tar(ten_binary(), "c.tar.gz", "cifar-10-batches-bin")))
    check_ten(open_source(make_folder(ten_binary())))


def test_cifar_100(make_tar, make_folder):
    check_hundred(open_source(make_tar(hundred(), "c100.tar", "cifar-100-python", "w")))
    check_hundred(open_source(make_folder(hundred())))
    check_hundred(open_source(make_folder(hundred_binary(), "binary")))


def test_the_name_does_not_matter(make_tar):
    check_ten(open_source(make_tar(ten(), "download (1)")))


def test_one_file_is_a_source_too(make_folder):
    root = make_folder(ten())
    source = open_source(root / "test_batch")
    assert source.annotations().labels.tolist() == [9] * PER_FILE
    assert source.annotations().classes[9] == "kind9"
    np.testing.assert_array_equal(source.load(1, 32, 3), picture(9, 1))
    binary = make_folder(hundred_binary(), "binary")
    assert open_source(binary / "train.bin").count == 4


def test_some_files_only_are_noted(make_folder):
    files = ten()
    del files["data_batch_2"], files["batches.meta"]
    source = open_source(make_folder(files))
    assert source.count == 4 * PER_FILE
    assert "4 of 5 files" in source.report().notes[0]
    assert source.annotations().classes == [str(i) for i in range(8)]


def test_a_folder_called_train_is_no_cifar(make_folder, pngs):
    files = {f"train/{n}": d for n, d in pngs.items()} | {"meta": b"x"}
    assert open_source(make_folder(files)).count == 6


def test_a_data_set_keeps_labels_and_attributes(make_tar, tmp_path):
    path = make_tar(hundred(), "c.tar.gz", "cifar-100-python")
    for _ in range(2):
        data = open_dataset(path, resolution=32, cache_dir=tmp_path / "cache")
        assert data.images.shape == (4, 3, 32, 32)
        assert data.labels.tolist() == [0, 99, 5, 5]
        assert data.attributes["coarse=flower"].tolist() == [1, 0, 0, 0]
    limited = open_dataset(path, resolution=32, limit=2, cache_dir=tmp_path / "cache")
    assert limited.labels.tolist() == [0, 99]


def test_two_files_at_most_are_held(make_tar, monkeypatch):
    source = open_source(make_tar(ten()))
    most = []
    real = CifarSource._read

    def read(self, name):
        most.append(len(self._held) + 1)
        return real(self, name)

    monkeypatch.setattr(CifarSource, "_read", read)
    for index in range(source.count):
        source.load(index, 32, 3)
    assert max(most) <= 2


class _Command:
    ran: ClassVar[list[str]] = []

    def __reduce__(self):
        return _run, ("x",)


def _run(text):
    _Command.ran.append(text)


def test_malicious_pickles_are_refused_everywhere(make_tar, make_folder):
    bad = {**ten(), "data_batch_3": pickle.dumps({b"data": _Command()}, 2)}
    sources = [make_tar(bad), make_folder(bad), make_folder(bad) / "data_batch_3"]
    meta = {**ten(), "batches.meta": pickle.dumps(_Command(), 2)}
    for path in [*sources, make_folder(meta, "meta")]:
        with pytest.raises(DataError, match=r"test_cifar[._]_?_?run|_run, which is code"):
            open_source(path).report()
    assert not _Command.ran


def swap(**files):
    return {**ten(), **files}


BAD = {
    "no data": (swap(data_batch_1=pickle.dumps({b"labels": [1]}, 2)), "has no 'data'"),
    "wrong shape": (
        swap(data_batch_1=pickle.dumps({b"labels": [1], b"data": pixels(0)[:, :99]}, 2)),
        "has no 'data'",
    ),
    "few labels": (
        swap(data_batch_1=pickle.dumps({b"labels": [1], b"data": pixels(0)}, 2)),
        "do not fit its 4 images",
    ),
    "odd labels": (
        swap(data_batch_1=pickle.dumps({b"labels": ["a"] * 4, b"data": pixels(0)}, 2)),
        "no numbers",
    ),
    "a list": (swap(data_batch_1=pickle.dumps([1], 2)), "no dictionary"),
    "cut": (swap(data_batch_1=ten()["data_batch_1"][:-99]), "damaged or cut off"),
    "cut binary": ({**ten_binary(), "data_batch_1.bin": b"x" * 3000}, "3073 bytes"),
}


@pytest.mark.parametrize("case", sorted(BAD))
def test_what_is_wrong_is_said_in_one_line(case, make_folder):
    files, said = BAD[case]
    with pytest.raises(DataError, match=said) as caught:
        open_source(make_folder(files)).report()
    assert "\n" not in str(caught.value)


def test_archives_of_something_else_and_damaged_ones(make_tar, pngs, tmp_path):
    with pytest.raises(DataError, match="tar archive that holds no CIFAR"):
        open_source(make_tar(pngs, "pictures.tar.gz", "pictures"))
    path = make_tar(ten(), "cut.tar.gz")
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(DataError, match="cut off or damaged"):
        open_source(path).report()


def test_archives_that_unpack_without_end_are_refused(make_tar, monkeypatch):
    path = make_tar({**ten(), "zeros": bytes(10**6)})
    monkeypatch.setattr(containers, "MAX_UNPACKED", 10**5)
    with pytest.raises(DataError, match="unpacks to more"):
        open_source(path)


def test_members_that_climb_out_write_nothing(make_tar, tmp_path):
    before = sorted(tmp_path.parent.iterdir())
    check_ten(open_source(make_tar(ten(), folder="../../evil")))
    assert sorted(tmp_path.parent.iterdir()) == before
