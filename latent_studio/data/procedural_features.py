"""The parts of a drawn face: skin, ears, eyes, brows, nose, mouth, lines."""

from dataclasses import dataclass

import numpy as np

from latent_studio.data import procedural_palette as palette
from latent_studio.data.procedural_figure import EYE_Y, MOUTH_Y, NOSE_Y, Figure
from latent_studio.data.procedural_head import Bump, emboss
from latent_studio.data.procedural_shapes import (
    Array,
    Window,
    bell,
    ellipse,
    inside,
    length,
    rgb,
    segment,
    smoothstep,
)

EYE_X = 0.172
_EAR_Y = 0.075


def draw_ear(fig: Figure, side: int) -> None:
    """An ear; ``side`` -1 is left in the picture, 1 right."""
    turned = -side * fig.sin
    x = side * (fig.shape.width * 0.97) * fig.cos - 0.03 * fig.sin
    wide = 0.058 + 0.075 * max(turned, 0.0) - 0.02 * max(-turned, 0.0)
    window = fig.patch_at(x, _EAR_Y, 0.2, 0.2)
    px, py = fig.x[window] - x, fig.y[window] - _EAR_Y
    lean = px - side * 0.018 + 0.12 * side * py
    rim = ellipse(lean, py - 0.10 * np.abs(px), wide, 0.118)
    lit = fig.light.ambient + (1 - fig.light.ambient) * (0.58 + 0.36 * side * fig.light.x)
    tone = fig.shadow + (fig.skin * (1.0, 0.94, 0.93) - fig.shadow) * lit
    fig.canvas.over(inside(rim, fig.pixel), tone, window)
    hollow = inside(ellipse(lean - side * 0.004, py + 0.005, wide * 0.58, 0.07), 3.0 * fig.pixel)
    fig.canvas.multiply(hollow * 0.30, (0.62, 0.42, 0.40), window)


def draw_skin(fig: Figure) -> None:
    """The head itself: modelled, shaded, with some colour in cheeks and nose."""
    attrs, at = fig.attrs, fig.head
    normal = emboss(at, _relief(fig), fig.lean)
    colour = fig.shade(fig.skin, fig.shadow, normal)
    gloss = fig.light.gloss(normal, 22.0) * (0.11 + 0.13 * attrs["skin"])
    colour += gloss
    flush = (0.08 + 0.15 * attrs["blush"]) * (1.0 - 0.45 * attrs["skin"])
    cheeks = bell(np.abs(at.hx) - 0.235, 0.11) * bell(at.hy - 0.20, 0.10)
    nose = bell(at.hx - fig.lean, 0.07) * bell(at.hy - NOSE_Y, 0.075)
    red = flush * (cheeks + 0.7 * nose)
    colour[1] *= 1.0 - red
    colour[2] *= 1.0 - 0.85 * red
    fig.canvas.over(at.mask, colour)
    if attrs["freckles"] > 0.0:
        _draw_freckles(fig)


def _relief(fig: Figure) -> list[Bump]:
    attrs = fig.attrs
    grin = max(attrs["smile"], 0.0)
    gaunt = 0.6 * attrs["age"] - 0.2 * attrs["face_width"]
    nose = 0.026 + 0.006 * attrs["nose"]
    wide = 1.0 + 0.22 * attrs["nose"]
    relief = [
        Bump(0.0, 0.06, 0.045 * wide, 0.17, nose, leans=True),
        Bump(0.0, NOSE_Y, 0.072 * wide, 0.058, 1.25 * nose, leans=True),
        Bump(0.0, -0.30, 0.24, 0.16, 0.02),
        Bump(0.0, 0.545, 0.11, 0.065, 0.020 + 0.006 * attrs["chin"]),
        Bump(0.0, MOUTH_Y + 0.085, 0.12, 0.035, -0.012),
    ]
    for side in (-1, 1):
        relief += [
            Bump(side * EYE_X, EYE_Y + 0.005, 0.12, 0.075, -0.020),
            Bump(side * 0.17, -0.125, 0.13, 0.05, 0.010),
            Bump(side * 0.060 * wide, NOSE_Y + 0.02, 0.036, 0.036, 0.010, leans=True),
            Bump(side * 0.24, 0.185 - 0.03 * grin, 0.105, 0.085, 0.018 + 0.020 * grin),
            Bump(side * 0.27, 0.36, 0.09, 0.11, -0.014 * max(gaunt, 0.0)),
        ]
    return relief


def _draw_freckles(fig: Figure) -> None:
    """Fixed spots over nose and cheeks; how strong is the attribute."""
    rng = np.random.default_rng(20)
    at = fig.head
    spots = np.zeros_like(at.hx)
    for x, y, size in zip(
        rng.normal(0.0, 0.16, 26),
        rng.normal(0.165, 0.05, 26),
        rng.uniform(0.006, 0.012, 26),
        strict=True,
    ):
        window = fig.patch(float(x), float(y), 0.05, 0.05)
        part = at.crop(window)
        distance = length(part.hx - x, part.hy - y) - size
        spots[window] = np.maximum(spots[window], inside(distance, 2.0 * fig.pixel))
    fig.canvas.multiply(spots * at.mask * (0.5 * fig.attrs["freckles"]), (0.66, 0.5, 0.42))


def draw_eyes(fig: Figure) -> None:
    """Both eyes: eyeball, iris, lids and lashes. ``ex`` runs from the nose outwards."""
    attrs, canvas = fig.attrs, fig.canvas
    wide = 0.101 * (1.0 + 0.16 * attrs["eye_size"])
    window = _eye_window(fig, EYE_Y, 0.15)
    at = fig.head.crop(window)
    side = np.where(at.hx < 0.0, np.float32(-1.0), np.float32(1.0))
    edge = at.edge * (1.0 / wide)
    ex, ey = (side * at.hx - EYE_X) * (1.0 / wide), (at.hy - EYE_Y) * (1.0 / wide)
    reach = np.abs(ex)
    ey = ey + ex * ((0.10 - 0.06 * attrs["age"]) * (1.0 - 0.4 * attrs["age"]))
    lidded = np.maximum(1.0 - np.abs(ex - 0.04) ** 2.3, 0.0)
    upper = -(0.50 + 0.16 * attrs["eye_size"] - 0.10 * attrs["age"]) * lidded**0.85
    lower = (0.34 + 0.05 * attrs["eye_size"]) * lidded
    opening = inside(np.maximum(upper - ey, ey - lower), edge) * (reach < 1.02) * at.mask
    fold = bell(ey - upper * 1.28 + 0.17, 0.10 + 0.4 * edge) * smoothstep(1.25, 0.7, reach)
    canvas.multiply(fold * at.mask * (0.38 + 0.15 * attrs["age"]), fig.shadow + 0.30, window)
    white = rgb(0.955, 0.945, 0.935) * (0.82 + 0.18 * fig.light.ambient / 0.62)
    canvas.over(opening, white - 0.03 * attrs["age"], window)
    eye = Eye(window, ex - side * (0.30 * attrs["gaze_x"]), ey, opening, edge, side)
    _draw_iris(fig, eye)
    canvas.multiply(opening * bell(ey - upper, 0.20), (0.52, 0.47, 0.47), window)
    lash = inside(
        np.abs(ey - upper + 0.02) - (0.055 + 0.03 * smoothstep(0.15, 0.3, ex)), edge * 1.1
    )
    lash = lash * smoothstep(1.16, 0.96, reach) * at.mask
    canvas.over(lash * (0.75 + 0.15 * attrs["lashes"]), fig.hair * 0.16 + 0.03, window)
    if attrs["lashes"] > 0.05:
        wing = inside(segment(ex, ey, (0.86, -0.10), (1.10, -0.26)) - 0.05, edge)
        canvas.over(wing * at.mask * (0.75 * attrs["lashes"]), (0.08, 0.06, 0.06), window)
    rim = bell(ey - lower - 0.04, 0.07 + 0.25 * edge) * smoothstep(1.05, 0.6, reach)
    canvas.multiply(rim * at.mask * 0.34, fig.shadow + 0.28, window)


@dataclass(frozen=True)
class Eye:
    """The eyes in their own coordinates, centred on where they look."""

    window: Window
    x: Array
    y: Array
    opening: Array
    edge: Array
    side: Array


def _draw_iris(fig: Figure, eye: Eye) -> None:
    """Iris with a dark rim, pupil, the reflection of the light, and a faint one opposite."""
    canvas, window, edge, opening = fig.canvas, eye.window, eye.edge, eye.opening
    x, y = eye.x, eye.y + 0.06 - 0.16 * fig.attrs["gaze_y"]
    r = length(x, y)
    iris = palette.eyes(fig.attrs["eye_color"])
    tone = 0.62 + 0.75 * np.minimum(np.maximum(0.35 + y, 0.0), 0.75)
    tone = tone * (1.0 - 0.58 * smoothstep(0.30, 0.475, r))
    canvas.over(opening * inside(r - 0.475, edge), iris[:, None, None] * tone, window)
    canvas.over(opening * inside(r - 0.205, edge), (0.025, 0.02, 0.025), window)
    lit = eye.side * (0.17 if fig.light.x >= 0.0 else -0.17)
    shine = opening * inside(length(x - lit, y + 0.17) - 0.10, edge)
    canvas.over(shine * 0.92, (1.0, 1.0, 1.0), window)
    glow = opening * inside(length(x + lit, y - 0.20) - 0.055, edge)
    canvas.add(glow, (0.22, 0.22, 0.24), window)


def _eye_window(fig: Figure, y: float, high: float) -> Window:
    """Around both eyes (or brows)."""
    left, right = fig.project(-EYE_X, y)[0], fig.project(EYE_X, y)[0]
    return fig.patch_at((left + right) / 2, y, (right - left) / 2 + 0.18, high)


def draw_brows(fig: Figure) -> None:
    """Eyebrows: arches that thin outwards."""
    attrs = fig.attrs
    window = _eye_window(fig, -0.13, 0.13)
    at = fig.head.crop(window)
    along = (np.abs(at.hx) - EYE_X) * (1.0 / 0.128)
    arch = -0.125 - 0.03 * attrs["brow_height"] + 0.030 * along**2
    arch = arch + (0.003 + 0.024 * attrs["brow_angle"]) * along
    thick = (0.017 + 0.011 * attrs["brow_thickness"]) * (1.0 - 0.48 * smoothstep(-0.2, 1.0, along))
    stroke = inside(np.abs(at.hy - arch) - thick, at.edge * 1.6)
    stroke = stroke * smoothstep(1.16, 0.92, np.abs(along + 0.03))
    colour = fig.hair * (0.62 + 0.30 * fig.grey)
    fig.canvas.over(stroke * at.mask * 0.86, colour, window)


def draw_nose(fig: Figure) -> None:
    """Shadow under the tip, nostrils, wings, and the light on the ridge."""
    attrs, canvas = fig.attrs, fig.canvas
    window = fig.patch_at(*fig.project(0.0, 0.12, 0.03), 0.26, 0.26)
    at = fig.head.crop(window)
    x, y = at.hx - fig.lean[window], at.hy
    wide = 1.0 + 0.22 * attrs["nose"]
    under = bell(x, 0.085 * wide) * bell(y - NOSE_Y - 0.058, 0.026)
    canvas.multiply(under * at.mask * 0.42, fig.shadow + 0.25, window)
    for side in (-1, 1):
        hole = ellipse(x - side * 0.036 * wide, y - NOSE_Y - 0.040 + 0.004, 0.021 * wide, 0.0115)
        canvas.multiply(inside(hole, at.edge * 1.5) * at.mask * 0.68, fig.shadow * 0.55, window)
        bend = length((x - side * 0.050 * wide) / wide, (y - NOSE_Y - 0.015) * 0.9)
        outer = smoothstep(0.0, 0.03, side * x - 0.055 * wide)
        wing = bell(bend - 0.042, 0.010 + 0.3 * fig.pixel) * outer
        canvas.multiply(wing * at.mask * 0.40, fig.shadow + 0.22, window)
    away = -1.0 if fig.light.x >= 0.0 else 1.0
    flank = bell(x - away * 0.062 * wide, 0.034) * smoothstep(-0.10, 0.03, y)
    flank = flank * smoothstep(NOSE_Y + 0.05, NOSE_Y - 0.04, y)
    canvas.multiply(
        flank * at.mask * 0.34 * min(1.0, 0.35 + abs(fig.light.x)), fig.shadow + 0.32, window
    )
    shine = bell(x + away * 0.008, 0.018) * (
        0.55 * smoothstep(-0.06, 0.05, y) * smoothstep(NOSE_Y + 0.02, NOSE_Y - 0.06, y)
        + bell(y - NOSE_Y + 0.012, 0.026)
    )
    canvas.add(shine * at.mask * 0.13, (1.0, 0.95, 0.9), window)


def draw_lines(fig: Figure) -> None:
    """Lines of age on forehead, around eyes and mouth; folds of a smile."""
    attrs, at, canvas = fig.attrs, fig.head, fig.canvas
    age = float(smoothstep(0.35, 1.0, attrs["age"]))
    grin = max(attrs["smile"], 0.0)
    width = 0.0075 + 0.30 * fig.pixel
    lines = np.zeros_like(at.hx)
    if age > 0.0:
        for row, reach in ((-0.30, 0.19), (-0.245, 0.21), (-0.195, 0.17)):
            wave = row + 0.010 * np.cos(at.hx * 21.0 + row * 40.0) + 0.18 * at.hx**2
            lines += (
                0.75
                * age
                * bell(at.hy - wave, width)
                * smoothstep(reach, reach * 0.5, np.abs(at.hx))
            )
    u = np.abs(at.hx)
    if age > 0.0:
        for rise in (-0.055, -0.005, 0.045):
            crow = segment(
                u, at.hy, (EYE_X + 0.115, EYE_Y + rise * 0.5), (EYE_X + 0.165, EYE_Y + rise * 1.7)
            )
            lines += 0.7 * age * bell(crow, width)
        bag = bell(at.hy - EYE_Y - 0.085 + 2.2 * (u - EYE_X) ** 2, 0.011 + 0.3 * fig.pixel)
        lines += 0.75 * age * bag * smoothstep(0.10, 0.05, np.abs(u - EYE_X))
    bow = 0.085 + 0.065 * smoothstep(NOSE_Y + 0.01, MOUTH_Y + 0.02, at.hy) + 0.022 * grin
    fold = bell(u - bow - 0.015, 0.012 + 0.35 * fig.pixel)
    fold = (
        fold
        * smoothstep(NOSE_Y, NOSE_Y + 0.06, at.hy)
        * smoothstep(MOUTH_Y + 0.05, MOUTH_Y - 0.02, at.hy)
    )
    lines += (0.10 + 0.55 * age + 0.38 * grin) * fold
    canvas.multiply(np.minimum(lines, 1.0) * at.mask * 0.42, fig.shadow + 0.20)
