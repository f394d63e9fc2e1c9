"""``latent-studio bench``: how fast it is here."""

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running


@click.group("bench")
def command() -> None:
    """Measure rendering or training on this machine."""


@command.command("render")
@click.option("-m", "--model", metavar="MODEL", help="Model file or bundled model.")
@click.option(
    "--resolution",
    type=click.IntRange(4, 1024),
    default=256,
    show_default=True,
    help="Without MODEL: of a StyleGAN2 with random weights.",
)
@click.option("--repeats", type=click.IntRange(1, 1000), default=20, show_default=True)
@options.device_option
@options.quiet_option
def render(model: str | None, resolution: int, repeats: int, device: str, quiet: bool) -> None:
    """Frame times: full, incremental and preview, fp32 and 16 bits."""
    from latent_studio.jobs.bench import bench_render

    with running(quiet) as link:
        report = bench_render(model, resolution=resolution, repeats=repeats, device=device, **link)
    for line in report.lines():
        click.echo(line)


@command.command("train")
@click.option("--preset", default="stylegan2-64-cpu", show_default=True)
@click.option("--batch", type=click.IntRange(1), help="Pictures a step.")
@click.option("--steps", type=click.IntRange(1, 1000), default=8, show_default=True)
@options.device_option
@options.quiet_option
def train(preset: str, batch: int | None, steps: int, device: str, quiet: bool) -> None:
    """Images per second of a preset on drawn faces, fp32 against bf16."""
    from latent_studio.jobs.bench import bench_train

    with running(quiet) as link:
        report = bench_train(preset, batch=batch, steps=steps, device=device, **link)
    for line in report.lines():
        click.echo(line)
