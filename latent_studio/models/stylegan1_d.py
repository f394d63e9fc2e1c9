"""StyleGAN discriminator (Karras et al. 2019, arXiv:1812.04948): PGGAN's with blurred strides."""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from latent_studio.models.base import Discriminator, ModelSpec
from latent_studio.models.conditional import projection
from latent_studio.models.draws import RandomSource
from latent_studio.models.layers import EqualLinear
from latent_studio.models.pggan import plain_config, stage_widths
from latent_studio.models.plain import at_least_float32
from latent_studio.models.progressive import Growth, Progressive, blend, shrink
from latent_studio.models.resample import setup_filter
from latent_studio.models.stylegan2 import block_resolutions
from latent_studio.models.stylegan2_layers import EqualConv, MinibatchStd


class HalvingBlock(nn.Module):
    """Two activated convolutions, the second one halving the size."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        f = setup_filter()
        self.conv0 = EqualConv(in_channels, in_channels, 3, f, activation="lrelu")
        self.conv1 = EqualConv(in_channels, out_channels, 3, f, activation="lrelu", down=2)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv1(self.conv0(x))
        return y


class StyleGAN1Discriminator(Progressive, Discriminator):
    """Grown progressively, with minibatch standard deviation at 4x4.

    With ``c_dim`` > 0 the score includes the projection onto the class
    (Miyato and Koyama 2018, arXiv:1802.05637).

    Parameters
    ----------
    channel_base, channel_max, widths
        As in the generator.
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
        mbstd_group_size: int | None = 4,
        mbstd_num_channels: int = 1,
    ) -> None:
        super().__init__()
        given = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        self.spec = ModelSpec("stylegan1", plain_config(given))
        sides, f = block_resolutions(img_resolution), setup_filter()
        channels = stage_widths(sides, channel_base, channel_max, widths)
        self.scale = Growth(sides)
        self.from_rgb = nn.ModuleList(
            EqualConv(img_channels, n, 1, f, activation="lrelu") for n in channels
        )
        self.blocks = nn.ModuleList(HalvingBlock(b, a) for a, b in itertools.pairwise(channels))
        extra, last = mbstd_num_channels, channels[0]
        self.mbstd = MinibatchStd(mbstd_group_size, extra) if extra else None
        self.conv = EqualConv(last + extra, last, 3, f, activation="lrelu")
        self.dense = EqualLinear(16 * last, last, "lrelu")
        self.out = EqualLinear(last, 1)
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
        x: Tensor = self.from_rgb[fade.high](img)
        for stage in range(fade.high, 0, -1):
            x = self.blocks[stage - 1](x)
            if stage == fade.high and not fade.steady:
                x = blend(self.from_rgb[fade.low](shrink(img)), x, fade)
        return self._score(at_least_float32(x), c)

    def _score(self, x: Tensor, c: Tensor | None) -> Tensor:
        x = x if self.mbstd is None else self.mbstd(x)
        x = self.dense(self.conv(x).flatten(1))
        scores: Tensor = self.out(x)
        return scores if self.project is None else scores + self.project(x, c)
