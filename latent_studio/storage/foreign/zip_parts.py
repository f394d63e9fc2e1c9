"""Where the entries of a zip file lie, for files of ``torch.save``: stored, never compressed.

Compressed ones are known by their names alone.

Only the table of contents is read, and it is checked before anything is taken from it; nothing is
inflated, so a bomb stays one file with an error.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from latent_studio.data.pickle_values import PickleRefused
from latent_studio.storage.foreign.regions import Bytes, Region

_MAX_ENTRIES = 200_000
_MAX_TABLE = 64 << 20
_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s4B4HL2L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_BIG = 0xFFFFFFFF


@dataclass(frozen=True)
class ZipEntries:
    """Names to the bytes of stored entries, and the names of compressed or encrypted ones."""

    stored: Mapping[str, Region]
    packed: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        return [*self.stored, *self.packed]


def zip_entries(source: Bytes) -> ZipEntries:
    """All entries of a zip file.

    Raises
    ------
    PickleRefused, ValueError
        If the table is damaged, or an entry overlaps the file's end.
    """
    offset, size, count = _table(source)
    if count > _MAX_ENTRIES or size > _MAX_TABLE:
        raise PickleRefused("has more entries than this program reads.")
    table = bytes(source.read(offset, size))
    entries: dict[str, Region | None] = {}
    at = 0
    for _ in range(count):
        name, region, at = _entry(source, table, at)
        if name in entries:
            raise PickleRefused("has two entries of one name.")
        entries[name] = region
    stored = {name: region for name, region in entries.items() if region is not None}
    return ZipEntries(stored, tuple(name for name in entries if name not in stored))


def _table(source: Bytes) -> tuple[int, int, int]:
    """Offset, size and number of entries of the table of contents."""
    length = min(source.size, _END.size + 0xFFFF)
    tail = bytes(source.read(source.size - length, length))
    place = tail.rfind(b"PK\x05\x06")
    if place < 0:
        raise ValueError("no end of a zip file")
    fields = _END.unpack_from(tail, place)
    count, size, offset = fields[4], fields[5], fields[6]
    if _BIG in (size, offset) or count == 0xFFFF:
        before = source.size - length + place - _LOCATOR.size
        if before < 0:
            raise ValueError("no room for a locator")
        magic, _, end64, _ = _LOCATOR.unpack(bytes(source.read(before, _LOCATOR.size)))
        if magic != b"PK\x06\x07" or end64 + _END64.size > source.size:
            raise ValueError("no 64-bit end of a zip file")
        wide = _END64.unpack(bytes(source.read(end64, _END64.size)))
        count, size, offset = wide[7], wide[8], wide[9]
    if offset + size > source.size:
        raise ValueError("a table beyond the end")
    return offset, size, count


def _entry(source: Bytes, table: bytes, at: int) -> tuple[str, Region | None, int]:
    """One line of the table, its bytes if they are stored, and where the next line begins."""
    fields = _ENTRY.unpack_from(table, at)
    if fields[0] != b"PK\x01\x02":
        raise ValueError("no entry of a zip file")
    flags, method = fields[5], fields[6]
    packed, size, name_length, extra_length, comment = fields[10:15]
    offset = fields[18]
    at += _ENTRY.size
    name = table[at : at + name_length].decode("utf-8", "replace")
    at += name_length
    wide = _wide_numbers(table[at : at + extra_length], [size, packed, offset])
    size, packed, offset = wide
    at += extra_length + comment
    if method != 0 or packed != size or flags & 1:
        return name, None, at
    header = _LOCAL.unpack(bytes(source.read(offset, _LOCAL.size)))
    if header[0] != b"PK\x03\x04":
        raise ValueError("no header of an entry")
    start = offset + _LOCAL.size + header[9] + header[10]
    if start + size > source.size:
        raise ValueError("an entry beyond the end")
    return name, source.part(start, size), at


def _wide_numbers(extra: bytes, numbers: list[int]) -> list[int]:
    """Replace numbers that 32 bits cannot hold by those of the extra field (id 1)."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            values = iter(struct.unpack_from(f"<{length // 8}Q", extra, at + 4))
            return [next(values, number) if number == _BIG else number for number in numbers]
        at += 4 + length
    return numbers
