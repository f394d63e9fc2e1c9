"""The progressively grown GAN (Karras et al. 2018, arXiv:1710.10196)."""

import itertools
import math
from collections.abc import Iterable, Sequence
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.errors import OptionError
from latent_studio.models.base import Capabilities, Generator, ModelSpec
from latent_studio.models.conditional import labelled_input
from latent_studio.models.draws import RandomSource
from latent_studio.models.plain import at_least_float32
from latent_studio.models.progressive import Growth, Progressive, blend, enlarge, shrink
from latent_studio.models.progressive_d import GrowingDiscriminator, Scoring
from latent_studio.models.stylegan2 import all_channels, block_resolutions

_OUTPUTS = ("linear", "tanh")


class _Scaled(nn.Module):
    """Weights of unit variance; what the layer gives, the bias included, is scaled when it runs.

    The factor is ``gain / sqrt(fan_in)``. Without ``equalized`` it is 1, and the weights begin with
    that deviation instead.
    """

    def __init__(self, shape: Sequence[int], equalized: bool, gain: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(tuple(shape)))
        self.bias = nn.Parameter(torch.empty(shape[0]))
        he = gain / math.sqrt(math.prod(shape[1:]))
        self.factor, self.start_std = (he, 1.0) if equalized else (1.0, he)

    def initialise(self, generator: torch.Generator) -> None:
        nn.init.normal_(self.weight, std=self.start_std, generator=generator)
        nn.init.zeros_(self.bias)

    def _scaled(self, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        return (self.weight * self.factor).to(dtype), (self.bias * self.factor).to(dtype)


class ScaledLinear(_Scaled):
    """Dense layer with equalised learning rate, then leaky ReLU; ``[N, in]`` to ``[N, out]``."""

    def __init__(
        self,
        in_features: int,
        out_features: int,
        equalized: bool,
        leak: float = 1.0,
        gain: float = math.sqrt(2),
    ) -> None:
        super().__init__((out_features, in_features), equalized, gain)
        self.leak = leak

    def forward(self, x: Tensor) -> Tensor:
        return _leaky(F.linear(x, *self._scaled(x.dtype)), self.leak)


class ScaledConv(_Scaled):
    """Convolution with equalised learning rate, then leaky ReLU.

    Parameters
    ----------
    leak
        Slope below zero; 1 for none.
    up
        Repeat pixels first, to twice the size.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        equalized: bool,
        leak: float = 1.0,
        up: bool = False,
    ) -> None:
        super().__init__((out_channels, in_channels, kernel, kernel), equalized, math.sqrt(2))
        self.leak, self.up, self.padding = leak, up, kernel // 2

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self._scaled(x.dtype)
        if self.up:
            x = F.conv_transpose2d(x, _doubling(weight), bias, stride=2, padding=1)
        else:
            x = F.conv2d(x, weight, bias, padding=self.padding)
        return _leaky(x, self.leak)


def _leaky(x: Tensor, leak: float) -> Tensor:
    return x if leak == 1 else F.leaky_relu(x, leak)


def _doubling(weight: Tensor) -> Tensor:
    """A 4x4 kernel that repeats pixels and convolves with a 3x3 one, at half the multiplications.

    Of the nine pixels under the 3x3 kernel, at most four differ: their weights are added up.
    """
    k = F.pad(weight, (1, 1, 1, 1))
    k = k[:, :, 1:, 1:] + k[:, :, :-1, 1:] + k[:, :, 1:, :-1] + k[:, :, :-1, :-1]
    return k.flip(2, 3).transpose(0, 1)


class HalvingBlock(nn.Module):
    """Two 3x3 convolutions, then averages of two by two."""

    def __init__(self, in_channels: int, out_channels: int, equalized: bool, leak: float) -> None:
        super().__init__()
        self.conv0 = ScaledConv(in_channels, in_channels, 3, equalized, leak)
        self.conv1 = ScaledConv(in_channels, out_channels, 3, equalized, leak)

    def forward(self, x: Tensor) -> Tensor:
        return shrink(self.conv1(self.conv0(x)))


def plain_config(config: dict[str, Any]) -> dict[str, Any]:
    """``config`` as JSON has it, without what says nothing."""
    widths = config.pop("widths", None)
    return config if widths is None else {**config, "widths": list(widths)}


class PGGANGenerator(Progressive, Generator):
    """A dense layer to 4x4, then two convolutions a resolution, each normalised by pixel.

    Parameters
    ----------
    c_dim
        Number of classes; the label is appended to z.
    channel_base, channel_max
        Resolution r has ``min(channel_base // r, channel_max)`` channels.
    widths
        The channels of each resolution from 4 on, instead of the formula.
    leak
        Slope of leaky ReLU below zero.
    pixel_norm
        Normalise each pixel's features to unit mean square (section 4.2 of the paper).
    equalized
        Scale weights when they are used (section 4.1), not when they start.
    output
        ``linear``, or ``tanh`` for objectives that want it.
    """

    def __init__(
        self,
        z_dim: int = 512,
        c_dim: int = 0,
        img_resolution: int = 64,
        img_channels: int = 3,
        channel_base: int = 16384,
        channel_max: int = 512,
        widths: Sequence[int] | None = None,
        leak: float = 0.2,
        pixel_norm: bool = True,
        equalized: bool = True,
        output: str = "linear",
    ) -> None:
        super().__init__()
        given = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        self.spec = ModelSpec("pggan", plain_config(given))
        self.capabilities = Capabilities(img_resolution, img_channels, z_dim, classes=c_dim)
        if output not in _OUTPUTS:
            raise OptionError(f"Unknown output {output!r}; known: {', '.join(_OUTPUTS)}.")
        self.pixel_norm, self.output = pixel_norm, output
        sides = block_resolutions(img_resolution)
        channels = all_channels(sides, channel_base, channel_max, widths)
        self.scale = Growth(sides)
        self.label = labelled_input(c_dim, "concat", 0)
        self.dense = ScaledLinear(z_dim + c_dim, 16 * channels[0], equalized, leak)
        self.stem = ScaledConv(channels[0], channels[0], 3, equalized, leak)
        self.blocks = nn.ModuleList(
            nn.ModuleList(
                [
                    ScaledConv(a, b, 3, equalized, leak, up=True),
                    ScaledConv(b, b, 3, equalized, leak),
                ]
            )
            for a, b in itertools.pairwise(channels)
        )
        self.to_rgb = nn.ModuleList(ScaledConv(n, img_channels, 1, equalized) for n in channels)

    @property
    def growth(self) -> Growth:
        return self.scale

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        *,
        generator: RandomSource | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        fade, old = self.growth.fade, None
        x = self._start(z, c, dtype)
        for stage in range(fade.high + 1):
            for conv in self._convs(stage):
                x = self._norm(conv(x))
            if stage == fade.low and not fade.steady:
                old = enlarge(self.to_rgb[stage](x))
        img: Tensor = self.to_rgb[fade.high](x)
        img = at_least_float32(img if old is None else blend(old, img, fade))
        img = torch.tanh(img) if self.output == "tanh" else img
        return img if self.training else enlarge(img, self.resolutions[-1] // img.shape[-1])

    def _convs(self, stage: int) -> Iterable[nn.Module]:
        return cast(nn.ModuleList, self.blocks[stage - 1]) if stage else (self.stem,)

    def _start(self, z: Tensor, c: Tensor | None, dtype: torch.dtype) -> Tensor:
        """The dense layer's features, ``[N, C, 4, 4]``."""
        x = at_least_float32(z)
        x = self._norm(x if self.label is None else self.label(x, c))
        x = self.dense(x).reshape(len(x), -1, 4, 4)
        return self._norm(x.to(dtype=dtype, memory_format=torch.channels_last))

    def _norm(self, x: Tensor) -> Tensor:
        if not self.pixel_norm:
            return x
        # Squares in float32: half precision could not hold large ones.
        # Where a pixel's features nearly vanish, their rounding errors are raised with them: the
        # largest error of a picture is that of one pixel, and chance. At 256 pixels it was 5e-4 in
        # the median of 24 random networks and 2e-3 at most; with separate enlarging and the factor
        # behind the convolution 8e-4 and 3e-3, and the rms of all errors 3.9e-6 against 3.5e-6.
        mean = at_least_float32(x).square().mean(dim=1, keepdim=True)
        return x * (mean + 1e-8).rsqrt().to(x.dtype)


class PGGANDiscriminator(GrowingDiscriminator):
    """Two convolutions and an average a resolution, minibatch deviation and dense layers at 4x4.

    Parameters
    ----------
    channel_base, channel_max, widths, leak, equalized
        As in :class:`PGGANGenerator`.
    c_dim, mbstd_group_size, mbstd_num_channels
        See :class:`~latent_studio.models.progressive_d.Scoring`.
    """

    def __init__(
        self,
        c_dim: int = 0,
        img_resolution: int = 64,
        img_channels: int = 3,
        channel_base: int = 16384,
        channel_max: int = 512,
        widths: Sequence[int] | None = None,
        leak: float = 0.2,
        equalized: bool = True,
        mbstd_group_size: int | None = 4,
        mbstd_num_channels: int = 1,
    ) -> None:
        given = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        sides = block_resolutions(img_resolution)
        channels = all_channels(sides, channel_base, channel_max, widths)
        n = channels[0]
        scoring = Scoring(
            ScaledConv(n + mbstd_num_channels, n, 3, equalized, leak),
            ScaledLinear(16 * n, n, equalized, leak),
            ScaledLinear(n, 1, equalized, gain=1.0),
            n,
            c_dim,
            mbstd_group_size,
            mbstd_num_channels,
        )
        super().__init__(
            sides,
            channels,
            lambda n: ScaledConv(img_channels, n, 1, equalized, leak),
            lambda a, b: HalvingBlock(a, b, equalized, leak),
            scoring,
        )
        self.spec = ModelSpec("pggan", plain_config(given))
