"""Stretches of a file that are read when they are wanted, straight into a tensor's memory."""

from typing import BinaryIO, Protocol

_WINDOW = 1 << 14


class Bytes(Protocol):
    """Where a region's bytes are; also a :class:`~latent_studio.data.pickle_rules.Source`."""

    @property
    def size(self) -> int: ...

    def read(self, at: int, count: int) -> bytes | memoryview: ...

    def part(self, at: int, count: int) -> "Region": ...

    def read_into(self, at: int, target: memoryview) -> None: ...


class Region:
    """``count`` bytes of a source from ``at``; made by the thousand."""

    __slots__ = ("at", "count", "source")

    def __init__(self, source: Bytes, at: int, count: int) -> None:
        self.source, self.at, self.count = source, at, count

    @property
    def end(self) -> int:
        return self.at + self.count

    def slice(self, offset: int, count: int) -> "Region":
        """A piece.

        Raises
        ------
        ValueError
            If it is not within the region.
        """
        if offset < 0 or count < 0 or offset + count > self.count:
            raise ValueError("beyond the end")
        return Region(self.source, self.at + offset, count)

    def read(self) -> bytes:
        return bytes(self.source.read(self.at, self.count))

    def read_into(self, target: memoryview) -> None:
        """Fill ``target``, which has the region's length."""
        if len(target) != self.count:
            raise ValueError("a buffer of another length")
        self.source.read_into(self.at, target)


class Memory:
    """Bytes at hand."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self.size = len(data)

    def read(self, at: int, count: int) -> memoryview:
        return self._data[at : at + count]

    def part(self, at: int, count: int) -> Region:
        return Region(self, at, count)

    def read_into(self, at: int, target: memoryview) -> None:
        target[:] = self._data[at : at + len(target)]


class OpenFile:
    """A file of ``size`` bytes; small reads come from a window of it.

    Belongs to one thread. A file that is cut while it is read gives an error, not a crash, as a
    memory map would.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self.size = file, size
        self._at, self._window = 0, b""

    def read(self, at: int, count: int) -> bytes:
        start = at - self._at
        if start < 0 or start + count > len(self._window):
            self._file.seek(at)
            self._window, self._at = self._file.read(max(count, _WINDOW)), at
            start = 0
        piece = self._window[start : start + count]
        if len(piece) != count:
            raise ValueError("cut off")
        return piece

    def part(self, at: int, count: int) -> Region:
        return Region(self, at, count)

    def read_into(self, at: int, target: memoryview) -> None:
        self._file.seek(at)
        filled = 0
        while filled < len(target):
            got = self._file.readinto(target[filled:])  # type: ignore[attr-defined]
            if not got:
                raise ValueError("cut off")
            filled += got
