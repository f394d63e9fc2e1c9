"""Searches on tiny networks: every sampler, failures, stopping, sharing, what comes of it."""

import subprocess
import sys

import pytest
import torch

from latent_studio.errors import ModelError, OptionError, RunError
from latent_studio.events import Notice, SnapshotSaved, TrainTick
from latent_studio.jobs import presets, runs, tune
from latent_studio.jobs.search_space import parse_param
from latent_studio.jobs.tune import list_trials, save_trial
from latent_studio.mailbox import StopToken
from latent_studio.storage.run_folder import RunFolder
from latent_studio.training.config import TrainConfig

pytest.importorskip("optuna")

OPTIONS = {
    "resolution": 16,
    "batch": 8,
    "tick_kimg": 0.016,
    "grid_kimg": 0.0,
    "limit": 16,
    "threads": 1,
    "device": "cpu",
    "precision": "fp32",
    "grid_count": 1,
    "generator.hidden": [8],
    "generator.z_dim": 4,
    "discriminator.hidden": [8],
}
LR = "g_lr=log:1e-5:1e-2"
DROPOUT = "discriminator.dropout=0:0.5"


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path / "home"))


@pytest.fixture
def cheap(monkeypatch):
    """A quick number of the weights in place of a distance of pictures."""
    from latent_studio.jobs.running_metric import RunningMetric
    from latent_studio.storage.model_file import load_model

    def measure(self, model, token=None):
        tensors = load_model(model).tensors.values()
        count = sum(tensor.numel() for tensor in tensors)
        return {"swd": float(sum(t.double().abs().sum() for t in tensors)), "parameters": count}

    monkeypatch.setattr(RunningMetric, "measure", measure)


def search(out, *params, **more):
    """A search of trials of 32 pictures, measured twice."""
    request = {
        "trials": 3,
        "data": "procedural-faces",
        "preset": "mlp-mnist",
        "space": [param for text in params or (LR, DROPOUT) for param in parse_param(text)],
        "kimg": 0.032,
        "every": 0.016,
        "samples": 16,
        "options": OPTIONS,
        "pruner": "none",
        **more,
    }
    return tune.tune(out, **request)


def states(result):
    return [row.state for row in result.trials]


@pytest.mark.parametrize("sampler", ["random", "tpe", "cmaes"])
def test_trials_are_runs(tmp_path, sampler):
    result = search(tmp_path / "t", sampler=sampler)
    assert result.reason == "done" and states(result) == ["done"] * 3
    assert [run.name for run in runs.list_runs(tmp_path / "t")][::-1] == [
        "tune-0000",
        "tune-0001",
        "tune-0002",
    ]
    for row in result.trials:
        config = TrainConfig.from_json(RunFolder.open(tmp_path / "t" / row.run, write=False).config)
        assert config.g_lr == row.params["g_lr"] and 1e-5 <= config.g_lr <= 1e-2
        assert config.discriminator.config["dropout"] == row.params["discriminator.dropout"]
        assert (row.kimg, len(row.values)) == (0.032, 1)
        assert runs.describe_run(tmp_path / "t" / row.run).metrics["swd"] == row.values[0]
    values = [row.values[0] for row in result.trials]
    assert len(set(values)) == 3
    assert result.best == (values.index(min(values)),)
    assert list_trials(tmp_path / "t").trials == result.trials


def test_a_grid_is_gone_through_once(tmp_path, cheap):
    result = search(
        tmp_path, "batch=4|8", "discriminator.dropout=0:0.5:0.5", sampler="grid", trials=50
    )
    found = [(row.params["batch"], row.params["discriminator.dropout"]) for row in result.trials]
    assert found == [(4, 0.0), (4, 0.5), (8, 0.0), (8, 0.5)]
    with pytest.raises(OptionError, match="choices or a step"):
        search(tmp_path / "x", LR, sampler="grid")


def test_several_metrics_give_a_front(tmp_path, cheap):
    result = search(
        tmp_path,
        "generator.hidden=[4]|[64]",
        LR,
        sampler="nsga2",
        metrics=["swd", "parameters"],
        trials=6,
    )
    assert states(result) == ["done"] * 6 and result.metrics == ("swd", "parameters")
    points = {row.number: row.values for row in result.trials}
    front = {
        number
        for number, (a, b) in points.items()
        if not any((x <= a and y < b) or (x < a and y <= b) for x, y in points.values())
    }
    assert set(result.best) == front and front
    assert presets.preset_origin(result.preset)["trial"] == min(front, key=lambda n: points[n][0])
    with pytest.raises(OptionError, match="several metrics"):
        search(tmp_path / "x", metrics=["swd", "seconds"], pruner="median")


def test_the_best_becomes_a_preset(tmp_path, cheap):
    result = search(tmp_path / "t")
    assert result.preset == "mlp-mnist-tuned"
    best = result.trials[result.best[0]]
    config = presets.find_preset("mlp-mnist-tuned").config("x", resolution=16)
    assert config.g_lr == best.params["g_lr"] and config.total_kimg == 1000
    assert config.discriminator.config["dropout"] == best.params["discriminator.dropout"]
    assert search(tmp_path / "t", trials=4).preset == "mlp-mnist-tuned"  # its own again
    assert search(tmp_path / "u", trials=1).preset == "mlp-mnist-tuned-2"  # nobody else's
    with pytest.raises(OptionError, match="another --save"):
        search(tmp_path / "v", trials=1, save_as="mlp-mnist-tuned")
    save_trial(tmp_path / "t", 1, "second")
    assert presets.find_preset("second").config("x").g_lr == result.trials[1].params["g_lr"]
    with pytest.raises(OptionError, match="no trial 9"):
        save_trial(tmp_path / "t", 9, "ninth")


def test_a_search_by_fid(tmp_path, inception_file, monkeypatch):
    monkeypatch.chdir(inception_file.parent)
    request = {"metrics": ["fd"], "samples": 3, "every": 0.032}
    found = search(tmp_path / "a", trials=1, features=inception_file.name, **request)
    assert states(found) == ["done"] and found.trials[0].values[0] > 0
    with pytest.raises(OptionError, match="another features"):
        search(tmp_path / "a", trials=1, features="random", **request)
    with pytest.raises(ModelError, match=r"There is no .*none\.pth"):
        search(tmp_path / "b", features="none.pth", **request)
    assert not list((tmp_path / "b").glob("tune-*"))


def test_a_search_goes_by_what_fits_the_pictures(tmp_path):
    options = {name: value for name, value in OPTIONS.items() if name != "resolution"}
    found = search(tmp_path, trials=1, options=options)  # digits have 28 pixels a side
    assert found.metrics == ("fd-random",) and states(found) == ["done"]
    with pytest.raises(OptionError, match=r"power of two.*fd-random takes any size"):
        search(tmp_path, trials=1, options=options, metrics=["swd"], study="other")


def test_bad_trials_do_not_end_a_search(tmp_path, cheap, monkeypatch):
    """One diverges, one finds no memory, one can't be: each is noted with its reason."""
    from latent_studio.training.step import Stepper

    step = Stepper.run

    def run(self):
        if self.config.g_lr == 0.5:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried")
        step(self)
        if self.config.g_lr == 0.25:
            self._stats.add("loss/G", torch.tensor(float("nan")))

    monkeypatch.setattr(Stepper, "run", run)
    told = []
    result = search(tmp_path, "g_lr=0.5|0.25|0.001", "pl_weight=0|1", sampler="grid", trials=6,
                    emit=told.append)  # fmt: skip
    reasons = {(row.params["g_lr"], row.params["pl_weight"]): row for row in result.trials}
    assert "not enough memory" in reasons[0.5, 0].reason
    assert "not a finite number" in reasons[0.25, 0].reason
    assert "needs styles" in reasons[0.001, 1].reason
    assert reasons[0.001, 0].state == "done" and states(result).count("failed") == 5
    assert result.best == (reasons[0.001, 0].number,)
    assert any("failed" in e.message for e in told if isinstance(e, Notice))


def test_a_trial_that_divides_its_batch_unevenly_fails_with_the_reason(tmp_path, cheap):
    result = search(tmp_path, "accumulate=3|2", sampler="grid", trials=2)
    found = {row.params["accumulate"]: row for row in result.trials}
    assert found[2].state == "done" and found[3].state == "failed"
    assert "8 has no 3 parts" in found[3].reason


def test_what_fails_always_ends_the_search(tmp_path, cheap):
    with pytest.raises(RunError, match=r"3 trials in a row failed.*needs styles"):
        search(tmp_path, LR, trials=9, options={**OPTIONS, "pl_weight": 1.0})
    assert len(list_trials(tmp_path).trials) == 3


def test_the_laggard_is_given_up(tmp_path, monkeypatch):
    from latent_studio.jobs.running_metric import RunningMetric

    def measure(self, model, token=None):
        number = int(model.parent.parent.name[-4:])
        return {"swd": float(number), "parameters": 1.0}

    monkeypatch.setattr(RunningMetric, "measure", measure)
    result = search(tmp_path, trials=6, pruner="median", kimg=0.064, sampler="random")
    assert states(result) == ["done"] * 4 + ["pruned"] * 2
    last = result.trials[-1]
    assert last.kimg == 0.032 and "lags behind" in last.reason and result.best == (0,)
    assert runs.describe_run(tmp_path / last.run).state == "stopped"  # and can go on


def test_stopped_and_begun_again_it_goes_the_same_way(tmp_path, cheap):
    whole = search(tmp_path / "whole", trials=4)
    token = StopToken()
    seen = []

    def stop(event):
        seen.append(event)
        if isinstance(event, SnapshotSaved) and event.run == "tune-0001":
            token.stop()

    part = search(tmp_path / "part", trials=4, emit=stop, token=token)
    assert part.reason == "stopped" and states(part) == ["done", "running"]
    assert part.trials[1].kimg < 0.032
    rest = tune.tune(tmp_path / "part", trials=4)  # what was asked for is known
    assert rest.reason == "done" and states(rest) == ["done"] * 4
    assert [row.params for row in rest.trials] == [row.params for row in whole.trials]
    assert [row.values for row in rest.trials] == [row.values for row in whole.trials]
    with pytest.raises(OptionError, match="begun with another kimg, space"):
        search(tmp_path / "part", LR, kimg=1.0)


@pytest.mark.parametrize("moment", ["before the run", "while it runs"])
def test_a_killed_trial_is_taken_up_again(tmp_path, cheap, monkeypatch, moment):
    class Killed(BaseException):
        pass

    def die(event):
        early = moment == "before the run" and isinstance(event, Notice)
        if early or (isinstance(event, TrainTick) and event.run == "tune-0001"):
            raise Killed

    with pytest.raises(Killed):
        search(tmp_path, trials=3, emit=die)
    left = list_trials(tmp_path).trials
    assert left[-1].state == "running"
    result = search(tmp_path, trials=3)
    assert states(result) == ["done"] * 3 and len({row.run for row in result.trials}) == 3


TWO = """
import sys
import test_tune
print(len(test_tune.search(sys.argv[1], test_tune.LR, trials=7, sampler="random").trials))
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_processes_share_a_study(tmp_path, monkeypatch):
    import os
    from pathlib import Path

    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "OMP_NUM_THREADS": "1"}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", TWO, str(tmp_path / "t")],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ends = [process.communicate(timeout=280) for process in both]
    assert [process.returncode for process in both] == [0, 0], ends
    result = list_trials(tmp_path / "t")
    assert states(result) == ["done"] * 7
    assert len({row.run for row in result.trials}) == 7
    assert len({row.params["g_lr"] for row in result.trials}) == 7
    assert len(runs.list_runs(tmp_path / "t")) == 7


def test_one_storage_many_folders(tmp_path, cheap):
    url = f"sqlite:///{(tmp_path / 'shared.db').as_posix()}"
    for name, count in (("a", 2), ("b", 4)):
        result = search(tmp_path / name, trials=count, storage=url, study="together")
    assert states(result) == ["done"] * 4
    assert [len(runs.list_runs(tmp_path / name)) for name in "ab"] == [2, 2]
    assert not (tmp_path / "a" / "study.db").exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"data": None}, "needs data"),
        ({"preset": None}, "needs preset"),
        ({"preset": "x"}, "no preset 'x'"),
        ({"trials": 0}, "at least one"),
        ({"sampler": "x"}, "no sampler 'x'"),
        ({"pruner": "x"}, "no pruner 'x'"),
        ({"metrics": ["x"]}, "no metric 'x'"),
        ({"metrics": ["seconds"]}, "cheapest"),
        ({"metrics": ["ms-ssim"]}, "neither better"),
        ({"metrics": ["ssim"]}, "ssim is neither better"),
        ({"metrics": ["pr"]}, "two numbers"),
        ({"study": "a/b"}, "can't name a study"),
        ({"save_as": "a/b"}, "can't name a preset"),
        ({"every": 1.0}, "can't be measured every"),
        ({"sampler": "cmaes", "space": parse_param("batch=4|8")}, "at least two ranges"),
        ({"space": parse_param("kimgs=1|2")}, "Unknown training option"),
        ({"space": parse_param("total_kimg=1|2")}, "can't be searched"),
        ({"space": parse_param("discriminator.colour=1|2")}, "do not fit"),
        ({"space": parse_param("batch=0:4")}, "'batch' must be from 1"),
    ],
)
def test_requests_that_make_no_sense(tmp_path, more, words):
    from latent_studio.errors import StudioError

    with pytest.raises(StudioError, match=words):
        search(tmp_path / "t", **more)
    assert not list((tmp_path / "t").glob("tune-*"))


def test_a_storage_that_is_none(tmp_path):
    with pytest.raises(RunError, match="Cannot open the storage"):
        search(tmp_path, storage="nonsense://user:secret@host/db")
    with pytest.raises(RunError, match="no search in"):
        list_trials(tmp_path / "empty")


def test_without_optuna(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(OptionError, match=r"pip install 'latent-studio\[tune\]'"):
        search(tmp_path)
