"""Layers of R3GAN (Huang et al. 2024, arXiv:2501.05441) and the plan of its stages."""

import math
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.errors import OptionError
from latent_studio.models.resample import downsample2d, setup_filter, upsample2d
from latent_studio.models.stylegan2 import block_resolutions

_SLOPE = 0.2
# Keeps the second moment through a leaky ReLU (He et al. 2015, arXiv:1502.01852).
ACTIVATION_GAIN = math.sqrt(2 / (1 + _SLOPE**2))
BILINEAR = (1, 2, 1)
_CONVS_A_BLOCK = 3


class MSRConv(nn.Module):
    """Convolution that keeps the size, with weights ``gain / sqrt(fan_in)`` wide at the start."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int = 1,
        groups: int = 1,
        gain: float = 1.0,
        bias: bool = False,
    ) -> None:
        super().__init__()
        self.groups, self.gain, self.padding = groups, gain, kernel // 2
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels // groups, kernel, kernel))
        self.bias = nn.Parameter(torch.empty(out_channels)) if bias else None

    def initialise(self, generator: torch.Generator) -> None:
        if self.gain:
            std = self.gain / math.sqrt(self.weight[0].numel())
            nn.init.normal_(self.weight, std=std, generator=generator)
        else:
            nn.init.zeros_(self.weight)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight, self.bias, padding=self.padding, groups=self.groups)


class ResidualBlock(nn.Module):
    """``x`` plus 1x1 up to ``expansion`` times the width, grouped 3x3, 1x1 back.

    Parameters
    ----------
    num_blocks
        Blocks of the whole network: each may add only its share to the variance.
    """

    def __init__(self, channels: int, expansion: int, group_size: int, num_blocks: int) -> None:
        super().__init__()
        inner = channels * expansion
        if inner % group_size:
            raise OptionError(
                f"'group_size' is {group_size}, which does not divide the {inner} inner channels "
                "of a block. Choose a divisor."
            )
        gain = ACTIVATION_GAIN * num_blocks ** (-1 / (2 * _CONVS_A_BLOCK - 2))
        self.conv0 = MSRConv(channels, inner, gain=gain, bias=True)
        self.conv1 = MSRConv(inner, inner, 3, inner // group_size, gain=gain, bias=True)
        self.conv2 = MSRConv(inner, channels, gain=0.0)

    def forward(self, x: Tensor) -> Tensor:
        y = F.leaky_relu(self.conv0(x), _SLOPE)
        y = F.leaky_relu(self.conv1(y), _SLOPE)
        result: Tensor = x + self.conv2(y)
        return result


class Stage(nn.Module):
    """The residual blocks of one resolution, with a change of resolution before or behind.

    Parameters
    ----------
    in_channels, out_channels
        When they differ, a 1x1 convolution at the lower resolution changes the width.
    scale
        2 doubles the resolution first, 0.5 halves it at the end, 1 keeps it.
    """

    resample_filter: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        scale: float,
        num_blocks: int,
        block: dict[str, Any],
        resample_filter: Sequence[float],
    ) -> None:
        super().__init__()
        self.scale = scale
        self.register_buffer("resample_filter", setup_filter(resample_filter), persistent=False)
        width = in_channels if scale < 1 else out_channels
        widens = in_channels != out_channels
        self.widen = MSRConv(in_channels, out_channels) if widens else nn.Identity()
        self.blocks = nn.ModuleList(ResidualBlock(width, **block) for _ in range(num_blocks))

    def forward(self, x: Tensor) -> Tensor:
        if self.scale > 1:
            x = upsample2d(self.widen(x), self.resample_filter)
        for block in self.blocks:
            x = block(x)
        return self.widen(downsample2d(x, self.resample_filter)) if self.scale < 1 else x


class GenerativeBasis(nn.Module):
    """``[N, in]`` to ``[N, C, 4, 4]``: learned 4x4 pictures, each times a learned mix of z."""

    def __init__(self, in_features: int, channels: int) -> None:
        super().__init__()
        self.basis = nn.Parameter(torch.empty(channels, 4, 4))
        self.weight = nn.Parameter(torch.empty(channels, in_features))

    def initialise(self, generator: torch.Generator) -> None:
        nn.init.normal_(self.basis, generator=generator)
        nn.init.normal_(self.weight, std=self.weight.shape[1] ** -0.5, generator=generator)

    def forward(self, z: Tensor) -> Tensor:
        return self.basis * F.linear(z, self.weight)[:, :, None, None]


class DiscriminativeBasis(nn.Module):
    """``[N, C, 4, 4]`` to ``[N, out]``: each channel weighed by a learned 4x4 picture, then mixed.

    The mirror image of :class:`GenerativeBasis`.
    """

    def __init__(self, channels: int, out_features: int) -> None:
        super().__init__()
        self.basis = nn.Parameter(torch.empty(channels, 4, 4))
        self.weight = nn.Parameter(torch.empty(out_features, channels))

    def initialise(self, generator: torch.Generator) -> None:
        nn.init.normal_(self.basis, std=1 / 4, generator=generator)
        nn.init.normal_(self.weight, std=self.weight.shape[1] ** -0.5, generator=generator)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear((x * self.basis).sum(dim=(2, 3)), self.weight)


def stage_widths(
    resolution: int, channel_base: int, channel_max: int, widths: Sequence[int] | None
) -> list[int]:
    """Channels at 4, 8, ... ``resolution``.

    Raises
    ------
    OptionError
        If ``widths`` are given but not one a resolution.
    """
    resolutions = block_resolutions(resolution)
    if widths is None:
        return [max(1, min(channel_base // r, channel_max)) for r in resolutions]
    if len(widths) != len(resolutions):
        raise OptionError(
            f"'widths' are {len(widths)}, but {resolution}x{resolution} pictures have "
            f"{len(resolutions)} stages (4, 8, ... {resolution})."
        )
    return list(widths)


def stage_blocks(blocks: int | Sequence[int], stages: int) -> list[int]:
    """Residual blocks at 4, 8, ...: one number for all stages, or one each.

    Raises
    ------
    OptionError
        If they are not one a stage, or there is none at all.
    """
    counts = [blocks] * stages if isinstance(blocks, int) else list(blocks)
    if len(counts) != stages or min(counts) < 0 or sum(counts) == 0:
        raise OptionError(f"'blocks' is one number from 1, or one for each of {stages} stages.")
    return counts


class StagePlan:
    """Stages of either network, from the arguments that both have."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.widths = stage_widths(
            config["resolution"], config["channel_base"], config["channel_max"], config["widths"]
        )
        self.counts = stage_blocks(config["blocks"], len(self.widths))
        self.filter = config["resample_filter"]
        self.block = {
            "expansion": config["expansion"],
            "group_size": config["group_size"],
            "num_blocks": sum(self.counts),
        }

    def stage(self, index: int, narrower: int, scale: float) -> Stage:
        """The stage of index 0 (4x4) and up; ``narrower`` are the channels on its other side."""
        width = self.widths[index]
        pair = (narrower, width) if scale >= 1 else (width, narrower)
        return Stage(*pair, scale, self.counts[index], self.block, self.filter)
