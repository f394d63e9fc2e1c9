"""StyleGAN generator (Karras et al. 2019, arXiv:1812.04948).

Each layer of the synthesis network normalises its features per picture and channel and gives them
the mean and deviation that the style asks for (AdaIN, equation 1). Up-sampling is nearest
neighbour, a convolution and a binomial blur of three taps, written as one strided convolution and a
filter of four taps: the two box and blur filters in one.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.models.base import (
    CONST_NOISE,
    Capabilities,
    ModelSpec,
    NoiseInput,
    StyledGenerator,
    Synthesis,
    SynthesisState,
)
from latent_studio.models.draws import RandomSource, normal
from latent_studio.models.layers import SQRT2, EqualLinear, MappingNetwork, activate
from latent_studio.models.pggan import plain_config
from latent_studio.models.plain import at_least_float32
from latent_studio.models.progressive import Fade, Growth, Progressive, blend, enlarge
from latent_studio.models.resample import setup_filter
from latent_studio.models.style_mixing import mix_styles
from latent_studio.models.stylegan2 import all_channels, block_resolutions
from latent_studio.models.stylegan2_layers import EqualConv


class StyledNorm(nn.Module):
    """What follows each convolution: noise, bias, leaky ReLU, AdaIN.

    ``x`` ``[N, C, r, r]`` and ``w`` ``[N, w_dim]`` to ``[N, C, r, r]``.
    """

    noise_const: Tensor

    def __init__(self, channels: int, w_dim: int, resolution: int, use_noise: bool) -> None:
        super().__init__()
        self.resolution, self.use_noise = resolution, use_noise
        self.affine = EqualLinear(w_dim, 2 * channels)
        self.bias = nn.Parameter(torch.zeros(channels))
        if use_noise:
            self.noise_strength = nn.Parameter(torch.zeros(channels))
            self.register_buffer("noise_const", torch.empty(resolution, resolution))

    def initialise(self, generator: torch.Generator) -> None:
        if self.use_noise:
            nn.init.normal_(self.noise_const, generator=generator)

    def forward(self, x: Tensor, w: Tensor, noise: NoiseInput, index: int) -> Tensor:
        x = activate(x + self._shift(x, noise, index).to(x.dtype), "lrelu", None)
        # One group a channel is instance normalisation; this kernel keeps the memory layout.
        x = F.group_norm(x, x.shape[1], eps=1e-8)
        scale, shift = self.affine(w).to(x.dtype)[:, :, None, None].chunk(2, dim=1)
        return torch.addcmul(shift, x, 1 + scale)

    def _shift(self, x: Tensor, noise: NoiseInput, index: int) -> Tensor:
        """Bias and noise, broadcastable to ``x``."""
        bias = self.bias[:, None, None]
        if not self.use_noise or noise.mode == "none":
            return bias
        if noise.mode == "const":
            pattern = self.noise_const
        elif noise.maps is not None:
            pattern = noise.maps[index].to(x.device)
        else:
            shape = (len(x), 1, self.resolution, self.resolution)
            pattern = normal(shape, noise.generator, x.device)
        return torch.addcmul(bias, pattern, self.noise_strength[:, None, None] * noise.strength)


class BlurredUp(EqualConv):
    """Enlarge, convolve, blur, one after the other: as ``EqualConv`` with ``up=2`` inside.

    At the edges each step sees zeros around it, as in the networks that its authors published.
    """

    def forward(self, x: Tensor, gain: float = 1.0) -> Tensor:
        # Kernels are kept as for a transposed convolution, which turns them round.
        weight = (self.weight.flip(2, 3) * (self.weight_gain * gain)).to(x.dtype)
        x = F.conv2d(enlarge(x), weight, padding=1)
        taps = torch.tensor([0.25, 0.5, 0.25], dtype=x.dtype, device=x.device)
        kernel = (taps[:, None] * taps).expand(x.shape[1], 1, 3, 3)
        return F.conv2d(x, kernel, padding=1, groups=x.shape[1])


class StyleBlock(nn.Module):
    """One resolution: a convolution that doubles the size (a constant at 4x4) and a plain one."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        w_dim: int,
        resolution: int,
        use_noise: bool,
        separate_blur: bool = False,
    ) -> None:
        super().__init__()
        f = setup_filter()
        if in_channels == 0:
            self.const = nn.Parameter(torch.empty(out_channels, resolution, resolution))
        else:
            up = BlurredUp if separate_blur else EqualConv
            self.conv0 = up(in_channels, out_channels, 3, f, bias=False, up=2)
        self.norm0 = StyledNorm(out_channels, w_dim, resolution, use_noise)
        self.conv1 = EqualConv(out_channels, out_channels, 3, f, bias=False)
        self.norm1 = StyledNorm(out_channels, w_dim, resolution, use_noise)

    def initialise(self, generator: torch.Generator) -> None:
        if hasattr(self, "const"):
            # Not ones, as in the paper: what is the same everywhere has nothing to normalise.
            nn.init.normal_(self.const, generator=generator)

    def forward(
        self, x: Tensor | None, ws: Tensor, noise: NoiseInput, index: int, dtype: torch.dtype
    ) -> Tensor:
        """Run the block on its rows ``ws`` ``[N, 2, w_dim]``; ``index`` counts noise layers."""
        if x is None:
            x = self.const.to(dtype).expand(len(ws), -1, -1, -1)
            x = x.contiguous(memory_format=torch.channels_last)
        else:
            x = self.conv0(x.to(dtype), gain=SQRT2)
        x = self.norm0(x, ws[:, 0], noise, index)
        y: Tensor = self.norm1(self.conv1(x, gain=SQRT2), ws[:, 1], noise, index + 1)
        return y


class StyleGAN1Synthesis(Synthesis):
    """ws ``[N, num_ws, w_dim]`` to pictures, block by block, as far as the network has grown."""

    def __init__(
        self,
        w_dim: int,
        img_resolution: int,
        img_channels: int,
        channel_base: int = 16384,
        channel_max: int = 512,
        widths: Sequence[int] | None = None,
        use_noise: bool = True,
        separate_blur: bool = False,
    ) -> None:
        super().__init__()
        sides = block_resolutions(img_resolution)
        channels = all_channels(sides, channel_base, channel_max, widths)
        self.num_blocks, self.num_ws = len(sides), 2 * len(sides)
        self.use_noise = use_noise
        self.growth = Growth(sides)
        self.blocks = nn.ModuleList(
            StyleBlock(a, b, w_dim, side, use_noise, separate_blur)
            for a, b, side in zip([0, *channels], channels, sides, strict=False)
        )
        f = setup_filter()
        self.to_rgb = nn.ModuleList(EqualConv(n, img_channels, 1, f) for n in channels)

    def block_layers(self, block: int) -> range:
        return range(2 * block, 2 * block + 2)

    def block_resolution(self, block: int) -> int:
        return self.growth.resolutions[block]

    @property
    def noise_shapes(self) -> list[tuple[int, ...]]:
        sides = self.growth.resolutions if self.use_noise else ()
        return [(1, 1, side, side) for side in sides for _ in range(2)]

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
        fade = self.growth.fade
        start = 0 if state is None else state.block + 1
        stop = self.num_blocks if last_block is None else last_block + 1
        stop = min(stop, fade.high + 1) if self.training else stop
        x, img = (None, None) if state is None else (state.x, state.img)
        for index in range(start, stop):
            if index > fade.high:
                assert img is not None
                x, img = None, enlarge(img)
                continue
            rows = self.block_layers(index)
            x = self.blocks[index](x, ws[:, rows.start : rows.stop], noise, rows.start, dtype)
            img = self._picture(index, x, img, fade)
        return SynthesisState(stop - 1, x, img)

    def _picture(self, index: int, x: Tensor, img: Tensor | None, fade: Fade) -> Tensor | None:
        """The picture after a block: those of the resolutions that are on, else None."""
        if index < fade.low:
            return None
        new = at_least_float32(self.to_rgb[index](x))
        return new if img is None else blend(enlarge(img), new, fade)


class StyleGAN1Generator(Progressive, StyledGenerator):
    """Mapping and synthesis, grown progressively.

    Parameters
    ----------
    channel_base, channel_max, widths
        Resolution r has ``min(channel_base // r, channel_max)`` channels, or those of ``widths``,
        one number a resolution from 4 on.
    use_noise
        Whether the layers have noise inputs.
    separate_blur
        Blur in a step of its own, as published networks do: other edges, and slower.
    """

    mapping: MappingNetwork
    synthesis: StyleGAN1Synthesis

    def __init__(
        self,
        z_dim: int = 512,
        c_dim: int = 0,
        w_dim: int = 512,
        img_resolution: int = 64,
        img_channels: int = 3,
        mapping_kwargs: Mapping[str, Any] | None = None,
        **synthesis_kwargs: Any,
    ) -> None:
        super().__init__()
        self.synthesis = StyleGAN1Synthesis(w_dim, img_resolution, img_channels, **synthesis_kwargs)
        self.mapping = MappingNetwork(z_dim, c_dim, w_dim, **(mapping_kwargs or {}))
        given = {
            "z_dim": z_dim,
            "c_dim": c_dim,
            "w_dim": w_dim,
            "img_resolution": img_resolution,
            "img_channels": img_channels,
            "mapping_kwargs": dict(mapping_kwargs or {}),
            **synthesis_kwargs,
        }
        self.spec = ModelSpec("stylegan1", plain_config(given))
        self.capabilities = Capabilities(
            resolution=img_resolution,
            channels=img_channels,
            z_dim=z_dim,
            w_dim=w_dim,
            num_ws=self.synthesis.num_ws,
            classes=c_dim,
            noise=self.synthesis.use_noise,
            truncation="w",
        )

    @property
    def growth(self) -> Growth:
        return self.synthesis.growth

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        *,
        generator: RandomSource | None = None,
        dtype: torch.dtype = torch.float32,
        mixing_prob: float = 0.0,
    ) -> Tensor:
        """Make pictures as in training: random noise, ``w_avg`` tracked in training mode.

        ``mixing_prob`` is the chance that the layers from a random one on take their style from a
        second latent; it draws from ``generator``.
        """
        w = self.mapping(z, c)
        if self.training:
            self.mapping.track(w)
        ws = self.broadcast(w)
        if mixing_prob > 0:
            used = 2 * (self.growth.fade.high + 1)
            ws = mix_styles(ws, z, lambda z: self.mapping(z, c), mixing_prob, generator, used)
        noise = NoiseInput("random", generator=generator)
        img: Tensor = self.synthesis(ws, noise, dtype=dtype)
        return img
