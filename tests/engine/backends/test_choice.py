import dataclasses
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from latent_studio.engine.backends import choice, openvino_build, openvino_runtime
from latent_studio.engine.backends.choice import BACKENDS, prepare, wants_preparation
from latent_studio.engine.backends.graph_cache import GraphCache, key_of, weight_hash
from latent_studio.engine.backends.openvino_build import Built
from latent_studio.engine.renderer import Renderer
from latent_studio.errors import OptionError
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator, ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.recipe import Recipe

CPU = torch.device("cpu")
needs_openvino = pytest.mark.skipif(not openvino_runtime.installed(), reason="needs openvino")
SLOWER, FASTER = {"eager_ms": 1.0, "fast_ms": 2.0}, {"eager_ms": 2.0, "fast_ms": 1.0}


def network(seed: int) -> Generator:
    spec = ModelSpec("mlp", {"resolution": 8, "channels": 1, "z_dim": 6})
    return build_generator(spec, torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def entries(one_thread: None) -> dict[str, Built]:
    """Two networks of one configuration, by the hash of their weights."""
    if not openvino_runtime.installed():
        pytest.skip("OpenVINO is not installed")
    found = (network(0), network(1))
    return {weight_hash(g): openvino_build.build(g, ("fp32",), 1) for g in found}


@pytest.fixture
def builds(entries, monkeypatch) -> list[str]:
    """Lets building be quick; the names of what was built."""
    asked: list[str] = []

    def build(generator: Generator, precisions: tuple[str, ...], threads: int) -> Built:
        asked.append(weight_hash(generator))
        return dataclasses.replace(entries[asked[-1]], **FASTER)

    monkeypatch.setattr(openvino_build, "build", build)
    return asked


def show(generator: Generator, backend: object) -> np.ndarray:
    renderer = Renderer(generator, (), "cpu")
    if backend is not None:
        renderer.adopt(backend)  # type: ignore[arg-type]
    return renderer.render_float(Recipe.from_seed(1))


def test_two_models_of_one_configuration_share_the_choice_but_no_graph(builds, tmp_path) -> None:
    models = [network(0), network(1)]
    for generator in (*models, *models):
        prepared = prepare(generator, CPU, precision="fp32", folder=tmp_path)
        assert prepared.backend is not None and prepared.note == ""
        np.testing.assert_allclose(
            show(generator, prepared.backend), show(generator, None), atol=1e-4
        )
    assert np.abs(show(models[0], None) - show(models[1], None)).max() > 0.01
    assert len(builds) == 2
    assert len(list(tmp_path.glob("*.graph"))) == 2
    assert len(list(tmp_path.glob("*.choice.json"))) == 1


@pytest.mark.parametrize("damage", ["cut", "flip", "other version"])
def test_a_damaged_entry_is_made_again(builds, tmp_path, damage: str) -> None:
    prepare(network(0), CPU, precision="fp32", folder=tmp_path)
    (path,) = tmp_path.glob("*.graph")
    raw = path.read_bytes()
    if damage == "cut":
        path.write_bytes(raw[: len(raw) // 2])
    elif damage == "flip":
        path.write_bytes(raw[:-9] + bytes([raw[-9] ^ 1]) + raw[-8:])
    else:  # whole, but nothing that this runtime can read
        GraphCache(tmp_path).write(path.stem, b"\x02\0\0\0{}")
    prepared = prepare(network(0), CPU, precision="fp32", folder=tmp_path)
    assert prepared.backend is not None and len(builds) == 2
    assert path.read_bytes() == raw


def test_what_is_not_faster_is_tried_twice_and_may_be_forced(
    entries, builds, tmp_path, monkeypatch
) -> None:
    quick = openvino_build.build
    monkeypatch.setattr(
        openvino_build, "build", lambda *a: dataclasses.replace(quick(*a), **SLOWER)
    )
    for seed in (0, 1, 0, 1):
        prepared = prepare(network(seed), CPU, precision="fp32", folder=tmp_path)
        assert prepared.backend is None and prepared.note == ""
    assert len(builds) == 2 and not list(tmp_path.glob("*.graph"))
    for _ in range(2):
        forced = prepare(network(0), CPU, "openvino", "fp32", folder=tmp_path)
        assert forced.backend is not None
    assert len(builds) == 3


def test_what_lost_on_a_busy_machine_may_win_the_second_time(builds, tmp_path, monkeypatch) -> None:
    quick = openvino_build.build
    figures = iter((SLOWER, FASTER))
    monkeypatch.setattr(
        openvino_build, "build", lambda *a: dataclasses.replace(quick(*a), **next(figures))
    )
    found = [prepare(network(0), CPU, precision="fp32", folder=tmp_path) for _ in range(3)]
    assert [prepared.backend is not None for prepared in found] == [False, True, True]


def test_weights_that_fail_the_check_are_told_and_not_tried_again(builds, tmp_path, monkeypatch):
    quick, wrong = openvino_build.build, weight_hash(network(0))

    def build(generator: Generator, *rest: object) -> Built:
        made = quick(generator, *rest)
        return Built(fault="its pictures differ by 0.1") if builds[-1] == wrong else made

    monkeypatch.setattr(openvino_build, "build", build)
    for _ in range(2):
        refused = prepare(network(0), CPU, precision="fp32", folder=tmp_path)
        assert refused.backend is None and "differ by 0.1" in refused.note
    assert len(builds) == 1
    assert prepare(network(1), CPU, precision="fp32", folder=tmp_path).backend is not None


def test_a_conversion_that_was_ended_is_tried_again(builds, tmp_path, monkeypatch) -> None:
    ended = Built(fault="its conversion ended early", settled=False)
    monkeypatch.setattr(openvino_build, "build_apart", lambda *_: ended)
    first = prepare(network(0), CPU, precision="fp32", folder=tmp_path, apart=True)
    assert first.backend is None and first.note
    assert prepare(network(0), CPU, precision="fp32", folder=tmp_path).backend is not None
    token = StopToken()
    token.stop()
    late = prepare(network(1), CPU, precision="fp32", folder=tmp_path, token=token)
    assert late.backend is None and len(builds) == 1


def test_a_folder_that_cannot_be_written_to_costs_the_memory_only(builds, tmp_path) -> None:
    missing = tmp_path / "missing"
    prepared = prepare(network(0), CPU, precision="fp32", folder=missing)
    assert prepared.backend is not None


@needs_openvino
def test_what_this_machine_lacks_is_said(monkeypatch, tmp_path) -> None:
    generator = network(0)
    monkeypatch.setattr(openvino_runtime, "precisions", lambda: ("fp32",))
    note = prepare(generator, CPU, "openvino", "bf16", folder=tmp_path).note
    assert note == "this processor has no bf16"
    assert "CUDA graphs need" in prepare(generator, CPU, "cudagraphs").note
    monkeypatch.setattr(openvino_runtime, "installed", lambda: False)
    assert "pip install openvino" in prepare(generator, CPU, "openvino", folder=tmp_path).note
    assert prepare(generator, CPU, "auto", folder=tmp_path).note == ""
    assert not wants_preparation("auto", CPU, "auto")


def test_names() -> None:
    from latent_studio.cli.options import BACKENDS as OFFERED

    assert OFFERED == BACKENDS
    with pytest.raises(OptionError, match="choose auto, torch"):
        prepare(network(0), CPU, "tensorrt")
    assert not wants_preparation("torch", CPU, "auto")


def test_networks_that_psi_changes_stay_with_eager() -> None:
    generator = network(0)
    generator.capabilities = dataclasses.replace(generator.capabilities, truncation="z")
    built = openvino_build.build(generator, ("fp32",), 1)
    assert not built.entry and built.fault == "it can’t take this network"


# -- the folder --------------------------------------------------------------------------------


def test_the_longest_unused_entries_go_first(tmp_path: Path) -> None:
    cache = GraphCache(tmp_path, limit=3500)
    for age, name in enumerate("abc"):
        cache.write(name, bytes(1000))
        os.utime(cache.path(name), (age, age))
    assert cache.read("a") == bytes(1000)  # and so it is the newest
    cache.write("d", bytes(1000))
    assert {path.stem for path in tmp_path.glob("*.graph")} == {"a", "c", "d"}
    cache.write("e", bytes(9000))  # larger than the limit: kept, alone
    assert {path.stem for path in tmp_path.glob("*.graph")} == {"e"}


def test_many_writers_and_readers_share_a_folder(tmp_path: Path) -> None:
    wrong: list[str] = []

    def work(number: int) -> None:
        cache = GraphCache(tmp_path, limit=20_000)
        for turn in range(12):
            key = str((number + turn) % 5)
            cache.write(key, key.encode() * 3000)
            data = cache.read(key)
            if data is not None and data != key.encode() * 3000:
                wrong.append(key)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert sum(path.stat().st_size for path in tmp_path.glob("*.graph")) <= 20_000


def test_keys_and_hashes_see_every_change(make: Callable[..., Generator]) -> None:
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1}) != key_of({"a": 1, "b": 3})
    one, same, other = make(0), make(0), make(1)
    assert weight_hash(one) == weight_hash(same) != weight_hash(other)
    with torch.no_grad():
        next(same.buffers()).reshape(-1)[0] += 1
    assert weight_hash(one) != weight_hash(same)


WHOLE = {"precision": "fp32", "eager_ms": 2.0, "fast_ms": 1.0, "fault": "", "trials": 1}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[1]",
        "null",
        "[" * 100_000,
        '{"precision": 3, "what": 1}',
        '{"precision": "fp32", "eager_ms": "x", "fast_ms": "y"}',
        *(
            json.dumps(WHOLE | wrong)
            for wrong in (
                {"precision": "bf99"},
                {"precision": ""},
                {"precision": None},
                {"eager_ms": "x"},
                {"eager_ms": None},
                {"eager_ms": True},
                {"eager_ms": float("nan")},
                {"fast_ms": float("inf")},
                {"fast_ms": -1.0},
                {"fault": 3},
                {"trials": "a", "eager_ms": 0.1},
                {"trials": 0},
                {"more": 1},
            )
        ),
    ],
)
@pytest.mark.parametrize("name", ["auto", "openvino"])
def test_a_choice_file_that_is_nonsense_is_measured_again(builds, tmp_path, text, name) -> None:
    prepare(network(0), CPU, name, "fp32", folder=tmp_path)
    (path,) = tmp_path.glob("*.choice.json")
    right = choice.Choice.from_json(path.read_text())
    (graph,) = tmp_path.glob("*.graph")
    graph.unlink()
    path.write_text(text)
    assert prepare(network(0), CPU, name, "fp32", folder=tmp_path).backend is not None
    assert len(builds) == 2
    assert choice.Choice.from_json(path.read_text()) == right and right.worth


def test_nonsense_about_weights_does_not_refuse_them(builds, tmp_path, monkeypatch) -> None:
    quick = openvino_build.build
    monkeypatch.setattr(openvino_build, "build", lambda *_: Built(fault="it differs"))
    assert prepare(network(0), CPU, precision="fp32", folder=tmp_path).backend is None
    monkeypatch.setattr(openvino_build, "build", quick)
    (path,) = tmp_path.glob("*.choice.json")
    for text in (json.dumps(WHOLE), json.dumps(WHOLE | {"fault": None})):
        path.write_text(text)
        assert prepare(network(0), CPU, precision="fp32", folder=tmp_path).backend is not None
