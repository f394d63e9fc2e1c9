"""What is around the face: background, neck and clothes, glasses."""

import numpy as np

from latent_studio.data import procedural_palette as palette
from latent_studio.data.procedural_figure import EYE_X, EYE_Y, Figure
from latent_studio.data.procedural_shapes import (
    Array,
    bell,
    column,
    ellipse,
    inside,
    length,
    limit,
    round_box,
    segment,
    smoothstep,
    union,
)

_FRAMES = (
    (0.10, 0.09, 0.10),
    (0.30, 0.17, 0.09),
    (0.55, 0.43, 0.26),
    (0.12, 0.16, 0.28),
    (0.42, 0.10, 0.12),
)


def draw_background(fig: Figure) -> None:
    """A lit studio wall: a glow behind the head, falling off to the corners."""
    canvas = fig.canvas
    near, far = palette.backdrop(fig.values["background"], fig.values["brightness"])
    x, y = canvas.coordinates(canvas.whole)
    x, y = x - 0.45 * fig.light.x, y + 0.15
    fall = smoothstep(0.15, 1.55, length(x * 0.9, y))
    np.multiply(far - near, fall, out=canvas.rgb)
    canvas.rgb += near


def draw_body(fig: Figure) -> None:
    """Neck, shoulders and a garment with one of three collars."""
    attrs = fig.attrs
    edge = np.ones(len(fig.width))
    boxes = fig.window(-1.0 * edge, 0.2 * edge, edge, edge)
    patch = fig.canvas.patch(boxes)
    x, y = fig.upright(boxes)
    y = y + 0.13
    neck_x = 0.10 * fig.sin * smoothstep(0.9, 0.4, y) - 0.5 * fig.roll * (0.8 - y)
    half = 0.60 * fig.shape.width + 0.04 * attrs["jaw"]
    flare = half + 0.30 * smoothstep(0.70, 1.02, y) ** 2
    across = x - neck_x
    neck = inside(np.abs(across) - flare, fig.pixel)
    q = limit(across / flare, -1.0)
    colour = fig.shade(fig.skin, fig.shadow, (q, np.zeros_like(q), np.sqrt(1.0 - q * q)))
    colour *= 0.90 - 0.34 * smoothstep(0.80, 0.58, y + 0.10 * np.abs(q))
    patch.over(neck, colour)
    shoulders = union(
        ellipse(x - 0.04 * fig.sin, y - 1.36, 0.92 + 0.10 * attrs["jaw"], 0.60),
        ellipse(across, y - 1.12, flare.max((1, 2), keepdims=True) * 0.9, 0.34),
        0.14,
    )
    opening = _collar((fig.values["collar"] * 2.999).astype(int), across, y, half)
    garment = palette.cloth(fig.values["cloth"])
    lit = 0.66 + 0.34 * smoothstep(-1.0, 1.0, x * fig.light.x * 1.4 - (y - 1.0) * 0.6)
    lit *= 1.0 - 0.07 * bell(np.abs(x) - 0.45 - 0.3 * (y - 0.8), 0.05)
    mask = inside(np.maximum(shoulders, -opening), fig.pixel)
    patch.over(mask, garment * lit)
    hem = bell(opening - 0.018, 0.014 + 0.3 * fig.pixel) * mask
    patch.multiply(hem * 0.45, (0.62, 0.62, 0.66))
    patch.put()


def _collar(kind: Array, x: Array, y: Array, half: Array) -> Array:
    """Distance to the skin that a neckline leaves free: round (0), V (1), or high (2)."""
    high = column(kind == 2)
    opening = ellipse(x, y - 0.72 + 0.06 * high, half + 0.07 - 0.05 * high, 0.17 - 0.04 * high)
    pointed = np.maximum(np.abs(x) * 1.1 - (1.02 - y) * 0.85, y - 1.2)
    return np.where(column(kind == 1) > 0.0, pointed, opening)


def draw_glasses(fig: Figure) -> None:
    """Frames on a plane before the eyes, so that they shift against them in a turn."""
    worn = column(fig.values["glasses"] >= 0.5)
    if not worn.any():
        return
    sin, cos = (wave.astype(np.float64)[:, 0, 0] for wave in (fig.sin, fig.cos))
    away = fig.project(EYE_X * 1.15, EYE_Y)[0] - EYE_X * 1.15 * cos + 0.015 * sin
    boxes = fig.patch_at(away, EYE_Y + 0.01, 0.52, 0.2)
    patch, (x, y) = fig.canvas.patch(boxes), fig.posed(boxes)
    x, y = (x - column(away)) / fig.cos, y - EYE_Y - 0.012
    style = fig.values["frame"]
    thick = column(np.maximum(0.0105 + 0.011 * ((style * 7.0) % 1.0), 0.36 * fig.pixel))
    reach = np.abs(x)
    u = reach - EYE_X - 0.006
    rim = np.where(
        column((style * 3.0) % 1.0 < 0.5) > 0.0,
        ellipse(u, y, 0.128, 0.112),
        round_box(u, y - 0.005, 0.132, 0.094, 0.045),
    )
    lens = inside(rim, fig.pixel) * worn
    patch.over(lens * 0.07, (0.90, 0.95, 1.0))
    streak = bell(u * 0.8 + y * 0.9 + 0.03, 0.035) * lens
    patch.add(streak * 0.16, (1.0, 1.0, 1.0))
    head = fig.ground(boxes).mask * worn
    shadow = inside(np.abs(rim - 0.012) - thick, 3.0 * fig.pixel) * (y > 0.0)
    patch.multiply(shadow * head * 0.22, fig.shadow + 0.2)
    bridge = bell(y + 0.022 - 1.6 * x * x, thick * 1.1) * (reach < EYE_X - 0.115)
    hinge = segment(reach, y, (EYE_X + 0.13, -0.035), (0.60, -0.03)) - 0.8 * thick
    frame = np.maximum(inside(np.abs(rim) - thick, fig.pixel), bridge) * worn
    frame = np.maximum(frame, inside(hinge, fig.pixel) * head)
    colour = palette.colours(_FRAMES[int(value * 4.999)] for value in style.tolist())
    patch.over(frame * 0.96, colour * (1.0 + 0.9 * bell(y + 0.09, 0.03)))
    patch.put()
