"""A named direction of a latent space, and its JSON."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from latent_studio.errors import ModelError

DirectionKind: TypeAlias = Literal["pca", "attribute"]
DirectionSpace: TypeAlias = Literal["w", "z"]

_KINDS = ("pca", "attribute")
_SPACES = ("w", "z")


@dataclass(frozen=True, eq=False)
class Direction:
    """A straight line through w (or z) along which one property of the picture changes.

    A recipe's amount counts in standard deviations: ``w += amount * sigma * vector`` on layers
    ``first <= layer < last``, the direction's own range cut with the recipe's.

    Parameters
    ----------
    name
        What the slider is called; unique in a model.
    vector
        ``[dim]`` float32; normalised to unit length and made read-only here.
    sigma
        Standard deviation of the projection of the model's latents on ``vector``.
    kind
        ``pca`` or ``attribute``.
    space
        ``w``, or ``z`` for models without w.
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

    def __post_init__(self) -> None:
        self._check()
        object.__setattr__(self, "vector", _unit(self.name, self.vector))
        object.__setattr__(self, "sigma", float(self.sigma))
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
        """``sigma * vector``: what an amount of one adds, ``[dim]`` float32."""
        return np.asarray(self.vector * np.float32(self.sigma))

    def with_layers(self, first: int, last: int | None) -> "Direction":
        """The same line acting on layers ``first <= layer < last``."""
        return replace(self, first=first, last=last)

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
        if self.kind not in _KINDS or self.space not in _SPACES:
            raise ModelError(
                f"Direction '{self.name}' has kind {self.kind!r} and space {self.space!r}; known "
                f"are {', '.join(_KINDS)} and {', '.join(_SPACES)}."
            )
        number = isinstance(self.sigma, int | float | np.floating) and math.isfinite(self.sigma)
        if not number or isinstance(self.sigma, bool) or self.sigma <= 0:
            raise ModelError(f"Direction '{self.name}' needs a sigma above 0, not {self.sigma!r}.")
        if not _is_layer(self.first) or not (self.last is None or _is_layer(self.last)):
            raise ModelError(
                f"Direction '{self.name}' has a bad layer range: {self.first!r} to {self.last!r}."
            )
        if not isinstance(self.info, Mapping):
            raise ModelError(f"Direction '{self.name}' has an 'info' that is not a JSON object.")


def check_directions(directions: Iterable[Direction], dims: Mapping[str, int | None]) -> None:
    """Check that directions fit a model and have different names.

    Parameters
    ----------
    directions
        The directions of one model.
    dims
        Length of a vector in each space, ``{"z": z_dim, "w": w_dim or None}``.

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
    """``old`` with ``new`` added; a new direction replaces an old one of the same name in place."""
    fresh = {direction.name: direction for direction in new}
    merged = [fresh.pop(direction.name, direction) for direction in old]
    return merged + list(fresh.values())


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
