"""Differentiable augmentation with fixed strength (DiffAugment).

Zhao et al. 2020, arXiv:2006.10738: every picture is changed, real or generated. Pictures are in
[-1, 1] and 0 is grey, which is what fills the holes.
"""

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.models.draws import RandomSource, uniform

_SHIFT = 1 / 8  # of the size, at most, to each side
_HOLE = 1 / 2  # of the size

_Draws = Iterator[Tensor]


def change_color(images: Tensor, draws: _Draws) -> Tensor:
    """Brightness ± 0.5, saturation × 0 to 2, contrast × 0.5 to 1.5, in this order."""
    brightness, saturation, contrast = (next(draws).reshape(-1, 1, 1, 1) for _ in range(3))
    images = images + (brightness - 0.5)
    grey = images.mean(dim=1, keepdim=True)
    images = grey + (images - grey) * (saturation * 2)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return mean + (images - mean) * (contrast + 0.5)


def translate(images: Tensor, draws: _Draws) -> Tensor:
    """Moves by whole pixels, up to an eighth of the size."""
    for dim in (2, 3):
        images = _shifted(images, dim, next(draws))
    return images


def _shifted(images: Tensor, dim: int, draw: Tensor) -> Tensor:
    size = images.shape[dim]
    most = int(size * _SHIFT + 0.5)
    shift = (draw * (2 * most + 1)).floor().long() - most
    shape = [len(images), 1, 1, 1]
    shape[dim] = size
    source = torch.arange(size, device=images.device) - shift[:, None]
    inside = (source >= 0) & (source < size)
    index = source.clamp(0, size - 1).reshape(shape).expand(images.shape)
    return images.gather(dim, index) * inside.reshape(shape)


def cut_out(images: Tensor, draws: _Draws) -> Tensor:
    """A hole of half the size, whose centre lies anywhere."""
    rows, columns = (_hole(images.shape[dim], next(draws)) for dim in (2, 3))
    hole = rows[:, None, :, None] & columns[:, None, None, :]
    return images * ~hole


def _hole(size: int, draw: Tensor) -> Tensor:
    """Which of ``size`` lines the hole covers, ``[N, size]``."""
    length = int(size * _HOLE + 0.5)
    centre = (draw * (size + 1 - length % 2)).floor()
    first = (centre - length // 2)[:, None]
    line = torch.arange(size, device=draw.device)
    return (line >= first) & (line < first + length)


# A policy and how many numbers of each picture it needs.
POLICIES: dict[str, tuple[Callable[[Tensor, _Draws], Tensor], int]] = {
    "color": (change_color, 3),
    "translation": (translate, 2),
    "cutout": (cut_out, 2),
}


class DiffAugment:
    """The changes of ``policies``, in the order given.

    Raises
    ------
    OptionError
        For an unknown policy.
    """

    def __init__(self, policies: Sequence[str] = tuple(POLICIES)) -> None:
        unknown = sorted(set(policies) - set(POLICIES))
        if unknown:
            raise OptionError(
                f"DiffAugment has no policy called {', '.join(unknown)}. "
                f"Known: {', '.join(POLICIES)}."
            )
        self.policies = tuple(policies)

    def __call__(self, images: Tensor, generator: RandomSource) -> Tensor:
        """``images [N, C, H, W]`` in [-1, 1], each changed on its own."""
        count = sum(POLICIES[name][1] for name in self.policies)
        numbers = uniform((len(images), count), generator, images.device)
        draws = iter(numbers.to(images.dtype).unbind(1))
        for name in self.policies:
            images = POLICIES[name][0](images, draws)
        return images
