import json

import numpy as np
import pytest

from latent_studio.errors import ModelError
from latent_studio.latent.direction import (
    Direction,
    check_directions,
    merge_directions,
    with_analysis,
)


def make(name="smile", **changes):
    arguments = {"vector": np.arange(1, 5), "sigma": 2.0, "info": {"samples": 10}} | changes
    return Direction(name, **arguments)


def test_vectors_are_unit_length_and_read_only():
    direction = make()
    assert direction.vector.dtype == np.float32 and direction.dim == 4
    assert np.linalg.norm(direction.vector) == pytest.approx(1)
    np.testing.assert_allclose(direction.step, 2 * direction.vector)
    with pytest.raises(ValueError, match="read-only"):
        direction.vector[0] = 1


def test_json_round_trip_keeps_every_bit():
    direction = make(kind="attribute", space="z", first=2, last=5)
    value = json.loads(json.dumps(direction.to_json()))
    again = Direction.from_json(value, np.array(direction.vector))
    assert again == direction and hash(again) == hash(direction)
    assert again != make() and direction != "smile"


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"sigma": 0},
        {"sigma": float("nan")},
        {"sigma": "wide"},
        {"kind": "magic"},
        {"space": "y"},
        {"first": -1},
        {"last": 1.5},
        {"info": [1]},
        {"vector": np.zeros(4)},
        {"vector": np.ones((2, 2))},
        {"vector": np.array([1, np.inf])},
        {"vector": []},
        {"vector": ["a"]},
    ],
)
def test_nonsense_is_a_model_error(changes):
    with pytest.raises(ModelError):
        make(**changes)


@pytest.mark.parametrize("value", [None, [], {}, {"name": 3}, {"name": "a", "sigma": None}])
def test_malformed_json_is_a_model_error(value):
    with pytest.raises(ModelError):
        Direction.from_json(value, np.ones(3))


def test_unknown_fields_of_later_versions_are_skipped():
    assert Direction.from_json({"name": "a", "colour": "red"}, np.ones(3)).name == "a"


def test_layers_are_the_common_range():
    direction = make(first=2, last=6)
    rows = np.arange(8)
    assert rows[direction.layers()].tolist() == [2, 3, 4, 5]
    assert rows[direction.layers(4, None)].tolist() == [4, 5]
    assert rows[direction.layers(0, 3)].tolist() == [2]
    assert rows[direction.layers(7, 8)].tolist() == []
    assert rows[make().layers()].tolist() == rows.tolist()
    assert direction.with_layers(0, None).layers() == slice(0, None)


def test_directions_of_another_model_are_named():
    check_directions([make("a"), make("b")], {"z": 9, "w": 4})
    with pytest.raises(ModelError, match="which this model lacks"):
        check_directions([make()], {"z": 4, "w": None})
    with pytest.raises(ModelError, match="'smile' has 4 numbers"):
        check_directions([make()], {"z": 4, "w": 5})


def test_merge_replaces_in_place():
    new = make("b", sigma=5.0)
    merged = merge_directions([make("a"), make("b"), make("c")], [make("d"), new])
    assert [d.name for d in merged] == ["a", "b", "c", "d"] and merged[1] is new


def test_merge_takes_names_that_look_alike_for_the_same_and_keeps_the_old_one():
    merged = merge_directions([make("smile"), make("mouth_open")], [make(" Smile", sigma=5.0)])
    assert [(d.name, d.sigma) for d in merged] == [("smile", 5.0), ("mouth_open", 2.0)]
    merged = merge_directions(merged, [make("Mouth  open", sigma=6.0)])
    assert [(d.name, d.sigma) for d in merged] == [("smile", 5.0), ("mouth_open", 6.0)]
    both = [make("smile"), make("Smile")]  # of a file that somebody wrote by hand
    merged = merge_directions(both, [make("Smile", sigma=7.0)])
    assert [(d.name, d.sigma) for d in merged] == [("smile", 2.0), ("Smile", 7.0)]


def test_an_analysis_replaces_numbers_in_whatever_case():
    old = [make("pc 1", kind="pca"), make("pc 2", kind="pca"), make("mood", kind="pca")]
    merged = with_analysis(old, [make("PC 1", kind="pca", sigma=5.0)])
    assert [(d.name, d.sigma) for d in merged] == [("pc 1", 5.0), ("mood", 2.0)]
