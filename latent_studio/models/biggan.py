"""BigGAN-deep generator (Brock et al. 2019, arXiv:1809.11096), for rendering published models.

Names of parameters and buffers are those of the checkpoints that people share, so that these load
as they are.
"""

import itertools
from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.errors import OptionError
from latent_studio.models.base import Capabilities, Generator, ModelSpec
from latent_studio.models.biggan_layers import (
    SelfAttention,
    SpectralConv,
    SpectralLinear,
    StoredNorm,
    level_weights,
)
from latent_studio.models.conditional import required_labels
from latent_studio.models.draws import RandomSource
from latent_studio.models.plain import at_least_float32
from latent_studio.models.progressive import enlarge

# Up-sampling, channels in and out (times channel_width): the published network for 128 x 128.
LAYERS_128: tuple[tuple[bool, int, int], ...] = (
    (False, 16, 16),
    (True, 16, 16),
    (False, 16, 16),
    (True, 16, 8),
    (False, 8, 8),
    (True, 8, 4),
    (False, 4, 4),
    (True, 4, 2),
    (False, 2, 2),
    (True, 2, 1),
)
_STEM = 16
_REDUCTION = 4


class BigGANBlock(nn.Module):
    """A residual bottleneck: 1x1, two 3x3, 1x1, each behind a conditional batch norm and ReLU.

    The shortcut drops the channels that are too many and repeats pixels.
    """

    def __init__(
        self, in_channels: int, out_channels: int, up: bool, condition: int, stats: int, eps: float
    ) -> None:
        super().__init__()
        self.up, self.out_channels = up, out_channels
        middle = in_channels // _REDUCTION
        widths = [in_channels, middle, middle, middle, out_channels]
        for i, (a, b) in enumerate(itertools.pairwise(widths)):
            self.add_module(f"bn_{i}", StoredNorm(a, stats, eps, condition))
            self.add_module(f"conv_{i}", SpectralConv(a, b, 1 if i in (0, 3) else 3))

    def forward(self, x: Tensor, condition: Tensor, levels: Tensor) -> Tensor:
        y = x
        for i in range(4):
            norm = cast(StoredNorm, getattr(self, f"bn_{i}"))
            conv = cast(SpectralConv, getattr(self, f"conv_{i}"))
            # ReLU passes positive factors: the convolution's norm is divided out on the way in.
            y = F.relu(norm(y, levels, condition, gain=conv.inverse_norm))
            y = enlarge(y) if self.up and i == 1 else y
            y = conv(y, divided=True)
        shortcut = x[:, : self.out_channels]
        return y + (enlarge(shortcut) if self.up else shortcut)


class BigGANBody(nn.Module):
    """Condition ``[N, 2 * z_dim]`` to pictures."""

    def __init__(
        self,
        condition: int,
        channel_width: int,
        layers: Sequence[tuple[bool, int, int]],
        attention_layer_position: int,
        n_stats: int,
        eps: float,
    ) -> None:
        super().__init__()
        width = channel_width
        self.gen_z = SpectralLinear(condition, 16 * _STEM * width)
        parts: list[nn.Module] = []
        for i, (up, inside, outside) in enumerate(layers):
            if i == attention_layer_position:
                parts.append(SelfAttention(inside * width))
            block = BigGANBlock(inside * width, outside * width, up, condition, n_stats, eps)
            parts.append(block)
        self.layers = nn.ModuleList(parts)
        self.bn = StoredNorm(width, n_stats, eps)
        self.conv_to_rgb = SpectralConv(width, width, 3)

    def forward(self, condition: Tensor, levels: Tensor, dtype: torch.dtype) -> Tensor:
        x = self.gen_z(condition).reshape(len(condition), 4, 4, -1).permute(0, 3, 1, 2)
        x = x.to(dtype, memory_format=torch.channels_last)
        for layer in self.layers:
            x = layer(x) if isinstance(layer, SelfAttention) else layer(x, condition, levels)
        x = F.relu(self.bn(x, levels, gain=self.conv_to_rgb.inverse_norm))
        # The published layer has as many filters as inputs; the first three are the picture.
        x = self.conv_to_rgb(x, divided=True)[:, :3]
        return torch.tanh(at_least_float32(x))


class BigGANDeepGenerator(Generator):
    """z and a class to pictures, with truncation of its own.

    Batch statistics were measured at ``n_stats`` strengths of truncation: psi scales z, which is
    drawn from a normal distribution cut at two, and selects the statistics that belong to it.

    Parameters
    ----------
    output_dim
        Side of the pictures.
    class_embed_dim
        Length of a class's vector; must be ``z_dim`` (it is a field of published files).
    channel_width
        Channels of the last block; the others have multiples.
    layers
        ``(up-sample, channels in, channels out)`` of each block, in multiples of the width.
    attention_layer_position
        Self-attention comes before this block.
    """

    def __init__(
        self,
        output_dim: int = 128,
        z_dim: int = 128,
        class_embed_dim: int | None = None,
        channel_width: int = 128,
        num_classes: int = 1000,
        layers: Sequence[Sequence[int]] = LAYERS_128,
        attention_layer_position: int = 8,
        eps: float = 1e-4,
        n_stats: int = 51,
    ) -> None:
        super().__init__()
        if class_embed_dim not in (None, z_dim):
            raise OptionError(f"The class vector must have z's length, {z_dim}.")
        blocks = checked_layers(layers, output_dim)
        self.spec = ModelSpec(
            "biggan-deep",
            {
                "output_dim": output_dim,
                "z_dim": z_dim,
                "channel_width": channel_width,
                "num_classes": num_classes,
                "layers": [list(block) for block in blocks],
                "attention_layer_position": attention_layer_position,
                "eps": eps,
                "n_stats": n_stats,
            },
        )
        self.capabilities = Capabilities(output_dim, 3, z_dim, classes=num_classes, truncation="z")
        self.n_stats = n_stats
        self.embeddings = ClassVectors(num_classes, z_dim)
        self.generator = BigGANBody(
            2 * z_dim, channel_width, blocks, attention_layer_position, n_stats, eps
        )

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        *,
        generator: RandomSource | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        return self.render(z, c, dtype=dtype)

    def render(
        self,
        z: Tensor,
        c: Tensor | None = None,
        psi: float | Sequence[float] = 1.0,
        *,
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        """Make pictures of a ``z`` from the normal distribution cut at two; psi scales it."""
        strengths = [float(psi)] if isinstance(psi, int | float) else [float(p) for p in psi]
        scale = torch.tensor(strengths, dtype=z.dtype).to(z.device)
        return self.synthesise(z * scale[:, None], c, strengths, dtype)

    def synthesise(
        self,
        z: Tensor,
        c: Tensor | None,
        psi: Sequence[float],
        dtype: torch.dtype = torch.float32,
    ) -> Tensor:
        """Pictures from a ``z`` that psi has scaled already; ``psi`` has length 1 or N."""
        z = at_least_float32(z)
        c = required_labels(c, self.capabilities.classes).to(z.dtype)
        levels = level_weights(psi, self.n_stats).to(z.device, z.dtype)
        img: Tensor = self.generator(torch.cat([z, self.embeddings(c)], dim=1), levels, dtype)
        return img


class ClassVectors(nn.Module):
    """Class weights ``[N, classes]`` to vectors ``[N, features]``; mixtures are welcome."""

    def __init__(self, classes: int, features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(features, classes))

    def initialise(self, generator: torch.Generator) -> None:
        nn.init.normal_(self.weight, generator=generator)

    def forward(self, c: Tensor) -> Tensor:
        return F.linear(c, self.weight)


def checked_layers(
    layers: Sequence[Sequence[int]], output_dim: int
) -> tuple[tuple[bool, int, int], ...]:
    """``layers`` as a chain of blocks from 4x4 to ``output_dim``.

    Raises
    ------
    OptionError
        If they are none.
    """
    blocks = tuple((bool(up), int(a), int(b)) for up, a, b in layers)
    if not blocks or blocks[0][1] != _STEM:
        raise OptionError(f"The first block takes {_STEM} times the channel width.")
    for (_, _, before), (_, after, _) in itertools.pairwise(blocks):
        if before != after:
            raise OptionError(f"A block gives {before} channel widths, the next takes {after}.")
    if any(not 1 <= b <= a for _, a, b in blocks):
        raise OptionError("A block has at least one channel width and no more than its input.")
    side = 4 << sum(up for up, _, _ in blocks)
    if side != output_dim:
        raise OptionError(f"These layers make pictures of {side} pixels, not of {output_dim}.")
    return blocks
