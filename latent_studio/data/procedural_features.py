"""The parts of a drawn face: skin, ears, brows, nose, lines."""

from collections.abc import Callable

import numpy as np

from latent_studio.data.procedural_figure import EYE_X, EYE_Y, MOUTH_Y, NOSE_Y, Figure
from latent_studio.data.procedural_head import Bump, Ground, emboss
from latent_studio.data.procedural_shapes import (
    Array,
    bell,
    column,
    ellipse,
    inside,
    length,
    rgb,
    segment,
    smoothstep,
)

_EAR_Y = 0.075
_FRECKLES = 26


def draw_ear(fig: Figure, sides: Array, shown: Array) -> None:
    """An ear of each; ``sides`` -1 is left in the picture, 1 right; not drawn unless ``shown``."""
    if not shown.any():
        return
    side, width = column(sides), fig.width * 0.97
    sin, cos = (wave.astype(np.float64)[:, 0, 0] for wave in (fig.sin, fig.cos))
    centre = sides * width * cos - 0.03 * sin
    turned = -side * fig.sin
    wide = 0.058 + 0.075 * np.maximum(turned, 0.0) - 0.02 * np.maximum(-turned, 0.0)
    boxes = fig.patch_at(centre, _EAR_Y, 0.2, 0.2)
    px, py = fig.posed(boxes)
    px, py = px - column(centre), py - _EAR_Y
    lean = px - side * 0.018 + 0.12 * side * py
    rim = ellipse(lean, py - 0.10 * np.abs(px), wide, 0.118)
    ambient = fig.light.ambient
    lit = ambient + (1.0 - ambient) * (0.58 + 0.36 * side * fig.light.x)
    tone = fig.shadow + (fig.skin * rgb(1.0, 0.94, 0.93) - fig.shadow) * lit
    patch = fig.canvas.patch(boxes)
    patch.over(inside(rim, fig.pixel) * column(shown), tone)
    hollow = inside(ellipse(lean - side * 0.004, py + 0.005, wide * 0.58, 0.07), 3.0 * fig.pixel)
    patch.multiply(hollow * (0.30 * column(shown)), (0.62, 0.42, 0.40))
    patch.put()


def draw_skin(fig: Figure) -> None:
    """The head itself: modelled, shaded, with some colour in cheeks and nose."""
    attrs, at = fig.attrs, fig.head
    normal = emboss(at, _relief(fig), fig.lean)
    colour = fig.shade(fig.skin, fig.shadow, normal)
    colour += fig.light.gloss(normal) * (0.11 + 0.13 * attrs["skin"])
    flush = (0.08 + 0.15 * attrs["blush"]) * (1.0 - 0.45 * attrs["skin"])
    red = bell(np.abs(at.hx) - 0.235, 0.11)
    red *= bell(at.hy - 0.20, 0.10)
    nose = bell(at.hx - fig.lean, 0.07)
    nose *= bell(at.hy - NOSE_Y, 0.075)
    nose *= 0.7
    red += nose
    red *= flush
    colour[1] *= 1.0 - red
    colour[2] *= 1.0 - 0.85 * red
    patch = fig.canvas.patch(fig.boxes)
    patch.over(at.mask, colour)
    patch.put()
    if (fig.values["freckles"] > 0.0).any():
        _draw_freckles(fig)


def _relief(fig: Figure) -> list[Bump]:
    attrs = fig.attrs
    grin = np.maximum(attrs["smile"], 0.0)
    gaunt = np.maximum(0.6 * attrs["age"] - 0.2 * attrs["face_width"], 0.0)
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
            Bump(side * 0.27, 0.36, 0.09, 0.11, -0.014 * gaunt),
        ]
    return relief


def _draw_freckles(fig: Figure) -> None:
    """Fixed spots over nose and cheeks; how strong is the attribute."""
    rng = np.random.default_rng(20)
    x, y = rng.normal(0.0, 0.16, _FRECKLES), rng.normal(0.165, 0.05, _FRECKLES)
    size = rng.uniform(0.006, 0.012, _FRECKLES)
    reach = 0.012 + 2.0 * fig.pixel
    boxes = fig.band(float(y.min()) - reach, float(y.max()) + reach)
    at = fig.ground(boxes)
    nearest = np.full_like(at.hx, 9.0)
    for spot in zip(x.tolist(), y.tolist(), size.tolist(), strict=True):
        np.minimum(nearest, length(at.hx - spot[0], at.hy - spot[1]) - spot[2], out=nearest)
    spots = inside(nearest, 2.0 * fig.pixel) * at.mask * (0.5 * fig.attrs["freckles"])
    patch = fig.canvas.patch(boxes)
    patch.multiply(spots, (0.66, 0.5, 0.42))
    patch.put()


def draw_brows(fig: Figure) -> None:
    """Eyebrows: arches that thin outwards."""
    attrs = fig.attrs
    boxes = fig.both_sides(-0.13, 0.13)
    at = fig.ground(boxes)
    along = (np.abs(at.hx) - EYE_X) * (1.0 / 0.128)
    arch = -0.125 - 0.03 * attrs["brow_height"] + 0.030 * along**2
    arch += (0.003 + 0.024 * attrs["brow_angle"]) * along
    thick = (0.017 + 0.011 * attrs["brow_thickness"]) * (1.0 - 0.48 * smoothstep(-0.2, 1.0, along))
    stroke = inside(np.abs(at.hy - arch) - thick, at.edge * 1.6)
    stroke *= smoothstep(1.16, 0.92, np.abs(along + 0.03))
    patch = fig.canvas.patch(boxes)
    patch.over(stroke * at.mask * 0.86, fig.hair * (0.62 + 0.30 * fig.grey))
    patch.put()


def draw_nose(fig: Figure) -> None:
    """Shadow under the tip, nostrils, wings, and the light on the ridge."""
    boxes = fig.patch_at(*fig.project(0.0, 0.12, 0.03), 0.26, 0.26).within(fig.boxes)
    patch, at = fig.canvas.patch(boxes), fig.ground(boxes)
    x, y = at.hx - boxes.cut(fig.lean[None], fig.boxes)[0], at.hy
    wide = 1.0 + 0.22 * fig.attrs["nose"]
    under = bell(x, 0.085 * wide) * bell(y - NOSE_Y - 0.058, 0.026)
    patch.multiply(under * at.mask * 0.42, fig.shadow + 0.25)
    for side in (-1, 1):
        hole = ellipse(x - side * 0.036 * wide, y - NOSE_Y - 0.040 + 0.004, 0.021 * wide, 0.0115)
        patch.multiply(inside(hole, at.edge * 1.5) * at.mask * 0.68, fig.shadow * 0.55)
        bend = length((x - side * 0.050 * wide) / wide, (y - NOSE_Y - 0.015) * 0.9)
        wing = bell(bend - 0.042, 0.010 + 0.3 * fig.pixel)
        wing *= smoothstep(0.0, 0.03, side * x - 0.055 * wide)
        patch.multiply(wing * at.mask * 0.40, fig.shadow + 0.22)
    away = np.where(fig.light.x >= 0.0, np.float32(-1.0), np.float32(1.0))
    flank = bell(x - away * 0.062 * wide, 0.034) * smoothstep(-0.10, 0.03, y)
    flank *= smoothstep(NOSE_Y + 0.05, NOSE_Y - 0.04, y)
    flank *= 0.34 * np.minimum(1.0, 0.35 + np.abs(fig.light.x))
    patch.multiply(flank * at.mask, fig.shadow + 0.32)
    shine = 0.55 * smoothstep(-0.06, 0.05, y) * smoothstep(NOSE_Y + 0.02, NOSE_Y - 0.06, y)
    shine += bell(y - NOSE_Y + 0.012, 0.026)
    shine *= bell(x + away * 0.008, 0.018)
    patch.add(shine * at.mask * 0.13, (1.0, 0.95, 0.9))
    patch.put()


def draw_lines(fig: Figure) -> None:
    """Lines of age on forehead, around eyes and mouth; folds of a smile."""
    width = 0.0075 + 0.30 * fig.pixel
    age = smoothstep(0.35, 1.0, fig.attrs["age"])
    grin = np.maximum(fig.attrs["smile"], 0.0)
    strength = 0.10 + 0.55 * age + 0.38 * grin
    _draw_creases(fig, NOSE_Y, MOUTH_Y + 0.05, lambda at: strength * _folds(fig, at, grin))
    if age.any():
        reach = 2.5 * width
        _draw_creases(fig, -0.31 - reach, -0.17 + reach, lambda at: age * _furrows(at, width))
        _draw_creases(fig, -0.08 - reach, 0.10 + reach, lambda at: age * _crow_feet(at, width))


def _draw_creases(fig: Figure, top: float, bottom: float, lines: Callable[[Ground], Array]) -> None:
    """Darken a band of the head along lines."""
    boxes = fig.band(top, bottom)
    at = fig.ground(boxes)
    patch = fig.canvas.patch(boxes)
    depth = np.minimum(lines(at), 1.0)
    patch.multiply(depth * at.mask * 0.42, fig.shadow + 0.20)
    patch.put()


def _folds(fig: Figure, at: Ground, grin: Array) -> Array:
    """From the nose around the mouth."""
    u, y = np.abs(at.hx), at.hy
    bow = 0.085 + 0.065 * smoothstep(NOSE_Y + 0.01, MOUTH_Y + 0.02, y) + 0.022 * grin
    fold = bell(u - bow - 0.015, 0.012 + 0.35 * fig.pixel)
    fold *= smoothstep(NOSE_Y, NOSE_Y + 0.06, y)
    fold *= smoothstep(MOUTH_Y + 0.05, MOUTH_Y - 0.02, y)
    return np.asarray(fold)


def _furrows(at: Ground, width: float) -> Array:
    """Three lines across the forehead."""
    u, y = np.abs(at.hx), at.hy
    total, bow = np.zeros_like(u), 0.18 * u**2
    for row, reach in ((-0.30, 0.19), (-0.245, 0.21), (-0.195, 0.17)):
        wave = row + 0.010 * np.cos(at.hx * 21.0 + row * 40.0) + bow
        total += 0.75 * bell(y - wave, width) * smoothstep(reach, reach * 0.5, u)
    return np.asarray(total)


def _crow_feet(at: Ground, width: float) -> Array:
    """Three lines beside each eye, and the bag below it."""
    u, y = np.abs(at.hx), at.hy
    total = np.zeros_like(u)
    for rise in (-0.055, -0.005, 0.045):
        start, end = (EYE_X + 0.115, EYE_Y + rise * 0.5), (EYE_X + 0.165, EYE_Y + rise * 1.7)
        total += bell(segment(u, y, start, end), width)
    total *= 0.7
    bag = bell(y - EYE_Y - 0.085 + 2.2 * (u - EYE_X) ** 2, width + 0.0035)
    total += 0.75 * bag * smoothstep(0.10, 0.05, np.abs(u - EYE_X))
    return np.asarray(total)
