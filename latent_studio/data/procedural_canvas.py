"""Many pictures of one size to draw on, and windows that follow a part of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from latent_studio.data.procedural_shapes import Array, rgb

_Place: TypeAlias = tuple[slice, int, slice, slice]
Colour: TypeAlias = Array | Sequence[float]


@dataclass(frozen=True)
class Boxes:
    """One rectangle of pixels in each picture, so that small things cost little.

    Arrays cut out with it are as large as the largest rectangle; what lies outside a picture's own
    rectangle is computed too, but never drawn.

    Attributes
    ----------
    top, left, bottom, right
        int ``[N]``; ``bottom`` and ``right`` are the first outside.
    """

    top: Array
    left: Array
    bottom: Array
    right: Array

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of an array over the boxes, ``[N, h, w]``."""
        high, wide = (self.bottom - self.top).max(), (self.right - self.left).max()
        return len(self.top), max(int(high), 1), max(int(wide), 1)

    def within(self, other: "Boxes") -> "Boxes":
        """What both have in common; empty where they have nothing."""
        top, left = np.maximum(self.top, other.top), np.maximum(self.left, other.left)
        bottom = np.maximum(np.minimum(self.bottom, other.bottom), top)
        right = np.maximum(np.minimum(self.right, other.right), left)
        return Boxes(top, left, bottom, right)

    def cut(self, fields: Array, outer: "Boxes", fill: Array | float = 1.0) -> Array:
        """``[F, N, h, w]`` from ``fields`` over ``outer``; ``fill`` where those have nothing."""
        part = np.full((len(fields), *self.shape), fill, dtype=np.float32)
        for mine, theirs in self.common(outer):
            part[mine] = fields[theirs]
        return part

    def common(self, outer: "Boxes") -> list[tuple[_Place, _Place]]:
        """Each rectangle's place in arrays over these boxes and over the outer ones."""
        both, every = self.within(outer), slice(None)
        corners = np.stack([both.top, both.bottom, both.left, both.right])
        mine = corners - np.stack([self.top, self.top, self.left, self.left])
        theirs = corners - np.stack([outer.top, outer.top, outer.left, outer.left])
        return [
            ((every, n, slice(a, b), slice(c, d)), (every, n, slice(e, f), slice(g, h)))
            for n, (a, b, c, d, e, f, g, h) in enumerate(np.vstack([mine, theirs]).T.tolist())
        ]


class Canvas:
    """Pictures ``float32 [3, N, R, R]`` in 0 to 1 with the coordinates of their pixels."""

    def __init__(self, count: int, resolution: int) -> None:
        self.resolution = resolution
        self.pixel = 2.0 / resolution
        self.rgb = np.zeros((3, count, resolution, resolution), dtype=np.float32)
        self.whole = self.boxes(*(np.full(count, edge) for edge in (-1.0, -1.0, 1.0, 1.0)))
        line = (np.arange(resolution, dtype=np.float32) + 0.5) * self.pixel - 1.0
        self._line = line.astype(np.float32)

    def boxes(self, left: Array, top: Array, right: Array, bottom: Array) -> Boxes:
        """The pixels that touch rectangles."""
        return Boxes(
            self._index(top, np.floor),
            self._index(left, np.floor),
            self._index(bottom, np.ceil),
            self._index(right, np.ceil),
        )

    def coordinates(self, boxes: Boxes) -> tuple[Array, Array]:
        """x ``[N, 1, w]`` and y ``[N, h, 1]`` of the pixels in boxes."""
        _, high, wide = boxes.shape
        last = self.resolution - 1
        x = np.minimum(boxes.left[:, None] + np.arange(wide), last)
        y = np.minimum(boxes.top[:, None] + np.arange(high), last)
        return self._line[x][:, None, :], self._line[y][:, :, None]

    def patch(self, boxes: Boxes) -> "Patch":
        """A part of each picture to draw on; :meth:`Patch.put` puts it back."""
        return Patch(self, boxes)

    def pixels(self) -> Array:
        """``uint8 [N, 3, R, R]``."""
        t = np.minimum(np.maximum(self.rgb, 0.0), 1.0)
        t *= 255.0
        np.rint(t, out=t)
        return np.ascontiguousarray(t.transpose(1, 0, 2, 3), dtype=np.uint8)

    def _index(self, position: Array, rounding: np.ufunc) -> Array:
        pixels = rounding((np.asarray(position, np.float64) + 1.0) / self.pixel)
        return np.asarray(np.minimum(np.maximum(pixels, 0.0), self.resolution), dtype=np.intp)


class Patch:
    """Copies of parts of the pictures, ``float32 [3, N, h, w]``."""

    def __init__(self, canvas: Canvas, boxes: Boxes) -> None:
        self._canvas = canvas
        self._places = boxes.common(canvas.whole)
        self.rgb = np.zeros((3, *boxes.shape), dtype=np.float32)
        for mine, theirs in self._places:
            self.rgb[mine] = canvas.rgb[theirs]

    def over(self, mask: Array, colour: Colour) -> None:
        """Lay a colour over the picture where ``mask`` is."""
        t = _single(colour) - self.rgb
        t *= mask
        self.rgb += t

    def multiply(self, mask: Array, colour: Colour) -> None:
        """Darken (or brighten) towards ``colour`` times the picture where ``mask`` is."""
        t = np.asarray(mask * (_single(colour) - 1.0))
        t += 1.0
        self.rgb *= t

    def add(self, mask: Array, colour: Colour) -> None:
        """Add light."""
        self.rgb += mask * _single(colour)

    def put(self) -> None:
        """Put the parts back in their pictures."""
        for mine, theirs in self._places:
            self._canvas.rgb[theirs] = self.rgb[mine]


def _single(colour: Colour) -> Array:
    """Three numbers as a colour of all pictures; other colours as they are."""
    return colour if isinstance(colour, np.ndarray) else rgb(*colour)
