"""Structural similarity of pictures, at one scale and at several.

SSIM: Wang et al. 2004 (IEEE Transactions on Image Processing 13, p. 600). MS-SSIM: Wang, Simoncelli
and Bovik 2003 (Asilomar Conference, p. 1398). Odena et al. 2017 (arXiv:1610.09585) use the mean
MS-SSIM of pairs of made pictures as a measure of (missing) diversity.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.mailbox import StopToken

# Exponents of the scales, full resolution first.
WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
_SPAN = 10  # widest window less one
_PAIRS_AT_ONCE = 32


@dataclass(frozen=True)
class Window:
    """Where local statistics are taken.

    A Gaussian of deviation ``sigma`` cut at 3.5 sigma, or a square of ``size`` (odd) equal weights.
    """

    sigma: float = 1.5
    size: int | None = None

    @property
    def half(self) -> int:
        """Pixels on each side of the middle; pictures are reflected so far beyond their border."""
        return int(3.5 * self.sigma + 0.5) if self.size is None else self.size // 2

    def taps(self, like: Tensor) -> Tensor:
        """The window along one axis, adding up to 1."""
        if self.size is not None:
            return torch.full((self.size,), 1 / self.size, dtype=like.dtype, device=like.device)
        x = torch.arange(-self.half, self.half + 1, dtype=like.dtype, device=like.device)
        taps = torch.exp(-0.5 * (x / self.sigma) ** 2)
        return taps / taps.sum()


GAUSSIAN = Window()
Clamping = Literal["relu", "simple"] | None


def ssim(
    x: Tensor,
    y: Tensor,
    data_range: float = 255.0,
    *,
    window: Window = GAUSSIAN,
    k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:
    """Similarity of pairs of pictures ``[N, C, H, W]``: ``[N]``, 1 for equal ones.

    The mean over all pixels and channels; calculated in the type of ``x`` (give float64).

    Raises
    ------
    OptionError
        If the pictures differ in size or are smaller than half the window.
    """
    _check(x, y, window)
    full, _ = _similarity(x, y, window, (k1 * data_range) ** 2, (k2 * data_range) ** 2)
    return full.flatten(1).mean(1)


def ms_ssim(
    x: Tensor,
    y: Tensor,
    data_range: float = 255.0,
    *,
    weights: Sequence[float] | None = None,
    window: Window = GAUSSIAN,
    clamping: Clamping = "relu",
    k1: float = 0.01,
    k2: float = 0.03,
) -> Tensor:
    """Similarity over several scales, each half the size of the one before: ``[N]``.

    Parameters
    ----------
    x, y
        Pictures ``[N, C, H, W]``; calculated in the type of ``x``.
    weights
        Exponents, one a scale; None takes as many scales as the pictures allow
        (:func:`scales_for`).
    clamping
        Scales that are below 0 have no root: ``relu`` takes 0, ``simple`` maps v to (v + 1) / 2,
        None lets them be nan.

    Raises
    ------
    OptionError
        If the pictures differ in size or are too small for so many scales.
    """
    _check(x, y, window)
    weights = weights_for(scales_for(min(x.shape[-2:]))) if weights is None else weights
    _check_scales(min(x.shape[-2:]), len(weights))
    c1, c2 = (k1 * data_range) ** 2, (k2 * data_range) ** 2
    product = torch.ones(len(x), dtype=x.dtype, device=x.device)
    for scale, weight in enumerate(weights):
        if scale:
            x, y = F.avg_pool2d(x, 2), F.avg_pool2d(y, 2)
        full, contrast = _similarity(x, y, window, c1, c2)
        inner = slice(window.half, -window.half)
        value = full if scale == len(weights) - 1 else contrast[..., inner, inner]
        # Exponents are single precision, as in the published programs.
        product = product * _clamped(value.flatten(1).mean(1), clamping) ** float(
            np.float32(weight)
        )
    return product


def scales_for(side: int) -> int:
    """How many scales pictures allow: 5 from 161 pixels, 4 from 91, 3 from 41, 2 from 12."""
    scales = min(len(WEIGHTS), 1 + math.isqrt(max(0, side - 1) // _SPAN))
    return 1 if side >> (scales - 1) <= GAUSSIAN.half else scales


def weights_for(scales: int) -> tuple[float, ...]:
    """Exponents of the first ``scales`` scales, adding up to 1."""
    if scales == len(WEIGHTS):
        return WEIGHTS
    total = sum(WEIGHTS[:scales])
    return tuple(weight / total for weight in WEIGHTS[:scales])


def ms_ssim_name(side: int) -> str:
    """``ms-ssim``, or with fewer than five scales ``ms-ssim-3``: they are not to be compared."""
    scales = scales_for(side)
    return "ms-ssim" if scales == len(WEIGHTS) else f"ms-ssim-{scales}"


def mean_pair_similarity(
    images: np.ndarray,
    pairs: int,
    seed: int = 0,
    *,
    measure: Callable[[Tensor, Tensor], Tensor] = ms_ssim,
    token: StopToken | None = None,
) -> float:
    """Mean similarity of random pairs of different pictures of a set, uint8 ``[N, C, H, W]``.

    ``measure`` is :func:`ms_ssim` or :func:`ssim`. Near 1 where all pictures are alike; compare it
    with that of real pictures.

    Raises
    ------
    OptionError
        If there are fewer than two pictures, or they are too small.
    Cancelled
        If the token is stopped.
    """
    if len(images) < 2:
        raise OptionError("Similarity within a set needs at least 2 pictures.")
    rng = np.random.default_rng(seed)
    first = rng.integers(0, len(images), pairs)
    second = (first + rng.integers(1, len(images), pairs)) % len(images)
    total = 0.0
    for start in range(0, pairs, _PAIRS_AT_ONCE):
        if token is not None:
            token.checkpoint()
        some = slice(start, start + _PAIRS_AT_ONCE)
        x, y = (torch.from_numpy(images[numbers[some]]).double() for numbers in (first, second))
        total += float(measure(x, y).sum())
    return total / pairs


def _similarity(
    x: Tensor, y: Tensor, window: Window, c1: float, c2: float
) -> tuple[Tensor, Tensor]:
    """Maps of the whole similarity and of its contrast and structure part."""
    means = _smooth(torch.cat([x, y, x * x, y * y, x * y]), window)
    mx, my, xx, yy, xy = means.chunk(5)
    variances = (xx - mx * mx).clamp(min=0) + (yy - my * my).clamp(min=0)
    contrast = (2 * (xy - mx * my) + c2) / (variances + c2)
    return (2 * mx * my + c1) / (mx * mx + my * my + c1) * contrast, contrast


def _smooth(images: Tensor, window: Window) -> Tensor:
    """Weighted means round every pixel, one axis after the other."""
    taps, half = window.taps(images), window.half
    flat = F.pad(images.flatten(0, 1).unsqueeze(1), (half,) * 4, mode="reflect")
    flat = F.conv2d(F.conv2d(flat, taps.view(1, 1, 1, -1)), taps.view(1, 1, -1, 1))
    return flat.view(*images.shape[:2], *flat.shape[-2:])


def _clamped(values: Tensor, clamping: Clamping) -> Tensor:
    if clamping == "relu":
        return values.clamp(min=0)
    return (values + 1) / 2 if clamping == "simple" else values


def _check(x: Tensor, y: Tensor, window: Window) -> None:
    if x.ndim != 4 or x.shape != y.shape or not x.is_floating_point():
        raise OptionError("Similarity needs two sets of float pictures [N, C, H, W] of one size.")
    if min(x.shape[-2:]) <= window.half:
        raise OptionError(f"Similarity needs pictures of more than {window.half} pixels.")


def _check_scales(side: int, scales: int) -> None:
    needed = _SPAN * (scales - 1) ** 2
    if not scales or side <= needed:
        raise OptionError(
            f"{scales} scales need pictures of more than {needed} pixels, these have {side}; "
            f"take {scales_for(side)}."
        )
