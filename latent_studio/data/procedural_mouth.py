"""The mouth, from a frown over a calm line to an open smile with teeth."""

from dataclasses import dataclass

import numpy as np

from latent_studio.data.procedural_figure import MOUTH_Y, Figure
from latent_studio.data.procedural_shapes import Array, Window, bell, inside, rgb, smoothstep


def draw_mouth(fig: Figure) -> None:
    """Lips, opening, teeth, and the shadows at corners and under the lip."""
    attrs, canvas = fig.attrs, fig.canvas
    smile, lips = attrs["smile"], attrs["lips"]
    grin = max(smile, 0.0)
    window = fig.patch(0.0, MOUTH_Y, 0.36, 0.2)
    at = fig.head.crop(window)
    half = (0.128 + 0.012 * attrs["face_width"]) * (1.0 + 0.30 * grin - 0.06 * max(-smile, 0.0))
    m = at.hx / half
    span = np.maximum(1.0 - np.abs(m) ** 2.2, 0.0)
    bend = smile * (0.052 + 0.014 * grin if smile > 0.0 else 0.036)
    centre = MOUTH_Y + 0.008 - (bend + 0.006) * (m * m - 0.42)
    gape = float(smoothstep(0.30, 1.0, smile)) * 0.064 * span
    top, bottom = centre - 0.30 * gape, centre + 0.70 * gape
    stretch = 1.0 - 0.25 * grin
    bow = 1.0 - 0.30 * bell(m, 0.13) + 0.12 * bell(np.abs(m) - 0.24, 0.15)
    upper = top - (0.023 + 0.010 * lips) * stretch * bow * span**0.9
    lower = bottom + (0.030 + 0.014 * lips) * stretch * span**0.75
    within = smoothstep(1.06, 0.97, np.abs(m)) * at.mask
    shadow = bell(at.hy - lower - 0.022, 0.018) * smoothstep(0.85, 0.2, np.abs(m))
    canvas.multiply(shadow * at.mask * 0.36, fig.shadow + 0.30, window)
    mouth = Mouth(window, m, at.hy, upper, top, centre, bottom, lower, within, at.edge)
    _draw_lips(fig, mouth)
    if grin > 0.30:
        _draw_teeth(fig, mouth)
    line = bell(at.hy - np.where(gape > 0.004, top, centre), 0.006 + 0.32 * fig.pixel)
    canvas.multiply(line * within * 0.72, fig.shadow * 0.62, window)
    corner = bell(np.abs(m) - 1.02, 0.09) * bell(
        at.hy - centre + 0.004 * smile, 0.016 + 0.2 * fig.pixel
    )
    canvas.multiply(corner * at.mask * (0.42 + 0.25 * abs(smile)), fig.shadow + 0.1, window)


def lip_colour(fig: Figure) -> np.ndarray:
    """Redder than the skin, more so for fuller lips."""
    base = fig.skin * rgb(0.88, 0.60, 0.58) + rgb(0.02, 0.0, 0.005)
    return np.asarray(base + (rgb(0.72, 0.22, 0.26) - base) * (0.55 * fig.attrs["lipstick"]))


@dataclass(frozen=True)
class Mouth:
    """Heights of its curves over the window: lips from ``upper`` to ``lower``, open between."""

    window: Window
    m: Array
    y: Array
    upper: Array
    top: Array
    centre: Array
    bottom: Array
    lower: Array
    within: Array
    edge: Array


def _draw_lips(fig: Figure, mouth: Mouth) -> None:
    window, y, edge = mouth.window, mouth.y, mouth.edge
    upper, lower, centre = mouth.upper, mouth.lower, mouth.centre
    colour = lip_colour(fig)
    lit = 0.62 + 0.38 * fig.light.diffuse(fig.head.crop(window).normal)
    body = inside(np.maximum(upper - y, y - lower), edge * 1.4) * mouth.within
    tone = colour[:, None, None] * lit
    above = inside(y - centre, edge * 2.0)
    tone = tone * (1.0 - 0.17 * above)
    fig.canvas.over(body * (0.80 + 0.2 * fig.attrs["lipstick"]), tone, window)
    middle = centre + 0.62 * (lower - centre)
    shine = bell(y - middle, 0.010) * bell(fig.head.hx[window], 0.07)
    fig.canvas.add(body * shine * 0.13, (1.0, 0.9, 0.9), window)


def _draw_teeth(fig: Figure, mouth: Mouth) -> None:
    canvas, window, m, y = fig.canvas, mouth.window, mouth.m, mouth.y
    top, bottom, edge = mouth.top, mouth.bottom, mouth.edge
    hole = inside(np.maximum(top - y, y - bottom), edge) * mouth.within * (np.abs(m) < 0.97)
    canvas.over(hole, (0.23, 0.07, 0.075), window)
    biting = top + 0.80 * (bottom - top)
    row = inside(y - biting, edge) * smoothstep(0.93, 0.80, np.abs(m))
    ivory = rgb(0.97, 0.955, 0.92) - 0.05 * fig.attrs["age"]
    curve = 1.0 - 0.34 * np.abs(m) ** 2.2
    canvas.over(hole * row, ivory[:, None, None] * curve, window)
    gaps = np.abs(np.sin(np.pi * m * 4.0)) < 0.10
    canvas.multiply(
        hole * row * gaps * 0.10 * (fig.canvas.resolution >= 128), (0.5, 0.4, 0.4), window
    )
    canvas.multiply(hole * bell(y - top, 0.010) * 0.5, (0.55, 0.42, 0.42), window)
