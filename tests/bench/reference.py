"""StyleGAN2 as its papers write it down: what every speed-up here is measured against.

The networks follow the equations of Karras et al. 2020 (arXiv:1912.04958, arXiv:2006.06676) step by
step. Nothing is folded, fused or rearranged:

* each sample has its own modulated and demodulated weights, and a batch is one grouped convolution;
* a filter is applied to the picture with zeros inserted, and every second result is thrown away;
* bias, activation, gain and clamp are operations of their own;
* pictures and weights are contiguous ``[N, C, H, W]`` in float32.

Parameters have the names of ``latent_studio.models.stylegan2`` and ``stylegan2_d``, whose state
dictionaries load as they are. The file stands on torch alone, and stays as it is: the tests hold it
to the published numbers, and a faster reference would only make the ratios mean something else.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TAPS = (1.0, 3.0, 3.0, 1.0)
GAINS = {"linear": 1.0, "lrelu": math.sqrt(2)}


# -- operations -----------------------------------------------------------------------------------


def fir_filter(taps: Sequence[float] = TAPS) -> Tensor:
    """``[k, k]``, with sum 1."""
    line = torch.tensor(taps, dtype=torch.float32)
    square = torch.outer(line, line)
    return square / square.sum()


def upfirdn(
    x: Tensor, f: Tensor, up: int = 1, down: int = 1, pad: Sequence[int] = (0, 0), gain: float = 1
) -> Tensor:
    """Insert ``up - 1`` zeros after every pixel, pad, convolve with ``f``, keep every ``down``-th.

    ``pad`` counts pixels before and after, alike for both axes; negative ones are cut off.
    """
    n, c, h, w = x.shape
    x = F.pad(x.reshape(n, c, h, 1, w, 1), (0, up - 1, 0, 0, 0, up - 1))
    x = x.reshape(n, c, h * up, w * up)
    x = F.pad(x, (pad[0], pad[1], pad[0], pad[1]))
    kernel = (f * gain).flip(0, 1).repeat(c, 1, 1, 1)
    return F.conv2d(x, kernel, groups=c)[:, :, ::down, ::down]


def enlarge(x: Tensor, f: Tensor) -> Tensor:
    """Twice the size."""
    k = len(f)
    return upfirdn(x, f, up=2, pad=((k + 1) // 2, (k - 2) // 2), gain=4)


def convolve(x: Tensor, w: Tensor, f: Tensor, up: int, down: int, groups: int = 1) -> Tensor:
    """Convolution behind an enlargement or before a reduction by two.

    ``w`` is ``[O, I / groups, k, k]``. To enlarge is to convolve the picture with zeros inserted
    with kernel and filter one after the other; the first of them is a transposed convolution.
    """
    k, taps = w.shape[-1], len(f)
    if up == 2 and k > 1:
        out, inner = w.shape[:2]
        w = w.reshape(groups, out // groups, inner, k, k).transpose(1, 2)
        w = w.reshape(groups * inner, out // groups, k, k)
        x = F.conv_transpose2d(x, w, stride=2, groups=groups)
        before = k // 2 + (taps + 1) // 2 - (k - 1)
        after = k // 2 + (taps - 2) // 2 - (k - 2)
        return upfirdn(x, f, pad=(before, after), gain=4)
    if up == 2:
        return enlarge(F.conv2d(x, w, groups=groups), f)
    if down == 2 and k > 1:
        pad = (k // 2 + (taps - 1) // 2, k // 2 + (taps - 2) // 2)
        return F.conv2d(upfirdn(x, f, pad=pad), w, stride=2, groups=groups)
    if down == 2:
        return F.conv2d(upfirdn(x, f, down=2, pad=((taps - 1) // 2, (taps - 2) // 2)), w)
    return F.conv2d(x, w, padding=k // 2, groups=groups)


def modulated(
    x: Tensor, weight: Tensor, styles: Tensor, f: Tensor, up: int = 1, demodulate: bool = True
) -> Tensor:
    """Equations 1 and 3 of arXiv:1912.04958, a kernel for each sample of the batch."""
    n = len(x)
    w = weight[None] * styles[:, None, :, None, None]
    if demodulate:
        sigma = (w.square().sum(dim=(2, 3, 4), keepdim=True) + 1e-8).sqrt()
        w = w / sigma
    x = x.reshape(1, -1, *x.shape[2:])
    x = convolve(x, w.reshape(-1, *w.shape[2:]), f, up, 1, groups=n)
    return x.reshape(n, -1, *x.shape[2:])


def act(
    x: Tensor, bias: Tensor | None, name: str, gain: float = 1, clamp: float | None = None
) -> Tensor:
    if bias is not None:
        x = x + bias.reshape(1, -1, *[1] * (x.ndim - 2))
    if name == "lrelu":
        x = F.leaky_relu(x, 0.2)
    x = x * (GAINS[name] * gain)
    return x if clamp is None else x.clamp(-clamp * gain, clamp * gain)


def unit(x: Tensor) -> Tensor:
    return x / (x.square().mean(dim=1, keepdim=True) + 1e-8).sqrt()


# -- layers ---------------------------------------------------------------------------------------


class Filtered(nn.Module):
    f: Tensor

    def __init__(self, taps: Sequence[float] = TAPS) -> None:
        super().__init__()
        self.register_buffer("f", fir_filter(taps), persistent=False)


class Linear(nn.Module):
    """Equalised learning rate (arXiv:1710.10196, section 4.1)."""

    def __init__(self, inputs: int, outputs: int, name: str = "linear", rate: float = 1) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outputs, inputs))
        self.bias = nn.Parameter(torch.empty(outputs))
        self.name, self.rate = name, rate

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight * (self.rate / math.sqrt(self.weight.shape[1]))
        return act(x @ weight.t(), self.bias * self.rate, self.name)


class StyleMapping(nn.Module):
    def __init__(
        self, z: int, c: int, w: int, num_layers: int = 8, average: bool = True, **_: Any
    ) -> None:
        super().__init__()
        self.z, self.c, self.count = z, c, num_layers
        widths = [z + (w if c else 0)] + [w] * num_layers
        if c:
            self.embed = Linear(c, w)
        for i in range(num_layers):
            self.add_module(f"fc{i}", Linear(widths[i], widths[i + 1], "lrelu", 0.01))
        if average:
            self.register_buffer("w_avg", torch.zeros(w))

    def forward(self, z: Tensor | None, c: Tensor | None = None) -> Tensor:
        parts = [unit(z)] if z is not None and self.z else []
        if c is not None and self.c:
            parts.append(unit(self.embed(c)))
        x = torch.cat(parts, dim=1)
        for i in range(self.count):
            x = getattr(self, f"fc{i}")(x)
        return x


class StyleLayer(Filtered):
    def __init__(
        self, inputs: int, outputs: int, w: int, size: int, up: int, clamp: float | None
    ) -> None:
        super().__init__()
        self.up, self.clamp, self.size = up, clamp, size
        self.affine = Linear(w, inputs)
        self.weight = nn.Parameter(torch.empty(outputs, inputs, 3, 3))
        self.bias = nn.Parameter(torch.empty(outputs))
        self.noise_strength = nn.Parameter(torch.empty(()))
        self.register_buffer("noise_const", torch.empty(size, size))

    def forward(self, x: Tensor, w: Tensor, noise: Any, gain: float = 1) -> Tensor:
        x = modulated(x, self.weight, self.affine(w), self.f, self.up)
        if isinstance(noise, torch.Generator):
            shape = (len(x), 1, self.size, self.size)
            x = x + torch.randn(shape, generator=noise, device=x.device) * self.noise_strength
        elif noise == "const":
            x = x + self.noise_const * self.noise_strength
        return act(x, self.bias, "lrelu", gain, self.clamp)


class RGB(Filtered):
    def __init__(self, inputs: int, channels: int, w: int, clamp: float | None) -> None:
        super().__init__()
        self.clamp = clamp
        self.affine = Linear(w, inputs)
        self.weight = nn.Parameter(torch.empty(channels, inputs, 1, 1))
        self.bias = nn.Parameter(torch.empty(channels))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        styles = self.affine(w) / math.sqrt(self.weight.shape[1])
        x = modulated(x, self.weight, styles, self.f, demodulate=False)
        return act(x, self.bias, "linear", clamp=self.clamp)


class Conv(Filtered):
    def __init__(
        self,
        inputs: int,
        outputs: int,
        k: int,
        name: str = "linear",
        up: int = 1,
        down: int = 1,
        bias: bool = True,
        clamp: float | None = None,
    ) -> None:
        super().__init__()
        self.name, self.up, self.down, self.clamp = name, up, down, clamp
        self.weight = nn.Parameter(torch.empty(outputs, inputs, k, k))
        self.bias = nn.Parameter(torch.empty(outputs)) if bias else None

    def forward(self, x: Tensor, gain: float = 1) -> Tensor:
        weight = self.weight / math.sqrt(self.weight[0].numel())
        x = convolve(x, weight, self.f, self.up, self.down)
        return act(x, self.bias, self.name, gain, self.clamp)


# -- generator ------------------------------------------------------------------------------------


class SynthesisBlock(Filtered):
    def __init__(
        self, inputs: int, outputs: int, w: int, size: int, config: Mapping[str, Any]
    ) -> None:
        super().__init__()
        self.architecture = architecture = config.get("architecture", "skip")
        clamp = config.get("conv_clamp")
        if inputs:
            self.conv0 = StyleLayer(inputs, outputs, w, size, 2, clamp)
        else:
            self.const = nn.Parameter(torch.empty(outputs, size, size))
        self.conv1 = StyleLayer(outputs, outputs, w, size, 1, clamp)
        if size == config["img_resolution"] or architecture == "skip":
            self.torgb = RGB(outputs, config.get("img_channels", 3), w, clamp)
        if inputs and architecture == "resnet":
            self.skip = Conv(inputs, outputs, 1, up=2, bias=False)
        self.layers = 2 if inputs else 1

    def forward(
        self, x: Tensor | None, img: Tensor | None, ws: Sequence[Tensor], noise: Any
    ) -> tuple[Tensor, Tensor | None]:
        if x is None:
            x = self.const.repeat(len(ws[0]), 1, 1, 1)
            x = self.conv1(x, ws[0], noise)
        elif self.architecture == "resnet":
            y = self.skip(x, math.sqrt(0.5))
            x = self.conv1(self.conv0(x, ws[0], noise), ws[1], noise, math.sqrt(0.5))
            x = y + x
        else:
            x = self.conv1(self.conv0(x, ws[0], noise), ws[1], noise)
        img = None if img is None else enlarge(img, self.f)
        if hasattr(self, "torgb"):
            y = self.torgb(x, ws[self.layers])
            img = y if img is None else img + y
        return x, img


def widths(sizes: Sequence[int], base: int, most: int) -> dict[int, int]:
    return {size: max(1, min(base // size, most)) for size in sizes}


class Synthesis(nn.Module):
    def __init__(self, w: int, config: Mapping[str, Any]) -> None:
        super().__init__()
        size = config["img_resolution"]
        self.sizes = [2**i for i in range(2, size.bit_length())]
        self.num_ws = 2 * len(self.sizes)
        most = config.get("channel_max", 512)
        channels = widths(self.sizes, config.get("channel_base", 32768), most)
        for r in self.sizes:
            block = SynthesisBlock(channels.get(r // 2, 0), channels[r], w, r, config)
            self.add_module(f"b{r}", block)

    def forward(self, ws: Tensor, noise: Any = "const") -> Tensor:
        """``noise``: ``const``, ``none``, or a generator to draw it from."""
        x, img, row = None, None, 0
        for r in self.sizes:
            block = getattr(self, f"b{r}")
            x, img = block(x, img, [ws[:, i] for i in range(row, min(row + 3, self.num_ws))], noise)
            row += block.layers
        assert img is not None
        return img


class PlainGenerator(nn.Module):
    """Takes the ``config`` and the tensors of a ``stylegan2`` generator with its usual options."""

    def __init__(self, config: Mapping[str, Any], state: Mapping[str, Tensor]) -> None:
        super().__init__()
        w = config.get("w_dim", 512)
        mapping = config.get("mapping_kwargs") or {}
        self.mapping = StyleMapping(config.get("z_dim", 512), config.get("c_dim", 0), w, **mapping)
        self.synthesis = Synthesis(w, config)
        self.load_state_dict(state)

    def forward(self, z: Tensor, c: Tensor | None, noise: Any = "const") -> Tensor:
        w = self.mapping(z, c)
        if self.training:
            with torch.no_grad():
                self.mapping.w_avg.copy_(0.998 * self.mapping.w_avg + 0.002 * w.mean(dim=0))
        img: Tensor = self.synthesis(w[:, None].repeat(1, self.synthesis.num_ws, 1), noise)
        return img


# -- discriminator --------------------------------------------------------------------------------


class DiscriminatorBlock(Filtered):
    def __init__(
        self, first: bool, width: int, outputs: int, channels: int, architecture: str, **conv: Any
    ) -> None:
        super().__init__()
        self.architecture = architecture
        if first or architecture == "skip":
            self.fromrgb = Conv(channels, width, 1, "lrelu", **conv)
        self.conv0 = Conv(width, width, 3, "lrelu", **conv)
        self.conv1 = Conv(width, outputs, 3, "lrelu", down=2, **conv)
        if architecture == "resnet":
            self.skip = Conv(width, outputs, 1, down=2, bias=False)

    def forward(self, x: Tensor | None, img: Tensor) -> tuple[Tensor, Tensor]:
        if hasattr(self, "fromrgb"):
            y = self.fromrgb(img)
            x = y if x is None else x + y
        if self.architecture == "skip":
            img = upfirdn(img, self.f, down=2, pad=((len(self.f) - 1) // 2, (len(self.f) - 2) // 2))
        assert x is not None
        if self.architecture == "resnet":
            half = math.sqrt(0.5)
            return self.skip(x, half) + self.conv1(self.conv0(x), half), img
        return self.conv1(self.conv0(x)), img


class Epilogue(nn.Module):
    def __init__(self, width: int, outputs: int, config: Mapping[str, Any]) -> None:
        super().__init__()
        options = config.get("epilogue_kwargs") or {}
        self.group = options.get("mbstd_group_size", 4)
        self.features = options.get("mbstd_num_channels", 1)
        if config.get("architecture") == "skip":
            self.fromrgb = Conv(config.get("img_channels", 3), width, 1, "lrelu")
        clamp = config.get("conv_clamp")
        self.conv = Conv(width + self.features, width, 3, "lrelu", clamp=clamp)
        self.fc = Linear(width * 16, width, "lrelu")
        self.out = Linear(width, outputs)

    def forward(self, x: Tensor, img: Tensor) -> Tensor:
        if hasattr(self, "fromrgb"):
            x = x + self.fromrgb(img)
        if self.features:
            x = torch.cat([x, self._deviation(x)], dim=1)
        scores: Tensor = self.out(self.fc(self.conv(x).flatten(1)))
        return scores

    def _deviation(self, x: Tensor) -> Tensor:
        """Of each group of samples, as channels (arXiv:1710.10196, section 3)."""
        n, c, h, w = x.shape
        group = min(self.group or n, n)
        y = x.reshape(group, n // group, self.features, c // self.features, h, w)
        y = (y - y.mean(dim=0)).square().mean(dim=0)
        y = (y + 1e-8).sqrt().mean(dim=(2, 3, 4))
        return y.reshape(-1, self.features, 1, 1).repeat(group, 1, h, w)


class PlainDiscriminator(nn.Module):
    """Takes the ``config`` and the tensors of a ``stylegan2`` discriminator."""

    def __init__(self, config: Mapping[str, Any], state: Mapping[str, Tensor]) -> None:
        super().__init__()
        size, rgb = config["img_resolution"], config.get("img_channels", 3)
        architecture, clamp = config.get("architecture", "resnet"), config.get("conv_clamp")
        self.sizes = [2**i for i in range(size.bit_length() - 1, 2, -1)]
        most = config.get("channel_max", 512)
        channels = widths((4, *self.sizes), config.get("channel_base", 32768), most)
        for r in self.sizes:
            block = DiscriminatorBlock(
                r == size, channels[r], channels[r // 2], rgb, architecture, clamp=clamp
            )
            self.add_module(f"b{r}", block)
        classes = config.get("c_dim", 0)
        self.width = (config.get("cmap_dim") or channels[4]) if classes else 0
        if classes:
            mapping = config.get("mapping_kwargs") or {}
            self.mapping = StyleMapping(0, classes, self.width, average=False, **mapping)
        self.b4 = Epilogue(channels[4], self.width or 1, config)
        self.load_state_dict(state)

    def forward(self, img: Tensor, c: Tensor | None = None) -> Tensor:
        x = None
        for r in self.sizes:
            x, img = getattr(self, f"b{r}")(x, img)
        assert x is not None
        scores: Tensor = self.b4(x, img)
        if not self.width:
            return scores
        return (scores * self.mapping(None, c)).sum(dim=1, keepdim=True) / math.sqrt(self.width)
