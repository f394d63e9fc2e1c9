"""Figures being drawn together: their attributes turned into geometry, light and colours."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from latent_studio.data import procedural_palette as palette
from latent_studio.data.procedural_canvas import Boxes, Canvas
from latent_studio.data.procedural_head import (
    Ground,
    HeadShape,
    Profile,
    Silhouette,
    Surface,
    ground_of,
    surface,
    surface_of,
)
from latent_studio.data.procedural_light import Light
from latent_studio.data.procedural_shapes import Array, Normal, column, smoothstep

EYE_X, EYE_Y, NOSE_Y, MOUTH_Y = 0.172, 0.015, 0.205, 0.375
_NECK = 0.45
_SCALE, _RAISE = 0.90, 0.075  # how a figure sits in the picture


class Figure:
    """What all parts of a drawing share, for ``N`` faces at a time.

    Parameters
    ----------
    faces
        Every attribute of each face, see :data:`latent_studio.data.procedural.ATTRIBUTES`.
    resolution
        Pixels a side.

    Attributes
    ----------
    values, attrs
        The attributes as float64 ``[N]`` and as float32 ``[N, 1, 1]``.
    """

    def __init__(self, faces: Sequence[Mapping[str, float]], resolution: int) -> None:
        names, table = list(faces[0]), np.array([list(face.values()) for face in faces])
        self.values = values = dict(zip(names, table.T, strict=True))
        single = table.T.astype(np.float32)[:, :, None, None]
        self.attrs = attrs = dict(zip(names, single, strict=True))
        self.canvas = Canvas(len(faces), resolution)
        self.pixel = self.canvas.pixel * _SCALE
        self._turn(values)
        self.shape = HeadShape(0.405 + 0.055 * attrs["face_width"], attrs["jaw"], attrs["chin"])
        self.width = 0.405 + 0.055 * values["face_width"]
        self.light = Light.of(values["light"], values["hardness"])
        self.skin, self.shadow = palette.skin(values["skin"])
        grey = grey_of(values)
        self.grey = column(grey)
        self.hair = palette.hair(values["hair_tone"], values["hair_red"], grey)
        self.profile = self.shape.profile()
        self.boxes, self.head = self.surface(self.profile)
        self._stack = self.head.stack()
        self.lean = self._nose_lean()

    def surface(self, profile: Profile, bottom: float = 2.0) -> tuple[Boxes, Surface]:
        """The heads' surface, or that of the hair on them, down to ``bottom``; and where it is."""
        shape = Silhouette.of(profile, self.sin, self.cos)
        left, top, right, low = shape.bounds(self.pixel)
        low = np.minimum(low, bottom)
        centre, middle = (left + right) / 2, (top + low) / 2
        boxes = self.patch_at(centre, middle, (right - left) / 2, (low - top) / 2)
        x, y = self.posed(boxes)
        return boxes, surface(shape, x, y, (self.sin, self.cos), self.pixel)

    def project(self, hx: float, hy: float, out: float = 0.0) -> tuple[Array, float]:
        """Where a point of the face (front view, ``out`` before the skin) lies, unrolled."""
        a, c, z = self.profile.at(hy)
        depth = z + c * np.sqrt(np.maximum(1.0 - (hx / a) ** 2, 0.0)) + out
        return hx * self._cos + depth * self._sin, hy

    def patch(self, hx: float, hy: float, wide: float, high: float) -> Boxes:
        """The boxes around a part of the face, with room for the roll."""
        x, y = self.project(hx, hy)
        return self.patch_at(x, y, wide, high)

    def patch_at(
        self, x: Array, y: Array | float, wide: Array | float, high: Array | float
    ) -> Boxes:
        """The boxes around a place in unrolled canvas coordinates."""
        sin, cos = self._roll
        dx, dy = x, y - _NECK
        cx, cy = dx * cos - dy * sin, dx * sin + dy * cos + _NECK
        reach_x = wide + high * np.abs(sin) + 2 * self.pixel
        reach_y = high + wide * np.abs(sin) + 2 * self.pixel
        return self.window(cx - reach_x, cy - reach_y, cx + reach_x, cy + reach_y)

    def window(self, left: Array, top: Array, right: Array, bottom: Array) -> Boxes:
        """The pixels of rectangles in upright figure coordinates."""
        corners = left, top + _RAISE, right, bottom + _RAISE
        return self.canvas.boxes(*(corner / _SCALE for corner in corners))

    def band(self, top: float, bottom: float) -> Boxes:
        """The part of the head between two heights."""
        boxes = self.patch_at(0.0 * self._sin, (top + bottom) / 2, 2.0, (bottom - top) / 2)
        return boxes.within(self.boxes)

    def both_sides(self, y: float, high: float) -> Boxes:
        """Around both eyes (or brows) at a height."""
        left, right = self.project(-EYE_X, y)[0], self.project(EYE_X, y)[0]
        boxes = self.patch_at((left + right) / 2, y, (right - left) / 2 + 0.18, high)
        return boxes.within(self.boxes)

    def ground(self, boxes: Boxes) -> Ground:
        """The head's surface in boxes, without how it lies."""
        return ground_of(self._stack, boxes, self.boxes)

    def face(self, boxes: Boxes) -> Surface:
        """The head's surface in boxes."""
        return surface_of(self._stack, boxes, self.boxes)

    def upright(self, boxes: Boxes) -> tuple[Array, Array]:
        """x ``[N, 1, w]`` and y ``[N, h, 1]`` of the pixels in boxes as the body sees them."""
        x, y = self.canvas.coordinates(boxes)
        return x * _SCALE, y * _SCALE - _RAISE

    def posed(self, boxes: Boxes) -> tuple[Array, Array]:
        """Positions ``[N, h, w]`` before the roll of the head about the neck."""
        sin, cos = (column(value) for value in self._roll)
        x, y = self.upright(boxes)
        dy = y - _NECK
        px = x * cos + dy * sin
        py = dy * cos - x * sin
        py += _NECK
        return px, py

    def shade(self, colour: Array, dark: Array, normal: Normal) -> Array:
        """``[3, N, h, w]``: ``colour`` in the light, going to ``dark`` away from it."""
        tone = smoothstep(0.10, 0.98, self.light.diffuse(normal))
        shaded = (colour - dark) * tone
        shaded += dark
        return np.asarray(shaded)

    def _turn(self, values: Mapping[str, Array]) -> None:
        """Sines and cosines by ``math``: numpy's could depend on how many faces there are."""
        yaw = (0.60 * values["yaw"]).tolist()
        roll = (0.16 * values["tilt"]).tolist()
        self._sin, self._cos = (np.array([f(v) for v in yaw]) for f in (math.sin, math.cos))
        self._roll = tuple(np.array([f(v) for v in roll]) for f in (math.sin, math.cos))
        self.sin, self.cos = column(self._sin), column(self._cos)
        self.roll = 0.16 * self.attrs["tilt"]
        self.tan = column(np.array([math.tan(v) for v in yaw]))

    def _nose_lean(self) -> Array:
        """Parallax of the ridge of the nose: its height times the tangent of the turn."""
        y = self.head.hy
        height = smoothstep(-0.06, NOSE_Y, y)
        height *= 1.0 - smoothstep(NOSE_Y, NOSE_Y + 0.13, y)
        height *= (0.085 + 0.03 * self.attrs["nose"]) * self.tan
        return height


def grey_of(values: Mapping[str, Array] | Mapping[str, float]) -> Array:
    """How grey the hair is (0 to 1): comes with age, earlier for some."""
    return smoothstep(0.55, 1.02, values["age"] + 0.25 * values["greying"])
