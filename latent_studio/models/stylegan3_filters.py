"""Filters of StyleGAN3: their design and the filtered nonlinearity (arXiv:2106.12423).

A nonlinearity makes frequencies that the sampling rate cannot hold; they would fold back as detail
that sticks to the pixel grid. It is therefore applied at a higher rate, between two low-pass
filters that also change the rate.

Filters run as depthwise convolutions, along one axis after the other where they are separable:
a strided transposed one up, so that no zero is ever multiplied, and a strided one down. Both are
several times faster on channels-last memory, and each is the other's derivative.
"""

import math
from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

SQRT2 = math.sqrt(2.0)


def design_lowpass(
    taps: int, cutoff: float, width: float, rate: float, radial: bool = False
) -> Tensor | None:
    """A Kaiser-windowed low-pass filter with unit gain at frequency zero (appendix C).

    Parameters
    ----------
    taps
        Length; with 1 there is no filter.
    cutoff, width, rate
        Middle of the transition band, its full width and the sampling rate of the signal that is
        filtered, all in cycles per unit of length.
    radial
        A rotationally symmetric 2-D filter, not separable, instead of a 1-D one.

    Returns
    -------
    Tensor | None
        float32 ``[taps]`` or ``[taps, taps]``.
    """
    if taps == 1:
        return None
    positions = (np.arange(taps) - (taps - 1) / 2) / rate
    window = np.kaiser(taps, _kaiser_beta(taps, 2 * width / rate))
    if radial:
        response = _jinc(np.hypot(*np.meshgrid(positions, positions)), cutoff)
        response = response * np.outer(window, window)
    else:
        response = np.sinc(2 * cutoff * positions) * window
    return torch.from_numpy((response / response.sum()).astype(np.float32))


def _kaiser_beta(taps: int, width: float) -> float:
    """Shape of the window for a transition band of ``width``, 1 being the Nyquist frequency.

    Kaiser's estimate of the attenuation (dB) that so many taps reach, and the shape for it
    (Kaiser 1974; Oppenheim and Schafer, *Discrete-Time Signal Processing*, section 7.5).
    """
    attenuation = 2.285 * (taps - 1) * math.pi * width + 7.95
    if attenuation > 50:
        return 0.1102 * (attenuation - 8.7)
    if attenuation > 21:
        return float(0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21))
    return 0.0


def _jinc(radius: np.ndarray, cutoff: float) -> np.ndarray:
    """Response of the ideal circular low-pass filter, up to a factor."""
    argument = 2 * math.pi * cutoff * radius
    bessel = torch.special.bessel_j1(torch.from_numpy(argument)).numpy()
    centre = argument == 0
    return np.where(centre, 0.5, bessel / np.where(centre, 1.0, argument))


def filtered_lrelu(
    x: Tensor,
    fu: Tensor | None = None,
    fd: Tensor | None = None,
    b: Tensor | None = None,
    up: int = 1,
    down: int = 1,
    padding: int | Sequence[int] = 0,
    gain: float = SQRT2,
    slope: float = 0.2,
    clamp: float | None = None,
    flip_filter: bool = False,
) -> Tensor:
    """Bias, up-sampling, leaky ReLU, gain, clamp, down-sampling.

    Parameters
    ----------
    x
        ``[N, C, H, W]``.
    fu, fd
        Filters ``[k]`` (along both axes) or ``[k, k]`` of the two changes of rate, or None.
    b
        Bias ``[C]``.
    padding
        One number or left, right, top and bottom, counted at the up-sampled rate; negative crops.
    flip_filter
        False: true convolution; True: correlation.
    """
    if b is not None:
        x = x + b.to(x.dtype)[:, None, None]
    # Leaky ReLU is positively homogeneous: the gain behind it costs nothing within the filter.
    x = upsample(x, fu, up, padding, gain * up**2, flip_filter)
    x = cast(Tensor, _Bend.apply(x, slope, clamp))
    return downsample(x, fd, down, flip_filter)


class _Bend(torch.autograd.Function):
    """Leaky ReLU and clamp in place.

    The result tells where either is bent, so it is all that the derivative keeps: a training step
    holds one tensor of the inner rate for a layer instead of three, and allocates none. The
    derivative is made of differentiable operators, so that penalties on gradients work.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, slope: float, clamp: float | None) -> Tensor:
        if slope != 1:
            F.leaky_relu_(x, slope)
        if clamp is not None:
            x.clamp_(-clamp, clamp)
        ctx.mark_dirty(x)
        ctx.save_for_backward(x)
        ctx.slope, ctx.clamp = slope, clamp
        return x

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        (y,) = ctx.saved_tensors
        y = y.detach()  # piecewise linear: its place does not change the slope
        if ctx.clamp is not None:
            grad = torch.ops.aten.hardtanh_backward(grad, y, -ctx.clamp, ctx.clamp)
        if ctx.slope != 1:
            grad = torch.ops.aten.leaky_relu_backward(grad, y, ctx.slope, True)
        return grad, None, None


def upsample(
    x: Tensor,
    f: Tensor | None,
    up: int,
    padding: int | Sequence[int] = 0,
    gain: float = 1.0,
    flip_filter: bool = False,
) -> Tensor:
    """Zero-stuff by ``up``, pad (or crop), filter with ``f``; the result is a new tensor.

    Along an axis of length n come out ``n * up + padding - len(f) + 1`` values.
    """
    left, right, top, bottom = [padding] * 4 if isinstance(padding, int) else padding
    if f is None:
        if up == 1:
            return F.pad(x, [left, right, top, bottom]) * gain
        f = torch.ones(1, device=x.device)
    f = f.flip(list(range(f.ndim))) if flip_filter else f
    # A whole transposed convolution starts with the filter's first tap on the first value.
    last, least = f.shape[-1] - 1, f.shape[-1] - up
    across, along = (last - left, least - right), (last - top, least - bottom)
    if f.ndim == 2:
        return _transposed(x, f * gain, (up, up), along, across)
    f = f * math.sqrt(gain)
    x = _transposed(x, f[None, :], (1, up), (0, 0), across)
    return _transposed(x, f[:, None], (up, 1), along, (0, 0))


def downsample(x: Tensor, f: Tensor | None, down: int, flip_filter: bool = False) -> Tensor:
    """Filter ``x`` with ``f`` without padding, keep every ``down``-th value."""
    if f is None:
        return x if down == 1 else x[:, :, ::down, ::down]
    f = f if flip_filter else f.flip(list(range(f.ndim)))
    if f.ndim == 2:
        return F.conv2d(x, _per_channel(f, x), stride=down, groups=x.shape[1])
    x = F.conv2d(x, _per_channel(f[None, :], x), stride=(1, down), groups=x.shape[1])
    return F.conv2d(x, _per_channel(f[:, None], x), stride=(down, 1), groups=x.shape[1])


def _per_channel(kernel: Tensor, x: Tensor) -> Tensor:
    return kernel.to(x.dtype).expand(x.shape[1], 1, -1, -1)


def _transposed(
    x: Tensor,
    kernel: Tensor,
    stride: tuple[int, int],
    along: tuple[int, int],
    across: tuple[int, int],
) -> Tensor:
    """Depthwise transposed convolution, cropped at the ends of both axes.

    Crops are ``(before, after)`` of the vertical and of the horizontal axis; negative ones pad.
    """
    even = max(0, min(along)), max(0, min(across))
    x = F.conv_transpose2d(
        x, _per_channel(kernel, x), stride=stride, padding=even, groups=x.shape[1]
    )
    left = [even[1] - n for n in across] + [even[0] - n for n in along]
    return F.pad(x, left) if any(left) else x
