"""The eyes: eyeballs, irises, lids and lashes."""

from dataclasses import dataclass

import numpy as np

from latent_studio.data import procedural_palette as palette
from latent_studio.data.procedural_canvas import Boxes, Patch
from latent_studio.data.procedural_figure import EYE_X, EYE_Y, Figure
from latent_studio.data.procedural_shapes import (
    Array,
    bell,
    inside,
    length,
    rgb,
    segment,
    smoothstep,
)


@dataclass(frozen=True)
class Eyes:
    """Both eyes in coordinates of their own: ``x`` runs from the nose outwards, 1 is the corner.

    ``mask`` is the cover of the head, ``opening`` that of what shows between the lids; ``side`` is
    -1 for the eye on the left of the picture.
    """

    x: Array
    y: Array
    side: Array
    edge: Array
    mask: Array
    upper: Array
    lower: Array
    opening: Array


def draw_eyes(fig: Figure) -> None:
    """Both eyes, from the fold of the lid to the lashes."""
    boxes = fig.both_sides(EYE_Y, 0.15)
    patch, attrs = fig.canvas.patch(boxes), fig.attrs
    eyes = _open_eyes(fig, boxes)
    reach = np.abs(eyes.x)
    fold = bell(eyes.y - eyes.upper * 1.28 + 0.17, 0.10 + 0.4 * eyes.edge)
    fold *= smoothstep(1.25, 0.7, reach)
    patch.multiply(fold * eyes.mask * (0.38 + 0.15 * attrs["age"]), fig.shadow + 0.30)
    white = rgb(0.955, 0.945, 0.935) * (0.82 + 0.18 * fig.light.ambient / 0.62)
    patch.over(eyes.opening, white - 0.03 * attrs["age"])
    _draw_iris(fig, eyes, patch)
    patch.multiply(eyes.opening * bell(eyes.y - eyes.upper, 0.20), (0.52, 0.47, 0.47))
    _draw_lashes(fig, eyes, patch)
    rim = bell(eyes.y - eyes.lower - 0.04, 0.07 + 0.25 * eyes.edge)
    rim *= smoothstep(1.05, 0.6, reach)
    patch.multiply(rim * eyes.mask * 0.34, fig.shadow + 0.28)
    patch.put()


def _open_eyes(fig: Figure, boxes: Boxes) -> Eyes:
    attrs, at = fig.attrs, fig.ground(boxes)
    scale = 1.0 / (0.101 * (1.0 + 0.16 * attrs["eye_size"]))
    side = np.where(at.hx < 0.0, np.float32(-1.0), np.float32(1.0))
    edge = at.edge * scale
    x, y = (np.abs(at.hx) - EYE_X) * scale, (at.hy - EYE_Y) * scale
    y += x * ((0.10 - 0.06 * attrs["age"]) * (1.0 - 0.4 * attrs["age"]))
    lidded = np.maximum(1.0 - np.abs(x - 0.04) ** 2.3, 0.0)
    upper = -(0.50 + 0.16 * attrs["eye_size"] - 0.10 * attrs["age"]) * lidded**0.85
    lower = (0.34 + 0.05 * attrs["eye_size"]) * lidded
    opening = inside(np.maximum(upper - y, y - lower), edge) * (np.abs(x) < 1.02)
    opening *= at.mask
    return Eyes(x, y, side, edge, at.mask, upper, lower, opening)


def _draw_iris(fig: Figure, eyes: Eyes, patch: Patch) -> None:
    """Iris with a dark rim, pupil, the reflection of the light, and a faint one opposite."""
    attrs, edge, opening = fig.attrs, eyes.edge, eyes.opening
    x, y = eyes.x - eyes.side * (0.30 * attrs["gaze_x"]), eyes.y + 0.06 - 0.16 * attrs["gaze_y"]
    r = length(x, y)
    tone = 0.62 + 0.75 * np.minimum(np.maximum(0.35 + y, 0.0), 0.75)
    tone *= 1.0 - 0.58 * smoothstep(0.30, 0.475, r)
    patch.over(opening * inside(r - 0.475, edge), palette.eyes(fig.values["eye_color"]) * tone)
    patch.over(opening * inside(r - 0.205, edge), (0.025, 0.02, 0.025))
    lit = eyes.side * np.where(fig.light.x >= 0.0, np.float32(0.17), np.float32(-0.17))
    shine = opening * inside(length(x - lit, y + 0.17) - 0.10, edge)
    patch.over(shine * 0.92, (1.0, 1.0, 1.0))
    glow = opening * inside(length(x + lit, y - 0.20) - 0.055, edge)
    patch.add(glow, (0.22, 0.22, 0.24))


def _draw_lashes(fig: Figure, eyes: Eyes, patch: Patch) -> None:
    """The dark line of the upper lid, with a wing outwards for long lashes."""
    x, y, lashes = eyes.x, eyes.y, fig.attrs["lashes"]
    thick = 0.055 + 0.03 * smoothstep(0.15, 0.3, x)
    lash = inside(np.abs(y - eyes.upper + 0.02) - thick, eyes.edge * 1.1)
    lash *= smoothstep(1.16, 0.96, np.abs(x))
    patch.over(lash * eyes.mask * (0.75 + 0.15 * lashes), fig.hair * 0.16 + 0.03)
    wing = inside(segment(x, y, (0.86, -0.10), (1.10, -0.26)) - 0.05, eyes.edge)
    shown = 0.75 * lashes * (lashes > 0.05)
    patch.over(wing * eyes.mask * shown, (0.08, 0.06, 0.06))
