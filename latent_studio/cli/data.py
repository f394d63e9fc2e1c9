"""``latent-studio data``: what is in a source of pictures."""

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running


@click.command("data")
@click.argument("path")
@options.quiet_option
def command(path: str, quiet: bool) -> None:
    """Report on PATH: a folder, a zip, an IDX file or procedural-faces."""
    from latent_studio.jobs.inspect import report_data

    with running(quiet) as link:
        report = report_data(path, **link)
    for line in report.lines():
        click.echo(line)
