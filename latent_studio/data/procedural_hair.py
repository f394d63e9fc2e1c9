"""Hair and beards, laid on a surface a little outside the skin."""

from collections.abc import Mapping

import numpy as np

from latent_studio.data.procedural_canvas import Boxes
from latent_studio.data.procedural_figure import MOUTH_Y, Figure
from latent_studio.data.procedural_head import HEAD_CHIN, HEAD_TOP, Surface
from latent_studio.data.procedural_shapes import (
    Array,
    bell,
    ellipse,
    inside,
    length,
    limit,
    rgb,
    round_box,
    smoothstep,
)

STYLES = ("bald", "crop", "parted", "fringe", "swept", "curly", "bun")
BALD, CROP, PARTED, FRINGE, SWEPT, CURLY, BUN = range(len(STYLES))
_VOLUME = (0.0, 0.028, 0.062, 0.062, 0.070, 0.11, 0.030)
_LONG = 0.25


def cut(attrs: Mapping[str, float]) -> tuple[int, bool]:
    """Style, and whether long: the same for all faces that are drawn together."""
    style = round(attrs["hair_style"])
    return style, style not in (BALD, BUN) and attrs["hair_length"] >= _LONG


class Hair:
    """The hair of figures with one cut, drawn in two layers: behind the head and over it."""

    def __init__(self, fig: Figure, style: int, long: bool) -> None:
        self.fig = fig
        self.style, self.long = style, long
        self.length = fig.attrs["hair_length"] * np.float32(style not in (BALD, BUN))
        self.volume = _VOLUME[style] + 0.02 * self.length * np.float32(style != CROP)
        self.bottom = 0.24 + 0.72 * self.length
        self.hanging = long and style != CURLY
        self.phase = 40.0 * fig.attrs["texture"]
        self.dark = fig.hair * rgb(0.40, 0.36, 0.36)
        self.bright = np.minimum(fig.hair * 1.28 + 0.05, 1.0)

    def draw_back(self) -> None:
        """What hangs or stands behind head and neck."""
        fig = self.fig
        if self.style == BUN:
            self._draw_bun()
        if self.style in (BALD, CROP) or not (self.long or self.style == CURLY):
            return
        half = fig.shape.width + self.volume + 0.045 + 0.05 * self.length
        boxes = self._back_boxes(half)
        x, y = fig.posed(boxes)
        x += 0.06 * fig.sin
        outline = self._curly_outline if self.style == CURLY else self._straight_outline
        distance = outline(x, y, half)
        mask = inside(distance, fig.pixel * 1.2)
        tone = 0.60 + 0.14 * self._strands(x * 3.2 / half, y)
        tone -= 0.24 * smoothstep(0.0, -0.16, distance)
        tone += 0.10 * fig.light.x * x / half
        patch = fig.canvas.patch(boxes)
        patch.over(mask, self._tone(tone))
        patch.put()

    def draw_front(self) -> None:
        """The cap over the skull, down to the hairline, with its shadow on the forehead."""
        fig, loose = self.fig, self.style != CROP
        if self.style == BALD:
            self._draw_stubble()
            return
        lowest = 0.80 if self.hanging else 0.36 + 5.0 * fig.pixel
        boxes, at = fig.surface(fig.shape.profile(self.volume, self.hanging), lowest)
        strands = self._strands(at.side * 3.0, at.hy)
        line = self._hairline(at)
        rough = 0.009 * strands if loose else 0.0
        mask = at.mask * inside(at.hy - line - rough, at.edge * (1.5 if loose else 4.0))
        if self.style == CURLY:
            mask = np.maximum(mask, self._curls_on(at, line))
        self._draw_shadow(boxes, mask)
        if self.hanging:  # the locks beside the face melt into the hair behind
            end = np.minimum(self.bottom, 0.66)
            mask *= smoothstep(end - 0.02, end - 0.30, at.hy)
        patch = fig.canvas.patch(boxes)
        patch.over(mask, self._tone(self._light_on(at)))
        patch.put()

    def _draw_shadow(self, boxes: Boxes, mask: Array) -> None:
        """What the hair, which has ``mask`` over ``boxes``, casts on the skin."""
        fig = self.fig
        part = boxes.within(fig.boxes)
        skin = fig.face(part)
        shadow = smoothstep(0.085, 0.0, skin.hy - self._hairline(skin)) * skin.mask
        shadow *= 1.0 - part.cut(mask[None], boxes)[0]
        patch = fig.canvas.patch(part)
        patch.multiply(shadow * 0.34, fig.shadow + 0.28)
        patch.put()

    def _light_on(self, at: Surface) -> Array:
        """Tone 0 to 1: diffuse light, strands, and the band of gloss around the crown."""
        light = self.fig.light
        tone = 0.58 * light.diffuse(at.normal)
        tone -= 0.02
        strands = self._strands(at.side * 3.2, at.hy)
        band = limit(0.55 + 0.7 * (at.nx * light.x + at.nz * light.z))
        band *= bell(at.ny + 0.52 - 0.05 * strands, 0.20)
        band *= 0.12 if self.style in (CROP, CURLY) else 0.30
        strands *= 0.12
        tone += strands
        tone += band
        return tone

    def _tone(self, tone: Array) -> Array:
        """Colours ``[3, N, h, w]`` from dark over the hair's own to bright."""
        low = limit(tone * 2.0)
        high = limit(tone * 2.0 - 1.0)
        own = self.fig.hair
        colour = (own - self.dark) * low
        colour += self.dark
        colour += (self.bright - own) * high
        return np.asarray(colour)

    def _strands(self, across: Array, y: Array) -> Array:
        """-1 to 1: streaks along the hair, or curls."""
        p = self.phase
        if self.style == CURLY:
            first = np.sin(9.0 * across + 2.2 * np.sin(13.0 * y + p) + p)
            return np.asarray(first * np.sin(19.0 * y + 1.8 * np.sin(6.0 * across + p)))
        bend = across + 0.22 * np.sin(3.4 * y + p)
        total = 0.5 * np.sin(5.0 * bend + p)
        total += 0.3 * np.sin(11.0 * bend + 2.0 * p)
        total += 0.2 * np.sin(23.0 * bend + 3.0 * p)
        return np.asarray(total)

    def _hairline(self, at: Surface) -> Array:
        """Height above which there is hair, by direction from the axis."""
        front = self._front_line(at.side)
        if not self.hanging:
            behind = 0.16 * smoothstep(0.10, -0.25, at.front)
            return np.asarray(front + (0.06 - front) * smoothstep(0.62, 0.26, at.front) + behind)
        tip = np.minimum(self.bottom, 0.66) + 0.05 * np.abs(at.side)
        return np.asarray(front + (tip - front) * smoothstep(0.84, 0.52, at.front))

    def _front_line(self, x: Array) -> Array:
        """The hairline over the forehead."""
        attrs = self.fig.attrs
        if self.style == FRINGE:
            return np.asarray(-0.165 + 0.05 * x * x + 0.012 * np.sin(16.0 * x + self.phase))
        if self.style == PARTED:
            flip = np.where(attrs["texture"] > 0.5, np.float32(1.0), np.float32(-1.0))
            swing = 0.42 - flip * x
            line = -0.43 + 0.27 * smoothstep(0.0, 1.25, swing)
            return np.asarray(line + 0.20 * smoothstep(0.0, 0.5, -swing))
        receding = 0.07 * smoothstep(0.5, 1.0, attrs["age"]) * (1.0 - self.length)
        u = np.abs(x)
        front = -0.375 - receding + 0.05 * u - 0.05 * bell(u - 0.5, 0.2)
        return np.asarray(front - 0.02 + 0.02 * np.cos(7.0 * x) if self.style == SWEPT else front)

    def _draw_stubble(self) -> None:
        """Shaved hair: a hint of colour where it would grow."""
        fig, at = self.fig, self.fig.head
        mask = at.mask * smoothstep(0.05, -0.03, at.hy - self._hairline(at))
        patch = fig.canvas.patch(fig.boxes)
        patch.over(mask * 0.16 * (1.0 - fig.grey * 0.6), fig.hair * 0.7)
        patch.put()

    def _draw_bun(self) -> None:
        fig, light = self.fig, self.fig.light
        x0, y0 = -0.12 * fig.sin, HEAD_TOP - 0.075
        boxes = fig.patch_at(x0.astype(np.float64)[:, 0, 0], y0, 0.22, 0.2)
        x, y = fig.posed(boxes)
        x, y = x - x0, y - y0
        distance = ellipse(x, y, 0.165, 0.135)
        u, v = x / 0.165, y / 0.135
        height = np.sqrt(limit(1.0 - u**2 - v**2))
        lit = u * light.x + v * light.y + height * light.z
        swirl = np.sin(16.0 * length(x, y + 0.03) * 4.0 + 2.0 * np.arctan2(y + 0.03, x))
        tone = 0.26 + 0.42 * limit(lit) + 0.08 * swirl
        patch = fig.canvas.patch(boxes)
        patch.over(inside(distance, fig.pixel * 1.2), self._tone(tone))
        patch.put()

    def _straight_outline(self, x: Array, y: Array, half: Array) -> Array:
        top = HEAD_TOP - self.volume
        middle, reach = (top + self.bottom) / 2, (self.bottom - top) / 2
        flare = half + 0.05 * smoothstep(0.0, 0.8, y)
        wave = 0.012 * np.sin(9.0 * y + self.phase) * smoothstep(0.0, 0.4, y)
        return round_box(x * (half / flare) + wave, y - middle, half, reach, half * 0.92)

    def _curly_outline(self, x: Array, y: Array, half: Array) -> Array:
        angle = np.arctan2(y - self._curly_centre(), x)
        lobes = 0.026 * np.sin(11.0 * angle + self.phase)
        lobes += 0.016 * np.sin(19.0 * angle - self.phase)
        middle, wide, high = self._curly_ball(half)
        return np.asarray(ellipse(x, y - middle, wide, high) + lobes)

    def _curly_centre(self) -> Array:
        return np.asarray(-0.18 + 0.16 * self.length)

    def _curly_ball(self, half: Array) -> tuple[Array, Array, Array]:
        """Height of the middle, half-width and half-height."""
        if self.long:
            wide = half + 0.06 + 0.04 * self.length
            return self._curly_centre(), wide, 0.60 + 0.18 * self.length
        return np.full_like(half, -0.20), half + 0.03, np.full_like(half, 0.545)

    def _back_boxes(self, half: Array) -> Boxes:
        """All that the hair behind the head can cover."""
        fig = self.fig
        if self.style == CURLY:
            middle, wide, high = self._curly_ball(half)
            spare = 1.0 + (0.042 + fig.pixel) / np.minimum(wide, high)
            wide, high = wide * spare, high * spare
        else:
            top = HEAD_TOP - self.volume
            middle, high = (top + self.bottom) / 2, (self.bottom - top) / 2 + fig.pixel
            wide = (half + 0.012 + fig.pixel) * (1.0 + 0.05 / half)
        x, y, wide, high = (
            value.astype(np.float64)[:, 0, 0] for value in (-0.06 * fig.sin, middle, wide, high)
        )
        return fig.patch_at(x, y, wide, high)

    def _curls_on(self, at: Surface, line: Array) -> Array:
        """Round locks along the hairline and the outline."""
        wobble = 0.035 * np.sin(17.0 * at.side + self.phase)
        wobble += 0.02 * np.sin(29.0 * at.side)
        return np.asarray(at.mask * inside(at.hy - line - wobble, self.fig.pixel * 1.5))


def draw_beard(fig: Figure) -> None:
    """Beard and moustache; ``beard`` goes from stubble (0.1) to full (1)."""
    amount = fig.attrs["beard"]
    worn = amount > 0.02
    if not worn.any():
        return
    boxes = fig.band(-0.03, HEAD_CHIN + 0.1)
    at = fig.face(boxes)
    u = np.abs(at.hx)
    grin = np.maximum(fig.attrs["smile"], 0.0)
    cheek = 0.02 + 0.30 * smoothstep(0.42, 0.24, u) + 0.08 * smoothstep(0.2, 0.1, u)
    cover = smoothstep(-0.03, 0.05, at.hy - cheek) * smoothstep(-0.1, 0.12, at.front)
    mouth = ellipse(at.hx, at.hy - MOUTH_Y - 0.01, 0.145 + 0.05 * grin, 0.042)
    cover *= smoothstep(0.0, 0.022, mouth)
    tash = bell(at.hy - MOUTH_Y + 0.062 + 0.03 * grin * (u / 0.15) ** 2 - 0.05 * u, 0.026)
    cover += tash * smoothstep(0.17, 0.10, u)
    grain = np.sin(60.0 * at.hx + 8.0 * np.sin(30.0 * at.hy)) * np.sin(47.0 * at.hy)
    grain = 0.5 + 0.5 * grain
    cover = limit(cover) * at.mask
    cover *= np.minimum(1.0, 0.25 + 0.85 * amount) * worn
    tone = fig.light.diffuse(at.normal) * (0.76 + 0.06 * grain)
    patch = fig.canvas.patch(boxes)
    patch.over(cover * (0.92 + 0.08 * grain), fig.hair * 0.86 * tone)
    patch.put()
