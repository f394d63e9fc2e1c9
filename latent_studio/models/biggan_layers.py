"""Layers of BigGAN-deep as published: stored spectral norms, stored batch statistics, attention."""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.models.remembered import Remembered

_START_ITERATIONS = 3


class SpectralLayer(nn.Module):
    """A weight ``weight_orig`` that counts divided by its norm, ``u · (W v)``.

    The vectors are taken as they are stored. They are few power iterations from random in some
    files: finding better ones would change the pictures.
    """

    weight_u: Tensor
    weight_v: Tensor

    def __init__(self, shape: Sequence[int], bias: bool) -> None:
        super().__init__()
        self.weight_orig = nn.Parameter(torch.empty(tuple(shape)))
        self.bias = nn.Parameter(torch.empty(shape[0])) if bias else None
        self.register_buffer("weight_u", torch.empty(shape[0]))
        self.register_buffer("weight_v", torch.empty(math.prod(shape[1:])))
        self._known: Remembered[float] = Remembered()

    @torch.no_grad()
    def initialise(self, generator: torch.Generator) -> None:
        matrix = nn.init.normal_(self.weight_orig, generator=generator).flatten(1)
        nn.init.normal_(self.weight_u, generator=generator)
        for _ in range(_START_ITERATIONS):
            self.weight_v.copy_(F.normalize(self.weight_u @ matrix, dim=0))
            self.weight_u.copy_(F.normalize(matrix @ self.weight_v, dim=0))
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    @property
    def inverse_norm(self) -> float | Tensor:
        """What the weight is to be multiplied by; a number unless its gradient is wanted."""
        if torch.is_grad_enabled() and self.weight_orig.requires_grad:
            return self._norm().reciprocal()
        return self._known.of(
            lambda: 1.0 / float(self._norm()), self.weight_orig, self.weight_u, self.weight_v
        )

    def _norm(self) -> Tensor:
        return self.weight_u.dot(self.weight_orig.flatten(1).mv(self.weight_v))


class SpectralLinear(SpectralLayer):
    """``[N, in]`` to ``[N, out]``."""

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__((out_features, in_features), bias)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x * self.inverse_norm, self.weight_orig, self.bias)


class SpectralConv(SpectralLayer):
    """Convolution that keeps the size."""

    def __init__(self, in_channels: int, out_channels: int, kernel: int, bias: bool = True) -> None:
        super().__init__((out_channels, in_channels, kernel, kernel), bias)
        self.padding = kernel // 2

    def forward(self, x: Tensor, divided: bool = False) -> Tensor:
        """Convolve ``x``, which has been multiplied by :attr:`inverse_norm` if ``divided``."""
        x = x if divided else x * self.inverse_norm
        bias = None if self.bias is None else self.bias.to(x.dtype)
        weight = self.weight_orig.to(x.dtype)
        return F.conv2d(x, weight, bias, padding=self.padding)


def level_weights(psi: Sequence[float], n_stats: int) -> Tensor:
    """How much each stored level counts at each psi: float64 ``[len(psi), n_stats]``.

    Level i belongs to psi ``i / (n_stats - 1)``. Between two levels, at ``i + f``, the lower one
    has the weight f and the upper one ``1 - f``: the published code has it this way round, and its
    pictures are what a published model looks like. The division below is its, too: by the rounded
    step, so that 0.58 of 50 steps is 28.999… and means level 28.
    """
    weights = torch.zeros(len(psi), n_stats, dtype=torch.float64)
    for row, strength in zip(weights, psi, strict=True):
        if n_stats == 1:
            row[0] = 1.0
            continue
        f, level = math.modf(min(max(strength, 0.0), 1.0) / (1.0 / (n_stats - 1)))
        low = min(int(level), n_stats - 1)
        if f and low < n_stats - 1:
            row[low], row[low + 1] = f, 1.0 - f
        else:
            row[low] = 1.0
    return weights


class StoredNorm(nn.Module):
    """Batch normalisation by stored statistics, with gain and shift from a condition.

    Parameters
    ----------
    condition
        Length of the condition vector; None for learned gain and shift.
    """

    running_means: Tensor
    running_vars: Tensor

    def __init__(
        self, channels: int, n_stats: int, eps: float, condition: int | None = None
    ) -> None:
        super().__init__()
        self.eps, self.conditional = eps, condition is not None
        self.register_buffer("running_means", torch.zeros(n_stats, channels))
        self.register_buffer("running_vars", torch.ones(n_stats, channels))
        if condition is None:
            self.weight = nn.Parameter(torch.ones(channels))
            self.bias = nn.Parameter(torch.zeros(channels))
        else:
            self.scale = SpectralLinear(condition, channels, bias=False)
            self.offset = SpectralLinear(condition, channels, bias=False)

    def forward(
        self,
        x: Tensor,
        levels: Tensor,
        condition: Tensor | None = None,
        gain: float | Tensor = 1.0,
    ) -> Tensor:
        """Normalise ``[N, C, H, W]`` and multiply by ``gain``, in one pass.

        ``levels`` ``[1 or N, n_stats]`` are the weights of the stored statistics.
        """
        scale = (levels @ self.running_vars + self.eps).rsqrt()
        shift = -(levels @ self.running_means) * scale
        if self.conditional:
            factor = 1 + self.scale(condition)
            scale, shift = scale * factor, shift * factor + self.offset(condition)
        else:
            scale, shift = scale * self.weight, shift * self.weight + self.bias
        scale, shift = (scale * gain).to(x.dtype), (shift * gain).to(x.dtype)
        return torch.addcmul(shift[:, :, None, None], x, scale[:, :, None, None])


class SelfAttention(nn.Module):
    """Each pixel looks at all others, at half the resolution (Zhang et al. 2019,
    arXiv:1805.08318)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.snconv1x1_theta = SpectralConv(channels, channels // 8, 1, bias=False)
        self.snconv1x1_phi = SpectralConv(channels, channels // 8, 1, bias=False)
        self.snconv1x1_g = SpectralConv(channels, channels // 2, 1, bias=False)
        self.snconv1x1_o_conv = SpectralConv(channels // 2, channels, 1, bias=False)
        self.gamma = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        n, _, height, width = x.shape
        query = self.snconv1x1_theta(x).flatten(2).transpose(1, 2)
        key = F.max_pool2d(self.snconv1x1_phi(x), 2).flatten(2).transpose(1, 2)
        value = F.max_pool2d(self.snconv1x1_g(x), 2).flatten(2).transpose(1, 2)
        seen = F.scaled_dot_product_attention(query, key, value, scale=1.0)
        seen = seen.transpose(1, 2).reshape(n, -1, height, width)
        added: Tensor = self.snconv1x1_o_conv(seen)
        return x + self.gamma.to(x.dtype) * added
