"""DCGAN for any power of two from 8 (Radford, Metz and Chintala 2016, arXiv:1511.06434)."""

import itertools
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.errors import OptionError
from latent_studio.models.base import Capabilities, Discriminator, Generator, ModelSpec


class PlainConv(nn.Module):
    """4x4 convolution without bias, strided down or (``transposed``) up by two."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int = 2,
        padding: int = 1,
        transposed: bool = False,
    ) -> None:
        super().__init__()
        pair = (in_channels, out_channels) if transposed else (out_channels, in_channels)
        self.stride, self.padding, self.transposed = stride, padding, transposed
        self.weight = nn.Parameter(torch.empty(*pair, 4, 4))

    def initialise(self, generator: torch.Generator) -> None:
        nn.init.normal_(self.weight, std=0.02, generator=generator)

    def forward(self, x: Tensor) -> Tensor:
        apply = F.conv_transpose2d if self.transposed else F.conv2d
        return apply(x, self.weight, stride=self.stride, padding=self.padding)


class BatchNorm(nn.BatchNorm2d):
    """Batch normalisation whose gain starts around one, as the paper has it."""

    def initialise(self, generator: torch.Generator) -> None:
        nn.init.normal_(self.weight, 1.0, 0.02, generator=generator)
        nn.init.zeros_(self.bias)


def _doublings(resolution: int) -> int:
    """How often 4 is doubled to reach ``resolution``."""
    if resolution < 8 or resolution & (resolution - 1):
        raise OptionError(f"DCGAN needs a power of two from 8 as resolution, not {resolution}.")
    return resolution.bit_length() - 3


class DCGANGenerator(Generator):
    """Transposed convolutions from 4x4 up, batch norm, ReLU, tanh.

    Parameters
    ----------
    base_channels
        Channels of the largest hidden layer; each smaller one has twice as many, up to
        ``max_channels``.
    """

    def __init__(
        self,
        resolution: int = 64,
        channels: int = 3,
        z_dim: int = 128,
        base_channels: int = 64,
        max_channels: int = 512,
    ) -> None:
        super().__init__()
        config: dict[str, Any] = {
            "resolution": resolution,
            "channels": channels,
            "z_dim": z_dim,
            "base_channels": base_channels,
            "max_channels": max_channels,
        }
        self.spec = ModelSpec("dcgan", config)
        self.capabilities = Capabilities(resolution, channels, z_dim)
        n = _doublings(resolution)
        widths = [min(base_channels << (n - 1 - i), max_channels) for i in range(n)]
        self.stem = PlainConv(z_dim, widths[0], stride=1, padding=0, transposed=True)
        self.stem_norm = BatchNorm(widths[0])
        self.convs = nn.ModuleList(
            PlainConv(a, b, transposed=True) for a, b in itertools.pairwise(widths)
        )
        self.norms = nn.ModuleList(BatchNorm(width) for width in widths[1:])
        self.head = PlainConv(widths[-1], channels, transposed=True)
        self.head_bias = nn.Parameter(torch.zeros(channels))

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        x = z[:, :, None, None].contiguous(memory_format=torch.channels_last)
        with torch.autocast(z.device.type, dtype, enabled=dtype != torch.float32):
            x = F.relu(self.stem_norm(self.stem(x)))
            for conv, norm in zip(self.convs, self.norms, strict=True):
                x = F.relu(norm(conv(x)))
            x = self.head(x)
        return torch.tanh(x.float() + self.head_bias[:, None, None])


class DCGANDiscriminator(Discriminator):
    """Strided convolutions down to 4x4, batch norm on all but the first, leaky ReLU, one score."""

    def __init__(
        self,
        resolution: int = 64,
        channels: int = 3,
        base_channels: int = 64,
        max_channels: int = 512,
        batch_norm: bool = True,
    ) -> None:
        super().__init__()
        config: dict[str, Any] = {
            "resolution": resolution,
            "channels": channels,
            "base_channels": base_channels,
            "max_channels": max_channels,
            "batch_norm": batch_norm,
        }
        self.spec = ModelSpec("dcgan", config)
        n = _doublings(resolution)
        widths = [channels] + [min(base_channels << i, max_channels) for i in range(n)]
        self.convs = nn.ModuleList(PlainConv(a, b) for a, b in itertools.pairwise(widths))
        self.norms = nn.ModuleList(
            BatchNorm(width) if batch_norm and i else nn.Identity()
            for i, width in enumerate(widths[1:])
        )
        self.head = PlainConv(widths[-1], 1, stride=1, padding=0)

    def forward(
        self,
        img: Tensor,
        c: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        x = img.contiguous(memory_format=torch.channels_last)
        with torch.autocast(img.device.type, dtype, enabled=dtype != torch.float32):
            for conv, norm in zip(self.convs, self.norms, strict=True):
                x = F.leaky_relu(norm(conv(x)), 0.2)
            x = self.head(x)
        scores: Tensor = x.float().flatten(1)
        return scores
