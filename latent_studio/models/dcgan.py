"""DCGAN for any power of two from 8 (Radford, Metz and Chintala 2016, arXiv:1511.06434)."""

import itertools
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.errors import OptionError
from latent_studio.models.base import Capabilities, Discriminator, Generator, ModelSpec
from latent_studio.models.conditional import (
    DISCRIMINATOR_CONDITIONING,
    GENERATOR_CONDITIONING,
    checked_conditioning,
    labelled_input,
    projection,
)
from latent_studio.models.draws import RandomSource
from latent_studio.models.plain import (
    BatchNorm,
    PlainConv,
    at_least_float32,
    checked_dropout,
    normalisation,
    seeded_dropout,
)


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
    conditioning
        With ``classes``, what is appended to z: the one-hot class (``concat``) or ``embed_dim``
        learned numbers (``embedding``).
    """

    def __init__(
        self,
        resolution: int = 64,
        channels: int = 3,
        z_dim: int = 128,
        base_channels: int = 64,
        max_channels: int = 512,
        classes: int = 0,
        conditioning: str = "concat",
        embed_dim: int = 32,
    ) -> None:
        super().__init__()
        config: dict[str, Any] = {
            "resolution": resolution,
            "channels": channels,
            "z_dim": z_dim,
            "base_channels": base_channels,
            "max_channels": max_channels,
            "classes": classes,
            "conditioning": checked_conditioning(conditioning, GENERATOR_CONDITIONING),
            "embed_dim": embed_dim,
        }
        self.spec = ModelSpec("dcgan", config)
        self.capabilities = Capabilities(resolution, channels, z_dim, classes=classes)
        n = _doublings(resolution)
        widths = [min(base_channels << (n - 1 - i), max_channels) for i in range(n)]
        label = labelled_input(classes, conditioning, embed_dim)
        inputs = z_dim + (label.added if label else 0)
        self.stem = PlainConv(inputs, widths[0], stride=1, padding=0, transposed=True)
        self.stem_norm = BatchNorm(widths[0])
        self.convs = nn.ModuleList(
            PlainConv(a, b, transposed=True) for a, b in itertools.pairwise(widths)
        )
        self.norms = nn.ModuleList(BatchNorm(width) for width in widths[1:])
        self.head = PlainConv(widths[-1], channels, transposed=True)
        self.head_bias = nn.Parameter(torch.zeros(channels))
        self.label = label

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        *,
        generator: RandomSource | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        x = z if self.label is None else self.label(z, c)
        x = x[:, :, None, None].contiguous(memory_format=torch.channels_last)
        with torch.autocast(z.device.type, dtype, enabled=dtype != torch.float32):
            x = F.relu(self.stem_norm(self.stem(x)))
            for conv, norm in zip(self.convs, self.norms, strict=True):
                x = F.relu(norm(conv(x)))
            x = self.head(x)
        return torch.tanh(at_least_float32(x) + self.head_bias[:, None, None])


class DCGANDiscriminator(Discriminator):
    """Strided convolutions down to 4x4, a norm on all but the first, leaky ReLU, one score.

    Parameters
    ----------
    norm
        ``batch``, as the paper has it; ``layer`` or ``instance`` for penalties on the gradient of
        single pictures (WGAN-GP); ``none``, where the convolutions have biases instead. When None,
        the older argument ``batch_norm`` decides between ``batch`` and nothing, without biases.
    dropout
        Share of the features left out behind every activation in training mode; the mask comes
        from the ``generator`` given to ``forward``.
    spectral_norm
        Divide every weight by its largest singular value (Miyato et al. 2018, arXiv:1802.05957);
        goes best with ``norm="none"``.
    conditioning
        With ``classes``: ``concat`` appends one plane a class to the picture, ``embedding`` one
        learned plane, ``projection`` adds the inner product of the last features, summed over
        space, and the embedded class to the score.
    """

    def __init__(
        self,
        resolution: int = 64,
        channels: int = 3,
        base_channels: int = 64,
        max_channels: int = 512,
        batch_norm: bool = True,
        classes: int = 0,
        conditioning: str = "concat",
        norm: str | None = None,
        dropout: float = 0.0,
        spectral_norm: bool = False,
    ) -> None:
        super().__init__()
        config: dict[str, Any] = {
            "resolution": resolution,
            "channels": channels,
            "base_channels": base_channels,
            "max_channels": max_channels,
            "batch_norm": batch_norm,
            "classes": classes,
            "conditioning": checked_conditioning(conditioning, DISCRIMINATOR_CONDITIONING),
            "norm": norm,
            "dropout": checked_dropout(dropout),
            "spectral_norm": spectral_norm,
        }
        self.spec = ModelSpec("dcgan", config)
        self.dropout = dropout
        n = _doublings(resolution)
        label = labelled_input(classes, conditioning, 1, resolution, spectral_norm)
        inputs = channels + (label.added if label else 0)
        widths = [inputs] + [min(base_channels << i, max_channels) for i in range(n)]
        bias = norm == "none"
        self.convs = nn.ModuleList(
            PlainConv(a, b, bias=bias, spectral_norm=spectral_norm)
            for a, b in itertools.pairwise(widths)
        )
        kind = norm or ("batch" if batch_norm else "none")
        norms = [normalisation(kind, width) for width in widths[1:]]
        self.norms = nn.ModuleList([nn.Identity(), *norms[1:]])
        self.head = PlainConv(widths[-1], 1, stride=1, padding=0, spectral_norm=spectral_norm)
        # After the layers: they count from the picture on.
        self.label = label
        self.projection = projection(classes, conditioning, widths[-1], spectral_norm)

    def forward(
        self,
        img: Tensor,
        c: Tensor | None = None,
        *,
        generator: RandomSource | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        x = img if self.label is None else self.label(img, c)
        x = x.contiguous(memory_format=torch.channels_last)
        with torch.autocast(img.device.type, dtype, enabled=dtype != torch.float32):
            for conv, norm in zip(self.convs, self.norms, strict=True):
                x = F.leaky_relu(norm(conv(x)), 0.2)
                x = seeded_dropout(x, self.dropout if self.training else 0.0, generator)
            scores = self.head(x)
        scores = at_least_float32(scores).flatten(1)
        if self.projection is None:
            return scores
        projected: Tensor = self.projection(at_least_float32(x).sum(dim=(2, 3)), c)
        return scores + projected
