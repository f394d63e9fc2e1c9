"""Checkpoints come back equal to the bit, or the one before does."""

import errno
import math
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_studio.errors import RunError
from latent_studio.events import Event, Notice
from latent_studio.storage import atomic, tensor_file
from latent_studio.storage.checkpoint import (
    has_checkpoint,
    load_checkpoint,
    previous_path,
    save_checkpoint,
)
from latent_studio.storage.tensor_file import DTYPES


def same(a: Any, b: Any) -> bool:
    """Equal in type and to the bit."""
    if type(a) is not type(b):
        return False
    if isinstance(a, torch.Tensor):
        if a.dtype != b.dtype or a.shape != b.shape:
            return False
        return a.numel() == 0 or torch.equal(*(t.reshape(-1).view(torch.uint8) for t in (a, b)))
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, float):
        return (math.isnan(a) and math.isnan(b)) or a.hex() == b.hex()
    return bool(a == b)


def tensors() -> st.SearchStrategy[torch.Tensor]:
    def build(dtype: torch.dtype, shape: list[int], seed: int) -> torch.Tensor:
        if 0 in shape:
            return torch.empty(shape, dtype=dtype)
        size = torch.empty(0, dtype=dtype).element_size() * int(np.prod(shape))
        high = 2 if dtype == torch.bool else 256
        raw = torch.from_numpy(np.random.default_rng(seed).integers(0, high, size, np.uint8))
        return raw.view(dtype).reshape(shape)

    return st.builds(
        build,
        st.sampled_from(list(DTYPES)),
        st.lists(st.integers(0, 4), max_size=3),
        st.integers(0, 1000),
    )


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5)
    | tensors()
)
KEYS = st.text(max_size=4) | st.integers() | st.sampled_from(["$tensor", "$dict", "$"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=40)
@given(state=st.dictionaries(KEYS, VALUES, max_size=4))
def test_anything_comes_back(tmp_path: Path, state: dict[Any, Any]) -> None:
    save_checkpoint(tmp_path / "c.safetensors", state)
    assert same(load_checkpoint(tmp_path / "c.safetensors"), state)


def test_optimiser_and_random_states(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    layer = torch.nn.Linear(3, 2)
    moments = {"step": torch.tensor(3.0), "exp_avg": torch.ones(2, 3), "exp_avg_sq": torch.ones(2)}
    group = {"lr": 1e-3, "betas": (0.0, 0.99), "amsgrad": False, "fused": None, "params": [0, 1]}
    adam = {"state": {0: moments, 1: {}}, "param_groups": [group]}
    rng, torch_rng = np.random.default_rng(3), torch.Generator().manual_seed(5)
    old = np.random.RandomState(1)
    state = {
        "model": layer.state_dict(),
        "adam": adam,
        "numpy": rng.bit_generator.state,
        "legacy": old.get_state(),
        "torch": torch_rng.get_state(),
        "step": np.int64(7),
    }
    save_checkpoint(path, state)
    found = load_checkpoint(path)
    assert same(found["adam"], adam)
    expected = rng.random(), torch.rand(3, generator=torch_rng), old.rand()
    rng.bit_generator.state = found["numpy"]
    torch_rng.set_state(found["torch"])
    old.set_state(found["legacy"])
    assert same((rng.random(), torch.rand(3, generator=torch_rng), old.rand()), expected)
    assert found["step"] == 7


def test_empty_arrays_of_any_make(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    empty = np.random.default_rng(0).integers(0, 9, 0, np.uint8)
    save_checkpoint(path, {"a": empty, "t": torch.from_numpy(empty), "f": torch.ones(3, 0).t()})
    found = load_checkpoint(path)
    assert found["a"].shape == (0,) and found["t"].shape == (0,) and found["f"].shape == (0, 3)


def test_parameters_lose_their_gradient_and_strides_but_no_value(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    value = torch.nn.Parameter(torch.arange(24.0).reshape(1, 2, 3, 4))
    save_checkpoint(path, {"p": value.to(memory_format=torch.channels_last)})
    assert torch.equal(load_checkpoint(path)["p"], value)


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, {1.5: 0}, {True: 0}, np.array(["a"]), torch.ones(1, dtype=torch.complex64)],
    ids=["object", "set", "float-key", "bool-key", "text-array", "complex"],
)
def test_what_has_no_place_is_named(tmp_path: Path, value: Any) -> None:
    with pytest.raises(TypeError, match=r"state\.a\[1\]"):
        save_checkpoint(tmp_path / "c.safetensors", {"a": [0, value]})
    assert not list(tmp_path.iterdir())


def test_the_one_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    assert not has_checkpoint(path)
    for step in range(3):
        save_checkpoint(path, {"step": step})
    assert sorted(tmp_path.iterdir()) == [previous_path(path), path]
    assert load_checkpoint(path) == {"step": 2}
    assert load_checkpoint(previous_path(path)) == {"step": 1}


@pytest.mark.parametrize("damage", ["cut", "flip", "text", "gone"])
def test_damage_falls_back_and_says_so(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "c.safetensors"
    for step in range(2):
        save_checkpoint(path, {"step": step, "w": torch.arange(100.0)})
    whole = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        flipped = whole[:-50] + bytes([whole[-50] ^ 4]) + whole[-49:]
        path.write_bytes({"cut": whole[:-7], "flip": flipped, "text": b"hello"}[damage])
    events: list[Event] = []
    assert load_checkpoint(path, emit=events.append)["step"] == 0
    (notice,) = events
    assert isinstance(notice, Notice)
    assert notice.level == "warning"
    assert "The one before it is used." in notice.message
    assert has_checkpoint(path)
    # The damaged one must not push the last good one out.
    save_checkpoint(path, {"step": 5})
    path.write_bytes(b"")
    if damage != "flip":  # a flipped bit is noticed by reading only
        assert load_checkpoint(path)["step"] == 0


def test_nothing_usable(tmp_path: Path) -> None:
    path = tmp_path / "c.safetensors"
    with pytest.raises(RunError, match=r"is not there.*Start the run anew"):
        load_checkpoint(path)
    save_checkpoint(path, {})
    save_checkpoint(path, {})
    path.write_bytes(b"x")
    previous_path(path).write_bytes(b"")
    with pytest.raises(RunError, match=r"c\.safetensors is no use"):
        load_checkpoint(path)


def test_a_pickle_is_never_run(tmp_path: Path) -> None:
    marker = tmp_path / "ran"

    class Evil:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(marker),)

    path = tmp_path / "c.safetensors"
    path.write_bytes(pickle.dumps(Evil()))
    with pytest.raises(RunError, match="pickle"):
        load_checkpoint(path)
    torch.save({"a": Evil()}, path)
    with pytest.raises(RunError, match="PyTorch"):
        load_checkpoint(path)
    assert not marker.exists()


def test_full_disk_keeps_both(tmp_path: Path, full_disk: Callable[[], None]) -> None:
    path = tmp_path / "c.safetensors"
    for step in range(2):
        save_checkpoint(path, {"step": step})
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    full_disk()
    with pytest.raises(RunError, match="disk is full"):
        save_checkpoint(path, {"step": 2})
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_crash_between_the_two_renames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.safetensors"
    save_checkpoint(path, {"step": 0})
    real = os.replace
    calls: list[Any] = []

    def crash(source: Any, target: Any) -> None:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(errno.EIO, "power went")
        real(source, target)

    monkeypatch.setattr(atomic.os, "replace", crash)
    with pytest.raises(RunError):
        save_checkpoint(path, {"step": 1})
    assert load_checkpoint(path) == {"step": 0}


@pytest.mark.parametrize("moment", ["between", "missing"])
def test_reading_while_the_next_one_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """A reader never sees a mixture, and takes no replacement for damage."""
    path = tmp_path / "c.safetensors"
    save_checkpoint(path, {"step": 0, "w": torch.zeros(100)})
    real = tensor_file.safe_open
    calls: list[Any] = []

    def meanwhile(*args: Any, **options: Any) -> Any:
        calls.append(args)
        if len(calls) == 1 and moment == "between":
            save_checkpoint(path, {"step": 1, "w": torch.ones(100)})
        elif len(calls) == 1:  # as torch says it when the file goes between two openings
            os.replace(path, previous_path(path))
            raise RuntimeError(f"unable to open file <{path}> in read-only mode")
        return real(*args, **options)

    monkeypatch.setattr(tensor_file, "safe_open", meanwhile)
    state = load_checkpoint(path)
    assert state["w"].tolist() == [float(state["step"])] * 100
    assert state["step"] == (1 if moment == "between" else 0)
    assert len(calls) == 2
