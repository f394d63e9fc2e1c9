"""``latent-studio inspect``: what a model file is."""

import json

import click


@click.command("inspect")
@click.argument("file")
def command(file: str) -> None:
    """Show what FILE is as JSON: architecture, settings, parameters, where it is from, its hash.

    FILE is a model of this program or of another. Nothing in it is run.
    """
    from latent_studio.jobs.convert import inspect_file

    click.echo(json.dumps(inspect_file(file), indent=2, ensure_ascii=False))
