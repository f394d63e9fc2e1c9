"""Colours of the drawn faces: ramps between hand-picked tones, RGB from 0 to 1.

Positions are float64 ``[N]``, one a picture; colours float32 ``[3, N, 1, 1]``.
"""

import colorsys
from collections.abc import Iterable, Sequence

import numpy as np

from latent_studio.data.procedural_shapes import Array, column

RGB = np.ndarray


def _tones(*codes: str) -> np.ndarray:
    """``[N, 3]`` from hexadecimal codes."""
    return np.array([[int(c[i : i + 2], 16) for i in (0, 2, 4)] for c in codes], "f4") / 255.0


_SKIN = _tones("fbdcc9", "f3c9ac", "e5b08c", "d09870", "b37a52", "8f5d3e", "704630", "573528")
_SKIN_SHADOW = _tones(
    "b97a6c", "ad6a58", "9a5843", "824a34", "653825", "4a291b", "391d14", "2b1610"
)
_HAIR = _tones("1b1819", "2e211c", "4a3222", "6f4a2c", "9a6c3c", "c79a58", "e6c88a")
_GINGER = _tones("3a1710", "62240f", "8d3614", "b5501f", "cf7434", "dd9550", "e8b479")
_GREY = _tones("5d5b5c", "75726f", "8c8a87", "a3a09d", "b9b6b2", "cfccc7", "e6e2dc")
_EYES = _tones("35200f", "5a3517", "7d5526", "6c7a3a", "4d8560", "4f8aa5", "5a95c9", "8fa3b0")
_CLOTH = (0.0, 0.07, 0.12, 0.28, 0.42, 0.52, 0.58, 0.62, 0.72, 0.9)


def colours(rows: Iterable[Sequence[float]]) -> RGB:
    """``[3, N, 1, 1]`` from a colour for each picture."""
    return np.ascontiguousarray(np.array(list(rows), dtype=np.float32).T)[:, :, None, None]


def ramp(tones: np.ndarray, position: Array) -> RGB:
    """The tone at each ``position`` (0 to 1) between evenly spaced ones."""
    at = np.clip(position, 0.0, 1.0) * (len(tones) - 1)
    first = np.minimum(at.astype(np.intp), len(tones) - 2)
    rest = (at - first).astype(np.float32)[:, None]
    return colours(tones[first] + rest * (tones[first + 1] - tones[first]))


def skin(position: Array) -> tuple[RGB, RGB]:
    """Lit and shadow colour of skin from light (0) to dark (1)."""
    return ramp(_SKIN, position), ramp(_SKIN_SHADOW, position)


def hair(tone: Array, red: Array, grey: Array) -> RGB:
    """Hair from black (0) to blond (1), towards ginger by ``red``, towards white by ``grey``."""
    plain = ramp(_HAIR, tone)
    colour = plain + column(red) * (ramp(_GINGER, tone) - plain)
    silver = ramp(_GREY, 0.45 + 0.35 * tone + 0.3 * (grey - 0.5))
    return np.asarray(colour + column(np.minimum(grey, 1.0)) * (silver - colour))


def eyes(position: Array) -> RGB:
    """Iris from dark brown (0) over hazel and green to blue and grey (1)."""
    return ramp(_EYES, position)


def cloth(hues: Array) -> RGB:
    """A muted garment colour; a hue of 0 to 1 goes around, with darks and lights between."""
    return colours(_cloth(hue) for hue in hues.tolist())


def _cloth(hue: float) -> tuple[float, float, float]:
    index = int(hue * 997) % len(_CLOTH)
    value = 0.28 + 0.5 * ((hue * 37.0) % 1.0)
    saturation = 0.18 + 0.42 * ((hue * 61.0) % 1.0)
    return colorsys.hsv_to_rgb(_CLOTH[index], saturation, value)


def backdrop(hues: Array, brightness: Array) -> tuple[RGB, RGB]:
    """Two related colours of a studio background: near the head, and in the corners."""
    pairs = [_backdrop(*pair) for pair in zip(hues.tolist(), brightness.tolist(), strict=True)]
    return colours(near for near, _ in pairs), colours(far for _, far in pairs)


def _backdrop(hue: float, brightness: float) -> tuple[Sequence[float], Sequence[float]]:
    saturation = 0.16 + 0.20 * (1.0 - brightness)
    value = 0.42 + 0.46 * brightness
    near = colorsys.hsv_to_rgb(hue, saturation * 0.75, min(1.0, value + 0.10))
    return near, colorsys.hsv_to_rgb((hue + 0.04) % 1.0, saturation * 1.25, value * 0.72)
