"""Files that mean harm are refused in a line, soon, within bounds, and nothing of them is run."""

import builtins
import contextlib
import importlib.util
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.storage.foreign.entrance import open_model

SECONDS = 5
GIGABYTE = 1 << 30

_spec = importlib.util.spec_from_file_location("hostile", Path(__file__).with_name("hostile.py"))
hostile = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(hostile)
CASES = list(hostile.corpus())
CORPUS = dict(CASES)
SMALL = {"z_dim": 4, "w_dim": 4, "img_resolution": 8, "channel_base": 32, "channel_max": 4}


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch, tmp_path):
    """Whatever is called leaves a trace."""
    monkeypatch.chdir(tmp_path)
    ran = []

    def trap(*arguments, **named):
        ran.append(arguments)
        raise AssertionError("code of a file was run")

    for place, name in [(os, "system"), (os, "popen"), (subprocess, "Popen"), (pickle, "loads")]:
        monkeypatch.setattr(place, name, trap)
    monkeypatch.setattr(pickle, "Unpickler", trap)
    monkeypatch.setattr(torch, "load", trap)
    monkeypatch.setattr(torch.jit, "load", trap)
    before = builtins.__import__, set(sys.modules)
    yield
    assert not ran
    assert not (tmp_path / "ran").exists()
    assert builtins.__import__ is before[0]
    assert not {"pdb", "dill", "joblib", "pip", "torch_utils"} & (set(sys.modules) - before[1])


def peak_bytes():
    """The most memory that this process ever held; 0 where the system does not tell."""
    with contextlib.suppress(ImportError):
        import resource

        scale = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale
    return 0


def test_the_corpus_is_large():
    assert len(CORPUS) >= 60
    assert len(CORPUS) == len(CASES)


@pytest.mark.parametrize("name", sorted(CORPUS))
def test_it_is_refused(name, tmp_path):
    path = tmp_path / "model.pkl"
    path.write_bytes(CORPUS[name])
    before, began = peak_bytes(), time.process_time()
    with pytest.raises(ModelError) as caught:
        open_model(path)
    assert time.process_time() - began < SECONDS
    assert peak_bytes() - before < GIGABYTE
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 1000
    assert message.startswith(str(path))
    if name.startswith("call "):
        assert f"asks for {name.removeprefix('call ')}" in message
        assert "Nothing of it was run" in message


@pytest.fixture(scope="module")
def real():
    """A network in the real layout, small."""
    g = build_generator(ModelSpec("stylegan2", SMALL))
    state = {name: tensor.numpy() for name, tensor in g.state_dict().items()}
    fields = {}
    for name, array in state.items():
        shape = b"(" + b"".join(hostile.number(side) for side in array.shape) + b"t"
        steps = [step // 4 for step in array.strides]
        stride = b"(" + b"".join(hostile.number(step) for step in steps) + b"t"
        count = array.size
        data = hostile.stream(
            hostile.storage(count),
            b"](" + hostile.text("0") + b"e",
            count.to_bytes(8, "little") + array.tobytes(),
        )
        fields[name] = hostile.tensor(shape, stride, data=data)
    network = hostile.network(_parameters=hostile.state(**fields))
    return hostile.pickled(hostile.state(G_ema=network))


def test_the_real_layout_is_read(real, tmp_path):
    (tmp_path / "a.pkl").write_bytes(real)
    bundle = open_model(tmp_path / "a.pkl")
    assert bundle.spec.config["img_resolution"] == 8
    g = build_generator(ModelSpec("stylegan2", SMALL))
    for name, value in g.state_dict().items():
        assert torch.equal(bundle.tensors[name], value), name


def test_the_real_layout_cut_off(real, tmp_path):
    path = tmp_path / "a.pkl"
    for part in range(1, 40):
        path.write_bytes(real[: len(real) * part // 40])
        with pytest.raises(ModelError, match="damaged or cut off"):
            open_model(path)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    st.floats(0, 1),
)
def test_the_real_layout_damaged(real, tmp_path_factory, changes, cut):
    """Bytes changed and the end cut off: a model or an error, never anything else."""
    data = bytearray(real)
    for place, value in changes:
        data[int(place * len(data))] = value
    folder = tmp_path_factory.getbasetemp() / "damaged"
    folder.mkdir(exist_ok=True)
    path = folder / "a.pkl"
    path.write_bytes(data[: len(data) - (int(cut * 99) if cut > 0.8 else 0)])
    with contextlib.suppress(ModelError):
        open_model(path)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(
        st.sampled_from(
            [bytes([b]) for b in b"()]}.012NKqhRbQtulsea\x85\x86\x87\x81\x8f\x90\x91\x93\x94"]
            + [hostile.text("G"), hostile.number(9), hostile.floats(1), hostile.blob(b"abc")]
            + [
                hostile.named(f"{m}.{n}")
                for m, n in (
                    ("collections", "OrderedDict"),
                    ("torch._utils", "_rebuild_tensor_v2"),
                    ("torch.storage", "_load_from_bytes"),
                    ("torch_utils.persistence", "_reconstruct_persistent_obj"),
                    ("numpy", "dtype"),
                    ("numpy.core.multiarray", "_reconstruct"),
                    ("argparse", "Namespace"),
                    ("builtins", "set"),
                    ("os", "system"),
                )
            ]
        ),
        max_size=40,
    )
)
def test_opcodes_in_any_order(tmp_path_factory, pieces):
    folder = tmp_path_factory.getbasetemp() / "opcodes"
    folder.mkdir(exist_ok=True)
    (folder / "a.pkl").write_bytes(b"\x80\x02" + b"".join(pieces) + b".")
    with pytest.raises(ModelError):
        open_model(folder / "a.pkl")
