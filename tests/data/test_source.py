"""Every kind of source, what it knows about its images, and what it says when it cannot work."""

import gzip
import json
import os
import zipfile

import numpy as np
import pytest

from latent_studio.data.source import KINDS, open_source
from latent_studio.errors import DataError


def table(*rows):
    return "\n".join(rows).encode()


def test_a_flat_folder(make_folder, pngs, picture):
    root = make_folder({**pngs, "notes.txt": b"x", ".hidden.png": b"x", "__MACOSX/a.png": b"x"})
    source = open_source(root)
    assert source.count == 6
    assert source.name == "pictures"
    expected = np.asarray(picture(2).crop((2, 0, 18, 16))).transpose(2, 0, 1)
    np.testing.assert_array_equal(source.load(2, 16, 3), expected)
    found = source.annotations()
    assert found.labels is None
    assert found.classes == []


def test_class_folders(make_folder, pngs):
    names = ["cat", "cat", "cat", "dog", "dog", "emu"]
    root = make_folder({f"{c}/{n}": d for c, (n, d) in zip(names, pngs.items(), strict=True)})
    found = open_source(root).annotations()
    assert found.classes == ["cat", "dog", "emu"]
    assert found.labels.tolist() == [0, 0, 0, 1, 1, 2]


def test_very_many_folders_are_groups(make_folder, pngs):
    data = pngs["00.png"]
    root = make_folder({f"person{i:02d}/{k}.png": data for i in range(20) for k in range(2)})
    found = open_source(root).annotations()
    assert found.labels is None
    assert found.groups[:3] == ["person00", "person00", "person01"]


def test_numbered_shards_are_no_classes(make_zip, pngs):
    files = {f"{i // 3:05d}/{n}": d for i, (n, d) in enumerate(pngs.items())}
    assert open_source(make_zip(files)).annotations().classes == []


def test_zip_with_labels(make_zip, pngs):
    pairs = [[name, i % 3] for i, name in enumerate(pngs)]
    labels = json.dumps({"labels": pairs}).encode()
    found = open_source(make_zip({**pngs, "dataset.json": labels})).annotations()
    assert found.labels.tolist() == [0, 1, 2, 0, 1, 2]
    assert found.classes == ["0", "1", "2"]


def test_null_labels_mean_none(make_zip, pngs):
    source = open_source(make_zip({**pngs, "dataset.json": b'{"labels": null}'}))
    assert source.annotations().labels is None
    assert source.report().count == 6


def test_some_labels_are_an_attribute(make_zip, pngs):
    labels = json.dumps({"labels": [["00.png", 1], ["03.png", 0], ["gone.png", 1]]}).encode()
    source = open_source(make_zip({**pngs, "dataset.json": labels}))
    found = source.annotations()
    assert found.labels is None
    np.testing.assert_array_equal(found.attributes["label"], [1, *[np.nan] * 2, 0, *[np.nan] * 2])
    report = source.report()
    assert report.labelled == 2
    assert [file for file, _ in report.problems] == ["gone.png"]


def test_attributes_csv(make_folder, pngs):
    rows = [
        "file,person,expression,smiling,gender,score,wavy,agreed",
        "00.png,Ann,happy,1,female,0.5,-1,yes",
        "01.png,Ben,sad,0,male,,1,no",
        "02.png,Ann,calm,,,2.5,-1,",
        "03.png,Eve,happy,1,female,3,1,yes",
        "ragged,line",
        "gone.png,X,happy,1,male,1,1,no",
    ]
    source = open_source(make_folder({**pngs, "attributes.csv": table(*rows)}))
    found, nan = source.annotations(), np.nan
    expected = {
        "smiling": [1, 0, nan, 1, nan, nan],
        "gender": [0, 1, nan, 0, nan, nan],
        "score": [0.5, nan, 2.5, 3, nan, nan],
        "wavy": [0, 1, 0, 1, nan, nan],
        "agreed": [1, 0, nan, 1, nan, nan],
        "expression=happy": [1, 0, 0, 1, nan, nan],
    }
    for name, values in expected.items():
        assert found.attributes[name].dtype == np.float32
        np.testing.assert_array_equal(found.attributes[name], np.float32(values), err_msg=name)
    assert found.groups == ["Ann", "Ben", "Ann", "Eve", "", ""]
    lines = "\n".join(source.report().lines())
    assert "gender: 0 = female, 1 = male" in lines
    assert "gone.png" in lines
    assert "attributes.csv line 6" in lines


def test_zip_packed_with_its_folder(make_zip, pngs):
    files = {f"faces/{n}": d for n, d in pngs.items()}
    files["faces/attributes.csv"] = table("file,smile", "00.png,1")
    files["__MACOSX/faces/00.png"] = b"junk"
    source = open_source(make_zip(files))
    assert source.count == 6
    assert source.annotations().attributes["smile"][0] == 1


@pytest.mark.parametrize("packed", [False, True])
def test_idx_with_labels_beside(make_idx, packed):
    end = ".gz" if packed else ""
    images = np.random.default_rng(0).integers(0, 256, (5, 28, 28), dtype=np.uint8)
    path = make_idx(images, f"t10k-images-idx3-ubyte{end}", packed)
    make_idx(np.array([3, 1, 4, 1, 0]), f"t10k-labels-idx1-ubyte{end}", packed)
    source = open_source(path)
    assert source.annotations().labels.tolist() == [3, 1, 4, 1, 0]
    assert len(source.annotations().classes) == 5
    np.testing.assert_array_equal(source.load(1, 28, 1)[0], images[1])
    padded = source.load(1, 32, 1)[0]
    np.testing.assert_array_equal(padded[2:30, 2:30], images[1])
    assert padded.sum() == images[1].sum()
    assert source.load(1, 64, 3).shape == (3, 64, 64)


def test_idx_counts_that_differ(make_idx):
    path = make_idx(np.zeros((5, 8, 8)), "images-idx3-ubyte")
    make_idx(np.zeros(4), "labels-idx1-ubyte")
    with pytest.raises(DataError, match="4 labels for 5 images"):
        open_source(path)


def test_broken_files_are_listed_and_skipped(make_folder, pngs):
    files = {**pngs, "cut.png": pngs["00.png"][:200], "text.jpg": b"no picture", "none.png": b""}
    report = open_source(make_folder(files)).report()
    assert report.count == 6
    assert {file for file, _ in report.problems} == {"cut.png", "text.jpg", "none.png"}
    assert report.sizes == {(20, 16): 6}
    assert report.modes == {"RGB": 6}
    text = "\n".join(report.lines())
    assert "6 images" in text
    assert "20x16 (6)" in text
    assert "cut.png" in text


def test_a_damaged_member_is_listed(make_zip, pngs):
    path = make_zip(pngs)
    data = bytearray(path.read_bytes())
    place = data.find(pngs["03.png"]) + 60
    data[place : place + 8] = b"\xff" * 8
    path.write_bytes(bytes(data))
    assert [file for file, _ in open_source(path).report().problems] == ["03.png"]


def _bad_sources(tmp_path, make_zip, make_folder, make_idx, pngs):
    text = tmp_path / "notes.txt"
    text.write_text("hello", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "fake.zip").write_bytes(b"this is no zip file")
    cut_zip = tmp_path / "cut.zip"
    cut_zip.write_bytes(make_zip(pngs).read_bytes()[:-200])
    packed = gzip.compress(bytes([0, 0, 8, 3]) + bytes(4000))
    (tmp_path / "cut-images.gz").write_bytes(packed[:-20])
    (tmp_path / "odd-images-idx3-ubyte").write_bytes(b"\1\2\3\4" + bytes(100))
    return {
        "missing": (tmp_path / "nowhere", "There is no"),
        "text": (text, "no source of images"),
        "empty": (tmp_path / "empty", "no images in the folder"),
        "fake zip": (tmp_path / "fake.zip", "not a readable zip"),
        "cut zip": (cut_zip, "not a readable zip"),
        "zip of texts": (make_zip({"a.txt": b"x"}, "texts.zip"), "no images"),
        "cut gzip": (tmp_path / "cut-images.gz", "cut off"),
        "magic": (tmp_path / "odd-images-idx3-ubyte", "magic number"),
        "short": (make_idx(np.zeros((2, 4, 4)), "short-idx"), None),
        "labels": (make_idx(np.zeros(4), "labels-idx1-ubyte"), "holds labels"),
        "seed": ("procedural-faces:x", "seed"),
        "json": (make_zip({**pngs, "dataset.json": b"{"}, "j.zip"), "dataset.json"),
        "json shape": (make_zip({**pngs, "dataset.json": b'{"labels": [1]}'}, "k.zip"), "whole"),
        "json strangers": (
            make_zip({**pngs, "dataset.json": b'{"labels": [["x.png", 1]]}'}, "l.zip"),
            "none of the images",
        ),
        "csv": (make_zip({**pngs, "attributes.csv": b"a,b\n1,2"}, "m.zip"), "called file"),
        "broken": (make_folder({"a.png": b"x", "b.png": b"y"}, "broken"), "None of the 2 images"),
    }


_BAD = (
    *("missing", "text", "empty", "fake zip", "cut zip", "zip of texts", "cut gzip", "magic"),
    *("short", "labels", "seed", "json", "json shape", "json strangers", "csv", "broken"),
)


@pytest.mark.parametrize("case", _BAD)
def test_bad_input_is_one_clear_line(case, tmp_path, make_zip, make_folder, make_idx, pngs):
    spec, expected = _bad_sources(tmp_path, make_zip, make_folder, make_idx, pngs)[case]
    if case == "short":
        spec.write_bytes(spec.read_bytes()[:-1])
        expected = "cut off"
    with pytest.raises(DataError, match=expected) as caught:
        open_source(spec).report()
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
@pytest.mark.timeout(20)
def test_pipes_do_not_hang(make_folder, pngs, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="pipe"):
        open_source(tmp_path / "pipe")
    root = make_folder(pngs)
    os.mkfifo(root / "00a.png")
    assert [file for file, _ in open_source(root).report().problems] == ["00a.png"]


def test_a_member_that_claims_too_much_is_refused(make_zip, pngs):
    source = open_source(make_zip(pngs))
    source._members["02.png"].file_size = 2**40
    report = source.report()
    assert report.problems == [("02.png", "the file is larger than this program reads")]


def test_paths_that_climb_out_write_nothing(make_zip, pngs, tmp_path):
    before = {p.name for p in tmp_path.parent.iterdir()}
    source = open_source(make_zip({"../../evil.png": pngs["00.png"], **pngs}))
    assert source.report().count == 6  # and such a path is not looked at either
    assert {p.name for p in tmp_path.parent.iterdir()} == before


def test_a_zip_with_a_comment_is_found(make_zip, pngs):
    path = make_zip(pngs)
    with zipfile.ZipFile(path, "a") as target:
        target.comment = b"made for a test"
    assert open_source(path).count == 6


def test_procedural_faces():
    source = open_source("procedural-faces:5")
    assert source.count is None
    assert source.load(3, 16, 3).shape == (3, 16, 16)
    assert source.load(3, 16, 1).shape == (1, 16, 16)
    assert "endless" in source.report().lines()[0]
    assert "smiling" in source.report().attributes


def test_kinds_have_names_for_menus():
    known = {"procedural-faces", "folder", "zip", "idx", "cifar", "lmdb"}
    assert {kind.name for kind in KINDS} == known
    assert all(kind.title for kind in KINDS)
