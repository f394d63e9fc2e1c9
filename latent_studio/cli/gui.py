"""``latent-studio gui``: the window."""

import click

from latent_studio.cli.options import BACKENDS


@click.command("gui")
@click.argument("model", required=False)
@click.option(
    "--backend",
    type=click.Choice(BACKENDS),
    help="What runs networks, instead of what the settings say.",
)
@click.option(
    "--precision",
    type=click.Choice(["auto", "fp32", "bf16", "fp16"]),
    help="Bits of the convolutions, instead of what the settings say.",
)
def command(model: str | None, backend: str | None, precision: str | None) -> int:
    """Open the window, with MODEL (a file or a bundled model) if given."""
    try:
        from latent_studio.ui.app import run
    except ImportError as error:
        if error.name and error.name.split(".")[0] not in ("PySide6", "shiboken6", "pyqtgraph"):
            raise
        raise click.ClickException(
            f"The window can't start, a part of Qt is missing ({error}); on Linux install the "
            "system packages that the README lists. The other commands work without it."
        ) from error
    asked = {"backend": backend, "precision": precision}
    return int(run(model or "", {key: value for key, value in asked.items() if value}))
