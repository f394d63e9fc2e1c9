"""Does the device wait for pictures? The loader's time beside the whole step's, by preset.

    python tests/bench/bench_loader.py lfw-faces-64.zip [--preset dcgan-64] [--steps 20]

Both are measured in the same training, batch by batch: picking the rows of the memory-mapped
cache, mirroring, the way to the device and to floats, against everything. Pictures of other sizes
are resized once, before; the mapped file may be larger than memory.
"""

import statistics
import tempfile
import time
from pathlib import Path

import click
import torch

from latent_studio.data.dataset import open_dataset
from latent_studio.data.sampler import BatchStream
from latent_studio.mailbox import StopToken
from latent_studio.training.device import resolve_device
from latent_studio.training.presets import PRESETS, find_preset
from latent_studio.training.start import run_training
from latent_studio.training.trainer import Trainer

CHOSEN = ("mlp-mnist", "dcgan-64", "stylegan2-64-cpu")


class Watch:
    """Times every call of a trainer's loader and step, waiting for the device each time."""

    def __init__(self, steps: int) -> None:
        self.steps, self.token = steps, StopToken()
        self.loading: list[float] = []
        self.whole: list[float] = []

    def attach(self, trainer: Trainer) -> None:
        stream, step = trainer.state.stream, trainer._stepper
        device = trainer.state.device
        load, run = stream.next, step.run

        def timed_load(batch: int | None = None) -> object:
            begun = time.perf_counter()
            images, labels = load(batch)
            torch.from_numpy(images).to(device).float().mul_(2 / 255).sub_(1)
            wait(device)
            self.loading.append(time.perf_counter() - begun)
            return images, labels

        def timed_run() -> object:
            begun = time.perf_counter()
            result = run()
            wait(device)
            self.whole.append(time.perf_counter() - begun)
            if len(self.whole) >= self.steps:
                self.token.stop()
            return result

        stream.next, step.run = timed_load, timed_run  # type: ignore[method-assign]


def wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def alone(data: str, resolution: int, batch: int, cache: Path) -> float:
    """Pictures a second that the loader gives when nobody takes them."""
    dataset = open_dataset(data, resolution=resolution, cache_dir=cache)
    stream = BatchStream(dataset, batch)
    stream.next()
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < 1:
        stream.next()
        count += batch
    return count / (time.perf_counter() - begun)


@click.command(help=__doc__)
@click.argument("data")
@click.option("--preset", "chosen", multiple=True, type=click.Choice(list(PRESETS)))
@click.option("--steps", type=int, default=20)
@click.option("--threads", type=int, default=0)
def main(data: str, chosen: tuple[str, ...], steps: int, threads: int) -> None:
    device = resolve_device("auto")
    click.echo(f"{device}, torch {torch.__version__}")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        cache = Path(name)
        for preset in chosen or CHOSEN:
            watch = Watch(steps)
            config = find_preset(preset).config(data, threads=threads, total_kimg=1e4)
            run_training(
                config,
                cache / preset,
                cache_dir=cache,
                token=watch.token,
                on_trainer=watch.attach,
            )
            load, step = (1000 * statistics.median(t) for t in (watch.loading, watch.whole))
            reads = len(watch.loading) / len(watch.whole)
            speed = alone(data, config.resolution, config.batch, cache)
            click.echo(
                f"{preset}: step {step:.1f} ms for {config.batch} pictures, of which loading "
                f"{load * reads:.2f} ms ({load * reads / step:.1%}); loader alone "
                f"{speed:,.0f} pictures a second"
            )


if __name__ == "__main__":
    main()
