"""Metrics while a run goes on."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_resume import assert_equal, final_state
from tiny_runs import tiny_config, tiny_dataset

from latent_studio.errors import ModelError, OptionError
from latent_studio.events import Notice, TrainTick
from latent_studio.metrics import registry
from latent_studio.metrics.registry import METRICS, Metric, Reading
from latent_studio.storage.run_folder import RunFolder
from latent_studio.training import measuring
from latent_studio.training.start import run_training

METRICS_ASKED = {"metrics": "fd-random,pr", "metrics_samples": 20, "snapshot_kimg": 0.02}


def measured(path: Path) -> dict[int, dict[str, float]]:
    with RunFolder.open(path, write=False) as folder:
        rows = folder.read_stats()
    found = {row["step"]: {k: v for k, v in row.items() if k.startswith("metric/")} for row in rows}
    return {step: values for step, values in found.items() if values}


def test_metrics_stand_in_the_statistics(tmp_path: Path) -> None:
    data = tiny_dataset(resolution=16)
    config = tiny_config("mlp", resolution=16, total_kimg=0.06, tick_kimg=1.0, **METRICS_ASKED)
    told: list[TrainTick] = []

    def hear(event: object) -> None:
        if isinstance(event, TrainTick):
            told.append(event)

    run_training(config, tmp_path / "a", dataset=data, emit=hear, cache_dir=tmp_path)
    found = measured(tmp_path / "a")
    assert sorted(found) == [5, 10, 15]
    names = {"metric/fd-random", "metric/pr-random/precision", "metric/pr-random/recall"}
    assert all(set(values) == names for values in found.values())
    assert all(0 <= v["metric/pr-random/precision"] <= 1 for v in found.values())
    assert set(told[-1].values) >= names
    # the training itself does not notice, and every second model file is every second one
    half = config.with_changes(metrics_every=2)
    run_training(half, tmp_path / "b", dataset=data, cache_dir=tmp_path)
    assert sorted(measured(tmp_path / "b")) == [10, 15]
    ends = [final_state(tmp_path / name) for name in "ab"]
    for end in ends:
        del end["monitor"]  # one of them ticked more often
    assert_equal(*ends)
    assert found[10] == measured(tmp_path / "b")[10]


@pytest.mark.parametrize(
    ("names", "message"), [("beauty", "no metric"), ("fid", "[Ii]nception"), ("swd", "16|power")]
)
def test_what_cannot_be_measured_is_said_at_the_start(
    names: str, message: str, run_path: Path
) -> None:
    config = tiny_config("mlp", metrics=names)
    with pytest.raises(OptionError, match=message):
        run_training(config, run_path, dataset=tiny_dataset())
    assert not run_path.exists()


def broken(name: str, found: Callable[[], list[Reading]]) -> Metric:
    return replace(METRICS[name], compute=lambda *_: found())


def failing(error: Exception) -> list[Reading]:
    raise error


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (lambda: [Reading("kid-random", math.nan)], "not a finite number"),
        (lambda: failing(OptionError("Too few pictures.")), "Too few pictures"),
        (lambda: failing(np.linalg.LinAlgError("no root\nof it")), "no root"),
    ],
)
def test_a_metric_that_fails_is_left_out_and_the_training_goes_on(
    found: Callable[[], list[Reading]],
    reason: str,
    run_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(registry.METRICS, "kid-random", broken("kid-random", found))
    names = {"metrics": "kid-random,fd-random", "metrics_samples": 20, "snapshot_kimg": 0.02}
    config = tiny_config("mlp", total_kimg=0.06, tick_kimg=1.0, **names)
    told: list[object] = []
    end = run_training(config, run_path, dataset=tiny_dataset(), emit=told.append)
    assert end.reason == "done"
    values = measured(run_path)
    assert sorted(values) == [5, 10, 15]
    assert all(set(row) == {"metric/fd-random"} for row in values.values())
    warnings = [e.message for e in told if isinstance(e, Notice) and e.level == "warning"]
    assert len(warnings) == 1  # not at every model file again
    assert warnings[0].startswith("kid-random could not be measured") and reason in warnings[0]
    assert "diverged" not in warnings[0]


def test_pictures_that_cannot_be_looked_at_cost_only_the_metrics(
    run_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        measuring, "look_at_made", lambda *_, **__: failing(RuntimeError("out of memory"))
    )
    config = tiny_config("mlp", **{**METRICS_ASKED, "total_kimg": 0.04})
    told: list[object] = []
    end = run_training(config, run_path, dataset=tiny_dataset(), emit=told.append)
    assert end.reason == "done" and measured(run_path) == {}
    texts = [event.message for event in told if isinstance(event, Notice)]
    assert any("out of memory" in text and "fd-random,pr" in text for text in texts)


def test_the_fid_of_a_run(run_path: Path, inception_file: Path) -> None:
    asked = {"metrics": "fd,kid-inception,kid-random", "metrics_samples": 3, "snapshot_kimg": 1.0}
    config = tiny_config("mlp", total_kimg=0.01, metrics_features=str(inception_file), **asked)
    run_training(config, run_path, dataset=tiny_dataset())
    (values,) = measured(run_path).values()
    assert set(values) == {f"metric/{name}" for name in ("fid", "kid-inception", "kid-random")}
    with RunFolder.open(run_path, write=False) as folder:
        kept = folder.config
    # what cannot be measured is refused before it is kept
    changes = {"metrics_features": str(run_path / "gone.pth"), "total_kimg": 0.02}
    with pytest.raises(ModelError, match="There is no"):
        run_training(None, run_path, resume=True, changes=changes, dataset=tiny_dataset())
    with RunFolder.open(run_path, write=False) as folder:
        assert folder.config == kept


def test_weights_that_are_none_are_refused_before_the_run(tmp_path: Path) -> None:
    (tmp_path / "text.pth").write_text("no weights")
    for name, message in (("text.pth", "cannot be read"), ("none.pth", "There is no")):
        config = tiny_config("mlp", metrics="fid", metrics_features=str(tmp_path / name))
        with pytest.raises(ModelError, match=message):
            run_training(config, tmp_path / "run", dataset=tiny_dataset())
        assert not (tmp_path / "run").exists()
