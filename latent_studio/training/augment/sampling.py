"""Bilinear sampling that can be differentiated any number of times by the pictures.

``torch.nn.functional.grid_sample`` can't on the older releases of torch: its backward pass has no
derivative there. Sampling is linear in the pictures, so that two operations, it and its transpose,
are each other's derivative and nothing else is needed. Positions are constants here.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import grid_sample


def sample(images: Tensor, positions: Tensor) -> Tensor:
    """Values of ``images`` between their pixels.

    Parameters
    ----------
    images
        ``[N, C, H, W]``.
    positions
        ``[N, 2, h, w]``: x in pixels from 0 to W - 1, y from 0 to H - 1. Whole numbers give pixels
        exactly where H and W are powers of two.

    Returns
    -------
    Tensor
        ``[N, C, h, w]``.
    """
    if images.device.type == "mps":  # has no transpose of its own
        return sample_by_index(images, positions)
    height, width = images.shape[2:]
    grid = torch.empty_like(positions)
    for axis, size in enumerate((width, height)):
        torch.mul(positions[:, axis], 2 / size, out=grid[:, axis]).add_(1 / size - 1)
    return _Sample.apply(images, grid.permute(0, 2, 3, 1))  # type: ignore[no-any-return]


def sample_by_index(images: Tensor, positions: Tensor) -> Tensor:
    """:func:`sample` of positions inside the picture, made of indexing: slower, works anywhere."""
    count, channels, height, width = images.shape
    corner = positions.floor()
    share_x, share_y = (positions - corner).reshape(count, 2, 1, -1).unbind(1)
    x, y = corner.long().reshape(count, 2, -1).unbind(1)
    flat = images.reshape(count, channels, -1)

    def pixels(dx: int, dy: int) -> Tensor:
        index = (y + dy).clamp(0, height - 1) * width + (x + dx).clamp(0, width - 1)
        return flat.gather(2, index[:, None].expand(-1, channels, -1))

    above = torch.lerp(pixels(0, 0), pixels(1, 0), share_x)
    below = torch.lerp(pixels(0, 1), pixels(1, 1), share_x)
    return torch.lerp(above, below, share_y).reshape(count, channels, *positions.shape[2:])


class _Sample(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, images: Tensor, grid: Tensor) -> Tensor:
        ctx.save_for_backward(grid)
        ctx.shape = images.shape
        return grid_sample(images, grid, "bilinear", "zeros", align_corners=False)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        (grid,) = ctx.saved_tensors
        return _Spread.apply(grad, grid, ctx.shape), None


class _Spread(torch.autograd.Function):
    """The transpose of :class:`_Sample`."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, grid: Tensor, shape: torch.Size) -> Tensor:
        ctx.save_for_backward(grid)
        like = values.new_empty(shape)  # only its shape counts
        bilinear, zeros = 0, 0  # as the operator numbers its modes
        spread: Tensor
        spread, _ = torch.ops.aten.grid_sampler_2d_backward(
            values, like, grid, bilinear, zeros, False, [True, False]
        )
        return spread

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        (grid,) = ctx.saved_tensors
        return _Sample.apply(grad, grid), None, None
