"""Sliced Wasserstein distance, plain and on the levels of a Laplacian pyramid.

The picture metric is that of Karras et al. 2018 (arXiv:1710.10196, section 5): 7x7 patches of each
level of a Laplacian pyramid (Burt and Adelson 1983), normalised a channel, compared along random
directions (Rabin et al. 2011). A small distance says that textures of that size are alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from latent_studio.errors import OptionError
from latent_studio.events import Emit, Progress, ignore
from latent_studio.mailbox import StopToken

PATCH = 7
SMALLEST_LEVEL = 16
SCALE = 1000.0
_TAPS = np.array([1, 4, 6, 4, 1], np.float32) / 16
_CHUNK = 256
_DIRECTIONS_AT_ONCE = 32


@dataclass(frozen=True, eq=False)
class SlicedDistances:
    """One-dimensional distances along each direction, float64 ``[directions]``.

    Attributes
    ----------
    w1
        Wasserstein-1 distances.
    w2_squared
        Squares of Wasserstein-2 distances.
    """

    w1: np.ndarray
    w2_squared: np.ndarray

    @property
    def sw1(self) -> float:
        """Mean of W1 over the directions."""
        return float(self.w1.mean())

    @property
    def sw2(self) -> float:
        """Root of the mean of W2 squared."""
        return float(np.sqrt(self.w2_squared.mean()))

    @property
    def max_sliced_w2(self) -> float:
        """W2 along the worst direction."""
        return float(np.sqrt(self.w2_squared.max()))


def sliced_wasserstein(a: np.ndarray, b: np.ndarray, directions: np.ndarray) -> SlicedDistances:
    """Exact optimal transport between the projections of two sets of points.

    Parameters
    ----------
    a, b
        ``[N, d]`` and ``[M, d]``; projected in their own precision.
    directions
        ``[directions, d]``, of unit length for distances in the units of the points.

    Raises
    ------
    OptionError
        If a set is empty or the dimensions differ.
    """
    if not len(a) or not len(b):
        raise OptionError("A distance needs two sets that are not empty.")
    if not a.shape[1] == b.shape[1] == directions.shape[1]:
        raise OptionError("A distance needs points and directions of the same dimension.")
    parts = [
        _transport(_sorted_projections(a, part), _sorted_projections(b, part))
        for part in _chunks(directions, _DIRECTIONS_AT_ONCE)
    ]
    return SlicedDistances(
        np.concatenate([w1 for w1, _ in parts]), np.concatenate([w2 for _, w2 in parts])
    )


def swd(
    real: np.ndarray,
    fake: np.ndarray,
    *,
    seed: int = 0,
    patches: int = 128,
    directions: int = 512,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> dict[str, float]:
    """Distance of two sets of pictures by pyramid level, times 1000 as in the paper.

    Parameters
    ----------
    real, fake
        uint8 ``[N, C, H, W]`` and ``[M, C, H, W]``, H = W a power of two from 16.
    patches
        Patches of each picture and level. Some 150 MB are needed for each 256,000 in a set.
    directions
        Random directions a level.

    Returns
    -------
    dict
        ``{"64": ..., "32": ..., "16": ..., "mean": ...}``; the same for the same seed.

    Raises
    ------
    OptionError
        If the pictures do not fit.
    Cancelled
        If the token stops.
    """
    _check_pictures(real, fake)
    sizes = pyramid_sizes(real.shape[-1])
    result: dict[str, float] = {}
    for level, size in enumerate(sizes):
        if token is not None:
            token.checkpoint()
        emit(Progress(level, len(sizes), f"Distance at {size} pixels"))
        rng = np.random.default_rng([seed, size])
        axes = rng.standard_normal((directions, real.shape[1] * PATCH**2)).astype(np.float32)
        axes /= np.linalg.norm(axes, axis=1, keepdims=True)
        real_patches, fake_patches = (
            descriptors(images, level, len(sizes), patches, np.random.default_rng([seed, size, i]))
            for i, images in enumerate((real, fake))
        )
        result[str(size)] = SCALE * sliced_wasserstein(real_patches, fake_patches, axes).sw1
    result["mean"] = float(np.mean(list(result.values())))
    emit(Progress(len(sizes), len(sizes), "Distance measured"))
    return result


def pyramid_sizes(resolution: int) -> list[int]:
    """Sides of the levels: ``resolution`` halved down to 16."""
    sizes = [resolution]
    while sizes[-1] // 2 >= SMALLEST_LEVEL:
        sizes.append(sizes[-1] // 2)
    return sizes


def laplacian_pyramid(images: np.ndarray, levels: int) -> list[np.ndarray]:
    """Band-pass levels, the last one low-pass; adding them up again gives the pictures.

    Parameters
    ----------
    images
        ``[N, C, H, W]``.

    Returns
    -------
    list
        float32 ``[N, C, H / 2**i, W / 2**i]``.
    """
    pyramid = [images.astype(np.float32)]
    for _ in range(levels - 1):
        smaller = blur(pyramid[-1])[:, :, ::2, ::2]
        pyramid[-1] = pyramid[-1] - expand(smaller)
        pyramid.append(smaller)
    return pyramid


def blur(images: np.ndarray) -> np.ndarray:
    """Binomial 5-tap filter along both axes, mirrored at the borders."""
    for axis in (2, 3):
        margin = [(2, 2) if i == axis else (0, 0) for i in range(4)]
        padded = np.pad(images, margin, mode="reflect")
        size = images.shape[axis]
        images = np.zeros_like(images)
        for offset, tap in enumerate(_TAPS):
            images += tap * padded.take(range(offset, offset + size), axis=axis)
    return images


def expand(images: np.ndarray) -> np.ndarray:
    """Twice the size: zeros between the pixels, then the filter."""
    n, c, h, w = images.shape
    larger = np.zeros((n, c, 2 * h, 2 * w), images.dtype)
    larger[:, :, ::2, ::2] = 4 * images
    return blur(larger)


def descriptors(
    images: np.ndarray, level: int, levels: int, patches: int, rng: np.random.Generator
) -> np.ndarray:
    """Random patches of one pyramid level, normalised: float32 ``[N * patches, C * 49]``.

    Each channel gets mean 0 and deviation 1 over the whole set.
    """
    n, channels = images.shape[:2]
    found = np.empty((n, patches, channels, PATCH, PATCH), np.float32)
    for rows in _ranges(n, _CHUNK):
        picture = laplacian_pyramid(images[rows], min(levels, level + 2))[level]
        found[rows] = _random_patches(picture, patches, rng)
    flat = found.reshape(-1, channels, PATCH, PATCH)
    flat -= flat.mean(axis=(0, 2, 3), keepdims=True, dtype=np.float64).astype(np.float32)
    spread = flat.std(axis=(0, 2, 3), keepdims=True, dtype=np.float64)
    flat /= np.maximum(spread, 1e-8).astype(np.float32)
    return flat.reshape(len(flat), -1)


def _random_patches(images: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """``[n, count, C, 7, 7]`` cut at uniformly random places."""
    n, _, h, w = images.shape
    top = rng.integers(0, h - PATCH + 1, (n, count))
    left = rng.integers(0, w - PATCH + 1, (n, count))
    windows = np.lib.stride_tricks.sliding_window_view(images, (PATCH, PATCH), axis=(2, 3))
    cut: np.ndarray = windows[np.arange(n)[:, None], :, top, left]
    return cut


def _sorted_projections(points: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """``[directions, N]``, each row ascending."""
    projections: np.ndarray = directions @ points.T
    projections.sort(axis=1)
    return projections


def _transport(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """W1 and W2 squared between sorted samples, row by row.

    The optimal plan matches quantiles: both quantile functions are steps, so they are compared on
    the common refinement of the two divisions of [0, 1].
    """
    if a.shape[1] == b.shape[1]:
        difference = np.subtract(a, b, dtype=np.float64)
        return np.abs(difference).mean(axis=1), np.square(difference).mean(axis=1)
    n, m = a.shape[1], b.shape[1]
    # In units of 1 / (n m) the steps end at whole numbers: no rounding decides what matches what.
    ends = np.union1d(np.arange(1, n + 1) * m, np.arange(1, m + 1) * n)
    starts = np.concatenate([[0], ends[:-1]])
    weights = (ends - starts) / (n * m)
    difference = np.subtract(a[:, starts // m], b[:, starts // n], dtype=np.float64)
    return np.abs(difference) @ weights, np.square(difference) @ weights


def _check_pictures(real: np.ndarray, fake: np.ndarray) -> None:
    for images in (real, fake):
        if images.ndim != 4 or images.dtype != np.uint8 or not len(images):
            raise OptionError("The distance needs two sets of pictures as uint8 [N, C, H, W].")
    size = real.shape[-1]
    if real.shape[1:] != fake.shape[1:] or real.shape[2] != size:
        raise OptionError("The distance needs square pictures of one size and kind in both sets.")
    if size < SMALLEST_LEVEL or size & (size - 1):
        raise OptionError(
            f"The distance needs a side that is a power of two from {SMALLEST_LEVEL}, not {size}."
        )


def _ranges(count: int, size: int) -> Iterator[slice]:
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def _chunks(rows: np.ndarray, size: int) -> Iterator[np.ndarray]:
    for part in _ranges(len(rows), size):
        yield rows[part]
