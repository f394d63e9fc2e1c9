import csv
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from latent_studio.errors import Cancelled, ModelError, OptionError
from latent_studio.jobs import direction_edits as edits
from latent_studio.jobs import direction_methods
from latent_studio.jobs import directions as job
from latent_studio.jobs.direction_quality import measured
from latent_studio.jobs.directions import Search, add_directions, find_directions
from latent_studio.latent.directions.quality import Quality
from latent_studio.mailbox import StopToken
from latent_studio.recipe import Recipe
from latent_studio.storage.model_file import load_generator, load_model


def test_components_are_added_and_replaced(own_file):
    added, path = add_directions(own_file, components=2, samples=200)
    assert path == own_file
    assert [d.name for d in load_model(own_file).directions] == ["PC 1", "PC 2"]
    add_directions(own_file, components=1, samples=200, seed=1)
    found = load_model(own_file).directions
    assert [d.name for d in found] == ["PC 1"]  # the old second one was of another basis
    assert not np.array_equal(found[0].vector, added[0].vector)


def test_numbers_of_an_earlier_analysis_go_named_ones_stay(own_file):
    add_directions(own_file, components=3, samples=200)
    job.change_directions(own_file, lambda file, _: edits.renamed(file.directions, "PC 3", "mood"))
    find_directions(own_file, [Search("sefa", 2, group="coarse")])
    add_directions(own_file, components=1, samples=300)
    names = [direction.name for direction in load_model(own_file).directions]
    assert names == ["PC 1", "mood", "SeFa coarse 1", "SeFa coarse 2"]


def test_a_copy_leaves_the_model_alone(own_file, tmp_path):
    before = own_file.read_bytes()
    _, path = add_directions(own_file, components=1, samples=200, out=tmp_path / "c.safetensors")
    assert own_file.read_bytes() == before
    assert load_model(path).sha256 == load_model(own_file).sha256
    assert [d.name for d in load_model(path).directions] == ["PC 1"]


@pytest.fixture(scope="module")
def bright_pictures(tmp_path_factory):
    """120 labelled pictures, bright or dark."""
    folder = tmp_path_factory.mktemp("labelled") / "data"
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
    return folder


def test_attributes_from_labelled_pictures(own_file, bright_pictures):
    folder = bright_pictures
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


# -- every method ---------------------------------------------------------------------------------


def search(model, method, **options):
    options.setdefault("samples", 200)
    return find_directions(model, [Search(method, **options)])


def test_methods_that_need_no_data(own_file):
    assert [d.name for d in search(own_file, "pca", count=2)[0]] == ["PC 1", "PC 2"]
    assert [d.name for d in search(own_file, "sefa", count=1)[0]] == [
        "SeFa coarse 1",
        "SeFa middle 1",
        "SeFa fine 1",
    ]
    (channel,), _ = search(own_file, "channels", count=1, group="middle")
    kept, _ = search(own_file, "conditional", direction="PC 1", keep=("PC 2",), name="apart")
    start, end = Recipe.from_seed(1), Recipe.from_seed(2)
    search(own_file, "difference", start=start, end=end, name="1 to 2")
    stored = load_model(own_file).directions
    assert {d.space for d in stored} == {"w", "s"} and stored[-1].name == "1 to 2"
    assert channel in stored and kept[0].name == "apart"
    with pytest.raises(OptionError, match="SeFa coarse 1"):
        search(own_file, "conditional", direction="PC 1", keep=("age",))


def test_hand_labels_of_seeds(own_file, monkeypatch):
    monkeypatch.setattr(direction_methods, "_POOL", 80)
    labels = {seed: seed % 3 == 0 for seed in range(5, 25)}
    (found,), _ = search(own_file, "hand", labels=labels, name="liked")
    assert found.kind == "hand" and found.info["labels"] == 20 and found.info["samples"] == 80


def test_channels_by_an_attribute_and_measuring(own_file, bright_pictures):
    data = str(bright_pictures)
    found, _ = search(own_file, "channels", count=2, data=data, attributes=("bright",))
    assert len(found) == 2 and all(d.info["attribute"] == "bright" for d in found)
    bundle = load_model(own_file)
    all_ = measured(
        load_generator(bundle), bundle.directions, data, [found[0].name], seeds=10, sigma_samples=50
    )
    told = [Quality.of(direction) for direction in all_]
    assert told[0].attribute == "bright" and told[0].accuracy["bright"] > 0.85
    assert told[0].distance > 0 and told[1] is None
    with pytest.raises(OptionError, match="no direction 'x'"):
        measured(load_generator(bundle), bundle.directions, names=["x"])


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("magic", "choose pca"),
        ("labelled", "give --data"),
        ("conditional", "at least one other"),
        ("difference", "two pictures"),
        ("hand", "labels of seeds"),
    ],
)
def test_searches_that_lack_something(own_file, method, message):
    before = own_file.read_bytes()
    with pytest.raises(OptionError, match=message):
        search(own_file, method)
    assert own_file.read_bytes() == before


# -- edits ----------------------------------------------------------------------------------------


def test_edits_of_one_direction_leave_the_others(own_file, tmp_path):
    add_directions(own_file, components=3, samples=200)
    known = list(load_model(own_file).directions)
    assert [d.name for d in edits.renamed(known, "PC 2", " mood ")] == ["PC 1", "mood", "PC 3"]
    assert np.array_equal(edits.flipped(known, "PC 1")[0].vector, -known[0].vector)
    assert edits.with_strength(known, "PC 1", 2)[0].strength == 2
    limited = edits.with_layers(known, "PC 3", "1-3", 6)[2]
    assert (limited.first, limited.last) == (1, 4)
    assert edits.with_layers([limited], "PC 3", "all", 6)[0].last is None
    assert [d.name for d in edits.without(known, "PC 1")] == ["PC 2", "PC 3"]
    file = tmp_path / "d.safetensors"
    edits.give_away(file, known, ["PC 2"])
    all_, names = edits.taken_in(file, known[:1], load_generator(own_file))
    assert names == ["PC 2"] and all_ == known[:2]
    lower = [replace(direction, name=direction.name.lower()) for direction in known[:1]]
    edits.give_away(file, lower)
    all_, names = edits.taken_in(file, known[:1], load_generator(own_file))
    assert names == ["PC 1"] and all_ == known[:1]
    edits.give_away(file, [*lower, *known])
    with pytest.raises(ModelError, match="'PC 1'"):
        edits.taken_in(file, [], load_generator(own_file))
    for bad in (
        lambda: edits.renamed(known, "PC 1", "PC 2"),
        lambda: edits.renamed(known, "PC 1", " pc 2"),
        lambda: edits.renamed(known, "PC 1", " "),
        lambda: edits.flipped(known, "PC 9"),
        lambda: edits.with_strength(known, "PC 1", 0),
        lambda: edits.with_layers(known, "PC 1", "0,3", 6),
        lambda: edits.give_away(file, []),
    ):
        with pytest.raises(OptionError):
            bad()


def test_directions_of_another_model_are_refused(own_file, digits_file, tmp_path):
    add_directions(own_file, components=1, samples=200)
    file = tmp_path / "d.safetensors"
    edits.give_away(file, load_model(own_file).directions)
    with pytest.raises(ModelError, match="lacks"):
        edits.taken_in(file, [], load_generator(digits_file))


def test_no_such_model():
    with pytest.raises(ModelError, match="no model"):
        add_directions("nobody", components=1)
