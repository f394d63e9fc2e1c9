import csv

import numpy as np
import pytest
from PIL import Image

from latent_studio.errors import Cancelled, ModelError, OptionError
from latent_studio.jobs import directions as job
from latent_studio.jobs.directions import add_directions
from latent_studio.mailbox import StopToken
from latent_studio.storage.model_file import load_model


def test_components_are_added_and_replaced(own_file):
    added, path = add_directions(own_file, components=2, samples=200)
    assert path == own_file
    assert [d.name for d in load_model(own_file).directions] == ["PC 1", "PC 2"]
    add_directions(own_file, components=1, samples=200, seed=1)
    found = load_model(own_file).directions
    assert [d.name for d in found] == ["PC 1", "PC 2"]
    assert not np.array_equal(found[0].vector, added[0].vector)
    assert np.array_equal(found[1].vector, added[1].vector)


def test_a_copy_leaves_the_model_alone(own_file, tmp_path):
    before = own_file.read_bytes()
    _, path = add_directions(own_file, components=1, samples=200, out=tmp_path / "c.safetensors")
    assert own_file.read_bytes() == before
    assert load_model(path).sha256 == load_model(own_file).sha256
    assert [d.name for d in load_model(path).directions] == ["PC 1"]


def test_attributes_from_labelled_pictures(own_file, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    random = np.random.default_rng(0)
    with (folder / "attributes.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["file", "bright"])
        for index in range(120):
            bright = index % 2
            pixels = random.integers(0, 90, (16, 16, 3)) + 150 * bright
            Image.fromarray(pixels.astype(np.uint8)).save(folder / f"{index:03}.png")
            table.writerow([f"{index:03}.png", bright])
    added, _ = add_directions(own_file, folder, attributes=["bright=light"], samples=150)
    assert [d.name for d in added] == ["light"]
    assert [d.name for d in load_model(own_file).directions] == ["light"]
    with pytest.raises(OptionError, match="mood"):
        add_directions(own_file, folder, attributes=["mood"], samples=150)


def test_cancel_leaves_the_file_as_it_was(own_file):
    before = own_file.read_bytes()
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        add_directions(own_file, components=2, samples=200, token=token)
    assert own_file.read_bytes() == before


def test_a_bundled_model_stays_as_it_is(own_file, monkeypatch):
    monkeypatch.setattr(job, "resolve_model", lambda name: own_file)
    with pytest.raises(OptionError, match="give --out"):
        add_directions("faces", components=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"attributes": ["smiling"]}, "give --data"),
        ({"components": 0}, "nothing to find"),
        ({"attributes": ["=x"], "data": "d"}, "NAME=SLIDER"),
        ({"out": "copy.txt"}, "end it in one of .safetensors"),
    ],
)
def test_impossible_requests(own_file, arguments, message):
    with pytest.raises(OptionError, match=message):
        add_directions(own_file, **arguments)


def test_no_such_model():
    with pytest.raises(ModelError, match="no model"):
        add_directions("nobody", components=1)
