"""How light falls on a surface."""

from dataclasses import dataclass

import numpy as np

from latent_studio.data.procedural_shapes import Array, Normal, column, limit


@dataclass(frozen=True)
class Light:
    """One soft key light each: direction towards it (x right, y down, z to the viewer)."""

    x: Array
    y: Array
    z: Array
    ambient: Array

    @classmethod
    def of(cls, light: Array, hardness: Array) -> "Light":
        """From the left (-1) over the front (0) to the right (1), float64 ``[N]``."""
        x, y, z = 0.95 * light, np.full_like(light, -0.55), 0.85 - 0.25 * np.abs(light)
        size = np.sqrt(x * x + y * y + z * z)
        ambient = 0.62 - 0.30 * hardness
        return cls(column(x / size), column(y / size), column(z / size), column(ambient))

    def diffuse(self, normal: Normal) -> Array:
        """Brightness 0 to 1, wrapped around the edge as skin scatters light."""
        lit = _along(normal, (self.x, self.y, self.z))
        lit += 0.35
        lit *= 1.0 / 1.35
        np.minimum(np.maximum(lit, 0.0, out=lit), 1.0, out=lit)
        lit *= 1.0 - self.ambient
        lit += self.ambient
        return lit

    def gloss(self, normal: Normal) -> Array:
        """Highlight (Blinn-Phong with the viewer in front, to the power of 22)."""
        x, y, z = self.x, self.y, self.z + 1.0
        size = np.sqrt(x * x + y * y + z * z)
        facing = limit(_along(normal, (x / size, y / size, z / size)))
        second = facing * facing
        fourth = second * second
        second *= fourth
        fourth *= fourth
        fourth *= fourth
        second *= fourth
        return np.asarray(second)


def _along(normal: Normal, direction: Normal) -> Array:
    total = normal[0] * direction[0]
    total += normal[1] * direction[1]
    total += normal[2] * direction[2]
    return np.asarray(total)
