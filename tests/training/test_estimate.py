"""Memory and speed told beforehand, against what really happens."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_runs import tiny_config, tiny_dataset

from latent_studio.errors import OptionError
from latent_studio.jobs.estimate import estimate_resumed, estimate_training
from latent_studio.storage.run_folder import RunFolder
from latent_studio.training import available, estimate, rehearsal, start
from latent_studio.training.available import available_memory
from latent_studio.training.estimate import Estimate, Rates, check_memory
from latent_studio.training.parts import Shard
from latent_studio.training.presets import PRESETS
from latent_studio.training.rehearsal import Work, rehearse
from latent_studio.training.start import run_training

CPU = torch.device("cpu")

# A real training step in a process of its own; prints the growth of its peak in bytes.
_REAL = """
import resource, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
from latent_studio.training.presets import PRESETS
from latent_studio.training.rehearsal import _no_pictures
from latent_studio.training.state import TrainState
from latent_studio.training.stats import Statistics
from latent_studio.training.step import Stepper

config = PRESETS[sys.argv[1]].config("x", batch=int(sys.argv[2]), precision="fp32", device="cpu")
def peak():
    status = Path("/proc/self/status")  # of this process alone; rusage knows its parent's, too
    if status.is_file():
        return int(status.read_text(encoding="utf-8").split("VmHWM:")[1].split()[0])
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
state = TrainState(config, _no_pictures(config))
stepper = Stepper(config, state, Statistics())
for _ in range(2):
    state.counters.step = 0
    stepper.run()
print((peak() - before) * (1 if sys.platform == "darwin" else 1024))
"""


def preset(name: str, **options: Any) -> Any:
    return PRESETS[name].config("x", **{"precision": "fp32", "device": "cpu", **options})


@pytest.mark.skipif(sys.platform == "win32", reason="the peak is read by resource.getrusage")
def test_memory_is_that_of_a_real_step() -> None:
    name, batch = "stylegan2-64-cpu", 8
    real = subprocess.run(
        [sys.executable, "-c", _REAL, name, str(batch)],
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    told = estimate.estimate(preset(name, batch=batch), speed=False).memory_bytes
    # how much of the peak falls into memory that importing left free differs by machine
    assert 0.7 < told / int(real.stdout) < 1.6


def test_every_preset_can_be_rehearsed() -> None:
    for name in PRESETS:
        step = rehearse(preset(name, batch=8))
        assert step.fixed_bytes > 1e6 and step.kept_bytes > 1e5
        assert step.work.flops > 1e8 and step.images >= 8


def test_what_is_fixed_is_counted_exactly() -> None:
    """Three copies of G's and two of D's weights, gradients and moments; buffers."""
    dense = {"generator.hidden": [10], "discriminator.hidden": [10], "discriminator.dropout": 0.0}
    dense["generator.batch_norm"] = False
    config = preset("mlp-mnist", **{"generator.z_dim": 5}, **dense)
    g = 5 * 10 + 10 + 10 * 784 + 784
    d = 784 * 10 + 10 + 10 + 1
    assert rehearse(config).fixed_bytes == 4 * (2 * g + d + 3 * (g + d))


def test_arithmetic_is_that_of_the_layers() -> None:
    """Two dense networks, by hand: forward, and back by weights and (but at the ends) by inputs."""
    dense = {"generator.hidden": [10], "discriminator.hidden": [10], "discriminator.dropout": 0.0}
    dense["generator.batch_norm"] = False
    config = preset("mlp-mnist", batch=4, reuse_fakes=False, **{"generator.z_dim": 5}, **dense)
    g, d = (5 * 10, 10 * 784), (784 * 10, 10 * 1)
    forward_g, forward_d = sum(g), sum(d)
    d_step = forward_g + 2 * (3 * forward_d - d[0])
    g_step = 3 * forward_g - g[0] + 2 * forward_d  # D is frozen
    assert rehearse(config).work.dense == 2 * 4 * (d_step + g_step)


def test_parts_keep_less_and_penalties_keep_more() -> None:
    whole = rehearse(preset("stylegan2-64-cpu", r1_gamma=0.0))
    parts = rehearse(preset("stylegan2-64-cpu", r1_gamma=0.0, accumulate=4))
    assert parts.kept_bytes < 0.45 * whole.kept_bytes
    assert parts.fixed_bytes == whole.fixed_bytes
    every = rehearse(preset("stylegan2-64-cpu", r1_gamma=1.0, r1_interval=1))
    lazy = rehearse(preset("stylegan2-64-cpu", r1_gamma=1.0, r1_interval=16))
    assert every.kept_bytes > 1.1 * whole.kept_bytes
    assert 1.0 < lazy.work.flops / whole.work.flops < every.work.flops / whole.work.flops


def test_seconds_follow_from_rates() -> None:
    rates = Rates(dense=2.0, grouped=1.0, depthwise=0.5, moved=4.0)
    work = Work(dense=2.0, grouped=1.0, depthwise=0.5, moved=4.0)
    assert rates.seconds(work) == pytest.approx(4 * estimate._FRICTION)
    assert work.plus(work, 2.0).flops == 3 * work.flops


def test_speed_is_within_reach() -> None:
    """Loose: the computer may be busy with anything else."""
    found = estimate.estimate(preset("mlp-mnist", threads=1))
    assert found.images_per_second is not None and 10 < found.images_per_second < 1e6
    assert found.seconds_per_kimg == pytest.approx(1000 / found.images_per_second)


# -- before a start -------------------------------------------------------------------------------


def set_available(monkeypatch: pytest.MonkeyPatch, count: int | None) -> None:
    monkeypatch.setattr(estimate, "available_memory", lambda device: count)


def test_what_does_not_fit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    config = preset("stylegan2-64-cpu")
    set_available(monkeypatch, 400_000_000)
    with pytest.raises(OptionError, match=r"about 0\.5 GB .* 0\.4 GB .* accumulate=2"):
        check_memory(config)
    check_memory(config.with_changes(accumulate=2))
    check_memory(config, Shard(0, 2, 0, 1))  # half of it here
    with pytest.raises(OptionError):
        check_memory(config, Shard(0, 2, 0, 2))  # both halves here
    set_available(monkeypatch, None)
    check_memory(config)
    assert Estimate(10, None, None).fits and not Estimate(10, None, 9).fits


def test_the_cure_is_the_fewest_parts_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    config = preset("stylegan2-64-cpu", batch=512)
    set_available(monkeypatch, 700_000_000)
    with pytest.raises(OptionError, match=r"about 12\.\d GB") as refused:
        check_memory(config)
    told = re.search(r"accumulate=(\d+), .* a batch of (\d+) or less", refused.value.message)
    assert told is not None
    parts, batch = map(int, told.groups())
    assert 512 % parts == 0
    assert check_memory(config.with_changes(accumulate=parts))
    with pytest.raises(OptionError):
        check_memory(config.with_changes(accumulate=parts // 2))
    assert check_memory(config.with_changes(batch=batch // 4 * 4, reuse_fakes=False))
    set_available(monkeypatch, 10_000_000)
    with pytest.raises(OptionError, match=r"single picture .* smaller preset"):
        check_memory(config)


@pytest.mark.parametrize(
    ("batch", "stages", "processes", "rows", "parts"),
    [(512, {}, 1, 50, 16), (60, {}, 1, 25, 3), (509, {}, 1, 50, 509), (64, {"4": 96}, 2, 9, 4)],
)
def test_parts_divide_every_batch(
    batch: int, stages: dict[str, int], processes: int, rows: int, parts: int
) -> None:
    config = preset("stylegan2-64-cpu", batch=batch).with_changes(stage_batches=stages)
    assert estimate._fewest_parts(config, Shard(0, processes, 0, processes), rows) == parts
    assert estimate._fewest_parts(config.with_changes(batch=1), Shard(0, 2, 0, 2), rows) == 0


def test_precision_is_measured_only_where_it_may_help(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(start, "resolve", pytest.fail)
    config = preset("stylegan2-64-cpu", batch=65_536, precision="auto")
    set_available(monkeypatch, 20 * 10**9)
    with pytest.raises(OptionError, match="needs about 15"):
        run_training(config, tmp_path / "run", dataset=tiny_dataset())
    assert not check_memory(config.with_changes(batch=1024))


def test_large_batches_follow_from_moderate_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    config = preset("stylegan2-64-cpu", batch=48, r1_gamma=1.0)
    exact = rehearse(config)
    monkeypatch.setattr(rehearsal, "_MOST_ROWS", 16)
    near = rehearse(config)
    assert near.kept_bytes == pytest.approx(exact.kept_bytes, rel=0.01)
    assert vars(near.work) == pytest.approx(vars(exact.work), rel=0.01)
    assert (near.fixed_bytes, near.images) == (exact.fixed_bytes, exact.images)


def test_small_runs_are_not_kept_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    set_available(monkeypatch, 2**30)
    monkeypatch.setattr(estimate, "rehearse", pytest.fail)
    check_memory(tiny_config("stylegan2"))


def test_no_folder_is_left_and_no_run_is_touched(
    monkeypatch: pytest.MonkeyPatch, run_path: Path
) -> None:
    config = tiny_config("mlp")
    set_available(monkeypatch, 1000)
    with pytest.raises(OptionError, match="memory"):
        run_training(config, run_path, dataset=tiny_dataset())
    assert not run_path.exists()
    set_available(monkeypatch, None)
    run_training(config, run_path, dataset=tiny_dataset())
    set_available(monkeypatch, 1000)
    before = (run_path / "config.json").read_bytes()
    with pytest.raises(OptionError, match="Close other programs"):
        run_training(None, run_path, resume=True, changes={"total_kimg": 9.0})
    assert (run_path / "config.json").read_bytes() == before


def test_a_person_reads_lines(tmp_path: Path) -> None:
    found = estimate_training("mlp-mnist", options={"batch": 16, "precision": "fp32", "lr": None})
    device, memory, speed = found.lines()
    assert "fp32, batch 16" in device and "free" in memory and "pictures a second" in speed
    with RunFolder.create(tmp_path / "run", found.config.to_json()):
        pass
    again = estimate_resumed(tmp_path / "run", {"total_kimg": 1.0})
    assert again.config == found.config.with_changes(total_kimg=1.0)
    with pytest.raises(OptionError, match="--preset"):
        estimate_training("")


# -- what systems say -----------------------------------------------------------------------------


def test_this_computer_has_memory() -> None:
    found = available_memory(CPU)
    assert found is not None and found > 10_000_000


def test_linux() -> None:
    text = "MemTotal:  16 kB\nMemFree:  1 kB\nMemAvailable:    2048 kB\n"
    assert available._linux(text) == 2048 * 1024
    with pytest.raises(ValueError, match="MemAvailable"):
        available._linux("MemFree: 1 kB\n")


def test_containers(tmp_path: Path) -> None:
    limit, used = tmp_path / "max", tmp_path / "current"
    assert available._cgroup(limit, used) is None
    used.write_text("30\n")
    limit.write_text("max\n")
    assert available._cgroup(limit, used) is None
    limit.write_text("100\n")
    assert available._cgroup(limit, used) == 70


def test_macos() -> None:
    text = (
        "Mach Virtual Memory Statistics: (page size of 16384 bytes)\n"
        "Pages free:                 100.\nPages active:       999.\n"
        "Pages inactive:              20.\nPages purgeable:      3.\n"
    )
    assert available._macos(text) == 123 * 16384
    with pytest.raises(ValueError, match="vm_stat"):
        available._macos("")


def test_nobody_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> int:
        raise OSError

    monkeypatch.setattr(available, "_system_memory", unknown)
    assert available_memory(CPU) is None
