"""``latent-studio bench``: how fast it is here."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from latent_studio.cli import options

if TYPE_CHECKING:
    from latent_studio.jobs.bench import Report

_json = click.option("--json", "out", type=options.FILE, help="Write the figures here, too.")
_threads = click.option(
    "--threads", type=click.IntRange(0, 1024), default=0, help="CPU threads; 0: all cores."
)
_precisions = click.option(
    "--precision",
    "precisions",
    type=click.Choice(["fp32", "bf16", "fp16"]),
    multiple=True,
    help="Repeatable; fp32, and 16 bits where the device has them, if not given.",
)


@click.group("bench")
def command() -> None:
    """Measure rendering, training, start or drags on this machine.

    Ratios are to the plain formulation: the papers' equations as they stand, in float32. What is
    compared runs in turns in one process; medians are printed, and the middle half of the values.
    """


@command.command("render")
@click.option("-m", "--model", metavar="MODEL", help="Model file or bundled model.")
@click.option(
    "--size",
    "--resolution",
    "sizes",
    type=click.Choice(["4", "8", "16", "32", "64", "128", "256", "512", "1024"]),
    multiple=True,
    help="Without MODEL: of a StyleGAN2 with random weights; repeatable. [default: 64 and 256]",
)
@click.option("--repeats", type=click.IntRange(1, 100_000), default=20, show_default=True)
@click.option(
    "--backend",
    "backends",
    type=click.Choice(["torch", "openvino", "cudagraphs", "compile"]),
    multiple=True,
    help="Repeatable; torch and what may serve here by itself, if not given.",
)
@_precisions
@_threads
@_json
@options.device_option
@options.quiet_option
def render(
    model: str | None,
    sizes: tuple[str, ...],
    repeats: int,
    backends: tuple[str, ...],
    precisions: tuple[str, ...],
    threads: int,
    out: Path | None,
    device: str,
    quiet: bool,
) -> None:
    """Frame times: full frames, edits of the last block, previews."""
    from latent_studio.cli.progress import running
    from latent_studio.jobs import bench

    chosen = [int(size) for size in sizes] or bench.SIZES
    with running(quiet) as link:
        report = bench.bench_render(
            model,
            sizes=chosen,
            precisions=precisions,
            backends=backends,
            repeats=repeats,
            threads=threads,
            device=device,
            **link,
        )
    _tell(report, out)


@command.command("train")
@click.option("--preset", default="stylegan2-64-cpu", show_default=True)
@click.option("--batch", type=click.IntRange(1), help="Pictures a step.")
@click.option("--repeats", "--steps", type=click.IntRange(1, 100_000), default=6, show_default=True)
@_precisions
@_threads
@_json
@options.device_option
@options.quiet_option
def train(
    preset: str,
    batch: int | None,
    repeats: int,
    precisions: tuple[str, ...],
    threads: int,
    out: Path | None,
    device: str,
    quiet: bool,
) -> None:
    """Images per second of a preset on drawn faces."""
    from latent_studio.cli.progress import running
    from latent_studio.jobs import bench

    with running(quiet) as link:
        report = bench.bench_train(
            preset,
            batch=batch,
            precisions=precisions,
            repeats=repeats,
            threads=threads,
            device=device,
            **link,
        )
    _tell(report, out)


@command.command("startup")
@click.option("-m", "--model", default="", metavar="MODEL", help="Model file or bundled model.")
@click.option("--repeats", type=click.IntRange(1, 1000), default=5, show_default=True)
@_json
@options.quiet_option
def startup(model: str, repeats: int, out: Path | None, quiet: bool) -> None:
    """The program's start by stage, and the longest stall until its first picture."""
    from latent_studio.cli.progress import running
    from latent_studio.jobs import bench

    with running(quiet) as link:
        report = bench.bench_startup(model, repeats=repeats, **link)
    _tell(report, out)


@command.command("drag")
@click.option("-m", "--model", default="", metavar="MODEL", help="Model file or bundled model.")
@click.option("--seconds", type=click.FloatRange(1, 3600), default=20, show_default=True)
@click.option("--preset", default="stylegan2-64-cpu", show_default=True, help="Of the training.")
@click.option("--data", default="procedural-faces", show_default=True, help="For the training.")
@click.option("--live", is_flag=True, help="Show the model in training.")
@click.option(
    "--training/--no-training", default=None, help="Only with, or only without. [default: both]"
)
@_threads
@_json
@options.quiet_option
def drag(
    model: str,
    seconds: float,
    preset: str,
    data: str,
    live: bool,
    training: bool | None,
    threads: int,
    out: Path | None,
    quiet: bool,
) -> None:
    """A slider's move to its painted picture, with and without a training beside it."""
    from latent_studio.cli.progress import running
    from latent_studio.jobs import bench

    with running(quiet) as link:
        report = bench.bench_drag(
            model,
            seconds=seconds,
            preset=preset,
            data=data,
            live=live,
            training=(False, True) if training is None else (training,),
            threads=threads,
            **link,
        )
    _tell(report, out)


def _tell(report: "Report", out: Path | None) -> None:
    if out is not None:
        report.write(out)
    for line in report.lines():
        click.echo(line)
