"""What a direction does, told by a judge who had no part in finding it.

The protocol: 500 seeds at psi 0.7, sigma the standard deviation of the projection over 10,000
latents; a classifier trained with another seed on photographs of other people says how many
pictures have the attribute at -2, 0 and +2 sigma. A random direction of the same length is the
control.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from latent_studio.errors import OptionError
from latent_studio.events import Emit, Progress, ignore
from latent_studio.latent.attributes import people_halves
from latent_studio.latent.boundary import projection_sigma
from latent_studio.latent.classifier import AttributeClassifier
from latent_studio.latent.classifier_training import (
    DEFAULT_SETTINGS,
    ClassifierSettings,
    train_classifier,
)
from latent_studio.latent.direction import Direction
from latent_studio.latent.labelled import LabelledPictures
from latent_studio.latent.pictures import RecipePictures
from latent_studio.latent.population import device_of
from latent_studio.latent.resolve import LatentResolver
from latent_studio.latent.spaces import space_points
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator
from latent_studio.recipe import Recipe

AMOUNTS = (-2.0, 0.0, 2.0)
SEEDS = 500
SIGMA_SAMPLES = 10_000
PSI = 0.7
_CONTROL = "control"


@dataclass(frozen=True)
class AmountResult:
    """Over all seeds: mean probability of the attribute, and share called positive (above 0.5)."""

    amount: float
    probability: float
    called: float


@dataclass(frozen=True)
class DirectionReport:
    """What :func:`measure_direction` found.

    ``results`` and ``control`` hold one entry an amount, the control's with the same length of
    step. ``accuracy`` is the judge's on people held out, where it is known.
    """

    name: str
    attribute: str
    sigma: float
    seeds: int
    psi: float
    results: tuple[AmountResult, ...]
    control: tuple[AmountResult, ...]
    accuracy: float | None = None

    @property
    def control_shift(self) -> float:
        """The most that the control moves the share called positive, 0 to 1."""
        called = [result.called for result in self.control]
        return max(called) - min(called)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "attribute": self.attribute,
            "sigma": self.sigma,
            "seeds": self.seeds,
            "psi": self.psi,
            "accuracy": self.accuracy,
            "results": [vars(result) for result in self.results],
            "control": [vars(result) for result in self.control],
        }

    def lines(self) -> list[str]:
        """The report as text."""
        judge = "" if self.accuracy is None else f", judge right on {self.accuracy:.1%} of others"
        head = f"{self.name}: {self.attribute}, {self.seeds} seeds, psi {self.psi:g}{judge}"
        rows = [
            f"  {a.amount:+.1f} sigma: {a.called:6.1%} have it (mean P {a.probability:.2f}); "
            f"random direction {b.called:6.1%}"
            for a, b in zip(self.results, self.control, strict=True)
        ]
        return [head, *rows]


def measure_direction(
    generator: Generator,
    direction: Direction,
    judge: AttributeClassifier,
    attribute: str,
    *,
    seeds: Sequence[int] | int = SEEDS,
    psi: float = PSI,
    amounts: Sequence[float] = AMOUNTS,
    sigma_samples: int = SIGMA_SAMPLES,
    control_seed: int = 0,
    accuracy: float | None = None,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> DirectionReport:
    """Let a judge say how much of an attribute pictures have along a direction.

    Parameters
    ----------
    generator
        In eval mode.
    direction
        Its ``sigma`` is measured anew over ``sigma_samples`` latents (0: taken as it is).
    judge
        Must not have seen the photographs that the direction was found with.
    attribute
        Which of the judge's.
    seeds
        The seeds, or how many, from 0.
    psi, amounts
        Truncation, and how many sigmas to go.
    control_seed
        Of the random direction that is measured beside it.
    accuracy
        The judge's, to be told in the report.

    Raises
    ------
    OptionError
        If the judge does not know the attribute.
    Cancelled
        If the token is stopped.
    """
    if attribute not in judge.attributes:
        raise OptionError(f"The judge knows {', '.join(judge.attributes)}, not '{attribute}'.")
    listed = list(range(seeds)) if isinstance(seeds, int) else list(seeds)
    if not listed or not amounts:
        raise OptionError("A direction is measured on at least one seed and one amount.")
    if sigma_samples:
        direction = replace(direction, sigma=measured_sigma(generator, direction, sigma_samples))
    control = random_direction(direction, control_seed)
    resolver = LatentResolver(generator, [direction, control], device_of(generator))
    pictures = RecipePictures(resolver)
    steps = [(d.name, amount) for d in (direction, control) for amount in amounts]
    column = judge.attributes.index(attribute)
    found: list[AmountResult] = []
    for done, (name, amount) in enumerate(steps):
        recipes = [Recipe.from_seed(s, psi=psi).with_direction(name, amount) for s in listed]
        found.append(_judge(pictures, judge, column, recipes, amount, token))
        emit(Progress(done + 1, len(steps), f"Measuring {direction.name}"))
    return DirectionReport(
        direction.name,
        attribute,
        direction.sigma,
        len(listed),
        psi,
        tuple(found[: len(amounts)]),
        tuple(found[len(amounts) :]),
        accuracy,
    )


def measure_attribute(
    generator: Generator,
    direction: Direction,
    dataset: LabelledPictures,
    attribute: str,
    *,
    seed: int = 1,
    indices: np.ndarray | None = None,
    settings: ClassifierSettings = DEFAULT_SETTINGS,
    emit: Emit = ignore,
    token: StopToken | None = None,
    **options: Any,
) -> DirectionReport:
    """Train a judge and measure a direction with it.

    Parameters
    ----------
    generator, direction, attribute
        As for :func:`measure_direction`, which gets ``options``.
    dataset
        Labelled photographs.
    seed
        Of the judge; another one than the direction's.
    indices
        Photographs the judge learns from; None for the second of
        :func:`~latent_studio.latent.attributes.people_halves`.

    Raises
    ------
    OptionError, DataError, Cancelled
        As :func:`~latent_studio.latent.classifier_training.train_classifier` and
        :func:`measure_direction`.
    """
    judge, report = train_classifier(
        dataset,
        [attribute],
        indices=people_halves(dataset)[1] if indices is None else indices,
        seed=seed,
        device=device_of(generator),
        settings=settings,
        emit=emit,
        token=token,
    )
    accuracy: Mapping[str, float] = report.accuracy
    return measure_direction(
        generator,
        direction,
        judge,
        attribute,
        accuracy=accuracy[attribute],
        emit=emit,
        token=token,
        **options,
    )


def measured_sigma(
    generator: Generator, direction: Direction, samples: int, seed: int = 0
) -> float:
    """Standard deviation of the projection of untruncated latents on a direction."""
    points = space_points(generator, direction.space, samples, seed)
    return projection_sigma(points, direction.vector)


def random_direction(like: Direction, seed: int) -> Direction:
    """A direction of the same step length and layers, chosen by chance."""
    vector = np.random.RandomState(seed).randn(like.dim)
    return Direction(
        f"{like.name} {_CONTROL}",
        vector,
        like.sigma,
        like.kind,
        like.space,
        like.first,
        like.last,
        {"seed": seed},
        like.strength,
    )


@torch.no_grad()
def _judge(
    pictures: RecipePictures,
    judge: AttributeClassifier,
    column: int,
    recipes: Sequence[Recipe],
    amount: float,
    token: StopToken | None,
) -> AmountResult:
    logits = [judge.score(some)[:, column] for some in pictures.of(recipes, token=token)]
    scores = torch.cat(logits)
    return AmountResult(amount, float(scores.sigmoid().mean()), float((scores > 0).float().mean()))
