"""The progressively grown GAN (Karras et al. 2018, arXiv:1710.10196)."""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.errors import OptionError
from latent_studio.models.base import Capabilities, Discriminator, Generator, ModelSpec
from latent_studio.models.conditional import labelled_input, projection
from latent_studio.models.draws import RandomSource
from latent_studio.models.plain import at_least_float32
from latent_studio.models.progressive import Growth, Progressive, blend, enlarge, shrink
from latent_studio.models.stylegan2 import block_channels, block_resolutions
from latent_studio.models.stylegan2_layers import MinibatchStd

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
    """Dense layer with equalised learning rate, ``[N, in]`` to ``[N, out]``."""

    def __init__(
        self, in_features: int, out_features: int, equalized: bool, gain: float = math.sqrt(2)
    ) -> None:
        super().__init__((out_features, in_features), equalized, gain)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, *self._scaled(x.dtype))


class ScaledConv(_Scaled):
    """Convolution that keeps the size, with equalised learning rate."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, equalized: bool) -> None:
        super().__init__((out_channels, in_channels, kernel, kernel), equalized, math.sqrt(2))

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, *self._scaled(x.dtype), padding=self.weight.shape[-1] // 2)


class ConvPair(nn.Module):
    """Two activated 3x3 convolutions: what each resolution has."""

    def __init__(self, widths: tuple[int, int, int], equalized: bool) -> None:
        super().__init__()
        self.conv0 = ScaledConv(widths[0], widths[1], 3, equalized)
        self.conv1 = ScaledConv(widths[1], widths[2], 3, equalized)

    def forward(self, x: Tensor, act: Callable[[Tensor], Tensor]) -> Tensor:
        return act(self.conv1(act(self.conv0(x))))


def stage_widths(
    resolutions: Sequence[int], channel_base: int, channel_max: int, widths: Sequence[int] | None
) -> list[int]:
    """Channels at each resolution: ``widths`` if given, else by the usual formula.

    Raises
    ------
    OptionError
        If the number of ``widths`` is not that of resolutions, or one is not positive.
    """
    if widths is None:
        return [block_channels(r, channel_base, channel_max) for r in resolutions]
    if len(widths) != len(resolutions) or any(width < 1 for width in widths):
        raise OptionError(
            f"A network for {resolutions[-1]} x {resolutions[-1]} needs {len(resolutions)} "
            f"positive widths, one a resolution from 4 on, not {list(widths)}."
        )
    return list(widths)


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
        self.leak, self.pixel_norm, self.output = leak, pixel_norm, output
        sides = block_resolutions(img_resolution)
        channels = stage_widths(sides, channel_base, channel_max, widths)
        self.scale = Growth(sides)
        self.label = labelled_input(c_dim, "concat", 0)
        self.dense = ScaledLinear(z_dim + c_dim, 16 * channels[0], equalized)
        self.stem = ScaledConv(channels[0], channels[0], 3, equalized)
        self.blocks = nn.ModuleList(
            ConvPair((a, b, b), equalized) for a, b in itertools.pairwise(channels)
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
            if stage == 0:
                x = self._act(self.stem(x))
            else:
                x = self.blocks[stage - 1](enlarge(x), self._act)
            if stage == fade.low and not fade.steady:
                old = enlarge(self.to_rgb[stage](x))
        img: Tensor = self.to_rgb[fade.high](x)
        img = at_least_float32(img if old is None else blend(old, img, fade))
        img = torch.tanh(img) if self.output == "tanh" else img
        return img if self.training else enlarge(img, self.resolutions[-1] // img.shape[-1])

    def _start(self, z: Tensor, c: Tensor | None, dtype: torch.dtype) -> Tensor:
        """The dense layer's features, ``[N, C, 4, 4]``."""
        x = at_least_float32(z)
        x = self._norm(x if self.label is None else self.label(x, c))
        x = F.leaky_relu(self.dense(x), self.leak).reshape(len(x), -1, 4, 4)
        return self._norm(x.to(dtype=dtype, memory_format=torch.channels_last))

    def _act(self, x: Tensor) -> Tensor:
        return self._norm(F.leaky_relu(x, self.leak))

    def _norm(self, x: Tensor) -> Tensor:
        if not self.pixel_norm:
            return x
        # Squares in float32: half precision could not hold large ones.
        mean = at_least_float32(x).square().mean(dim=1, keepdim=True)
        return x * (mean + 1e-8).rsqrt().to(x.dtype)


class PGGANDiscriminator(Progressive, Discriminator):
    """Two convolutions and an average a resolution, minibatch deviation and a dense layer at 4x4.

    With ``c_dim`` > 0 the score includes the projection onto the class
    (Miyato and Koyama 2018, arXiv:1802.05637).

    Parameters
    ----------
    channel_base, channel_max, widths, leak, equalized
        As in :class:`PGGANGenerator`.
    mbstd_group_size, mbstd_num_channels
        See :class:`~latent_studio.models.stylegan2_layers.MinibatchStd`; no channels switch it off.
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
        super().__init__()
        given = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        self.spec = ModelSpec("pggan", plain_config(given))
        self.leak = leak
        sides = block_resolutions(img_resolution)
        channels = stage_widths(sides, channel_base, channel_max, widths)
        self.scale = Growth(sides)
        self.from_rgb = nn.ModuleList(ScaledConv(img_channels, n, 1, equalized) for n in channels)
        self.blocks = nn.ModuleList(
            ConvPair((b, b, a), equalized) for a, b in itertools.pairwise(channels)
        )
        extra, last = mbstd_num_channels, channels[0]
        self.mbstd = MinibatchStd(mbstd_group_size, extra) if extra else None
        self.conv = ScaledConv(last + extra, last, 3, equalized)
        self.dense = ScaledLinear(16 * last, last, equalized)
        self.out = ScaledLinear(last, 1, equalized, gain=1.0)
        self.project = projection(c_dim, "projection", last)

    @property
    def growth(self) -> Growth:
        return self.scale

    def forward(
        self,
        img: Tensor,
        c: Tensor | None = None,
        *,
        generator: RandomSource | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        fade = self.growth.fade
        img = self.growth.fit(img).to(dtype=dtype, memory_format=torch.channels_last)
        x = self._read(img, fade.high)
        for stage in range(fade.high, 0, -1):
            x = shrink(self.blocks[stage - 1](x, self._act))
            if stage == fade.high and not fade.steady:
                x = blend(self._read(shrink(img), fade.low), x, fade)
        return self._score(at_least_float32(x), c)

    def _read(self, img: Tensor, stage: int) -> Tensor:
        return self._act(self.from_rgb[stage](img))

    def _score(self, x: Tensor, c: Tensor | None) -> Tensor:
        x = x if self.mbstd is None else self.mbstd(x)
        x = self._act(self.dense(self._act(self.conv(x)).flatten(1)))
        scores: Tensor = self.out(x)
        return scores if self.project is None else scores + self.project(x, c)

    def _act(self, x: Tensor) -> Tensor:
        return F.leaky_relu(x, self.leak)
