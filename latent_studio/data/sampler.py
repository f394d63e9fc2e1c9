"""Endless shuffled batches whose position is a few numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from latent_studio.data.dataset import ImageDataset
from latent_studio.errors import DataError

_ORDER, _MIRROR = 0, 1


class InfiniteSampler:
    """Indices of a set in shuffled epochs, without end.

    The stream is a pure function of ``(seed, count)``: the order of each epoch has its own random
    generator, so the position alone restores everything, whatever the batch sizes were.

    Parameters
    ----------
    count
        Size of the set.
    seed
        0 or more.
    """

    def __init__(self, count: int, seed: int = 0) -> None:
        if count < 1:
            raise DataError("There is nothing to draw from: the data set is empty.")
        self.count = int(count)
        self.seed = int(seed)
        self._drawn = 0
        self._cached: tuple[int, np.ndarray, np.ndarray] | None = None

    @property
    def epoch(self) -> float:
        """How many times the set has been gone through."""
        return self._drawn / self.count

    @property
    def drawn(self) -> int:
        return self._drawn

    def next(self, n: int) -> np.ndarray:
        """The next ``n`` indices, int64 ``[n]``."""
        return self.next_with_flips(n)[0]

    def next_with_flips(self, n: int) -> tuple[np.ndarray, np.ndarray]:
        """The next indices int64 ``[n]`` and for each a fair coin bool ``[n]`` (to mirror it)."""
        orders, coins, needed = [], [], n
        while needed > 0:
            order, coin = self._epoch(self._drawn // self.count)
            start = self._drawn % self.count
            part = slice(start, min(start + needed, self.count))
            orders.append(order[part])
            coins.append(coin[part])
            needed -= part.stop - start
            self._drawn += part.stop - start
        if not orders:
            return np.empty(0, np.int64), np.empty(0, np.bool_)
        return np.concatenate(orders), np.concatenate(coins)

    def state_dict(self) -> dict[str, Any]:
        """The position, as JSON takes it."""
        return {"count": self.count, "seed": self.seed, "drawn": self._drawn}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue exactly where the state was taken.

        Raises
        ------
        DataError
            If it belongs to a set of another size.
        """
        try:
            count, seed, drawn = (int(state[key]) for key in ("count", "seed", "drawn"))
        except (KeyError, TypeError, ValueError) as error:
            raise DataError("The saved position in the data is damaged.", str(error)) from error
        if count != self.count or drawn < 0:
            raise DataError(
                f"The saved position belongs to a set of {count} images; this one has "
                f"{self.count}. Continue with the data the run was started with."
            )
        self.seed, self._drawn, self._cached = seed, drawn, None

    def _epoch(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        if self._cached is None or self._cached[0] != number:
            order = np.random.default_rng([self.seed, number, _ORDER]).permutation(self.count)
            coins = np.random.default_rng([self.seed, number, _MIRROR]).random(self.count) < 0.5
            self._cached = (number, order.astype(np.int64), coins)
        return self._cached[1], self._cached[2]


class BatchStream:
    """Endless batches of a data set, optionally mirrored at random.

    Parameters
    ----------
    batch
        Images a batch.
    mirror
        Flip every image left to right with probability one half.
    """

    def __init__(
        self, dataset: ImageDataset, batch: int, seed: int = 0, mirror: bool = True
    ) -> None:
        if batch < 1:
            raise DataError(f"A batch of {batch} images cannot be drawn: give 1 or more.")
        self.dataset = dataset
        self.batch = int(batch)
        self.mirror = mirror
        self.sampler = InfiniteSampler(len(dataset), seed)

    @property
    def classes(self) -> list[str]:
        return list(self.dataset.classes)

    def next(self, batch: int | None = None) -> tuple[np.ndarray, np.ndarray | None]:
        """Images uint8 ``[B, C, H, W]`` (a fresh array) and labels int64 ``[B]`` or None.

        ``batch`` asks for another number of images this time.
        """
        rows, flips = self.sampler.next_with_flips(self.batch if batch is None else batch)
        images = np.asarray(self.dataset.images[rows])
        if self.mirror:
            images[flips] = images[flips][..., ::-1]
        labels = self.dataset.labels
        return images, None if labels is None else labels[rows]

    def state_dict(self) -> dict[str, Any]:
        return self.sampler.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """As :meth:`InfiniteSampler.load_state_dict`."""
        self.sampler.load_state_dict(state)
