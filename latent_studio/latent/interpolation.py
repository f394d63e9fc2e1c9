"""Paths through recipes: what a video is made of, one frame after the other."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal, TypeAlias

import numpy as np

from latent_studio.errors import OptionError
from latent_studio.latent.curves import (
    EASINGS,
    Easing,
    catmull_rom,
    easing_named,
    lerp,
    segments,
    slerp,
)
from latent_studio.latent.resolve import LatentResolver
from latent_studio.recipe import (
    DirectionAmount,
    Label,
    LatentSource,
    LayerMix,
    Offset,
    Recipe,
    Transform,
)

PathSpace: TypeAlias = Literal["z", "w"]
PathCurve: TypeAlias = Literal["line", "straight", "spline"]

__all__ = [
    "EASINGS",
    "PathCurve",
    "PathSpace",
    "catmull_rom",
    "lerp",
    "path_recipes",
    "recipe_between",
    "recipe_path",
    "slerp",
]


def path_recipes(
    keys: Sequence[Recipe],
    frames: int,
    *,
    resolver: LatentResolver,
    space: PathSpace = "w",
    curve: PathCurve = "line",
    easing: str = "linear",
    loop: bool = False,
) -> Iterator[Recipe]:
    """Recipes along a path through ``keys``, made one at a time as they are asked for.

    In z the latents follow great circles, in w straight lines; a spline runs smoothly through the
    keys instead. psi, directions, offsets, mixing strengths, the noise strength and the transform
    change linearly (370 degrees are a whole turn more than 10); cutoff, noise mode and noise seed,
    and classes given as an index, change half-way between keys.

    Parameters
    ----------
    keys
        Two recipes or more (one gives a still).
    frames
        Recipes in all. An open path ends on the last key; a looping one ends one step before the
        first, so that it can be repeated.
    resolver
        Of the model; computes the keys' latents (at most eight are kept).
    space
        ``z`` or ``w``.
    curve
        ``line``, ``spline``, or ``straight``: lines in z, too.
    easing
        Pace between two keys, one of :data:`EASINGS`.
    loop
        Whether the path returns to the first key.

    Returns
    -------
    iterator of Recipe
        ``frames`` recipes with explicit vectors. Memory does not grow with their number, and equal
        arguments give equal recipes.

    Raises
    ------
    OptionError
        At once, if a path cannot be made of these arguments.
    """
    _check(keys, frames, space, curve, resolver)
    path = _Path(keys, space, curve, easing_named(easing), loop and len(keys) > 1, resolver)
    return (path.at(position) for position in _positions(len(keys), frames, path.loop))


def recipe_path(
    keys: Sequence[Recipe],
    *,
    resolver: LatentResolver,
    space: PathSpace = "w",
    curve: PathCurve = "line",
    loop: bool = False,
) -> Callable[[float], Recipe]:
    """The recipe at any place of a path, counted in keys: 1.5 is half-way from the second to the
    third.

    Raises
    ------
    OptionError
        At once, if a path cannot be made of these arguments.
    """
    _check(keys, 1, space, curve, resolver)
    return _Path(keys, space, curve, EASINGS["linear"], loop and len(keys) > 1, resolver).at


def recipe_between(
    a: Recipe, b: Recipe, t: float, *, resolver: LatentResolver, space: PathSpace = "w"
) -> Recipe:
    """The recipe at ``t`` (0 to 1) on the way from ``a`` to ``b``.

    Raises
    ------
    OptionError
        If the model lacks the space or a recipe does not fit the model.
    """
    _check((a, b), 2, space, "line", resolver)
    return _Path((a, b), space, "line", EASINGS["linear"], False, resolver).at(t)


def _check(
    keys: Sequence[Recipe], frames: int, space: str, curve: str, resolver: LatentResolver
) -> None:
    if not keys:
        raise OptionError("A path needs at least one latent to start from.")
    if frames < 1:
        raise OptionError(f"A path needs at least one frame, not {frames}.")
    if space not in ("z", "w"):
        raise OptionError(f"A path runs in z or in w, not in {space!r}.")
    if curve not in ("line", "straight", "spline"):
        raise OptionError(f"A path is a line or a spline, not {curve!r}.")
    if space == "w" and not resolver.capabilities.has_w:
        raise OptionError("This model has no w space; let the path run in z.")
    if space == "z":
        for key in dict.fromkeys(keys):
            resolver.z(key)  # says what is wrong with an explicit vector before the first frame


def _positions(count: int, frames: int, loop: bool) -> Iterator[float]:
    """Where the frames lie, counted in keys."""
    length = segments(count, loop)
    steps = frames if loop else max(1, frames - 1)
    return (length * frame / steps for frame in range(frames))


class _Path:
    """Keys and how to go between them."""

    def __init__(
        self,
        keys: Sequence[Recipe],
        space: PathSpace,
        curve: PathCurve,
        easing: Easing,
        loop: bool,
        resolver: LatentResolver,
    ) -> None:
        self.keys, self.space, self.curve = tuple(keys), space, curve
        self.easing, self.loop, self.resolver = easing, loop, resolver
        # A walk through thousands of keys keeps only those around the current frame.
        self._latent = lru_cache(maxsize=8)(self._key_latent)

    def at(self, position: float) -> Recipe:
        count = len(self.keys)
        if count == 1:
            return self._with_latent(self.keys[0], self._latent(0))
        segment = min(math.floor(position), segments(count, self.loop) - 1)
        t = self.easing(position - segment)
        a, b = self.keys[segment], self.keys[(segment + 1) % count]
        recipe = self._between(a, b, t)
        return self._with_latent(recipe, self._curve_at(segment, t))

    def _curve_at(self, segment: int, t: float) -> np.ndarray:
        count = len(self.keys)
        a, b = segment, (segment + 1) % count
        if self.curve != "spline":
            between = slerp if self.space == "z" and self.curve == "line" else lerp
            return between(self._latent(a), self._latent(b), t)
        point = catmull_rom(self._latent, count, segment + t, self.loop)
        return point if self.space == "w" else self._at_length(point, a, b, t)

    def _at_length(self, z: np.ndarray, a: int, b: int, t: float) -> np.ndarray:
        """A spline cuts through the sphere of normal z: bring its point back to it."""
        ends = [float(np.linalg.norm(self._latent(i))) for i in (a, b)]
        length = float(np.linalg.norm(z))
        wanted = ends[0] * (1 - t) + ends[1] * t
        return z if length == 0 or t in (0, 1) else np.asarray(z * (wanted / length))

    def _key_latent(self, index: int) -> np.ndarray:
        """float32 ``[1, z_dim]`` or ``[1, num_ws, w_dim]`` of a key."""
        key = self.keys[index]
        if self.space == "w":
            return self.resolver.source_ws(key).cpu().numpy()
        return self.resolver.z(replace(key, offsets=(), directions=())).cpu().numpy()

    def _with_latent(self, recipe: Recipe, latent: np.ndarray) -> Recipe:
        if self.space == "z":
            return replace(recipe, source=LatentSource.from_vector("z", latent))
        source = _w_source(latent)
        # What the keys add in z is in their w already.
        offsets = tuple(offset for offset in recipe.offsets if offset.space != "z")
        z_names = {d.name for d in self.resolver.directions if d.space == "z"}
        directions = tuple(entry for entry in recipe.directions if entry.name not in z_names)
        return replace(recipe, source=source, offsets=offsets, directions=directions)

    def _between(self, a: Recipe, b: Recipe, t: float) -> Recipe:
        """Everything but the source."""
        nearer = a if t < 0.5 else b
        return replace(
            nearer,
            label=_label_between(a.label, b.label, t),
            psi=_mean(a.psi, b.psi, t),
            noise_strength=_mean(a.noise_strength, b.noise_strength, t),
            noise_layers=_factors_between(a, b, t),
            directions=_directions_between(a.directions, b.directions, t),
            offsets=_offsets_between(a.offsets, b.offsets, t),
            mixing=self._mixing_between(a, b, t),
            transform=_transform_between(a.transform, b.transform, t),
        )

    def _mixing_between(self, a: Recipe, b: Recipe, t: float) -> tuple[LayerMix, ...]:
        ours, theirs = ({mix.layer: mix for mix in recipe.mixing} for recipe in (a, b))
        mixed = []
        for layer in sorted(ours.keys() | theirs.keys()):
            x = ours.get(layer) or replace(theirs[layer], strength=0.0)
            y = theirs.get(layer) or replace(ours[layer], strength=0.0)
            source = self._source_between((x.source, a.label), (y.source, b.label), t)
            mixed.append(LayerMix(layer, source, _mean(x.strength, y.strength, t)))
        return tuple(mixed)

    def _source_between(
        self, a: tuple[LatentSource, Label], b: tuple[LatentSource, Label], t: float
    ) -> LatentSource:
        if t in (0, 1) or a[0] == b[0]:
            return b[0] if t == 1 else a[0]
        if not self.resolver.capabilities.has_w:
            return a[0] if t < 0.5 else b[0]
        ends = [self.resolver.source_ws(Recipe(source=s, label=c)).cpu().numpy() for s, c in (a, b)]
        return _w_source(lerp(ends[0], ends[1], t))


def _w_source(ws: np.ndarray) -> LatentSource:
    """The shorter form when all layers have one w."""
    if (ws == ws[:, :1]).all():
        return LatentSource.from_vector("w", ws[:, 0])
    return LatentSource.from_vector("w+", ws)


def _mean(a: float, b: float, t: float) -> float:
    return a if a == b else a * (1 - t) + b * t


def _transform_between(a: Transform, b: Transform, t: float) -> Transform:
    if a == b:
        return a
    return Transform(_mean(a.x, b.x, t), _mean(a.y, b.y, t), _mean(a.rotate, b.rotate, t))


def _label_between(a: Label, b: Label, t: float) -> Label:
    if isinstance(a, tuple) and isinstance(b, tuple) and len(a) == len(b):
        return tuple(_mean(x, y, t) for x, y in zip(a, b, strict=True))
    return a if t < 0.5 else b


def _amounts(entries: Sequence[Any], key: Callable[[Any], Any]) -> dict[Any, float]:
    """Total amount by what it acts on."""
    found: dict[Any, float] = {}
    for entry in entries:
        found[key(entry)] = found.get(key(entry), 0.0) + entry.amount
    return found


def _blend_amounts(a: dict[Any, float], b: dict[Any, float], t: float) -> dict[Any, float]:
    return {key: _mean(a.get(key, 0.0), b.get(key, 0.0), t) for key in {**a, **b}}


def _factors_between(a: Recipe, b: Recipe, t: float) -> tuple[float, ...]:
    layers = range(max(len(a.noise_layers), len(b.noise_layers)))
    return tuple(_mean(a.noise_factor(layer), b.noise_factor(layer), t) for layer in layers)


def _directions_between(
    a: Sequence[DirectionAmount], b: Sequence[DirectionAmount], t: float
) -> tuple[DirectionAmount, ...]:
    ours, theirs = (_amounts(side, lambda d: (d.name, d.first, d.last)) for side in (a, b))
    return tuple(
        DirectionAmount(name, amount, first, last)
        for (name, first, last), amount in _blend_amounts(ours, theirs, t).items()
    )


def _offsets_between(a: Sequence[Offset], b: Sequence[Offset], t: float) -> tuple[Offset, ...]:
    ours, theirs = (_amounts(side, lambda o: (o.space, o.index)) for side in (a, b))
    return tuple(
        Offset(space, index, amount)
        for (space, index), amount in _blend_amounts(ours, theirs, t).items()
    )
