"""R3GAN (Huang, Gokaslan, Kuleshov and Tompkin 2024, arXiv:2501.05441), configuration E.

A plain modern convnet: residual blocks of ResNeXt (1x1, grouped 3x3, 1x1 convolutions) whose inner
width is the larger one, no normalisation anywhere, bilinear resampling, a learned basis at 4x4. The
discriminator mirrors the generator and has no minibatch statistics. The paper trains it with the
relativistic pairing loss and both gradient penalties.

What stands in for normalisation is the start, as in Fixup (Zhang et al. 2019, arXiv:1901.09321):
the last convolution of a block starts at zero, so that every block starts as the identity, and the
others are scaled down by the number of blocks. Spectral normalisation is no option here: it would
divide those zeros by their norm.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from latent_studio.models.base import Capabilities, Discriminator, Generator, ModelSpec
from latent_studio.models.conditional import ClassEmbedding
from latent_studio.models.draws import RandomSource
from latent_studio.models.plain import at_least_float32
from latent_studio.models.r3gan_layers import (
    BILINEAR,
    DiscriminativeBasis,
    GenerativeBasis,
    MSRConv,
    StagePlan,
)
from latent_studio.models.stylegan2 import block_resolutions


class R3GANGenerator(Generator):
    """A learned basis at 4x4, residual stages up to the picture, a 1x1 convolution to colours.

    The defaults are the paper's 64x64 network: 16 channels a group, 768 channels up to 32x32 and
    half as many for each doubling from there.

    Parameters
    ----------
    classes
        With classes, ``embed_dim`` learned numbers (as many as z has, when None) join z.
    channel_base, channel_max
        ``min(channel_base // r, channel_max)`` channels at resolution r.
    widths
        Channels at 4, 8, ... one by one instead.
    blocks
        Residual blocks a resolution: one number, or one each from 4x4 up.
    expansion
        Inner width of a block over its outer one.
    group_size
        Channels that the 3x3 convolutions mix.
    """

    def __init__(
        self,
        resolution: int = 64,
        channels: int = 3,
        z_dim: int = 64,
        classes: int = 0,
        channel_base: int = 24576,
        channel_max: int = 768,
        widths: Sequence[int] | None = None,
        blocks: int | Sequence[int] = 2,
        expansion: int = 2,
        group_size: int = 16,
        embed_dim: int | None = None,
        resample_filter: Sequence[float] = BILINEAR,
    ) -> None:
        super().__init__()
        config = _plain({k: v for k, v in locals().items() if k not in ("self", "__class__")})
        self.spec = ModelSpec("r3gan", config)
        self.capabilities = Capabilities(resolution, channels, z_dim, classes=classes)
        plan = StagePlan(config)
        embed = (z_dim if embed_dim is None else embed_dim) if classes else 0
        self.basis = GenerativeBasis(z_dim + embed, plan.widths[0])
        self.resolutions = block_resolutions(resolution)
        for i, r in enumerate(self.resolutions):
            before = plan.widths[max(0, i - 1)]
            self.add_module(f"b{r}", plan.stage(i, before, 2 if i else 1))
        self.torgb = MSRConv(plan.widths[-1], channels)
        self.embed = ClassEmbedding(classes, embed, classes**-0.5) if classes else None

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        *,
        generator: RandomSource | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        if self.embed is not None:
            z = torch.cat([z, self.embed(c).to(z.dtype)], dim=1)
        x = self.basis(z).contiguous(memory_format=torch.channels_last)
        with torch.autocast(z.device.type, dtype, enabled=dtype != torch.float32):
            for r in self.resolutions:
                x = getattr(self, f"b{r}")(x)
            x = self.torgb(x)
        return at_least_float32(x)


class R3GANDiscriminator(Discriminator):
    """The generator's mirror image: colours in, residual stages down to 4x4, a learned basis.

    With ``classes`` the score is the projection of the ``embed_dim`` (64 when None) results onto
    the embedded class (Miyato and Koyama 2018, arXiv:1802.05637). For the other parameters see
    :class:`R3GANGenerator`.
    """

    def __init__(
        self,
        resolution: int = 64,
        channels: int = 3,
        classes: int = 0,
        channel_base: int = 24576,
        channel_max: int = 768,
        widths: Sequence[int] | None = None,
        blocks: int | Sequence[int] = 2,
        expansion: int = 2,
        group_size: int = 16,
        embed_dim: int | None = None,
        resample_filter: Sequence[float] = BILINEAR,
    ) -> None:
        super().__init__()
        config = _plain({k: v for k, v in locals().items() if k not in ("self", "__class__")})
        self.spec = ModelSpec("r3gan", config)
        plan = StagePlan(config)
        embed = (64 if embed_dim is None else embed_dim) if classes else 0
        self.resolutions = block_resolutions(resolution)[::-1]
        self.fromrgb = MSRConv(channels, plan.widths[-1])
        for i, r in reversed(list(enumerate(reversed(self.resolutions)))):
            after = plan.widths[max(0, i - 1)]
            self.add_module(f"b{r}", plan.stage(i, after, 0.5 if i else 1))
        self.basis = DiscriminativeBasis(plan.widths[0], embed or 1)
        # Sums of ``embed`` products are one wide.
        std = (classes * embed) ** -0.5 if classes else 1.0
        self.embed = ClassEmbedding(classes, embed, std) if classes else None

    def forward(
        self,
        img: Tensor,
        c: Tensor | None = None,
        *,
        generator: RandomSource | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        x = img.contiguous(memory_format=torch.channels_last)
        with torch.autocast(img.device.type, dtype, enabled=dtype != torch.float32):
            x = self.fromrgb(x)
            for r in self.resolutions:
                x = getattr(self, f"b{r}")(x)
        scores: Tensor = self.basis(at_least_float32(x))
        if self.embed is None:
            return scores
        embedded: Tensor = self.embed(c)
        return (scores * embedded).sum(dim=1, keepdim=True)


def _plain(arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments as JSON gives them back."""
    return {k: list(v) if isinstance(v, Sequence) else v for k, v in arguments.items()}
