"""A network object of NVIDIA's pickles as a state dict and the layers' attributes."""

from collections.abc import Mapping, Sequence
from typing import Any

from latent_studio.errors import ModelError
from latent_studio.storage.foreign.stand_ins import Record
from latent_studio.storage.foreign.tensors import StoredTensor

_MAX_MODULES = 5_000
_MAX_TENSORS = 20_000
_MAX_DEPTH = 16
_GENERATOR_PLACES: Sequence[str] = ("z_dim", "c_dim", "w_dim", "img_resolution", "img_channels")
_DISCRIMINATOR_PLACES: Sequence[str] = ("c_dim", "img_resolution", "img_channels")


class ModuleTree:
    """The tensors and layers below a network object.

    Attributes
    ----------
    tensors
        By their names in the state dict.
    modules
        Records by their path; the network itself is the empty path.
    """

    def __init__(self, root: Record) -> None:
        self.root = root
        self.tensors: dict[str, StoredTensor] = {}
        self.modules: dict[str, Record] = {}
        self._walk(root, "", 0)

    @property
    def arguments(self) -> dict[str, Any]:
        """What the network was built with; those given by place have their usual names."""
        places = self.root.state.get("_init_args")
        judge = self.root.kind == "Discriminator"
        names = _DISCRIMINATOR_PLACES if judge else _GENERATOR_PLACES
        by_place = dict(zip(names, places, strict=False)) if isinstance(places, tuple) else {}
        return {**by_place, **self.root.mapping("_init_kwargs")}

    def _walk(self, record: Record, path: str, depth: int) -> None:
        if len(self.modules) >= _MAX_MODULES or depth > _MAX_DEPTH:
            raise ModelError("Its network has more or deeper layers than this program reads.")
        self.modules[path] = record
        prefix = f"{path}." if path else ""
        passing = record.state.get("_non_persistent_buffers_set")
        passing = passing if isinstance(passing, set) else set()
        self._take(record.mapping("_parameters"), prefix, set())
        self._take(record.mapping("_buffers"), prefix, passing)
        for name, child in record.mapping("_modules").items():
            if isinstance(child, Record) and isinstance(name, str):
                self._walk(child, prefix + name, depth + 1)

    def _take(self, found: Mapping[Any, Any], prefix: str, passing: set[Any]) -> None:
        for name, value in found.items():
            if isinstance(value, StoredTensor) and isinstance(name, str) and name not in passing:
                self.tensors[prefix + name] = value
        if len(self.tensors) > _MAX_TENSORS:
            raise ModelError("Its network has more tensors than this program reads.")
