"""Activations that tell how alike two pictures look: of a discriminator, or of LPIPS.

Both are callables: pictures ``[N, C, H, W]`` in [-1, 1] to maps ``[N, C, h, w]`` of several layers,
such that the squared difference of two pictures' maps, summed over the channels, is their distance
at a place. Gradients flow to the pictures.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.errors import ModelError
from latent_studio.models.base import Discriminator

_EPSILON = 1e-10
_VGG_WIDTHS = (64, 128, 256, 512, 512)
_VGG_CONVS = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))


def unit_maps(maps: Tensor) -> Tensor:
    """Unit length over the channels at each place (Zhang et al. 2018, arXiv:1801.03924)."""
    length: Tensor = (maps.square().sum(1, keepdim=True) + _EPSILON).sqrt()
    return maps / length


class DiscriminatorFeatures:
    """What a discriminator sees, layer by layer.

    It has learnt to look at just these pictures, and it comes with every training run.

    Parameters
    ----------
    discriminator
        Of the model's resolution and channels; put into eval mode and frozen.
    c
        Class weights ``[1, classes]``, or None.
    """

    def __init__(self, discriminator: Discriminator, c: Tensor | None = None) -> None:
        self._network = discriminator.eval().requires_grad_(False)
        self._c = c
        self._parts = list(_watched(discriminator))

    def __call__(self, images: Tensor) -> list[Tensor]:
        found: list[Tensor] = []

        def note(_module: nn.Module, _inputs: Any, output: Any) -> None:
            maps = output[0] if isinstance(output, tuple) else output
            if isinstance(maps, Tensor) and maps.ndim == 4 and maps.shape[-1] > 1:
                found.append(unit_maps(maps.float()))

        handles = [part.register_forward_hook(note) for part in self._parts]
        try:
            c = None if self._c is None else self._c.expand(len(images), -1)
            self._network(images, c)
        finally:
            for handle in handles:
                handle.remove()
        return found


def _watched(network: nn.Module) -> Iterator[nn.Module]:
    """Its blocks; of a chain of layers, each."""
    for child in network.children():
        if isinstance(child, nn.Sequential | nn.ModuleList):
            yield from child
        else:
            yield child


class Lpips:
    """LPIPS with VGG-16 (Zhang et al. 2018, arXiv:1801.03924; Simonyan & Zisserman 2015,
    arXiv:1409.1556), from plain weights.

    Parameters
    ----------
    weights
        The published state dict of LPIPS (``net.slice1.0.weight`` …, ``lin0.model.1.weight`` …), or
        VGG-16's alone (``features.0.weight`` …): then every channel counts alike.

    Raises
    ------
    ModelError
        If a tensor is missing or of another shape.
    """

    def __init__(self, weights: Mapping[str, Tensor], device: torch.device | str = "cpu") -> None:
        self._convs = [
            [_convolution(weights, slice_, index, device) for index in indices]
            for slice_, indices in enumerate(_VGG_CONVS)
        ]
        self._channels = [_channel_weights(weights, level, device) for level in range(5)]
        shift, scale = [-0.030, -0.088, -0.188], [0.458, 0.448, 0.450]
        self._shift = torch.tensor(shift, device=device).view(1, 3, 1, 1)
        self._scale = torch.tensor(scale, device=device).view(1, 3, 1, 1)

    def __call__(self, images: Tensor) -> list[Tensor]:
        x = images if images.shape[1] == 3 else images.expand(-1, 3, -1, -1)
        x = (x - self._shift) / self._scale
        found: list[Tensor] = []
        for level, convs in enumerate(self._convs):
            if level:
                if min(x.shape[-2:]) < 2:
                    break
                x = F.max_pool2d(x, 2)
            for weight, bias in convs:
                x = F.relu(F.conv2d(x, weight, bias, padding=1))
            found.append(unit_maps(x) * self._channels[level])
        return found


def _convolution(
    weights: Mapping[str, Tensor], slice_: int, index: int, device: torch.device | str
) -> tuple[Tensor, Tensor]:
    for name in (f"net.slice{slice_ + 1}.{index}", f"features.{index}"):
        if f"{name}.weight" in weights and f"{name}.bias" in weights:
            weight, bias = (weights[f"{name}.{part}"].float() for part in ("weight", "bias"))
            break
    else:
        raise ModelError(
            f"These are no weights of LPIPS with VGG-16: layer {index} is missing. Give the "
            "published state dict, or that of VGG-16."
        )
    if weight.shape[0] != _VGG_WIDTHS[slice_] or weight.shape[2:] != (3, 3):
        raise ModelError(f"Layer {index} of these weights is not that of VGG-16.")
    return weight.to(device), bias.to(device)


def _channel_weights(
    weights: Mapping[str, Tensor], level: int, device: torch.device | str
) -> Tensor:
    """Square roots, so that squared differences are weighted."""
    found = weights.get(f"lin{level}.model.1.weight")
    if found is None:
        found = torch.ones(1, _VGG_WIDTHS[level], 1, 1)
    if found.numel() != _VGG_WIDTHS[level]:
        raise ModelError(f"Weights 'lin{level}' do not fit VGG-16.")
    values: Tensor = found.float().reshape(1, -1, 1, 1).clamp(min=0).sqrt()
    return values.to(device)
