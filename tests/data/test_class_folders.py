"""Classes by folder: plain, split, ImageNet's; and zips with ``dataset.json``."""

import json

import numpy as np
import pytest

from latent_studio.data.dataset import open_dataset
from latent_studio.data.source import open_source

SYNSETS = ["n01440764", "n01443537", "n02012849", "n03126707"]
MAPPING = b"""n01440764 tench, Tinca tinca
n01443537 goldfish, Carassius auratus
n02012849 crane
n03126707 crane
n99999999 not here
"""


@pytest.fixture
def image(pngs):
    return pngs["00.png"]


def labels_of(source):
    found = source.annotations()
    names = [source.item_name(i) for i in range(source.count)]
    return {name: found.classes[k] for name, k in zip(names, found.labels, strict=True)}


def test_train_and_val_are_no_classes(make_folder, image):
    paths = ["train/cat/0.png", "train/dog/1.png", "val/cat/2.png", "val/emu/3.png"]
    told = labels_of(open_source(make_folder(dict.fromkeys(paths, image))))
    assert told == {path: path.split("/")[1] for path in paths}


def test_folders_that_hold_everything_are_passed_through(make_folder, make_zip, image):
    paths = ["data/images/cat/0.png", "data/images/dog/1.png"]
    assert open_source(make_folder(dict.fromkeys(paths, image))).annotations().classes == [
        "cat",
        "dog",
    ]
    assert open_source(make_zip(dict.fromkeys(paths, image))).annotations().labels.tolist() == [
        0,
        1,
    ]


def test_deeper_folders_belong_to_their_class(make_folder, image):
    paths = ["cat/white/0.png", "cat/black/1.png", "dog/2.png"]
    found = open_source(make_folder(dict.fromkeys(paths, image))).annotations()
    assert found.classes == ["cat", "dog"]
    assert found.labels.tolist() == [0, 0, 1]


def test_a_split_without_classes_has_none(make_folder, image):
    paths = ["train/0.png", "val/1.png"]
    found = open_source(make_folder(dict.fromkeys(paths, image))).annotations()
    assert found.labels is None
    assert found.notes == []


@pytest.mark.parametrize("packed", [False, True])
def test_a_split_without_classes_is_left_out_where_others_have_some(
    make_folder, make_zip, image, packed
):
    paths = ["test/0.png", "train/cat/1.png", "train/dog/2.png", "val/3.png"]
    make = make_zip if packed else make_folder
    source = open_source(make(dict.fromkeys(paths, image)))
    assert labels_of(source) == {"train/cat/1.png": "cat", "train/dog/2.png": "dog"}
    report = source.report()
    assert (report.count, report.labelled, report.classes) == (2, 2, ["cat", "dog"])
    assert [note.partition("/")[0] for note in report.notes] == ["test", "val"]
    assert "left out" in report.notes[0]
    few = open_dataset(source.path if packed else source.root, resolution=8)
    assert few.labels.tolist() == [0, 1] and few.classes == ["cat", "dog"]


def test_a_split_with_some_classes_makes_an_attribute(make_folder, image):
    paths = ["test/0.png", "test/cat/3.png", "train/cat/1.png", "train/dog/2.png"]
    source = open_source(make_folder(dict.fromkeys(paths, image)))
    found = source.annotations()
    assert found.labels is None
    np.testing.assert_array_equal(found.attributes["label"], [np.nan, 0, 0, 1])
    assert "the folders label 3 of 4 images" in source.report().notes[0]


def test_imagenet_as_published(make_folder, image):
    images = "Data/CLS-LOC"
    files = {f"{images}/train/{s}/{s}_{i}.JPEG": image for s in SYNSETS for i in range(2)}
    files[f"{images}/val/ILSVRC2012_val_00000001.JPEG"] = image
    files["LOC_synset_mapping.txt"] = MAPPING
    files["LOC_val_solution.csv"] = (
        b"ImageId,PredictionString\nILSVRC2012_val_00000001,n01443537 1 2 3 4 n01443537 5 6 7 8 \n"
    )
    root = make_folder(files, "ILSVRC")
    told = labels_of(open_source(root))
    assert set(told.values()) == {
        *("tench", "goldfish"),
        *("crane (n02012849)", "crane (n03126707)"),
    }
    assert told[f"{images}/val/ILSVRC2012_val_00000001.JPEG"] == "goldfish"
    train = open_source(root / images / "train").annotations()
    assert train.classes[:2] == ["tench", "goldfish"]
    assert train.labels.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_imagenet_without_its_solution(make_folder, image):
    files = {f"train/{s}/{s}_0.JPEG": image for s in SYNSETS}
    files |= {"val/ILSVRC2012_val_00000001.JPEG": image, "LOC_synset_mapping.txt": MAPPING}
    found = open_source(make_folder(files, "ILSVRC")).annotations()
    assert found.labels.tolist() == [0, 1, 2, 3] and found.classes[:2] == ["tench", "goldfish"]
    assert found.notes == ["val/ has no classes, other folders have: its images are left out"]


def test_many_synsets_with_few_images_are_classes_still(make_folder, image):
    paths = [f"n{i:08d}/0.png" for i in range(40)]
    found = open_source(make_folder(dict.fromkeys(paths, image))).annotations()
    assert len(found.classes) == 40
    assert found.groups is None


@pytest.mark.parametrize(
    ("table", "content"),
    [
        ("classes.txt", b"tench\ngoldfish\n"),
        ("classes", b"n01443537\tgoldfish\nn01440764\ttench\n"),
        ("words.txt", b"n01440764\ttench, Tinca tinca\nn01443537\tgoldfish, Carassius auratus\n"),
        (
            "imagenet_class_index.json",
            json.dumps({"0": [SYNSETS[0], "tench"], "1": [SYNSETS[1], "goldfish"]}).encode(),
        ),
    ],
)
def test_names_of_classes_come_from_tables(make_folder, make_zip, image, table, content):
    files = {f"{s}/0.png": image for s in SYNSETS[:2]} | {table: content}
    assert open_source(make_folder(files)).annotations().classes == ["tench", "goldfish"]
    assert open_source(make_zip(files)).annotations().classes == ["tench", "goldfish"]


def test_tables_that_do_not_fit_are_noted(make_folder, image):
    files = {f"{s}/0.png": image for s in SYNSETS[:2]} | {"classes.txt": b"one\ntwo\nthree\n"}
    found = open_source(make_folder(files)).annotations()
    assert found.classes == SYNSETS[:2]
    assert found.notes == ["classes.txt does not fit the 2 class folders: not used"]


def sharded(pngs):
    """Names as NVIDIA's data set tool gives them."""
    return {f"{i // 3:05d}/img{i:08d}.png": data for i, data in enumerate(pngs.values())}


def test_a_zip_with_labels_of_images_in_shards(make_zip, pngs):
    files = sharded(pngs)
    labels = {"labels": [[name, (i * 2) % 3] for i, name in enumerate(files)]}
    found = open_source(make_zip(files | {"dataset.json": json.dumps(labels).encode()}))
    assert found.annotations().labels.tolist() == [0, 2, 1, 0, 2, 1]
    assert found.annotations().classes == ["0", "1", "2"]


def test_a_zip_whose_labels_are_null_has_none(make_zip, pngs):
    files = sharded(pngs) | {"dataset.json": b'{"labels": null}'}
    found = open_source(make_zip(files)).annotations()
    assert (found.labels, found.classes, found.groups) == (None, [], None)
    folders = {f"{'ab'[i % 2]}/{n}": d for i, (n, d) in enumerate(pngs.items())}
    source = open_source(make_zip(folders | {"dataset.json": b'{"labels": null}'}, "b.zip"))
    assert source.annotations().labels is None
