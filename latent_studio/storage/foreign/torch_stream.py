"""The stream that ``torch.save`` wrote before version 1.6, also inside of NVIDIA's pickles.

Five pickles in a row (a magic number, a version, facts of the machine, the value, the list of
storages), then each storage as its count (uint64) and its elements. The real reader of the streams
inside of other pickles would load them without any restriction; this one knows tensors alone there.
"""

import re
from typing import Any

from latent_studio.data.pickle_rules import Budget, Dialect
from latent_studio.data.pickle_values import Names, PickleRefused
from latent_studio.data.safe_pickle import run_pickle
from latent_studio.storage.foreign.regions import Region
from latent_studio.storage.foreign.stand_ins import DTYPES, STORAGES, storage_of
from latent_studio.storage.foreign.tensors import Storage, as_region

MAGIC = 0x1950A86A20F9469CFC6C
VERSION = 1001
_COUNT = 8
_NOTHING = Dialect({})
# What torch.save writes behind the beginning for a storage on its own: what it is, the list of its
# one key, its count. A model of NVIDIA's holds hundreds; to interpret these took half of the time.
_ALONE = re.compile(
    rb"\x80\x02\(X\x07\0{3}storageq\0ctorch\n(?P<type>\w{1,16})Storage\nq\x01"
    rb"X(?P<letters>.)\0{3}(?P<key>\d+)q\x02X\x03\0{3}cpuq\x03"
    rb"(?:K(?P<byte>.)|M(?P<two>..)|J(?P<four>.{4}))Ntq\x04Q\."
    rb"\x80\x02\]q\0X(?P=letters)\0{3}(?P=key)q\x01a\.(?P<count>.{8})",
    re.DOTALL,
)
_ALONE_STEPS = 23
_TOO_MANY = 2**31  # is negative in four bytes
_ALONE_LONGEST = 160


class _Storages:
    """The storages that a stream's value refers to, by their keys."""

    def __init__(self) -> None:
        self.found: dict[str, Storage] = {}

    def refer(self, key: Any) -> Storage:
        storage, name, piece = storage_of(key)
        if piece is not None:
            raise PickleRefused("refers to a piece of a tensor storage, as no known program does.")
        kept = self.found.setdefault(name, storage)
        if kept.dtype != storage.dtype or kept.count != storage.count:
            raise PickleRefused("declares a tensor storage twice and differently.")
        return kept


def read_stream(region: Region, names: Names, budget: Budget, known: bytes = b"") -> Any:
    """The value of a stream; its tensors stay in ``region``.

    To be called within :func:`~latent_studio.data.safe_pickle.refusing`. ``known`` is a beginning
    that was read and found sound before (see :func:`_beginning`).
    """
    at, storages = region.at + len(known), _Storages()
    if not known:
        at += len(_beginning(region, budget))
    inner = Dialect(names, storages.refer)
    content, at = run_pickle(region.source, at, region.end, inner, budget)
    keys, at = run_pickle(region.source, at, region.end, _NOTHING, budget)
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise PickleRefused("has no list of its tensors.")
    if sorted(keys) != sorted(storages.found):
        raise PickleRefused("has another list of tensors than it refers to.")
    for key in keys:
        at = _place(storages.found[key], region, at)
    if at != region.end:
        raise PickleRefused("has bytes behind its tensors.")
    return content


def load_from_bytes(budget: Budget) -> Any:
    """The stand-in of ``torch.storage._load_from_bytes``: a stream that holds one storage."""

    sound = b""  # how the last one began: all of a file begin alike

    def load(raw: Any) -> Storage:
        nonlocal sound
        region = as_region(raw)
        if region is None:
            raise PickleRefused("holds a tensor storage that is not made of bytes.")
        length = len(sound)
        if not sound or region.count < length or region.slice(0, length).read() != sound:
            sound = _beginning(region, budget)
        storage = _alone(region, len(sound), budget)
        if storage is None:
            storage = read_stream(region, STORAGES, budget, sound)
        if not isinstance(storage, Storage):
            raise PickleRefused("holds something else where a tensor storage should be.")
        return storage

    return load


def _alone(region: Region, at: int, budget: Budget) -> Storage | None:
    """What :func:`read_stream` gives for a stream of one storage as torch writes it, else None."""
    length = min(_ALONE_LONGEST, region.count - at)
    found = _ALONE.match(region.slice(at, length).read())
    if found is None or len(found["key"]) != found["letters"][0]:
        return None
    dtype = DTYPES.get(found["type"].decode())
    count = int.from_bytes(found["count"], "little")
    declared = found["byte"] or found["two"] or found["four"]
    if dtype is None or count != int.from_bytes(declared, "little") or count >= _TOO_MANY:
        return None
    elements = at + found.end()
    if region.count - elements != count * dtype.itemsize:
        return None
    budget.steps -= _ALONE_STEPS
    return Storage(dtype, count, region.slice(elements, region.count - elements))


def _beginning(region: Region, budget: Budget) -> bytes:
    """The bytes of a stream's first three pickles, which say that it is one of this machine's."""
    at = region.at
    for place in (1, 2, 3):
        value, at = run_pickle(region.source, at, region.end, _NOTHING, budget)
        _check(place, value)
    return region.slice(0, at - region.at).read()


def _check(place: int, value: Any) -> None:
    if value != {1: MAGIC, 2: VERSION}.get(place, value):
        raise PickleRefused("holds no stream of torch where one should be.")
    if place == 3 and (not isinstance(value, dict) or value.get("little_endian") is not True):
        raise PickleRefused("was written by a big-endian machine, which this program cannot read.")


def _place(storage: Storage, region: Region, at: int) -> int:
    """Say where a storage's elements are; gives where the next one begins."""
    offset = at - region.at
    count = int.from_bytes(region.slice(offset, _COUNT).read(), "little")
    if count != storage.count:
        raise PickleRefused("declares a tensor of another size than it holds.")
    elements = region.slice(offset + _COUNT, count * storage.item)
    storage.settle(elements)
    return elements.end
