"""Pictures to features: what the metrics on features need of a network.

:class:`RandomConvExtractor` needs no file. Naeem et al. 2020 (arXiv:2002.09797, section 4.3) show
that a network with random weights sees differences that one trained on ImageNet does not (and the
other way round), and is free of its classes. Its numbers are of their own kind: they carry
``random`` in the name, and can be compared with each other only, never with a published FID.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.events import Emit, Progress, ignore
from latent_studio.mailbox import StopToken
from latent_studio.metrics.blocks import ranges

SEED = 20_020_979  # after the paper's number
_SIDE = 64
_WIDTHS = (16, 32, 64, 128)
_DIMS = 64
_GAIN = 4.0  # features of photographs then have a deviation of about 1
_GRID = 2**16
_PIXELS = 64 * 64 * 64  # of pictures at a time


@runtime_checkable
class Extractor(Protocol):
    """A network that turns pictures into features.

    Attributes
    ----------
    kind
        Ending of the metrics' names: ``random`` or ``inception``.
    name
        What it is called in a report.
    dims
        Features a picture.
    digest
        Names these exact weights and this way of feeding them; cached features carry it.
    """

    kind: str
    name: str
    dims: int
    digest: str

    def __call__(self, images: Tensor) -> Tensor:
        """Pictures uint8 ``[N, 1 or 3, H, W]`` to features, float32 ``[N, dims]``."""

    def stages(self, images: Tensor) -> Sequence[Tensor]:
        """Activations ``[N, C, h, w]`` of float pictures, 0 to 255: for perceptual distances."""


@runtime_checkable
class ClassExtractor(Extractor, Protocol):
    """An extractor whose features belong to a classifier."""

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Class probabilities, float64 ``[N, classes]``, of features."""


class RandomConvExtractor:
    """A VGG-like network with fixed random weights.

    Pictures are resized to 64 pixels (antialiased); four stages of two 3x3 convolutions and 2x2
    mean pooling end in 4x4 maps, and one linear layer in ``dims`` features. Weights are uniform,
    scaled to the fan-in (He et al. 2015, arXiv:1502.01852), and the rectifier is shifted and scaled
    so that a standard normal keeps mean 0 and variance 1: else each random layer pushes all
    pictures towards one point.

    Parameters
    ----------
    device
        Where it runs; the weights are drawn on the CPU and the same everywhere.
    seed
        Another one is another network, with another digest.
    """

    kind = "random"

    def __init__(self, device: torch.device | str = "cpu", *, seed: int = SEED) -> None:
        self.dims = _DIMS
        self.device = torch.device(device)
        weights = random_weights(seed)
        self.digest = weights_digest(f"random-conv 1 {_SIDE} {_WIDTHS} {_DIMS}", weights.items())
        self.name = f"random convolutions ({self.digest[:8]})"
        self._weights = {name: value.to(self.device) for name, value in weights.items()}

    @torch.no_grad()
    def __call__(self, images: Tensor) -> Tensor:
        maps = self.stages(as_float(images, self.device))[-1]
        return F.linear(maps.flatten(1), self._weights["out"]).cpu()

    def stages(self, images: Tensor) -> list[Tensor]:
        """Activations after each of the four stages, 32 to 4 pixels wide; differentiable."""
        x = resized(as_colour(images.to(self.device)), _SIDE) / 127.5 - 1
        found = []
        for stage in range(len(_WIDTHS)):
            for layer in range(2):
                x = rectified(F.conv2d(x, self._weights[f"{stage}.{layer}"], padding=1))
            x = F.avg_pool2d(x, 2)
            found.append(x)
        return found


def random_weights(seed: int = SEED) -> dict[str, Tensor]:
    """Weights of the random network, the same bits on every machine.

    They come from whole random numbers, times one float: a normal draw would hang on the
    processor's logarithm.
    """
    draw = torch.Generator().manual_seed(seed)
    weights: dict[str, Tensor] = {}
    channels = 3
    for stage, width in enumerate(_WIDTHS):
        for layer in range(2):
            weights[f"{stage}.{layer}"] = _uniform((width, channels, 3, 3), draw)
            channels = width
    weights["out"] = _GAIN * _uniform((_DIMS, channels * 4 * 4), draw)
    return weights


def weights_digest(title: str, weights: Iterable[tuple[str, Tensor]]) -> str:
    """A hash of a network: what it is, and each tensor's name, shape and bytes."""
    found = hashlib.blake2b(title.encode(), digest_size=16)
    for name, tensor in weights:
        value = tensor.detach().cpu().float().contiguous().numpy().astype("<f4", copy=False)
        found.update(f"{name} {value.shape}".encode())
        found.update(value.tobytes())
    return found.hexdigest()


def extract(
    extractor: Callable[[Tensor], Tensor],
    images: np.ndarray,
    *,
    message: str = "Looking at pictures",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> np.ndarray:
    """Features of a set of pictures, uint8 ``[N, C, H, W]``, float32 ``[N, dims]``.

    Raises
    ------
    Cancelled
        If the token is stopped.
    """
    parts = []
    for rows in ranges(len(images), batch_size(images.shape[-1])):
        if token is not None:
            token.checkpoint()
        parts.append(extractor(torch.from_numpy(np.ascontiguousarray(images[rows]))).numpy())
        emit(Progress(rows.stop, len(images), message))
    return np.concatenate(parts)


def batch_size(side: int) -> int:
    """Pictures at a time, for bounded memory."""
    return max(1, min(64, _PIXELS // side**2))


def as_float(images: Tensor, device: torch.device) -> Tensor:
    """uint8 pictures as float32 on ``device``, still 0 to 255."""
    if images.dtype != torch.uint8 or images.ndim != 4:
        raise OptionError("Features are made of pictures as uint8 [N, C, H, W].")
    return images.to(device).float()


def as_colour(images: Tensor) -> Tensor:
    """Grey pictures as three equal channels."""
    if images.shape[1] not in (1, 3):
        raise OptionError(f"Features need 1 or 3 channels, these pictures have {images.shape[1]}.")
    return images if images.shape[1] == 3 else images.expand(-1, 3, -1, -1)


def resized(images: Tensor, side: int) -> Tensor:
    """Bilinear, antialiased."""
    if images.shape[-2:] == (side, side):
        return images
    return F.interpolate(
        images, size=(side, side), mode="bilinear", align_corners=False, antialias=True
    )


def rectified(x: Tensor) -> Tensor:
    """max(x, 0), shifted and scaled: of a standard normal it has mean 0 and variance 1."""
    mean = 0.3989422804014327  # 1 / sqrt(2 pi)
    return (x.relu() - mean) * 1.7128585504496627  # 1 / sqrt((1 - 1 / pi) / 2)


def _uniform(shape: tuple[int, ...], draw: torch.Generator) -> Tensor:
    """Of variance 1 / fan-in."""
    whole = torch.randint(_GRID, shape, generator=draw, dtype=torch.int32)
    fan_in = int(np.prod(shape[1:]))
    scale = np.float32(np.sqrt(3 / fan_in) / _GRID)
    return (2 * whole - (_GRID - 1)).float() * float(scale)
