"""Layers of the alias-free generator (Karras et al. 2021, arXiv:2106.12423)."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.models.layers import EqualLinear, normalize_2nd_moment
from latent_studio.models.stylegan2_layers import demodulation
from latent_studio.models.stylegan3_filters import SQRT2, design_lowpass, filtered_lrelu
from latent_studio.models.stylegan3_geometry import LayerGeometry, Signal


def inverse_transform(
    translate: tuple[float, float] = (0.0, 0.0), rotate: float = 0.0, zoom: float = 1.0
) -> Tensor:
    """The matrix that :attr:`FourierInput.transform` holds to move what the picture shows.

    Parameters
    ----------
    translate
        To the right and down, in widths of the picture; applied after the rotation.
    rotate
        Degrees, counter-clockwise, about the centre.
    zoom
        Magnification.

    Returns
    -------
    Tensor
        float32 ``[3, 3]``, from places in the picture to places in what is shown.
    """
    cos, sin = math.cos(math.radians(rotate)), math.sin(math.radians(rotate))
    right, below = translate
    matrix = [
        [zoom * cos, zoom * sin, right],
        [-zoom * sin, zoom * cos, below],
        [0.0, 0.0, 1.0],
    ]
    inverse: Tensor = torch.linalg.inv(torch.tensor(matrix, dtype=torch.float64))
    return inverse.float()


class FourierInput(nn.Module):
    """Waves on the plane that w turns and moves, mixed into channels; ``w`` to ``[N, C, S, S]``.

    Attributes
    ----------
    freqs, phases
        ``[C, 2]`` cycles per edge along x and y, spread evenly over the disk up to the first
        cutoff, and ``[C]`` cycles; drawn once.
    transform
        ``[3, 3]``, of all pictures (see :func:`inverse_transform`); the identity in training.
    """

    freqs: Tensor
    phases: Tensor
    transform: Tensor

    def __init__(self, w_dim: int, signal: Signal) -> None:
        super().__init__()
        self.signal = signal
        self.weight = nn.Parameter(torch.empty(signal.channels, signal.channels))
        self.affine = EqualLinear(w_dim, 4)
        # Not torch.eye: on the meta device it loads torch's decompositions, which takes seconds.
        self.register_buffer("transform", torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1]]))
        self.register_buffer("freqs", torch.empty(signal.channels, 2))
        self.register_buffer("phases", torch.empty(signal.channels))

    @torch.no_grad()
    def initialise(self, generator: torch.Generator) -> None:
        nn.init.normal_(self.weight, generator=generator)
        draw = torch.rand(3, len(self.phases), generator=generator)
        radius, angle = self.signal.cutoff * draw[0].sqrt(), 2 * math.pi * draw[1]
        self.freqs.copy_(torch.stack([radius * angle.cos(), radius * angle.sin()], dim=1))
        self.phases.copy_(draw[2] - 0.5)

    def forward(self, w: Tensor, transform: Tensor | None = None) -> Tensor:
        """``transform`` ``[1 or N, 3, 3]`` moves single pictures, after :attr:`transform`."""
        matrix = self._learned(w) @ self.transform
        if transform is not None:
            matrix = matrix @ transform
        freqs = self.freqs @ matrix[:, :2, :2]
        phases = self.phases + (self.freqs @ matrix[:, :2, 2:]).squeeze(2)
        # Waves that the transform has made too fine for the grid fade out instead of aliasing.
        room = self.signal.rate / 2 - self.signal.cutoff
        gain = (1 - (freqs.norm(dim=2) - self.signal.cutoff) / room).clamp(0, 1)
        x = _waves(freqs, phases, gain, self._places(w))
        x = x @ (self.weight.t() / math.sqrt(len(self.weight)))
        return x.permute(0, 3, 1, 2)

    def _learned(self, w: Tensor) -> Tensor:
        """Rotation and translation by w, ``[N, 3, 3]``."""
        t = self.affine(w)
        cos, sin, x, y = (t / t[:, :2].norm(dim=1, keepdim=True)).unbind(dim=1)
        zero, one = torch.zeros_like(cos), torch.ones_like(cos)
        turn = torch.stack([cos, -sin, zero, sin, cos, zero, zero, zero, one], dim=1)
        move = torch.stack([one, zero, -x, zero, one, -y, zero, zero, one], dim=1)
        return torch.bmm(turn.reshape(-1, 3, 3), move.reshape(-1, 3, 3))

    def _places(self, like: Tensor) -> Tensor:
        """Centres of the pixels along an axis; the picture is -0.5 to 0.5."""
        size = self.signal.size
        steps = torch.arange(size, device=like.device, dtype=torch.float32)
        return (steps + (0.5 - size / 2)) / self.signal.rate


def _waves(freqs: Tensor, phases: Tensor, gain: Tensor, places: Tensor) -> Tensor:
    """``gain * sin(2 pi (freqs . (x, y) + phases))``, ``[N, S, S, C]``.

    By the sine of a sum, from sines of the two axes: S instead of S² of them for a wave.
    """
    turns = places[None, :, None] * freqs[:, None, :, 0] + phases[:, None]
    across = (2 * math.pi) * turns
    along = (2 * math.pi) * places[None, :, None] * freqs[:, None, :, 1]
    sin, cos = across.sin() * gain[:, None], across.cos() * gain[:, None]
    first = sin[:, None] * along.cos()[:, :, None]
    return torch.addcmul(first, cos[:, None], along.sin()[:, :, None])


class AliasFreeLayer(nn.Module):
    """Modulated convolution and filtered leaky ReLU; the last one is toRGB and has neither filter
    nor bend nor demodulation.

    ``x`` ``[N, I, S, S]`` and ``w`` ``[N, w_dim]`` to ``[N, O, S', S']``.

    Attributes
    ----------
    magnitude_ema
        Running mean square of the input, which is scaled to 1 by it; measured in training mode.
    """

    magnitude_ema: Tensor
    up_filter: Tensor | None
    down_filter: Tensor | None

    def __init__(
        self,
        w_dim: int,
        geometry: LayerGeometry,
        conv_kernel: int = 3,
        filter_size: int = 6,
        use_radial_filters: bool = False,
        conv_clamp: float | None = 256.0,
        magnitude_ema_beta: float = 0.999,
    ) -> None:
        super().__init__()
        source, target = geometry.source, geometry.target
        self.geometry, self.conv_clamp = geometry, conv_clamp
        self.magnitude_ema_beta = magnitude_ema_beta
        self.kernel_size = 1 if geometry.is_rgb else conv_kernel
        self.padding = geometry.padding(self.kernel_size, filter_size)
        self.affine = EqualLinear(w_dim, source.channels, bias_init=1.0)
        shape = (target.channels, source.channels, self.kernel_size, self.kernel_size)
        self.weight = nn.Parameter(torch.empty(shape))
        self.bias = nn.Parameter(torch.zeros(target.channels))
        self.register_buffer("magnitude_ema", torch.ones([]))
        up_filter, down_filter = layer_filters(geometry, filter_size, use_radial_filters)
        self.register_buffer("up_filter", up_filter)
        self.register_buffer("down_filter", down_filter)

    def initialise(self, generator: torch.Generator) -> None:
        nn.init.normal_(self.weight, generator=generator)

    def forward(self, x: Tensor, w: Tensor, dtype: torch.dtype = torch.float32) -> Tensor:
        if self.training:
            self._measure(x)
        styles, bias = self.affine(w), self.bias.to(dtype)
        weight: Tensor = self.weight
        gain = self.magnitude_ema.rsqrt()
        if self.geometry.is_rgb:
            styles = styles * (gain / math.sqrt(weight.shape[1]))
            x = x.to(dtype) * styles.to(dtype)[:, :, None, None]
            return self._bend(F.conv2d(x, weight.to(dtype), bias))
        # The scale of styles and of kernels goes out with the demodulation; at unit scale they
        # stay within the range of half precision on the way.
        styles = normalize_2nd_moment(styles)
        weight = weight * weight.square().mean(dim=[1, 2, 3], keepdim=True).rsqrt()
        demod = demodulation(weight, styles)
        x = x.to(dtype) * (styles * gain).to(dtype)[:, :, None, None]
        x = _full_conv2d(x, weight.to(dtype), self.kernel_size - 1)
        x = torch.addcmul(bias[:, None, None], x, demod.to(dtype)[:, :, None, None])
        return self._bend(x)

    @torch.no_grad()
    def _measure(self, x: Tensor) -> None:
        norm = torch.linalg.vector_norm(x, dtype=torch.float32)
        self.magnitude_ema.lerp_(norm.square() / x.numel(), 1 - self.magnitude_ema_beta)

    def _bend(self, x: Tensor) -> Tensor:
        rgb = self.geometry.is_rgb
        return filtered_lrelu(
            x,
            self.up_filter,
            self.down_filter,
            up=self.geometry.up,
            down=self.geometry.down,
            padding=self.padding,
            gain=1.0 if rgb else SQRT2,
            slope=1.0 if rgb else 0.2,
            clamp=self.conv_clamp,
        )


def _full_conv2d(x: Tensor, weight: Tensor, padding: int) -> Tensor:
    """Correlate with a kernel wherever it touches the picture: ``padding`` is its side less 1."""
    if torch.is_grad_enabled():
        # Padded beforehand: oneDNN takes three times as long over the gradient of a kernel that
        # the convolution's own padding lets stand outside the picture but for one pixel.
        return F.conv2d(F.pad(x, [padding] * 4), weight)
    return F.conv2d(x, weight, padding=padding)


def layer_filters(
    geometry: LayerGeometry, filter_size: int, use_radial_filters: bool = False
) -> tuple[Tensor | None, Tensor | None]:
    """The low-pass filters before and behind a layer's bend; None where the rate stays."""
    radial = use_radial_filters and not geometry.is_critical
    return (
        _filter(geometry, geometry.source, geometry.up, filter_size),
        _filter(geometry, geometry.target, geometry.down, filter_size, radial),
    )


def _filter(
    geometry: LayerGeometry, signal: Signal, factor: int, filter_size: int, radial: bool = False
) -> Tensor | None:
    """The low-pass filter between ``signal`` and the inner rate."""
    return design_lowpass(
        geometry.taps(factor, filter_size),
        signal.cutoff,
        2 * signal.half_width,
        geometry.inner_rate,
        radial,
    )
