"""Kill a training at random moments and compare each continuation with a run that was never cut.

    python tests/bench/kill_resume.py [--kills 20] [--architecture stylegan2] [--seed 0]

The run changes settings while it goes on and uses augmentation, dropout (where the family has it),
style mixing, path lengths and lazy R1 (where it has styles). Everything a checkpoint holds must
come out equal to the bit: networks, average, optimisers, random states, data position.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import click

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))

from test_resume import assert_equal, final_state
from tiny_runs import tiny_config, tiny_dataset

from latent_studio.errors import RunError
from latent_studio.events import Event, TrainTick
from latent_studio.training.commands import Command, CommandQueue
from latent_studio.training.config import TrainConfig
from latent_studio.training.start import run_training

STEPS = 120
OPTIONS: dict[str, dict[str, Any]] = {
    "stylegan2": {"style_mixing": 0.9, "pl_weight": 2.0, "pl_interval": 4},
    "mlp": {"r2_gamma": 1.0},
    "dcgan": {"discriminator.dropout": 0.2, "n_critic": 2},
}


def config(architecture: str, steps: int) -> TrainConfig:
    options = {"augment": "ada", "ada_kimg": 0.1, "checkpoint_kimg": 0.02, "batch": 8}
    per_step = 8 * OPTIONS[architecture].get("n_critic", 1)
    total = steps * per_step / 1000
    return tiny_config(architecture, total_kimg=total, **options, **OPTIONS[architecture])


def train(architecture: str, path: Path, resume: bool) -> None:
    """To the end, with two settings changed on the way (a resumed run replays them)."""
    queue = CommandQueue()

    def act(event: Event) -> None:
        if isinstance(event, TrainTick) and not queue_used(path) and event.step >= 20:
            queue.put(Command("r1_gamma", 3.0))
            queue.put(Command("d_lr", 1e-3))

    def queue_used(path: Path) -> bool:
        log = path / "commands.jsonl"
        return log.is_file() and log.stat().st_size > 0

    settings = None if resume else config(architecture, STEPS)
    run_training(settings, path, resume=resume, dataset=tiny_dataset(), commands=queue, emit=act)


@click.command(help=__doc__)
@click.option("--kills", type=int, default=20)
@click.option("--architecture", type=click.Choice(list(OPTIONS)), default="stylegan2")
@click.option("--seed", type=int, default=0)
@click.option("--child", type=click.Path(path_type=Path), hidden=True)
def main(kills: int, architecture: str, seed: int, child: Path | None) -> None:
    if child is not None:
        train(architecture, child, resume=(child / "config.json").is_file())
        return
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as home:
        whole, cut = Path(home, "whole"), Path(home, "cut")
        train(architecture, whole, resume=False)
        done = 0
        for attempt in range(kills):
            began = time.monotonic()
            if not cut.exists() or final_step(cut) >= STEPS:
                cut = Path(home, f"cut{attempt}")
            line = [sys.executable, __file__, "--architecture", architecture, "--child", str(cut)]
            process = subprocess.Popen(line, env=os.environ)
            wait = None if not (cut / "config.json").is_file() else final_step(cut)
            while process.poll() is None and final_step(cut) == (wait or -1):
                time.sleep(0.02)
            time.sleep(chance.random() * 5.0)
            process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
            process.wait()
            step = final_step(cut)
            if step >= STEPS:
                click.echo(f"{attempt + 1}: ended before it was killed")
                continue
            train(architecture, cut, resume=True)
            assert_equal(final_state(whole), final_state(cut))
            done += 1
            click.echo(
                f"{attempt + 1}: killed at step {step} or later, continued to the same bits "
                f"({time.monotonic() - began:.1f} s)"
            )
            cut = Path(home, f"cut{attempt}")
        click.echo(f"{done} of {kills} kills continued exactly")


def final_step(path: Path) -> int:
    """The step of the newest checkpoint, -1 before there is one."""
    try:
        return int(final_state(path)["counters"]["step"])
    except RunError:
        return -1


if __name__ == "__main__":
    main()
