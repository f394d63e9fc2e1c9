"""Two processes train as one does; runs go from one number of processes to another."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tiny_runs import tiny_config, tiny_dataset

from latent_studio.errors import OptionError
from latent_studio.models.registry import build_discriminator, build_generator
from latent_studio.storage.run_folder import RunFolder
from latent_studio.training.config import TrainConfig
from latent_studio.training.distributed import (
    Place,
    ProcessShard,
    _flatten,
    find_place,
    joined,
    place_config,
)
from latent_studio.training.division import batch_doubts, check_division
from latent_studio.training.parts import Shard
from latent_studio.training.start import run_training

_HERE = Path(__file__).parent
_STEP = 0.016  # kimg of one step


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(0)
    for number in range(24):
        pixels = rng.integers(0, 256, (8, 8, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02d}.png")
    return str(folder)


def config_of(pictures: str, steps: int, **options: Any) -> TrainConfig:
    """StyleGAN2 with everything that could tell one process from two."""
    settings = {
        "batch": 16,
        "data": pictures,
        "total_kimg": steps * _STEP,
        "tick_kimg": 0.032,
        "r1_interval": 2,
        "pl_weight": 2.0,
        "pl_interval": 2,
        "style_mixing": 0.9,
        "g_lr": 1e-3,
        "d_lr": 1e-3,
        "eps": 1e-4,  # gradients that are nothing but rounding must not become steps
    }
    config = tiny_config("stylegan2", **{k: v for k, v in settings.items() if k != "data"})
    return config.with_changes(data=pictures, **options)


@pytest.fixture(scope="module")
def alone(pictures: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs of one process: of six steps, and of three."""
    folder = tmp_path_factory.mktemp("alone")
    for steps in (6, 3):
        run_training(config_of(pictures, steps), folder / f"steps{steps}")
    return folder


@pytest.fixture(scope="module")
def pair(pictures: str, alone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes leave behind."""
    folder = tmp_path_factory.mktemp("pair")
    commands = [["r1_gamma", 3.0], ["style_mixing", 0.1]]
    jobs = [
        {"name": "six", "config": config_of(pictures, 6).to_json()},
        {"name": "three", "config": config_of(pictures, 3).to_json()},
        {"name": "taken", "path": str(alone / "steps3"), "changes": {"total_kimg": 6 * _STEP}},
        {
            "name": "obeys",
            "config": config_of(pictures, 50).to_json(),
            "commands": commands,
            "pause_at": 2,
            "stop_at": 4,
        },
    ]
    fails = {"accumulate": 1, "precision": "fp32", "reuse_fakes": False}
    scarce = config_of(pictures, 9, **fails).to_json()
    # passes of step 0 in rank 1: D fails at once, then in two parts D, G and the path length fail
    jobs.insert(0, {"name": "scarce", "kind": "scarce", "config": scarce, "fails": [0, 5]})
    jobs.append({"name": "dies", "config": config_of(pictures, 50).to_json(), "dies": 3})
    work(folder, [{"kind": "run", **job} for job in jobs])
    return folder


def work(folder: Path, jobs: list[dict[str, Any]]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2"}
    path = os.pathsep.join([str(_HERE), str(_HERE.parents[1]), os.environ.get("PYTHONPATH", "")])
    processes = [
        subprocess.Popen(
            [sys.executable, str(_HERE / "dist_worker.py"), str(folder), json.dumps(jobs)],
            env={
                **os.environ,
                **shared,
                "PYTHONPATH": path,
                "OMP_NUM_THREADS": "1",
                "RANK": rank,
                "LOCAL_RANK": rank,
            },
            stderr=subprocess.PIPE,
            text=True,
        )
        for rank in ("0", "1")
    ]
    try:
        for process in processes:
            process.wait(timeout=80)
    finally:
        for process in processes:
            process.kill()
        errors = [process.communicate()[1] for process in processes]
    assert processes[1].returncode == 9, "".join(errors)  # the last job lets it die


def told(pair: Path, name: str, rank: int = 0) -> Any:
    return json.loads((pair / f"{name}.{rank}.json").read_text())


def checkpoint(path: Path) -> dict[str, Any]:
    with RunFolder.open(path, write=False) as run:
        return run.load_checkpoint()


def assert_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Equal up to rounding, in a training whose steps are much larger than that."""
    assert one["counters"]["step"] == other["counters"]["step"]
    assert one["stream"] == other["stream"]
    for network in ("generator", "discriminator", "average"):
        for name, value in one[network].items():
            torch.testing.assert_close(
                other[network][name], value, rtol=1e-4, atol=2e-5, msg=lambda m, n=name: f"{n}: {m}"
            )
    torch.testing.assert_close(other["path_length"], one["path_length"], rtol=1e-4, atol=1e-6)
    for purpose, state in one["random"].items():
        if purpose != "augment":
            assert torch.equal(state, other["random"][purpose]), purpose


def test_two_processes_train_as_one(alone: Path, pair: Path) -> None:
    one, two = checkpoint(alone / "steps6"), checkpoint(pair / "six")
    assert_same(one, two)
    begun = build_generator(TrainConfig.from_json(one["config"]).generator).state_dict()
    moved = max(float((one["generator"][n] - v).abs().max()) for n, v in begun.items())
    assert moved > 2e-3


def test_statistics_are_means_over_the_processes(alone: Path, pair: Path) -> None:
    with RunFolder.open(alone / "steps6", write=False) as run:
        one = run.read_stats()
    with RunFolder.open(pair / "six", write=False) as run:
        two = run.read_stats()
    assert [line["step"] for line in one] == [line["step"] for line in two] == [2, 4, 6]
    for name in ("loss/D", "loss/G", "loss/R1", "loss/PL", "score/real", "sign/fake"):
        assert [line[name] for line in one] == pytest.approx(
            [other[name] for other in two], rel=1e-3
        )


def test_one_process_takes_over_from_two(alone: Path, pair: Path) -> None:
    run_training(None, pair / "three", resume=True, changes={"total_kimg": 6 * _STEP})
    assert_same(checkpoint(alone / "steps6"), checkpoint(pair / "three"))


def test_two_processes_take_over_from_one(alone: Path, pair: Path) -> None:
    assert told(pair, "taken")["reason"] == "done"
    assert_same(checkpoint(alone / "steps6"), checkpoint(alone / "steps3"))


def test_all_do_what_the_leader_is_asked(pair: Path, pictures: str) -> None:
    assert told(pair, "obeys") == {"reason": "stopped", "ticks": [2, 4]}
    assert told(pair, "obeys", 1) == pytest.approx(4 * _STEP)
    with RunFolder.open(pair / "obeys", write=False) as run:
        assert [c["name"] for c in run.read_commands()] == ["r1_gamma", "style_mixing"]
    changed = config_of(pictures, 4, r1_gamma=3.0, style_mixing=0.1)
    run_training(changed, pair / "changed")
    assert_same(checkpoint(pair / "changed"), checkpoint(pair / "obeys"))


def test_lack_of_memory_of_one_divides_the_batch_of_all(pair: Path) -> None:
    first, second = told(pair, "scarce"), told(pair, "scarce", 1)
    assert first["parts"] == [2, 4]
    assert first == second


def test_the_end_of_one_ends_all_and_loses_nothing(pair: Path) -> None:
    end = told(pair, "dies")
    assert end["error"] == "RunError" and "Another process" in end["message"]
    assert not (pair / "dies.1.json").exists()
    assert checkpoint(pair / "dies")["counters"]["step"] == 0
    run_training(None, pair / "dies", resume=True, changes={"total_kimg": _STEP})


def test_nobody_else_writes(pair: Path) -> None:
    with RunFolder.open(pair / "six", write=False) as run:
        assert len(run.read_stats()) == 3 and len(run.grids()) == 2


# -- without other processes ----------------------------------------------------------------------


def test_alone_without_torchrun(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"):
        monkeypatch.delenv(name, raising=False)
    assert find_place() == Place()
    with joined() as shard:
        assert type(shard) is Shard and shard.leads


def test_the_environment_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("RANK", "3"), ("WORLD_SIZE", "4"), ("LOCAL_RANK", "1")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    assert find_place() == Place(3, 4, 1, 2)
    for wrong in ("4", "-1", "x"):
        monkeypatch.setenv("RANK", wrong)
        with pytest.raises(OptionError, match="torchrun"):
            find_place()


def test_each_process_has_a_card_of_its_own() -> None:
    config = tiny_config("mlp", batch=8).with_changes(device="cuda:0")
    assert place_config(config, ProcessShard(1, 2, 1, 2)).device == "cuda:1"
    assert place_config(config, Shard()) is config
    with pytest.raises(OptionError, match="one process"):
        place_config(config.with_changes(device="mps"), ProcessShard(1, 2, 1, 2))


def test_a_batch_that_cannot_be_dealt_is_refused() -> None:
    with pytest.raises(OptionError, match=r"12 cannot be dealt to 2 .* in 4 parts each.* of 16"):
        place_config(tiny_config("mlp", batch=12, accumulate=4), ProcessShard(0, 2, 0, 2))


@pytest.mark.parametrize(
    ("architecture", "options", "words"),
    [
        ("mlp", {"batch": 16, "accumulate": 3}, "16 has no 3 parts .* to 4, or the batch to 18"),
        ("mlp", {"batch": 8, "accumulate": 16}, "8 has no 16 parts .* to 8, or the batch to 16"),
        ("dcgan", {"batch": 4, "accumulate": 3}, "4 has no 3 parts"),
        ("pggan", {"batch": 8, "accumulate": 2, "stage_batches": {"4": 9}}, "9 has no 2 parts"),
        ("stylegan2", {"batch": 24, "accumulate": 4}, "6 pictures at a time, .* groups of 4"),
    ],
)
def test_parts_of_unequal_size_are_refused_alone_too(
    architecture: str, options: dict[str, Any], words: str, tmp_path: Path
) -> None:
    config = tiny_config(architecture, **options)
    with pytest.raises(OptionError, match=words):
        run_training(config, tmp_path / "run", dataset=tiny_dataset())
    assert not (tmp_path / "run").exists()


def test_batches_in_parts_of_equal_size_are_not_refused() -> None:
    for architecture, batch, accumulate in (("mlp", 6, 3), ("stylegan2", 24, 3), ("dcgan", 4, 4)):
        config = tiny_config(architecture, batch=batch, accumulate=accumulate)
        check_division(config, Shard(), build_discriminator(config.discriminator))


def test_batch_statistics_are_told_of() -> None:
    shard = ProcessShard(0, 2, 0, 2)
    for architecture, batch, word in (
        ("dcgan", 8, "normalisation"),
        ("stylegan2", 8, ""),
        ("stylegan2", 4, "groups of 4"),
        ("mlp", 4, ""),
    ):
        config = tiny_config(architecture, batch=batch)
        networks = build_generator(config.generator), build_discriminator(config.discriminator)
        found = batch_doubts(config, shard, *networks)
        assert len(found) == (1 if word else 0)
        assert not word or word in found[0]
        assert not batch_doubts(config, Shard(), *networks)


def test_what_is_shared_is_plain() -> None:
    tensors: list[torch.Tensor] = []
    value = {"a": [1, 2.5, None, True], "b": {"c": torch.zeros(2, 3, dtype=torch.uint8)}}
    flat = _flatten(value, tensors)
    assert json.loads(json.dumps(flat)) == {
        "a": [1, 2.5, None, True],
        "b": {"c": {"$tensor": "uint8", "shape": [2, 3]}},
    }
    assert tensors == [value["b"]["c"]]  # type: ignore[index]
