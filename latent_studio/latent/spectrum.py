"""How much of a picture or feature map lies in which frequencies.

Generated pictures give themselves away there: up-sampling leaves grids and a bent fall of the high
frequencies (Durall et al. 2020, arXiv:2003.01826; Karras et al. 2021, arXiv:2106.12423, figure 5).
"""

import numpy as np

_FLOOR = 1e-12  # of the strongest frequency: -120 dB


def power_spectrum(maps: np.ndarray) -> np.ndarray:
    """Power of each frequency, the mean over channels.

    A Hann window keeps the picture's edges from looking like frequencies, and the mean is taken
    away before, which otherwise outshines all.

    Parameters
    ----------
    maps
        ``[C, h, w]``.

    Returns
    -------
    numpy.ndarray
        float64 ``[h, w]`` in decibels below the strongest frequency (0 to -120), frequency 0 in
        the middle (row ``h // 2``, column ``w // 2``).
    """
    height, width = maps.shape[1:]
    window = np.outer(_hann(height), _hann(width))
    power = np.zeros((height, width))
    for values in maps:  # one at a time: all of a large layer would take gigabytes
        values = np.asarray(values, np.float64)
        power += np.abs(np.fft.fft2((values - values.mean()) * window)) ** 2
    power = np.fft.fftshift(power)
    most = float(power.max())
    if most <= 0:
        return np.full((height, width), 10 * np.log10(_FLOOR))
    return 10 * np.log10(np.maximum(power / most, _FLOOR))


def radial_profile(spectrum: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean power of the frequencies of one length, whatever their direction.

    Returns
    -------
    frequency, power
        float64 ``[n]``: cycles a pixel from 0 to 0.5, and decibels.
    """
    height, width = spectrum.shape
    fy = (np.arange(height) - height // 2) / height
    fx = (np.arange(width) - width // 2) / width
    length = np.hypot(fy[:, None], fx[None, :])
    count = max(1, min(height, width) // 2)
    ring = np.rint(length * 2 * count).astype(int)
    kept = ring <= count
    linear = np.bincount(ring[kept], 10 ** (spectrum[kept] / 10), count + 1)
    sizes = np.maximum(np.bincount(ring[kept], minlength=count + 1), 1)
    power = 10 * np.log10(np.maximum(linear / sizes, _FLOOR))
    return np.arange(count + 1) / (2 * count), power


def _hann(size: int) -> np.ndarray:
    """Periodic, and never all zero."""
    return np.asarray(np.sin(np.pi * (np.arange(size) + 0.5) / size) ** 2)
