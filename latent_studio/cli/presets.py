"""``latent-studio presets``: trainings that are known to work."""

import json

import click


@click.command("presets")
@click.argument("name", required=False)
def command(name: str | None) -> None:
    """List the training presets; with NAME show its settings as JSON."""
    from latent_studio.jobs.inspect import describe_preset, list_presets

    if name is not None:
        click.echo(json.dumps(describe_preset(name), indent=2))
        return
    entries = list_presets()
    width = max(len(entry.name) for entry in entries)
    for entry in entries:
        click.echo(f"{entry.name:{width}}  {entry.title}. {entry.summary}")
