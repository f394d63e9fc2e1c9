"""``latent-studio models``: the models that come with the program, and what a file holds."""

import json

import click


@click.command("models")
@click.argument("model", required=False)
@click.option("--json", "as_json", is_flag=True, help="All that MODEL says of itself, as JSON.")
def command(model: str | None, as_json: bool) -> None:
    """List the bundled models and your own; with MODEL (a name or a file) show its card."""
    from latent_studio.jobs import inspect

    if model is not None:
        facts = inspect.describe_model(model)
        text = json.dumps(facts, indent=2, ensure_ascii=False) if as_json else None
        click.echo(text or "\n".join(inspect.model_lines(facts)))
        return
    if as_json:
        raise click.UsageError("--json wants a MODEL.")
    _list()


def _list() -> None:
    from latent_studio.jobs.inspect import list_models, user_models_folder

    entries = list_models()
    if not entries:
        click.echo("No model comes with this copy of the program.")
    for entry in entries:
        click.echo(entry.line())
    click.echo(f"Your own models go into {user_models_folder()}", err=True)
    click.echo("Published ones: latent-studio get", err=True)
