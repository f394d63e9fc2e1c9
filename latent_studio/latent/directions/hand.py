"""A slider from a few labels given by hand: thumbs up or down on generated samples.

Thirty labels say little about a latent of hundreds of numbers, yet much about pictures that look
alike. So the labels first spread from picture to picture: kernel ridge regression on small
pictures, where each part of the picture counts as much as it goes with the labels (centred kernel
alignment, Cortes et al. 2012, arXiv:1203.0550). That scores the whole pool of unlabelled samples,
and a ridge boundary through all of them gives the direction, as it does for a classifier's scores
(:mod:`latent_studio.latent.boundary`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from latent_studio.errors import OptionError
from latent_studio.events import Emit, Progress, ignore
from latent_studio.latent.boundary import Boundary, ridge_boundary
from latent_studio.latent.classifier import fit_pictures
from latent_studio.latent.direction import Direction
from latent_studio.latent.population import device_of, pictures_of
from latent_studio.latent.resolve import LatentResolver
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator
from latent_studio.recipe import Label, Recipe

POOL = 800
FIRST_SEED = 1_000
PSI = 0.7
LEAST_OF_A_SIDE = 2
_SIDE = 16  # pixels along the edge of the pictures that are compared
_PARTS = 4  # along each edge
_BLUR = 5
_NOISE = 0.3  # of the labels, in units of the kernel's mean diagonal
_SHARPNESS = 2
_FOLDS = 5
_WARM_UP = 8
_BATCH = 64


@dataclass(frozen=True, eq=False)
class LabellingPool:
    """Samples to be labelled, and those that the labels spread to.

    ``recipes`` make their pictures; ``points`` ``[N, d]`` are w before truncation (z without it);
    ``pictures`` float32 ``[N, C, 16, 16]``.
    """

    recipes: tuple[Recipe, ...]
    points: np.ndarray
    pictures: np.ndarray

    @cached_property
    def parts(self) -> list[np.ndarray]:
        """Parts of the pictures, and of what is left without their broad shades: each
        ``[N, pixels]``, centred, of mean square length 1.
        """
        images = torch.from_numpy(self.pictures).double()
        fine = images - F.avg_pool2d(images, _BLUR, 1, _BLUR // 2, count_include_pad=False)
        tiles = [_normalised(tile) for view in (images, fine) for tile in _tiles(view)]
        return [tile for tile in tiles if tile is not None]


@dataclass(frozen=True, eq=False)
class HandFit:
    """What labels give.

    ``auc`` is the cross-validated chance that the slider puts a sample called *yes* above one
    called *no* (samples near the border, which :func:`next_sample` asks for, make it look worse
    than it is for all); None with too few labels. ``scores`` ``[N]`` are of the whole pool, and
    ``doubt`` ``[N]`` how little is known of each.
    """

    direction: Direction
    auc: float | None
    labels: int
    scores: np.ndarray
    doubt: np.ndarray


@torch.no_grad()
def labelling_pool(
    generator: Generator,
    samples: int = POOL,
    *,
    seeds: Sequence[int] = (),
    psi: float = PSI,
    label: Label = None,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> LabellingPool:
    """Samples of a model with their small pictures.

    Parameters
    ----------
    generator
        In eval mode.
    samples
        How many there shall be.
    seeds
        Those that come first; the others count from :data:`FIRST_SEED`.
    psi, label
        Truncation and class of all of them.

    Raises
    ------
    OptionError
        If there are fewer than 50.
    Cancelled
        If the token is stopped.
    """
    if samples < 50:
        raise OptionError(f"{samples} samples are too few for labels to spread; take 50 or more.")
    wanted = list(dict.fromkeys((*seeds, *range(FIRST_SEED, FIRST_SEED + samples))))
    samples = max(samples, len(seeds))
    recipes = tuple(Recipe.from_seed(seed, psi=psi, label=label) for seed in wanted[:samples])
    resolver = LatentResolver(generator, (), device_of(generator))
    side = min(_SIDE, generator.capabilities.resolution)
    points, small = [], []
    for start in range(0, samples, _BATCH):
        if token is not None:
            token.checkpoint()
        some = recipes[start : start + _BATCH]
        points += [_point(resolver, recipe) for recipe in some]
        latents, labels = resolver.many(some), resolver.many_labels(some)
        for pictures in pictures_of(generator, latents, labels, psi=psi):
            small.append(fit_pictures(pictures.float().clamp(-1, 1), side).cpu())
        emit(Progress(start + len(some), samples, "Making samples"))
    return LabellingPool(recipes, np.concatenate(points), torch.cat(small).numpy())


def hand_direction(
    pool: LabellingPool,
    labels: Mapping[int, bool],
    name: str,
    *,
    space: str = "w",
    validate: bool = True,
) -> HandFit:
    """The direction that hand-given labels ask for.

    Parameters
    ----------
    pool
        From :func:`labelling_pool`.
    labels
        Index into the pool → yes or no. Thirty are enough for most things that show.
    name
        Of the direction.
    space
        ``w``, or ``z`` for models without it.
    validate
        Whether to cross-validate, which takes five times as long.

    Raises
    ------
    OptionError
        With fewer than two labels of a side, or if nothing in the pictures goes with them.
    """
    indices = np.array(sorted(labels), np.int64)
    sides = np.array([labels[int(i)] for i in indices], bool)
    check_labels(sides)
    scores, doubt = _spread(pool, indices, sides)
    boundary = _boundary(pool, scores)
    auc = _cross_validated(pool, indices, sides) if validate else None
    info = {
        "labels": len(indices),
        "yes": int(sides.sum()),
        "auc": None if auc is None else round(auc, 4),
        "samples": len(pool.points),
        "fit": round(boundary.fit, 4),
    }
    direction = Direction(
        name,
        boundary.vector,
        boundary.sigma,
        "hand",
        "z" if space == "z" else "w",
        info=info,
    )
    return HandFit(direction, auc, len(indices), scores, doubt)


def check_labels(sides: np.ndarray) -> None:
    """Refuse labels (bool ``[n]``) that cannot tell anything.

    Raises
    ------
    OptionError
        Saying which side lacks some.
    """
    for side, word in ((True, "yes"), (False, "no")):
        count = int((sides == side).sum())
        if count < LEAST_OF_A_SIDE:
            raise OptionError(
                f"{count} of the labels say {word}; at least {LEAST_OF_A_SIDE} of each side are "
                "needed, and 30 together make a good slider."
            )


def next_sample(
    pool: LabellingPool, labels: Mapping[int, bool], fit: HandFit | None = None
) -> int | None:
    """Which sample to ask for next: at first any, later one near the border between the sides.

    Returns its index, or None if all have been labelled.
    """
    free = np.array([i for i in range(len(pool.points)) if i not in labels], np.int64)
    if not len(free):
        return None
    if fit is None or len(labels) < _WARM_UP:
        return int(free[0])
    # Few know both sides in equal shares: every second sample is taken as it comes.
    if len(labels) % 2:
        return int(free[0])
    return int(free[np.argmin(np.abs(fit.scores[free]) / fit.doubt[free])])


def auc_of(scores: np.ndarray, sides: np.ndarray) -> float:
    """Chance that a sample of the side True scores above one of the side False."""
    yes, no = np.asarray(scores)[sides], np.asarray(scores)[~sides]
    if not len(yes) or not len(no):
        raise OptionError("An AUC needs samples of both sides.")
    ordered = np.sort(no)
    below = np.searchsorted(ordered, yes, "left") + np.searchsorted(ordered, yes, "right")
    return float(below.sum() / (2 * len(yes) * len(no)))


# -- from labels to scores ------------------------------------------------------------------------


def _spread(
    pool: LabellingPool, indices: np.ndarray, sides: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Scores ``[N]`` (about -1 to 1) and their standard deviation, from labelled samples."""
    if not pool.parts:
        raise OptionError("Nothing in the pictures goes with these labels: they are all alike.")
    wanted = np.where(sides, 1.0, -1.0)
    centred = wanted - wanted.mean()
    grams = [part[indices] @ part[indices].T for part in pool.parts]
    weights = _alignment(grams, centred)
    inner = sum(w * gram for w, gram in zip(weights, grams, strict=True))
    inverse = np.linalg.inv(inner + _NOISE * np.eye(len(indices)))
    across, own = np.zeros((len(pool.points), len(indices))), np.zeros(len(pool.points))
    for weight, part in zip(weights, pool.parts, strict=True):
        if weight > 0:
            across += weight * (part @ part[indices].T)
            own += weight * np.square(part).sum(1)
    scores = wanted.mean() + across @ (inverse @ centred)
    known = np.einsum("ni,ij,nj->n", across, inverse, across, optimize=True)
    return scores, np.sqrt(np.maximum(own - known, 1e-9))


def _alignment(grams: list[np.ndarray], centred: np.ndarray) -> np.ndarray:
    """Weights of the parts, adding up to 1: how much likeness there goes with equal labels."""
    found = []
    for gram in grams:
        inner = gram - gram.mean(0) - gram.mean(1)[:, None] + gram.mean()
        found.append(max(0.0, centred @ inner @ centred) / (np.linalg.norm(inner) + 1e-12))
    weights = np.array(found) ** _SHARPNESS
    if not weights.sum() > 0:
        return np.full(len(grams), 1 / len(grams))
    return np.asarray(weights / weights.sum())


def _boundary(pool: LabellingPool, scores: np.ndarray) -> Boundary:
    try:
        return ridge_boundary(pool.points, scores)
    except OptionError as error:
        raise OptionError(
            "Nothing in the pictures goes with these labels. Label more, or something that shows."
        ) from error


def _cross_validated(pool: LabellingPool, indices: np.ndarray, sides: np.ndarray) -> float | None:
    """AUC of sliders made without the labels they are judged by."""
    folds = min(_FOLDS, int(sides.sum()), int((~sides).sum()))
    if folds < 2:
        return None
    fold = np.empty(len(indices), np.int64)
    for side in (True, False):
        places = np.flatnonzero(sides == side)
        fold[places] = np.arange(len(places)) % folds
    along = np.empty(len(indices))
    for left_out in range(folds):
        out = fold == left_out
        if not (sides[~out].any() and (~sides[~out]).any()):
            return None
        scores, _ = _spread(pool, indices[~out], sides[~out])
        boundary = _boundary(pool, scores)
        shifted = pool.points[indices[out]].astype(np.float64) @ boundary.vector
        # Each slider counts in its own standard deviations, from where it crosses the border.
        along[out] = (boundary.intercept / boundary.slope + shifted) / boundary.sigma
    return auc_of(along, sides)


def _point(resolver: LatentResolver, recipe: Recipe) -> np.ndarray:
    """Where the sample lies before truncation, ``[1, d]``."""
    if not resolver.capabilities.has_w:
        return resolver.z(recipe).cpu().numpy()
    return resolver.source_ws(recipe)[:, 0].cpu().numpy()


def _tiles(images: Tensor) -> list[Tensor]:
    """Parts of equal size, row by row; the whole picture where it is too small."""
    side = images.shape[-1] // _PARTS
    if side < 2:
        return [images]
    edges = range(0, _PARTS * side, side)
    return [images[:, :, y : y + side, x : x + side] for y in edges for x in edges]


def _normalised(tile: Tensor) -> np.ndarray | None:
    """``[N, pixels]``, centred, of mean square length 1; None where all pictures are alike."""
    rows: np.ndarray = tile.flatten(1).numpy()
    rows = rows - rows.mean(0)
    power = float(np.square(rows).sum(1).mean())
    return rows / np.sqrt(power) if power > 1e-12 else None
