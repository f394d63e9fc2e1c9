"""Writes files as other programs do: real pickles of stand-ins for their classes."""

import io
import json
import pickle
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

PARITY = Path(__file__).parents[2] / "fixtures" / "parity"
BUFFERS = ("noise_const", "resample_filter", "w_avg", "magnitude_ema", "up_filter", "down_filter")
BUFFERS += ("transform", "freqs", "phases")


class Fixture:
    """Arrays of a reference network and the calls that made them."""

    def __init__(self, name: str) -> None:
        self.info: dict[str, Any] = json.loads((PARITY / f"{name}.json").read_text("utf-8"))
        with np.load(PARITY / f"{name}.npz", allow_pickle=False) as arrays:
            self.arrays = {key: torch.from_numpy(arrays[key]) for key in arrays.files}

    def __getitem__(self, key: str) -> torch.Tensor:
        return self.arrays[key]

    def get(self, key: str | None) -> torch.Tensor | None:
        return None if key is None else self.arrays[key]

    @property
    def state(self) -> dict[str, torch.Tensor]:
        found = {k: v for k, v in self.arrays.items() if k.startswith("state/")}
        return {key.removeprefix("state/"): value for key, value in found.items()}

    def tolerance(self, output: str) -> float:
        stated = self.info.get("float32_vs_float64", {}).get(output, {}).get("max_abs", 0.0)
        return max(1e-4, 10 * float(stated))


class Writer:
    """Makes files; classes and functions go by the names that the real programs give them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch = monkeypatch
        self.function = self.named("torch_utils.persistence", "_reconstruct_persistent_obj")
        self.easy_dict = self.named("dnnlib.util", "EasyDict", type("EasyDict", (dict,), {}))
        self.network = self.named("dnnlib.tflib.network", "Network", type("Network", (), {}))

    def named(self, module: str, name: str, made: Any = None) -> Any:
        """Put ``made``, or a function that nobody may call, under a name of other programs."""

        def called(*_: Any) -> Any:
            raise AssertionError(f"{module}.{name} was called")

        made = called if made is None else made
        made.__module__, made.__qualname__, made.__name__ = module, name, name
        parts = module.split(".")
        for end in range(1, len(parts) + 1):
            full = ".".join(parts[:end])
            if full not in sys.modules:
                self._patch.setitem(sys.modules, full, types.ModuleType(full))
            if end > 1:
                parent = sys.modules[".".join(parts[: end - 1])]
                self._patch.setattr(parent, parts[end - 1], sys.modules[full], raising=False)
        self._patch.setattr(sys.modules[module], name, made, raising=False)
        return made

    def persistent(self, class_name: str, state: dict[str, Any]) -> Any:
        """An object as NVIDIA's programs save networks and layers."""
        meta = {
            "type": "class",
            "version": 6,
            "module_src": "raise AssertionError('source text was run')\n" * 20,
            "class_name": class_name,
            "state": state,
        }
        return Reduced(self.function, meta)

    def module(
        self,
        tensors: dict[str, torch.Tensor],
        class_name: str,
        arguments: dict[str, Any] | None = None,
        attributes: dict[str, dict[str, Any]] | None = None,
        path: str = "",
        positional: tuple[Any, ...] = (),
    ) -> Any:
        """A network of a state dict; ``attributes`` are those of layers by their paths."""
        own = {n: t for n, t in tensors.items() if "." not in n}
        children: dict[str, dict[str, torch.Tensor]] = {}
        for name, tensor in tensors.items():
            if "." in name:
                child, rest = name.split(".", 1)
                children.setdefault(child, {})[rest] = tensor
        state = {
            "training": False,
            "_parameters": {
                n: torch.nn.Parameter(t, requires_grad=False)
                for n, t in own.items()
                if n not in BUFFERS
            },
            "_buffers": {n: t for n, t in own.items() if n in BUFFERS} | {"nothing": None},
            "_non_persistent_buffers_set": set(),
            "_forward_hooks": {},
            "_modules": {
                name: self.module(
                    inside, "Layer", None, attributes, f"{path}.{name}" if path else name
                )
                for name, inside in children.items()
            },
            "_init_args": positional,
            "_init_kwargs": self.easy_dict(arguments or {}),
            **(attributes or {}).get(path, {}),
        }
        return self.persistent(class_name, state)

    def pickle(self, value: Any, protocol: int = 4, numpy_1: bool = False) -> bytes:
        data = pickle.dumps(value, protocol)
        if numpy_1:
            assert protocol < 4, "names have no lengths there"
            data = data.replace(b"cnumpy._core.", b"cnumpy.core.")
        return data


class Reduced:
    """Pickles as a call of ``function``."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> Any:
        return self.function, self.arguments


def torch_file(value: Any, old: bool = False) -> bytes:
    file = io.BytesIO()
    torch.save(value, file, _use_new_zipfile_serialization=not old)
    return file.getvalue()


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> Writer:
    return Writer(monkeypatch)


@pytest.fixture
def reduced() -> type[Reduced]:
    return Reduced


@pytest.fixture
def saved_by_torch() -> Any:
    return torch_file


@pytest.fixture(scope="session")
def parity() -> type[Fixture]:
    return Fixture
