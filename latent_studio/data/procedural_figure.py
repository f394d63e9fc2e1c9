"""One figure being drawn: its attributes turned into geometry, light and colours."""

import math
from collections.abc import Mapping

import numpy as np

from latent_studio.data import procedural_palette as palette
from latent_studio.data.procedural_head import HeadShape, Light, Profile, Surface, surface
from latent_studio.data.procedural_shapes import Array, Canvas, Window, smoothstep

EYE_Y, NOSE_Y, MOUTH_Y = 0.015, 0.205, 0.375
_NECK = 0.45
_SCALE, _RAISE = 0.90, 0.075  # how the figure sits in the picture


class Figure:
    """What all parts of a drawing share.

    Parameters
    ----------
    attrs
        Every attribute, see :data:`latent_studio.data.procedural.ATTRIBUTES`.
    resolution
        Pixels a side.
    """

    def __init__(self, attrs: Mapping[str, float], resolution: int) -> None:
        self.attrs = attrs
        self.canvas = Canvas(resolution)
        self.pixel = self.canvas.pixel * _SCALE
        self.yaw = 0.60 * attrs["yaw"]
        self.sin, self.cos = math.sin(self.yaw), math.cos(self.yaw)
        self.roll = 0.16 * attrs["tilt"]
        self.shape = HeadShape(0.405 + 0.055 * attrs["face_width"], attrs["jaw"], attrs["chin"])
        self.light = Light.of(attrs["light"], attrs["hardness"])
        self.skin, self.shadow = palette.skin(attrs["skin"])
        self.grey = grey_of(attrs)
        self.hair = palette.hair(attrs["hair_tone"], attrs["hair_red"], self.grey)
        self.upright_x, self.upright_y = self.canvas.x * _SCALE, self.canvas.y * _SCALE - _RAISE
        self.x, self.y = self._posed(self.upright_x, self.upright_y)
        self.profile = self.shape.profile()
        self.head = self.surface(self.profile)
        self.lean = self._nose_lean()

    def surface(self, profile: Profile) -> Surface:
        """The head's surface, or that of the hair on it."""
        return surface(profile, self.x, self.y, self.yaw, self.pixel)

    def project(self, hx: float, hy: float, out: float = 0.0) -> tuple[float, float]:
        """Where a point of the face (front view, ``out`` before the skin) lies, unrolled."""
        a, c, z = self.profile.at(hy)
        depth = z + c * math.sqrt(max(1.0 - (hx / a) ** 2, 0.0)) + out
        return hx * self.cos + depth * self.sin, hy

    def patch(self, hx: float, hy: float, wide: float, high: float) -> Window:
        """The window around a part of the face, with room for the roll."""
        x, y = self.project(hx, hy)
        return self.patch_at(x, y, wide, high)

    def patch_at(self, x: float, y: float, wide: float, high: float) -> Window:
        """The window around a place in unrolled canvas coordinates."""
        sin, cos = math.sin(self.roll), math.cos(self.roll)
        dx, dy = x, y - _NECK
        cx, cy = dx * cos - dy * sin, dx * sin + dy * cos + _NECK
        reach_x = wide + high * abs(sin) + 2 * self.pixel
        reach_y = high + wide * abs(sin) + 2 * self.pixel
        return self.window(cx - reach_x, cy - reach_y, cx + reach_x, cy + reach_y)

    def window(self, left: float, top: float, right: float, bottom: float) -> Window:
        """The pixels of a rectangle in upright figure coordinates."""
        corners = left, top + _RAISE, right, bottom + _RAISE
        return self.canvas.window(*(corner / _SCALE for corner in corners))

    def shade(self, colour: Array, dark: Array, normal: tuple[Array, Array, Array]) -> Array:
        """``[3, h, w]``: ``colour`` in the light, going to ``dark`` away from it."""
        lit = self.light.diffuse(normal)
        tone = smoothstep(0.10, 0.98, lit)
        return np.asarray(dark[:, None, None] + (colour - dark)[:, None, None] * tone)

    def _posed(self, x: Array, y: Array) -> tuple[Array, Array]:
        """Canvas positions before the roll of the head about the neck."""
        sin, cos = math.sin(self.roll), math.cos(self.roll)
        dy = y - _NECK
        return x * cos + dy * sin, dy * cos - x * sin + _NECK

    def _nose_lean(self) -> Array:
        """Parallax of the ridge of the nose: its height times the tangent of the turn."""
        y = self.head.hy
        height = smoothstep(-0.06, NOSE_Y, y) * (1.0 - smoothstep(NOSE_Y, NOSE_Y + 0.13, y))
        return height * ((0.085 + 0.03 * self.attrs["nose"]) * math.tan(self.yaw))


def grey_of(attrs: Mapping[str, float]) -> float:
    """How grey the hair is (0 to 1): comes with age, earlier for some."""
    return float(smoothstep(0.55, 1.02, attrs["age"] + 0.25 * attrs["greying"]))
