"""Progressive growing (Karras et al. 2018, arXiv:1710.10196).

The networks are trained at 4x4 first; each next resolution fades in while the old output, doubled
in size, fades out. How far this has come is a buffer of the network, so that it is saved, averaged
and sent with the weights.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from latent_studio.models.remembered import Remembered


@dataclass(frozen=True)
class Fade:
    """A position on a scale of resolutions.

    Attributes
    ----------
    low, high
        Indices of the resolution fading out and of the one fading in; equal between two fades.
    weight
        Share of ``high`` in the picture, in (0, 1].
    """

    low: int
    high: int
    weight: float

    @property
    def steady(self) -> bool:
        return self.low == self.high


def fade_at(progress: float, stages: int) -> Fade:
    """What is on at ``progress``: the integer part is fully on, the fraction fades the next in.

    Rounded to float32, the precision in which networks keep it.

    Raises
    ------
    ValueError
        If ``progress`` is not within 0 and ``stages - 1``.
    """
    progress = float(np.float32(progress))
    if not 0 <= progress <= stages - 1:
        raise ValueError(f"progress must be within 0 and {stages - 1}, not {progress}")
    low = math.floor(progress)
    fraction = progress - low
    return Fade(low, low + 1, fraction) if fraction else Fade(low, low, 1.0)


def blend(old: Tensor, new: Tensor, fade: Fade) -> Tensor:
    """``old``, ``new`` or a mixture of the two, of one shape."""
    return torch.lerp(old, new, fade.weight)


def enlarge(images: Tensor, factor: int = 2) -> Tensor:
    """``[N, C, H, W]`` with every pixel repeated ``factor`` times each way."""
    return images if factor == 1 else F.interpolate(images, scale_factor=float(factor))


def shrink(images: Tensor, factor: int = 2) -> Tensor:
    """``[N, C, H, W]`` with squares of ``factor`` times ``factor`` pixels averaged."""
    return images if factor == 1 else F.avg_pool2d(images, factor)


def fade_reals(images: Tensor, progress: float, resolutions: Sequence[int]) -> Tensor:
    """Real pictures as a growing discriminator is shown them.

    Parameters
    ----------
    images
        ``[N, C, R, R]`` with R the last of ``resolutions``, or the one that is asked for already.
    progress
        As in :class:`Progressive`.

    Returns
    -------
    Tensor
        ``[N, C, r, r]`` with ``r = resolutions[ceil(progress)]``: area averages. While that one
        fades in, they are blended with those of half the size, as the generator's pictures are.
    """
    fade = fade_at(progress, len(resolutions))
    images = _fit(images, resolutions[fade.high])
    if fade.steady:
        return images
    return blend(enlarge(shrink(images)), images, fade)


def _fit(images: Tensor, resolution: int) -> Tensor:
    """``images`` averaged down to ``resolution``.

    Raises
    ------
    ValueError
        If they are smaller or no multiple of it.
    """
    side = images.shape[-1]
    if side % resolution or images.shape[-2] != side:
        raise ValueError(
            f"pictures of {images.shape[-2]} x {side} do not fit a network that is at {resolution}"
        )
    return shrink(images, side // resolution)


class Growth(nn.Module):
    """How far a network has grown: the persistent buffer and what follows from it.

    Parameters
    ----------
    resolutions
        4, 8, … to the full one.
    """

    progress: Tensor

    def __init__(self, resolutions: Sequence[int]) -> None:
        super().__init__()
        self.resolutions = tuple(resolutions)
        self.register_buffer("progress", torch.tensor(float(len(self.resolutions) - 1)))
        self._fade: Remembered[Fade] = Remembered()

    @property
    def fade(self) -> Fade:
        """The present position; the device is asked only after somebody else wrote the buffer."""
        return self._fade.of(self._read, self.progress)

    def _read(self) -> Fade:
        # A damaged file must not break rendering; what it says beyond the scale means its ends.
        last = len(self.resolutions) - 1
        value = float(self.progress)
        return fade_at(min(max(value, 0.0), last) if value == value else last, last + 1)

    @torch.no_grad()
    def set(self, value: float) -> None:
        fade = fade_at(value, len(self.resolutions))
        self.progress.fill_(value)
        self._fade.set(fade, self.progress)

    @property
    def resolution(self) -> int:
        """The side of the pictures of the present stage."""
        return self.resolutions[self.fade.high]

    def fit(self, images: Tensor) -> Tensor:
        """Pictures ``[N, C, H, H]`` averaged down to :attr:`resolution`.

        Raises
        ------
        ValueError
            If they are smaller.
        """
        return _fit(images, self.resolution)


class Progressive(nn.Module):
    """A network that can be grown: mixed into a generator or discriminator.

    ``progress`` runs from 0 to ``len(resolutions) - 1``; its integer part is the last resolution
    that is fully on, its fraction the share of the next one, which is fading in. Networks are built
    fully grown.

    In training mode a generator gives pictures of :attr:`training_resolution`; in eval mode it
    gives full size, pixels repeated, so that a half-grown model renders everywhere. A discriminator
    takes pictures of :attr:`training_resolution` or of a multiple, which it averages down.
    """

    @property
    def growth(self) -> Growth:
        """Where the state is; a property, because a generator may leave it to its synthesis."""
        raise NotImplementedError

    @property
    def resolutions(self) -> tuple[int, ...]:
        """4, 8, … to the full resolution."""
        return self.growth.resolutions

    @property
    def progress(self) -> Tensor:
        """The buffer, a float32 scalar."""
        return self.growth.progress

    @property
    def training_resolution(self) -> int:
        """``resolutions[ceil(progress)]``."""
        return self.growth.resolution

    def set_progress(self, value: float) -> None:
        """Go to a stage.

        Raises
        ------
        ValueError
            If ``value`` is not within 0 and ``len(resolutions) - 1``.
        """
        self.growth.set(value)
