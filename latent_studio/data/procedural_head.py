"""The head as a solid: where each pixel meets it.

The head is a stack of ellipses, one a height: half-width ``a(y)``, depth ``c(y)``, centre ``z(y)``.
For parallel projection and a turn about the vertical axis the point under a pixel has a closed
form, so features painted in the head's own coordinates turn, foreshorten and vanish behind the limb
as they should.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from latent_studio.data.procedural_canvas import Boxes
from latent_studio.data.procedural_shapes import Array, Normal, inside, limit, smoothstep

HEAD_TOP, HEAD_CHIN = -0.66, 0.62
_TABLE = 768
_RANGE = 1.2
_STEP = 2.0 * _RANGE / (_TABLE - 1)
_HEIGHTS = np.linspace(-_RANGE, _RANGE, _TABLE, dtype=np.float32)[None]
_THIN = 2e-3  # a slice of the head as thin as this is not drawn


@dataclass(frozen=True)
class HeadShape:
    """The proportions of heads, in canvas units, float32 ``[N, 1, 1]``.

    Attributes
    ----------
    width, jaw, chin
        Half-width at the temples; how square the jaw is (0 to 1); how long the chin is (-1 to 1).
    """

    width: Array
    jaw: Array
    chin: Array

    def profile(self, grow: Array | float = 0.0, hanging: bool = False) -> "Profile":
        """The stack of ellipses, ``grow`` outside the skin at the crown and close to it below.

        ``hanging`` gives the surface of long hair, which falls straight instead of following the
        jaw.
        """
        y = _HEIGHTS
        width, jawed, long = (part[:, 0] for part in (self.width, self.jaw, self.chin))
        grow = grow[:, 0] if isinstance(grow, np.ndarray) else np.float32(grow)
        middle, chin = -0.10, HEAD_CHIN + 0.045 * long
        out = grow if hanging else grow * (0.12 + 0.88 * smoothstep(0.0, -0.36, y))
        up = limit((middle - y) / (middle - HEAD_TOP + grow))
        down = limit((y - middle) / (chin + 0.10 * grow - middle))
        top = np.sqrt(np.maximum(1.0 - up**2.25, 0.0))
        jaw = np.maximum(1.0 - down ** (2.15 + 1.25 * jawed), 0.0) ** 0.56
        taper = 1.0 - (0.26 - 0.15 * jawed) * down**1.6
        low_a, low_c = jaw * taper, 0.25 * jaw + 0.75 * jaw**0.62
        low_c = low_c * (1.0 - 0.16 * smoothstep(middle, chin, y))
        if hanging:
            low_a, low_c = 1.0 + 0.05 * smoothstep(middle, 0.9, y), np.ones_like(y)
        a = (width + out) * np.where(y < middle, top, low_a)
        c = (0.53 + out) * np.where(y < middle, top, low_c)
        z = -0.07 + 0.14 * smoothstep(-0.45, 0.45, y)
        crown = np.broadcast_to(np.float64(HEAD_TOP) - grow, (len(width), 1))[:, :, None]
        return Profile(np.maximum(a, 1e-3), np.maximum(c, 1e-3), z, crown.astype(np.float32))


@dataclass(frozen=True)
class Profile:
    """Half-width ``a``, half-depth ``c`` ``[N, heights]``, and centre depth ``z`` ``[1, heights]``.

    ``top`` is the height of the crown, ``[N, 1, 1]``.
    """

    a: Array
    c: Array
    z: Array
    top: Array

    def at(self, y: float) -> tuple[Array, Array, Array]:
        """The ellipse at one height, float64 ``[N]``."""
        row = int((y + _RANGE) / _STEP + 0.5)
        a, c, z = (table[:, row].astype(np.float64) for table in (self.a, self.c, self.z))
        return a, c, z


@dataclass(frozen=True)
class Silhouette:
    """A profile turned: tables ``[7, N, heights]`` of what the pixels of a row share."""

    tables: Array
    top: Array

    @classmethod
    def of(cls, profile: Profile, sin: Array, cos: Array) -> "Silhouette":
        """Turned by an angle with this sine and cosine, ``[N, 1, 1]``."""
        a, c = profile.a, profile.c
        s = np.sqrt((a * cos[:, 0]) ** 2 + (c * sin[:, 0]) ** 2)
        slope = np.minimum(np.abs(_slope(s)), 8.0)
        tilt = 1.0 / np.sqrt(1.0 + slope * slope)
        rows = (a, c, profile.z * sin[:, 0], s, _slope(a) / a, _slope(c) / c, tilt)
        return cls(np.stack(rows).astype(np.float32), profile.top)

    def bounds(self, pixel: float) -> tuple[Array, Array, Array, Array]:
        """Left, top, right and bottom of all it covers, float64 ``[N]``."""
        shift, s, tilt = (self.tables[row].astype(np.float64) for row in (2, 3, 6))
        reach = np.where(s < _THIN, -9.0, s + pixel / tilt)
        left, right = (shift - reach).min(1), (shift + reach).max(1)
        last = _TABLE - 1 - (s >= _THIN)[:, ::-1].argmax(1)
        return left, self.top[:, 0, 0] - pixel, right, _HEIGHTS[0, last] + _STEP


@dataclass(frozen=True)
class Ground:
    """The visible points of heads, one a pixel, ``[N, h, w]`` over some boxes.

    Attributes
    ----------
    hx, hy
        Position in the head's own frame (front view).
    mask
        Coverage of the silhouette.
    edge
        Width of a one-pixel edge measured on the surface.
    """

    hx: Array
    hy: Array
    mask: Array
    edge: Array


@dataclass(frozen=True)
class Surface(Ground):
    """Visible points and how they lie.

    Attributes
    ----------
    nx, ny, nz
        Normal towards the right, down and towards the viewer, unit length.
    side, front
        Direction from the axis in the head's frame: ``side`` is -1 at the right ear and 1 at the
        left, ``front`` is 1 at the nose and negative behind the ears.
    """

    nx: Array
    ny: Array
    nz: Array
    side: Array
    front: Array

    @property
    def normal(self) -> Normal:
        return self.nx, self.ny, self.nz

    def stack(self) -> Array:
        """All of it, ``[9, N, h, w]``."""
        return np.stack([getattr(self, field.name) for field in fields(self)])


# Where a surface has nothing: no cover, and numbers that cannot divide by zero.
_FILL = np.array([float(field.name != "mask") for field in fields(Surface)], "f4")
_FILL = _FILL[:, None, None, None]


def ground_of(stack: Array, boxes: Boxes, outer: Boxes) -> Ground:
    """The part in boxes of a surface stacked over outer ones, without how it lies."""
    return Ground(*boxes.cut(stack[:4], outer, _FILL[:4]))


def surface_of(stack: Array, boxes: Boxes, outer: Boxes) -> Surface:
    """The part in boxes of a surface stacked over outer ones."""
    return Surface(*boxes.cut(stack, outer, _FILL))


def surface(
    shape: Silhouette, x: Array, y: Array, turn: tuple[Array, Array], pixel: float
) -> Surface:
    """Meet the solid, turned by an angle (sine, cosine), at canvas positions ``x``, ``y``."""
    sin, cos = turn
    rows = ((y + _RANGE) * (1.0 / _STEP) + 0.5).astype(np.intp)
    np.minimum(np.maximum(rows, 0, out=rows), _TABLE - 1, out=rows)
    rows += (np.arange(len(y)) * _TABLE)[:, None, None]
    tables = shape.tables.reshape(len(shape.tables), -1)
    a, c, shift, s, da, dc, tilt = (table.take(rows, mode="clip") for table in tables)
    off = np.subtract(x, shift, out=shift)
    distance = np.abs(off)
    distance -= s
    distance *= tilt
    np.maximum(distance, shape.top - y, out=distance)
    distance += s < _THIN
    q = limit(off / s, -1.0)
    r = np.sqrt(1.0 - q * q)
    edge = 0.5 / np.maximum(r, 0.3)
    edge += 0.5
    edge *= pixel
    q /= s
    r /= s
    side = q * cos * a - r * sin * c
    front = q * sin * c + r * cos * a
    nx, nz = side / a, front / c
    da *= side * side
    dc *= front * front
    ny = -(da + dc)
    scale = 1.0 / np.sqrt(nx * nx + ny * ny + nz * nz + 1e-12)
    nx *= scale
    ny *= scale
    nz *= scale
    a *= side
    mask = inside(distance, pixel)
    return Surface(a, y, mask, edge, nx * cos + nz * sin, ny, nz * cos - nx * sin, side, front)


def _slope(row: Array) -> Array:
    """Central differences along the tables."""
    slope = np.empty_like(row)
    slope[:, 1:-1] = (row[:, 2:] - row[:, :-2]) * (0.5 / _STEP)
    slope[:, 0], slope[:, -1] = slope[:, 1], slope[:, -2]
    return slope


@dataclass(frozen=True)
class Bump:
    """A soft hill (or hollow) on the face: centre, half-widths, height."""

    x: Array | float
    y: Array | float
    wide: Array | float
    high: float
    height: Array | float
    leans: bool = False


def emboss(at: Surface, bumps: Sequence[Bump], lean: Array) -> Normal:
    """Normals of the surface with hills on it (their slopes added, then normalised).

    ``lean`` is how far the ridge of the nose, which stands out, is displaced by the turn.
    """
    nx, ny, nz = (component.copy() for component in at.normal)
    leaned = at.hx - lean
    hill, square = np.empty_like(nx), np.empty_like(nx)
    u, v = np.empty_like(nx), np.empty_like(nx)
    for bump in bumps:
        np.subtract(leaned if bump.leans else at.hx, bump.x, out=u)
        np.subtract(at.hy, bump.y, out=v)
        u *= 1.0 / bump.wide
        v *= 1.0 / bump.high
        np.multiply(u, u, out=hill)
        np.multiply(v, v, out=square)
        hill += square
        np.negative(hill, out=hill)
        np.exp(hill, out=hill)
        hill *= 2.0 * bump.height / bump.high
        v *= hill
        ny += v
        hill *= bump.high / bump.wide
        u *= hill
        nx += u
    scale = 1.0 / (np.sqrt(nx * nx + ny * ny + nz * nz) + 1e-6)
    nx *= scale
    ny *= scale
    nz *= scale
    return nx, ny, nz
