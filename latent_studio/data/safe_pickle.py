"""Reads pickles that hold plain values and numpy arrays, and nothing else.

A pickle is a program: the usual reader runs whatever it names. This one is a small interpreter of
its own for the opcodes that build values. What a pickle names is never looked up: a handful of
names stand for functions of this module that rebuild numpy arrays from their bytes; every other
name ends the reading with its name in the message. Sizes, depth and numbers of steps are limited,
so that a small file cannot ask for endless memory or time.

Texts of Python 2 (CIFAR's files) come back as bytes.
"""

import struct
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from latent_studio.data.pickle_values import (
    ALLOWED,
    PLAIN_KEYS,
    Draft,
    Global,
    PickleRefused,
    settle,
)

MAX_BYTES = 2**30
MAX_STEPS = 4_000_000
MAX_STACK = 1_000_000
_MAX_LINE = 4096
_LARGE = 2**16  # bytes from here on are not copied but looked at in place


@dataclass(frozen=True)
class _Mark:
    """Where a group of values begins on the stack."""


_MARK = _Mark()


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
    try:
        return settle(_Machine(memoryview(data)).run())
    except PickleRefused as error:
        raise PickleRefused(f"{name} {error.message}", error.detail) from error
    except (ValueError, TypeError, IndexError, KeyError, struct.error, OverflowError) as error:
        raise PickleRefused(
            f"{name} is damaged or cut off. Download it again.", repr(error)
        ) from error


class _Machine:
    """The stack machine that a pickle's opcodes are written for."""

    def __init__(self, data: memoryview) -> None:
        self.data, self.at = data, 0
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.made = 0

    def run(self) -> Any:
        for _ in range(MAX_STEPS):
            opcode = self.take(1)[0]
            if opcode == _STOP:
                if len(self.stack) != 1:
                    raise ValueError("values left on the stack")
                return self.pop()
            step = _STEPS.get(opcode)
            if step is None:
                raise PickleRefused(
                    f"uses the pickle opcode 0x{opcode:02x}, which plain data does not need. "
                    "Nothing of it was run; do not use this file."
                )
            step(self)
            if len(self.stack) > MAX_STACK:
                raise PickleRefused("holds more values than this program reads.")
        raise PickleRefused("has more steps than this program follows.")

    # -- the file ---------------------------------------------------------------------------------

    def take(self, count: int) -> memoryview:
        """The next ``count`` bytes."""
        if count < 0 or self.at + count > len(self.data):
            raise ValueError("cut off")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, layout: str) -> int:
        (value,) = struct.unpack(layout, self.take(struct.calcsize(layout)))
        return int(value)

    def line(self, longest: int = _MAX_LINE) -> bytes:
        """What comes before the next line end."""
        window = 256
        while True:
            seen = bytes(self.data[self.at : self.at + min(window, longest)])
            end = seen.find(b"\n")
            if end >= 0:
                self.at += end + 1
                return seen[:end]
            if len(seen) < window:
                raise ValueError("a line without an end")
            window *= 4

    def blob(self, layout: str) -> bytes | memoryview:
        """Bytes behind their count; large ones in place."""
        view = self.take(self.number(layout))
        return view if len(view) >= _LARGE else bytes(view)

    def text(self, layout: str) -> str:
        return bytes(self.take(self.number(layout))).decode("utf-8", "surrogatepass")

    # -- the stack --------------------------------------------------------------------------------

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def pop(self) -> Any:
        value = self.stack.pop()
        if value is _MARK:
            raise ValueError("a mark where a value should be")
        return value

    def pop_group(self) -> list[Any]:
        """The values above the last mark."""
        for place in range(len(self.stack) - 1, -1, -1):
            if self.stack[place] is _MARK:
                group = self.stack[place + 1 :]
                del self.stack[place:]
                return group
        raise ValueError("no mark")

    def top(self, kind: type) -> Any:
        """The last value, which must be a ``kind``."""
        if not isinstance(self.stack[-1], kind):
            raise TypeError(f"a {type(self.stack[-1]).__name__}, not a {kind.__name__}")
        return self.stack[-1]

    # -- opcodes that take more than a line -------------------------------------------------------

    def tuple_of(self, count: int) -> None:
        items = [self.pop() for _ in range(count)]
        self.push(tuple(reversed(items)))

    def set_items(self, pairs: list[Any]) -> None:
        target = self.top(dict)
        if len(pairs) % 2:
            raise ValueError("a key without a value")
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            target[_key(key)] = value

    def append(self, values: list[Any]) -> None:
        self.top(list).extend(values)

    def add_items(self, values: list[Any]) -> None:
        self.top(set).update(_key(value) for value in values)

    def put(self, place: int) -> None:
        if place < 0:
            raise ValueError("a negative place in the memo")
        self.memo[place] = self.stack[-1]

    def name(self, module: Any, attribute: Any) -> None:
        """A name that the pickle wants: pushed as a name if it is a known one, else the end."""
        if (module, attribute) not in ALLOWED:
            raise PickleRefused(
                f"asks for {module!s:.80}.{attribute!s:.80}, which is code and not data. Nothing "
                "of it was run; do not use this file."
            )
        self.push(Global(str(module), str(attribute)))

    def stack_name(self) -> None:
        attribute, module = self.pop(), self.pop()
        self.name(module, attribute)

    def reduce(self) -> None:
        arguments, called = self.pop(), self.pop()
        if not isinstance(called, Global) or not isinstance(arguments, tuple):
            raise TypeError("a call of something that is no function")
        made = ALLOWED[called.module, called.attribute](*arguments)
        if isinstance(made, bytes):
            # The same long text may be turned into bytes again and again.
            self.made += len(made)
            if self.made > MAX_BYTES:
                raise PickleRefused("makes more bytes than this program reads.")
        self.push(made)

    def build(self) -> None:
        state = self.pop()
        self.top(Draft).build(state)


def _key(value: Any) -> Hashable:
    """A key of plain kind: hashing nested ones could exhaust the interpreter's own stack."""
    plain = all(isinstance(v, PLAIN_KEYS) for v in value) if isinstance(value, tuple) else False
    if not isinstance(value, PLAIN_KEYS) and not plain:
        raise TypeError(f"a {type(value).__name__} as a key")
    return value  # type: ignore[no-any-return]


def _quoted(machine: _Machine) -> bytes:
    """The text of the oldest protocol: in quotes, with escapes."""
    text = machine.line(MAX_BYTES)
    if len(text) < 2 or text[:1] != text[-1:] or text[:1] not in (b"'", b'"'):
        raise ValueError("a text without quotes")
    return text[1:-1].decode("unicode_escape").encode("latin-1")


def _decimal(machine: _Machine) -> int | bool:
    """A decimal number, where ``00`` and ``01`` mean false and true."""
    text = machine.line().decode("ascii")
    return {"00": False, "01": True}.get(text, int(text.rstrip("L") or "0"))


def _long(machine: _Machine, layout: str) -> int:
    count = machine.number(layout)
    if count > 64:
        raise ValueError("a number of more than 512 bits")
    return int.from_bytes(machine.take(count), "little", signed=True)


def _double(machine: _Machine) -> float:
    (value,) = struct.unpack(">d", machine.take(8))
    return float(value)


def _name(machine: _Machine) -> None:
    module, attribute = machine.line(), machine.line()
    machine.name(module.decode("utf-8"), attribute.decode("utf-8"))


def _skip_version(machine: _Machine) -> None:
    machine.take(1)


def _skip_frame(machine: _Machine) -> None:
    if machine.number("<Q") > len(machine.data):
        raise ValueError("a frame beyond the end")


def _put_next(machine: _Machine) -> None:
    machine.put(len(machine.memo))


def _pop_one(machine: _Machine) -> None:
    machine.stack.pop()


def _pop_mark(machine: _Machine) -> None:
    machine.pop_group()


def _set_item(machine: _Machine) -> None:
    value, key = machine.pop(), machine.pop()
    machine.set_items([key, value])


def _dict(machine: _Machine) -> None:
    group = machine.pop_group()
    machine.push({})
    machine.set_items(group)


_STOP = ord(".")
_STEPS: dict[int, Callable[[_Machine], None]] = {
    0x80: _skip_version,
    0x95: _skip_frame,
    ord("("): lambda m: m.push(_MARK),
    ord("0"): _pop_one,
    ord("1"): _pop_mark,
    ord("2"): lambda m: m.push(m.stack[-1]),  # DUP
    # constants
    ord("N"): lambda m: m.push(None),
    0x88: lambda m: m.push(True),
    0x89: lambda m: m.push(False),
    ord("I"): lambda m: m.push(_decimal(m)),
    ord("L"): lambda m: m.push(_decimal(m)),
    ord("J"): lambda m: m.push(m.number("<i")),
    ord("K"): lambda m: m.push(m.number("<B")),
    ord("M"): lambda m: m.push(m.number("<H")),
    0x8A: lambda m: m.push(_long(m, "<B")),
    0x8B: lambda m: m.push(_long(m, "<i")),
    ord("F"): lambda m: m.push(float(m.line())),
    ord("G"): lambda m: m.push(_double(m)),
    # texts and bytes
    ord("S"): lambda m: m.push(_quoted(m)),
    ord("T"): lambda m: m.push(m.blob("<i")),
    ord("U"): lambda m: m.push(m.blob("<B")),
    ord("B"): lambda m: m.push(m.blob("<I")),
    ord("C"): lambda m: m.push(m.blob("<B")),
    0x8E: lambda m: m.push(m.blob("<Q")),
    0x96: lambda m: m.push(m.blob("<Q")),  # BYTEARRAY8
    ord("V"): lambda m: m.push(m.line(MAX_BYTES).decode("raw_unicode_escape")),
    ord("X"): lambda m: m.push(m.text("<I")),
    0x8C: lambda m: m.push(m.text("<B")),
    0x8D: lambda m: m.push(m.text("<Q")),
    # containers
    ord("]"): lambda m: m.push([]),
    ord("}"): lambda m: m.push({}),
    ord(")"): lambda m: m.push(()),
    0x8F: lambda m: m.push(set()),
    ord("l"): lambda m: m.push(m.pop_group()),
    ord("t"): lambda m: m.push(tuple(m.pop_group())),
    ord("d"): _dict,
    0x91: lambda m: m.push(frozenset(_key(v) for v in m.pop_group())),
    0x85: lambda m: m.tuple_of(1),
    0x86: lambda m: m.tuple_of(2),
    0x87: lambda m: m.tuple_of(3),
    ord("a"): lambda m: m.append([m.pop()]),
    ord("e"): lambda m: m.append(m.pop_group()),
    ord("s"): _set_item,
    ord("u"): lambda m: m.set_items(m.pop_group()),
    0x90: lambda m: m.add_items(m.pop_group()),
    # the memo
    ord("p"): lambda m: m.put(int(m.line())),
    ord("q"): lambda m: m.put(m.number("<B")),
    ord("r"): lambda m: m.put(m.number("<I")),
    0x94: _put_next,
    ord("g"): lambda m: m.push(m.memo[int(m.line())]),
    ord("h"): lambda m: m.push(m.memo[m.number("<B")]),
    ord("j"): lambda m: m.push(m.memo[m.number("<I")]),
    # names and what is made with them
    ord("c"): _name,
    ord("i"): _name,  # INST: none is allowed
    0x93: lambda m: m.stack_name(),
    ord("R"): lambda m: m.reduce(),
    ord("b"): lambda m: m.build(),
}
