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
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from torch import Tensor

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import empty_generator
from latent_studio.storage.model_facts import Naming, broken, called
from latent_studio.storage.tensor_file import DTYPES, raw_bytes

_HALF_MAX = 65504.0
_DIGEST_BYTES = 32
_MANY_BYTES = 8 << 20  # below it threads cost more than they save
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
        network = empty_generator(spec)
    except ModelError as error:
        said = f"{called(path)} cannot be used: {error.message}"
        raise ModelError(said, error.detail) from error
    expected = shapes_of(network.state_dict())
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
    return frozenset(name for name, _ in network.named_buffers())


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
    with hashing(spec, tensors) as result:
        return result()


@contextmanager
def hashing(spec: ModelSpec, tensors: Mapping[str, Tensor]) -> Iterator[Callable[[], str]]:
    """Work out the name of weights beside other work; the call waits for it.

    The tensors must not change meanwhile.
    """
    ordered = sorted(tensors.items())
    values = [tensor for _, tensor in ordered]

    def root(digests: Iterable[bytes]) -> str:
        whole = _start(spec)
        for (name, tensor), digest in zip(ordered, digests, strict=True):
            whole.update(_title(name, tensor))
            whole.update(digest)
        return whole.hexdigest()

    if sum(tensor.nbytes for tensor in values) < _MANY_BYTES:
        yield cache(lambda: root(map(_leaf, values)))
        return
    with ThreadPoolExecutor(min(_MAX_THREADS, os.cpu_count() or 1)) as pool:
        digests = pool.map(_leaf, values)
        yield cache(lambda: root(digests))


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
