"""FIR resampling: pad, up-sample, filter, down-sample.

The conventions are those of StyleGAN2 (Karras et al. 2020, arXiv:1912.04958): padding is measured
on the zero-stuffed picture in the order left, right, top, bottom, negative padding crops, a filter
is applied as a true convolution, and ``gain`` multiplies the result once.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

Pair: TypeAlias = int | Sequence[int]
DEFAULT_FILTER = (1, 3, 3, 1)


def setup_filter(taps: Sequence[float] | Sequence[Sequence[float]] = DEFAULT_FILTER) -> Tensor:
    """A normalised 2-D filter ``[kh, kw]`` (float32) from 1-D or 2-D taps."""
    values = np.asarray(taps, dtype=np.float64)
    if values.ndim == 1:
        values = np.outer(values, values)
    return torch.from_numpy((values / values.sum()).astype(np.float32))


def _pair(value: Pair) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _quad(padding: Pair) -> tuple[int, int, int, int]:
    if isinstance(padding, int):
        return (padding, padding, padding, padding)
    if len(padding) == 2:
        return (padding[0], padding[0], padding[1], padding[1])
    return (padding[0], padding[1], padding[2], padding[3])


def _zero_stuff(x: Tensor, up: tuple[int, int]) -> Tensor:
    up_x, up_y = up
    if up_x == up_y == 1:
        return x
    n, c, h, w = x.shape
    x = x.reshape(n, c, h, 1, w, 1)
    x = F.pad(x, [0, up_x - 1, 0, 0, 0, up_y - 1])
    return x.reshape(n, c, h * up_y, w * up_x)


def _depthwise(
    x: Tensor,
    kernel: Tensor,
    stride: tuple[int, int] = (1, 1),
    padding: tuple[int, int] = (0, 0),
) -> Tensor:
    """Correlate each channel of ``x`` with ``kernel`` ``[kh, kw]``; pairs are ``(y, x)``."""
    channels = x.shape[1]
    weight = kernel.to(x.dtype).expand(channels, 1, *kernel.shape)
    return F.conv2d(x, weight, stride=stride, padding=padding, groups=channels)


def _pad(x: Tensor, padding: tuple[int, int, int, int]) -> tuple[Tensor, tuple[int, int]]:
    """Pad or crop, but leave symmetric padding ``(y, x)`` to the convolution: one copy less."""
    left, right, top, bottom = padding
    if left == right >= 0 and top == bottom >= 0:
        return x, (top, left)
    return F.pad(x, list(padding)), (0, 0)


def upfirdn2d(
    x: Tensor,
    f: Tensor | None,
    up: Pair = 1,
    down: Pair = 1,
    padding: Pair = 0,
    flip_filter: bool = False,
    gain: float = 1.0,
) -> Tensor:
    """Pad, zero-stuff by ``up``, filter with ``f``, keep every ``down``-th pixel.

    Parameters
    ----------
    x
        ``[N, C, H, W]``.
    f
        ``[kh, kw]``, ``[k]`` (applied along x and y) or None (identity).
    up, down
        Factor, or ``(x, y)``.
    padding
        One number, ``(x, y)`` or ``(left, right, top, bottom)``; negative crops.
    flip_filter
        False: true convolution; True: correlation.
    """
    stride = _pair(down)
    x, (pad_y, pad_x) = _pad(_zero_stuff(x, _pair(up)), _quad(padding))
    kernel = torch.ones(1, 1, device=x.device) if f is None else f
    if not flip_filter:
        kernel = kernel.flip(list(range(kernel.ndim)))
    if kernel.ndim == 2:
        return _depthwise(x, kernel * gain, (stride[1], stride[0]), (pad_y, pad_x))
    kernel = kernel * gain**0.5
    x = _depthwise(x, kernel[None, :], (1, stride[0]), (0, pad_x))
    return _depthwise(x, kernel[:, None], (stride[1], 1), (pad_y, 0))


def doubling_phases(f: Tensor) -> Tensor:
    """A filter ``[4, 4]`` that doubles the size, as four filters of the small picture.

    Their results ``[4, 1, 3, 3]``, interleaved, are the large picture: no multiplication meets a
    zero that was only stuffed in, and nothing is stuffed.
    """
    # Output 2i + p gathers input i + d through tap p + 1 - 2d; tap 4 stands for none.
    taps = torch.tensor([[3, 1, 4], [4, 2, 0]], device=f.device).flatten()
    padded = F.pad(f * 4, (0, 1, 0, 1))
    phases = padded[taps][:, taps].reshape(2, 3, 2, 3)
    return phases.transpose(1, 2).reshape(4, 1, 3, 3)


def upsample2d(x: Tensor, f: Tensor, up: int = 2) -> Tensor:
    """Enlarge by ``up``, keeping positions and mean."""
    if up == 2 and f.shape == (4, 4):
        channels = x.shape[1]
        weight = doubling_phases(f).to(x.dtype).repeat(channels, 1, 1, 1)
        return F.pixel_shuffle(F.conv2d(x, weight, padding=1, groups=channels), 2)
    height, width = f.shape
    before = (width + up - 1) // 2, (height + up - 1) // 2
    after = (width - up) // 2, (height - up) // 2
    padding = (before[0], after[0], before[1], after[1])
    return upfirdn2d(x, f, up=up, padding=padding, gain=float(up * up))


def downsample2d(x: Tensor, f: Tensor, down: int = 2) -> Tensor:
    """Shrink by ``down``, keeping positions and mean."""
    height, width = f.shape
    before = (width - down + 1) // 2, (height - down + 1) // 2
    after = (width - down) // 2, (height - down) // 2
    return upfirdn2d(x, f, down=down, padding=(before[0], after[0], before[1], after[1]))


def _resample_padding(padding: Pair, f: Tensor | None, up: int, down: int) -> list[int]:
    """Padding of the zero-stuffed picture that centres the filter."""
    left, right, top, bottom = _quad(padding)
    height, width = (1, 1) if f is None else (f.shape[0], f.shape[-1])
    if up > 1:
        left, right = left + (width + up - 1) // 2, right + (width - up) // 2
        top, bottom = top + (height + up - 1) // 2, bottom + (height - up) // 2
    if down > 1:
        left, right = left + (width - down + 1) // 2, right + (width - down) // 2
        top, bottom = top + (height - down + 1) // 2, bottom + (height - down) // 2
    return [left, right, top, bottom]


def _transposed(x: Tensor, w: Tensor, up: int, groups: int) -> Tensor:
    """Full true convolution of the zero-stuffed ``x`` with ``w`` ``[O, I / groups, k, k]``."""
    out, inner, kh, kw = w.shape
    w = w.reshape(groups, out // groups, inner, kh, kw).transpose(1, 2)
    w = w.reshape(groups * inner, out // groups, kh, kw)
    return F.conv_transpose2d(x, w, stride=up, groups=groups)


def conv2d_resample(
    x: Tensor,
    w: Tensor,
    f: Tensor | None = None,
    up: int = 1,
    down: int = 1,
    padding: Pair = 0,
    groups: int = 1,
    flip_weight: bool = True,
    flip_filter: bool = False,
) -> Tensor:
    """Convolve and resample in one go, in the cheapest order.

    Parameters
    ----------
    x, w
        ``[N, I, H, W]`` and ``[O, I / groups, kh, kw]``.
    f
        Filter of the resampling, None for plain zero-stuffing or decimation; unused where neither
        ``up`` nor ``down`` is above 1, and used twice where both are.
    padding
        Measured on the up-sampled picture, in addition to what centres the filter.
    flip_weight
        True: correlation, as ``torch.nn.functional.conv2d``; False: true convolution.
    """
    kh, kw = w.shape[2:]
    pad = _resample_padding(padding, f, up, down)
    if up > 1 and down == 1 and kh == kw == 1:
        x = F.conv2d(x, w, groups=groups)
        return upfirdn2d(x, f, up, down, pad, flip_filter, float(up * up))
    if down > 1 and up == 1 and kh == kw == 1:
        x = upfirdn2d(x, f, 1, down, pad, flip_filter)
        return F.conv2d(x, w, groups=groups)
    if up > 1:
        w = w.flip([2, 3]) if flip_weight else w
        x = _transposed(x, w, up, groups)
        # The transposed convolution has padded by kernel - 1 already, and left out the
        # up - 1 zeros after the last pixel.
        pad = [pad[0] - kw + 1, pad[1] - kw + up, pad[2] - kh + 1, pad[3] - kh + up]
        x = upfirdn2d(x, f, 1, 1, pad, flip_filter, float(up * up))
        return upfirdn2d(x, f, 1, down, 0, flip_filter) if down > 1 else x
    w = w if flip_weight else w.flip([2, 3])
    x = upfirdn2d(x, f, 1, 1, pad, flip_filter) if down > 1 else F.pad(x, pad)
    return F.conv2d(x, w, stride=down, groups=groups)
