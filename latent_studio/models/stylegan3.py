"""StyleGAN3 generator, configurations T and R (Karras et al. 2021, arXiv:2106.12423).

Details move with what they belong to instead of sticking to the pixels: every layer works on
samples of a band-limited signal. The discriminator is that of StyleGAN2.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

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
from latent_studio.models.style_mixing import mix_styles
from latent_studio.models.stylegan3_geometry import layer_geometries, signals
from latent_studio.models.stylegan3_layers import AliasFreeLayer, FourierInput, inverse_transform


class StyleGAN3Synthesis(Synthesis):
    """ws ``[N, num_layers + 2, w_dim]`` to pictures.

    Block 0 is the Fourier features, block i + 1 layer i; each reads one row of ws. There is a
    picture after the last block only.
    """

    input: FourierInput

    def __init__(
        self,
        w_dim: int,
        img_resolution: int,
        img_channels: int,
        channel_base: int = 32768,
        channel_max: int = 512,
        num_layers: int = 14,
        num_critical: int = 2,
        first_cutoff: float = 2.0,
        first_stopband: float = 2**2.1,
        last_stopband_rel: float = 2**0.3,
        margin_size: int = 10,
        output_scale: float = 0.25,
        num_fp16_res: int | None = 4,
        lrelu_upsampling: int = 2,
        **layer_kwargs: Any,
    ) -> None:
        super().__init__()
        self.img_resolution, self.output_scale = img_resolution, output_scale
        self.num_fp16_res = num_fp16_res
        self.num_ws = self.num_blocks = num_layers + 2
        outputs = signals(
            img_resolution,
            img_channels,
            channel_base,
            channel_max,
            num_layers,
            num_critical,
            first_cutoff,
            first_stopband,
            last_stopband_rel,
            margin_size,
        )
        self.input = FourierInput(w_dim, outputs[0])
        self.layer_names: list[str] = []
        for geometry in layer_geometries(outputs, num_critical, lrelu_upsampling):
            target = geometry.target
            self.layer_names.append(f"L{len(self.layer_names)}_{target.size}_{target.channels}")
            self.add_module(self.layer_names[-1], AliasFreeLayer(w_dim, geometry, **layer_kwargs))

    def layer(self, index: int) -> AliasFreeLayer:
        """Layer ``index`` counted from 0; the last is toRGB."""
        layer = getattr(self, self.layer_names[index])
        assert isinstance(layer, AliasFreeLayer)
        return layer

    def block_layers(self, block: int) -> range:
        return range(block, block + 1)

    def block_resolution(self, block: int) -> int:
        """Pixels along the edge of the picture; the feature map has margins in addition."""
        return self.layer(max(block - 1, 0)).geometry.target.rate

    def block_dtype(self, block: int, dtype: torch.dtype) -> torch.dtype:
        """Precision of a block when ``dtype`` is asked for; the Fourier features keep float32."""
        if block == 0:
            return torch.float32
        count = self.num_fp16_res
        high = count is None or self.block_resolution(block) * 2**count > self.img_resolution
        return dtype if high else torch.float32

    @property
    def noise_shapes(self) -> list[tuple[int, ...]]:
        return []

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
        """As ``Synthesis.run``; the network has no noise, so ``noise`` changes nothing."""
        start = 0 if state is None else state.block + 1
        stop = self.num_blocks if last_block is None else last_block + 1
        x, img = (None, None) if state is None else (state.x, state.img)
        for block in range(start, stop):
            row = ws[:, block]
            if block == 0:
                x = self.input(row, transform)
            else:
                x = self.layer(block - 1)(x, row, self.block_dtype(block, dtype))
        if start < stop == self.num_blocks:
            assert x is not None
            img = x.float() * self.output_scale
        return SynthesisState(stop - 1, x, img)


class StyleGAN3Generator(StyledGenerator):
    """Mapping and synthesis.

    Parameters
    ----------
    channel_base, channel_max
        A layer with cutoff f has ``min(channel_base / (2 f), channel_max)`` channels, rounded.
    num_layers, num_critical
        Layers before toRGB, and how many of the last ones are critically sampled.
    first_cutoff, first_stopband, last_stopband_rel
        Spectrum of the first layer in cycles per edge, and last stopband over last cutoff.
    margin_size
        Pixels around the picture, so that its edge is not seen.
    conv_kernel, use_radial_filters
        3 and False for configuration T (translation), 1 and True for R (rotation), which wants
        twice the channels.
    filter_size, lrelu_upsampling
        Taps for each step of up- or down-sampling, and the extra rate of the nonlinearity.
    conv_clamp
        Bound on activations, or None.
    num_fp16_res
        How many of the highest resolutions leave float32 when a shorter precision is asked for;
        None for all.
    """

    mapping: MappingNetwork
    synthesis: StyleGAN3Synthesis

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
        self.synthesis = StyleGAN3Synthesis(w_dim, img_resolution, img_channels, **synthesis_kwargs)
        mapping_kwargs = {"num_layers": 2, **(mapping_kwargs or {})}
        self.mapping = MappingNetwork(z_dim, c_dim, w_dim, **mapping_kwargs)
        self.spec = ModelSpec(
            "stylegan3",
            {
                "z_dim": z_dim,
                "c_dim": c_dim,
                "w_dim": w_dim,
                "img_resolution": img_resolution,
                "img_channels": img_channels,
                "mapping_kwargs": mapping_kwargs,
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
            truncation="w",
            transform=True,
        )

    @torch.no_grad()
    def set_transform(
        self, translate: tuple[float, float] = (0.0, 0.0), rotate: float = 0.0, zoom: float = 1.0
    ) -> None:
        """Move what all pictures show; without arguments back to where it was.

        Parameters are those of :func:`~latent_studio.models.stylegan3_layers.inverse_transform`.
        Activations that were kept from before are no longer right.
        """
        self.synthesis.input.transform.copy_(inverse_transform(translate, rotate, zoom))

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        *,
        generator: RandomSource | None = None,
        dtype: torch.dtype = torch.float32,
        mixing_prob: float = 0.0,
    ) -> Tensor:
        """Make pictures; in training mode ``w_avg`` and the layers' magnitudes are tracked.

        ``mixing_prob`` is the chance that the layers from a random one on take their style from a
        second latent (the paper trains without); it draws from ``generator``.
        """
        w = self.mapping(z, c)
        if self.training:
            self.mapping.track(w)
        ws = self.broadcast(w)
        if mixing_prob > 0:
            ws = mix_styles(ws, z, lambda z: self.mapping(z, c), mixing_prob, generator)
        img: Tensor = self.synthesis(ws, dtype=dtype)
        return img
