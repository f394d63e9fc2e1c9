"""Measurements of a training's health: of batches and weights, as tensors that nobody waits for.

They are taken at every eighth step or so and averaged over a tick; ``latent_studio.training.
diagnostics`` judges the means. Random features and pairs within a batch are rough, but they need
no file and no held-out data, and cost about a hundredth of a training step.
"""

import math
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, avg_pool2d, leaky_relu

from latent_studio.training.losses import find_objective

_SEED = 20_260
_WIDTHS = (32, 64, 64)
_LARGEST = 64  # pixels; finer pictures are averaged down first
_CELLS = 4
_SATURATED = 0.99


class RandomExtractor(nn.Module):
    """Three convolutions with fixed random weights: pictures to features ``[N, 1024]``.

    Random features order sets of pictures much as trained ones do (Naeem et al. 2020,
    arXiv:2002.09797, section 3.2) and are the same on every machine.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        chance = torch.Generator().manual_seed(_SEED)
        widths = (channels, *_WIDTHS)
        for index, (before, after) in enumerate(pairwise(widths)):
            weight = torch.randn((after, before, 4, 4), generator=chance)
            weight -= weight.mean(dim=(1, 2, 3), keepdim=True)  # edges rather than brightness
            self.register_buffer(f"weight{index}", weight * math.sqrt(2 / (before * 16)))

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        x = images.detach().float()
        if max(x.shape[2:]) > _LARGEST:
            x = adaptive_avg_pool2d(x, _LARGEST)
        for weight in self.buffers():
            x = leaky_relu(nn.functional.conv2d(x, weight, stride=2, padding=2), 0.2)
        return adaptive_avg_pool2d(x, _CELLS).flatten(1)


@torch.no_grad()
def diversity(fakes: Tensor, reals: Tensor, extractor: nn.Module) -> dict[str, Tensor]:
    """How different the pictures of a batch are, among each other and from the real ones.

    Parameters
    ----------
    fakes, reals
        ``[N, C, H, W]`` in [-1, 1], before any augmentation.
    extractor
        Pictures to features ``[N, F]``, such as :class:`RandomExtractor`.

    Returns
    -------
    dict of str to Tensor
        Scalars on the device: ``spread/fake``, ``spread/real``, ``spread/cross`` (mean distance of
        the features of two generated pictures, of two real ones, of one and one), ``msssim/fake``,
        ``msssim/real`` (mean similarity of two pictures, 1 for equal ones), ``saturated/fake``,
        ``saturated/real`` (share of values beyond ± 0.99). Empty for batches of one.
    """
    if min(len(fakes), len(reals)) < 2:
        return {}
    made, given = extractor(fakes), extractor(reals)
    return {
        "spread/fake": _mean_distance(made),
        "spread/real": _mean_distance(given),
        "spread/cross": torch.cdist(made, given).mean(),
        "msssim/fake": similarity(fakes, fakes.roll(1, 0)).mean(),
        "msssim/real": similarity(reals, reals.roll(1, 0)).mean(),
        "saturated/fake": saturated(fakes),
        "saturated/real": saturated(reals),
    }


def _mean_distance(features: Tensor) -> Tensor:
    """Mean over the pairs of different rows."""
    count = len(features)
    return torch.cdist(features, features).sum() / (count * (count - 1))


@torch.no_grad()
def similarity(first: Tensor, second: Tensor, scales: int = 3) -> Tensor:
    """Multi-scale structural similarity of pairs of pictures, ``[N]``.

    After Wang, Simoncelli, Bovik 2003 ("Multi-scale structural similarity for image quality
    assessment"), on the mean of the channels, with flat windows of 8 × 8 and the geometric mean of
    as many scales as fit (up to ``scales``): for comparing runs with themselves, not with papers.
    """
    # brightness counts from black: of two negative means the product would be similar
    x, y = ((i.detach().float().mean(dim=1, keepdim=True) + 1) / 2 for i in (first, second))
    terms = []
    for scale in range(scales):
        if scale and min(x.shape[2:]) < 16:
            break
        x, y = (x, y) if scale == 0 else (avg_pool2d(x, 2), avg_pool2d(y, 2))
        terms.append(_structure(x, y).clamp(min=0))
    return torch.stack(terms).prod(dim=0) ** (1 / len(terms))


def _structure(x: Tensor, y: Tensor) -> Tensor:
    """Luminance, contrast and structure in one, averaged over the windows of a picture."""
    window = min(8, *x.shape[2:])

    def mean(values: Tensor) -> Tensor:
        return avg_pool2d(values, window, stride=max(1, window // 2))

    a, b = mean(x), mean(y)
    xx, yy, xy = mean(x * x) - a * a, mean(y * y) - b * b, mean(x * y) - a * b
    c1, c2 = 0.01**2, 0.03**2
    local = (2 * a * b + c1) * (2 * xy + c2) / ((a * a + b * b + c1) * (xx + yy + c2))
    return local.mean(dim=(1, 2, 3))


@torch.no_grad()
def saturated(images: Tensor) -> Tensor:
    """Share of values at or beyond the ends of the range."""
    return (images.detach().abs() > _SATURATED).float().mean()


@torch.no_grad()
def weight_norm(parameters: Iterable[Tensor]) -> Tensor:
    """Root mean square of all weights together."""
    tensors = [p.detach() for p in parameters]
    lengths = torch.stack(list(torch._foreach_norm(tensors)))
    return lengths.square().sum().div(sum(p.numel() for p in tensors)).sqrt()


@torch.no_grad()
def clipped(parameters: Iterable[Tensor], bound: float) -> Tensor:
    """Share of the weights that stand at ± ``bound``."""
    tensors = [p.detach() for p in parameters]
    lie = [(p.abs() >= 0.999 * bound).sum() for p in tensors]
    return torch.stack(lie).sum() / sum(p.numel() for p in tensors)


@torch.no_grad()
def signs(real: Tensor, fake: Tensor, objective: str) -> dict[str, Tensor]:
    """On which side of its boundary D puts the pictures: ``sign/real`` and ``sign/fake``.

    Their means are ``2 * accuracy - 1`` for real pictures (the heuristic r_t of Karras et al. 2020,
    arXiv:2006.06676) and the negative of that for generated ones. Objectives that only compare
    scores have no boundary: there it is the middle between the two kinds.
    """
    kind = find_objective(objective)
    real, fake = real.detach().float(), fake.detach().float()
    boundary: Tensor | float = score_boundary(objective)
    if kind.critic or kind.paired:
        boundary = (real.mean() + fake.mean()) / 2
    return {"sign/real": (real - boundary).sign(), "sign/fake": (fake - boundary).sign()}


def score_boundary(objective: str) -> float:
    """The score of a D that can't tell: half way between the targets of least squares, else 0."""
    return 0.5 if objective == "least-squares" else 0.0


@lru_cache
def blind_loss(objective: str) -> float | None:
    """D's loss when it can't tell; None for critics, whose loss has no such value."""
    kind = find_objective(objective)
    if kind.critic:
        return None
    score = torch.full((1, 1), score_boundary(objective))
    return float(kind.discriminator(score, score))
