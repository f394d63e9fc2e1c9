"""How far a picture is from a photograph, for optimisers: pixels, structure, features.

Each term is one number a picture, differentiable, and about 1 for pictures that have nothing in
common. Structural similarity: Wang et al. 2004 (IEEE Transactions on Image Processing 13, p. 600),
here averaged over scales. Features: Zhang et al. 2018 (arXiv:1801.03924).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor

FeatureMaps: TypeAlias = Callable[[Tensor], Sequence[Tensor]]
"""Pictures ``[N, C, H, W]`` in [-1, 1] to maps ``[N, C, h, w]`` of some layers, such that squared
differences summed over the channels are distances (see :mod:`latent_studio.models.features`)."""

_SIGMA, _HALF = 1.5, 5
_C1, _C2 = (0.01 * 2) ** 2, (0.03 * 2) ** 2  # pictures span 2, from -1 to 1
_SMALLEST, _LARGEST = 16, 256


@dataclass(frozen=True)
class LossWeights:
    """How much each term counts; 0 leaves it out."""

    pixel: float = 1.0
    structure: float = 0.1
    features: float = 0.05


class PhotoLoss:
    """Distance of pictures ``[N, C, H, W]`` to one photograph ``[1, C, H, W]``, both in [-1, 1].

    What depends on the photograph alone is done once.
    """

    def __init__(
        self,
        photo: Tensor,
        weights: LossWeights | None = None,
        features: FeatureMaps | None = None,
    ) -> None:
        self.photo, self.weights = photo, weights or LossWeights()
        self._pyramid = _pyramid(photo)
        # Products with matrices grow with the cube of the side; large pictures begin at a half.
        self._large = sum(level.shape[-1] > _LARGEST for level in self._pyramid)
        self._structure = [_Structure(level) for level in self._pyramid[self._large :]]
        self._features = features if self.weights.features else None
        self._wanted: list[Tensor] = []
        if self._features is not None:
            with torch.no_grad():
                self._wanted = list(self._features(photo))

    def __call__(self, images: Tensor) -> Tensor:
        """``[N]``."""
        levels = _pyramid(images)
        total = torch.zeros(len(images), dtype=images.dtype, device=images.device)
        if self.weights.pixel:
            total = total + self.weights.pixel * self._pixels(levels)
        if self.weights.structure:
            rest = levels[self._large :]
            likeness = [s(level) for s, level in zip(self._structure, rest, strict=True)]
            total = total + self.weights.structure * (1 - torch.stack(likeness).mean(0))
        if self._features is not None:
            total = total + self.weights.features * self._feature_distance(images)
        return total

    def squared(self, images: Tensor) -> Tensor:
        """Mean squared difference at full size, ``[N]``: what PSNR is made of."""
        return (images - self.photo).square().flatten(1).mean(1)

    def _pixels(self, levels: Sequence[Tensor]) -> Tensor:
        """Squared differences, the mean over full, half, quarter … size."""
        parts = [
            (level - wanted).square().flatten(1).mean(1)
            for level, wanted in zip(levels, self._pyramid, strict=True)
        ]
        return torch.stack(parts).mean(0)

    def _feature_distance(self, images: Tensor) -> Tensor:
        assert self._features is not None
        parts = [
            (maps - wanted).square().sum(1).flatten(1).mean(1)
            for maps, wanted in zip(self._features(images), self._wanted, strict=True)
        ]
        return torch.stack(parts).mean(0)


class _Structure:
    """SSIM with one picture of one size: its own means and variances are taken once."""

    def __init__(self, wanted: Tensor) -> None:
        self._rows, self._columns = (_smoothing(n, wanted) for n in wanted.shape[-2:])
        self._wanted = wanted
        self._mean = self._smooth(wanted)
        self._variance = (self._smooth(wanted * wanted) - self._mean**2).clamp(min=0)

    def __call__(self, images: Tensor) -> Tensor:
        means = self._smooth(torch.cat([images, images * images, images * self._wanted], dim=1))
        mean, square, product = means.chunk(3, dim=1)
        variance = (square - mean * mean).clamp(min=0)
        shared = product - mean * self._mean
        light = (2 * mean * self._mean + _C1) / (mean * mean + self._mean**2 + _C1)
        contrast = (2 * shared + _C2) / (variance + self._variance + _C2)
        return (light * contrast).flatten(1).mean(1)

    def _smooth(self, images: Tensor) -> Tensor:
        return self._rows @ images @ self._columns.t()


def _smoothing(size: int, like: Tensor) -> Tensor:
    """Gaussian means along an axis as a matrix ``[size - 10, size]``: no padding.

    Many small one-channel convolutions take ten times as long as these products.
    """
    half = min(_HALF, (size - 1) // 2)
    x = torch.arange(-half, half + 1, dtype=like.dtype, device=like.device)
    taps = torch.exp(-0.5 * (x / _SIGMA) ** 2)
    matrix = like.new_zeros(size - 2 * half, size)
    for row in range(len(matrix)):
        matrix[row, row : row + len(taps)] = taps / taps.sum()
    return matrix


def _pyramid(images: Tensor) -> list[Tensor]:
    """Full, half, quarter … size, down to 16 pixels."""
    levels = [images]
    while min(levels[-1].shape[-2:]) >= 2 * _SMALLEST:
        levels.append(F.avg_pool2d(levels[-1], 2))
    return levels
