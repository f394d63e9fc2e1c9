"""The multilayer-perceptron GAN of the classic MNIST example (Goodfellow et al. 2014,
arXiv:1406.2661): dense layers only, pictures in [-1, 1]."""

import itertools
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.models.base import Capabilities, Discriminator, Generator, ModelSpec


class PlainLinear(nn.Module):
    """Dense layer that starts as ``torch.nn.Linear`` does, from a generator of one's own."""

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out_features, in_features))
        self.bias = nn.Parameter(torch.empty(out_features))

    def initialise(self, generator: torch.Generator) -> None:
        bound = self.weight.shape[1] ** -0.5
        nn.init.uniform_(self.weight, -bound, bound, generator=generator)
        nn.init.uniform_(self.bias, -bound, bound, generator=generator)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias)


def seeded_dropout(x: Tensor, p: float, generator: torch.Generator | None) -> Tensor:
    """Dropout whose mask comes from ``generator`` (Srivastava et al. 2014)."""
    if p <= 0:
        return x
    kept = torch.rand(x.shape, generator=generator, device=x.device) >= p
    return x * kept.to(x.dtype) / (1 - p)


class MLPGenerator(Generator):
    """``z`` through 256, 512 and 1024 ReLU units to tanh pixels.

    Parameters
    ----------
    classes
        With labels, the one-hot class is appended to z (Mirza and Osindero 2014,
        arXiv:1411.1784).
    """

    def __init__(
        self,
        resolution: int = 28,
        channels: int = 1,
        z_dim: int = 100,
        classes: int = 0,
        hidden: Sequence[int] = (256, 512, 1024),
    ) -> None:
        super().__init__()
        config: dict[str, Any] = {
            "resolution": resolution,
            "channels": channels,
            "z_dim": z_dim,
            "classes": classes,
            "hidden": list(hidden),
        }
        self.spec = ModelSpec("mlp", config)
        self.capabilities = Capabilities(resolution, channels, z_dim, classes=classes)
        widths = [z_dim + classes, *hidden, channels * resolution**2]
        self.layers = nn.ModuleList(PlainLinear(a, b) for a, b in itertools.pairwise(widths))

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        size = self.capabilities.resolution
        x = _with_label(z, c, self.capabilities.classes)
        with torch.autocast(z.device.type, dtype, enabled=dtype != torch.float32):
            for layer in self.layers[:-1]:
                x = F.relu(layer(x))
            x = self.layers[-1](x)
        return torch.tanh(x.float()).reshape(-1, self.capabilities.channels, size, size)


class MLPDiscriminator(Discriminator):
    """Pixels through 1024, 512 and 256 leaky ReLU units with dropout to one score.

    Dropout acts in training mode only and draws from the ``generator`` given to ``forward``.
    """

    def __init__(
        self,
        resolution: int = 28,
        channels: int = 1,
        classes: int = 0,
        hidden: Sequence[int] = (1024, 512, 256),
        dropout: float = 0.3,
    ) -> None:
        super().__init__()
        config: dict[str, Any] = {
            "resolution": resolution,
            "channels": channels,
            "classes": classes,
            "hidden": list(hidden),
            "dropout": dropout,
        }
        self.spec = ModelSpec("mlp", config)
        self.classes, self.dropout = classes, dropout
        widths = [channels * resolution**2 + classes, *hidden, 1]
        self.layers = nn.ModuleList(PlainLinear(a, b) for a, b in itertools.pairwise(widths))

    def forward(
        self,
        img: Tensor,
        c: Tensor | None = None,
        *,
        generator: torch.Generator | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        x = _with_label(img.flatten(1), c, self.classes)
        with torch.autocast(img.device.type, dtype, enabled=dtype != torch.float32):
            for layer in self.layers[:-1]:
                x = F.leaky_relu(layer(x), 0.2)
                x = seeded_dropout(x, self.dropout if self.training else 0.0, generator)
            x = self.layers[-1](x)
        scores: Tensor = x.float()
        return scores


def _with_label(x: Tensor, c: Tensor | None, classes: int) -> Tensor:
    if not classes:
        return x
    if c is None:
        raise ValueError("a conditional network needs class labels")
    return torch.cat([x, c.to(x.dtype)], dim=1)
