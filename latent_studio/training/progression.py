"""Progressive growing: which resolution is trained when, in which batches.

Karras et al. 2018, arXiv:1710.10196, section 2: the networks begin at the lowest resolution; each
next one fades in and is then trained for a while before the one after it. Everything depends on
the number of images seen alone.
"""

from dataclasses import dataclass

from torch import Tensor

from latent_studio.models.progressive import Progressive, fade_reals
from latent_studio.training.config import TrainConfig


@dataclass(frozen=True)
class Stage:
    """What one step is made at.

    Attributes
    ----------
    batch
        Pictures a step.
    progress
        Position on the scale of ``resolutions``: 1.5 is half-way into fading in the third.
    resolutions
        Empty for networks that do not grow.
    """

    batch: int
    progress: float = 0.0
    resolutions: tuple[int, ...] = ()

    @property
    def grown(self) -> bool:
        return self.progress >= len(self.resolutions) - 1

    def show(self, images: Tensor) -> Tensor:
        """Real pictures ``[N, C, R, R]`` as D gets to see them now."""
        if self.grown:
            return images
        return fade_reals(images, self.progress, self.resolutions)


def stage_at(config: TrainConfig, network: object, images: int) -> Stage:
    """The stage of a run that has seen ``images`` pictures."""
    if not isinstance(network, Progressive):
        return Stage(config.batch)
    resolutions = tuple(network.resolutions)
    progress = progress_at(config, len(resolutions), images)
    side = resolutions[_ceil(progress)]
    batch = config.stage_batches.get(str(side), config.batch)
    return Stage(batch, progress, resolutions)


def progress_at(config: TrainConfig, stages: int, images: int) -> float:
    """Position from 0 to ``stages - 1``; the last one where no times are given."""
    last = float(stages - 1)
    fade, stable = config.fade_kimg * 1000, config.stable_kimg * 1000
    if fade + stable <= 0:
        return last
    if images < stable:
        return 0.0
    turn, rest = divmod(images - stable, fade + stable)
    faded = min(1.0, rest / fade) if fade > 0 else 1.0
    return min(last, turn + faded)


def _ceil(value: float) -> int:
    return -int(-value // 1)
