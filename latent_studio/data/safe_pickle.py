"""Reads pickles that hold plain values and numpy arrays, and nothing else.

A pickle is a program: the usual reader runs whatever it names. This one is a small interpreter of
its own for the opcodes that build values. What a pickle names is never looked up: a handful of
names (a :class:`Dialect`) stand for functions of this program that rebuild numpy arrays from their
bytes; every other name ends the reading with its name in the message. Sizes, depth and numbers of
steps are limited, so that a small file cannot ask for endless memory or time. No opcode's cost
depends on a value that the pickle can use again and again; what does is paid from the budget.

Texts of Python 2 (CIFAR's files) come back as bytes.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from latent_studio.data.pickle_machine import Machine
from latent_studio.data.pickle_rules import Budget, Dialect, Source
from latent_studio.data.pickle_values import ALLOWED, PickleRefused, settle

MAX_BYTES = 2**30
MAX_STEPS = 1_500_000
MAX_STACK = 1_000_000
PLAIN = Dialect(ALLOWED)


class _Memory:
    """Bytes at hand."""

    def __init__(self, data: bytes | memoryview) -> None:
        self.data = memoryview(data)
        self.size = len(self.data)

    def read(self, at: int, count: int) -> memoryview:
        return self.data[at : at + count]

    part = read


@contextmanager
def refusing(name: str) -> Iterator[None]:
    """Turn whatever goes wrong in reading ``name`` into a :class:`PickleRefused`."""
    try:
        yield
    except PickleRefused as error:
        raise type(error)(f"{name} {error.message}", error.detail) from error
    except (MemoryError, RecursionError) as error:
        raise PickleRefused(f"{name} asks for more memory than there is.", repr(error)) from error
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
        struct.error,
    ) as error:
        raise PickleRefused(
            f"{name} is damaged or cut off. Download it again.", repr(error)
        ) from error


def read_pickle(data: bytes | memoryview, name: str) -> Any:
    """The value that a pickle describes.

    Parameters
    ----------
    data
        The whole file. Arrays may share its memory: they are read-only.
    name
        What it is called in messages.

    Returns
    -------
    Any
        Dicts, lists, tuples, sets, numbers, texts, bytes, booleans, None, numpy arrays of numbers.

    Raises
    ------
    PickleRefused
        If it names anything but numpy's arrays, is damaged or asks for too much.
    """
    if len(data) > MAX_BYTES:
        raise PickleRefused(
            f"{name} is larger than {MAX_BYTES // 2**30} GiB, more than this program reads."
        )
    with refusing(name):
        source = _Memory(data)
        budget = Budget(MAX_STEPS, 2 * MAX_BYTES, MAX_STACK)
        return settle(run_pickle(source, 0, source.size, PLAIN, budget)[0])


def run_pickle(
    source: Source, at: int, end: int, dialect: Dialect, budget: Budget
) -> tuple[Any, int]:
    """The value of the pickle that begins at ``at``, drafts and all, and where the pickle ends.

    To be called within :func:`refusing`: anything may be raised for a damaged one.
    """
    machine = Machine(source, at, end, dialect, budget)
    return machine.run(), machine.at
