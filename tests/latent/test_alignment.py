"""Faces laid where a model expects them."""

import math

import numpy as np
import pytest

from latent_studio.errors import OptionError
from latent_studio.latent.alignment import (
    ALIGNMENTS,
    FacePoints,
    Similarity,
    central_transform,
    crop,
    face_transform,
    fit_similarity,
    guess_points,
    parse_points,
)

LFW = ALIGNMENTS["lfw"]


def turned(points: np.ndarray, degrees: float, scale: float, by: tuple[float, float]) -> np.ndarray:
    angle = math.radians(degrees)
    matrix = scale * np.array(
        [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
    )
    return points @ matrix.T + by


def test_a_similarity_is_recovered() -> None:
    points = np.array([[0.0, 0], [10, 1], [4, 9]])
    found = fit_similarity(points, turned(points, 30, 2.5, (7, -3)))
    assert (found.scale, found.angle) == (pytest.approx(2.5), pytest.approx(30))
    assert (found.dx, found.dy) == (pytest.approx(7), pytest.approx(-3))
    assert np.allclose(found.inverse().apply(found.apply(points)), points)


def test_proportions_are_kept_and_a_mirror_is_not_used() -> None:
    points = np.array([[0.0, 0], [10, 0], [5, 10]])
    found = fit_similarity(points, points * [-1, 1])
    x = found.apply(np.array([[1.0, 0], [0, 1], [0, 0]]))
    a, b = x[0] - x[2], x[1] - x[2]
    assert a @ b == pytest.approx(0) and a[0] * b[1] - a[1] * b[0] > 0


def test_points_come_to_lie_where_the_model_expects_them() -> None:
    face = FacePoints((30, 40), (60, 35), (48, 75))
    placed = face_transform(face, LFW, 64).apply(face.array())
    assert np.abs(placed - LFW.array() * 64).max() < 3
    # Three points of the reference itself fit without a rest.
    own = FacePoints(*map(tuple, turned(LFW.array(), 20, 300, (40, 10)).tolist()))
    assert np.allclose(face_transform(own, LFW, 64).apply(own.array()), LFW.array() * 64)


@pytest.mark.parametrize("scale", [0.4, 1.0, 3.0, 20.0])
def test_a_crop_shows_what_lies_there(scale: float) -> None:
    side = 32
    size = max(24, int(side * scale * 1.5))
    y, x = np.mgrid[0:size, 0:size]
    photo = np.stack([x * 255 / size, y * 255 / size, 0 * x], 2).round().astype(np.uint8)
    corner = size * 0.15
    move = Similarity(1 / scale, 0, -corner / scale, -corner / scale)
    got = crop(photo, move, side)
    places = move.inverse().apply(np.array([[10.5, 20.5]]))[0] - 0.5
    assert got.shape == (side, side, 3)
    # A ramp has the value of its middle, however many pixels are averaged.
    assert got[20, 10, 0] == pytest.approx(places[0] * 255 / size, abs=255 / size + 2)
    assert got[20, 10, 1] == pytest.approx(places[1] * 255 / size, abs=255 / size + 2)


def test_a_crop_beyond_the_border_goes_on_with_it() -> None:
    photo = np.full((10, 10, 3), 77, np.uint8)
    got = crop(photo, Similarity(1, 0, 20, -8), 16)
    assert got.shape == (16, 16, 3) and (got == 77).all()


def test_the_middle_of_a_wide_photograph() -> None:
    photo = np.zeros((20, 40, 1), np.uint8)
    photo[:, 10:30] = 200
    got = crop(photo, central_transform(40, 20, 20), 20)
    assert (got[:, 1:-1] == 200).all()


def test_a_hand_starts_where_the_face_would_be() -> None:
    move = central_transform(300, 200, 64)
    guess = guess_points(move, LFW, 64)
    assert np.allclose(move.apply(guess.array()), LFW.array() * 64)
    assert np.allclose(face_transform(guess, LFW, 64).apply(guess.array()), LFW.array() * 64)


def test_points_are_read_and_refused() -> None:
    assert parse_points("1,2 3,4.5 5,6") == FacePoints((1, 2), (3, 4.5), (5, 6))
    for text in ("1,2 3,4", "a", "1,2 3,4 5", "1,2 3,4 nan,6"):
        with pytest.raises(OptionError, match="left eye"):
            parse_points(text)
    same = np.ones((3, 2))
    with pytest.raises(OptionError, match="different points"):
        fit_similarity(same, LFW.array())
    with pytest.raises(OptionError, match="uint8"):
        crop(np.zeros((4, 4)), Similarity(), 4)
