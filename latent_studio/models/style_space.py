"""The style channels of a synthesis network: StyleSpace, S (Wu et al. 2020, arXiv:2011.12799).

Each layer of a style-based network turns its row of ws into one number a channel by an affine map.
All these numbers in a row are a point of S. A single channel often changes a single thing, which a
direction of w can't: that moves every channel of its layers at once.

A channel is moved by adding to the bias of its affine map, so that every family that has affine
maps can do it without knowing of it.
"""

import copy
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.func import functional_call

from latent_studio.errors import OptionError
from latent_studio.models.base import CONST_NOISE, NoiseInput, Synthesis, SynthesisState
from latent_studio.models.layers import EqualLinear

_AFFINE = "affine"
_RGB = "torgb"
_PLACE = "input"  # StyleGAN3's Fourier features: their affine map moves and turns the picture


@dataclass(frozen=True)
class StyleLayer:
    """One affine map.

    ``name`` is that of its module in the synthesis network, without ``.affine``; ``row`` the row of
    ws it reads, ``block`` the block it belongs to; its channels are ``start`` to ``start + size``
    of S. ``kind`` is ``features`` of a convolution, ``rgb`` where a layer apart makes the picture
    of them, or ``place``.
    """

    name: str
    row: int
    block: int
    start: int
    size: int
    kind: str = "features"

    @property
    def channels(self) -> slice:
        return slice(self.start, self.start + self.size)


def style_layers(synthesis: Synthesis) -> tuple[StyleLayer, ...]:
    """The affine maps in the order in which the rows of ws are read; empty without any."""
    maps = [(name, module) for name, module in synthesis.named_modules() if _is_affine(name)]
    if not maps:
        return ()
    places = [
        (row, block)
        for block in range(synthesis.num_blocks)
        for row in synthesis.block_layers(block)
    ]
    if len(maps) != len(places):
        return ()
    found, start = [], 0
    for (name, module), (row, block) in zip(maps, places, strict=True):
        size = cast(EqualLinear, module).weight.shape[0]
        short = name.removesuffix(f".{_AFFINE}")
        found.append(StyleLayer(short, row, block, start, size, _kind(short)))
        start += size
    return tuple(found)


class StyleSpace:
    """Reads the styles of a synthesis network and runs it with some of them moved.

    It shares the weights of ``synthesis`` (later changes of them show) but not its modules, so that
    others may run those at the same time.

    Raises
    ------
    OptionError
        If the network has no style channels.
    """

    def __init__(self, synthesis: Synthesis) -> None:
        self.layers = style_layers(synthesis)
        if not self.layers:
            raise OptionError(
                "This model has no style channels; style-based models (StyleGAN 1 to 3) have them."
            )
        self._run = _Run(_view(synthesis))
        self._maps = [
            cast(EqualLinear, self._run.synthesis.get_submodule(f"{layer.name}.{_AFFINE}"))
            for layer in self.layers
        ]

    @property
    def size(self) -> int:
        """Numbers in a point of S."""
        return self.layers[-1].start + self.layers[-1].size

    def layer_of(self, channel: int) -> StyleLayer:
        """Which layer a channel of S (0 to ``size - 1``) belongs to."""
        return next(layer for layer in self.layers if channel < layer.start + layer.size)

    def title(self, channel: int) -> str:
        """What people may call a channel before it has a name: ``b16.conv1 37``."""
        layer = self.layer_of(channel)
        return f"{layer.name} {channel - layer.start}"

    def styles(self, ws: Tensor) -> Tensor:
        """``[N, num_ws, w_dim]`` to S, ``[N, size]``."""
        rows = [layer.row for layer in self.layers]
        return torch.cat(
            [affine(ws[:, row]) for affine, row in zip(self._maps, rows, strict=True)], dim=1
        )

    def run(
        self, ws: Tensor, shift: Tensor, noise: NoiseInput = CONST_NOISE, **options: Any
    ) -> SynthesisState:
        """``Synthesis.run`` with ``shift`` ``[1 or N, size]`` added to the styles.

        ``options`` are those of ``Synthesis.run``. Gradients flow back to ``ws`` and ``shift``.
        """
        return cast(
            SynthesisState, functional_call(self._run, self._biases(shift), (ws, noise), options)
        )

    def pictures(
        self, ws: Tensor, shift: Tensor, noise: NoiseInput = CONST_NOISE, **options: Any
    ) -> Tensor:
        """Pictures ``[N, C, H, W]`` in float32 with ``shift`` added to the styles."""
        img = self.run(ws, shift, noise, **options).img
        assert img is not None
        return img.float()

    def _biases(self, shift: Tensor) -> dict[str, Tensor]:
        biases = {}
        for layer, affine in zip(self.layers, self._maps, strict=True):
            moved = affine.bias + shift[:, layer.channels] / affine.bias_gain
            biases[f"synthesis.{layer.name}.{_AFFINE}.bias"] = moved
        return biases


class _Run(nn.Module):
    """``Synthesis.run`` as a module's call, which is what tensors can be exchanged in."""

    def __init__(self, synthesis: Synthesis) -> None:
        super().__init__()
        self.synthesis = synthesis

    def forward(self, ws: Tensor, noise: NoiseInput, **options: Any) -> SynthesisState:
        return self.synthesis.run(ws, noise, **options)


def _view(synthesis: Synthesis) -> Synthesis:
    """Modules of one's own around the same tensors."""
    tensors = (*synthesis.parameters(), *synthesis.buffers())
    return copy.deepcopy(synthesis, {id(tensor): tensor for tensor in tensors})


def _is_affine(name: str) -> bool:
    return name == _AFFINE or name.endswith(f".{_AFFINE}")


def _kind(name: str) -> str:
    if name == _PLACE:
        return "place"
    return "rgb" if name.endswith(_RGB) else "features"
