"""Large arrays in pieces, so that memory does not grow with the number of pictures."""

from collections.abc import Iterator

import numpy as np

from latent_studio.errors import OptionError

ROWS = 1024  # rows in float64 at a time: 16 MB of 2048 features


def ranges(count: int, size: int = ROWS) -> Iterator[slice]:
    """``0 .. count`` in slices of at most ``size``."""
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def check_features(*sets: np.ndarray, least: int = 1) -> None:
    """Refuse sets of features that no distance is defined for.

    Raises
    ------
    OptionError
        If a set has fewer than ``least`` rows, the widths differ or a number is not finite.
    """
    widths = {features.shape[1] if features.ndim == 2 else -1 for features in sets}
    if len(widths) > 1 or -1 in widths:
        raise OptionError("The sets need features of one kind, as [N, dims].")
    if min(len(features) for features in sets) < least:
        raise OptionError(f"This metric needs at least {least} pictures in each set.")
    if not all(np.isfinite(features[rows]).all() for features in sets for rows in _of(features)):
        raise OptionError("Some features are not finite; the pictures or the network are damaged.")


def _of(features: np.ndarray) -> Iterator[slice]:
    return ranges(len(features))
