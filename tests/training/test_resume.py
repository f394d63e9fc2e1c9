"""A run that was stopped, or killed, goes the same way as one that never was."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_runs import SPECS, tiny_config, tiny_dataset

from latent_studio.errors import OptionError, RunError
from latent_studio.events import TrainTick
from latent_studio.storage.checkpoint import load_checkpoint
from latent_studio.storage.run_folder import RunFolder
from latent_studio.training import diagnostics
from latent_studio.training.checks import Finding, Outlook
from latent_studio.training.config import TrainConfig
from latent_studio.training.start import run_training
from latent_studio.training.thresholds import Thresholds


def final_state(path: Path) -> dict[str, Any]:
    return load_checkpoint(path / "checkpoint.safetensors")


def assert_equal(a: Any, b: Any, where: str = "state") -> None:
    """Equal to the bit, apart from the time it took."""
    if isinstance(a, dict):
        assert a.keys() == b.keys(), where
        for key in a:
            if key not in ("seconds", "config", "epoch"):
                assert_equal(a[key], b[key], f"{where}.{key}")
    elif isinstance(a, torch.Tensor):
        assert torch.equal(a, b), where
    else:
        assert a == b, where


@pytest.mark.parametrize("architecture", SPECS)
def test_two_halves_equal_the_whole(architecture: str, tmp_path: Path) -> None:
    data = tiny_dataset()
    whole = tiny_config(architecture, total_kimg=0.08)
    run_training(whole, tmp_path / "whole", dataset=data)
    run_training(tiny_config(architecture, total_kimg=0.04), tmp_path / "half", dataset=data)
    middle = final_state(tmp_path / "half")
    run_training(None, tmp_path / "half", resume=True, changes={"total_kimg": 0.08}, dataset=data)
    end = final_state(tmp_path / "half")
    assert_equal(final_state(tmp_path / "whole"), end)
    assert middle["counters"]["step"] == 10 and end["counters"]["step"] == 20
    name = next(iter(end["generator"]))
    assert not torch.equal(middle["generator"][name], end["generator"][name])


@pytest.mark.parametrize(
    "options",
    [
        {"style_mixing": 0.9, "mirror": False},
        {"reuse_fakes": False},
        {"channels_last": True},
        {"classes": 3},
        {"precision": "bf16"},
        {"r1_interval": 1},
        {"augment": "ada", "ada_kimg": 0.05},
        {"augment": "diffaug", "accumulate": 2, "r1_gamma": 0.0, "batch": 8},
        {"pl_weight": 2.0, "style_mixing": 0.5},
        {"objective": "wgan-gp", "n_critic": 2},
        {
            "optimizer": "rmsprop",
            "lr_warmup_kimg": 0.01,
            "lr_decay": "cosine",
            "lr_decay_kimg": 0.1,
        },
    ],
    ids=lambda options: next(iter(options)),
)
def test_options_resume_exactly(options: dict[str, Any], tmp_path: Path) -> None:
    data = tiny_dataset(options.get("classes", 0))
    config = tiny_config("stylegan2", total_kimg=0.04, **options)
    run_training(config, tmp_path / "whole", dataset=data)
    run_training(config.with_changes(total_kimg=0.02), tmp_path / "half", dataset=data)
    run_training(config, tmp_path / "half", resume=True, dataset=data)
    assert_equal(final_state(tmp_path / "whole"), final_state(tmp_path / "half"))


@pytest.mark.parametrize("architecture", ["pggan", "stylegan1"])
def test_growing_resumes_exactly(architecture: str, tmp_path: Path) -> None:
    """Stopped while a resolution fades in, with a batch of its own."""
    data = tiny_dataset()
    options = {"fade_kimg": 0.04, "stable_kimg": 0.02, "stage_batches": {"4": 8}, "r1_gamma": 0.5}
    config = tiny_config(architecture, total_kimg=0.08, **options)
    run_training(config, tmp_path / "whole", dataset=data)
    run_training(config.with_changes(total_kimg=0.04), tmp_path / "half", dataset=data)
    middle = final_state(tmp_path / "half")
    (name,) = [n for n in middle["generator"] if n.endswith("progress")]
    assert 0 < middle["generator"][name] < 1
    run_training(config, tmp_path / "half", resume=True, dataset=data)
    whole = final_state(tmp_path / "whole")
    assert_equal(whole, final_state(tmp_path / "half"))
    assert whole["generator"][name] == 1
    assert whole["counters"]["step"] < 20  # the lowest resolution had larger batches


SCRIPT = textwrap.dedent(
    """
    import sys
    sys.path[:0] = [sys.argv[1]]
    from tiny_runs import tiny_config, tiny_dataset
    from latent_studio.training.start import run_training

    config = tiny_config(sys.argv[3], total_kimg=1000.0, checkpoint_kimg=0.02)
    run_training(config, sys.argv[2], dataset=tiny_dataset())
    """
)


@pytest.mark.parametrize("architecture", SPECS)
def test_killed_run_continues_exactly(architecture: str, tmp_path: Path) -> None:
    path = tmp_path / "killed"
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(Path(__file__).parent), str(path), architecture],
        cwd=Path(__file__).parents[2],
    )
    try:
        wait_for_step(path, 20, process)
    finally:
        process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
        process.wait()
    step = final_state(path)["counters"]["step"]
    assert step >= 20
    total = (step + 7) * 4 / 1000
    data = tiny_dataset()
    changes = {"total_kimg": total, "checkpoint_kimg": 0.0}
    run_training(None, path, resume=True, changes=changes, dataset=data)
    run_training(tiny_config(architecture, total_kimg=total), tmp_path / "whole", dataset=data)
    assert_equal(final_state(tmp_path / "whole"), final_state(path))


def wait_for_step(path: Path, step: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if final_state(path)["counters"]["step"] >= step:
                return
        except RunError:
            pass
        time.sleep(0.05)
    pytest.fail(f"the training did not reach step {step} (exit code {process.poll()})")


def test_the_log_of_alarms_is_that_of_a_whole_run(
    run_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alarms after the last checkpoint are forgotten, and raised again."""

    def swing(seen: Outlook) -> Finding:
        bad = len(seen.past.get("loss/D", ())) // 2 % 2
        return Finding(float(bad), "It swings.", "1 (alarm from 1)", {"d_lr": 1e-4})

    class Killed(BaseException):
        pass

    def kill(event: object) -> None:
        if isinstance(event, TrainTick) and event.step >= 15:
            raise Killed

    monkeypatch.setattr(diagnostics, "CHECKS", {"stagnation": swing})
    quick = partial(Thresholds, warmup=0, patience=1)
    monkeypatch.setattr(diagnostics, "Thresholds", quick)
    data = tiny_dataset()
    config = tiny_config("mlp", total_kimg=0.08, tick_kimg=0.004, checkpoint_kimg=0.036)
    run_training(config, tmp_path / "whole", dataset=data)
    with pytest.raises(Killed):
        run_training(config, run_path, dataset=data, emit=kill)
    alarms = (run_path / "alarms.jsonl").read_bytes()
    run_training(None, run_path, resume=True, dataset=data)
    again = (run_path / "alarms.jsonl").read_bytes()
    assert again == (tmp_path / "whole" / "alarms.jsonl").read_bytes()
    assert again.startswith(alarms) and alarms.count(b"\n") > 4
    with RunFolder.open(run_path, write=False) as run:
        assert [row.what for row in run.read_alarms()][:4] == ["raised", "cleared"] * 2


def test_a_lost_checkpoint_is_not_begun_anew(run_path: Path) -> None:
    """Statistics and models that cost hours must not be mixed with those of a new beginning."""
    data = tiny_dataset()
    run_training(tiny_config("mlp", total_kimg=0.008), run_path, dataset=data)
    log = (run_path / "stats.jsonl").read_bytes()
    for path in run_path.glob("checkpoint*"):
        path.unlink()
    with pytest.raises(RunError, match=r"checkpoint .* is gone.*new run"):
        run_training(None, run_path, resume=True, dataset=data)
    assert (run_path / "stats.jsonl").read_bytes() == log


def test_a_run_killed_before_its_first_checkpoint_begins(run_path: Path) -> None:
    data = tiny_dataset()
    run_training(tiny_config("mlp", total_kimg=0.0), run_path, dataset=data)
    for path in (*run_path.glob("checkpoint*"), *run_path.glob("*/*")):
        path.unlink()
    run_training(None, run_path, resume=True, changes={"total_kimg": 0.008}, dataset=data)
    assert final_state(run_path)["counters"]["step"] == 2


def test_training_leaves_the_compiler_alone(run_path: Path) -> None:
    """It takes seconds to load, which would hold up a window and every start."""
    code = (
        "import sys, torch; sys.path[:0] = [sys.argv[1]]\n"
        "torch.zeros(1, device='meta'); before = set(sys.modules)\n"  # torch 2.6 wants sympy for it
        "from tiny_runs import tiny_config, tiny_dataset\n"
        "from latent_studio.training.start import run_training\n"
        "config = tiny_config('stylegan2', total_kimg=0.008)\n"
        "run_training(config, sys.argv[2], dataset=tiny_dataset())\n"
        "assert not {'torch._dynamo', 'sympy'} & (set(sys.modules) - before)\n"
        "assert 'torch._dynamo' not in before\n"
    )
    arguments = [str(Path(__file__).parent), str(run_path)]
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code, *arguments], cwd=root, check=True, timeout=120)


def test_resume_keeps_the_method(run_path: Path) -> None:
    data = tiny_dataset()
    config = tiny_config("mlp", total_kimg=0.004)
    run_training(config, run_path, dataset=data)
    with pytest.raises(OptionError, match="batch"):
        run_training(config.with_changes(batch=8), run_path, resume=True, dataset=data)
    with pytest.raises(OptionError, match="g_lr"):
        run_training(None, run_path, resume=True, changes={"g_lr": 1.0}, dataset=data)
    run_training(config.with_changes(device="auto", threads=0), run_path, resume=True, dataset=data)


def test_resume_refuses_other_data(run_path: Path) -> None:
    run_training(tiny_config("mlp", total_kimg=0.004), run_path, dataset=tiny_dataset())
    other = tiny_dataset()
    other.fingerprint = "other"
    with pytest.raises(RunError, match="data have changed"):
        run_training(None, run_path, resume=True, dataset=other)


def test_new_run_in_a_used_folder_is_refused(run_path: Path) -> None:
    config = tiny_config("mlp", total_kimg=0.004)
    run_training(config, run_path, dataset=tiny_dataset())
    before = final_state(run_path)
    with pytest.raises(RunError, match="Resume"):
        run_training(config, run_path, dataset=tiny_dataset())
    assert_equal(before, final_state(run_path))


def test_stored_config_is_resolved(run_path: Path) -> None:
    config = tiny_config("mlp", total_kimg=0.004, threads=0, device="auto", precision="auto")
    states: list[TrainConfig] = []
    run_training(
        config,
        run_path,
        dataset=tiny_dataset(),
        on_trainer=lambda trainer: states.append(trainer.config),
    )
    stored = states[0]
    assert stored.threads > 0 and stored.device != "auto" and stored.precision in ("fp32", "bf16")
