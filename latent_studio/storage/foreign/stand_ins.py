"""What the names in checkpoints stand for: inert records, dictionaries and tensors in the file.

Nothing here imports, compiles or calls what a file names. A network object of NVIDIA's pickles
carries the source text of its class, which their loader executes; here that text is not even kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from latent_studio.data.pickle_values import (
    BUILTINS,
    NUMPY,
    PLAIN_KEYS,
    Built,
    Global,
    Names,
    PickleRefused,
    empty_bytes,
    encode,
    no_call,
    number_type,
    plain_set,
    scalar,
)
from latent_studio.storage.foreign.tensors import Storage, StoredArray, StoredTensor, array_tensor

DTYPES: Mapping[str, torch.dtype] = {
    "Float": torch.float32,
    "Double": torch.float64,
    "Half": torch.float16,
    "BFloat16": torch.bfloat16,
    "Long": torch.int64,
    "Int": torch.int32,
    "Short": torch.int16,
    "Char": torch.int8,
    "Byte": torch.uint8,
    "Bool": torch.bool,
}
_NAMED_DTYPES: Mapping[str, torch.dtype] = {
    str(dtype).removeprefix("torch."): dtype for dtype in DTYPES.values()
}


class Attributes(dict[Any, Any], Built):
    """A dictionary of a class of its own; what else such an object carries is dropped."""

    def build(self, state: Any) -> None:
        """State that is a dictionary is what the class keeps beside the items."""


@dataclass(eq=False)
class Record(Built):
    """An object of a class that is known by name: its attributes and nothing else.

    Attributes
    ----------
    kind
        The class's name in the file, without its module.
    state
        Attributes by name.
    embedded
        Whether source text of the class lay beside it.
    """

    kind: str
    state: Mapping[Any, Any] = field(default_factory=dict)
    embedded: bool = False

    def build(self, state: Any) -> None:
        if not isinstance(state, dict):
            raise PickleRefused(f"holds a {self.kind} in an unusual form.")
        self.state = state

    def mapping(self, name: str) -> Mapping[Any, Any]:
        """The attribute if it is a dictionary, else an empty one."""
        value = self.state.get(name)
        return value if isinstance(value, dict) else {}


def _persistent(meta: Any = None, *rest: Any) -> Record:
    """NVIDIA's ``torch_utils.persistence``: the dictionary has the class's name and the state."""
    if not isinstance(meta, dict) or rest:
        raise PickleRefused("holds a persistent object in an unusual form.")
    name, state = meta.get("class_name"), meta.get("state")
    if not isinstance(name, str) or not isinstance(state, dict) or meta.get("type") != "class":
        raise PickleRefused("holds a persistent object in an unusual form.")
    return Record(name[:80], state, "module_src" in meta)


def _record(kind: str) -> Callable[..., Record]:
    def make(*arguments: Any) -> Record:
        if arguments:
            raise PickleRefused(f"makes a {kind} in an unusual way.")
        return Record(kind)

    return make


def _attributes(*pairs: Any) -> Attributes:
    """Empty, or from one list of pairs as Python 2 writes an ``OrderedDict``."""
    made = Attributes()
    for pair in pairs[0] if pairs and isinstance(pairs[0], list) else pairs:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise PickleRefused("holds a dictionary of an unusual form.")
        if not isinstance(pair[0], PLAIN_KEYS):
            raise PickleRefused("holds a dictionary with keys of an unusual kind.")
        made[pair[0]] = pair[1]
    return made


def _tensor(storage: Any, offset: Any, shape: Any, stride: Any, *_: Any) -> StoredTensor:
    if not isinstance(storage, Storage):
        raise PickleRefused("holds a tensor without a storage.")
    return storage.tensor(offset, shape, stride)


def _tensor_v3(
    storage: Any, offset: Any, shape: Any, stride: Any, _grad: Any, _hooks: Any, kind: Any, *_: Any
) -> StoredTensor:
    """A tensor whose storage has bytes and no type."""
    dtype = _NAMED_DTYPES.get(kind.attribute) if isinstance(kind, Global) else None
    if not isinstance(storage, Storage) or dtype is None:
        raise PickleRefused("holds a tensor of an unusual type.")
    typed = Storage(dtype, storage.count * storage.item // dtype.itemsize, storage.region)
    return typed.tensor(offset, shape, stride)


def _parameter(tensor: Any, *_: Any) -> StoredTensor:
    if not isinstance(tensor, StoredTensor):
        raise PickleRefused("holds a parameter that is no tensor.")
    return tensor


def _array(kind: Any, *_: Any) -> StoredArray:
    if kind != Global("numpy", "ndarray"):
        raise PickleRefused("holds an array of an unusual class.")
    return StoredArray()


def _array_of(raw: Any, kind: Any, shape: Any, order: Any = "C") -> StoredTensor:
    return array_tensor(raw, kind, shape, order == "F")


def _shape(sides: Any = (), *_: Any) -> Any:
    if not isinstance(sides, tuple):
        raise PickleRefused("holds a size of an unusual form.")
    return sides


def _device(name: Any = "cpu", index: Any = None) -> str:
    return f"{name:.20}" if isinstance(name, str) else "cpu"


def _path(*parts: Any) -> str:
    if not all(isinstance(part, str) for part in parts):
        raise PickleRefused("holds a path of an unusual form.")
    return "/".join(parts)


_NUMBERS: Names = {
    ("numpy", "dtype"): number_type,
    ("numpy", "ndarray"): no_call,
    **{(f"{core}.multiarray", "_reconstruct"): _array for core in NUMPY},
    **{(f"{core}.multiarray", "scalar"): scalar for core in NUMPY},
    **{(f"{core}.numeric", "_frombuffer"): _array_of for core in NUMPY},
}
STORAGES: Names = {
    **{
        (module, f"{name}Storage"): no_call
        for module in ("torch", "torch.cuda", "torch.storage")
        for name in (*DTYPES, "Untyped")
    },
}
# Whoever reads storages by persistent ids needs these.
TENSORS: Names = {
    **STORAGES,
    ("torch._utils", "_rebuild_tensor"): _tensor,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_tensor_v3"): _tensor_v3,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch._utils", "_rebuild_parameter_with_state"): _parameter,
    ("torch", "Size"): _shape,
    ("torch", "device"): _device,
    **{("torch", name): no_call for name in _NAMED_DTYPES},
}
# Plain bags of attributes, by the modules that they are known to come from.
_BAGS = (
    ("argparse", "Namespace"),
    ("types", "SimpleNamespace"),
    ("models.utils.config", "BaseConfig"),
    ("dnnlib.tflib.network", "Network"),
    ("tfutil", "Network"),
)
VALUES: Names = {
    **_NUMBERS,
    ("_codecs", "encode"): encode,
    ("collections", "OrderedDict"): _attributes,
    ("dnnlib.util", "EasyDict"): _attributes,
    ("dnnlib", "EasyDict"): _attributes,
    ("easydict", "EasyDict"): _attributes,
    ("torch_utils.persistence", "_reconstruct_persistent_obj"): _persistent,
    **{bag: _record(bag[1]) for bag in _BAGS},
    **{(module, "set"): plain_set for module in BUILTINS},
    **{(module, "bytes"): empty_bytes for module in BUILTINS},
    **{
        ("pathlib", name): _path
        for name in ("Path", "PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath")
    },
}


def storage_of(key: Any) -> tuple[Storage, str, Any]:
    """The storage that a persistent id declares, its key, and which piece of another it is.

    Raises
    ------
    PickleRefused
        If it declares none.
    """
    usual = isinstance(key, tuple) and 5 <= len(key) <= 6
    if not usual or not isinstance(key[0], str | bytes) or key[0] not in ("storage", b"storage"):
        raise PickleRefused("refers to something that is no tensor storage.")
    kind, name, count = key[1], key[2], key[4]
    if not isinstance(kind, Global) or not isinstance(name, str) or not isinstance(count, int):
        raise PickleRefused("refers to a tensor storage in an unusual form.")
    prefix = kind.attribute.removesuffix("Storage")
    dtype = torch.uint8 if prefix == "Untyped" else DTYPES.get(prefix)
    if dtype is None or count < 0:
        raise PickleRefused("refers to a tensor storage of an unusual type.")
    return Storage(dtype, count), name, key[5] if len(key) == 6 else None
