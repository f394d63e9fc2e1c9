"""CelebA's layouts: text or comma-separated tables, in the source or beside it."""

import numpy as np
import pytest

from latent_studio.data.dataset import open_dataset
from latent_studio.data.source import open_source
from latent_studio.errors import DataError

NAMES = [f"{i:06d}.jpg" for i in range(1, 7)]
ATTRIBUTES = b"""6
5_o_Clock_Shadow Smiling Young
000001.jpg -1  1  1
000002.jpg -1 -1  1
000003.jpg  1 -1 -1
000004.jpg  1  1 -1
000005.jpg -1  1  1
000006.jpg -1 -1 -1
"""
IDENTITY = b"000001.jpg 2880\n000002.jpg 2937\n000003.jpg 2880\n000004.jpg 1\n000006.jpg 1\n"
PARTITION = b"000001.jpg 0\n000002.jpg 0\n000003.jpg 1\n000004.jpg 2\n000005.jpg 0\n000006.jpg 2\n"
TABLES = {
    "list_attr_celeba.txt": ATTRIBUTES,
    "identity_CelebA.txt": IDENTITY,
    "list_eval_partition.txt": PARTITION,
}


@pytest.fixture
def faces(encoded, picture):
    return {name: encoded(picture(i), "JPEG") for i, name in enumerate(NAMES)}


def under(folder, files):
    return {f"{folder}/{name}": data for name, data in files.items()}


def check(source, identities=True):
    assert source.count == 6
    found = source.annotations()
    assert found.labels is None
    assert found.attributes["Smiling"].tolist() == [1, 0, 0, 1, 1, 0]
    assert found.attributes["5_o_Clock_Shadow"].tolist() == [0, 0, 1, 1, 0, 0]
    assert found.attributes["Smiling"].dtype == np.float32
    if identities:
        assert found.groups == ["2880", "2937", "2880", "1", "", "1"]
        assert found.attributes["partition"].tolist() == [0, 0, 1, 2, 0, 2]
    assert source.report().problems == []


def test_the_published_folder(make_folder, faces):
    check(open_source(make_folder(under("img_align_celeba", faces) | TABLES)))


def test_tables_in_their_own_folders(make_folder, faces):
    files = under("Img/img_align_celeba", faces)
    files |= under("Anno", {n: TABLES[n] for n in list(TABLES)[:2]})
    files |= under("Eval", {"list_eval_partition.txt": PARTITION})
    check(open_source(make_folder(files)))


def test_pictures_alone_find_the_tables_beside(make_folder, faces):
    root = make_folder(under("img_align_celeba/img_align_celeba", faces) | TABLES)
    check(open_source(root / "img_align_celeba"))
    check(open_source(root / "img_align_celeba" / "img_align_celeba"))


@pytest.mark.parametrize("folder", ["", "celeba/"])
def test_a_zip_of_all(make_zip, faces, folder):
    files = under(f"{folder}img_align_celeba", faces)
    files |= {f"{folder}{name}": data for name, data in TABLES.items()}
    check(open_source(make_zip(files)))


def test_a_zip_of_pictures_with_the_tables_beside(make_zip, faces, tmp_path):
    path = make_zip(under("img_align_celeba", faces), "img_align_celeba.zip")
    assert open_source(path).annotations().attributes == {}
    before = open_source(path).fingerprint
    for name, data in TABLES.items():
        (tmp_path / name).write_bytes(data)
    check(open_source(path))
    assert open_source(path).fingerprint != before


def test_comma_separated_tables(make_folder, faces):
    lines = ATTRIBUTES.decode().splitlines()[1:]
    rows = [f"image_id,{','.join(lines[0].split())}", *(",".join(r.split()) for r in lines[1:])]
    table = "\n".join(rows).encode()
    files = under("img_align_celeba", faces) | {"list_attr_celeba.csv": table}
    check(open_source(make_folder(files)), identities=False)


def test_some_pictures_only(make_folder, faces, tmp_path):
    few = dict(list(faces.items())[:2]) | {"new.jpg": faces["000001.jpg"]}
    root = make_folder(under("img_align_celeba", few) | TABLES)
    data = open_dataset(root, resolution=8, cache_dir=tmp_path / "cache")
    np.testing.assert_array_equal(data.attributes["Smiling"], [1, 0, np.nan])
    assert list(data.groups) == ["2880", "2937", ""]
    assert data.report.problems == []
    assert "describes 4 more images" in "\n".join(data.report.notes)


def test_a_changed_table_makes_the_data_set_anew(make_folder, faces, tmp_path):
    root = make_folder(under("img_align_celeba", faces) | TABLES)
    cache = tmp_path / "cache"
    assert open_dataset(root, resolution=8, cache_dir=cache).attributes["Smiling"][1] == 0
    changed = ATTRIBUTES.replace(b"000002.jpg -1 -1", b"000002.jpg -1  1")
    (root / "list_attr_celeba.txt").write_bytes(changed + b"\n")
    assert open_dataset(root, resolution=8, cache_dir=cache).attributes["Smiling"][1] == 1


def test_damaged_lines_are_listed(make_folder, faces):
    table = ATTRIBUTES.replace(b"000002.jpg -1 -1  1", b"000002.jpg -1")
    table = table.replace(b"000003.jpg  1 -1", b"000003.jpg  1  7")
    root = make_folder(faces | {"list_attr_celeba.txt": table})
    report = open_source(root).report()
    assert [file for file, _ in report.problems] == [
        "list_attr_celeba.txt line 4",
        "list_attr_celeba.txt line 5",
    ]
    smiling = open_source(root).annotations().attributes["Smiling"]
    assert np.isnan(smiling[1:3]).all()
    assert smiling[0] == 1


@pytest.mark.parametrize("table", [b"", b"6\n", b"6\nA A\n000001.jpg 1 1\n", b"\xff\xfe\x00"])
def test_a_table_that_is_none_is_told(make_folder, faces, table):
    with pytest.raises(DataError, match=r"list_attr_celeba\.txt is damaged"):
        open_source(make_folder(faces | {"list_attr_celeba.txt": table})).annotations()


def test_tables_of_other_pictures_beside_are_left_alone(make_folder, pngs):
    root = make_folder(under("cats", pngs) | TABLES)
    assert open_source(root / "cats").annotations().attributes == {}


def test_ones_own_tables_come_first(make_folder, faces):
    own = b"file,happy\n000001.jpg,1\n"
    found = open_source(make_folder(faces | TABLES | {"attributes.csv": own})).annotations()
    assert list(found.attributes) == ["happy"]
