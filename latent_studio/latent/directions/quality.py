"""How good directions are: what they do to their own attribute, to the others, to the picture.

The protocol is that of :mod:`latent_studio.latent.measure`: 500 seeds at psi 0.7, sigma the
standard deviation of the projection over 10,000 latents, a judge who had no part in finding the
directions. In addition every attribute that the judge knows is looked at (*leakage*), and how
different the pictures look to a network (*distance*), in units of the distance between two
pictures of other seeds: 0 is the same picture, 1 another one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.events import Emit, Progress, ignore
from latent_studio.latent.classifier import AttributeClassifier
from latent_studio.latent.direction import QUALITY, Direction
from latent_studio.latent.measure import PSI, SEEDS, SIGMA_SAMPLES, measured_sigma
from latent_studio.latent.pictures import RecipePictures
from latent_studio.latent.population import device_of
from latent_studio.latent.resolve import LatentResolver
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator
from latent_studio.recipe import Recipe

AMOUNT = 2.0
_WIDE_SAMPLES = 1_000  # points of w+ and S are long
_DIGITS = 4

Distance = Callable[[Tensor, Tensor], np.ndarray]
"""Of pairs of float pictures ``[N, C, H, W]``, 0 to 255: ``[N]``."""


@dataclass(frozen=True)
class Quality:
    """What was measured of a direction.

    Parameters
    ----------
    low, middle, high
        Attribute → share of the pictures that the judge says have it, at minus ``amount``, 0 and
        plus ``amount`` on the slider. Empty without a judge.
    attribute
        Its own: the one it was made for, or the one that it changes most. Empty without a judge.
    distance
        Mean distance of the pictures at either end from those at 0, in units of that between
        different seeds.
    amount, seeds, psi
        How it was measured.
    accuracy
        Of the judge on pictures held out, by attribute, where that is known.
    """

    low: Mapping[str, float]
    middle: Mapping[str, float]
    high: Mapping[str, float]
    attribute: str
    distance: float
    amount: float = AMOUNT
    seeds: int = SEEDS
    psi: float = PSI
    accuracy: Mapping[str, float] = field(default_factory=dict)

    @property
    def effect(self) -> float:
        """Change of the share that has its own attribute, from one end to the other, -1 to 1."""
        return self.change(self.attribute)

    @property
    def leakage(self) -> dict[str, float]:
        """The same of every other attribute, as a magnitude, the greatest first."""
        others = {name: abs(self.change(name)) for name in self.low if name != self.attribute}
        return dict(sorted(others.items(), key=lambda entry: -entry[1]))

    @property
    def mean_leakage(self) -> float:
        """Mean over the other attributes; 0 if there are none."""
        return float(np.mean(list(self.leakage.values()))) if self.leakage else 0.0

    def change(self, attribute: str) -> float:
        """Share at the upper end less share at the lower end; 0 for what was not judged."""
        return self.high.get(attribute, 0.0) - self.low.get(attribute, 0.0)

    def to_json(self) -> dict[str, Any]:
        return {
            "attribute": self.attribute,
            **{end: _rounded(getattr(self, end)) for end in ("low", "middle", "high", "accuracy")},
            "distance": round(self.distance, _DIGITS),
            "amount": self.amount,
            "seeds": self.seeds,
            "psi": self.psi,
        }

    @classmethod
    def of(cls, direction: Direction) -> "Quality | None":
        """What a direction's facts say of it; None if it was not measured (or not readably)."""
        value = direction.info.get(QUALITY)
        if not isinstance(value, Mapping):
            return None
        try:
            shares = {
                end: {str(name): float(share) for name, share in dict(value[end]).items()}
                for end in ("low", "middle", "high", "accuracy")
            }
            return cls(
                **shares,
                attribute=str(value["attribute"]),
                distance=float(value["distance"]),
                amount=float(value["amount"]),
                seeds=int(value["seeds"]),
                psi=float(value["psi"]),
            )
        except (KeyError, TypeError, ValueError):
            return None


def measure_quality(
    generator: Generator,
    directions: Sequence[Direction],
    distance: Distance,
    judge: AttributeClassifier | None = None,
    *,
    seeds: int = SEEDS,
    psi: float = PSI,
    amount: float = AMOUNT,
    sigma_samples: int = SIGMA_SAMPLES,
    accuracy: Mapping[str, float] | None = None,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> list[Direction]:
    """Measure directions and keep what was found in their facts (:meth:`Quality.of`).

    Parameters
    ----------
    generator
        In eval mode.
    directions
        Their ``sigma`` is measured anew over ``sigma_samples`` latents (0: taken as it is).
    distance
        How different pictures look, for example
        :func:`~latent_studio.metrics.perceptual.perceptual_distance`.
    judge
        Tells attributes; None measures the distance only.
    seeds, psi, amount
        How many pictures at each of three amounts, truncated how, and how far the slider goes.
    accuracy
        Of the judge, to be told with the result.

    Raises
    ------
    OptionError
        If there are fewer than two seeds.
    Cancelled
        If the token is stopped.
    """
    if seeds < 2:
        raise OptionError("A direction is measured on two seeds or more.")
    if sigma_samples:
        directions = [_with_sigma(generator, d, sigma_samples) for d in directions]
    work = _Measuring(generator, directions, distance, judge, seeds, psi, token)
    measured = []
    for done, direction in enumerate(directions):
        emit(Progress(done, len(directions), f"Measuring {direction.name}"))
        quality = replace(work.quality(direction, amount), accuracy=dict(accuracy or {}))
        measured.append(direction.with_info(**{QUALITY: quality.to_json()}))
    emit(Progress(len(directions), len(directions), "Measuring directions"))
    return measured


class _Measuring:
    """What all directions are compared with: the same seeds, unedited."""

    def __init__(
        self,
        generator: Generator,
        directions: Sequence[Direction],
        distance: Distance,
        judge: AttributeClassifier | None,
        seeds: int,
        psi: float,
        token: StopToken | None,
    ) -> None:
        self._distance, self._judge, self._token, self._psi = distance, judge, token, psi
        resolver = LatentResolver(generator, directions, device_of(generator))
        self._pictures = RecipePictures(resolver)
        self._recipes = [Recipe.from_seed(seed, psi=psi) for seed in range(seeds)]
        self._plain, self._middle = self._look(self._recipes)
        unlike = distance(self._plain.float(), self._plain.roll(1, 0).float())
        self._unit = max(float(unlike.mean()), 1e-12)

    def quality(self, direction: Direction, amount: float) -> Quality:
        shares, distances = [], []
        for way in (-amount, amount):
            moved = [recipe.with_direction(direction.name, way) for recipe in self._recipes]
            pictures, share = self._look(moved)
            shares.append(share)
            distances.append(self._distance(self._plain.float(), pictures.float()).mean())
        low, high = shares
        own = str(direction.info.get("attribute", ""))
        if own not in low:
            own = max(low, key=lambda name: abs(high[name] - low[name]), default="")
        apart = float(np.mean(distances)) / self._unit
        seeds = len(self._recipes)
        return Quality(low, self._middle, high, own, apart, amount, seeds, self._psi)

    @torch.no_grad()
    def _look(self, recipes: Sequence[Recipe]) -> tuple[Tensor, dict[str, float]]:
        """uint8 pictures on the CPU, and the share of them that has each attribute."""
        kept, logits = [], []
        for pictures in self._pictures.of(recipes, token=self._token):
            grey = (pictures.clamp(-1, 1) * 127.5 + 127.5).round()
            kept.append(grey.to(torch.uint8).cpu())
            if self._judge is not None:
                logits.append(self._judge.score(pictures))
        if self._judge is None:
            return torch.cat(kept), {}
        called = (torch.cat(logits) > 0).float().mean(0).tolist()
        return torch.cat(kept), dict(zip(self._judge.attributes, called, strict=True))


def _with_sigma(generator: Generator, direction: Direction, samples: int) -> Direction:
    """With the standard deviation measured; a difference keeps its length."""
    count = min(samples, _WIDE_SAMPLES) if direction.space in ("w+", "s") else samples
    sigma = max(measured_sigma(generator, direction, count), 1e-6)
    if direction.kind == "difference":
        strength = direction.strength * direction.sigma / sigma
        return replace(direction, sigma=sigma, strength=strength)
    return replace(direction, sigma=sigma)


def _rounded(shares: Mapping[str, float]) -> dict[str, float]:
    return {name: round(share, _DIGITS) for name, share in shares.items()}
