"""Checked values that recipes are made of: vectors, seeds, numbers from JSON."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from latent_studio.errors import OptionError

Label: TypeAlias = int | tuple[float, ...] | None

MAX_SEED = 2**32 - 1
MAX_MOVE = 1e4  # widths of a picture; what is farther away cannot be told from noise
LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Vector:
    """An immutable float32 array (little endian bytes and a shape)."""

    shape: tuple[int, ...]
    data: bytes = field(repr=False)

    @classmethod
    def from_array(cls, array: Any) -> "Vector":
        with np.errstate(over="ignore"):  # too large becomes infinite, which is refused below
            values = np.ascontiguousarray(array, dtype="<f4")
        if not np.isfinite(values).all():
            raise OptionError("A latent vector holds values that are not finite numbers.")
        return cls(tuple(values.shape), values.tobytes())

    def array(self) -> np.ndarray:
        """A read-only float32 array."""
        return np.frombuffer(self.data, dtype="<f4").reshape(self.shape)

    def to_json(self) -> dict[str, Any]:
        return {"shape": list(self.shape), "base64": base64.b64encode(self.data).decode("ascii")}

    @classmethod
    def from_json(cls, value: Any) -> "Vector":
        try:
            if isinstance(value, Mapping):
                data = base64.b64decode(value["base64"], validate=True)
                shape = tuple(int(n) for n in value["shape"])
                return cls.from_array(np.frombuffer(data, dtype="<f4").reshape(shape))
            return cls.from_array(value)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise OptionError(
                "A latent vector must be a list of numbers or an object with 'shape' and 'base64'.",
                str(error),
            ) from error


@dataclass(frozen=True)
class Transform:
    """Where all that a picture shows is moved to, for models that can do that (StyleGAN3).

    Parameters
    ----------
    x, y
        To the right and down, in widths of the picture; after the turn.
    rotate
        Degrees, counter-clockwise, about the centre of the picture.
    """

    x: float = 0.0
    y: float = 0.0
    rotate: float = 0.0

    def __post_init__(self) -> None:
        for name in ("x", "y", "rotate"):  # equal ones are written alike: no integers, no -0.0
            object.__setattr__(self, name, float(getattr(self, name)) + 0.0)

    def __bool__(self) -> bool:
        """Whether it moves anything."""
        return self != STILL

    def to_json(self) -> dict[str, Any]:
        return {"translate": [self.x, self.y], "rotate": self.rotate}

    @classmethod
    def from_json(cls, value: Any) -> "Transform":
        if value is None:
            return cls()
        if not isinstance(value, Mapping):
            raise OptionError("'transform' must be an object with 'translate' and 'rotate'.")
        check_fields(value, frozenset({"translate", "rotate"}), "transform")
        move = value.get("translate", (0.0, 0.0))
        if isinstance(move, str) or not isinstance(move, Sequence) or len(move) != 2:
            raise OptionError("'translate' must be a list of two numbers, x and y.")
        x, y = (number({"translate": part}, "translate", 0.0) for part in move)
        return cls(check_move(x), check_move(y), number(value, "rotate", 0.0))


STILL = Transform()


def check_move(value: float) -> float:
    """A translation in widths of the picture.

    Raises
    ------
    OptionError
        If it is beyond :data:`MAX_MOVE`.
    """
    if not abs(value) <= MAX_MOVE:
        raise OptionError(f"'translate' must lie within {MAX_MOVE:g} widths of the picture.")
    return value


def check_seed(seed: Any) -> int:
    """A seed as ``numpy.random.RandomState`` takes it: 0 to 2**32 - 1."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
        raise OptionError(f"A seed is a whole number from 0 to {MAX_SEED}, not {seed!r}.")
    return seed


def check_digest(value: Any, key: str) -> str:
    """Empty, or a SHA-256 in lower-case hexadecimal digits."""
    if not isinstance(value, str) or not re.fullmatch("([0-9a-f]{64})?", value):
        raise OptionError(f"'{key}' must be a SHA-256 of 64 hexadecimal digits, not {value!r:.80}.")
    return value


def check_fields(value: Mapping[str, Any], known: frozenset[str], what: str) -> None:
    unknown = sorted(set(value) - known)
    if unknown:
        raise OptionError(
            f"Unknown field in the {what}: {', '.join(map(str, unknown))}. "
            f"Known: {', '.join(sorted(known))}."
        )


def number(value: Mapping[str, Any], key: str, default: float) -> float:
    found = value.get(key, default)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise OptionError(f"'{key}' must be a number, not {found!r}.")
    # Compared before any conversion: JSON numbers may be longer than a float or an integer takes.
    if not -LARGEST <= found <= LARGEST:
        raise OptionError(f"'{key}' must be finite, and within float32's range.")
    return float(found)


def integer(value: Mapping[str, Any], key: str, default: int | None = None) -> int | None:
    found = value.get(key, default)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int) or found < 0:
        raise OptionError(f"'{key}' must be a whole number from 0, not {found!r:.40}.")
    if found > MAX_SEED:
        raise OptionError(f"'{key}' must be a whole number up to {MAX_SEED}.")
    return found


def parse_label(value: Any) -> Label:
    if value is None:
        return None
    if isinstance(value, Sequence) and not isinstance(value, str):
        rows = value[0] if value and isinstance(value[0], Sequence) else value
        try:
            weights = tuple(float(weight) for weight in rows)
        except (TypeError, ValueError, OverflowError) as error:
            raise OptionError("'class' must be an index or a list of weights.") from error
        if not all(-LARGEST <= weight <= LARGEST for weight in weights):
            raise OptionError("'class' needs finite weights.")
        return weights
    return integer({"class": value}, "class")


def objects(value: Any, what: str) -> list[Mapping[str, Any]]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise OptionError(f"'{what}' must be a list of objects.")
    if not all(isinstance(entry, Mapping) for entry in value):
        raise OptionError(f"'{what}' must be a list of objects.")
    return list(value)
