"""``latent-studio directions``: find named directions and keep them in a model file."""

from pathlib import Path

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running


@click.command("directions")
@options.model_option
@click.option("--data", metavar="PATH", help="Labelled pictures; only for attributes.")
@click.option(
    "--attribute",
    "attributes",
    multiple=True,
    help="Attribute of the data to learn, as in smiling or smiling=smile to name it; repeatable. "
    "All of the data's if not given.",
)
@click.option("--components", type=click.IntRange(0, 512), help="Principal components to find.")
@click.option("--samples", type=click.IntRange(100), default=10_000, show_default=True)
@click.option("--seed", type=options.SEED, default=0, show_default=True)
@click.option("--out", type=options.FILE, help="Write another file and leave MODEL as it is.")
@options.device_option
@options.quiet_option
def command(
    model: str,
    data: str | None,
    attributes: tuple[str, ...],
    components: int | None,
    samples: int,
    seed: int,
    out: Path | None,
    device: str,
    quiet: bool,
) -> None:
    """Add directions to a model file: attributes of labelled pictures, principal components.

    Directions of the same name are replaced, others stay.
    """
    from latent_studio.jobs.directions import add_directions

    with running(quiet) as link:
        added, path = add_directions(
            model,
            data,
            attributes=attributes,
            components=components,
            samples=samples,
            seed=seed,
            out=out,
            device=device,
            **link,
        )
    if not quiet:
        click.echo(f"Added to {path}: {', '.join(direction.name for direction in added)}")
