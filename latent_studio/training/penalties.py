"""Gradient penalties on the discriminator."""

import torch
from torch import Tensor


def gradient_penalty(scores: Tensor, images: Tensor) -> Tensor:
    """R1: squared length of the gradient of the scores with respect to the pictures.

    Mescheder, Geiger, Nowozin 2018, arXiv:1801.04406, without the factor ``gamma / 2``.

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
    (gradient,) = torch.autograd.grad(scores.float().sum(), images, create_graph=True)
    return gradient.float().square().sum(dim=(1, 2, 3))
