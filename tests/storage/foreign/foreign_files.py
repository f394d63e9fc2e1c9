"""Files as other programs write them: real pickles of stand-ins for their classes."""

import io
import pickle
import sys
import types
from typing import Any

import numpy as np
import pytest
import torch

from latent_studio.engine.renderer import Renderer
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.recipe import Recipe

BUFFERS = ("noise_const", "resample_filter", "w_avg", "magnitude_ema", "up_filter", "down_filter")
BUFFERS += ("transform", "freqs", "phases")


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


NESTED = ("z_dim", "c_dim", "w_dim", "img_resolution", "img_channels", "mapping_kwargs")


def snapshot(writer: Writer, network: Any, extra: bool = True) -> dict[str, Any]:
    """The dictionary of a snapshot, in the order of the newer program."""
    found = {"G": network, "D": None, "G_ema": network}
    if extra:
        found["augment_pipe"] = writer.persistent("AugmentPipe", {"_modules": {}})
        found["training_set_kwargs"] = writer.easy_dict(path="/secret", resolution=32)
    return found


def ada_snapshot(writer: Writer, state: Any, given: dict[str, Any]) -> dict[str, Any]:
    """The older program's: arguments nested, numpy's numbers; for protocol 3."""
    arguments = {key: given[key] for key in NESTED if key in given}
    arguments["synthesis_kwargs"] = writer.easy_dict(
        {
            key: np.float64(value) if isinstance(value, float) else value
            for key, value in given.items()
            if key not in NESTED and value is not None
        }
    )
    network = writer.module(state, "Generator", arguments)
    return {"training_set_kwargs": None, **snapshot(writer, network, extra=False)}


def tf_generator(
    writer: Writer, state: dict[str, torch.Tensor], given: dict[str, Any], **more: Any
) -> Any:
    """The network of a TensorFlow pickle that becomes these tensors; ``more`` static arguments."""
    mapping, synthesis = {}, {"lod": np.float32(0)}
    for name, tensor in state.items():
        array, parts = tensor.numpy(), name.split(".")
        if parts[0] == "mapping" and parts[1] != "w_avg":
            layer = parts[1].replace("fc", "Dense").replace("embed", "LabelEmbed")
            mapping[f"{layer}/{parts[2]}"] = array.T if array.ndim == 2 else array
        elif parts[0] == "synthesis":
            synthesis |= tf_layer(parts[1:], array)
    parts = {
        "mapping": tf_network(writer, "G_mapping", mapping, {}),
        "synthesis": tf_network(writer, "G_synthesis", synthesis, {}),
    }
    own = {"lod": np.float32(0), "dlatent_avg": state["mapping.w_avg"].numpy()}
    options = {
        "latent_size": given["z_dim"],
        "label_size": given.get("c_dim", 0),
        "resolution": given["img_resolution"],
        "fmap_base": given["channel_base"] // 2,
        "fmap_max": given["channel_max"],
        "architecture": given.get("architecture", "skip"),
        "mapping_layers": given["mapping_kwargs"]["num_layers"],
        "conv_clamp": given["conv_clamp"],
        "truncation_psi": 0.5,
        **more,
    }
    return tf_network(writer, "G", own, options, parts)


def tf_layer(parts: list[str], array: np.ndarray) -> dict[str, Any]:
    side = int(parts[0][1:])
    at = f"{side}x{side}"
    if parts[1] == "const":
        return {"4x4/Const/const": array[None]}
    if parts[-1] == "resample_filter":
        return {}
    layer = {"conv0": "Conv0_up", "conv1": "Conv1", "torgb": "ToRGB", "skip": "Skip"}[parts[1]]
    layer = "Conv" if side == 4 and layer == "Conv1" else layer
    if parts[-1] == "noise_const":
        step = 2 * (side.bit_length() - 1)
        index = 0 if side == 4 else step - (5 if "Conv0" in layer else 4)
        return {f"noise{index}": array[None, None]}
    if parts[2] == "affine":
        value = array.T if parts[3] == "weight" else array - 1
        return {f"{at}/{layer}/mod_{parts[3]}": np.ascontiguousarray(value)}
    if parts[2] == "weight":
        array = array[..., ::-1, ::-1] if layer in ("Conv0_up", "Skip") else array
        array = np.ascontiguousarray(array.transpose(2, 3, 1, 0))
    return {f"{at}/{layer}/{parts[2]}": np.float32(array) if array.ndim == 0 else array}


def tf_discriminator(writer: Writer, state: dict[str, torch.Tensor], given: dict[str, Any]) -> Any:
    names = {"fromrgb": "FromRGB", "conv0": "Conv0", "conv1": "Conv1_down", "skip": "Skip"}
    names |= {"conv": "Conv", "fc": "Dense0"}
    variables = {}
    for key, tensor in state.items():
        array, parts = tensor.numpy(), key.split(".")
        if parts[-1] == "resample_filter":
            continue
        if parts[0] == "mapping":
            layer = parts[1].replace("fc", "Mapping").replace("embed", "LabelEmbed")
        elif parts[1] == "out":
            layer = "Output"
        else:
            side = int(parts[0][1:])
            layer = f"{side}x{side}/{names[parts[1]]}"
        array = array.T if array.ndim == 2 else array
        array = array.transpose(2, 3, 1, 0) if array.ndim == 4 else array
        variables[f"{layer}/{parts[-1]}"] = np.ascontiguousarray(array)
    options = {
        "label_size": given["c_dim"],
        "architecture": given["architecture"],
        "fmap_base": given["channel_base"] // 2,
        "conv_clamp": given["conv_clamp"],
        "mbstd_group_size": given["epilogue_kwargs"]["mbstd_group_size"],
        "mapping_lrmul": 0.01,
    }
    return tf_network(writer, "D", variables, options)


def tf_network(
    writer: Writer,
    name: str,
    variables: dict[str, Any],
    options: dict[str, Any],
    components: dict[str, Any] | None = None,
) -> Any:
    network = writer.network.__new__(writer.network)
    network.__dict__.update(
        version=4,
        name=name,
        static_kwargs=options,
        components=components or {},
        build_module_src="raise AssertionError('source text was run')",
        build_func_name=name,
        variables=[(key, value) for key, value in variables.items()],
    )
    return network


def lively(architecture, config):
    """A network whose every setting shows in its pictures."""
    generator = build_generator(ModelSpec(architecture, config), torch.Generator().manual_seed(0))
    draw = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, value in [*generator.named_parameters(), *generator.named_buffers()]:
            if name.endswith("noise_strength"):
                value.fill_(0.3)
            elif name.endswith(("w_avg", "bias")):
                value.add_(0.2 * torch.randn(value.shape, generator=draw))
            elif name.endswith("magnitude_ema"):
                value.fill_(0.5)
            elif value.is_floating_point() and not value.any():
                value.copy_(0.2 * torch.randn(value.shape, generator=draw))
    return generator.eval().requires_grad_(False)


def all_tensors(network):
    """With the filters that their files hold."""
    state = dict(network.state_dict())
    for name, buffer in network.named_buffers():
        if name.endswith("resample_filter"):
            state[name] = buffer
    return state


def check_same(generator, found, classes=0):
    """The pictures of a few recipes are those of the original."""
    theirs, ours = (Renderer(g, device="cpu") for g in (found, generator))
    label = None if not classes else classes - 1
    for recipe in (Recipe.from_seed(1, label=label), Recipe.from_seed(2, psi=0.4, label=label)):
        wanted = ours.render_float(recipe)
        assert np.isfinite(wanted).all() and wanted.std() > 0
        np.testing.assert_allclose(theirs.render_float(recipe), wanted, atol=1e-5, rtol=1e-4)
