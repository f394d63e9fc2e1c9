"""Penalties on gradients: of the discriminator by its pictures, of the generator by its styles."""

import math

import torch
from torch import Tensor


def gradient_penalty(scores: Tensor, images: Tensor) -> Tensor:
    """Squared length of the gradient of the scores with respect to the pictures.

    Of real pictures it is R1, of generated ones R2 (Mescheder, Geiger, Nowozin 2018,
    arXiv:1801.04406), without the factor ``gamma / 2``.

    Parameters
    ----------
    scores
        ``[N, 1]``, computed from ``images``.
    images
        ``[N, C, H, W]`` that requires gradients.

    Returns
    -------
    Tensor
        ``[N]`` float32, differentiable once more with respect to the weights.
    """
    return _gradient(scores, images).square().sum(dim=(1, 2, 3))


def lipschitz_penalty(scores: Tensor, images: Tensor, target: float = 1.0) -> Tensor:
    """``(|∇D| / target - 1)²``: the two-sided penalty of WGAN-GP, without its weight.

    Gulrajani et al. 2017, arXiv:1704.00028, equation 3; arguments as :func:`gradient_penalty`, with
    ``images`` from :func:`between`.
    """
    squares = _gradient(scores, images).square().sum(dim=(1, 2, 3))
    # the root has no derivative at 0, where a dead critic would turn every weight into NaN
    return ((squares + 1e-12).sqrt() / target - 1).square()


def between(real: Tensor, fake: Tensor, mix: Tensor) -> Tensor:
    """Pictures on the straight lines from ``real`` to ``fake``, at ``mix [N]`` in [0, 1]."""
    return torch.lerp(real, fake, mix.reshape(-1, 1, 1, 1))


def path_lengths(images: Tensor, ws: Tensor, noise: Tensor) -> Tensor:
    """How far the picture moves when w does: ``|J^T y|`` for random pictures ``y``.

    Karras et al. 2020, arXiv:1912.04958, section 3.2. The square is averaged over the layers and
    summed over w.

    Parameters
    ----------
    images
        ``[N, C, H, W]``, synthesised from ``ws``.
    ws
        ``[N, num_ws, w_dim]`` that requires gradients.
    noise
        ``y``, standard normal, shaped as ``images``.

    Returns
    -------
    Tensor
        ``[N]``, differentiable with respect to the weights.
    """
    scale = 1 / math.sqrt(images.shape[2] * images.shape[3])
    target = (images * noise).sum() * scale
    (gradient,) = torch.autograd.grad(target, ws, create_graph=True)
    return gradient.square().sum(dim=2).mean(dim=1).sqrt()


def _gradient(scores: Tensor, images: Tensor) -> Tensor:
    (gradient,) = torch.autograd.grad(scores.float().sum(), images, create_graph=True)
    return gradient.float()
