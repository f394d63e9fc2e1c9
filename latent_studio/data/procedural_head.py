"""The head as a solid: where each pixel meets it, and how the light falls there.

The head is a stack of ellipses, one a height: half-width ``a(y)``, depth ``c(y)``, centre ``z(y)``.
For parallel projection and a turn about the vertical axis the point under a pixel has a closed
form, so features painted in the head's own coordinates turn, foreshorten and vanish behind the limb
as they should.
"""

import math
from dataclasses import dataclass

import numpy as np

from latent_studio.data.procedural_shapes import Array, Window, inside, smoothstep

HEAD_TOP, HEAD_CHIN = -0.66, 0.62
_TABLE = 768
_RANGE = 1.2
_STEP = 2.0 * _RANGE / (_TABLE - 1)
_HEIGHTS = np.linspace(-_RANGE, _RANGE, _TABLE, dtype=np.float32)


@dataclass(frozen=True)
class HeadShape:
    """The proportions of a head, in canvas units.

    Attributes
    ----------
    width, jaw, chin
        Half-width at the temples; how square the jaw is (0 to 1); how long the chin is (-1 to 1).
    """

    width: float
    jaw: float
    chin: float

    def profile(self, grow: float = 0.0, hanging: bool = False) -> "Profile":
        """The stack of ellipses, ``grow`` outside the skin at the crown and close to it below.

        ``hanging`` gives the surface of long hair, which falls straight instead of following the
        jaw.
        """
        y = _HEIGHTS
        middle, chin = -0.10, HEAD_CHIN + 0.045 * self.chin
        out = grow if hanging else grow * (0.12 + 0.88 * smoothstep(0.0, -0.36, y))
        up = np.clip((middle - y) / (middle - HEAD_TOP + grow), 0.0, 1.0)
        down = np.clip((y - middle) / (chin + 0.10 * grow - middle), 0.0, 1.0)
        top = np.sqrt(np.maximum(1.0 - up**2.25, 0.0))
        jaw = np.maximum(1.0 - down ** (2.15 + 1.25 * self.jaw), 0.0) ** 0.56
        taper = 1.0 - (0.26 - 0.15 * self.jaw) * down**1.6
        low_a, low_c = jaw * taper, 0.25 * jaw + 0.75 * jaw**0.62
        low_c = low_c * (1.0 - 0.16 * smoothstep(middle, chin, y))
        if hanging:
            low_a, low_c = 1.0 + 0.05 * smoothstep(middle, 0.9, y), np.ones_like(y)
        a = (self.width + out) * np.where(y < middle, top, low_a)
        c = (0.53 + out) * np.where(y < middle, top, low_c)
        z = -0.07 + 0.14 * smoothstep(-0.45, 0.45, y)
        return Profile(np.maximum(a, 1e-3), np.maximum(c, 1e-3), z, HEAD_TOP - grow)


@dataclass(frozen=True)
class Profile:
    """Half-width ``a``, half-depth ``c`` and centre depth ``z`` at each of the table's heights."""

    a: Array
    c: Array
    z: Array
    top: float

    def at(self, y: float) -> tuple[float, float, float]:
        row = int((y + _RANGE) / _STEP + 0.5)
        return float(self.a[row]), float(self.c[row]), float(self.z[row])


@dataclass
class Surface:
    """The visible points of a head, one a pixel.

    Attributes
    ----------
    hx, hy
        Position in the head's own frame (front view).
    side, front
        Direction from the axis in that frame: ``side`` is -1 at the right ear and 1 at the left,
        ``front`` is 1 at the nose and negative behind the ears.
    mask
        Coverage of the silhouette.
    normal
        ``[3]`` arrays x, y, z towards the right, down and towards the viewer, unit length.
    edge
        Width of a one-pixel edge measured on the surface.
    """

    hx: Array
    hy: Array
    side: Array
    front: Array
    mask: Array
    normal: tuple[Array, Array, Array]
    edge: Array

    def crop(self, window: Window) -> "Surface":
        nx, ny, nz = self.normal
        return Surface(
            self.hx[window],
            self.hy[window],
            self.side[window],
            self.front[window],
            self.mask[window],
            (nx[window], ny[window], nz[window]),
            self.edge[window],
        )


def surface(profile: Profile, x: Array, y: Array, yaw: float, pixel: float) -> Surface:
    """Meet the solid, turned by ``yaw`` radians, at canvas positions ``x``, ``y``."""
    sin, cos = math.sin(yaw), math.cos(yaw)
    a_row, c_row = profile.a, profile.c
    s_row = np.sqrt((a_row * cos) ** 2 + (c_row * sin) ** 2)
    slope = np.minimum(np.abs(_slope(s_row)), 8.0)
    columns = np.stack(
        [
            a_row,
            c_row,
            profile.z * sin,
            s_row,
            _slope(a_row) / a_row,
            _slope(c_row) / c_row,
            1.0 / np.sqrt(1.0 + slope * slope),
        ]
    ).astype(np.float32)
    rows = ((y + _RANGE) * (1.0 / _STEP) + 0.5).astype(np.int32)
    a, c, shift, s, da, dc, tilt = columns[:, np.clip(rows, 0, _TABLE - 1)]
    off = x - shift
    distance = np.maximum((np.abs(off) - s) * tilt, profile.top - y)
    distance[s < 2e-3] = 1.0
    q = np.clip(off / s, -1.0, 1.0)
    r = np.sqrt(1.0 - q * q)
    qs, rs = q / s, r / s
    side = (qs * cos) * a - (rs * sin) * c
    front = (qs * sin) * c + (rs * cos) * a
    nx, nz = side / a, front / c
    ny = -(side * side * da + front * front * dc)
    length = 1.0 / np.sqrt(nx * nx + ny * ny + nz * nz + 1e-12)
    nx, ny, nz = nx * length, ny * length, nz * length
    turned = (nx * cos + nz * sin, ny, nz * cos - nx * sin)
    edge = pixel * (0.5 + 0.5 / np.maximum(r, 0.3))
    return Surface(side * a, y, side, front, inside(distance, pixel), turned, edge)


def _slope(row: Array) -> Array:
    """Central differences along the table."""
    slope = np.empty_like(row)
    slope[1:-1] = (row[2:] - row[:-2]) * (0.5 / _STEP)
    slope[0], slope[-1] = slope[1], slope[-2]
    return slope


@dataclass(frozen=True)
class Bump:
    """A soft hill (or hollow) on the face: centre, half-widths, height."""

    x: float
    y: float
    wide: float
    high: float
    height: float
    leans: bool = False


def emboss(at: Surface, bumps: list[Bump], lean: Array) -> tuple[Array, Array, Array]:
    """Normals of the surface with hills on it (their slopes added, then normalised).

    ``lean`` is how far the ridge of the nose, which stands out, is displaced by the turn.
    """
    nx, ny, nz = (component.copy() for component in at.normal)
    for bump in bumps:
        x = at.hx - lean if bump.leans else at.hx
        u, v = (x - bump.x) / bump.wide, (at.hy - bump.y) / bump.high
        hill = np.exp(-(u * u + v * v)) * (2.0 * bump.height)
        nx += hill * u / bump.wide
        ny += hill * v / bump.high
    length = np.sqrt(nx * nx + ny * ny + nz * nz) + 1e-6
    return nx / length, ny / length, nz / length


@dataclass(frozen=True)
class Light:
    """One soft key light: direction towards it (x right, y down, z to the viewer)."""

    x: float
    y: float
    z: float
    ambient: float

    @classmethod
    def of(cls, light: float, hardness: float) -> "Light":
        """From the left (-1) over the front (0) to the right (1)."""
        direction = np.array([0.95 * light, -0.55, 0.85 - 0.25 * abs(light)])
        x, y, z = direction / np.linalg.norm(direction)
        return cls(float(x), float(y), float(z), 0.62 - 0.30 * hardness)

    def diffuse(self, normal: tuple[Array, Array, Array]) -> Array:
        """Brightness 0 to 1, wrapped around the edge as skin scatters light."""
        facing = normal[0] * self.x + normal[1] * self.y + normal[2] * self.z
        lit = np.clip((facing + 0.35) / 1.35, 0.0, 1.0)
        return self.ambient + (1.0 - self.ambient) * lit

    def gloss(self, normal: tuple[Array, Array, Array], sharpness: float) -> Array:
        """Highlight (Blinn-Phong with the viewer in front)."""
        half = np.array([self.x, self.y, self.z + 1.0])
        hx, hy, hz = (float(v) for v in half / np.linalg.norm(half))
        facing = np.clip(normal[0] * hx + normal[1] * hy + normal[2] * hz, 0.0, 1.0)
        return facing**sharpness
