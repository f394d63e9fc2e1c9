"""Affine changes of colours: matrices ``[N, 4, 4]`` on ``(red, green, blue, 1)``.

To append a change, multiply its matrix from the left. The luma axis is the grey line
``(1, 1, 1) / √3``.
"""

import math

import torch
from torch import Tensor

from latent_studio.errors import OptionError


def identity(count: int, device: torch.device) -> Tensor:
    return torch.eye(4, device=device).repeat(count, 1, 1)


def brightness(shift: Tensor) -> Tensor:
    """Adds ``shift [N]`` to every channel."""
    matrices = identity(len(shift), shift.device)
    matrices[:, :3, 3] = shift[:, None]
    return matrices


def contrast(factor: Tensor) -> Tensor:
    """Multiplies every channel by ``factor [N]``."""
    return _linear(factor[:, None, None] * torch.eye(3, device=factor.device))


def luma_flip(flip: Tensor) -> Tensor:
    """Mirrors the luma where ``flip [N]`` is 1; hue and saturation stay (Householder)."""
    grey = _grey(flip.device)
    return _linear(torch.eye(3, device=flip.device) - 2 * flip[:, None, None] * grey)


def hue(angle: Tensor) -> Tensor:
    """Turns colours about the luma axis by ``angle [N]`` radians (Rodrigues)."""
    grey, eye = _grey(angle.device), torch.eye(3, device=angle.device)
    upward = eye.roll(1, dims=0)  # takes red to green, green to blue, blue to red
    cross = (upward - upward.T) / math.sqrt(3)
    cosine, sine = angle.cos()[:, None, None], angle.sin()[:, None, None]
    return _linear(cosine * eye + sine * cross + (1 - cosine) * grey)


def saturation(factor: Tensor) -> Tensor:
    """Multiplies the distance from the luma axis by ``factor [N]``."""
    grey, eye = _grey(factor.device), torch.eye(3, device=factor.device)
    return _linear(factor[:, None, None] * eye + (1 - factor[:, None, None]) * grey)


def _grey(device: torch.device) -> Tensor:
    """The projection on the luma axis, ``[3, 3]``."""
    return torch.full((3, 3), 1 / 3, device=device)


def _linear(matrices: Tensor) -> Tensor:
    whole = identity(len(matrices), matrices.device)
    whole[:, :3, :3] = matrices
    return whole


def recolor(images: Tensor, matrices: Tensor) -> Tensor:
    """The pictures ``[N, C, H, W]`` under colour ``matrices [N, 4, 4]``.

    Grey pictures (C = 1) are changed as if they had three equal channels; a fourth channel stays.

    Raises
    ------
    OptionError
        For another number of channels.
    """
    count, channels = images.shape[:2]
    matrices = matrices.to(images.dtype)
    if channels == 1:
        factor = matrices[:, :3, :3].sum(dim=(1, 2)) / 3
        shift = matrices[:, :3, 3].mean(dim=1)
        return images * factor[:, None, None, None] + shift[:, None, None, None]
    if channels not in (3, 4):
        raise OptionError(
            f"ADA changes colours of pictures with 1, 3 or 4 channels, not {channels}. Augment "
            "with diffaug instead, or not at all."
        )
    flat = images[:, :3].reshape(count, 3, -1)
    changed = torch.baddbmm(matrices[:, :3, 3:], matrices[:, :3, :3], flat)
    colors = changed.reshape(count, 3, *images.shape[2:])
    return colors if channels == 3 else torch.cat([colors, images[:, 3:]], dim=1)
