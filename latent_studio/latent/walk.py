"""A walk through a latent space that goes on for ever and never jumps."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch

from latent_studio.errors import OptionError
from latent_studio.latent.curves import catmull_rom
from latent_studio.latent.interpolation import PathSpace
from latent_studio.latent.resolve import LatentResolver
from latent_studio.latent.sampling import cut_normal
from latent_studio.recipe import LatentSource, Recipe

_ENDLESS = 1 << 40


class RandomWalk:
    """A smooth curve from a recipe's latent through random ones, one a step.

    In z the points are the model's own distribution and the curve keeps their length; in w they are
    such points mapped. Equal seeds give equal walks. Belongs to one thread.

    Parameters
    ----------
    start
        Where it begins; its class is kept.
    resolver
        Of the model.
    seed
        Of the points.
    space
        ``z`` or ``w``.

    Raises
    ------
    OptionError
        If the model lacks the space, or ``start`` cannot be taken there.
    """

    def __init__(
        self, start: Recipe, resolver: LatentResolver, seed: int = 0, space: PathSpace = "w"
    ) -> None:
        if space == "w" and not resolver.capabilities.has_w:
            raise OptionError("This model has no w space; walk in z.")
        self._start, self._resolver, self.seed, self.space = start, resolver, seed, space
        # A curve through four points at a time needs no others.
        self._point: Callable[[int], np.ndarray] = lru_cache(maxsize=8)(self._make_point)
        self._point(0)

    def at(self, steps: float) -> LatentSource:
        """Where the walk is after ``steps`` (0 or more): the source of the picture there.

        At 0 it is the start's own source.
        """
        if steps <= 0:
            return self._start.source
        point = catmull_rom(self._point, _ENDLESS, steps, False)
        if self.space == "z":
            return LatentSource.from_vector("z", self._at_length(point, steps))
        if (point == point[:, :1]).all():
            return LatentSource.from_vector("w", point[:, 0])
        return LatentSource.from_vector("w+", point)

    def _at_length(self, z: np.ndarray, steps: float) -> np.ndarray:
        """A curve cuts through the sphere of normal z: bring its point back to it."""
        before, part = int(steps), steps - int(steps)
        ends = [float(np.linalg.norm(self._point(before + i))) for i in (0, 1)]
        wanted, length = ends[0] * (1 - part) + ends[1] * part, float(np.linalg.norm(z))
        return z if length == 0 else np.asarray(z * (wanted / length), dtype=np.float32)

    def _make_point(self, index: int) -> np.ndarray:
        """float32 ``[1, z_dim]`` or ``[1, num_ws, w_dim]``."""
        recipe = Recipe(source=self._start.source, label=self._start.label)
        if index > 0:
            z = self._random_z(index)
            recipe = Recipe(source=LatentSource.from_vector("z", z), label=self._start.label)
        found = self._resolver.z if self.space == "z" else self._resolver.source_ws
        return np.asarray(found(recipe).cpu().numpy(), dtype=np.float32)

    def _random_z(self, index: int) -> np.ndarray:
        capabilities = self._resolver.capabilities
        random = np.random.default_rng((self.seed, index))
        shape = (1, capabilities.z_dim)
        if capabilities.prior == "normal":
            return random.standard_normal(shape).astype(np.float32)
        return cut_normal(torch.from_numpy(random.random(shape))).float().numpy()
