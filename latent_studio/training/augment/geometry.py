"""Affine changes of pictures: matrices of positions, and the one resampling that carries them out.

Matrices ``[N, 3, 3]`` take positions ``(x, y, 1)`` of the *result* to positions of the source, in
pixels from the centre of the picture; they are inverses of what happens to the picture. To append a
change, multiply its matrix from the right.
"""

import math
from functools import lru_cache

import torch
from torch import Tensor

from latent_studio.training.augment.sampling import sample

# Low-pass filter of the orthonormal wavelet sym6 (Daubechies 1992, "Ten lectures on wavelets",
# table 8.3): its shifts by two are orthonormal, so up- and downsampling with it are exact inverses.
_SYM6 = (
    0.015404109327027373,
    0.0034907120842174702,
    -0.11799011114819057,
    -0.048311742585633,
    0.4910559419267466,
    0.787641141030194,
    0.3379294217276218,
    -0.07263752278646252,
    -0.021060292512300564,
    0.04472490177066578,
    0.0017677118642428036,
    -0.007800708325034148,
)
_CENTRE = 5  # the tap nearest to the filter's delay of 5.098 taps


def identity(count: int, device: torch.device) -> Tensor:
    return torch.eye(3, device=device).repeat(count, 1, 1)


def translation(x: Tensor, y: Tensor) -> Tensor:
    """Moves the picture by ``x, y [N]`` pixels to the right and down."""
    one, zero = torch.ones_like(x), torch.zeros_like(x)
    return _matrix((one, zero, -x), (zero, one, -y))


def scaling(x: Tensor, y: Tensor) -> Tensor:
    """Makes the picture ``x, y [N]`` times as large; negative factors mirror it."""
    zero = torch.zeros_like(x)
    return _matrix((1 / x, zero, zero), (zero, 1 / y, zero))


def rotation(angle: Tensor) -> Tensor:
    """Turns the picture by ``angle [N]`` radians, counter-clockwise as one sees it."""
    return _turn(angle.cos(), angle.sin())


def quarter_turns(count: Tensor) -> Tensor:
    """Turns the picture counter-clockwise by ``count [N]`` right angles, without rounding."""
    count = count.remainder(4)
    return _turn((count - 2).abs() - 1, 1 - (count - 1).abs())


def _turn(cosine: Tensor, sine: Tensor) -> Tensor:
    zero = torch.zeros_like(cosine)
    return _matrix((cosine, -sine, zero), (sine, cosine, zero))


def _matrix(*rows: tuple[Tensor, Tensor, Tensor]) -> Tensor:
    x, y = (torch.stack(row, dim=-1) for row in rows)
    last = torch.zeros_like(x)
    last[:, 2].fill_(1)
    return torch.stack([x, y, last], dim=1)


def warp(images: Tensor, matrices: Tensor) -> Tensor:
    """The pictures under ``matrices``, continued beyond their edges by reflection.

    Karras et al. 2020, arXiv:2006.06676, appendix B: upsample by two with an orthogonal low-pass
    filter, sample bilinearly, downsample with the same filter. The identity, mirrored pictures,
    right angles and moves by whole pixels come out exact, up to rounding.

    Parameters
    ----------
    images
        ``[N, C, H, W]``, at least 2 × 2.
    matrices
        ``[N, 3, 3]``, positions of the result to positions of the source.
    """
    dtype, device = images.dtype, images.device
    height, width = images.shape[2:]
    fine = _upsampling(height, dtype, device) @ images @ _upsampling(width, dtype, device).mT
    sampled = sample(fine, _positions(matrices.to(dtype), height, width))
    down_x = _downsampling(width, matrices[:, :2, 0], dtype)
    down_y = _downsampling(height, matrices[:, :2, 1], dtype)
    return down_y[:, None] @ sampled @ down_x[:, None].mT


def _positions(matrices: Tensor, height: int, width: int) -> Tensor:
    """Where each fine sample of the result lies in the fine source: ``[N, 2, h, w]``."""
    source = matrices[:, :2] @ _fine_grid(height, width, matrices.dtype, matrices.device)
    for axis, size in enumerate((width, height)):
        line = source[:, axis].mul_(2).add_(size - 1 + _CENTRE)
        turns = (line / _period(size)).floor_()  # `remainder` is three times as slow
        line.sub_(turns, alpha=_period(size))
    return source.reshape(len(matrices), 2, _fine_size(height), _fine_size(width))


@lru_cache(maxsize=16)
def _fine_grid(height: int, width: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """Positions ``(x, y, 1)`` of the fine samples that downsampling looks at, ``[3, h * w]``."""
    y, x = (
        (torch.arange(_fine_size(size), dtype=dtype) - 1 - _CENTRE) / 2 - (size - 1) / 2
        for size in (height, width)
    )
    y, x = torch.meshgrid(y, x, indexing="ij")
    return torch.stack([x.flatten(), y.flatten(), torch.ones(x.numel(), dtype=dtype)]).to(device)


def _fine_size(size: int) -> int:
    """Samples from -1 to the last tap of the last pixel: both directions of the filter fit."""
    return 2 * (size - 1) + len(_SYM6) + 1


def _period(size: int) -> int:
    """After how many fine samples a line, reflected at both ends, repeats."""
    return 4 * (size - 1)


@lru_cache(maxsize=16)
def _upsampling(size: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """A line of ``size`` pixels to one period of its fine continuation, and a little more.

    As many samples as the next power of two, which keeps sampling exact at whole positions.
    """
    fine = 2 ** math.ceil(math.log2(_period(size) + 1))
    matrix = torch.zeros(fine, size, dtype=torch.float64)
    for row in range(fine):
        for tap, weight in enumerate(_SYM6):
            if (row - tap) % 2 == 0:
                matrix[row, _reflect((row - tap) // 2, size)] += weight * math.sqrt(2)
    return matrix.to(dtype).to(device)


def _reflect(index: int, size: int) -> int:
    index %= 2 * (size - 1)
    return min(index, 2 * (size - 1) - index)


def _downsampling(size: int, direction: Tensor, dtype: torch.dtype) -> Tensor:
    """Fine samples to pixels, ``[N, size, fine]``.

    The filter is not quite symmetric. Where the result runs against the source, it has to be
    reversed to undo the upsampling exactly; ``direction [N, 2]`` is the way in the source that
    belongs to the way to the right (or down) in the result.
    """
    x, y = direction.unbind(1)
    main = torch.where(x.abs() >= y.abs(), x, y)
    forward, backward = _downsampling_pair(size, dtype, direction.device)
    return torch.where((main < 0)[:, None, None], backward, forward)


@lru_cache(maxsize=16)
def _downsampling_pair(
    size: int, dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, Tensor]:
    forward, backward = torch.zeros(2, size, _fine_size(size), dtype=torch.float64).unbind()
    for pixel in range(size):
        for tap, weight in enumerate(_SYM6):
            forward[pixel, 2 * pixel + tap + 1] = weight / math.sqrt(2)
            backward[pixel, 2 * (pixel + _CENTRE) - tap + 1] = weight / math.sqrt(2)
    return forward.to(dtype).to(device), backward.to(dtype).to(device)
