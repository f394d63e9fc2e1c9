"""One of several processes that train together: what ``test_distributed.py`` starts.

Takes a JSON list of jobs, works them off in one process group, and writes what it has to say
about each to ``<folder>/<job>.<rank>.json``.
"""

import dataclasses
import json
import os
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from tiny_runs import tiny_dataset

from latent_studio.errors import StudioError
from latent_studio.events import TrainTick
from latent_studio.mailbox import StopToken
from latent_studio.training.commands import Command, CommandQueue
from latent_studio.training.config import TrainConfig
from latent_studio.training.distributed import ProcessShard, joined
from latent_studio.training.start import follow_training, run_training
from latent_studio.training.state import TrainState
from latent_studio.training.stats import Statistics
from latent_studio.training.step import Stepper
from latent_studio.training.trainer import Trainer


def run(job: dict[str, Any], folder: Path, shard: ProcessShard) -> Any:
    """Begin or resume a run; the leader obeys ``commands``, pauses and stops at the ticks given."""
    if not shard.leads:
        if job.get("dies"):
            dies_after(job["dies"])
        return follow_training(shard).kimg
    token, queue, ticks = StopToken(), CommandQueue(), []
    for name, value in job.get("commands", ()):
        queue.put(Command(name, value))

    def emit(event: Any) -> None:
        if isinstance(event, TrainTick):
            ticks.append(event.step)
            if event.step == job.get("pause_at"):
                token.pause()
                threading.Timer(1.3, token.resume).start()
            if event.step == job.get("stop_at"):
                token.stop()

    config = TrainConfig.from_json(job["config"]) if "config" in job else None
    end = run_training(
        config,
        folder / job.get("path", job["name"]),
        resume=config is None,
        changes=job.get("changes"),
        emit=emit,
        token=token,
        commands=queue,
        shard=shard,
    )
    return {"reason": end.reason, "ticks": ticks}


def dies_after(steps: int) -> None:
    """Let this process end, as kill -9 does, in a step."""
    plain = Trainer._between_steps

    def between_steps(trainer: Trainer, token: StopToken) -> None:
        if trainer.state.counters.step == steps:
            os._exit(9)
        plain(trainer, token)

    Trainer._between_steps = between_steps  # type: ignore[method-assign]


def scarce(job: dict[str, Any], folder: Path, shard: ProcessShard) -> Any:
    """Run out of memory in rank 1: in a step of D, and where path lengths are about to be met."""
    config = TrainConfig.from_json(job["config"])
    state = TrainState(config, tiny_dataset())
    parts: list[int] = []
    passes = iter(range(1000))
    plain = state.generator.synthesis.forward

    def synthesis(*args: Any, **kwargs: Any) -> Any:
        number = next(passes)
        if shard.index == 1 and number in job["fails"]:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return plain(*args, **kwargs)

    state.generator.synthesis.forward = synthesis

    def divide(count: int) -> None:
        parts.append(count)
        stepper.config = stepper.config.with_changes(accumulate=count)

    card = dataclasses.replace(shard, cards=True)
    stepper = Stepper(config, state, Statistics(), on_split=divide, shard=card)
    for _ in range(2):
        stepper.run()
    weights = [p.double().sum().item() for p in state.generator.parameters()]
    return {"parts": parts, "weights": weights}


def main() -> None:
    torch.set_num_threads(1)
    folder, jobs = Path(sys.argv[1]), json.loads(sys.argv[2])
    with joined("cpu", timedelta(seconds=60)) as shard:
        assert isinstance(shard, ProcessShard)
        for job in jobs:
            try:
                told = {"scarce": scarce, "run": run}[job["kind"]](job, folder, shard)
            except StudioError as error:
                told = {"error": type(error).__name__, "message": error.message}
            (folder / f"{job['name']}.{shard.index}.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main()
