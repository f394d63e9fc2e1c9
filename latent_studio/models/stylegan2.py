"""StyleGAN2 generator (Karras et al. 2020, arXiv:1912.04958; arXiv:2006.06676)."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from latent_studio.errors import OptionError
from latent_studio.models.base import (
    CONST_NOISE,
    Capabilities,
    ModelSpec,
    NoiseInput,
    StyledGenerator,
    Synthesis,
    SynthesisState,
)
from latent_studio.models.draws import RandomSource
from latent_studio.models.layers import MappingNetwork
from latent_studio.models.resample import DEFAULT_FILTER, setup_filter, upsample2d
from latent_studio.models.style_mixing import mix_styles
from latent_studio.models.stylegan2_layers import EqualConv, StyleConv, ToRGB

GENERATOR_ARCHITECTURES = ("skip", "resnet", "orig")


def block_resolutions(img_resolution: int) -> list[int]:
    """4, 8, ... ``img_resolution``.

    Raises
    ------
    OptionError
        If it is not a power of two from 4.
    """
    if img_resolution < 4 or img_resolution & (img_resolution - 1):
        raise OptionError(f"The resolution must be a power of two from 4, not {img_resolution}.")
    return [2**i for i in range(2, int(math.log2(img_resolution)) + 1)]


def block_channels(resolution: int, channel_base: int, channel_max: int) -> int:
    return max(1, min(channel_base // resolution, channel_max))


def all_channels(
    resolutions: Sequence[int], channel_base: int, channel_max: int, widths: Sequence[int] | None
) -> list[int]:
    """The channels of each resolution: ``widths`` if given, else by the formula.

    Raises
    ------
    OptionError
        If the number of ``widths`` is not that of resolutions, or one is not positive.
    """
    if widths is None:
        return [block_channels(r, channel_base, channel_max) for r in resolutions]
    if len(widths) != len(resolutions) or any(width < 1 for width in widths):
        raise OptionError(
            f"A network for {max(resolutions)} x {max(resolutions)} needs {len(resolutions)} "
            f"positive widths, one a resolution from 4 on, not {list(widths)}."
        )
    return list(widths)


def half_of_highest(rank: int, count: int | None, dtype: torch.dtype) -> torch.dtype:
    """``dtype`` for the ``count`` highest resolutions (all if None), float32 for the others.

    ``rank`` is 0 for the highest resolution.
    """
    return dtype if count is None or rank < count else torch.float32


class SynthesisBlock(nn.Module):
    """One resolution: an up-sampling and a plain layer (only the latter at 4x4), maybe toRGB."""

    resample_filter: Tensor

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        w_dim: int,
        resolution: int,
        img_channels: int,
        is_last: bool,
        architecture: str = "skip",
        resample_filter: Sequence[float] = DEFAULT_FILTER,
        conv_clamp: float | None = None,
        use_noise: bool = True,
        activation: str = "lrelu",
    ) -> None:
        super().__init__()
        self.resolution, self.architecture = resolution, architecture
        self.num_conv = 1 if in_channels == 0 else 2
        self.num_torgb = int(is_last or architecture == "skip")
        f = setup_filter(resample_filter)
        self.register_buffer("resample_filter", f, persistent=False)
        common: dict[str, Any] = {
            "w_dim": w_dim,
            "resolution": resolution,
            "resample_filter": f,
            "use_noise": use_noise,
            "activation": activation,
            "conv_clamp": conv_clamp,
        }
        if in_channels == 0:
            self.const = nn.Parameter(torch.empty(out_channels, resolution, resolution))
        else:
            self.conv0 = StyleConv(in_channels, out_channels, up=2, **common)
        self.conv1 = StyleConv(out_channels, out_channels, **common)
        if self.num_torgb:
            self.torgb = ToRGB(out_channels, img_channels, w_dim, conv_clamp)
        if in_channels != 0 and architecture == "resnet":
            self.skip = EqualConv(in_channels, out_channels, 1, f, bias=False, up=2)

    def initialise(self, generator: torch.Generator) -> None:
        if self.num_conv == 1:
            nn.init.normal_(self.const, generator=generator)

    def forward(
        self,
        x: Tensor | None,
        img: Tensor | None,
        ws: Tensor,
        noise: NoiseInput,
        noise_index: int,
        dtype: torch.dtype,
    ) -> tuple[Tensor, Tensor | None]:
        """Run the block on its rows ``ws`` ``[N, num_conv + num_torgb, w_dim]``."""
        rows = iter(ws.unbind(dim=1))
        if x is None:
            x = self.const.to(dtype).expand(ws.shape[0], -1, -1, -1)
            x = x.contiguous(memory_format=torch.channels_last)
            x = self.conv1(x, next(rows), noise, noise_index)
        elif self.architecture == "resnet":
            y = self.skip(x.to(dtype), gain=math.sqrt(0.5))
            x = self.conv0(x.to(dtype), next(rows), noise, noise_index)
            x = y + self.conv1(x, next(rows), noise, noise_index + 1, gain=math.sqrt(0.5))
        else:
            x = self.conv0(x.to(dtype), next(rows), noise, noise_index)
            x = self.conv1(x, next(rows), noise, noise_index + 1)
        if img is not None:
            img = upsample2d(img, self.resample_filter)
        if self.num_torgb:
            y = self.torgb(x, next(rows)).float()
            img = y if img is None else img + y
        return x, img


class StyleGAN2Synthesis(Synthesis):
    """ws ``[N, num_ws, w_dim]`` to pictures, block by block."""

    def __init__(
        self,
        w_dim: int,
        img_resolution: int,
        img_channels: int,
        channel_base: int = 32768,
        channel_max: int = 512,
        architecture: str = "skip",
        num_fp16_res: int | None = None,
        widths: Sequence[int] | None = None,
        **block_kwargs: Any,
    ) -> None:
        super().__init__()
        self.num_fp16_res = num_fp16_res
        if architecture not in GENERATOR_ARCHITECTURES:
            known = ", ".join(GENERATOR_ARCHITECTURES)
            raise OptionError(f"Unknown generator architecture {architecture!r}; known: {known}.")
        self.resolutions = block_resolutions(img_resolution)
        self.architecture = architecture
        self.num_blocks = len(self.resolutions)
        self.num_ws = 2 * self.num_blocks
        channels = 0
        outputs = all_channels(self.resolutions, channel_base, channel_max, widths)
        for resolution, out in zip(self.resolutions, outputs, strict=True):
            block = SynthesisBlock(
                channels,
                out,
                w_dim,
                resolution,
                img_channels,
                is_last=resolution == img_resolution,
                architecture=architecture,
                **block_kwargs,
            )
            self.add_module(f"b{resolution}", block)
            channels = out

    def block(self, index: int) -> SynthesisBlock:
        block = getattr(self, f"b{self.resolutions[index]}")
        assert isinstance(block, SynthesisBlock)
        return block

    def _first_layer(self, block: int) -> int:
        return 0 if block == 0 else 2 * block - 1

    def block_layers(self, block: int) -> range:
        first = self._first_layer(block)
        module = self.block(block)
        return range(first, first + module.num_conv + module.num_torgb)

    def block_resolution(self, block: int) -> int:
        return self.resolutions[block]

    def block_dtype(self, block: int, dtype: torch.dtype) -> torch.dtype:
        """Precision of a block when ``dtype`` is asked for."""
        return half_of_highest(self.num_blocks - 1 - block, self.num_fp16_res, dtype)

    @property
    def noise_shapes(self) -> list[tuple[int, ...]]:
        if not self.block(0).conv1.use_noise:
            return []
        shapes: list[tuple[int, ...]] = []
        for index, r in enumerate(self.resolutions):
            shapes += [(1, 1, r, r)] * self.block(index).num_conv
        return shapes

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
        start = 0 if state is None else state.block + 1
        stop = self.num_blocks if last_block is None else last_block + 1
        x, img = (None, None) if state is None else (state.x, state.img)
        for index in range(start, stop):
            layers = self.block_layers(index)
            rows = ws[:, layers.start : layers.stop]
            # Noise layers are counted as the rows of ws are, without the toRGB ones.
            block_dtype = self.block_dtype(index, dtype)
            x, img = self.block(index)(x, img, rows, noise, layers.start, block_dtype)
        return SynthesisState(stop - 1, x, img)

    def frozen(self, dtype: torch.dtype) -> Synthesis:
        from latent_studio.models.stylegan2_frozen import FrozenStyleGAN2Synthesis, can_freeze

        return FrozenStyleGAN2Synthesis(self, dtype) if can_freeze(self) else self


class StyleGAN2Generator(StyledGenerator):
    """Mapping and synthesis.

    Parameters
    ----------
    channel_base, channel_max
        A block of resolution r has ``min(channel_base // r, channel_max)`` channels.
    widths
        The channels of each resolution from 4 on, instead of the formula.
    architecture
        How the picture is formed: ``skip`` sums RGB over the resolutions, ``resnet`` adds residual
        paths between the features, ``orig`` does neither.
    conv_clamp
        Bound on activations (256 for half precision), or None.
    num_fp16_res
        How many of the highest resolutions leave float32 when a shorter precision is asked for;
        None for all.
    """

    mapping: MappingNetwork
    synthesis: StyleGAN2Synthesis

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
        self.z_dim, self.c_dim, self.w_dim = z_dim, c_dim, w_dim
        self.synthesis = StyleGAN2Synthesis(w_dim, img_resolution, img_channels, **synthesis_kwargs)
        self.mapping = MappingNetwork(z_dim, c_dim, w_dim, **(mapping_kwargs or {}))
        self.spec = ModelSpec(
            "stylegan2",
            {
                "z_dim": z_dim,
                "c_dim": c_dim,
                "w_dim": w_dim,
                "img_resolution": img_resolution,
                "img_channels": img_channels,
                "mapping_kwargs": dict(mapping_kwargs or {}),
                **synthesis_kwargs,
            },
        )
        self.capabilities = Capabilities(
            resolution=img_resolution,
            channels=img_channels,
            z_dim=z_dim,
            w_dim=w_dim,
            num_ws=self.synthesis.num_ws,
            classes=c_dim,
            noise=bool(self.synthesis.noise_shapes),
            rgb_pyramid=self.synthesis.architecture == "skip",
            truncation="w",
        )

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
        second latent (Karras et al. 2019, section 3.1); it draws from ``generator``.
        """
        w = self.mapping(z, c)
        if self.training:
            self.mapping.track(w)
        ws = self.broadcast(w)
        if mixing_prob > 0:
            ws = self._mix(ws, z, c, mixing_prob, generator)
        noise = NoiseInput("random", generator=generator)
        img: Tensor = self.synthesis(ws, noise, dtype=dtype)
        return img

    def _mix(
        self,
        ws: Tensor,
        z: Tensor,
        c: Tensor | None,
        probability: float,
        generator: RandomSource | None,
    ) -> Tensor:
        return mix_styles(ws, z, lambda z: self.mapping(z, c), probability, generator)
