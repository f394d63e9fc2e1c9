"""Soft-edged shapes, many pictures at a time.

Coordinates are resolution-free: x to the right and y down, from -1 to 1. A mask is a float32 array
of coverage ``[N, h, w]``, one a picture; edges are one pixel wide, which anti-aliases without
supersampling. A number that differs between pictures is float32 ``[N, 1, 1]``, a colour
``[3, N, 1, 1]``, a coloured area ``[3, N, h, w]``. Everything is computed element by element, so
that a picture comes out the same whatever it is drawn together with.
"""

from typing import TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray
Normal: TypeAlias = tuple[Array, Array, Array]


def column(values: Array) -> Array:
    """One number a picture ``[N]`` as float32 ``[N, 1, 1]``."""
    return np.asarray(values, dtype=np.float32).reshape(-1, 1, 1)


def rgb(red: float, green: float, blue: float) -> Array:
    """A colour of all pictures, ``[3, 1, 1, 1]``, in single precision."""
    return np.array([red, green, blue], dtype=np.float32).reshape(3, 1, 1, 1)


def limit(x: Array, low: float = 0.0, high: float = 1.0) -> Array:
    """``np.clip`` without its overhead."""
    t = np.asarray(np.maximum(x, low))
    return np.asarray(np.minimum(t, high, out=t))


def smoothstep(low: Array | float, high: Array | float, x: Array | float) -> Array:
    """0 below ``low``, 1 above ``high``, a cubic between; ``low > high`` falls."""
    t = np.asarray((x - low) * (1.0 / (high - low)))
    np.maximum(t, 0.0, out=t)
    np.minimum(t, 1.0, out=t)
    s = np.asarray(t * -2.0)
    s += 3.0
    t *= t
    t *= s
    return t


def inside(distance: Array, edge: Array | float) -> Array:
    """Coverage of a signed distance (negative inside) with an edge that is ``edge`` wide."""
    t = distance / edge
    np.subtract(0.5, t, out=t)
    np.maximum(t, 0.0, out=t)
    return np.asarray(np.minimum(t, 1.0, out=t))


def bell(x: Array, width: Array | float) -> Array:
    """``exp(-(x / width)^2)``."""
    t = x / width
    t *= t
    np.negative(t, out=t)
    return np.asarray(np.exp(t, out=t))


def length(x: Array, y: Array) -> Array:
    """``sqrt(x^2 + y^2)`` (``np.hypot``, which guards against overflow, takes 20 times as long)."""
    t = np.asarray(x * x + y * y)
    return np.asarray(np.sqrt(t, out=t))


def ellipse(x: Array, y: Array, a: Array | float, b: Array | float) -> Array:
    """About the distance to an ellipse around the origin (exact to first order at its edge)."""
    u, v = x / a, y / b
    k = length(u, v)
    k += 1e-6
    u /= a
    v /= b
    slope = length(u, v)
    slope += 1e-6
    t = k - 1.0
    t *= k
    t /= slope
    return np.asarray(t)


def round_box(
    x: Array, y: Array, a: Array | float, b: Array | float, radius: Array | float
) -> Array:
    """Distance to a box of half-sizes ``a`` and ``b`` whose corners are rounded."""
    u = np.abs(x) - (a - radius)
    v = np.abs(y) - (b - radius)
    outside = length(np.maximum(u, 0.0), np.maximum(v, 0.0))
    return np.asarray(outside + np.minimum(np.maximum(u, v), 0.0) - radius)


def segment(x: Array, y: Array, start: tuple[float, float], end: tuple[float, float]) -> Array:
    """Distance to a line segment."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    px, py = x - start[0], y - start[1]
    t = limit((px * dx + py * dy) / (dx * dx + dy * dy))
    px -= t * dx
    py -= t * dy
    return length(px, py)


def union(first: Array, second: Array, blend: float) -> Array:
    """The union of two distances with a fillet about ``blend`` wide."""
    h = limit(0.5 + 0.5 * (second - first) / blend)
    return np.asarray(second + (first - second) * h - blend * h * (1.0 - h))
