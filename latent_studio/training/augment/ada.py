"""Adaptive discriminator augmentation (ADA).

Karras et al. 2020, arXiv:2006.06676: the pixel blitting, geometric and colour changes of appendix
B, each with probability p, which follows how much the discriminator overfits (section 3).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.models.draws import RandomSource, normal, uniform
from latent_studio.training.augment import color, geometry

GROUPS: dict[str, tuple[str, ...]] = {
    "blit": ("mirror", "quarter_turn", "shift"),
    "geometry": ("scale", "rotate", "stretch", "translate"),
    "color": ("brightness", "contrast", "luma_flip", "hue", "saturation"),
}
OPERATIONS = tuple(name for group in GROUPS.values() for name in group)

# Strengths of appendix B. Lengths are shares of the picture's size, brightness is in units of the
# range [-1, 1], factors are log-normal with this standard deviation in octaves.
_SHIFT = 0.125
_SCALE = 0.2
_BRIGHTNESS = 0.2
_CONTRAST = 0.5
_SATURATION = 1.0


class AdaPipe:
    """The changes themselves: one matrix of positions and one of colours per picture.

    Parameters
    ----------
    groups
        Names in :data:`GROUPS` or of single :data:`OPERATIONS`; their order has no meaning.

    Raises
    ------
    OptionError
        For an unknown name.
    """

    def __init__(self, groups: Sequence[str] = tuple(GROUPS)) -> None:
        chosen = {name for group in groups for name in GROUPS.get(group, (group,))}
        unknown = sorted(chosen - set(OPERATIONS))
        if unknown:
            known = ", ".join((*GROUPS, *OPERATIONS))
            raise OptionError(f"ADA has no changes called {', '.join(unknown)}. Known: {known}.")
        self.operations = tuple(name for name in OPERATIONS if name in chosen)

    def __call__(self, images: Tensor, p: Tensor, generator: RandomSource) -> Tensor:
        """``images`` changed, each on its own.

        Parameters
        ----------
        images
            ``[N, C, H, W]`` in [-1, 1].
        p
            Probability of each change, a scalar on the device of ``images``; it is not looked at.
        generator
            Draws do not depend on ``p`` nor on which operations are chosen.
        """
        positions, colors = self.matrices(
            Draws(len(images), p, generator, images.device), images.shape[2], images.shape[3]
        )
        dtype = images.dtype
        images = images if dtype == torch.float64 else images.float()
        if not set(GROUPS["color"]).issuperset(self.operations):
            images = geometry.warp(images, positions)
        if not set(GROUPS["color"]).isdisjoint(self.operations):
            images = color.recolor(images, colors)
        return images.to(dtype)

    def matrices(self, draws: "Draws", height: int, width: int) -> tuple[Tensor, Tensor]:
        """What happens to each picture: ``[N, 3, 3]`` (see geometry), ``[N, 4, 4]`` (see color)."""
        positions = geometry.identity(draws.count, draws.device)
        colors = color.identity(draws.count, draws.device)
        for name, matrix in (*_blits(draws, height, width), *_warps(draws, height, width)):
            if name in self.operations:
                positions = positions @ matrix
        for name, matrix in _recolorings(draws):
            if name in self.operations:
                colors = matrix @ colors
        return positions, colors


class Draws:
    """All the chance that a batch needs, taken at once; each number is used once."""

    _UNIFORM, _NORMAL = 21, 7

    def __init__(
        self, count: int, p: Tensor, generator: RandomSource, device: torch.device
    ) -> None:
        self.count, self.device, self.p = count, device, p
        self._flat = iter(uniform((count, self._UNIFORM), generator, device).unbind(1))
        self._bell = iter(normal((count, self._NORMAL), generator, device).unbind(1))

    def chance(self, p: Tensor | None = None) -> Tensor:
        """1 with probability ``p`` (the pipe's, unless told), else 0."""
        return (next(self._flat) < (self.p if p is None else p)).float()

    def below(self, count: int) -> Tensor:
        """Whole numbers from 0 to ``count - 1``; 0 where there is no change."""
        number = (next(self._flat) * count).floor()
        return number * self.chance()

    def between(self, bound: float, p: Tensor | None = None) -> Tensor:
        """From ``-bound`` to ``bound``; 0 where there is no change."""
        number = (next(self._flat) * 2 - 1) * bound
        return number * self.chance(p)

    def pair_between(self, bound: float) -> tuple[Tensor, Tensor]:
        """Two such numbers that come together."""
        change = self.chance() * bound
        return (next(self._flat) * 2 - 1) * change, (next(self._flat) * 2 - 1) * change

    def bell(self, deviation: float) -> Tensor:
        """Normal; 0 where there is no change."""
        return next(self._bell) * deviation * self.chance()

    def pair_bell(self, deviation: float) -> tuple[Tensor, Tensor]:
        """Two such numbers that come together."""
        change = self.chance() * deviation
        return next(self._bell) * change, next(self._bell) * change

    def octaves(self, deviation: float) -> Tensor:
        """Log-normal factor; 1 where there is no change."""
        return torch.exp2(self.bell(deviation))


def _blits(draws: Draws, height: int, width: int) -> list[tuple[str, Tensor]]:
    """Changes that move whole pixels."""
    mirror = 1 - 2 * draws.below(2)
    turns = draws.below(4)
    right, down = draws.pair_between(_SHIFT)
    return [
        ("mirror", geometry.scaling(mirror, torch.ones_like(mirror))),
        ("quarter_turn", geometry.quarter_turns(turns)),
        ("shift", geometry.translation((right * width).round(), (down * height).round())),
    ]


def _warps(draws: Draws, height: int, width: int) -> list[tuple[str, Tensor]]:
    """The general changes. The two rotations together happen with probability p."""
    once = 1 - (1 - draws.p).clamp(min=0).sqrt()
    scale, stretch = draws.octaves(_SCALE), draws.octaves(_SCALE)
    before, after = draws.between(math.pi, once), draws.between(math.pi, once)
    right, down = draws.pair_bell(_SHIFT)
    return [
        ("scale", geometry.scaling(scale, scale)),
        ("rotate", geometry.rotation(before)),
        ("stretch", geometry.scaling(stretch, 1 / stretch)),
        ("rotate", geometry.rotation(after)),
        ("translate", geometry.translation(right * width, down * height)),
    ]


def _recolorings(draws: Draws) -> list[tuple[str, Tensor]]:
    return [
        ("brightness", color.brightness(draws.bell(_BRIGHTNESS))),
        ("contrast", color.contrast(draws.octaves(_CONTRAST))),
        ("luma_flip", color.luma_flip(draws.below(2))),
        ("hue", color.hue(draws.between(math.pi))),
        ("saturation", color.saturation(draws.octaves(_SATURATION))),
    ]


class AdaController:
    """Moves p so that ``E[sign(D(real))]`` stays at ``target``; never waits for the device.

    Parameters
    ----------
    target
        Of the overfitting heuristic r_t: 0 none, 1 complete. May be changed at any time.
    speed_kimg
        Thousands of pictures in which p can go from 0 to 1.
    interval
        Steps between two moves.
    boundary
        Score that separates real from generated: 0, but 0.5 for least squares with targets 1 and 0.
    """

    def __init__(
        self,
        target: float = 0.6,
        speed_kimg: float = 500.0,
        interval: int = 4,
        *,
        boundary: float = 0.0,
    ) -> None:
        self.target, self.speed_kimg = target, speed_kimg
        self.interval, self.boundary = interval, boundary
        self.p = torch.zeros(())
        self.signs = torch.zeros(2)  # their sum and their number since the last move
        self._steps = self._images = 0

    def to(self, device: torch.device | str) -> None:
        self.p, self.signs = self.p.to(device), self.signs.to(device)

    @torch.no_grad()
    def observe(self, real_scores: Tensor) -> None:
        """Take note of the scores ``[N, 1]`` of (augmented) real pictures."""
        signs = (real_scores.detach().float() - self.boundary).sign()
        self.signs[0] += signs.sum()
        self.signs[1] += signs.numel()

    @torch.no_grad()
    def update(self, batch_images: int) -> None:
        """After each step, of ``batch_images`` real pictures: at every ``interval``-th p moves."""
        self._steps += 1
        self._images += batch_images
        if self._steps % self.interval:
            return
        stride = self._images / (self.speed_kimg * 1000)
        # without any score the mean is 0 / 0, and p stays
        direction = (self.signs[0] / self.signs[1] - self.target).sign().nan_to_num()
        self.p.add_(direction * stride).clamp_(0, 1)
        self.signs.zero_()
        self._images = 0

    def state_dict(self) -> dict[str, Any]:
        return {
            "p": self.p.clone(),
            "signs": self.signs.clone(),
            "steps": self._steps,
            "images": self._images,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.p.copy_(state["p"])
        self.signs.copy_(state["signs"])
        self._steps, self._images = int(state["steps"]), int(state["images"])
