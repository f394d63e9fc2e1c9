"""Feature maps made ready to be looked at."""

import numpy as np

MOST = 64
LARGEST = 256  # more pixels of a map than that nobody sees side by side


def chosen_channels(maps: np.ndarray, most: int = MOST) -> list[int]:
    """The channels that vary most over the picture, in their own order.

    Parameters
    ----------
    maps
        ``[C, h, w]``.
    """
    spread = np.asarray(maps, np.float64).std(axis=(1, 2))
    strongest = np.argsort(-spread, kind="stable")[:most]
    return sorted(int(channel) for channel in strongest)


def small_maps(maps: np.ndarray, largest: int = LARGEST) -> np.ndarray:
    """``[N, h, w]`` with sides of at most about ``largest``, by means over squares of pixels."""
    count, height, width = maps.shape
    factor = max(1, max(height, width) // largest)
    if factor == 1:
        return maps
    rows, columns = height // factor, width // factor
    cut = maps[:, : rows * factor, : columns * factor]
    return np.asarray(cut.reshape(count, rows, factor, columns, factor).mean(axis=(2, 4)))


def scaled_maps(maps: np.ndarray) -> np.ndarray:
    """Each of ``[N, h, w]`` from its least (0) to its greatest value (1); a flat one is 0."""
    values = np.asarray(maps, np.float32)
    low = values.min(axis=(1, 2), keepdims=True)
    span = values.max(axis=(1, 2), keepdims=True) - low
    return np.asarray((values - low) / np.where(span > 0, span, 1))
