"""The numpy arrays of a pickle, rebuilt from their bytes without asking numpy's unpickling.

numpy writes an array as a call of ``_reconstruct`` and a state of version, shape, type, order and
bytes; scalars and types likewise. The functions in :data:`ALLOWED` take those calls and check
everything before numpy sees it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, TypeAlias

import numpy as np

from latent_studio.errors import DataError

MAX_DEPTH = 64
PLAIN_KEYS = (str, bytes, int, float, bool, type(None))
_KINDS = "biufc"
_ORDERS = ("<", ">", "|", "=")
_MAX_AXES = 32
_SHORT = 64


class PickleRefused(DataError):  # noqa: N818 - the file is refused, nothing broke
    """A pickle is no plain data."""


class CodeRefused(PickleRefused):
    """A pickle names code."""


@dataclass(frozen=True)
class Global:
    """A name that a pickle uses; only ever compared."""

    module: str
    attribute: str


class Built:
    """What a pickle gives a state after it was made."""

    def build(self, state: Any) -> None:
        raise NotImplementedError


class Draft(Built):
    """A value whose content comes after it."""

    def finished(self) -> Any:
        raise NotImplementedError


class DraftType(Draft):
    """A type of numbers: ``dtype('u1', False, True)`` and a state with the byte order."""

    def __init__(self, code: str) -> None:
        self.type = np.dtype(code)
        if self.type.kind not in _KINDS:
            raise PickleRefused(f"holds an array of {code!s:.20}, not of numbers.")

    def build(self, state: Any) -> None:
        order, rest = short_text(state[1]), state[2:5]
        if order not in _ORDERS or any(part is not None for part in rest):
            raise PickleRefused("holds an array of an unusual type.")
        self.type = self.type.newbyteorder(order)

    def finished(self) -> Any:
        return self.type


class DraftArray(Draft):
    """An array: its state has version, shape, type, whether columns come first, and bytes."""

    def __init__(self) -> None:
        self.array = np.empty(0, dtype=np.uint8)

    def build(self, state: Any) -> None:
        _, shape, kind, by_columns, raw = state
        self.array = make_array(raw, kind, shape, "F" if by_columns else "C")

    def finished(self) -> Any:
        return self.array


def make_array(raw: Any, kind: Any, shape: Any, order: str = "C") -> np.ndarray:
    """An array that looks at ``raw``.

    Raises
    ------
    PickleRefused
        If bytes, type and shape do not fit together.
    """
    if not isinstance(raw, bytes | memoryview) or not isinstance(kind, DraftType):
        raise PickleRefused("holds an array that is not made of bytes.")
    sides = checked_shape(shape)
    if prod(sides) * kind.type.itemsize != len(raw):
        raise PickleRefused("holds an array whose size does not fit its shape.")
    flat = np.frombuffer(raw, dtype=kind.type)
    return flat.reshape(sides, order="F" if order == "F" else "C")


def checked_shape(shape: Any) -> tuple[int, ...]:
    """``shape`` as a tuple of counts.

    Raises
    ------
    PickleRefused
        If it is none.
    """
    sides = (shape,) if isinstance(shape, int) else shape
    # The length first: one long list may be given as a shape again and again.
    whole = isinstance(sides, tuple | list) and len(sides) <= _MAX_AXES
    if not whole or not all(isinstance(side, int) and side >= 0 for side in sides):
        raise PickleRefused("holds an array whose shape is no shape.")
    return tuple(int(side) for side in sides)


def short_text(value: Any) -> Any:
    """Texts of Python 2 are bytes."""
    return value[:_SHORT].decode("ascii") if isinstance(value, bytes) else value


def number_type(code: Any, *_: Any) -> DraftType:
    code = short_text(code)
    if not isinstance(code, str) or not 1 <= len(code) <= 4 or not code.isalnum():
        raise PickleRefused("holds an array of an unusual type.")
    return DraftType(code)


def _reconstruct(kind: Any, *_: Any) -> DraftArray:
    if kind != Global("numpy", "ndarray"):
        raise PickleRefused("holds an array of an unusual class.")
    return DraftArray()


def _from_buffer(raw: Any, kind: Any, shape: Any, order: Any = "C") -> np.ndarray:
    return make_array(raw, kind, shape, order)


def scalar(kind: Any, raw: Any) -> Any:
    return make_array(raw, kind, ()).item()


def encode(text: Any, encoding: Any) -> bytes:
    """How Python 3 writes bytes for Python 2."""
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise PickleRefused("holds a text in an unusual encoding.")
    return text.encode("latin-1")


def _ordered(*pairs: Any) -> dict[Any, Any]:
    """An ``OrderedDict``: empty, its items follow."""
    if pairs:
        raise PickleRefused("holds a dictionary of an unusual form.")
    return {}


def empty_bytes(*arguments: Any) -> bytes:
    if arguments:
        raise PickleRefused("makes bytes in an unusual way.")
    return b""


def plain_set(items: Any) -> set[Any]:
    """How protocols before 4 write sets; nested members could exhaust the stack in hashing."""
    if not isinstance(items, list) or not set(map(type, items)) <= set(PLAIN_KEYS):
        raise PickleRefused("holds a set of an unusual form.")
    return set(items)


def no_call(*_: Any) -> Any:
    raise PickleRefused("makes an array in an unusual way.")


Names: TypeAlias = Mapping[tuple[str, str], Callable[..., Any]]
BUILTINS = ("builtins", "__builtin__")
NUMPY = ("numpy.core", "numpy._core")
ALLOWED: Names = {
    ("numpy", "dtype"): number_type,
    ("numpy", "ndarray"): no_call,
    ("_codecs", "encode"): encode,
    ("collections", "OrderedDict"): _ordered,
    **{(module, "bytes"): empty_bytes for module in BUILTINS},
    **{(module, "set"): plain_set for module in BUILTINS},
    **{(f"{core}.multiarray", "_reconstruct"): _reconstruct for core in NUMPY},
    **{(f"{core}.multiarray", "scalar"): scalar for core in NUMPY},
    **{(f"{core}.numeric", "_frombuffer"): _from_buffer for core in NUMPY},
}


def settle(value: Any) -> Any:
    """Replace drafts by what they became, in place where a container can change.

    Raises
    ------
    PickleRefused
        If containers are nested too deeply.
    """
    return _Settler().settle(value, 0)


class _Settler:
    """Visits every container once: they may be shared, or contain themselves."""

    def __init__(self) -> None:
        # By identity, with the value itself, so that no other can get its identity meanwhile.
        self.seen: dict[int, tuple[Any, Any]] = {}

    def settle(self, value: Any, depth: int) -> Any:
        if isinstance(value, Global):
            raise PickleRefused("holds names instead of values.")
        if isinstance(value, Draft):
            return value.finished()
        if not isinstance(value, list | dict | tuple | memoryview):
            return value
        if id(value) in self.seen:
            return self.seen[id(value)][1]
        if depth >= MAX_DEPTH:
            raise PickleRefused(f"is nested more than {MAX_DEPTH} levels deep.")
        self.seen[id(value)] = (value, value)
        settled = self._content(value, depth + 1)
        self.seen[id(value)] = (value, settled)
        return settled

    def _content(self, value: Any, depth: int) -> Any:
        if isinstance(value, memoryview):
            return bytes(value)
        if isinstance(value, tuple):
            return tuple(self.settle(item, depth) for item in value)
        if isinstance(value, list):
            value[:] = [self.settle(item, depth) for item in value]
        else:
            for key in value:
                value[key] = self.settle(value[key], depth)
        return value
