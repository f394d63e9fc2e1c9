"""Curves through latents and the pace along them; plain numpy."""

import math
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from latent_studio.errors import OptionError

Easing: TypeAlias = Callable[[float], float]

_PARALLEL = 1e-6  # radians below which a great circle is a straight line to float accuracy


def _ease_in_out(t: float) -> float:
    return 4 * t**3 if t < 0.5 else 1 - 4 * (1 - t) ** 3


EASINGS: dict[str, Easing] = {
    "linear": lambda t: t,
    "smooth": lambda t: t * t * (3 - 2 * t),
    "smoother": lambda t: t**3 * (t * (6 * t - 15) + 10),
    "ease-in": lambda t: t**3,
    "ease-out": lambda t: 1 - (1 - t) ** 3,
    "ease-in-out": _ease_in_out,
    "sine": lambda t: 0.5 - 0.5 * math.cos(math.pi * t),
}
"""Pace between two keys: from 0 to 1 without turning back."""


def easing_named(name: str) -> Easing:
    """An easing by name.

    Raises
    ------
    OptionError
        If there is none of that name.
    """
    if name not in EASINGS:
        raise OptionError(f"There is no easing '{name}'; choose one of {', '.join(EASINGS)}.")
    return EASINGS[name]


def lerp(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
    """The straight line from ``a`` (t = 0) to ``b`` (t = 1), exact at both ends."""
    if t == 0 or t == 1:
        return np.array(b if t else a)
    return np.asarray(a * (1 - t) + b * t)


def slerp(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
    """The great circle from ``a`` to ``b`` (Shoemake 1985), lengths changing linearly.

    Normal latents of many dimensions lie near a sphere, so the straight line between two of them
    passes through points that a model never saw; the great circle does not.

    Parameters
    ----------
    a, b
        Arrays of one shape, taken as one vector each. Parallel ones are joined by a line, opposite
        ones by a half circle through a fixed perpendicular, a zero vector by a line.
    t
        0 to 1; exact at both ends.
    """
    if t == 0 or t == 1:
        return np.array(b if t else a)
    x, y = a.astype(np.float64).ravel(), b.astype(np.float64).ravel()
    length_a, length_b = float(np.linalg.norm(x)), float(np.linalg.norm(y))
    if length_a == 0 or length_b == 0:
        return lerp(a, b, t)
    length = length_a * (1 - t) + length_b * t
    result = length * _great_circle(x / length_a, y / length_b, t)
    return result.reshape(a.shape).astype(np.result_type(a, b))


def catmull_rom(keys: Callable[[int], np.ndarray], count: int, t: float, loop: bool) -> np.ndarray:
    """A smooth curve through keys (Catmull and Rom 1974, uniform).

    Parameters
    ----------
    keys
        Gives key ``0 <= i < count``; only the four around ``t`` are asked for.
    count
        How many keys there are.
    t
        Position counted in keys: 0 to ``count - 1``, or to ``count`` for a loop.
    loop
        Whether the curve returns to the first key. An open one is continued beyond its ends by
        mirroring the neighbour.
    """
    segment = min(max(math.floor(t), 0), segments(count, loop) - 1)
    u = t - segment
    p1, p2 = keys(segment), keys((segment + 1) % count)
    if u == 0 or u == 1:
        return np.array(p2 if u else p1)
    before, after = segment - 1, segment + 2
    p0 = keys(before % count) if loop or before >= 0 else 2 * p1 - p2
    p3 = keys(after % count) if loop or after < count else 2 * p2 - p1
    tangent1, tangent2 = (p2 - p0) / 2, (p3 - p1) / 2
    h1 = (2 * u - 3) * u * u + 1
    h2 = (3 - 2 * u) * u * u
    h3 = u * (u - 1) ** 2
    h4 = u * u * (u - 1)
    return np.asarray(h1 * p1 + h2 * p2 + h3 * tangent1 + h4 * tangent2)


def segments(count: int, loop: bool) -> int:
    """How many pieces a path through ``count`` keys has."""
    return count if loop else count - 1


def _great_circle(a: np.ndarray, b: np.ndarray, t: float) -> np.ndarray:
    """Between unit vectors."""
    # atan2 of difference and sum keeps its accuracy at angles near 0 and pi, where acos loses it.
    angle = 2 * math.atan2(float(np.linalg.norm(a - b)), float(np.linalg.norm(a + b)))
    if angle < _PARALLEL:
        line = a * (1 - t) + b * t
        return np.asarray(line / np.linalg.norm(line))
    if math.pi - angle < _PARALLEL:
        return np.asarray(math.cos(angle * t) * a + math.sin(angle * t) * _perpendicular(a))
    point = (math.sin((1 - t) * angle) * a + math.sin(t * angle) * b) / math.sin(angle)
    return np.asarray(point / np.linalg.norm(point))


def _perpendicular(a: np.ndarray) -> np.ndarray:
    """A unit vector at a right angle to ``a``, always the same one."""
    if a.size == 1:
        return np.zeros_like(a)
    axis = np.zeros_like(a)
    axis[int(np.argmin(np.abs(a)))] = 1
    rest = axis - a * a.dot(axis)
    return np.asarray(rest / np.linalg.norm(rest))
