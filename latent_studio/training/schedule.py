"""When things are due, counted in images seen.

Everything depends on the number of images alone, so that a resumed run falls into step with one
that was never stopped.
"""

from dataclasses import dataclass
from math import cos, log, pi

from latent_studio.training.config import TrainConfig


@dataclass(frozen=True)
class Every:
    """Due whenever another ``kimg`` thousand images have been seen; never if 0.

    With ``growth`` the distance grows in proportion to what was seen, so that early progress is
    shown closely and a long run does not fill the disk: the next time is after
    ``max(kimg, growth * seen)`` more.
    """

    kimg: float
    growth: float = 0.0

    def due(self, before: int, after: int) -> bool:
        """Whether one of the marks lies in ``(before, after]`` (images seen)."""
        if self.kimg <= 0 or after <= before:
            return False
        return self._marks(after) > self._marks(before)

    def _marks(self, images: int) -> int:
        """How many marks lie at or before ``images``."""
        step = self.kimg * 1000.0
        if not self.growth:
            return int(images / step)
        turn = step / self.growth  # below it the distance is constant
        if images <= turn:
            return int(images / step)
        return int(turn / step + log(images / turn) / log(1.0 + self.growth))


_FIRST_SIGNS = tuple(128 << i for i in range(6))


def tick_due(kimg: float, before: int, after: int) -> bool:
    """Whether statistics are due: every ``kimg``, and before the first of these after 128, 256,
    512 ... images, because a person who has just started a training waits for a sign of life.
    """
    early = any(before < mark <= after and mark < 1000 * kimg for mark in _FIRST_SIGNS)
    return early or Every(kimg).due(before, after)


def rate_factor(config: TrainConfig, images: int) -> float:
    """What the learning rates are multiplied by after ``images`` pictures: warm-up and decay."""
    warm = config.lr_warmup_kimg * 1000
    if images < warm:
        return (images + config.batch) / (warm + config.batch)
    start, end = max(warm, config.lr_decay_from_kimg * 1000), config.lr_decay_kimg * 1000
    if config.lr_decay == "none" or images <= start:
        return 1.0
    done = min(1.0, (images - start) / (end - start))
    return 1 - done if config.lr_decay == "linear" else (1 + cos(pi * done)) / 2
