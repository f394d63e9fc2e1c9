import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from latent_studio.errors import OptionError
from latent_studio.latent.curves import EASINGS, catmull_rom, easing_named, lerp, slerp

vectors = arrays(np.float64, 5, elements=st.floats(-10, 10, width=32))
shares = st.floats(0, 1)


@given(vectors, vectors, shares)
def test_slerp_interpolates_the_length(a, b, t):
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    assume(min(lengths) > 1e-3)
    wanted = lengths[0] * (1 - t) + lengths[1] * t
    assert np.linalg.norm(slerp(a, b, t)) == pytest.approx(wanted, rel=1e-6)


@given(vectors, vectors, shares)
def test_slerp_turns_by_a_share_of_the_angle(a, b, t):
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    assume(min(lengths) > 1e-3)
    cosine = a.dot(b) / lengths[0] / lengths[1]
    assume(abs(cosine) < 0.999)
    point = slerp(a, b, t)
    turned = point.dot(a) / np.linalg.norm(point) / lengths[0]
    assert math.acos(np.clip(turned, -1, 1)) == pytest.approx(t * math.acos(cosine), abs=1e-5)


@given(vectors, vectors, shares)
def test_slerp_is_symmetric_and_exact_at_its_ends(a, b, t):
    assert np.array_equal(slerp(a, b, 0), a) and np.array_equal(slerp(a, b, 1), b)
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    assume(min(lengths) > 1e-3)
    assume(a.dot(b) / lengths[0] / lengths[1] > -0.999)
    np.testing.assert_allclose(slerp(a, b, t), slerp(b, a, 1 - t), atol=1e-5)


@given(vectors, st.floats(0.1, 10), shares)
def test_slerp_of_parallel_vectors_is_a_line(a, factor, t):
    assume(np.linalg.norm(a) > 1e-3)
    np.testing.assert_allclose(slerp(a, factor * a, t), a * (1 + (factor - 1) * t), atol=1e-6)


@given(vectors, shares)
def test_slerp_of_opposites_stays_on_the_sphere(a, t):
    length = np.linalg.norm(a)
    assume(length > 1e-3)
    assert np.linalg.norm(slerp(a, -a, t)) == pytest.approx(length, rel=1e-6)


def test_slerp_keeps_dtype_and_shape_and_takes_zero():
    a, b = np.ones((1, 4), np.float32), np.zeros((1, 4), np.float32)
    assert slerp(a, b, 0.5).dtype == np.float32
    assert np.array_equal(slerp(a, b, 0.5), np.full((1, 4), 0.5))


def test_lerp_is_exact_at_its_ends():
    a, b = np.float32([0.1, 1e8]), np.float32([0.3, 0.7])
    assert np.array_equal(lerp(a, b, 1), b) and np.array_equal(lerp(a, b, 0), a)
    np.testing.assert_allclose(lerp(a, b, 0.25)[0], 0.15)


@pytest.mark.parametrize("name", EASINGS)
def test_easings_go_from_0_to_1_without_turning(name):
    ease = easing_named(name)
    assert ease(0.0) == 0 and ease(1.0) == 1
    values = [ease(i / 100) for i in range(101)]
    assert all(b >= a for a, b in itertools.pairwise(values))
    assert all(0 <= value <= 1 for value in values)


def test_symmetric_easings_are_symmetric():
    for name in ("linear", "smooth", "smoother", "ease-in-out", "sine"):
        ease = EASINGS[name]
        assert ease(0.3) + ease(0.7) == pytest.approx(1)
    assert EASINGS["ease-in"](0.3) < 0.3 < EASINGS["ease-out"](0.3)


def test_unknown_easing():
    with pytest.raises(OptionError, match="smooth"):
        easing_named("bouncy")


@pytest.mark.parametrize("loop", [False, True])
def test_splines_pass_through_their_keys_smoothly(loop):
    points = np.random.RandomState(0).randn(5, 3)
    last = 5 if loop else 4

    def at(t):
        return catmull_rom(points.__getitem__, 5, t, loop)

    for i in range(last + 1):
        np.testing.assert_array_equal(at(i), points[i % 5])
    for i in range(0 if loop else 1, last):
        before = (at((i - 1e-5) % 5) - at((i - 2e-5) % 5)) / 1e-5
        after = (at(i + 2e-5) - at(i + 1e-5)) / 1e-5
        np.testing.assert_allclose(before, after, atol=1e-3)


def test_a_spline_through_a_line_is_the_line():
    at = [catmull_rom(lambda i: np.array([2.0 * i]), 4, t, False)[0] for t in (0.3, 1.5, 2.9)]
    np.testing.assert_allclose(at, [0.6, 3.0, 5.8])
