"""Soft-edged shapes and a canvas to lay them on.

Coordinates are resolution-free: x to the right and y down, from -1 to 1. A mask is a float32 array
of coverage; edges are one pixel wide, which anti-aliases without supersampling.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray
Colour: TypeAlias = Array | Sequence[float]
Window: TypeAlias = tuple[slice, slice]


def rgb(red: float, green: float, blue: float) -> Array:
    """A colour in single precision."""
    return np.array([red, green, blue], dtype=np.float32)


def smoothstep(low: float, high: float, x: Array | float) -> Array:
    """0 below ``low``, 1 above ``high``, a cubic between; ``low > high`` falls."""
    t = np.minimum(np.maximum((x - low) * (1.0 / (high - low)), 0.0), 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def inside(distance: Array, edge: Array | float) -> Array:
    """Coverage of a signed distance (negative inside) with an edge that is ``edge`` wide."""
    return np.minimum(np.maximum(0.5 - distance / edge, 0.0), 1.0)


def bell(x: Array, width: Array | float) -> Array:
    """``exp(-(x / width)^2)``."""
    t = x / width
    return np.exp(-t * t)


def length(x: Array, y: Array) -> Array:
    """``sqrt(x^2 + y^2)`` (``np.hypot``, which guards against overflow, takes 20 times as long)."""
    return np.asarray(np.sqrt(x * x + y * y))


def ellipse(x: Array, y: Array, a: float, b: float) -> Array:
    """About the distance to an ellipse around the origin (exact to first order at its edge)."""
    u, v = x / a, y / b
    k = np.sqrt(u * u + v * v) + 1e-6
    slope = np.sqrt((u / a) ** 2 + (v / b) ** 2) + 1e-6
    return k * (k - 1.0) / slope


def round_box(x: Array, y: Array, a: float, b: float, radius: float) -> Array:
    """Distance to a box of half-sizes ``a`` and ``b`` whose corners are rounded."""
    u = np.abs(x) - (a - radius)
    v = np.abs(y) - (b - radius)
    outside = length(np.maximum(u, 0.0), np.maximum(v, 0.0))
    return np.asarray(outside + np.minimum(np.maximum(u, v), 0.0) - radius)


def segment(x: Array, y: Array, start: tuple[float, float], end: tuple[float, float]) -> Array:
    """Distance to a line segment."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    along = (x - start[0]) * dx + (y - start[1]) * dy
    t = np.clip(along / (dx * dx + dy * dy), 0.0, 1.0)
    return length(x - start[0] - t * dx, y - start[1] - t * dy)


def union(first: Array, second: Array, blend: float) -> Array:
    """The union of two distances with a fillet about ``blend`` wide."""
    h = np.clip(0.5 + 0.5 * (second - first) / blend, 0.0, 1.0)
    return np.asarray(second + (first - second) * h - blend * h * (1.0 - h))


def _single(colour: Colour) -> Array:
    """float32, so that nothing is computed in double precision by accident."""
    return np.asarray(colour, dtype=np.float32)


class Canvas:
    """An RGB picture ``float32 [3, R, R]`` in 0 to 1 with the coordinates of its pixels."""

    def __init__(self, resolution: int) -> None:
        self.resolution = resolution
        self.pixel = 2.0 / resolution
        line = ((np.arange(resolution, dtype=np.float32) + 0.5) * self.pixel - 1.0).astype("f4")
        self.x = np.broadcast_to(line[None, :], (resolution, resolution))
        self.y = np.broadcast_to(line[:, None], (resolution, resolution))
        self.rgb = np.zeros((3, resolution, resolution), dtype=np.float32)

    def window(self, left: float, top: float, right: float, bottom: float) -> Window:
        """The pixels that touch a rectangle, so that small things cost little."""
        rows = slice(self._index(top, np.floor), self._index(bottom, np.ceil))
        columns = slice(self._index(left, np.floor), self._index(right, np.ceil))
        return rows, columns

    def over(self, mask: Array, colour: Colour, window: Window | None = None) -> None:
        """Lay a colour (three numbers or ``[3, h, w]``) over the picture where ``mask`` is."""
        part = self.rgb if window is None else self.rgb[:, window[0], window[1]]
        for channel, value in zip(part, _single(colour), strict=True):
            channel += mask * (value - channel)

    def multiply(self, mask: Array, colour: Colour, window: Window | None = None) -> None:
        """Darken (or brighten) towards ``colour`` times the picture where ``mask`` is."""
        part = self.rgb if window is None else self.rgb[:, window[0], window[1]]
        for channel, value in zip(part, _single(colour), strict=True):
            channel *= 1.0 + mask * (value - 1.0)

    def add(self, mask: Array, colour: Colour, window: Window | None = None) -> None:
        """Add light."""
        part = self.rgb if window is None else self.rgb[:, window[0], window[1]]
        for channel, value in zip(part, _single(colour), strict=True):
            channel += mask * value

    def pixels(self) -> Array:
        """``uint8 [3, R, R]``."""
        return np.asarray(np.rint(np.clip(self.rgb, 0.0, 1.0) * 255.0).astype(np.uint8))

    def _index(self, position: float, rounding: np.ufunc) -> int:
        return int(np.clip(rounding((position + 1.0) / self.pixel), 0, self.resolution))
