"""Pivotal tuning: the weights move a little until one latent shows a photograph.

Roich et al. 2021 (arXiv:2106.05744). The latent (the *pivot*) stays; the synthesis network is tuned
on the photograph. Some steps also look at a latent between the pivot and a random one, where the
tuned network should draw what the old one drew (their section 3.3), so that the rest of the latent
space, and with it editing, is left as it was.
"""

import copy
from typing import cast

import torch
from torch import Tensor

from latent_studio.latent.descent import Adam
from latent_studio.latent.inversion.losses import PhotoLoss
from latent_studio.latent.population import draw_latents
from latent_studio.latent.whitening import latents_of_class
from latent_studio.models.base import Generator, StyledGenerator

_LOCAL_EVERY = 4
_LOCAL_SHARE = 0.5  # how far towards the random latent


class Tuning:
    """Tunes a copy of a network around one latent.

    Parameters
    ----------
    generator
        Stays as it is.
    pivot
        ws ``[1, num_ws, w_dim]`` or z ``[1, z_dim]``.
    c
        Class weights ``[1, classes]``, or None.
    locality
        Weight of staying as it was around the pivot; 0 leaves that out.
    seed
        Of the random latents around the pivot.
    """

    def __init__(
        self, generator: Generator, pivot: Tensor, c: Tensor | None, locality: float, seed: int
    ) -> None:
        self._old, self._new = generator, copy.deepcopy(generator)
        self._pivot, self._c, self._locality = pivot.detach(), c, locality
        self._draw = torch.Generator().manual_seed(seed)
        self._new.requires_grad_(False)
        moving = self._new
        if isinstance(self._new, StyledGenerator):
            moving = cast(Generator, self._new.synthesis)
        self._weights = [p.requires_grad_(True) for p in moving.parameters()]
        self._adam = Adam(self._weights, [1.0])
        self._steps = 0

    def step(self, loss: PhotoLoss, rate: float) -> Tensor:
        """One step; returns the picture before it, ``[1, C, H, W]``."""
        self._adam.clear()
        with torch.enable_grad():
            image = draw(self._new, self._pivot, self._c)
            total = loss(image).sum()
            if self._locality and self._steps % _LOCAL_EVERY == 0:
                total = total + self._locality * self._drift()
            total.backward()
        self._adam.step(rate)
        self._steps += 1
        return image.detach()

    def finish(self) -> Generator:
        """The tuned network, frozen."""
        return self._new.requires_grad_(False)

    def _drift(self) -> Tensor:
        """Squared difference between new and old pictures of a latent near the pivot."""
        with torch.no_grad():
            latents = latents_of_class(self._old, draw_latents(self._old, 1, self._draw), self._c)
            other = latents.points
            if isinstance(self._old, StyledGenerator):
                other = self._old.broadcast(other)
            near = self._pivot.lerp(other, _LOCAL_SHARE)
            wanted = draw(self._old, near, self._c)
        return (draw(self._new, near, self._c) - wanted).square().mean()


def draw(generator: Generator, latent: Tensor, c: Tensor | None) -> Tensor:
    """The picture of ws ``[N, num_ws, w_dim]``, or of z ``[N, z_dim]``, with constant noise."""
    if isinstance(generator, StyledGenerator):
        image: Tensor = generator.synthesis(latent)
        return image
    return generator.render(latent, c)
