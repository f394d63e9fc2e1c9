"""StyleGAN2 discriminator (Karras et al. 2020, arXiv:1912.04958)."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from latent_studio.errors import OptionError
from latent_studio.models.base import Discriminator, ModelSpec
from latent_studio.models.draws import RandomSource
from latent_studio.models.layers import EqualLinear, MappingNetwork
from latent_studio.models.resample import DEFAULT_FILTER, downsample2d, setup_filter
from latent_studio.models.stylegan2 import (
    all_channels,
    block_resolutions,
    half_of_highest,
)
from latent_studio.models.stylegan2_layers import EqualConv, MinibatchStd

DISCRIMINATOR_ARCHITECTURES = ("resnet", "skip", "orig")


class DiscriminatorBlock(nn.Module):
    """One resolution: maybe fromRGB, a plain and a down-sampling layer."""

    resample_filter: Tensor

    def __init__(
        self,
        in_channels: int,
        tmp_channels: int,
        out_channels: int,
        img_channels: int,
        architecture: str = "resnet",
        activation: str = "lrelu",
        resample_filter: Sequence[float] = DEFAULT_FILTER,
        conv_clamp: float | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__()
        self.architecture = architecture
        f = setup_filter(resample_filter)
        self.register_buffer("resample_filter", f, persistent=False)
        common: dict[str, Any] = {"conv_clamp": conv_clamp, "trainable": trainable}
        acting = {"activation": activation, **common}
        self.has_rgb = in_channels == 0 or architecture == "skip"
        if self.has_rgb:
            self.fromrgb = EqualConv(img_channels, tmp_channels, 1, f, **acting)
        self.conv0 = EqualConv(tmp_channels, tmp_channels, 3, f, **acting)
        self.conv1 = EqualConv(tmp_channels, out_channels, 3, f, down=2, **acting)
        if architecture == "resnet":
            self.skip = EqualConv(
                tmp_channels, out_channels, 1, f, bias=False, down=2, trainable=trainable
            )

    def forward(
        self, x: Tensor | None, img: Tensor | None, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor | None]:
        if self.has_rgb:
            assert img is not None
            y = self.fromrgb(img.to(dtype))
            x = y if x is None else x + y
            skips = self.architecture == "skip"
            img = downsample2d(img, self.resample_filter) if skips else None
        assert x is not None
        x = x.to(dtype)
        if self.architecture == "resnet":
            y = self.skip(x, gain=math.sqrt(0.5))
            return y + self.conv1(self.conv0(x), gain=math.sqrt(0.5)), img
        return self.conv1(self.conv0(x)), img


class DiscriminatorEpilogue(nn.Module):
    """4x4 features to scores ``[N, 1 or cmap_dim]``; always float32."""

    def __init__(
        self,
        in_channels: int,
        cmap_dim: int,
        img_channels: int,
        architecture: str = "resnet",
        mbstd_group_size: int | None = 4,
        mbstd_num_channels: int = 1,
        activation: str = "lrelu",
        conv_clamp: float | None = None,
    ) -> None:
        super().__init__()
        self.cmap_dim, self.architecture = cmap_dim, architecture
        f = setup_filter()
        if architecture == "skip":
            self.fromrgb = EqualConv(img_channels, in_channels, 1, f, activation=activation)
        self.mbstd = (
            MinibatchStd(mbstd_group_size, mbstd_num_channels) if mbstd_num_channels else None
        )
        self.conv = EqualConv(
            in_channels + mbstd_num_channels,
            in_channels,
            3,
            f,
            activation=activation,
            conv_clamp=conv_clamp,
        )
        self.fc = EqualLinear(in_channels * 16, in_channels, activation)
        self.out = EqualLinear(in_channels, cmap_dim or 1)

    def forward(self, x: Tensor, img: Tensor | None, cmap: Tensor | None) -> Tensor:
        x = x.float()
        if self.architecture == "skip":
            x = x + self.fromrgb(img)
        x = x if self.mbstd is None else self.mbstd(x)
        x = self.out(self.fc(self.conv(x).flatten(1)))
        if cmap is None:
            return x
        return (x * cmap).sum(dim=1, keepdim=True) / math.sqrt(self.cmap_dim)


class StyleGAN2Discriminator(Discriminator):
    """Residual, skip or plain discriminator with minibatch standard deviation.

    With ``c_dim`` > 0 the score is the projection onto the mapped class
    (Miyato and Koyama 2018, arXiv:1802.05637).
    """

    def __init__(
        self,
        c_dim: int = 0,
        img_resolution: int = 64,
        img_channels: int = 3,
        architecture: str = "resnet",
        channel_base: int = 32768,
        channel_max: int = 512,
        conv_clamp: float | None = None,
        num_fp16_res: int | None = None,
        cmap_dim: int | None = None,
        block_kwargs: Mapping[str, Any] | None = None,
        mapping_kwargs: Mapping[str, Any] | None = None,
        epilogue_kwargs: Mapping[str, Any] | None = None,
        widths: Sequence[int] | None = None,
    ) -> None:
        super().__init__()
        given = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        if widths is None:  # what says nothing
            del given["widths"]
        self.spec = ModelSpec("stylegan2", given)
        if architecture not in DISCRIMINATOR_ARCHITECTURES:
            known = ", ".join(DISCRIMINATOR_ARCHITECTURES)
            raise OptionError(
                f"Unknown discriminator architecture {architecture!r}; known: {known}."
            )
        self.c_dim, self.num_fp16_res = c_dim, num_fp16_res
        self.resolutions = [r for r in reversed(block_resolutions(img_resolution)) if r > 4]
        sides = [4, *reversed(self.resolutions)]
        channels = dict(
            zip(sides, all_channels(sides, channel_base, channel_max, widths), strict=True)
        )
        options = {"conv_clamp": conv_clamp, **(block_kwargs or {})}
        for r in self.resolutions:
            first = 0 if r == img_resolution else channels[r]
            block = DiscriminatorBlock(
                first, channels[r], channels[r // 2], img_channels, architecture, **options
            )
            self.add_module(f"b{r}", block)
        cmap = 0 if c_dim == 0 else channels[4] if cmap_dim is None else cmap_dim
        if c_dim > 0:
            self.mapping = MappingNetwork(0, c_dim, cmap, w_avg_beta=None, **(mapping_kwargs or {}))
        self.b4 = DiscriminatorEpilogue(
            channels[4],
            cmap,
            img_channels,
            architecture,
            conv_clamp=conv_clamp,
            **(epilogue_kwargs or {}),
        )

    def forward(
        self,
        img: Tensor,
        c: Tensor | None = None,
        *,
        generator: RandomSource | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        x: Tensor | None = None
        picture: Tensor | None = img.contiguous(memory_format=torch.channels_last)
        for rank, r in enumerate(self.resolutions):
            block_dtype = half_of_highest(rank, self.num_fp16_res, dtype)
            x, picture = getattr(self, f"b{r}")(x, picture, block_dtype)
        assert x is not None
        cmap = self.mapping(None, c) if self.c_dim > 0 else None
        scores: Tensor = self.b4(x, picture, cmap)
        return scores
