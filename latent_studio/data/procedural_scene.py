"""What is around the face: background, neck and clothes, glasses."""

import numpy as np

from latent_studio.data import procedural_palette as palette
from latent_studio.data.procedural_features import EYE_X
from latent_studio.data.procedural_figure import EYE_Y, Figure
from latent_studio.data.procedural_shapes import (
    Array,
    bell,
    ellipse,
    inside,
    length,
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
    canvas, attrs = fig.canvas, fig.attrs
    near, far = palette.backdrop(attrs["background"], attrs["brightness"])
    x, y = canvas.x - 0.45 * fig.light.x, canvas.y + 0.15
    fall = smoothstep(0.15, 1.55, length(x * 0.9, y))
    canvas.over(np.ones_like(fall), near[:, None, None] + (far - near)[:, None, None] * fall)


def draw_body(fig: Figure) -> None:
    """Neck, shoulders and a garment with one of three collars."""
    canvas, attrs = fig.canvas, fig.attrs
    window = fig.window(-1.0, 0.2, 1.0, 1.0)
    x, y = fig.upright_x[window], fig.upright_y[window] + 0.13
    neck_x = 0.10 * fig.sin * smoothstep(0.9, 0.4, y) - 0.5 * fig.roll * (0.8 - y)
    half = 0.60 * fig.shape.width + 0.04 * attrs["jaw"]
    flare = half + 0.30 * smoothstep(0.70, 1.02, y) ** 2
    neck = inside(np.abs(x - neck_x) - flare, fig.pixel)
    q = np.clip((x - neck_x) / flare, -1.0, 1.0)
    bend = np.sqrt(1.0 - q * q)
    colour = fig.shade(fig.skin, fig.shadow, (q, np.zeros_like(q), bend))
    colour *= 0.90 - 0.34 * smoothstep(0.80, 0.58, y + 0.10 * np.abs(q))
    canvas.over(neck, colour, window)
    shoulders = union(
        ellipse(x - 0.04 * fig.sin, y - 1.36, 0.92 + 0.10 * attrs["jaw"], 0.60),
        ellipse(x - neck_x, y - 1.12, flare.max() * 0.9, 0.34),
        0.14,
    )
    kind = int(attrs["collar"] * 2.999)
    opening = _collar(kind, x - neck_x, y, half)
    garment = palette.cloth(attrs["cloth"])
    lit = 0.66 + 0.34 * smoothstep(-1.0, 1.0, x * fig.light.x * 1.4 - (y - 1.0) * 0.6)
    fold = 1.0 - 0.07 * bell(np.abs(x) - 0.45 - 0.3 * (y - 0.8), 0.05)
    mask = inside(np.maximum(shoulders, -opening), fig.pixel)
    canvas.over(mask, garment[:, None, None] * (lit * fold), window)
    hem = bell(opening - 0.018, 0.014 + 0.3 * fig.pixel) * mask
    canvas.multiply(hem * 0.45, (0.62, 0.62, 0.66), window)


def _collar(kind: int, x: Array, y: Array, half: float) -> Array:
    """Distance to the skin that a neckline leaves free: round, V, or high."""
    if kind == 0:
        return ellipse(x, y - 0.72, half + 0.07, 0.17)
    if kind == 1:
        return np.asarray(np.maximum(np.abs(x) * 1.1 - (1.02 - y) * 0.85, y - 1.2))
    return ellipse(x, y - 0.66, half + 0.02, 0.13)


def draw_glasses(fig: Figure) -> None:
    """Frames on a plane before the eyes, so that they shift against them in a turn."""
    attrs = fig.attrs
    if attrs["glasses"] < 0.5:
        return
    depth = fig.project(EYE_X * 1.15, EYE_Y)[0] - EYE_X * 1.15 * fig.cos + 0.015 * fig.sin
    window = fig.patch_at(depth, EYE_Y + 0.01, 0.52, 0.2)
    x, y = (fig.x[window] - depth) / fig.cos, fig.y[window] - EYE_Y - 0.012
    style = attrs["frame"]
    colour = np.array(_FRAMES[int(style * 4.999)], "f4")
    thick = 0.0105 + 0.011 * ((style * 7.0) % 1.0)
    thick = max(thick, 0.36 * fig.pixel)
    u = np.abs(x) - EYE_X - 0.006
    if (style * 3.0) % 1.0 < 0.5:
        rim = ellipse(u, y, 0.128, 0.112)
    else:
        rim = round_box(u, y - 0.005, 0.132, 0.094, 0.045)
    canvas = fig.canvas
    lens = inside(rim, fig.pixel)
    streak = bell(u * 0.8 + y * 0.9 + 0.03, 0.035) * lens
    canvas.over(lens * 0.07, (0.90, 0.95, 1.0), window)
    canvas.add(streak * 0.16, (1.0, 1.0, 1.0), window)
    shadow = inside(np.abs(rim - 0.012) - thick, 3.0 * fig.pixel) * (y > 0.0)
    canvas.multiply(shadow * fig.head.mask[window] * 0.22, fig.shadow + 0.2, window)
    bridge = bell(y + 0.022 - 1.6 * x * x, thick * 1.1) * (np.abs(x) < EYE_X - 0.115)
    hinge = segment(np.abs(x), y, (EYE_X + 0.13, -0.035), (0.60, -0.03)) - 0.8 * thick
    temple = inside(hinge, fig.pixel) * fig.head.mask[window]
    frame = np.maximum(np.maximum(inside(np.abs(rim) - thick, fig.pixel), bridge), temple)
    gleam = 1.0 + 0.9 * bell(y + 0.09, 0.03)
    canvas.over(frame * 0.96, colour[:, None, None] * gleam, window)
