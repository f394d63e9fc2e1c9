"""Drawn faces: the same ones every time, at every size, and each attribute does what it says."""

import numpy as np
import pytest

from latent_studio.data import procedural
from latent_studio.data.procedural import ATTRIBUTES, HAIR_COLOURS, ProceduralFaces, hair_colour
from latent_studio.errors import DataError

FACES = ProceduralFaces(0)
# Attributes with a visible effect need company: frames want glasses, red wants a light tone.
COMPANY = {"frame": {"glasses": 1.0}, "hair_red": {"hair_tone": 0.6}, "greying": {"age": 0.7}}
COMPANY["hair_length"] = {"hair_style": 2.0}


def difference(first, second, resolution=64):
    """Mean absolute difference over the colours, ``[R, R]``."""
    drawn = [FACES.draw_with(attrs, resolution).astype(float) for attrs in (first, second)]
    return np.abs(drawn[0] - drawn[1]).mean(0)


def rows_touched(change, threshold=2.0):
    rows = np.flatnonzero(change.max(1) > threshold) / len(change)
    return rows.min(), rows.max()


def test_a_face_is_the_same_every_time():
    other = ProceduralFaces(0)
    assert other.attributes(7) == FACES.attributes(7)
    np.testing.assert_array_equal(other.draw(7, 32), FACES.draw(7, 32))
    assert ProceduralFaces(1).attributes(7) != FACES.attributes(7)
    assert FACES.attributes(8) != FACES.attributes(7)


@pytest.mark.parametrize("resolution", [32, 64])
def test_a_face_is_the_same_whatever_it_is_drawn_with(resolution):
    many = FACES.draw_many(range(60), resolution)
    mixed = np.random.default_rng(3).permutation(60)
    for start in range(0, 60, 7):
        part = mixed[start : start + 7]
        np.testing.assert_array_equal(FACES.draw_many(part, resolution), many[part])
    for index in range(20):
        np.testing.assert_array_equal(FACES.draw(index, resolution), many[index])


def test_faces_over_several_batches(monkeypatch):
    whole = FACES.draw_many(range(40), 16)
    monkeypatch.setattr(procedural, "_BATCH_PIXELS", 2 * 16 * 16)
    np.testing.assert_array_equal(FACES.draw_many(range(40), 16), whole)
    assert FACES.draw_many([], 16).shape == (0, 3, 16, 16)


def test_every_kind_of_face_is_drawn_without_warnings():
    """Extremes of all attributes, among them ones no sampled face has."""
    rng = np.random.default_rng(4)
    rows = [{name: rng.choice([-1.0, 1.0]) for name in ATTRIBUTES} for _ in range(40)]
    rows += [{"hair_style": style, "hair_length": n} for style in range(7) for n in (0.0, 1.0)]
    with np.errstate(all="raise", under="ignore"):
        for row in rows:
            assert FACES.draw_with(row, 24).std() > 5


@pytest.mark.parametrize("index", range(6))
def test_sizes_agree(index):
    """A large picture made small by averaging is nearly the small picture."""
    small = FACES.draw(index, 32).astype(float)
    large = FACES.draw(index, 128).astype(float).reshape(3, 32, 4, 32, 4).mean((2, 4))
    assert np.abs(small - large).mean() < 5.0


@pytest.mark.parametrize("resolution", [8, 33, 64, 256])
def test_shape_and_type(resolution):
    face = FACES.draw(1, resolution)
    assert face.shape == (3, resolution, resolution)
    assert face.dtype == np.uint8
    assert face.std() > 10


def test_attributes_are_complete_finite_and_draw_the_same_face():
    for index in range(30):
        attrs = FACES.attributes(index)
        assert tuple(attrs) == ATTRIBUTES
        assert all(isinstance(v, float) and np.isfinite(v) for v in attrs.values())
        assert 0 <= hair_colour(attrs) < len(HAIR_COLOURS)
    np.testing.assert_array_equal(FACES.draw_with(attrs, 32), FACES.draw(29, 32))


def test_the_set_is_varied():
    rows = [FACES.attributes(index) for index in range(400)]
    smiling = np.mean([row["smile"] > 0 for row in rows])
    glasses = np.mean([row["glasses"] for row in rows])
    assert 0.4 < smiling < 0.8
    assert 0.15 < glasses < 0.35
    assert {round(row["hair_style"]) for row in rows} == set(range(7))
    assert {hair_colour(row) for row in rows} == set(range(5))
    assert np.std([row["yaw"] for row in rows]) > 0.3


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_every_attribute_can_be_seen(name):
    company = COMPANY.get(name, {})
    high = 0.5 if name == "background" else 1.0  # a hue comes round to where it began
    assert difference({**company, name: -1.0}, {**company, name: high}, 48).max() > 4.0


def test_smile_changes_the_lower_face_only():
    change = difference({"smile": -0.6}, {"smile": 1.0}, 128)
    top, bottom = rows_touched(change)
    assert top > 0.5
    assert bottom < 0.85
    mouth = np.unravel_index(change.argmax(), change.shape)
    assert 0.35 < mouth[1] / 128 < 0.65


def test_a_wide_smile_shows_teeth_and_lifts_the_corners():
    calm, wide = (FACES.draw_with({"smile": s}, 256).astype(float) for s in (0.0, 1.0))
    centre = np.s_[:, 160:205, 112:144]
    assert wide[centre].min(0).max() > calm[centre].min(0).max() + 20


def test_glasses_darken_a_ring_around_the_eyes():
    bare, worn = (FACES.draw_with({"glasses": g, "skin": 0.1}, 128) for g in (0.0, 1.0))
    darker = bare.astype(int).mean(0) - worn.astype(int).mean(0) > 60
    assert darker.sum() > 150
    rows = np.flatnonzero(darker.any(1)) / 128
    assert rows.min() > 0.38
    assert rows.max() < 0.72


def test_a_turn_moves_the_nose_further_than_the_eyes():
    """Parallax: what stands out moves more than what lies further back."""
    points = {}
    for yaw in (-0.6, 0.6):
        lit = {"yaw": yaw, "smile": 0.0, "light": 0.0, "blush": 0.0, "eye_color": 0.0}
        pupils = difference({**lit, "eye_color": 1.0}, lit, 128)
        nose = difference({**lit, "nose": 1.0}, {**lit, "nose": -1.0}, 128)
        points[yaw] = [
            float((change.sum(0) * np.arange(128)).sum() / change.sum())
            for change in (pupils, nose)
        ]
    eyes, nose = (points[0.6][i] - points[-0.6][i] for i in (0, 1))
    assert eyes > 5
    assert nose > eyes


def test_light_falls_from_its_side():
    left, right = (FACES.draw_with({"light": v}, 64).astype(float).mean(0) for v in (-1.0, 1.0))
    cheeks = np.s_[35:42, 20:28], np.s_[35:42, 36:44]
    assert left[cheeks[0]].mean() > right[cheeks[0]].mean() + 10
    assert right[cheeks[1]].mean() > left[cheeks[1]].mean() + 10


def test_skin_darkens_and_hair_lengthens():
    pale, dark = (FACES.draw_with({"skin": v}, 64).astype(float).mean(0) for v in (0.0, 1.0))
    assert pale[34:40, 28:36].mean() > dark[34:40, 28:36].mean() + 80
    change = difference({"hair_length": 0.0}, {"hair_length": 1.0})
    assert rows_touched(change)[1] > 0.75


@pytest.mark.parametrize(
    "attrs", [{"nonsense": 1.0}, {"smile": float("nan")}, {"age": float("inf")}]
)
def test_wrong_attributes_are_named(attrs):
    with pytest.raises(DataError, match=next(iter(attrs))):
        FACES.draw_with(attrs, 32)


def test_values_out_of_range_are_limited():
    np.testing.assert_array_equal(
        FACES.draw_with({"smile": 9.0}, 32), FACES.draw_with({"smile": 1.0}, 32)
    )


def test_wrong_seed_and_size():
    with pytest.raises(DataError):
        ProceduralFaces(-1)
    with pytest.raises(DataError):
        FACES.draw(0, 2)
