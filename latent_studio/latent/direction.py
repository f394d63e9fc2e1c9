"""A named direction of a latent space, and its JSON."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from latent_studio.errors import ModelError

DirectionKind: TypeAlias = Literal["attribute", "hand", "difference", "channel", "sefa", "pca"]
DirectionSpace: TypeAlias = Literal["z", "w", "w+", "s"]

QUALITY = "quality"
"""Where :attr:`Direction.info` keeps what was measured (latent/directions/quality.py)."""
KINDS: tuple[DirectionKind, ...] = get_args(DirectionKind)
SPACES: tuple[DirectionSpace, ...] = get_args(DirectionSpace)


@dataclass(frozen=True, eq=False)
class Direction:
    """A straight line through a latent space along which one property of the picture changes.

    A recipe's amount counts in standard deviations (times ``strength``): ``w += amount * step`` on
    layers ``first <= layer < last``, the direction's own range cut with the recipe's.

    Parameters
    ----------
    name
        What the slider is called; unique in a model.
    vector
        ``[dim]`` float32; normalised to unit length and made read-only here.
    sigma
        Standard deviation of the projection of the model's latents on ``vector``.
    kind
        How it was found: ``attribute`` (from labels of pictures), ``hand`` (labels given by hand),
        ``difference`` (of two scenes), ``channel`` (a style channel), ``sefa`` or ``pca``.
    space
        ``w``; ``z`` for models without w; ``w+``, the rows of ws one after the other; ``s``, all
        style channels (see :mod:`latent_studio.models.style_space`).
    strength
        How many sigmas an amount of one is; above 0 (:meth:`flipped` turns a direction round).
    first, last
        Layers it acts on; ``last`` None means to the end.
    info
        JSON facts about its making (attribute, samples, accuracy, explained variance, …).

    Raises
    ------
    ModelError
        If a value cannot describe a direction.
    """

    name: str
    vector: np.ndarray
    sigma: float = 1.0
    kind: DirectionKind = "pca"
    space: DirectionSpace = "w"
    first: int = 0
    last: int | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    strength: float = 1.0

    def __post_init__(self) -> None:
        self._check()
        object.__setattr__(self, "vector", _unit(self.name, self.vector))
        object.__setattr__(self, "sigma", float(self.sigma))
        object.__setattr__(self, "strength", float(self.strength))
        object.__setattr__(self, "info", dict(self.info))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Direction):
            return NotImplemented
        return self.to_json() == other.to_json() and np.array_equal(self.vector, other.vector)

    def __hash__(self) -> int:
        return hash((self.name, self.kind, self.space, self.sigma))

    @property
    def dim(self) -> int:
        return int(self.vector.shape[0])

    @property
    def step(self) -> np.ndarray:
        """What an amount of one adds: ``strength * sigma * vector``, ``[dim]`` float32."""
        return np.asarray(self.vector * np.float32(self.strength * self.sigma))

    def with_layers(self, first: int, last: int | None) -> "Direction":
        """The same line acting on layers ``first <= layer < last``."""
        return replace(self, first=first, last=last)

    def flipped(self) -> "Direction":
        """The same line, the other way: what was less is more."""
        info = dict(self.info)
        measured = info.get(QUALITY)
        if isinstance(measured, Mapping):
            ends = {"low": measured.get("high"), "high": measured.get("low")}
            info[QUALITY] = {**measured, **ends}
        return replace(self, vector=-self.vector, info=info)

    def with_info(self, **facts: Any) -> "Direction":
        """The same line with more (or other) facts."""
        return replace(self, info={**self.info, **facts})

    def layers(self, first: int = 0, last: int | None = None) -> slice:
        """Layers touched when a recipe asks for ``first <= layer < last``."""
        ends = [end for end in (self.last, last) if end is not None]
        start = max(self.first, first)
        return slice(start, max(start, min(ends)) if ends else None)

    def to_json(self) -> dict[str, Any]:
        """Everything but the vector, which model files keep as a tensor."""
        return {
            "name": self.name,
            "kind": self.kind,
            "space": self.space,
            "sigma": self.sigma,
            "strength": self.strength,
            "first": self.first,
            "last": self.last,
            "info": dict(self.info),
        }

    @classmethod
    def from_json(cls, value: Any, vector: np.ndarray) -> "Direction":
        """The inverse of :meth:`to_json`.

        Raises
        ------
        ModelError
            If the JSON or the vector is malformed.
        """
        if not isinstance(value, Mapping):
            raise ModelError("A direction in the model file is not a JSON object.")
        known = {key: value[key] for key in cls.__dataclass_fields__ if key in value}
        known.pop("vector", None)
        if "name" not in known:
            raise ModelError("A direction in the model file has no name.")
        return cls(vector=vector, **known)

    def _check(self) -> None:
        if not isinstance(self.name, str) or not self.name.strip():
            raise ModelError("A direction needs a name.")
        if self.kind not in KINDS or self.space not in SPACES:
            raise ModelError(
                f"Direction '{self.name}' has kind {self.kind!r} and space {self.space!r}; known "
                f"are {', '.join(KINDS)} and {', '.join(SPACES)}."
            )
        for what, value in (("sigma", self.sigma), ("strength", self.strength)):
            number = isinstance(value, int | float | np.floating) and math.isfinite(value)
            if not number or isinstance(value, bool) or value <= 0:
                raise ModelError(f"Direction '{self.name}' needs a {what} above 0, not {value!r}.")
        if not _is_layer(self.first) or not (self.last is None or _is_layer(self.last)):
            raise ModelError(
                f"Direction '{self.name}' has a bad layer range: {self.first!r} to {self.last!r}."
            )
        if not isinstance(self.info, Mapping):
            raise ModelError(f"Direction '{self.name}' has an 'info' that is not a JSON object.")


def check_directions(directions: Iterable[Direction], dims: Mapping[str, int]) -> None:
    """Check that directions fit a model and have different names.

    Parameters
    ----------
    directions
        The directions of one model.
    dims
        Length of a vector in each space that the model has, ``{"z": z_dim, "w": w_dim}``; see
        :func:`~latent_studio.latent.resolve.space_dims`.

    Raises
    ------
    ModelError
        Naming the direction that does not fit.
    """
    names: set[str] = set()
    for direction in directions:
        wanted = dims.get(direction.space)
        if wanted is None:
            raise ModelError(
                f"Direction '{direction.name}' is for {direction.space}, which this model lacks."
            )
        if direction.dim != wanted:
            raise ModelError(
                f"Direction '{direction.name}' has {direction.dim} numbers; this model's "
                f"{direction.space} has {wanted}."
            )
        if direction.name in names:
            raise ModelError(f"Two directions are called '{direction.name}'; rename one.")
        names.add(direction.name)


def merge_directions(old: Sequence[Direction], new: Sequence[Direction]) -> list[Direction]:
    """``old`` with ``new`` added; a new direction replaces an old one of the same name in place.

    Names that look alike (:func:`name_key`) are the same; the old one stays: recipes speak of it.
    """
    exact = {direction.name for direction in old}
    by_key = {name_key(direction.name): direction.name for direction in reversed(old)}
    fresh: dict[str, Direction] = {}
    for direction in new:
        known = direction.name in exact
        name = direction.name if known else by_key.get(name_key(direction.name), direction.name)
        fresh[name] = direction if name == direction.name else replace(direction, name=name)
    merged = [fresh.pop(direction.name, direction) for direction in old]
    return merged + list(fresh.values())


def name_key(name: str) -> str:
    """What tells names from each other: neither case nor ``_`` for a blank does."""
    return " ".join(name.replace("_", " ").split()).casefold()


def with_analysis(old: Sequence[Direction], new: Sequence[Direction]) -> list[Direction]:
    """:func:`merge_directions` for what an analysis found (``PC 1`` …, ``SeFa coarse 1`` …).

    Numbers that the analysis before it had and this one has not are dropped: they would be of
    another basis. Named ones stay.
    """
    series = {(d.kind, _stem(d.name)) for d in new if d.kind in ("pca", "sefa") and _stem(d.name)}
    names = {name_key(direction.name) for direction in new}
    kept = [d for d in old if name_key(d.name) in names or (d.kind, _stem(d.name)) not in series]
    return merge_directions(kept, new)


def _stem(name: str) -> str:
    """The key of a name without its number; empty if it has none."""
    stem, _, number = name_key(name).rpartition(" ")
    return stem if number.isdecimal() else ""


def _is_layer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _unit(name: str, vector: Any) -> np.ndarray:
    try:
        values = np.array(vector, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ModelError(f"Direction '{name}' has a vector that is no list of numbers.") from error
    if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all():
        raise ModelError(f"Direction '{name}' needs one row of finite numbers.")
    length = float(np.linalg.norm(values))
    if length == 0:
        raise ModelError(f"Direction '{name}' has a vector of zeros.")
    # A vector that is already of unit length keeps its bits, so that files round-trip.
    unit = values if abs(length - 1) < 1e-6 else values / length
    result = unit.astype(np.float32)
    result.flags.writeable = False
    return result
