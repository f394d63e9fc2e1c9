"""Tensors and text in one ``.safetensors`` file, written piece by piece.

The format is the open one of https://github.com/huggingface/safetensors: a header length (uint64,
little endian), a JSON header, raw tensors. Writing is done here rather than by the library so that
nothing is copied, the operating system's errors stay what they are, and a checksum of the data
goes into the header, which is written again at the end: the file is gone through once. Reading is
the library's, which checks every offset; each tensor is copied out so that no mapping keeps the
file busy (Windows could not replace it then).
"""

import json
import os
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from latent_studio.storage.kinds import kind_of

DTYPES: dict[torch.dtype, str] = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.int16: "I16",
    torch.int8: "I8",
    torch.uint8: "U8",
    torch.uint16: "U16",
    torch.uint32: "U32",
    torch.uint64: "U64",
    torch.bool: "BOOL",
}
CHECKSUM_KEY = "crc32"
_MAX_HEADER = 100_000_000  # the library's own limit
_MUCH = 1 << 24  # bytes from which a second thread is worth its start
_CHUNK = 1 << 20  # stays in the processor's cache between checksum and writing
_READS = 5


class DamagedFileError(Exception):
    """The file is not what it should be; the text says how."""


def write_tensors(
    file: BinaryIO,
    tensors: Mapping[str, Tensor],
    metadata: Mapping[str, str],
    final: Callable[[], Mapping[str, str]] | None = None,
) -> None:
    """Write a safetensors file to an open binary ``file`` that can seek.

    Parameters
    ----------
    tensors
        On any device.
    final
        Asked for the metadata when all tensors are written, if some of it is known then only. It
        has the length of ``metadata``.
    """
    offset = 0
    entries: dict[str, Any] = {}
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        entries[name] = {
            "dtype": DTYPES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [offset, offset + size],
        }
        offset += size
    start = file.tell()
    header = _header(entries, metadata, 0)
    file.write(header)
    checksum = _write_data(file, list(tensors.values()))
    known = _header(entries, metadata if final is None else final(), checksum)
    if len(known) != len(header):
        raise ValueError("metadata of another length")
    file.seek(start)
    file.write(known)
    file.seek(0, os.SEEK_END)


def _write_data(file: BinaryIO, tensors: Sequence[Tensor]) -> int:
    """Write all tensors; returns their checksum, of much data worked out beside the writing."""
    here = all(tensor.device.type == "cpu" for tensor in tensors)
    if here and sum(tensor.nbytes for tensor in tensors) >= _MUCH:
        with ThreadPoolExecutor(1) as beside:
            checksum = beside.submit(_checksum, tensors)
            for tensor in tensors:
                for piece in raw_bytes(tensor):
                    file.write(piece)
            file.flush()
            os.fsync(file.fileno())  # the disk works while the processor still counts and hashes
            return checksum.result()
    value = 0
    for tensor in tensors:
        for piece in raw_bytes(tensor):
            value = zlib.crc32(piece, value)
            file.write(piece)
    return value


def _checksum(tensors: Sequence[Tensor]) -> int:
    value = 0
    for tensor in tensors:
        for piece in raw_bytes(tensor):
            value = zlib.crc32(piece, value)
    return value


def _header(entries: Mapping[str, Any], metadata: Mapping[str, str], checksum: int) -> bytes:
    """Length and JSON; as long for one checksum as for another."""
    facts = {**entries, "__metadata__": {**metadata, CHECKSUM_KEY: f"{checksum:08x}"}}
    text = json.dumps(facts, ensure_ascii=True, allow_nan=False).encode("ascii")
    text += b" " * (-len(text) % 8)  # data starts aligned
    return struct.pack("<Q", len(text)) + text


def read_tensors_header(path: Path) -> tuple[dict[str, str], dict[str, tuple[str, list[int]]]]:
    """Metadata and ``name -> (dtype, shape)``, without reading the tensors.

    Raises
    ------
    DamagedFileError
        If this is no safetensors file, or its length is not what the header says.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = _header_length(file.read(9), size)
        file.seek(8)
        header = file.read(length)
    entries = _parse_header(header)
    metadata = entries.pop("__metadata__", {})
    try:
        end = max((entry["data_offsets"][1] for entry in entries.values()), default=0)
        shapes = {
            name: (str(entry["dtype"]), [int(n) for n in entry["shape"]])
            for name, entry in entries.items()
        }
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise DamagedFileError("its header is damaged") from error
    if size != 8 + length + end:
        missing = 8 + length + end - size
        raise DamagedFileError(
            f"it is cut short, {missing} bytes are missing"
            if missing > 0
            else f"it has {-missing} bytes too many"
        )
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise DamagedFileError("its header is damaged")
    return metadata, shapes


def read_tensors(path: Path, prefix: str = "") -> tuple[dict[str, str], dict[str, Tensor]]:
    """Metadata and the tensors whose name starts with ``prefix``, on the CPU.

    The checksum is compared when everything is read. A file that is replaced meanwhile (a
    checkpoint of a running training) is read again.

    Raises
    ------
    DamagedFileError
        If the file is not a whole safetensors file.
    OSError
        If it cannot be opened.
    """
    for _ in range(_READS):
        before = _identity(path)
        try:
            return _read_once(path, prefix)
        except DamagedFileError:
            if _identity(path) == before:
                raise
    raise DamagedFileError("it changes all the time")


def _read_once(path: Path, prefix: str) -> tuple[dict[str, str], dict[str, Tensor]]:
    metadata, _ = read_tensors_header(path)
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            # offset_keys where the library has it: the checksum runs in the order of the file
            names = getattr(file, "offset_keys", file.keys)()
            tensors = {n: file.get_tensor(n).clone() for n in names if n.startswith(prefix)}
    except SafetensorError as error:
        raise DamagedFileError(f"it is damaged ({error})") from error
    except RuntimeError as error:  # torch opens the file anew, and it may be gone by then
        raise DamagedFileError(f"it cannot be read ({error})") from error
    if not prefix and CHECKSUM_KEY in metadata:
        _check_sum(metadata[CHECKSUM_KEY], tensors)
    return metadata, tensors


def _identity(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, status.st_size


def raw_bytes(tensor: Tensor) -> Iterator[memoryview]:
    """The tensor's bytes in row order, in pieces."""
    if tensor.numel() == 0:  # may have strides that cannot be viewed as bytes
        return
    flat = tensor.detach().to("cpu").contiguous().reshape(-1).view(torch.uint8).numpy()
    for start in range(0, flat.size, _CHUNK):
        yield flat[start : start + _CHUNK].data


def _check_sum(expected: str, tensors: Mapping[str, Tensor]) -> None:
    if expected != f"{_checksum(list(tensors.values())):08x}":
        raise DamagedFileError("it is damaged, its checksum is wrong")


def _header_length(start: bytes, size: int) -> int:
    """The header's length from the first nine bytes: eight of length and a brace."""
    if size == 0:
        raise DamagedFileError("it is empty")
    if not is_tensor_file(start):
        raise DamagedFileError(f"it is {kind_of(start) or 'not a safetensors file'}")
    length = int.from_bytes(start[:8], "little")
    if 8 + length > size:
        raise DamagedFileError("it is cut short within its header")
    return length


def is_tensor_file(start: bytes) -> bool:
    """Whether a file with these first nine bytes or more is of this format, sound or not.

    To be asked before looking for magic numbers: the header's length may begin with any bytes,
    those of a pickle or a zip file among them, while theirs would be lengths beyond all bounds.
    """
    length = int.from_bytes(start[:8], "little")
    return start[8:9] == b"{" and 2 <= length <= _MAX_HEADER


def _parse_header(header: bytes) -> dict[str, Any]:
    try:
        entries = json.loads(header.decode("utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise DamagedFileError("it is not a safetensors file") from error
    if not isinstance(entries, dict):
        raise DamagedFileError("it is not a safetensors file")
    return entries
