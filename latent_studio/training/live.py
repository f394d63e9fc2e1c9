"""The live link: averaged weights on their way to whoever renders them."""

import time
from collections.abc import Callable, Sequence

from latent_studio.mailbox import LatestSlot
from latent_studio.models.base import Generator
from latent_studio.models.snapshot import WeightSnapshot, take_snapshot
from latent_studio.training.state import Counters

MIN_INTERVAL = 0.1  # seconds between two snapshots
COST_FACTOR = 10.0  # a snapshot may take this fraction of the time, at most


class LiveLink:
    """Publishes a snapshot when the last one was taken and enough time has passed.

    The distance grows with what a snapshot costs, so that the link never takes more than a tenth
    of the training.

    Parameters
    ----------
    refresh
        Called before the weights are cloned (measures what belongs to them).
    classes
        Names of the data's classes.
    """

    def __init__(
        self,
        slot: LatestSlot[WeightSnapshot],
        generator: Generator,
        run: str,
        refresh: Callable[[], None],
        classes: Sequence[str] = (),
    ) -> None:
        self._classes = tuple(classes)
        self._slot, self._generator, self._run, self._refresh = slot, generator, run, refresh
        self._next = 0.0

    def offer(self, counters: Counters) -> bool:
        """Publish if it is time; returns whether it was."""
        now = time.monotonic()
        if now < self._next or not self._slot.empty or self._slot.closed:
            return False
        self._refresh()
        counters.epoch += 1
        snapshot = take_snapshot(
            self._generator,
            self._generator.spec,
            self._run,
            counters.kimg,
            counters.epoch,
            self._classes,
        )
        self._slot.put(snapshot)
        done = time.monotonic()
        self._next = done + max(MIN_INTERVAL, COST_FACTOR * (done - now))
        return True
