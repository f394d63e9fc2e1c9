"""Pictures of recipes straight from a network: what measurements are made on."""

from collections.abc import Iterator, Sequence
from typing import cast

import torch
from torch import Tensor

from latent_studio.latent.classifier import fast_dtype
from latent_studio.latent.population import pictures_of
from latent_studio.latent.resolve import LatentResolver
from latent_studio.mailbox import StopToken
from latent_studio.models.base import StyledGenerator
from latent_studio.models.style_space import StyleSpace
from latent_studio.recipe import Recipe

_BATCH = 50


class RecipePictures:
    """Pictures with the model's constant noise, some at a time; belongs to one thread.

    For models without w all recipes of a batch take the psi of the first.
    """

    def __init__(self, resolver: LatentResolver) -> None:
        self._resolver = resolver
        self._styles: StyleSpace | None = None

    @torch.no_grad()
    def of(
        self, recipes: Sequence[Recipe], batch: int = _BATCH, token: StopToken | None = None
    ) -> Iterator[Tensor]:
        """Batches ``[n, C, H, W]`` float32, in the order of the recipes.

        Raises
        ------
        Cancelled
            If the token is stopped.
        """
        for start in range(0, len(recipes), batch):
            if token is not None:
                token.checkpoint()
            yield from self._batch(recipes[start : start + batch])

    def _batch(self, recipes: Sequence[Recipe]) -> Iterator[Tensor]:
        resolver = self._resolver
        latents = resolver.many(recipes)
        shift = resolver.many_shifts(recipes)
        if shift is None:
            labels = resolver.many_labels(recipes)
            yield from pictures_of(resolver.generator, latents, labels, psi=recipes[0].psi)
            return
        if self._styles is None:
            self._styles = StyleSpace(cast(StyledGenerator, resolver.generator).synthesis)
        yield self._styles.pictures(latents, shift, dtype=fast_dtype(latents.device))
