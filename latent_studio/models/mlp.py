"""The multilayer-perceptron GAN of the classic MNIST example (Goodfellow et al. 2014,
arXiv:1406.2661): dense layers only, pictures in [-1, 1]."""

import itertools
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

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
    PlainLinear,
    at_least_float32,
    checked_dropout,
    seeded_dropout,
)


class MLPGenerator(Generator):
    """``z`` through 256, 512 and 1024 ReLU units to tanh pixels.

    Parameters
    ----------
    conditioning
        With ``classes``, what is appended to z: the one-hot class (``concat``) or ``embed_dim``
        learned numbers (``embedding``).
    batch_norm
        Batch normalisation before each ReLU (Ioffe and Szegedy 2015, arXiv:1502.03167): not in the
        first paper, but without it the pictures stay one blob for a hundred thousand of them.
    """

    def __init__(
        self,
        resolution: int = 28,
        channels: int = 1,
        z_dim: int = 100,
        classes: int = 0,
        hidden: Sequence[int] = (256, 512, 1024),
        conditioning: str = "concat",
        embed_dim: int = 32,
        batch_norm: bool = False,
    ) -> None:
        super().__init__()
        config: dict[str, Any] = {
            "resolution": resolution,
            "channels": channels,
            "z_dim": z_dim,
            "classes": classes,
            "hidden": list(hidden),
            "conditioning": checked_conditioning(conditioning, GENERATOR_CONDITIONING),
            "embed_dim": embed_dim,
            "batch_norm": batch_norm,
        }
        self.spec = ModelSpec("mlp", config)
        self.capabilities = Capabilities(resolution, channels, z_dim, classes=classes)
        label = labelled_input(classes, conditioning, embed_dim)
        inputs = z_dim + (label.added if label else 0)
        widths = [inputs, *hidden, channels * resolution**2]
        self.layers = nn.ModuleList(PlainLinear(a, b) for a, b in itertools.pairwise(widths))
        self.norms = nn.ModuleList(
            nn.BatchNorm1d(width) if batch_norm else nn.Identity() for width in hidden
        )
        self.label = label

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        *,
        generator: RandomSource | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        size = self.capabilities.resolution
        x = z if self.label is None else self.label(z, c)
        with torch.autocast(z.device.type, dtype, enabled=dtype != torch.float32):
            for layer, norm in zip(self.layers[:-1], self.norms, strict=True):
                x = F.relu(norm(layer(x)))
            x = self.layers[-1](x)
        pixels = torch.tanh(at_least_float32(x))
        return pixels.reshape(-1, self.capabilities.channels, size, size)


class MLPDiscriminator(Discriminator):
    """Pixels through 1024, 512 and 256 leaky ReLU units with dropout to one score.

    Dropout acts in training mode only and draws from the ``generator`` given to ``forward``.

    Parameters
    ----------
    conditioning
        With ``classes``: ``concat`` appends the one-hot class to the pixels, ``embedding`` appends
        ``embed_dim`` learned numbers, ``projection`` adds the inner product of the last features
        and the embedded class to the score.
    spectral_norm
        Divide every weight by its largest singular value (Miyato et al. 2018, arXiv:1802.05957).
    """

    def __init__(
        self,
        resolution: int = 28,
        channels: int = 1,
        classes: int = 0,
        hidden: Sequence[int] = (1024, 512, 256),
        dropout: float = 0.3,
        conditioning: str = "concat",
        embed_dim: int = 32,
        spectral_norm: bool = False,
    ) -> None:
        super().__init__()
        config: dict[str, Any] = {
            "resolution": resolution,
            "channels": channels,
            "classes": classes,
            "hidden": list(hidden),
            "dropout": checked_dropout(dropout),
            "conditioning": checked_conditioning(conditioning, DISCRIMINATOR_CONDITIONING),
            "embed_dim": embed_dim,
            "spectral_norm": spectral_norm,
        }
        self.spec = ModelSpec("mlp", config)
        self.classes, self.dropout = classes, dropout
        label = labelled_input(classes, conditioning, embed_dim, spectral_norm=spectral_norm)
        inputs = channels * resolution**2 + (label.added if label else 0)
        widths = [inputs, *hidden, 1]
        self.layers = nn.ModuleList(
            PlainLinear(a, b, spectral_norm) for a, b in itertools.pairwise(widths)
        )
        # After the layers: they count from the picture on.
        self.label = label
        self.projection = projection(classes, conditioning, widths[-2], spectral_norm)

    def forward(
        self,
        img: Tensor,
        c: Tensor | None = None,
        *,
        generator: RandomSource | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        x = img.flatten(1)
        if self.label is not None:
            x = self.label(x, c)
        with torch.autocast(img.device.type, dtype, enabled=dtype != torch.float32):
            for layer in self.layers[:-1]:
                x = F.leaky_relu(layer(x), 0.2)
                x = seeded_dropout(x, self.dropout if self.training else 0.0, generator)
            scores = self.layers[-1](x)
        scores = at_least_float32(scores)
        if self.projection is None:
            return scores
        projected: Tensor = self.projection(x, c)
        return scores + projected
