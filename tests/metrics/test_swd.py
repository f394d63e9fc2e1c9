from pathlib import Path

import numpy as np
import pytest

from latent_studio.errors import Cancelled, OptionError
from latent_studio.mailbox import StopToken
from latent_studio.metrics.swd import (
    descriptors,
    expand,
    laplacian_pyramid,
    pyramid_sizes,
    sliced_wasserstein,
    swd,
)

FIXTURE = Path(__file__).parents[1] / "fixtures" / "metrics" / "sliced_wasserstein.npz"
TOLERANCE = 1e-9  # relative, in float64; as stated with the fixture


@pytest.fixture(scope="module")
def oracle() -> dict[str, np.ndarray]:
    with np.load(FIXTURE) as arrays:
        return {name: arrays[name] for name in arrays}


@pytest.mark.parametrize(("case", "rows"), [("equal_n", 256), ("unequal_n", 200)])
def test_agrees_with_brute_force(oracle: dict[str, np.ndarray], case: str, rows: int) -> None:
    a, b, axes = (oracle[name].astype(np.float64) for name in ("a", "b", "directions"))
    found = sliced_wasserstein(a, b[:rows], axes)
    np.testing.assert_allclose(found.w1, oracle[f"{case}_w1"], rtol=TOLERANCE)
    np.testing.assert_allclose(found.w2_squared, oracle[f"{case}_w2sq"], rtol=TOLERANCE)
    sw1, sw2, largest = oracle[f"{case}_summary"]
    assert found.sw1 == pytest.approx(sw1, rel=TOLERANCE)
    assert found.sw2 == pytest.approx(sw2, rel=TOLERANCE)
    assert found.max_sliced_w2 == pytest.approx(largest, rel=TOLERANCE)


def test_float32_is_close(oracle: dict[str, np.ndarray]) -> None:
    found = sliced_wasserstein(oracle["a"], oracle["b"], oracle["directions"])
    np.testing.assert_allclose(found.w1, oracle["equal_n_w1"], atol=1e-4)


def test_same_points_in_another_order_have_no_distance() -> None:
    rng = np.random.default_rng(0)
    points, axes = rng.standard_normal((50, 3)), rng.standard_normal((7, 3))
    found = sliced_wasserstein(points, rng.permutation(points), axes)
    np.testing.assert_allclose(found.w1, 0, atol=1e-15)


def test_shift_is_the_distance() -> None:
    points = np.random.default_rng(0).standard_normal((30, 2))
    axes = np.array([[1.0, 0.0], [0.0, 1.0]])
    found = sliced_wasserstein(points, points + np.array([3.0, -2.0]), axes)
    np.testing.assert_allclose(found.w1, [3, 2])
    np.testing.assert_allclose(found.w2_squared, [9, 4])


def test_repeated_points_weigh_the_same() -> None:
    rng = np.random.default_rng(1)
    a, b, axes = rng.standard_normal((6, 2)), rng.standard_normal((4, 2)), np.eye(2)
    once = sliced_wasserstein(a, b, axes)
    often = sliced_wasserstein(np.repeat(a, 2, 0), np.repeat(b, 3, 0), axes)
    np.testing.assert_allclose(once.w1, often.w1)
    np.testing.assert_allclose(once.w2_squared, often.w2_squared)


def test_pyramid_adds_up_to_the_pictures() -> None:
    images = np.random.default_rng(0).integers(0, 256, (2, 3, 64, 64)).astype(np.uint8)
    levels = laplacian_pyramid(images, 3)
    assert [level.shape[-1] for level in levels] == pyramid_sizes(64) == [64, 32, 16]
    total = levels[2]
    for level in (levels[1], levels[0]):
        total = expand(total) + level
    np.testing.assert_allclose(total, images, atol=1e-3)


def test_flat_pictures_have_no_detail() -> None:
    levels = laplacian_pyramid(np.full((1, 1, 32, 32), 77, np.uint8), 2)
    np.testing.assert_allclose(levels[0], 0, atol=1e-4)
    np.testing.assert_allclose(levels[1], 77, atol=1e-4)


def test_descriptors_are_normalised_by_channel() -> None:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (20, 3, 32, 32)).astype(np.uint8)
    images[:, 1] //= 4
    found = descriptors(images, 0, 2, 16, rng).reshape(-1, 3, 49)
    np.testing.assert_allclose(found.mean(axis=(0, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(found.std(axis=(0, 2)), 1, atol=1e-5)


def stripes(count: int, wave: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0, 2 * np.pi, (count, 1, 1, 1))
    x = np.arange(32)[None, None, None, :] * 2 * np.pi / wave
    picture = 128 + 60 * np.sin(x + phase) + rng.normal(0, 8, (count, 1, 32, 32))
    return np.clip(picture, 0, 255).astype(np.uint8)


def test_tells_textures_apart_at_the_right_level() -> None:
    same = swd(stripes(100, 6, 0), stripes(100, 6, 1), patches=16, directions=64)
    other = swd(stripes(100, 6, 0), stripes(100, 9, 1), patches=16, directions=64)
    assert set(same) == {"32", "16", "mean"}
    assert other["32"] > 3 * same["32"]
    assert other["mean"] == pytest.approx((other["32"] + other["16"]) / 2)


def test_is_a_function_of_the_seed() -> None:
    a, b = stripes(20, 6, 0), stripes(20, 9, 1)
    options = {"patches": 8, "directions": 16}
    assert swd(a, b, seed=3, **options) == swd(a, b, seed=3, **options)
    assert swd(a, b, seed=3, **options) != swd(a, b, seed=4, **options)


@pytest.mark.parametrize(
    "fake",
    [
        np.zeros((0, 1, 32, 32), np.uint8),
        np.zeros((2, 1, 32, 32), np.float32),
        np.zeros((2, 3, 32, 32), np.uint8),
        np.zeros((2, 1, 64, 64), np.uint8),
    ],
    ids=["empty", "float", "channels", "size"],
)
def test_pictures_that_do_not_fit(fake: np.ndarray) -> None:
    with pytest.raises(OptionError):
        swd(stripes(2, 6, 0), fake)


def test_stops_when_asked() -> None:
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        swd(stripes(2, 6, 0), stripes(2, 6, 1), token=token)
