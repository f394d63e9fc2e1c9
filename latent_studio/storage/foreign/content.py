"""Whatever a checkpoint file holds, as plain values, records and tensors that are still in it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from latent_studio.data.pickle_rules import Budget, Dialect
from latent_studio.data.pickle_values import CodeRefused, Names, PickleRefused
from latent_studio.data.safe_pickle import refusing, run_pickle
from latent_studio.errors import ModelError
from latent_studio.storage.foreign.regions import OpenFile, Region
from latent_studio.storage.foreign.stand_ins import TENSORS, VALUES
from latent_studio.storage.foreign.tensors import Storage, StoredTensor, row_strides
from latent_studio.storage.foreign.torch_stream import MAGIC, load_from_bytes, read_stream
from latent_studio.storage.foreign.torch_zip import read_zip
from latent_studio.storage.foreign.unknown import UnknownContainer
from latent_studio.storage.kinds import LOOKED_AT, kind_of
from latent_studio.storage.tensor_file import DTYPES as SAFE_DTYPES
from latent_studio.storage.tensor_file import (
    DamagedFileError,
    is_tensor_file,
    read_tensors_header,
)

MAX_STEPS = 500_000
MAX_MEMORY = 256 << 20
_MAX_JSON = 1 << 20
_PICKLES = tuple(bytes([0x80, protocol]) for protocol in range(2, 6))
# What pickles of protocols 0 and 1 may begin with.
_OLD_PICKLES = tuple(bytes([opcode]) for opcode in b"(c]}l")
_STOP = b"."  # the last byte of any pickle
# How torch's old stream begins: protocol 2 and the magic number as a long of ten bytes.
_STREAM = b"\x80\x02\x8a\x0a" + MAGIC.to_bytes(10, "little")
_NAMES: Names = {**VALUES, **TENSORS}


@dataclass(frozen=True, eq=False)
class Content:
    """What a file holds.

    Attributes
    ----------
    container
        What kind of file it is, for people.
    value
        Dictionaries, lists, records, numbers, texts and :class:`StoredTensor`.
    config
        The JSON that lies beside it (``config.json``), if any.
    """

    path: Path
    container: str
    value: Any
    size: int
    config: Mapping[str, Any] = field(default_factory=dict)


@contextmanager
def open_content(path: Path) -> Iterator[Content]:
    """Read what a file holds, but for the tensors: those can be loaded while it is open.

    Raises
    ------
    ModelError
        If it holds anything but data, is damaged, or asks for too much.
    """
    try:
        size = path.stat().st_size
        with path.open("rb", buffering=0) as file, _as_model_error(path):
            yield _read(path, file, size)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ModelError(f"{path} cannot be read: {reason}. Check its permissions.") from error


@contextmanager
def _as_model_error(path: Path) -> Iterator[None]:
    """Errors of the reader are errors of the model."""
    try:
        with refusing(str(path)):
            yield
    except ModelError:
        raise
    except PickleRefused as error:
        kind = UnknownContainer if isinstance(error, CodeRefused) else ModelError
        raise kind(error.message, error.detail) from error


def _read(path: Path, file: BinaryIO, size: int) -> Content:
    source = OpenFile(file, size)
    start = bytes(source.read(0, min(LOOKED_AT, size)))
    budget = Budget(MAX_STEPS, MAX_MEMORY)
    whole = Region(source, 0, size)
    if is_tensor_file(start):
        return Content(path, "safetensors file", *_safetensors(path, whole), _config_beside(path))
    if start.startswith(b"PK\x03\x04"):
        value = read_zip(path, source, _NAMES, budget)
        return Content(path, "PyTorch file", value, size, _config_beside(path))
    if start.startswith(_STREAM):
        value = read_stream(whole, _NAMES, budget)
        return Content(path, "PyTorch file of the old kind", value, size, _config_beside(path))
    if start.startswith(_PICKLES):
        return Content(path, "Python pickle", _pickle_value(whole, budget), size)
    if start[:1] in _OLD_PICKLES and source.read(size - 1, 1) == _STOP:
        # Maybe a text: only what names code is told of.
        with suppress(ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            return Content(path, "Python pickle", _pickle_value(whole, budget), size)
    known = kind_of(start) if start else "empty"
    found = known or f"of an unknown kind (it begins with the bytes {start[:8].hex(' ')})"
    raise UnknownContainer(f"{path} is {found}, no model that this program reads.")


def _pickle_value(region: Region, budget: Budget) -> Any:
    names = {**_NAMES, ("torch.storage", "_load_from_bytes"): load_from_bytes(budget)}
    value, _ = run_pickle(region.source, region.at, region.end, Dialect(names), budget)
    return value


def _safetensors(path: Path, whole: Region) -> tuple[Any, int]:
    """The tensors of a safetensors file by name, and its size."""
    dtypes = {name: dtype for dtype, name in SAFE_DTYPES.items()}
    try:
        _, entries = read_tensors_header(path)
    except DamagedFileError as error:
        raise PickleRefused(f"is no sound safetensors file: {error}.") from error
    length = int.from_bytes(whole.slice(0, 8).read(), "little")
    header = json.loads(whole.slice(8, length).read())
    tensors: dict[str, StoredTensor] = {}
    for name, (kind, shape) in entries.items():
        if kind not in dtypes:
            raise PickleRefused(f"holds a tensor of the type {kind:.20}, which is unknown here.")
        begin, end = header[name]["data_offsets"]
        region = whole.slice(8 + length + begin, end - begin)
        storage = Storage(dtypes[kind], region.count // dtypes[kind].itemsize)
        storage.settle(region)
        tensors[name] = storage.tensor(0, shape, row_strides(shape))
    return tensors, whole.count


def _config_beside(path: Path) -> dict[str, Any]:
    """``config.json`` in the same folder, where published models have their settings."""
    try:
        file = path.with_name("config.json")
        if not file.is_file() or file.stat().st_size > _MAX_JSON:
            return {}
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
