"""The zip file that ``torch.save`` writes: a pickle in a folder, and its storages beside it."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from latent_studio.data.pickle_rules import Budget, Dialect
from latent_studio.data.pickle_values import Names, PickleRefused
from latent_studio.data.safe_pickle import run_pickle
from latent_studio.storage.foreign.regions import Bytes
from latent_studio.storage.foreign.stand_ins import storage_of
from latent_studio.storage.foreign.tensors import Storage
from latent_studio.storage.foreign.unknown import UnknownContainer
from latent_studio.storage.foreign.zip_parts import zip_entries

_MAX_PICKLE = 64 << 20  # it holds no tensors
_SCRIPT = re.compile(r"[^/]+/(constants\.pkl|code/.*)", re.DOTALL)


def read_zip(path: Path, source: Bytes, names: Names, budget: Budget) -> Any:
    """The value of a file that ``torch.save`` wrote: ``<folder>/data.pkl`` and its storages.

    To be called within :func:`~latent_studio.data.safe_pickle.refusing`.

    Raises
    ------
    UnknownContainer
        If it is another zip file, or a program.
    """
    found = zip_entries(source)
    folder, entries = _folder(path, found.names), found.stored
    if found.packed:
        raise PickleRefused("has compressed or encrypted entries, as torch never writes them.")
    pickle = entries[f"{folder}data.pkl"]
    order = entries.get(f"{folder}byteorder")
    if pickle.count > _MAX_PICKLE:
        raise PickleRefused("has a longer pickle than this program reads.")
    if order is not None and order.slice(0, min(order.count, 16)).read().strip() != b"little":
        raise PickleRefused("was written by a big-endian machine, which this program cannot read.")
    known: dict[str, Storage] = {}

    def refer(key: Any) -> Storage:
        storage, name, _ = storage_of(key)
        region = entries.get(f"{folder}data/{name}")
        if region is None:
            raise PickleRefused("refers to a tensor that is not in it.")
        storage.settle(region)
        return known.setdefault(f"{name} {storage.dtype} {storage.count}", storage)

    return run_pickle(pickle.source, pickle.at, pickle.end, Dialect(names, refer), budget)[0]


def _folder(path: Path, names: Sequence[str]) -> str:
    """The folder of the pickle, with a slash.

    Raises
    ------
    UnknownContainer
        If there is none, or code beside it: compressed entries have not been refused by then, as
        torch compresses the code.
    """
    pickles = [name for name in names if name.count("/") == 1 and name.endswith("/data.pkl")]
    if pickles and any(map(_SCRIPT.fullmatch, names)):
        raise UnknownContainer(
            f"{path} is a TorchScript program, which is code and not data. Save the network's "
            "state_dict() instead."
        )
    if len(pickles) != 1:
        raise UnknownContainer(f"{path} is {_kind(names)}, no model that this program reads.")
    return pickles[0].removesuffix("data.pkl")


def _kind(names: Sequence[str]) -> str:
    """What a zip file without a pickle of torch's seems to be."""
    if names and all(name.endswith(".npy") for name in names):
        return f"a NumPy archive (.npz with {names[0]!r:.60}, …)"
    some = f" ({names[0]!r:.60}, …)" if names else ""
    return f"a zip archive{some}, to be unpacked first"
