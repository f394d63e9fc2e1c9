"""Named directions from labels (InterFaceGAN, Shen et al. 2020, arXiv:2005.09635).

A classifier learns the labelled attributes from pictures, scores what a generator makes, and a
linear boundary through the scored latents gives the direction.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
import torch

from latent_studio.errors import OptionError
from latent_studio.events import Emit, Event, Progress, ignore
from latent_studio.latent.boundary import (
    RIDGE,
    Boundary,
    logistic_boundary,
    projection_sigma,
    ridge_boundary,
    without,
)
from latent_studio.latent.classifier import AttributeClassifier
from latent_studio.latent.classifier_training import (
    DEFAULT_SETTINGS,
    ClassifierReport,
    ClassifierSettings,
    train_classifier,
)
from latent_studio.latent.direction import Direction, DirectionSpace
from latent_studio.latent.labelled import LabelledPictures, split_groups, usable_attributes
from latent_studio.latent.population import device_of, latent_batches, make_pictures
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator

BoundaryMethod: TypeAlias = Literal["ridge", "logistic"]

SAMPLES = 10_000
PSI = 0.7
SLIDER_NAMES = {"smiling": "smile"}
"""What the slider of an attribute is called, where that differs from its column."""
_PICTURES = 64
_SCORE_LIMIT = 6.0  # logits beyond it say no more than "certain"
_JUDGE_SPLIT = 271_828
_TRAINING_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class ScoredLatents:
    """Latents ``points`` ``[N, d]`` (w, or z without it) and logits ``[N, attributes]``."""

    points: np.ndarray
    logits: np.ndarray


def people_halves(dataset: LabelledPictures) -> tuple[np.ndarray, np.ndarray]:
    """Pictures to find directions with, and pictures of other people to measure them with.

    The halves are always the same for a data set, so that a direction found with the first can be
    measured by a judge who has never seen a picture that went into it.
    """
    return split_groups(dataset, 0.5, _JUDGE_SPLIT)


def attribute_directions(
    generator: Generator,
    dataset: LabelledPictures,
    attributes: Sequence[str] = (),
    *,
    samples: int = SAMPLES,
    seed: int = 0,
    psi: float = PSI,
    method: BoundaryMethod = "ridge",
    ridge: float = RIDGE,
    conditional: bool = False,
    names: Mapping[str, str] = SLIDER_NAMES,
    indices: np.ndarray | None = None,
    settings: ClassifierSettings = DEFAULT_SETTINGS,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> list[Direction]:
    """Find the directions of labelled attributes in a generator's latents.

    Parameters
    ----------
    generator
        In eval mode; the work is done on its device.
    dataset
        Pictures of the same kind as the generator's, with ``attributes`` of 0 and 1 (nan:
        unknown) and ``groups`` (people).
    attributes
        Which ones; empty for every usable one.
    samples
        Generated pictures that are scored.
    seed
        Of the classifier and the samples.
    psi
        Truncation of the scored pictures.
    method, ridge
        ``ridge`` or ``logistic`` regression; see :mod:`latent_studio.latent.boundary`.
    conditional
        Take out of each direction what it shares with the others (conditional manipulation).
    names
        Names of the directions, where they differ from the attributes'.
    indices, settings
        Photographs to learn from, and how. None: the first of :func:`people_halves`, which leaves
        other people for :func:`~latent_studio.latent.measure.measure_attribute`.
    emit, token
        Get :class:`~latent_studio.events.Progress`; stop or pause.

    Returns
    -------
    list of Direction
        One an attribute. ``sigma`` is the standard deviation of the projection of untruncated
        latents; ``info`` has the attribute, the classifier's accuracy on people held out, samples,
        psi, the share of ``positive`` samples and how much of the score is linear (``fit``).

    Raises
    ------
    OptionError
        If the data have no such attribute, or no generated picture differs in it.
    DataError
        If an attribute has too few pictures.
    Cancelled
        If the token is stopped.
    """
    wanted = list(dict.fromkeys(attributes)) or usable_attributes(dataset)
    _check(wanted, samples, method)
    phases = _Phases(emit)
    classifier, report = train_classifier(
        dataset,
        wanted,
        indices=people_halves(dataset)[0] if indices is None else indices,
        seed=seed,
        device=device_of(generator),
        settings=settings,
        emit=phases.part(0, _TRAINING_SHARE),
        token=token,
    )
    scoring = phases.part(_TRAINING_SHARE, 1)
    scored = score_latents(generator, classifier, samples, seed, psi=psi, emit=scoring, token=token)
    facts = {"samples": samples, "seed": seed, "psi": psi, "method": method, "ridge": ridge}
    space: DirectionSpace = "w" if generator.capabilities.has_w else "z"
    found = fit_directions(scored, wanted, space, method, ridge, conditional)
    return [
        replace(d, name=names.get(d.name, d.name), info={**facts, **d.info, **_quality(report, d)})
        for d in found
    ]


def fit_directions(
    scored: ScoredLatents,
    attributes: Sequence[str],
    space: DirectionSpace,
    method: BoundaryMethod = "ridge",
    ridge: float = RIDGE,
    conditional: bool = False,
) -> list[Direction]:
    """Directions, named as the attributes, from latents that have been scored.

    Raises
    ------
    OptionError
        If the scores of an attribute do not depend on the latents.
    """
    fits = [_fit(scored, i, name, method, ridge) for i, name in enumerate(attributes)]
    vectors = [fit.vector for fit in fits]
    if conditional:
        vectors = [without(v, vectors[:i] + vectors[i + 1 :]) for i, v in enumerate(vectors)]
    found = []
    for name, vector, fit, logits in zip(attributes, vectors, fits, scored.logits.T, strict=True):
        info = {
            "attribute": name,
            "positive": round(float((logits > 0).mean()), 4),
            "fit": round(fit.fit, 4),
            "conditional": conditional,
        }
        sigma = projection_sigma(scored.points, vector)
        found.append(Direction(name, vector, sigma, "attribute", space, info=info))
    return found


@torch.no_grad()
def score_latents(
    generator: Generator,
    classifier: AttributeClassifier,
    samples: int,
    seed: int,
    *,
    psi: float = PSI,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> ScoredLatents:
    """Draw latents, make their pictures truncated by ``psi`` and let a classifier score them."""
    points, logits = [], []
    for latents in latent_batches(
        generator, samples, seed, batch=_PICTURES, emit=emit, token=token, message="Scoring samples"
    ):
        points.append(latents.points.cpu())
        logits.append(classifier.score(make_pictures(generator, latents, psi)))
    return ScoredLatents(torch.cat(points).numpy(), torch.cat(logits).numpy())


def _fit(
    scored: ScoredLatents, column: int, name: str, method: BoundaryMethod, ridge: float
) -> Boundary:
    scores = np.clip(scored.logits[:, column].astype(np.float64), -_SCORE_LIMIT, _SCORE_LIMIT)
    try:
        if method == "ridge":
            return ridge_boundary(scored.points, scores, ridge)
        return logistic_boundary(scored.points, 1 / (1 + np.exp(-scores)), ridge)
    except OptionError as error:
        raise OptionError(
            f"No direction for '{name}': {error.message} Train the model longer, or choose "
            "another attribute."
        ) from error


def _check(wanted: Sequence[str], samples: int, method: str) -> None:
    if samples < 10:
        raise OptionError(f"{samples} samples are too few for a direction; give 1,000 or more.")
    if method not in ("ridge", "logistic"):
        raise OptionError(f"A boundary is fitted by ridge or logistic, not {method!r}.")
    if not wanted:
        raise OptionError("These data have no attributes of two values to learn from.")


def _quality(report: ClassifierReport, direction: Direction) -> dict[str, Any]:
    name = direction.info["attribute"]
    return {
        "accuracy": round(report.accuracy[name], 4),
        "balanced_accuracy": round(report.balanced_accuracy[name], 4),
        "photographs": report.trained,
        "held_out": report.held_out,
    }


class _Phases:
    """One progress bar for several pieces of work."""

    _PARTS = 1000

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._started = time.perf_counter()

    def part(self, first: float, last: float) -> Emit:
        """An emit for the work between two shares of the whole (0 to 1)."""

        def forward(event: Event) -> None:
            if isinstance(event, Progress) and event.total:
                share = first + (last - first) * event.done / event.total
                spent = time.perf_counter() - self._started
                eta = spent / share * (1 - share) if share > 0 else None
                event = Progress(round(share * self._PARTS), self._PARTS, event.message, eta)
            self._emit(event)

        return forward
