"""``latent-studio evaluate``: how good a model is, in numbers."""

from pathlib import Path

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running


@click.command("evaluate")
@options.model_option
@click.option("--data", required=True, metavar="PATH", help="Real pictures to compare with.")
@click.option(
    "--metrics",
    metavar="LIST",
    help="Names with commas between, as in swd,kid,pr; the usual ones if not given.",
)
@click.option("--samples", type=click.IntRange(2), default=1000, show_default=True)
@click.option(
    "--features",
    default="random",
    show_default=True,
    metavar="random|inception|FILE",
    help="Who looks: a random network, or Inception-v3 with the FID's weights (.pth).",
)
@click.option("--download", is_flag=True, help="Fetch the weights for --features inception.")
@click.option("--psi", type=float, default=1.0, show_default=True, help="Truncation.")
@click.option("--seed", type=options.SEED, default=0, show_default=True)
@click.option(
    "--yardstick/--no-yardstick",
    default=True,
    show_default=True,
    help="The same for real pictures against other real ones.",
)
@click.option("--json", "json_file", type=options.FILE, metavar="FILE", help="Write the numbers.")
@options.device_option
@options.quiet_option
def command(
    model: str,
    data: str,
    metrics: str | None,
    samples: int,
    features: str,
    download: bool,
    psi: float,
    seed: int,
    yardstick: bool,
    json_file: Path | None,
    device: str,
    quiet: bool,
) -> None:
    """Compare pictures of MODEL with real ones.

    Metrics: fd (fid with Inception), kid, pr (precision, recall), dc (density, coverage), ppl,
    each on features; swd; ssim, ms-ssim (alikeness of random pairs); is with Inception only.
    """
    from latent_studio.jobs.evaluate import evaluate

    with running(quiet) as link:
        found = evaluate(
            model,
            data,
            [] if metrics is None else [name for name in metrics.split(",") if name.strip()],
            samples=samples,
            features=features,
            download=download,
            psi=psi,
            seed=seed,
            yardstick=yardstick,
            json_file=json_file,
            device=device,
            **link,
        )
    if not quiet:
        for line in found.lines():
            click.echo(line)
