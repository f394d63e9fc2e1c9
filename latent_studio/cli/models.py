"""``latent-studio models``: the models that come with the program, and what a file holds."""

import json

import click


@click.command("models")
@click.argument("model", required=False)
def command(model: str | None) -> None:
    """List the bundled models and your own; with MODEL (a name or a file) show its card."""
    from latent_studio.jobs.inspect import describe_model, list_models, user_models_folder

    if model is not None:
        click.echo(json.dumps(describe_model(model), indent=2, ensure_ascii=False))
        return
    entries = list_models()
    if not entries:
        click.echo("No model comes with this copy of the program.")
    for entry in entries:
        click.echo(entry.line())
    click.echo(f"Your own models go into {user_models_folder()}", err=True)
    click.echo("Published ones: latent-studio get", err=True)
