"""The weights of a model: whether they fit their network, how they are shortened, their name.

The name of weights is a SHA-256 of the architecture, its config and each tensor. Files hold it as
``sha256`` and say how it was made:

``tree``
    over the BLAKE2b digests of the tensors, which are worked out on several processors at once;
``flat``
    (files that say nothing) over all bytes, one after the other.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from torch import Tensor

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import layout
from latent_studio.storage.model_facts import Naming, broken, called
from latent_studio.storage.tensor_file import DTYPES, raw_bytes

_HALF_MAX = 65504.0
_DIGEST_BYTES = 32
_MUCH_BYTES = 1 << 18  # of a tensor; below it a thread costs more than it saves
_MAX_THREADS = 4


def check_fits(
    spec: ModelSpec, shapes: Mapping[str, tuple[int, ...]], path: Path | None
) -> frozenset[str]:
    """Compare shapes with an empty network (no memory is taken); returns the buffers' names.

    Raises
    ------
    ModelError
        If the network cannot be built, or a tensor is missing, too many or of another shape.
    """
    try:
        known = layout(spec)
    except ModelError as error:
        said = f"{called(path)} cannot be used: {error.message}"
        raise ModelError(said, error.detail) from error
    expected = known.shapes
    if shapes.keys() != expected.keys():
        missing, extra = sorted(expected.keys() - shapes.keys()), sorted(shapes.keys() - expected)
        said = f"lacks {missing[0]}" if missing else f"has {extra[0]} too many"
        raise broken(path, f"its weights do not fit its {spec.architecture} network ({said})")
    for name, shape in expected.items():
        if tuple(shapes[name]) != shape:
            raise broken(
                path,
                f"its weights do not fit its {spec.architecture} network ({name} is "
                f"{list(shapes[name])} instead of {list(shape)})",
            )
    return known.buffers


def shapes_of(tensors: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def halved(tensor: Tensor) -> Tensor:
    """In float16, if that can hold it."""
    if not tensor.is_floating_point() or tensor.element_size() <= 2 or tensor.numel() == 0:
        return tensor
    return tensor.half() if float(tensor.abs().max()) <= _HALF_MAX else tensor


def widened(tensor: Tensor) -> Tensor:
    return tensor.float() if tensor.is_floating_point() else tensor


def weights_hash(spec: ModelSpec, tensors: Mapping[str, Tensor], naming: Naming = "tree") -> str:
    """SHA-256 (hex) that names weights: of the architecture, its config and the tensors."""
    if naming == "flat":
        return _flat_hash(spec, tensors)
    with TensorDigests() as digests:
        for tensor in tensors.values():
            digests.begin(tensor)
        return digests.name(spec, tensors)


class TensorDigests:
    """The digests of tensors, worked out on other processors from when a tensor is known.

    To be closed (``with``). A tensor that was begun is kept and must not change.
    """

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._begun: dict[_Key, tuple[Tensor, Future[bytes]]] = {}

    def __enter__(self) -> "TensorDigests":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, tensor: Tensor) -> None:
        """Have the digest of a tensor worked out, if that is worth another thread."""
        key = _key(tensor)
        if tensor.nbytes < _MUCH_BYTES or key in self._begun:
            return
        if self._pool is None:
            others = max(1, (os.cpu_count() or 1) - 1)  # this thread has work of its own
            self._pool = ThreadPoolExecutor(min(_MAX_THREADS, others))
        self._begun[key] = tensor, self._pool.submit(_leaf, tensor)

    def name(self, spec: ModelSpec, tensors: Mapping[str, Tensor]) -> str:
        """The SHA-256 (hex) of weights; helps with the digests that are not there yet."""
        ordered = sorted(tensors.items())
        digests = {name: self._digest(tensor) for name, tensor in reversed(ordered)}
        whole = _start(spec)
        for name, tensor in ordered:
            whole.update(_title(name, tensor))
            whole.update(digests[name])
        return whole.hexdigest()

    def close(self) -> None:
        """Drop what was begun."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
        self._begun.clear()

    def _digest(self, tensor: Tensor) -> bytes:
        _, begun = self._begun.get(_key(tensor), (tensor, None))
        if begun is None or begun.cancel():  # nobody has come to it yet
            return _leaf(tensor)
        return begun.result()


_Key = tuple[object, ...]


def _key(tensor: Tensor) -> _Key:
    """Two tensors of one key, both alive, have the same bytes."""
    place = tensor.device, tensor.data_ptr()
    return *place, tensor.dtype, tuple(tensor.shape), tensor.stride()


def _flat_hash(spec: ModelSpec, tensors: Mapping[str, Tensor]) -> str:
    digest = _start(spec)
    for name, tensor in sorted(tensors.items()):
        digest.update(_title(name, tensor))
        for piece in raw_bytes(tensor):
            digest.update(piece)
    return digest.hexdigest()


def _start(spec: ModelSpec) -> "hashlib._Hash":
    return hashlib.sha256(json.dumps(spec.to_json(), sort_keys=True).encode("utf-8"))


def _title(name: str, tensor: Tensor) -> bytes:
    return f"{name} {DTYPES[tensor.dtype]} {list(tensor.shape)}".encode()


def _leaf(tensor: Tensor) -> bytes:
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for piece in raw_bytes(tensor):
        digest.update(piece)
    return digest.digest()
