"""Checked values that recipes are made of: vectors, seeds, numbers from JSON."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from latent_studio.errors import OptionError

Label: TypeAlias = int | tuple[float, ...] | None

MAX_SEED = 2**32 - 1
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


def check_seed(seed: Any) -> int:
    """A seed as ``numpy.random.RandomState`` takes it: 0 to 2**32 - 1."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
        raise OptionError(f"A seed is a whole number from 0 to {MAX_SEED}, not {seed!r}.")
    return seed


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
