"""Convolution layers of StyleGAN2 (Karras et al. 2020, arXiv:1912.04958).

One formulation of the modulated convolution serves training and inference: scale the input by
the style, convolve with the shared weight, scale the output by the demodulation factor. Activation
gains are folded into that factor and the bias.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.models.base import NoiseInput
from latent_studio.models.draws import normal
from latent_studio.models.layers import EqualLinear, activate, default_gain
from latent_studio.models.resample import conv2d_resample, upfirdn2d


def modulated_conv2d(
    x: Tensor,
    weight: Tensor,
    styles: Tensor,
    noise: Tensor | None = None,
    up: int = 1,
    down: int = 1,
    padding: int = 0,
    resample_filter: Tensor | None = None,
    demodulate: bool = True,
    flip_weight: bool = True,
) -> Tensor:
    """Convolution whose input channels are scaled by a style, sample by sample.

    Parameters
    ----------
    x, weight, styles
        ``[N, I, H, W]``, ``[O, I, k, k]`` and ``[N, I]``.
    noise
        Added to the result; broadcast over samples and channels.
    demodulate
        Scale each output channel back to unit expected variance.
    """
    x = x * styles.to(x.dtype)[:, :, None, None]
    x = conv2d_resample(
        x, weight.to(x.dtype), resample_filter, up, down, padding, flip_weight=flip_weight
    )
    if demodulate:
        x = x * demodulation(weight, styles).to(x.dtype)[:, :, None, None]
    return x if noise is None else x + noise.to(x.dtype)


def demodulation(weight: Tensor, styles: Tensor) -> Tensor:
    """``1 / |weight * style|`` for each sample and output channel, ``[N, O]``."""
    energy = weight.square().sum(dim=[2, 3])
    return (styles.square() @ energy.t() + 1e-8).rsqrt()


def _upsampling_conv(x: Tensor, weight: Tensor, f: Tensor) -> Tensor:
    """Double the size: strided transposed convolution, then the blur."""
    kernel, taps = weight.shape[-1], f.shape[0]
    x = F.conv_transpose2d(x, weight.transpose(0, 1), stride=2)
    before = kernel // 2 + (taps + 1) // 2 - kernel + 1
    after = kernel // 2 + (taps - 2) // 2 - kernel + 2
    return upfirdn2d(x, f, padding=(before, after, before, after), gain=4.0)


def kernel_room(weight: Tensor) -> Tensor:
    """Factors ``[O, 1, 1, 1]`` that keep sums over a kernel within float16's range.

    Demodulation takes such factors out again (as Karras et al. 2020, arXiv:2006.06676, do it).
    """
    inputs = math.prod(weight.shape[1:])
    peak = weight.abs().amax(dim=[1, 2, 3], keepdim=True).clamp_min(1e-12)
    return 1 / (math.sqrt(inputs) * peak)


def tamed(styles: Tensor) -> tuple[Tensor, Tensor]:
    """Styles ``[N, I]`` of at most one, and what they were divided by ``[N, 1]``."""
    peak = styles.abs().amax(dim=1, keepdim=True).clamp_min(1e-12)
    return styles / peak, peak


class StyleConv(nn.Module):
    """Modulated convolution, noise, bias and activation: one layer of the synthesis network.

    ``x`` ``[N, I, r / up, r / up]`` and ``w`` ``[N, w_dim]`` to ``[N, O, r, r]``.
    """

    noise_const: Tensor
    resample_filter: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        w_dim: int,
        resolution: int,
        resample_filter: Tensor,
        kernel_size: int = 3,
        up: int = 1,
        use_noise: bool = True,
        activation: str = "lrelu",
        conv_clamp: float | None = None,
    ) -> None:
        super().__init__()
        self.up, self.use_noise, self.resolution = up, use_noise, resolution
        self.activation, self.conv_clamp = activation, conv_clamp
        self.padding = kernel_size // 2  # torch 2.6 traces what comes of a shape as a tensor
        self.affine = EqualLinear(w_dim, in_channels, bias_init=1.0)
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.register_buffer("resample_filter", resample_filter.clone(), persistent=False)
        if use_noise:
            self.register_buffer("noise_const", torch.empty(resolution, resolution))
            self.noise_strength = nn.Parameter(torch.zeros([]))

    def initialise(self, generator: torch.Generator) -> None:
        nn.init.normal_(self.weight, generator=generator)
        if self.use_noise:
            nn.init.normal_(self.noise_const, generator=generator)

    def noise(self, source: NoiseInput, index: int, like: Tensor) -> Tensor | None:
        """Noise to add, broadcastable to ``like``; ``index`` counts the noise layers."""
        if not self.use_noise or source.mode == "none":
            return None
        if source.mode == "const":
            pattern = self.noise_const
        elif source.maps is not None:
            pattern = source.maps[index].to(like.device)
        else:
            shape = (like.shape[0], 1, self.resolution, self.resolution)
            pattern = normal(shape, source.generator, like.device)
        return pattern * (self.noise_strength * source.strength)

    def forward(
        self, x: Tensor, w: Tensor, noise: NoiseInput, index: int, gain: float = 1.0
    ) -> Tensor:
        styles = self.affine(w)
        total_gain = default_gain(self.activation) * gain
        scale = demodulation(self.weight, styles)
        weight: Tensor = self.weight
        if x.dtype == torch.float16:
            room = kernel_room(weight)
            styles, peak = tamed(styles)
            weight, scale = weight * room, scale * peak / room.flatten()
        x = x * styles.to(x.dtype)[:, :, None, None]
        weight = weight.to(x.dtype)
        if self.up == 2:
            x = _upsampling_conv(x, weight, self.resample_filter)
        else:
            x = F.conv2d(x, weight, padding=self.padding)
        folded = total_gain if self.activation in ("linear", "relu", "lrelu") else 1.0
        shift = self.bias[:, None, None] * folded
        pattern = self.noise(noise, index, x)
        x = torch.addcmul(shift.to(x.dtype), x, (scale * folded).to(x.dtype)[:, :, None, None])
        if pattern is not None:
            x = x + (pattern * folded).to(x.dtype)
        clamp = None if self.conv_clamp is None else self.conv_clamp * gain
        if folded != total_gain:
            return activate(activate(x, self.activation, None) * total_gain, "linear", clamp)
        return activate(x, self.activation, clamp)


class ToRGB(nn.Module):
    """1x1 modulated convolution without demodulation: features to picture channels."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        w_dim: int,
        conv_clamp: float | None = None,
    ) -> None:
        super().__init__()
        self.conv_clamp = conv_clamp
        self.weight_gain = 1 / math.sqrt(in_channels)
        self.affine = EqualLinear(w_dim, in_channels, bias_init=1.0)
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def initialise(self, generator: torch.Generator) -> None:
        # A tenth of the usual scale: the sum over all resolutions would otherwise start far
        # outside [-1, 1] and the first hundreds of steps would only shrink it.
        nn.init.normal_(self.weight, std=0.1, generator=generator)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        styles = self.affine(w) * self.weight_gain
        x = x * styles.to(x.dtype)[:, :, None, None]
        x = F.conv2d(x, self.weight.to(x.dtype), self.bias.to(x.dtype))
        return activate(x, "linear", self.conv_clamp)


class EqualConv(nn.Module):
    """Plain convolution with equalised learning rate, optionally resampling by two.

    The order is resample-and-convolve, bias, activation, gain, clamp.
    """

    resample_filter: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int,
        resample_filter: Tensor,
        bias: bool = True,
        activation: str = "linear",
        up: int = 1,
        down: int = 1,
        conv_clamp: float | None = None,
        trainable: bool = True,
    ) -> None:
        super().__init__()
        self.activation, self.conv_clamp = activation, conv_clamp
        self.up, self.down, self.padding = up, down, kernel_size // 2
        self.weight_gain = 1 / math.sqrt(in_channels * kernel_size**2)
        shape = (out_channels, in_channels, kernel_size, kernel_size)
        self.weight = nn.Parameter(torch.empty(shape), requires_grad=trainable)
        self.bias = (
            nn.Parameter(torch.zeros(out_channels), requires_grad=trainable) if bias else None
        )
        self.register_buffer("resample_filter", resample_filter.clone(), persistent=False)

    def initialise(self, generator: torch.Generator) -> None:
        nn.init.normal_(self.weight, generator=generator)

    def forward(self, x: Tensor, gain: float = 1.0) -> Tensor:
        total_gain = default_gain(self.activation) * gain
        folded = total_gain if self.activation in ("linear", "relu", "lrelu") else 1.0
        weight = (self.weight * (self.weight_gain * folded)).to(x.dtype)
        bias = None if self.bias is None else (self.bias * folded).to(x.dtype)
        if self.up == self.down == 1:
            x = F.conv2d(x, weight, bias, padding=self.padding)
        else:
            x = conv2d_resample(
                x,
                weight,
                self.resample_filter,
                self.up,
                self.down,
                self.padding,
                flip_weight=self.up == 1,
            )
            x = x if bias is None else x + bias[:, None, None]
        clamp = None if self.conv_clamp is None else self.conv_clamp * gain
        if folded != total_gain:
            return activate(activate(x, self.activation, None) * total_gain, "linear", clamp)
        return activate(x, self.activation, clamp)


class MinibatchStd(nn.Module):
    """Append the deviation among a group of samples as channels (Karras et al. 2018).

    ``[N, C, H, W]`` to ``[N, C + num_channels, H, W]``; N must divide by the group size.
    """

    def __init__(self, group_size: int | None = 4, num_channels: int = 1) -> None:
        super().__init__()
        self.group_size, self.num_channels = group_size, num_channels

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        group = n if self.group_size is None else min(self.group_size, n)
        if n % group:
            raise ValueError(f"batch of {n} does not divide into groups of {group}")
        y = x.float().reshape(group, -1, self.num_channels, c // self.num_channels, h, w)
        y = (y - y.mean(dim=0)).square().mean(dim=0)
        y = (y + 1e-8).sqrt().mean(dim=[2, 3, 4])
        y = y.reshape(-1, self.num_channels, 1, 1).repeat(group, 1, h, w)
        return torch.cat([x, y.to(x.dtype)], dim=1)
