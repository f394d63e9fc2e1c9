"""``latent-studio train``: teach a GAN."""

from pathlib import Path
from typing import Any

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running


@click.command("train")
@click.option("--data", metavar="PATH", help="Folder, zip, IDX file or procedural-faces.")
@click.option("--preset", metavar="NAME", help="See 'latent-studio presets'.")
@click.option("--out", required=True, type=options.FILE, metavar="RUN", help="Folder of the run.")
@click.option("--resume", is_flag=True, help="Go on with the run in RUN.")
@click.option("--kimg", "total_kimg", type=float, help="Length in thousands of pictures.")
@click.option("--batch", type=click.IntRange(1), help="Pictures a step.")
@click.option("--resolution", type=click.IntRange(4), help="Side of the pictures.")
@click.option("--channels", type=click.Choice(["1", "3"]), help="1 grey, 3 colour.")
@click.option("--limit", type=click.IntRange(1), help="Use at most this many pictures of the data.")
@click.option("--conditional", is_flag=True, help="Learn the classes of the data.")
@click.option("--mirror/--no-mirror", default=None, help="Show pictures mirrored, too.")
@click.option("--seed", type=options.SEED, help="Of everything random in the run.")
@click.option("--device", help="auto, cpu, cuda, cuda:N or mps.")
@click.option("--precision", type=click.Choice(["auto", "fp32", "bf16"]), help="auto measures.")
@click.option("--threads", type=click.IntRange(1), help="CPU threads; all cores if not given.")
@click.option("--lr", type=float, help="Learning rate of both networks.")
@click.option("--r1-gamma", type=float, help="Weight of the R1 penalty.")
@click.option(
    "--objective", metavar="NAME", help="What the networks minimise, such as wgan-gp or hinge."
)
@click.option("--architecture", metavar="NAME", help="Its first preset, where none is named.")
@click.option(
    "--aug",
    "augment",
    type=click.Choice(["none", "ada", "diffaug"]),
    help="Change the pictures that D sees, against overfitting on few of them.",
)
@click.option("--metrics", metavar="LIST", help="Measured at every model file: fd-random,swd,…")
@click.option(
    "--features",
    "metrics_features",
    metavar="random|inception|FILE",
    help="Who looks for the metrics, as in 'evaluate': FID needs Inception-v3's weights (.pth).",
)
@click.option("--tensorboard", is_flag=True, help="Write TensorBoard's event files, too (extra).")
@click.option("--init", type=options.FILE, metavar="MODEL", help="Begin from this model's weights.")
@click.option(
    "--set",
    "more",
    type=options.SETTING,
    multiple=True,
    metavar="KEY=VALUE",
    help="Any other setting, also generator.KEY and discriminator.KEY; see 'latent-studio presets "
    "NAME' for the settings there are.",
)
@click.option("--dry-run", is_flag=True, help="Only tell what memory and time it would take.")
@options.quiet_option
def command(
    data: str | None,
    preset: str | None,
    out: Path,
    resume: bool,
    channels: str | None,
    conditional: bool,
    lr: float | None,
    init: Path | None,
    architecture: str | None,
    more: tuple[tuple[str, Any], ...],
    tensorboard: bool,
    dry_run: bool,
    quiet: bool,
    **settings: Any,
) -> None:
    """Train a GAN in the folder RUN.

    Ctrl-C stops: everything is saved, and --resume goes on from there.
    """
    from latent_studio.jobs.train import train
    from latent_studio.training.distributed import find_place

    settings |= {"channels": None if channels is None else int(channels), "g_lr": lr, "d_lr": lr}
    settings |= {"init": None if init is None else str(init), **dict(more)}
    if dry_run:
        _tell_estimate(None if resume else preset or "", architecture, out, settings)
        return
    with running(quiet) as link:
        if tensorboard:
            from latent_studio.jobs.tensorboard import TensorBoardLog

            link["emit"] = TensorBoardLog(link["emit"])
        end = train(
            out,
            data=data,
            preset=preset,
            architecture=architecture,
            resume=resume,
            conditional=conditional,
            options=settings,
            **link,
        )
    if quiet or find_place().rank > 0:
        return
    if end.reason == "stopped":
        click.echo(f"Stopped at {end.kimg:.1f} kimg, everything is saved. Go on with:")
        click.echo(f'  latent-studio train --out "{out}" --resume')
    else:
        click.echo(f"Done: {end.kimg:.1f} kimg in {out}")


def _tell_estimate(
    preset: str | None, architecture: str | None, run: Path, settings: dict[str, Any]
) -> None:
    """Print what a new training would take, or (without ``preset``) that of an existing run."""
    from latent_studio.jobs.estimate import estimate_resumed, estimate_training

    if preset is None:
        found = estimate_resumed(run, settings)
    else:
        found = estimate_training(preset, architecture=architecture, options=settings)
    for line in found.lines():
        click.echo(line)
