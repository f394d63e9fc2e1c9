"""The full state of a training in one file, without pickle.

A state is nested dicts, lists and tuples that hold tensors, numpy arrays, numbers, strings,
bytes, booleans and None. Tensors become the tensors of a safetensors file; the rest becomes JSON
beside them, with a small tag where JSON has no word (``{"$float": "nan"}``, ``{"$tensor": "7"}``).
What comes back is equal to the bit.
"""

import base64
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from latent_studio.errors import RunError
from latent_studio.events import Emit, Notice, ignore
from latent_studio.storage import atomic
from latent_studio.storage.tensor_file import (
    DTYPES,
    DamagedFileError,
    read_tensors,
    read_tensors_header,
    write_tensors,
)

CHECKPOINT_KEY = "latent_studio_checkpoint"
CHECKPOINT_VERSION = 1


def previous_path(path: Path) -> Path:
    """Where the checkpoint before ``path`` is kept."""
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def save_checkpoint(path: str | Path, state: Mapping[str, Any]) -> None:
    """Write ``state`` atomically; the checkpoint that was there becomes the previous one.

    Raises
    ------
    RunError
        If it cannot be written; what was there before is still there.
    TypeError
        If ``state`` holds something that has no place in a checkpoint.
    """
    path = Path(path)
    tensors: dict[str, Tensor] = {}
    text = json.dumps(_encode(dict(state), tensors, "state"), allow_nan=False)
    metadata = {CHECKPOINT_KEY: text, "version": str(CHECKPOINT_VERSION)}
    with atomic.atomic_path(path, error=RunError) as temporary:
        with temporary.open("wb") as file:
            write_tensors(file, tensors, metadata)
        atomic.fsync_file(temporary)
        if _looks_whole(path):
            atomic.replace(path, previous_path(path))


def load_checkpoint(path: str | Path, *, emit: Emit = ignore) -> dict[str, Any]:
    """Read the checkpoint at ``path``, or the previous one where that is damaged or missing.

    Parameters
    ----------
    emit
        Receives a warning :class:`~latent_studio.events.Notice` when the previous one is used.

    Raises
    ------
    RunError
        If neither can be read.
    """
    path = Path(path)
    try:
        return _read(path)
    except _UnusableError as newest:
        try:
            state = _read(previous_path(path))
        except _UnusableError:
            said = f"There is nothing to resume: {newest}. Start the run anew."
            raise RunError(said, newest.detail) from newest
        text = str(newest)
        said = f"{text[0].upper()}{text[1:]}. The one before it is used."
        emit(Notice("warning", said, newest.detail))
        return state


def has_checkpoint(path: str | Path) -> bool:
    """Whether there is something to resume from."""
    return Path(path).is_file() or previous_path(Path(path)).is_file()


class _UnusableError(Exception):
    """The text is a clause that says why."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.detail = detail


def _read(path: Path) -> dict[str, Any]:
    try:
        metadata, tensors = read_tensors(path)
        version = metadata.get("version")
        if version != str(CHECKPOINT_VERSION):
            raise _UnusableError(
                f"the checkpoint {path} has version {version}, while this Latent Studio reads "
                f"{CHECKPOINT_VERSION}"
            )
        state = _decode(json.loads(metadata[CHECKPOINT_KEY]), tensors)
        if not isinstance(state, dict):
            raise ValueError("not a dict")
    except FileNotFoundError as error:
        raise _UnusableError(f"the checkpoint {path} is not there") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise _UnusableError(f"the checkpoint {path} cannot be read ({reason})") from error
    except (DamagedFileError, ValueError, KeyError, TypeError, IndexError) as error:
        reason = str(error) if isinstance(error, DamagedFileError) else "its contents are damaged"
        raise _UnusableError(f"the checkpoint {path} is no use: {reason}", repr(error)) from error
    return state


def _looks_whole(path: Path) -> bool:
    """A damaged file must not push the last good one out."""
    try:
        metadata, _ = read_tensors_header(path)
    except (OSError, DamagedFileError):
        return False
    return CHECKPOINT_KEY in metadata


def _encode(value: Any, tensors: dict[str, Tensor], where: str) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if np.isfinite(value) else {"$float": repr(float(value))}
    if isinstance(value, Tensor):
        return {"$tensor": _store(value, tensors, where)}
    if isinstance(value, np.ndarray):
        return _encode_array(value, tensors, where)
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode("ascii")}
    if isinstance(value, Mapping):
        return _encode_mapping(value, tensors, where)
    if isinstance(value, list | tuple):
        items = [_encode(v, tensors, f"{where}[{i}]") for i, v in enumerate(value)]
        return items if isinstance(value, list) else {"$tuple": items}
    raise TypeError(f"{where} is a {type(value).__name__}, which a checkpoint cannot hold")


def _store(tensor: Tensor, tensors: dict[str, Tensor], where: str) -> str:
    if tensor.dtype not in DTYPES:
        raise TypeError(f"{where} is a tensor of {tensor.dtype}, which a checkpoint cannot hold")
    name = str(len(tensors))
    tensors[name] = tensor
    return name


def _encode_array(array: np.ndarray, tensors: dict[str, Tensor], where: str) -> dict[str, Any]:
    if array.dtype.hasobject or array.dtype.kind not in "biufc":
        raise TypeError(f"{where} is an array of {array.dtype}, which a checkpoint cannot hold")
    raw = np.frombuffer(array.tobytes(), dtype=np.uint8).copy()
    name = _store(torch.from_numpy(raw), tensors, where)
    return {"$array": name, "dtype": array.dtype.str, "shape": list(array.shape)}


def _encode_mapping(value: Mapping[Any, Any], tensors: dict[str, Tensor], where: str) -> Any:
    for key in value:
        if isinstance(key, bool) or not isinstance(key, str | int):
            raise TypeError(f"{where} has the key {key!r}; keys are strings or integers")
    encoded = [(key, _encode(v, tensors, f"{where}.{key}")) for key, v in value.items()]
    if all(isinstance(key, str) and not key.startswith("$") for key in value):
        return dict(encoded)
    return {"$dict": [[key, entry] for key, entry in encoded]}


def _decode(value: Any, tensors: Mapping[str, Tensor]) -> Any:
    if isinstance(value, list):
        return [_decode(entry, tensors) for entry in value]
    if not isinstance(value, dict):
        return value
    tag = next(iter(value), "")
    if not tag.startswith("$"):
        return {key: _decode(entry, tensors) for key, entry in value.items()}
    content = value[tag]
    if tag == "$tensor":
        return tensors[content]
    if tag == "$float":
        return float(content)
    if tag == "$tuple":
        return tuple(_decode(entry, tensors) for entry in content)
    if tag == "$dict":
        return {key: _decode(entry, tensors) for key, entry in content}
    if tag == "$bytes":
        return base64.b64decode(content, validate=True)
    if tag == "$array":
        raw = tensors[content].numpy().tobytes()
        return np.frombuffer(raw, np.dtype(value["dtype"])).reshape(value["shape"]).copy()
    raise ValueError(f"unknown tag {tag}")
