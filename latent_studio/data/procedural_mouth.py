"""The mouth, from a frown over a calm line to an open smile with teeth."""

from dataclasses import dataclass

import numpy as np

from latent_studio.data.procedural_canvas import Patch
from latent_studio.data.procedural_figure import MOUTH_Y, Figure
from latent_studio.data.procedural_head import Surface
from latent_studio.data.procedural_shapes import Array, bell, inside, rgb, smoothstep


def draw_mouth(fig: Figure) -> None:
    """Lips, opening, teeth, and the shadows at corners and under the lip."""
    smile = fig.attrs["smile"]
    boxes = fig.patch(0.0, MOUTH_Y, 0.36, 0.2).within(fig.boxes)
    patch, at = fig.canvas.patch(boxes), fig.face(boxes)
    mouth = _curves(fig, at)
    reach = np.abs(mouth.m)
    shadow = bell(at.hy - mouth.lower - 0.022, 0.018) * smoothstep(0.85, 0.2, reach)
    patch.multiply(shadow * at.mask * 0.36, fig.shadow + 0.30)
    _draw_lips(fig, mouth, patch)
    _draw_teeth(fig, mouth, patch)
    parted = np.where(mouth.gape > 0.004, mouth.top, mouth.centre)
    line = bell(at.hy - parted, 0.006 + 0.32 * fig.pixel)
    patch.multiply(line * mouth.within * 0.72, fig.shadow * 0.62)
    corner = bell(reach - 1.02, 0.09) * bell(
        at.hy - mouth.centre + 0.004 * smile, 0.016 + 0.2 * fig.pixel
    )
    patch.multiply(corner * at.mask * (0.42 + 0.25 * np.abs(smile)), fig.shadow + 0.1)
    patch.put()


def lip_colour(fig: Figure) -> Array:
    """Redder than the skin, more so for fuller lips."""
    base = fig.skin * rgb(0.88, 0.60, 0.58) + rgb(0.02, 0.0, 0.005)
    return np.asarray(base + (rgb(0.72, 0.22, 0.26) - base) * (0.55 * fig.attrs["lipstick"]))


@dataclass(frozen=True)
class Mouth:
    """Heights of its curves over the boxes: lips from ``upper`` to ``lower``, open between."""

    at: Surface
    m: Array
    upper: Array
    top: Array
    centre: Array
    bottom: Array
    lower: Array
    gape: Array
    within: Array


def _curves(fig: Figure, at: Surface) -> Mouth:
    attrs, smile, lips = fig.attrs, fig.attrs["smile"], fig.attrs["lips"]
    grin, sulk = np.maximum(smile, 0.0), np.maximum(-smile, 0.0)
    half = (0.128 + 0.012 * attrs["face_width"]) * (1.0 + 0.30 * grin - 0.06 * sulk)
    m = at.hx / half
    reach = np.abs(m)
    span = np.maximum(1.0 - reach**2.2, 0.0)
    bend = smile * np.where(smile > 0.0, 0.052 + 0.014 * grin, np.float32(0.036))
    centre = MOUTH_Y + 0.008 - (bend + 0.006) * (m * m - 0.42)
    gape = smoothstep(0.30, 1.0, smile) * 0.064 * span
    top, bottom = centre - 0.30 * gape, centre + 0.70 * gape
    stretch = 1.0 - 0.25 * grin
    bow = 1.0 - 0.30 * bell(m, 0.13) + 0.12 * bell(reach - 0.24, 0.15)
    upper = top - (0.023 + 0.010 * lips) * stretch * bow * span**0.9
    lower = bottom + (0.030 + 0.014 * lips) * stretch * span**0.75
    within = smoothstep(1.06, 0.97, reach) * at.mask
    return Mouth(at, m, upper, top, centre, bottom, lower, gape, within)


def _draw_lips(fig: Figure, mouth: Mouth, patch: Patch) -> None:
    at, y, edge = mouth.at, mouth.at.hy, mouth.at.edge
    upper, lower, centre = mouth.upper, mouth.lower, mouth.centre
    lit = 0.62 + 0.38 * fig.light.diffuse(at.normal)
    body = inside(np.maximum(upper - y, y - lower), edge * 1.4) * mouth.within
    lit *= 1.0 - 0.17 * inside(y - centre, edge * 2.0)
    patch.over(body * (0.80 + 0.2 * fig.attrs["lipstick"]), lip_colour(fig) * lit)
    middle = centre + 0.62 * (lower - centre)
    shine = bell(y - middle, 0.010) * bell(at.hx, 0.07)
    patch.add(body * shine * 0.13, (1.0, 0.9, 0.9))


def _draw_teeth(fig: Figure, mouth: Mouth, patch: Patch) -> None:
    """Teeth in a dark opening, for a wide smile only."""
    shown = fig.attrs["smile"] > 0.30
    if not shown.any():
        return
    y, top, bottom, edge = mouth.at.hy, mouth.top, mouth.bottom, mouth.at.edge
    reach = np.abs(mouth.m)
    hole = inside(np.maximum(top - y, y - bottom), edge) * mouth.within
    hole *= (reach < 0.97) & shown
    patch.over(hole, (0.23, 0.07, 0.075))
    biting = top + 0.80 * (bottom - top)
    row = hole * inside(y - biting, edge) * smoothstep(0.93, 0.80, reach)
    ivory = rgb(0.97, 0.955, 0.92) - 0.05 * fig.attrs["age"]
    patch.over(row, ivory * (1.0 - 0.34 * reach**2.2))
    if fig.canvas.resolution >= 128:
        gaps = np.abs(np.sin(np.pi * mouth.m * 4.0)) < 0.10
        patch.multiply(row * gaps * 0.10, (0.5, 0.4, 0.4))
    patch.multiply(hole * bell(y - top, 0.010) * 0.5, (0.55, 0.42, 0.42))
