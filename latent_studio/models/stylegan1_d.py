"""StyleGAN discriminator (Karras et al. 2019, arXiv:1812.04948): PGGAN's with blurred strides."""

from collections.abc import Sequence

from torch import Tensor, nn

from latent_studio.models.base import ModelSpec
from latent_studio.models.layers import EqualLinear
from latent_studio.models.pggan import plain_config
from latent_studio.models.progressive_d import GrowingDiscriminator, Scoring
from latent_studio.models.resample import setup_filter
from latent_studio.models.stylegan2 import all_channels, block_resolutions
from latent_studio.models.stylegan2_layers import EqualConv


class BlurredBlock(nn.Module):
    """Two activated convolutions, the second one blurring first and halving the size."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        f = setup_filter()
        self.conv0 = EqualConv(in_channels, in_channels, 3, f, activation="lrelu")
        self.conv1 = EqualConv(in_channels, out_channels, 3, f, activation="lrelu", down=2)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.conv1(self.conv0(x))
        return y


class StyleGAN1Discriminator(GrowingDiscriminator):
    """Grown progressively, with minibatch standard deviation at 4x4.

    Parameters
    ----------
    channel_base, channel_max, widths
        As in the generator.
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
        mbstd_group_size: int | None = 4,
        mbstd_num_channels: int = 1,
    ) -> None:
        given = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        sides, f = block_resolutions(img_resolution), setup_filter()
        channels = all_channels(sides, channel_base, channel_max, widths)
        n = channels[0]
        scoring = Scoring(
            EqualConv(n + mbstd_num_channels, n, 3, f, activation="lrelu"),
            EqualLinear(16 * n, n, "lrelu"),
            EqualLinear(n, 1),
            n,
            c_dim,
            mbstd_group_size,
            mbstd_num_channels,
        )
        super().__init__(
            sides,
            channels,
            lambda n: EqualConv(img_channels, n, 1, f, activation="lrelu"),
            BlurredBlock,
            scoring,
        )
        self.spec = ModelSpec("stylegan1", plain_config(given))
