"""``latent-studio export``: a model for another program."""

from pathlib import Path

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running


@click.command("export")
@click.argument("model")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["rosinality"]),
    default="rosinality",
    show_default=True,
    help="Whose files to write: those of rosinality's stylegan2-pytorch (.pt).",
)
@options.out_option
@options.quiet_option
def command(model: str, format_: str, out: Path, quiet: bool) -> None:
    """Write MODEL (a file or the name of a bundled model) as another program reads it."""
    from latent_studio.jobs.convert import export_model

    with running(quiet) as link:
        path = export_model(model, out, format=format_, emit=link["emit"])
    options.wrote(path, quiet)
