"""A small network that tells labelled attributes from pictures, several at once.

It scores generated pictures to find the direction of an attribute, and, trained with another seed
on other photographs, measures what a direction does.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_WIDTHS = (24, 48, 96, 192)
_SIZES = (64, 32, 16, 8)


class AttributeClassifier(nn.Module):
    """Strided convolutions down to 4x4, then one logit an attribute.

    Parameters
    ----------
    attributes
        Names of the heads, in the order of the logits.
    channels
        Of the pictures.
    size
        Side of the pictures it works on: 8, 16, 32 or 64.
    init
        Source of the start values.
    """

    def __init__(
        self, attributes: Sequence[str], channels: int, size: int, init: torch.Generator
    ) -> None:
        super().__init__()
        self.attributes = tuple(attributes)
        self.channels, self.size = channels, size
        widths = _WIDTHS[: _SIZES[::-1].index(size) + 1]
        self.body = nn.Sequential(
            *(_Stage(a, b) for a, b in zip((channels, *widths[:-1]), widths, strict=True)),
            _Residual(widths[-1]),
        )
        self.head = nn.utils.skip_init(nn.Linear, widths[-1], len(self.attributes))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                fan_in = module.weight[0].numel()
                nn.init.normal_(module.weight, std=math.sqrt(2 / fan_in), generator=init)
        nn.init.normal_(self.head.weight, std=0.01, generator=init)
        nn.init.zeros_(self.head.bias)

    def forward(self, pictures: Tensor) -> Tensor:
        """Logits ``[N, attributes]`` of pictures ``[N, C, size, size]`` in [-1, 1]."""
        features = self.body(pictures.contiguous(memory_format=torch.channels_last))
        logits: Tensor = self.head(features.float().mean(dim=(2, 3)))
        return logits

    @torch.no_grad()
    def score(self, pictures: Tensor) -> Tensor:
        """Logits of pictures of any size, the mean over each picture and its mirror image.

        Parameters
        ----------
        pictures
            ``[N, C, H, W]`` float in [-1, 1], on the network's device.

        Returns
        -------
        Tensor
            ``[N, attributes]`` float32 on the CPU.
        """
        fitted = fit_pictures(pictures, self.size)
        dtype = fast_dtype(fitted.device)
        with torch.autocast(fitted.device.type, dtype, enabled=dtype != torch.float32):
            logits: Tensor = (self(fitted) + self(fitted.flip(3))) / 2
        return logits.float().cpu()


def with_heads(network: AttributeClassifier, attributes: Sequence[str]) -> AttributeClassifier:
    """The same network, telling only some of its attributes; it shares the weights."""
    rows = [network.attributes.index(name) for name in attributes]
    start = torch.Generator().manual_seed(0)
    kept = AttributeClassifier(attributes, network.channels, network.size, start)
    kept.body = network.body
    kept.head.weight = nn.Parameter(network.head.weight.detach()[rows], requires_grad=False)
    kept.head.bias = nn.Parameter(network.head.bias.detach()[rows], requires_grad=False)
    return kept.train(network.training)


def working_size(resolution: int) -> int:
    """The side at which pictures of ``resolution`` are classified."""
    return next((size for size in _SIZES if size <= resolution), _SIZES[-1])


def fit_pictures(pictures: Tensor, size: int) -> Tensor:
    """Bring ``[N, C, H, W]`` to ``size``: means over areas downwards, bilinear upwards."""
    if pictures.shape[-1] == size:
        return pictures
    if pictures.shape[-1] > size:
        return F.interpolate(pictures, (size, size), mode="area")
    return F.interpolate(pictures, (size, size), mode="bilinear", align_corners=False)


def fast_dtype(device: torch.device) -> torch.dtype:
    """bf16 where matrix instructions make it faster, float32 elsewhere."""
    if device.type == "cuda":
        ampere = torch.cuda.get_device_capability(device)[0] >= 8
        return torch.bfloat16 if ampere else torch.float32
    has_amx = getattr(torch.cpu, "_is_amx_tile_supported", None)
    if device.type == "cpu" and has_amx is not None and has_amx():
        return torch.bfloat16
    return torch.float32


class _Stage(nn.Module):
    """Halve the side: convolution, normalisation, ReLU."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.conv = _conv(inside, outside, stride=2)
        self.norm = nn.BatchNorm2d(outside)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.conv(x)), inplace=True)


class _Residual(nn.Module):
    """One more convolution around which the features also pass unchanged."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = _conv(width, width, stride=1)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        return x + F.relu(self.norm(self.conv(x)))


def _conv(inside: int, outside: int, stride: int) -> nn.Conv2d:
    # skip_init: PyTorch's own start values would draw from the shared generator.
    return nn.utils.skip_init(  # type: ignore[no-any-return]
        nn.Conv2d, inside, outside, 3, stride=stride, padding=1, bias=False
    ).to(memory_format=torch.channels_last)
