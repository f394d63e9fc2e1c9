"""Hair and beards, laid on a surface a little outside the skin."""

import numpy as np

from latent_studio.data.procedural_figure import MOUTH_Y, Figure
from latent_studio.data.procedural_head import HEAD_TOP, Surface
from latent_studio.data.procedural_shapes import (
    Array,
    bell,
    ellipse,
    inside,
    length,
    rgb,
    round_box,
    smoothstep,
)

STYLES = ("bald", "crop", "parted", "fringe", "swept", "curly", "bun")
BALD, CROP, PARTED, FRINGE, SWEPT, CURLY, BUN = range(len(STYLES))
_VOLUME = (0.0, 0.028, 0.062, 0.062, 0.070, 0.11, 0.030)


class Hair:
    """The hair of one figure, drawn in two layers: behind the head and over it."""

    def __init__(self, fig: Figure) -> None:
        self.fig = fig
        self.style = round(fig.attrs["hair_style"])
        self.length = 0.0 if self.style in (BALD, BUN) else fig.attrs["hair_length"]
        self.volume = _VOLUME[self.style] + 0.02 * self.length * (self.style != CROP)
        self.bottom = 0.24 + 0.72 * self.length
        self.hanging = self.length >= 0.25 and self.style != CURLY
        self.phase = 40.0 * fig.attrs["texture"]
        self.dark = fig.hair * rgb(0.40, 0.36, 0.36)
        self.bright = np.minimum(fig.hair * 1.28 + 0.05, 1.0)

    def draw_back(self) -> None:
        """What hangs or stands behind head and neck."""
        fig = self.fig
        if self.style == BUN:
            self._draw_bun()
        if self.style in (BALD, CROP) or (self.length < 0.25 and self.style != CURLY):
            return
        x, y = fig.x + 0.06 * fig.sin, fig.y
        bottom = self.bottom
        half = fig.shape.width + self.volume + 0.045 + 0.05 * self.length
        if self.style == CURLY:
            distance = self._curly_outline(x, y, half, bottom)
        else:
            top = HEAD_TOP - self.volume
            middle, reach = (top + bottom) / 2, (bottom - top) / 2
            flare = half + 0.05 * smoothstep(0.0, 0.8, y)
            wave = 0.012 * np.sin(9.0 * y + self.phase) * smoothstep(0.0, 0.4, y)
            distance = round_box(x * (half / flare) + wave, y - middle, half, reach, half * 0.92)
        mask = inside(distance, fig.pixel * 1.2)
        deep = smoothstep(0.0, -0.16, distance)
        strands = self._strands(x * 3.2 / half, y)
        tone = 0.60 + 0.14 * strands - 0.24 * deep + 0.10 * fig.light.x * x / half
        fig.canvas.over(mask, self._tone(tone))

    def draw_front(self) -> None:
        """The cap over the skull, down to the hairline, with its shadow on the forehead."""
        fig = self.fig
        if self.style == BALD:
            self._draw_stubble()
            return
        at = fig.surface(fig.shape.profile(self.volume, hanging=self.hanging))
        line = self._hairline(at)
        rough = 0.009 * self._strands(at.side * 3.0, at.hy) * (self.style != CROP)
        mask = at.mask * inside(
            at.hy - line - rough, at.edge * (1.5 if self.style != CROP else 4.0)
        )
        if self.style == CURLY:
            mask = np.maximum(mask, self._curls_on(at, line))
        skin = fig.head
        shadow = smoothstep(0.085, 0.0, skin.hy - self._hairline(skin)) * skin.mask * (1.0 - mask)
        fig.canvas.multiply(shadow * 0.34, fig.shadow + 0.28)
        if self.hanging:  # the locks beside the face melt into the hair behind
            end = min(self.bottom, 0.66)
            mask = mask * smoothstep(end - 0.02, end - 0.30, at.hy)
        fig.canvas.over(mask, self._tone(self._light_on(at)))

    def _light_on(self, at: Surface) -> Array:
        """Tone 0 to 1: diffuse light, strands, and the band of gloss around the crown."""
        light = self.fig.light
        diffuse = light.diffuse(at.normal)
        strands = self._strands(at.side * 3.2, at.hy)
        band = bell(at.normal[1] + 0.52 - 0.05 * strands, 0.20) * np.clip(
            0.55 + 0.7 * (at.normal[0] * light.x + at.normal[2] * light.z), 0.0, 1.0
        )
        gloss = 0.12 if self.style in (CROP, CURLY) else 0.30
        return -0.02 + 0.58 * diffuse + 0.12 * strands + gloss * band

    def _tone(self, tone: Array) -> Array:
        """Colours ``[3, h, w]`` from dark over the hair's own to bright."""
        t = np.clip(tone, 0.0, 1.0)
        low, high = np.minimum(t * 2.0, 1.0), np.maximum(t * 2.0 - 1.0, 0.0)
        dark, own, bright = (c[:, None, None] for c in (self.dark, self.fig.hair, self.bright))
        return np.asarray(dark + (own - dark) * low + (bright - own) * high)

    def _strands(self, across: Array, y: Array) -> Array:
        """-1 to 1: streaks along the hair, or curls."""
        p = self.phase
        if self.style == CURLY:
            return np.sin(9.0 * across + 2.2 * np.sin(13.0 * y + p) + p) * np.sin(
                19.0 * y + 1.8 * np.sin(6.0 * across + p)
            )
        bend = across + 0.22 * np.sin(3.4 * y + p)
        return (
            0.5 * np.sin(5.0 * bend + p)
            + 0.3 * np.sin(11.0 * bend + 2.0 * p)
            + 0.2 * np.sin(23.0 * bend + 3.0 * p)
        )

    def _hairline(self, at: Surface) -> Array:
        """Height above which there is hair, by direction from the axis."""
        age, x = self.fig.attrs["age"], at.side
        receding = 0.07 * float(smoothstep(0.5, 1.0, age)) * (1.0 - self.length)
        front = -0.375 - receding + 0.05 * np.abs(x) - 0.05 * bell(np.abs(x) - 0.5, 0.2)
        if self.style == FRINGE:
            front = -0.165 + 0.05 * x * x + 0.012 * np.sin(16.0 * x + self.phase)
        elif self.style == PARTED:
            part = 0.42 if self.fig.attrs["texture"] > 0.5 else -0.42
            swing = (part - x) if part > 0.0 else (x - part)
            front = (
                -0.43 + 0.27 * smoothstep(0.0, 1.25, swing) + 0.20 * smoothstep(0.0, 0.5, -swing)
            )
        elif self.style == SWEPT:
            front = front - 0.02 + 0.02 * np.cos(7.0 * x)
        if not self.hanging:
            behind = 0.16 * smoothstep(0.10, -0.25, at.front)
            line = front + (0.06 - front) * smoothstep(0.62, 0.26, at.front) + behind
            return np.asarray(line)
        tip = min(self.bottom, 0.66) + 0.05 * np.abs(x)
        return np.asarray(front + (tip - front) * smoothstep(0.84, 0.52, at.front))

    def _draw_stubble(self) -> None:
        """Shaved hair: a hint of colour where it would grow."""
        fig = self.fig
        at = fig.head
        mask = at.mask * smoothstep(0.05, -0.03, at.hy - self._hairline(at))
        fig.canvas.over(mask * 0.16 * (1.0 - fig.grey * 0.6), fig.hair * 0.7)

    def _draw_bun(self) -> None:
        fig = self.fig
        x0, y0 = -0.12 * fig.sin, HEAD_TOP - 0.075
        window = fig.patch_at(x0, y0, 0.22, 0.2)
        x, y = fig.x[window] - x0, fig.y[window] - y0
        distance = ellipse(x, y, 0.165, 0.135)
        height = np.sqrt(np.clip(1.0 - (x / 0.165) ** 2 - (y / 0.135) ** 2, 0.0, 1.0))
        lit = (x / 0.165) * fig.light.x + (y / 0.135) * fig.light.y + height * fig.light.z
        swirl = np.sin(16.0 * length(x, y + 0.03) * 4.0 + 2.0 * np.arctan2(y + 0.03, x))
        tone = 0.26 + 0.42 * np.clip(lit, 0.0, 1.0) + 0.08 * swirl
        fig.canvas.over(inside(distance, fig.pixel * 1.2), self._tone(tone), window)

    def _curly_outline(self, x: Array, y: Array, half: float, bottom: float) -> Array:
        centre = -0.18 + 0.16 * self.length
        angle = np.arctan2(y - centre, x)
        lobes = 0.026 * np.sin(11.0 * angle + self.phase) + 0.016 * np.sin(
            19.0 * angle - self.phase
        )
        ball = ellipse(x, y - centre, half + 0.06 + 0.04 * self.length, 0.60 + 0.18 * self.length)
        if self.length < 0.25:
            ball = ellipse(x, y + 0.20, half + 0.03, 0.545)
        return np.asarray(ball + lobes)

    def _curls_on(self, at: Surface, line: Array) -> Array:
        """Round locks along the hairline and the outline."""
        fig = self.fig
        wobble = 0.035 * np.sin(17.0 * at.side + self.phase) + 0.02 * np.sin(29.0 * at.side)
        return np.asarray(at.mask * inside(at.hy - line - wobble, fig.pixel * 1.5))


def draw_beard(fig: Figure) -> None:
    """Beard and moustache; ``beard`` goes from stubble (0.1) to full (1)."""
    amount = fig.attrs["beard"]
    if amount <= 0.02:
        return
    at = fig.head
    u = np.abs(at.hx)
    grin = max(fig.attrs["smile"], 0.0)
    cheek = 0.02 + 0.30 * smoothstep(0.42, 0.24, u) + 0.08 * smoothstep(0.2, 0.1, u)
    jaw = smoothstep(-0.03, 0.05, at.hy - cheek) * smoothstep(-0.1, 0.12, at.front)
    mouth = ellipse(at.hx, at.hy - MOUTH_Y - 0.01, 0.145 + 0.05 * grin, 0.042)
    lip = smoothstep(0.0, 0.022, mouth)
    tash = bell(at.hy - MOUTH_Y + 0.062 + 0.03 * grin * (u / 0.15) ** 2 - 0.05 * u, 0.026)
    tash = tash * smoothstep(0.17, 0.10, u)
    grain = 0.5 + 0.5 * np.sin(60.0 * at.hx + 8.0 * np.sin(30.0 * at.hy)) * np.sin(47.0 * at.hy)
    cover = np.clip(jaw * lip + tash, 0.0, 1.0) * at.mask
    strength = min(1.0, 0.25 + 0.85 * amount)
    tone = fig.light.diffuse(at.normal) * (0.76 + 0.06 * grain)
    colour = (fig.hair * 0.86)[:, None, None] * tone
    fig.canvas.over(cover * strength * (0.92 + 0.08 * grain), colour)
