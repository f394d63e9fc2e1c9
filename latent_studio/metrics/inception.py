"""Inception-v3 as the FID was published with it.

The network of Szegedy et al. 2015 (arXiv:1512.00567) as in the TensorFlow graph of 2015-12-05 that
Heusel et al. 2017 (arXiv:1706.08500) took features from: 1008 classes; mean pooling in the mixed
blocks leaves the padding out of the count; the last block pools the maximum; pictures are resized
to 299 pixels by bilinear interpolation from the top left corner, without antialiasing. Layers carry
the names of the public weight file ``pt_inception-2015-12-05-6726825d.pth``.
"""

from collections.abc import Callable, Mapping
from typing import cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.errors import ModelError
from latent_studio.metrics.features import as_colour, as_float, weights_digest
from latent_studio.metrics.inception_score import softmax

DIMS = 2048
CLASSES = 1008
_SIDE = 299
_Size = int | tuple[int, int]


class InceptionV3(nn.Module):
    """Features after the last mean pooling, ``[N, 2048]``.

    Parameters
    ----------
    weights
        All tensors of the weight file by name.
    device
        Where it runs.

    Raises
    ------
    ModelError
        If tensors are missing or of other shapes.
    """

    kind = "inception"
    dims = DIMS

    def __init__(self, weights: Mapping[str, Tensor], device: torch.device | str = "cpu") -> None:
        super().__init__()
        self.device = torch.device(device)
        with torch.device("meta"):  # neither memory nor random numbers for what is loaded anyway
            self._build()
        self._load(weights)
        self.digest = weights_digest("inception 2015-12-05", sorted(self.state_dict().items()))
        self.name = f"Inception-v3 ({self.digest[:8]})"
        self.to(self.device).eval().requires_grad_(False)

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        """Pictures uint8 ``[N, 1 or 3, H, W]`` to features, float32 ``[N, 2048]`` on the CPU."""
        maps = self.stages(as_float(images, self.device))[-1]
        return maps.mean(dim=(2, 3)).cpu()

    @torch.no_grad()
    def stages(self, images: Tensor) -> list[Tensor]:
        """Activations before each halving of the size, of float pictures, 0 to 255."""
        x = (resized_from_corner(as_colour(images.to(self.device)), _SIDE) - 128) / 128
        x = self.Conv2d_2b_3x3(self.Conv2d_2a_3x3(self.Conv2d_1a_3x3(x)))
        found = [x]
        x = self.Conv2d_4a_3x3(self.Conv2d_3b_1x1(F.max_pool2d(x, 3, 2)))
        found.append(x)
        x = self.Mixed_5d(self.Mixed_5c(self.Mixed_5b(F.max_pool2d(x, 3, 2))))
        x = self.Mixed_6e(self.Mixed_6d(self.Mixed_6c(self.Mixed_6b(self.Mixed_6a(x)))))
        found.append(x)
        found.append(self.Mixed_7c(self.Mixed_7b(self.Mixed_7a(x))))
        return found

    def probabilities(self, features: np.ndarray) -> np.ndarray:
        """Class probabilities, float64 ``[N, 1008]``; the published score leaves the bias out."""
        weight = self.fc.weight.detach().cpu().numpy()
        return softmax(np.asarray(features, np.float32) @ weight.T)

    def _build(self) -> None:
        self.Conv2d_1a_3x3 = _Conv(3, 32, 3, stride=2, padding=0)
        self.Conv2d_2a_3x3 = _Conv(32, 32, 3, padding=0)
        self.Conv2d_2b_3x3 = _Conv(32, 64, 3)
        self.Conv2d_3b_1x1 = _Conv(64, 80, 1)
        self.Conv2d_4a_3x3 = _Conv(80, 192, 3, padding=0)
        self.Mixed_5b = _MixedA(192, 32)
        self.Mixed_5c = _MixedA(256, 64)
        self.Mixed_5d = _MixedA(288, 64)
        self.Mixed_6a = _MixedB(288)
        self.Mixed_6b = _MixedC(768, 128)
        self.Mixed_6c = _MixedC(768, 160)
        self.Mixed_6d = _MixedC(768, 160)
        self.Mixed_6e = _MixedC(768, 192)
        self.Mixed_7a = _MixedD(768)
        self.Mixed_7b = _MixedE(1280, _mean_pool)
        self.Mixed_7c = _MixedE(2048, _max_pool)
        self.fc = nn.Linear(DIMS, CLASSES)

    def _load(self, weights: Mapping[str, Tensor]) -> None:
        own = self.state_dict()
        # Counters of batches say nothing about pictures; some copies of the file lack them.
        wanted = {name for name in own if not name.endswith("num_batches_tracked")}
        wrong = sorted(
            name for name in wanted if name not in weights or weights[name].shape != own[name].shape
        )
        if wrong:
            raise ModelError(
                f"These are not the weights of the FID's Inception-v3: {len(wrong)} of "
                f"{len(wanted)} tensors are missing or of another shape ({wrong[0]} first)."
            )
        counters = {name: torch.zeros((), dtype=torch.long) for name in own.keys() - wanted}
        values = {name: weights[name].detach().float().clone() for name in wanted}
        self.load_state_dict({**counters, **values}, assign=True)


def resized_from_corner(images: Tensor, side: int) -> Tensor:
    """Bilinear as TensorFlow 1 does it: pixel i of the result lies at i * old / new."""
    rows, columns = (_mix(size, side, images) for size in images.shape[-2:])
    return rows @ images @ columns.T


def _mix(old: int, new: int, like: Tensor) -> Tensor:
    """``[new, old]``: how much of each pixel goes into each new one."""
    place = torch.arange(new, dtype=torch.float64) * (old / new)
    low = place.floor().long().clamp(max=old - 1)
    high = (low + 1).clamp(max=old - 1)
    share = place - low
    weights = torch.zeros(new, old, dtype=torch.float64)
    weights.scatter_add_(1, low[:, None], (1 - share)[:, None])
    weights.scatter_add_(1, high[:, None], share[:, None])
    return weights.to(like)


class _Conv(nn.Module):
    """Convolution without bias, batch norm, rectifier; ``padding`` None keeps the size."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: _Size,
        *,
        stride: int = 1,
        padding: int | None = None,
    ) -> None:
        super().__init__()
        size = (kernel, kernel) if isinstance(kernel, int) else kernel
        around = (size[0] // 2, size[1] // 2) if padding is None else (padding, padding)
        self.conv = nn.Conv2d(inputs, outputs, size, stride, around, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=0.001)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)))


def _mean_pool(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, 3, stride=1, padding=1, count_include_pad=False)


def _max_pool(x: Tensor) -> Tensor:
    return F.max_pool2d(x, 3, stride=1, padding=1)


class _Mixed(nn.Module):
    """Branches side by side."""

    def run(self, x: Tensor, *names: str) -> Tensor:
        """One branch: its layers one after the other."""
        for name in names:
            x = cast(nn.Module, getattr(self, name))(x)
        return x


class _MixedA(_Mixed):
    """1x1, 5x5, two 3x3 and pooling, at 35 pixels."""

    def __init__(self, inputs: int, pooled: int) -> None:
        super().__init__()
        self.branch1x1 = _Conv(inputs, 64, 1)
        self.branch5x5_1 = _Conv(inputs, 48, 1)
        self.branch5x5_2 = _Conv(48, 64, 5)
        self.branch3x3dbl_1 = _Conv(inputs, 64, 1)
        self.branch3x3dbl_2 = _Conv(64, 96, 3)
        self.branch3x3dbl_3 = _Conv(96, 96, 3)
        self.branch_pool = _Conv(inputs, pooled, 1)

    def forward(self, x: Tensor) -> Tensor:
        parts = (
            self.branch1x1(x),
            self.run(x, "branch5x5_1", "branch5x5_2"),
            self.run(x, "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"),
            self.branch_pool(_mean_pool(x)),
        )
        return torch.cat(parts, 1)


class _MixedB(_Mixed):
    """From 35 pixels to 17."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.branch3x3 = _Conv(inputs, 384, 3, stride=2, padding=0)
        self.branch3x3dbl_1 = _Conv(inputs, 64, 1)
        self.branch3x3dbl_2 = _Conv(64, 96, 3)
        self.branch3x3dbl_3 = _Conv(96, 96, 3, stride=2, padding=0)

    def forward(self, x: Tensor) -> Tensor:
        double = self.run(x, "branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3")
        return torch.cat([self.branch3x3(x), double, F.max_pool2d(x, 3, 2)], 1)


class _MixedC(_Mixed):
    """7x7 in strips, once and twice, at 17 pixels."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.branch1x1 = _Conv(inputs, 192, 1)
        self.branch7x7_1 = _Conv(inputs, width, 1)
        self.branch7x7_2 = _Conv(width, width, (1, 7))
        self.branch7x7_3 = _Conv(width, 192, (7, 1))
        self.branch7x7dbl_1 = _Conv(inputs, width, 1)
        self.branch7x7dbl_2 = _Conv(width, width, (7, 1))
        self.branch7x7dbl_3 = _Conv(width, width, (1, 7))
        self.branch7x7dbl_4 = _Conv(width, width, (7, 1))
        self.branch7x7dbl_5 = _Conv(width, 192, (1, 7))
        self.branch_pool = _Conv(inputs, 192, 1)

    def forward(self, x: Tensor) -> Tensor:
        parts = (
            self.branch1x1(x),
            self.run(x, *(f"branch7x7_{i}" for i in range(1, 4))),
            self.run(x, *(f"branch7x7dbl_{i}" for i in range(1, 6))),
            self.branch_pool(_mean_pool(x)),
        )
        return torch.cat(parts, 1)


class _MixedD(_Mixed):
    """From 17 pixels to 8."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.branch3x3_1 = _Conv(inputs, 192, 1)
        self.branch3x3_2 = _Conv(192, 320, 3, stride=2, padding=0)
        self.branch7x7x3_1 = _Conv(inputs, 192, 1)
        self.branch7x7x3_2 = _Conv(192, 192, (1, 7))
        self.branch7x7x3_3 = _Conv(192, 192, (7, 1))
        self.branch7x7x3_4 = _Conv(192, 192, 3, stride=2, padding=0)

    def forward(self, x: Tensor) -> Tensor:
        parts = (
            self.run(x, "branch3x3_1", "branch3x3_2"),
            self.run(x, *(f"branch7x7x3_{i}" for i in range(1, 5))),
            F.max_pool2d(x, 3, 2),
        )
        return torch.cat(parts, 1)


class _MixedE(_Mixed):
    """3x3 split into strips side by side, at 8 pixels."""

    def __init__(self, inputs: int, pool: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self._pool = pool
        self.branch1x1 = _Conv(inputs, 320, 1)
        self.branch3x3_1 = _Conv(inputs, 384, 1)
        self.branch3x3_2a = _Conv(384, 384, (1, 3))
        self.branch3x3_2b = _Conv(384, 384, (3, 1))
        self.branch3x3dbl_1 = _Conv(inputs, 448, 1)
        self.branch3x3dbl_2 = _Conv(448, 384, 3)
        self.branch3x3dbl_3a = _Conv(384, 384, (1, 3))
        self.branch3x3dbl_3b = _Conv(384, 384, (3, 1))
        self.branch_pool = _Conv(inputs, 192, 1)

    def forward(self, x: Tensor) -> Tensor:
        once = self.branch3x3_1(x)
        twice = self.run(x, "branch3x3dbl_1", "branch3x3dbl_2")
        parts = (
            self.branch1x1(x),
            self.branch3x3_2a(once),
            self.branch3x3_2b(once),
            self.branch3x3dbl_3a(twice),
            self.branch3x3dbl_3b(twice),
            self.branch_pool(self._pool(x)),
        )
        return torch.cat(parts, 1)
