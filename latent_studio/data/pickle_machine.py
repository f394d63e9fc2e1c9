"""The interpreter of :mod:`latent_studio.data.safe_pickle`: a stack, a memo and the opcodes."""

import struct
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

from latent_studio.data.pickle_rules import Budget, Dialect, Source
from latent_studio.data.pickle_values import (
    PLAIN_KEYS,
    Built,
    CodeRefused,
    Global,
    PickleRefused,
)

_MAX_LINE = 4096
_MAX_TEXT = 2**24
_MAX_ARGUMENTS = 16
_MAX_KEY = 16
_WINDOW = 1 << 10
_LARGE = 2**16  # bytes from here on are not copied but looked at in place


@dataclass(frozen=True)
class _Mark:
    """Where a group of values begins on the stack."""


_MARK = _Mark()


class Machine:
    """The stack machine that a pickle's opcodes are written for."""

    def __init__(self, source: Source, at: int, end: int, dialect: Dialect, budget: Budget) -> None:
        self.source, self.end = source, min(end, source.size)
        self.dialect, self.budget = dialect, budget
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        # Bytes of the file from ``_base``, and the place of the next one to be read in them.
        self._window, self._base, self._place = b"", at, 0

    def run(self) -> Any:
        budget, stack = self.budget, self.stack
        while budget.steps > 0:
            budget.steps -= 1
            if self._place >= len(self._window):
                self._refill(1)
            opcode = self._window[self._place]
            self._place += 1
            if opcode == _STOP:
                if len(stack) != 1:
                    raise ValueError("values left on the stack")
                return self.pop()
            step = _STEPS.get(opcode)
            if step is None:
                raise PickleRefused(
                    f"uses the pickle opcode 0x{opcode:02x}, which plain data does not need. "
                    "Nothing of it was run; do not use this file."
                )
            step(self)
            if len(stack) > budget.stack:
                raise PickleRefused("holds more values than this program reads.")
        raise PickleRefused("has more steps than this program follows.")

    # -- the file ---------------------------------------------------------------------------------

    @property
    def at(self) -> int:
        """Where the next byte is in the file."""
        return self._base + self._place

    def _refill(self, count: int) -> None:
        """Have the next ``count`` bytes, and some more, at hand."""
        at = self.at
        if count < 0 or at + count > self.end:
            raise ValueError("cut off")
        read = min(max(count, _WINDOW), self.end - at)
        self._window, self._base, self._place = bytes(self.source.read(at, read)), at, 0

    def skip(self, count: int) -> int:
        """Where the next ``count`` bytes begin."""
        at = self.at
        if count < 0 or at + count > self.end:
            raise ValueError("cut off")
        self._place += count
        return at

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        if count < 0 or self._place + count > len(self._window):
            self._refill(count)
        self._place += count
        return self._window[self._place - count : self._place]

    def number(self, size: int, signed: bool = False) -> int:
        """A number in so many bytes."""
        return int.from_bytes(self.take(size), "little", signed=signed)

    def line(self, longest: int = _MAX_LINE) -> bytes:
        """What comes before the next line end."""
        window = 256
        while True:
            window = min(window, longest, self.end - self.at)
            seen = bytes(self.source.read(self.at, window))
            end = seen.find(b"\n")
            if end >= 0:
                self._place += end + 1
                self.budget.pay(end)
                return seen[:end]
            if window in (longest, self.end - self.at):
                raise ValueError("a line without an end")
            window *= 4

    def blob(self, size: int, signed: bool = False) -> Any:
        """Bytes behind their count; large ones in place."""
        count = self.number(size, signed)
        if count >= _LARGE:
            return self.source.part(self.skip(count), count)
        self.budget.pay(max(count, 0))
        return self.take(count)

    def text(self, size: int) -> str:
        count = self.number(size)
        if count > _MAX_TEXT:
            raise PickleRefused("holds a longer text than this program reads.")
        self.budget.pay(max(count, 0))
        return self.take(count).decode("utf-8", "surrogatepass")

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
        # Texts only: comparing or printing nested values could take for ever.
        if not isinstance(module, str) or not isinstance(attribute, str):
            raise TypeError("a name that is no text")
        if (module, attribute) not in self.dialect.allowed:
            raise CodeRefused(
                f"asks for {_shown(module)}.{_shown(attribute)}, which is code and not data. "
                "Nothing of it was run; do not use this file."
            )
        self.push(Global(module, attribute))

    def stack_name(self) -> None:
        attribute, module = self.pop(), self.pop()
        self.name(module, attribute)

    def reduce(self) -> None:
        arguments, called = self.pop(), self.pop()
        if not isinstance(called, Global) or not isinstance(arguments, tuple):
            raise TypeError("a call of something that is no function")
        if len(arguments) > _MAX_ARGUMENTS:
            raise TypeError("a call with many arguments")
        for argument in arguments:  # which may be used again and again
            self.budget.pay_for(argument)
        self.push(self.dialect.allowed[called.module, called.attribute](*arguments))

    def new(self) -> None:
        """An object of a class that the dialect knows; its state follows."""
        arguments = self.pop()
        if not isinstance(self.stack[-1], Global) or len(arguments) > 0:
            raise TypeError("an object made in an unusual way")
        self.push(arguments)
        self.reduce()

    def build(self) -> None:
        state = self.pop()
        self.top(Built).build(state)

    def persistent(self, key: Any) -> None:
        if self.dialect.persistent is None:
            raise PickleRefused("refers to data outside of it. Nothing of it was run.")
        self.push(self.dialect.persistent(key))


def _shown(name: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in name[:80])


def _key(value: Any) -> Hashable:
    """A key of plain kind: hashing nested or long ones could take for ever."""
    plain = isinstance(value, PLAIN_KEYS)
    if isinstance(value, tuple) and len(value) <= _MAX_KEY:
        plain = all(isinstance(v, PLAIN_KEYS) for v in value)
    if not plain:
        raise TypeError(f"a {type(value).__name__} as a key")
    return value  # type: ignore[no-any-return]


def _quoted(machine: Machine) -> bytes:
    """The text of the oldest protocol: in quotes, with escapes."""
    text = machine.line(_MAX_TEXT)
    if len(text) < 2 or text[:1] != text[-1:] or text[:1] not in (b"'", b'"'):
        raise ValueError("a text without quotes")
    return text[1:-1].decode("unicode_escape").encode("latin-1")


def _decimal(machine: Machine) -> int | bool:
    """A decimal number, where ``00`` and ``01`` mean false and true."""
    text = machine.line().decode("ascii")
    return {"00": False, "01": True}.get(text, int(text.rstrip("L") or "0"))


def _long(machine: Machine, size: int, signed: bool = False) -> int:
    count = machine.number(size, signed)
    if count > 64:
        raise ValueError("a number of more than 512 bits")
    return int.from_bytes(machine.take(count), "little", signed=True)


def _double(machine: Machine) -> float:
    (value,) = struct.unpack(">d", machine.take(8))
    return float(value)


def _name(machine: Machine) -> None:
    module, attribute = machine.line(), machine.line()
    machine.name(module.decode("utf-8"), attribute.decode("utf-8"))


def _skip_version(machine: Machine) -> None:
    machine.take(1)


def _skip_frame(machine: Machine) -> None:
    if machine.number(8) > machine.end:
        raise ValueError("a frame beyond the end")


def _put_next(machine: Machine) -> None:
    machine.put(len(machine.memo))


def _pop_one(machine: Machine) -> None:
    machine.stack.pop()


def _pop_mark(machine: Machine) -> None:
    machine.pop_group()


def _set_item(machine: Machine) -> None:
    value, key = machine.pop(), machine.pop()
    machine.set_items([key, value])


def _dict(machine: Machine) -> None:
    group = machine.pop_group()
    machine.push({})
    machine.set_items(group)


_STOP = ord(".")
_STEPS: dict[int, Callable[[Machine], None]] = {
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
    ord("J"): lambda m: m.push(m.number(4, signed=True)),
    ord("K"): lambda m: m.push(m.number(1)),
    ord("M"): lambda m: m.push(m.number(2)),
    0x8A: lambda m: m.push(_long(m, 1)),
    0x8B: lambda m: m.push(_long(m, 4, signed=True)),
    ord("F"): lambda m: m.push(float(m.line())),
    ord("G"): lambda m: m.push(_double(m)),
    # texts and bytes
    ord("S"): lambda m: m.push(_quoted(m)),
    ord("T"): lambda m: m.push(m.blob(4, signed=True)),
    ord("U"): lambda m: m.push(m.blob(1)),
    ord("B"): lambda m: m.push(m.blob(4)),
    ord("C"): lambda m: m.push(m.blob(1)),
    0x8E: lambda m: m.push(m.blob(8)),
    0x96: lambda m: m.push(m.blob(8)),  # BYTEARRAY8
    ord("V"): lambda m: m.push(m.line(_MAX_TEXT).decode("raw_unicode_escape")),
    ord("X"): lambda m: m.push(m.text(4)),
    0x8C: lambda m: m.push(m.text(1)),
    0x8D: lambda m: m.push(m.text(8)),
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
    ord("q"): lambda m: m.put(m.number(1)),
    ord("r"): lambda m: m.put(m.number(4)),
    0x94: _put_next,
    ord("g"): lambda m: m.push(m.memo[int(m.line())]),
    ord("h"): lambda m: m.push(m.memo[m.number(1)]),
    ord("j"): lambda m: m.push(m.memo[m.number(4)]),
    # names and what is made with them
    ord("c"): _name,
    ord("i"): _name,  # INST: none is allowed
    0x93: lambda m: m.stack_name(),
    ord("R"): lambda m: m.reduce(),
    0x81: lambda m: m.new(),  # NEWOBJ
    ord("b"): lambda m: m.build(),
    ord("Q"): lambda m: m.persistent(m.pop()),
}
