"""Layers of the networks without equalised learning rate: dense, convolution, norms, dropout."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.errors import OptionError
from latent_studio.models.draws import RandomSource, uniform
from latent_studio.models.spectral import normalised, spectral_norm_of

NORMS = ("batch", "layer", "instance", "none")


class PlainLinear(nn.Module):
    """Dense layer that starts as ``torch.nn.Linear`` does, from a generator of one's own."""

    def __init__(self, in_features: int, out_features: int, spectral_norm: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out_features, in_features))
        self.bias = nn.Parameter(torch.empty(out_features))
        self.spectral = spectral_norm_of(self.weight, spectral_norm)

    def initialise(self, generator: torch.Generator) -> None:
        bound = self.weight.shape[1] ** -0.5
        nn.init.uniform_(self.weight, -bound, bound, generator=generator)
        nn.init.uniform_(self.bias, -bound, bound, generator=generator)
        if self.spectral is not None:
            self.spectral.start(self.weight, generator)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, normalised(self.weight, self.spectral), self.bias)


class PlainConv(nn.Module):
    """4x4 convolution, strided down or (``transposed``) up by two.

    Parameters
    ----------
    bias
        Wanted only where no normalisation with a shift of its own follows.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int = 2,
        padding: int = 1,
        transposed: bool = False,
        bias: bool = False,
        spectral_norm: bool = False,
    ) -> None:
        super().__init__()
        pair = (in_channels, out_channels) if transposed else (out_channels, in_channels)
        self.stride, self.padding, self.transposed = stride, padding, transposed
        self.weight = nn.Parameter(torch.empty(*pair, 4, 4))
        self.bias = nn.Parameter(torch.empty(out_channels)) if bias else None
        self.spectral = spectral_norm_of(self.weight, spectral_norm)

    def initialise(self, generator: torch.Generator) -> None:
        nn.init.normal_(self.weight, std=0.02, generator=generator)
        if self.bias is not None:
            nn.init.zeros_(self.bias)
        if self.spectral is not None:
            self.spectral.start(self.weight, generator)

    def forward(self, x: Tensor) -> Tensor:
        apply = F.conv_transpose2d if self.transposed else F.conv2d
        weight = normalised(self.weight, self.spectral)
        return apply(x, weight, self.bias, stride=self.stride, padding=self.padding)


class BatchNorm(nn.BatchNorm2d):
    """Batch normalisation whose gain starts around one, as DCGAN's paper has it."""

    def initialise(self, generator: torch.Generator) -> None:
        nn.init.normal_(self.weight, 1.0, 0.02, generator=generator)
        nn.init.zeros_(self.bias)


class GroupNorm(nn.GroupNorm):
    """Normalises every picture for itself, in groups of channels.

    One group is layer normalisation (Ba et al. 2016, arXiv:1607.06450) as WGAN-GP uses it in
    critics, with gain and shift a channel; as many groups as channels is instance normalisation
    (Ulyanov et al. 2016, arXiv:1607.08022).
    """

    def initialise(self, generator: torch.Generator) -> None:
        nn.init.ones_(self.weight)
        nn.init.zeros_(self.bias)


def normalisation(kind: str, channels: int) -> nn.Module:
    """A layer for features ``[N, channels, H, W]``; ``kind`` is one of :data:`NORMS`.

    Raises
    ------
    OptionError
        If it is not.
    """
    if kind == "batch":
        return BatchNorm(channels)
    if kind == "layer":
        return GroupNorm(1, channels)
    if kind == "instance":
        return GroupNorm(channels, channels)
    if kind == "none":
        return nn.Identity()
    raise OptionError(f"Unknown normalisation {kind!r}; known: {', '.join(NORMS)}.")


def seeded_dropout(x: Tensor, p: float, source: RandomSource | None) -> Tensor:
    """Dropout whose mask comes from ``source`` (Srivastava et al. 2014)."""
    if p <= 0:
        return x
    kept = uniform(x.shape, source, x.device) >= p
    return x * kept.to(x.dtype) / (1 - p)


def checked_dropout(p: float) -> float:
    """``p`` if it is a share.

    Raises
    ------
    OptionError
        If it is not in [0, 1).
    """
    if not 0 <= p < 1:
        raise OptionError(f"Dropout is a share from 0 to below 1, not {p}.")
    return p


def at_least_float32(x: Tensor) -> Tensor:
    """Half precision to float32; float32 and float64 as they are."""
    return x.to(torch.promote_types(x.dtype, torch.float32))
