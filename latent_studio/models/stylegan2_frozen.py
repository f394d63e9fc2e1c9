"""StyleGAN2 synthesis for pictures only: what depends on the weights alone is done once.

Equal to :class:`~latent_studio.models.stylegan2.StyleGAN2Synthesis` up to rounding. Gains are
folded into weights, squared weights for the demodulation are summed and weights cast ahead. For a
single picture, style and demodulation scale the kernel instead of the activations wherever that is
the smaller of the two, and the bias rides on the convolution.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from latent_studio.models.base import CONST_NOISE, NoiseInput, Synthesis, SynthesisState
from latent_studio.models.layers import EqualLinear, default_gain
from latent_studio.models.resample import doubling_phases
from latent_studio.models.stylegan2 import StyleGAN2Synthesis, SynthesisBlock
from latent_studio.models.stylegan2_layers import (
    EqualConv,
    StyleConv,
    ToRGB,
    kernel_room,
    tamed,
)

_SMALL = 20480
_SLOPES = {"linear": 1.0, "relu": 0.0, "lrelu": 0.2}


def can_freeze(synthesis: StyleGAN2Synthesis) -> bool:
    """Whether its options are among those that are written out here (the usual ones)."""
    blocks = [synthesis.block(index) for index in range(synthesis.num_blocks)]
    return all(
        block.conv1.activation in _SLOPES
        and block.conv1.weight.shape[-1] == 3
        and block.resample_filter.shape == (4, 4)
        for block in blocks
    )


class FrozenStyleGAN2Synthesis(Synthesis):
    """Runs a synthesis network in one precision, for inference; holds no parameters.

    Parameters
    ----------
    source
        The network; later changes of its weights do not show here.
    dtype
        Precision of the convolutions.
    """

    @torch.no_grad()
    def __init__(self, source: StyleGAN2Synthesis, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.num_ws, self.num_blocks = source.num_ws, source.num_blocks
        self._rows = [source.block_layers(index) for index in range(source.num_blocks)]
        self._resolutions = list(source.resolutions)
        self._noise_shapes = source.noise_shapes
        self._blocks = [
            _Block(source.block(i), source.block_dtype(i, dtype)) for i in range(source.num_blocks)
        ]

    def block_layers(self, block: int) -> range:
        return self._rows[block]

    def block_resolution(self, block: int) -> int:
        return self._resolutions[block]

    @property
    def noise_shapes(self) -> list[tuple[int, ...]]:
        return self._noise_shapes

    def run(
        self,
        ws: Tensor,
        noise: NoiseInput = CONST_NOISE,
        *,
        state: SynthesisState | None = None,
        last_block: int | None = None,
        dtype: torch.dtype = torch.float32,
        transform: Tensor | None = None,
    ) -> SynthesisState:
        """As ``Synthesis.run``; ``dtype`` was chosen at construction and is ignored here."""
        start = 0 if state is None else state.block + 1
        stop = self.num_blocks if last_block is None else last_block + 1
        x, img = (None, None) if state is None else (state.x, state.img)
        rows = ws.unbind(dim=1)
        for index in range(start, stop):
            x, img = self._blocks[index].run(x, img, rows, noise, self._rows[index].start)
        return SynthesisState(stop - 1, x, img)


class _Block:
    def __init__(self, block: SynthesisBlock, dtype: torch.dtype) -> None:
        residual = block.architecture == "resnet" and block.num_conv == 2
        gain = math.sqrt(0.5) if residual else 1.0
        self._dtype = dtype
        self._const = None
        self._conv0 = self._skip = self._torgb = None
        if block.num_conv == 1:
            const = block.const.detach().to(dtype)[None]
            self._const = const.contiguous(memory_format=torch.channels_last)
        else:
            self._conv0 = _Layer(block.conv0, dtype)
        self._conv1 = _Layer(block.conv1, dtype, gain)
        if residual:
            self._skip = _Skip(block.skip, dtype, gain)
        if block.num_torgb:
            self._torgb = _ToRGB(block.torgb, dtype)
        self._enlarge = _Enlarge(block.resample_filter, torch.float32)

    def run(
        self,
        x: Tensor | None,
        img: Tensor | None,
        rows: tuple[Tensor, ...],
        noise: NoiseInput,
        row: int,
    ) -> tuple[Tensor, Tensor | None]:
        if x is None:
            assert self._const is not None
            x = self._const.expand(rows[0].shape[0], -1, -1, -1)
            x = self._conv1.run(x, rows[row], noise, row)
            row += 1
        else:
            assert self._conv0 is not None
            x = x.to(self._dtype)
            y = None if self._skip is None else self._skip.run(x)
            x = self._conv0.run(x, rows[row], noise, row)
            x = self._conv1.run(x, rows[row + 1], noise, row + 1)
            x = x if y is None else y.add_(x)
            row += 2
        if img is not None:
            img = self._enlarge.run(img)
        if self._torgb is not None:
            y = self._torgb.run(x, rows[row])
            img = y if img is None else img.add_(y)
        return x, img


class _Affine:
    """w to styles, gains folded."""

    def __init__(self, linear: EqualLinear, gain: float = 1.0) -> None:
        self._weight = (linear.weight.detach().t() * (linear.weight_gain * gain)).contiguous()
        self._bias = linear.bias.detach() * (linear.bias_gain * gain)

    def run(self, w: Tensor) -> Tensor:
        return torch.addmm(self._bias, w, self._weight)


class _Layer:
    """One :class:`StyleConv`."""

    def __init__(self, conv: StyleConv, dtype: torch.dtype, gain: float = 1.0) -> None:
        total = default_gain(conv.activation) * gain
        self._up, self._dtype, self._slope = conv.up == 2, dtype, _SLOPES[conv.activation]
        self._clamp = None if conv.conv_clamp is None else conv.conv_clamp * gain
        self._affine = _Affine(conv.affine)
        weight = conv.weight.detach()
        self._room = kernel_room(weight) if dtype == torch.float16 else None
        # The demodulation factor times ``total``: (|w s|^2 / total^2)^-1/2.
        self._energy = weight.square().sum(dim=[2, 3]).t().contiguous() / total**2
        self._eps = torch.tensor(1e-8 / total**2, device=weight.device)
        weight = weight if self._room is None else weight * self._room
        self._plain = weight.transpose(0, 1).contiguous() if self._up else weight
        self._weight = self._plain.to(dtype)
        # PyTorch hands small single pictures to a matrix product, which wants plain weights.
        if not self._up and weight.shape[1] * conv.resolution**2 > _SMALL:
            self._weight = self._weight.contiguous(memory_format=torch.channels_last)
        self._bias = conv.bias.detach() * total
        self._shift = self._bias.to(dtype)
        kernel = conv.resample_filter.flip([0, 1]) * 4
        self._blur = kernel.expand(weight.shape[0], 1, -1, -1).contiguous()
        self._noise_gain: Tensor | None = None
        if conv.use_noise:
            self._noise_gain = conv.noise_strength.detach() * total
            self._pattern = (conv.noise_const * self._noise_gain).to(dtype)

    def run(self, x: Tensor, w: Tensor, noise: NoiseInput, index: int) -> Tensor:
        styles = self._affine.run(w)
        scale = torch.addmm(self._eps, styles.square(), self._energy).rsqrt_()
        if self._room is not None:
            styles, peak = tamed(styles)
            scale = scale * peak / self._room.flatten()
        # Who looks for a latent wants gradients of styles: a scaled kernel would need its own, too.
        single = x.shape[0] == 1 and not (torch.is_grad_enabled() and styles.requires_grad)
        x = self._single(x, styles, scale) if single else self._batch(x, styles, scale)
        pattern = self._noise(noise, index)
        if pattern is not None:
            x.add_(pattern)
        if self._slope != 1.0:
            F.leaky_relu_(x, self._slope)
        return x if self._clamp is None else x.clamp_(-self._clamp, self._clamp)

    def _single(self, x: Tensor, styles: Tensor, scale: Tensor) -> Tensor:
        factor = scale[0, :, None, None, None]
        inner = styles[0, :, None, None]
        small = x.numel() < self._weight.numel()
        if self._up:
            if small:
                x, weight = x * styles.to(x.dtype)[:, :, None, None], self._weight
            else:
                weight = (self._plain * inner[..., None]).to(x.dtype)
            x = F.conv_transpose2d(x, weight, stride=2)
            kernel = (self._blur * factor).to(x.dtype)
            return F.conv2d(x, kernel, self._shift, padding=1, groups=kernel.shape[0])
        if small:
            x = F.conv2d(x * styles.to(x.dtype)[:, :, None, None], self._weight, padding=1)
            return torch.addcmul(self._shift[:, None, None], x, factor[..., 0].to(x.dtype))
        weight = (self._plain * inner * factor).to(x.dtype)
        return F.conv2d(x, weight, self._shift, padding=1)

    def _batch(self, x: Tensor, styles: Tensor, scale: Tensor) -> Tensor:
        x = x * styles.to(x.dtype)[:, :, None, None]
        if self._up:
            x = F.conv_transpose2d(x, self._weight, stride=2)
            blur = self._blur.to(x.dtype)
            x = F.conv2d(x, blur, padding=1, groups=blur.shape[0])
        else:
            x = F.conv2d(x, self._weight, padding=1)
        return torch.addcmul(self._shift[:, None, None], x, scale.to(x.dtype)[:, :, None, None])

    def _noise(self, noise: NoiseInput, index: int) -> Tensor | None:
        if self._noise_gain is None or noise.mode == "none":
            return None
        if noise.mode == "const":
            return self._pattern if noise.strength == 1 else self._pattern * noise.strength
        if noise.maps is None:
            raise ValueError("frozen networks take their random noise as maps")
        return (noise.maps[index] * (self._noise_gain * noise.strength)).to(self._dtype)


class _ToRGB:
    """One :class:`ToRGB`: the style scales the few weights, not the activations."""

    def __init__(self, torgb: ToRGB, dtype: torch.dtype) -> None:
        self._affine = _Affine(torgb.affine, torgb.weight_gain)
        self._weight = torgb.weight.detach()[:, :, 0, 0].t().contiguous()
        self._bias, self._clamp = torgb.bias.detach(), torgb.conv_clamp
        self._dtype = dtype

    def run(self, x: Tensor, w: Tensor) -> Tensor:
        n, c, height, width = x.shape
        weight = (self._affine.run(w)[:, :, None] * self._weight).to(self._dtype)
        flat = x.permute(0, 2, 3, 1).reshape(n, height * width, c)
        y = torch.bmm(flat, weight).float().add_(self._bias)
        if self._clamp is not None:
            y.clamp_(-self._clamp, self._clamp)
        return y.transpose(1, 2).reshape(n, -1, height, width)


class _Enlarge:
    """Twice the size with a 4x4 filter; see :func:`doubling_phases`."""

    def __init__(self, f: Tensor, dtype: torch.dtype) -> None:
        self._phases = doubling_phases(f.detach().float()).to(dtype)
        self._repeated: dict[int, Tensor] = {}

    def run(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        weight = self._repeated.get(channels)
        if weight is None:
            weight = self._repeated[channels] = self._phases.repeat(channels, 1, 1, 1)
        return F.pixel_shuffle(F.conv2d(x, weight, padding=1, groups=channels), 2)


class _Skip:
    """The residual path of a resnet block: 1x1 convolution and enlargement."""

    def __init__(self, conv: EqualConv, dtype: torch.dtype, gain: float) -> None:
        self._weight = (conv.weight.detach() * (conv.weight_gain * gain)).to(dtype)
        self._enlarge = _Enlarge(conv.resample_filter, dtype)

    def run(self, x: Tensor) -> Tensor:
        return self._enlarge.run(F.conv2d(x, self._weight))
