"""The loop: events, requests, stops and failures."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from test_resume import assert_equal, final_state
from tiny_runs import tiny_config, tiny_dataset

from latent_studio import events
from latent_studio.errors import RunError
from latent_studio.mailbox import LatestSlot, StopToken
from latent_studio.models.registry import build_generator
from latent_studio.models.snapshot import WeightSnapshot, load_snapshot
from latent_studio.storage.model_file import load_model
from latent_studio.storage.run_folder import RunFolder
from latent_studio.training.commands import Command, CommandQueue
from latent_studio.training.start import run_training
from latent_studio.training.state import TrainState
from latent_studio.training.step import Stepper
from latent_studio.training.trainer import Trainer


class Recorder(list[events.Event]):
    """An ``emit`` that keeps everything and may act on ticks."""

    def __init__(self, on_tick: Any = None) -> None:
        super().__init__()
        self.on_tick = on_tick

    def __call__(self, event: events.Event) -> None:
        self.append(event)
        if self.on_tick is not None and isinstance(event, events.TrainTick):
            self.on_tick(event)

    def of(self, kind: type) -> list[Any]:
        return [event for event in self if isinstance(event, kind)]


def test_events_tell_the_story(run_path: Path) -> None:
    told = Recorder()
    config = tiny_config("stylegan2", total_kimg=0.06, grid_kimg=0.02, snapshot_kimg=0.04)
    finished = run_training(config, run_path, dataset=tiny_dataset(), emit=told)
    assert finished == events.RunFinished("run", "done", 0.06) == told[-1]
    started = told.of(events.RunStarted)[0]
    assert (started.run, started.kimg, started.resumed) == ("run", 0.0, False)
    ticks = told.of(events.TrainTick)
    assert [tick.step for tick in ticks] == [5, 10, 15]
    assert set(ticks[0].values) >= {
        "loss/G", "loss/D", "loss/R1", "score/real", "score/fake", "grad/G", "grad/D", "lr/G",
        "lr/D", "diversity",
    }  # fmt: skip
    assert all(np.isfinite(value) for tick in ticks for value in tick.values.values())
    grids = told.of(events.SampleGrid)
    assert [grid.kimg for grid in grids] == [0.0, 0.02, 0.04, 0.06]
    assert grids[0].images.shape == (4, 8, 8, 3) and Path(grids[0].path).is_file()
    assert [saved.kimg for saved in told.of(events.SnapshotSaved)] == [0.04, 0.06]
    stats = RunFolder.open(run_path, write=False).read_stats()
    assert [line["step"] for line in stats] == [5, 10, 15]
    assert stats[0]["loss/G"] == ticks[0].values["loss/G"]


def test_model_file_holds_the_average(run_path: Path) -> None:
    run_training(tiny_config("dcgan"), run_path, dataset=tiny_dataset())
    (saved,) = RunFolder.open(run_path, write=False).snapshots()
    bundle = load_model(saved.path)
    average = final_state(run_path)["average"]
    assert all(torch.equal(bundle.tensors[name], value) for name, value in average.items())
    assert bundle.training["kimg"] == 0.04 and bundle.training["data"] == "noise"


def test_stop_saves_and_continues(run_path: Path, tmp_path: Path) -> None:
    data, token = tiny_dataset(), StopToken()
    config = tiny_config("stylegan2", total_kimg=0.1)
    told = Recorder(lambda tick: token.stop())
    assert run_training(config, run_path, dataset=data, emit=told, token=token).reason == "stopped"
    assert final_state(run_path)["counters"]["step"] == 5
    assert told.of(events.SnapshotSaved) and told.of(events.CheckpointSaved)
    run_training(None, run_path, resume=True, dataset=data)
    run_training(config, tmp_path / "whole", dataset=data)
    assert_equal(final_state(tmp_path / "whole"), final_state(run_path))


def test_a_discarded_stop_saves_nothing_more(run_path: Path) -> None:
    token, queue = StopToken(), CommandQueue()

    def end(tick: events.TrainTick) -> None:
        queue.put(Command("discard"))
        token.stop()

    told, config = Recorder(end), tiny_config("mlp", total_kimg=0.1)
    work = {"dataset": tiny_dataset(), "emit": told, "token": token, "commands": queue}
    assert run_training(config, run_path, **work).reason == "stopped"
    assert not told.of(events.SnapshotSaved)
    assert final_state(run_path)["counters"]["step"] == 0
    assert run_training(None, run_path, resume=True, dataset=tiny_dataset()).reason == "done"


def test_pause_saves_and_holds(run_path: Path) -> None:
    token, queue = StopToken(), CommandQueue()
    told = Recorder(lambda tick: queue.put(Command("pause")) if tick.step == 5 else None)
    thread = threading.Thread(
        target=run_training,
        args=(tiny_config("mlp"), run_path),
        kwargs={"dataset": tiny_dataset(), "emit": told, "token": token, "commands": queue},
    )
    thread.start()
    deadline = threading.Event()
    for _ in range(600):
        if token.paused and len(told.of(events.CheckpointSaved)) == 2:
            break
        deadline.wait(0.05)
    assert token.paused and final_state(run_path)["counters"]["step"] == 5
    token.resume()
    thread.join(60)
    assert told[-1].reason == "done"


def test_settings_change_between_steps_and_are_replayed(run_path: Path, tmp_path: Path) -> None:
    """A crash after the command and before the next checkpoint does not forget it."""
    data = tiny_dataset()
    config = tiny_config("mlp", total_kimg=0.08, checkpoint_kimg=0.02)

    def train(path: Path, crash: bool) -> Recorder:
        queue = CommandQueue()

        def act(tick: events.TrainTick) -> None:
            if tick.step == 10:
                queue.put(Command("g_lr", 0.02))
                queue.put(Command("r1_gamma", 4.0))
            if crash and tick.step == 15:
                raise KeyboardInterrupt

        told = Recorder(act)
        run_training(config, path, dataset=data, commands=queue, emit=told)
        return told

    whole = train(tmp_path / "whole", crash=False)
    assert whole.of(events.TrainTick)[-1].values["lr/G"] == 0.02
    with pytest.raises(KeyboardInterrupt):
        train(run_path, crash=True)
    assert final_state(run_path)["counters"]["step"] == 10
    assert final_state(run_path)["g_adam"]["lr"] == config.g_lr
    run_training(None, run_path, resume=True, dataset=data)
    assert_equal(final_state(tmp_path / "whole"), final_state(run_path))
    for path in (run_path, tmp_path / "whole"):
        commands = RunFolder.open(path, write=False).read_commands()
        assert [(c["step"], c["name"]) for c in commands] == [(10, "g_lr"), (10, "r1_gamma")]


def tell_at_the_first_tick(path: Path, config: Any, *commands: Command) -> Recorder:
    """Train in ``path``; ``commands`` come after the first tick."""
    queue = CommandQueue()
    told = Recorder(lambda tick: [queue.put(c) for c in commands] if tick.step == 5 else None)
    data = tiny_dataset(resolution=config.resolution)
    run_training(config, path, dataset=data, commands=queue, emit=told)
    return told


def warnings_of(told: Recorder) -> list[str]:
    return [event.message for event in told.of(events.Notice) if event.level == "warning"]


_BN = {"resolution": 16, "discriminator.norm": "batch"}
_R1_ALONE = {"objective": "wgan", "n_critic": 1, "weight_clip": 0.0, "r1_gamma": 1.0}


@pytest.mark.parametrize(
    ("architecture", "options", "command", "words"),
    [
        ("dcgan", {}, Command("pl_weight", 2.0), "styles"),
        ("dcgan", {}, Command("style_mixing", 0.5), "styles"),
        ("dcgan", {}, Command("accumulate", 2.5), "whole number"),
        ("dcgan", {}, Command("accumulate", 8), "no 8 parts"),
        ("dcgan", _BN, Command("gp_weight", 10.0), "batch normalisation"),
        ("mlp", _R1_ALONE, Command("r1_gamma", 0.0), "weight_clip"),
    ],
    ids=str,
)
def test_a_change_that_cannot_be_is_refused_and_changes_nothing(
    architecture: str,
    options: dict[str, Any],
    command: Command,
    words: str,
    run_path: Path,
    tmp_path: Path,
) -> None:
    config = tiny_config(architecture, **options)
    told = tell_at_the_first_tick(run_path, config, command)
    (warning,) = warnings_of(told)
    assert warning.startswith(f"{command.name} stays") and words in warning
    assert told[-1].reason == "done"
    assert not RunFolder.open(run_path, write=False).read_commands()
    tell_at_the_first_tick(tmp_path / "untold", config)
    assert_equal(final_state(tmp_path / "untold"), final_state(run_path))


def test_a_logged_change_that_cannot_be_does_not_keep_a_run_from_going_on(run_path: Path) -> None:
    data = tiny_dataset()
    run_training(tiny_config("dcgan"), run_path, dataset=data)
    with RunFolder.open(run_path) as folder:
        for step, name, value in ((10, "pl_weight", 2.0), (11, "accumulate", 8), (11, "g_lr", 0.1)):
            folder.append_command({"step": step, "name": name, "value": value})
    told, longer = Recorder(), {"total_kimg": 0.08}
    run_training(None, run_path, resume=True, changes=longer, dataset=data, emit=told)
    assert told[-1].reason == "done" and told.of(events.TrainTick)[-1].values["lr/G"] == 0.1
    first, second = warnings_of(told)
    assert "pl_weight is left out" in first and "accumulate is left out" in second
    commands = RunFolder.open(run_path, write=False).read_commands()
    assert [(c["step"], c["name"]) for c in commands] == [(11, "g_lr")]


def test_a_checkpoint_with_a_change_that_cannot_be_goes_on_without_it(run_path: Path) -> None:
    """As a pause right after the change left it, by a program that did not check."""
    data = tiny_dataset()

    def spoil(trainer: Trainer) -> None:
        trainer.config = trainer.config.with_changes(pl_weight=2.0, accumulate=3, g_lr=0.1)

    run_training(tiny_config("dcgan", total_kimg=0.0), run_path, dataset=data, on_trainer=spoil)
    assert final_state(run_path)["config"]["pl_weight"] == 2.0
    told, longer = Recorder(), {"total_kimg": 0.02}
    run_training(None, run_path, resume=True, changes=longer, dataset=data, emit=told)
    assert told[-1].reason == "done" and told.of(events.TrainTick)[-1].values["lr/G"] == 0.1
    first, second = sorted(warnings_of(told))
    assert first.startswith("accumulate is 1 again") and second.startswith("pl_weight is 0 again")


def test_a_penalty_that_is_switched_on_gets_its_correction(run_path: Path, tmp_path: Path) -> None:
    """As if the run had begun with it, and so does the run when it is resumed."""
    trainers: list[Trainer] = []
    config = tiny_config("stylegan2", r1_gamma=0.0, total_kimg=0.06)
    on = [Command("r1_gamma", 1.0), Command("pl_weight", 1.0)]

    def train(path: Path, kimg: float, **more: Any) -> None:
        queue = CommandQueue()
        for command in () if "resume" in more else on:
            queue.put(command)
        settings = config.with_changes(total_kimg=kimg)
        work = {"commands": queue, "on_trainer": trainers.append, **more}
        run_training(settings, path, dataset=tiny_dataset(), **work)

    train(tmp_path / "whole", 0.06)
    state = trainers[0].state
    assert state.d_adam.step_size == pytest.approx(config.d_lr * 4 / 5)
    assert state.g_adam.betas[1] == pytest.approx(config.betas[1] ** (4 / 5))
    begun = TrainState(config.with_changes(r1_gamma=1.0, pl_weight=1.0), tiny_dataset())
    for name in ("g_adam", "d_adam"):
        ours, theirs = getattr(state, name), getattr(begun, name)
        assert (ours.betas, ours.step_size) == (theirs.betas, theirs.step_size)
    train(run_path, 0.04)
    train(run_path, 0.06, resume=True)
    assert_equal(final_state(tmp_path / "whole"), final_state(run_path))


def test_crash_leaves_nothing_after_the_checkpoint(run_path: Path) -> None:
    config = tiny_config("mlp", total_kimg=0.08, checkpoint_kimg=0.04, grid_kimg=0.02)

    def crash(tick: events.TrainTick) -> None:
        if tick.step == 15:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_training(config, run_path, dataset=tiny_dataset(), emit=Recorder(crash))
    run_training(None, run_path, resume=True, dataset=tiny_dataset())
    folder = RunFolder.open(run_path, write=False)
    assert [line["step"] for line in folder.read_stats()] == [5, 10, 15, 20]
    assert [grid.kimg for grid in folder.grids()] == [0.0, 0.02, 0.04, 0.06, 0.08]


@pytest.mark.parametrize("network", ["generator", "discriminator"])
def test_divergence_stops_and_keeps_the_last_good_checkpoint(network: str, run_path: Path) -> None:
    trainers: list[Trainer] = []

    def poison(tick: events.TrainTick) -> None:
        weights = getattr(trainers[0].state, network).parameters()
        with torch.no_grad():
            next(iter(weights)).fill_(float("nan"))

    told = Recorder(poison)
    config = tiny_config("mlp", total_kimg=0.1)
    with pytest.raises(RunError, match=r"diverged.*learning rate"):
        run_training(
            config, run_path, dataset=tiny_dataset(), emit=told, on_trainer=trainers.append
        )
    assert told[-1].reason == "failed" and "diverged" in told[-1].message
    saved = final_state(run_path)
    assert all(torch.isfinite(value).all() for value in saved[network].values())


def test_bad_weights_never_reach_a_checkpoint(run_path: Path) -> None:
    """A stop right after the weights went bad, before any statistics could show it."""
    trainers: list[Trainer] = []
    token = StopToken()

    def poison(tick: events.TrainTick) -> None:
        with torch.no_grad():
            next(trainers[0].state.average.parameters()).fill_(float("inf"))
        token.stop()

    with pytest.raises(RunError, match="diverged"):
        run_training(
            tiny_config("mlp", total_kimg=0.1),
            run_path,
            dataset=tiny_dataset(),
            emit=Recorder(poison),
            token=token,
            on_trainer=trainers.append,
        )
    assert final_state(run_path)["counters"]["step"] == 0


@pytest.mark.parametrize("network", ["generator", "average"])
@pytest.mark.parametrize("watched", [False, True], ids=["files", "live"])
def test_bad_weights_reach_no_model_file_and_no_window(
    network: str, watched: bool, run_path: Path, monkeypatch: Any
) -> None:
    """Between two ticks, where statistics are not looked at."""
    monkeypatch.setattr("latent_studio.training.live.MIN_INTERVAL", 0.0)
    monkeypatch.setattr("latent_studio.training.live.COST_FACTOR", 0.0)
    step, slot = Stepper.run, LatestSlot[WeightSnapshot]()

    def spoil(stepper: Stepper) -> None:
        step(stepper)
        if stepper._state.counters.step == 3:
            slot.take_nowait()  # the next one is offered at once
            with torch.no_grad():
                next(getattr(stepper._state, network).parameters()).fill_(float("nan"))

    monkeypatch.setattr(Stepper, "run", spoil)
    told, pace = Recorder(), {"snapshot_kimg": 0.0 if watched else 0.008, "tick_kimg": 0.1}
    config = tiny_config("mlp", total_kimg=0.1, **pace)
    work = {"snapshots": slot if watched else None, "emit": told}
    with pytest.raises(RunError, match=r"diverged.*learning rate"):
        run_training(config, run_path, dataset=tiny_dataset(), **work)
    assert told[-1].reason == "failed" and "diverged" in told[-1].message
    assert slot.empty and final_state(run_path)["counters"]["step"] == 0
    assert [saved.kimg for saved in told.of(events.SnapshotSaved)] == ([] if watched else [0.008])
    for saved in told.of(events.SnapshotSaved):
        assert all(torch.isfinite(t).all() for t in load_model(Path(saved.path)).tensors.values())


def test_live_link_carries_the_average(run_path: Path) -> None:
    slot: LatestSlot[WeightSnapshot] = LatestSlot()
    config = tiny_config("stylegan2", classes=2)
    run_training(config, run_path, dataset=tiny_dataset(classes=2), snapshots=slot)
    snapshot = slot.take_nowait()
    assert snapshot is not None and (snapshot.kimg, snapshot.epoch) == (0.0, 1)
    assert snapshot.classes == ("0", "1")
    load_snapshot(snapshot, build_generator(config.generator))
    assert slot.empty  # it was not overwritten before it was taken


def test_live_link_goes_on_once_the_last_one_was_taken(run_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("latent_studio.training.live.MIN_INTERVAL", 0.0)
    monkeypatch.setattr("latent_studio.training.live.COST_FACTOR", 0.0)
    slot: LatestSlot[WeightSnapshot] = LatestSlot()
    taken: list[WeightSnapshot | None] = []
    told = Recorder(lambda tick: taken.append(slot.take_nowait()))
    run_training(tiny_config("mlp"), run_path, dataset=tiny_dataset(), snapshots=slot, emit=told)
    assert [(s.kimg, s.epoch) for s in taken if s] == [(0.0, 1), (0.02, 2)]


class Urgent:
    """Counts how often it is asked."""

    turns = 0

    def wait_turn(self, max_seconds: float) -> None:
        assert 0 < max_seconds <= 0.25
        self.turns += 1


@pytest.mark.parametrize("architecture", ["mlp", "dcgan", "stylegan2"])
def test_giving_way_changes_nothing(architecture: str, run_path: Path, tmp_path: Path) -> None:
    urgent, data = Urgent(), tiny_dataset()
    run_training(tiny_config(architecture), run_path, dataset=data, yielder=urgent)
    run_training(tiny_config(architecture), tmp_path / "alone", dataset=data)
    assert urgent.turns > 10 * 10
    assert_equal(final_state(tmp_path / "alone"), final_state(run_path))


def test_global_randomness_is_left_alone(run_path: Path) -> None:
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    run_training(tiny_config("mlp"), run_path, dataset=tiny_dataset())
    assert torch.equal(torch.get_rng_state(), before) and torch.get_num_threads() == threads


def test_out_of_memory_says_what_to_do(run_path: Path, monkeypatch: Any) -> None:
    def fail(self: Any) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried ...")

    monkeypatch.setattr("latent_studio.training.step.Stepper.run", fail)
    with pytest.raises(RunError, match=r"not enough memory.*smaller batch"):
        run_training(tiny_config("mlp"), run_path, dataset=tiny_dataset())
