"""``latent-studio gui``: the window."""

import click


@click.command("gui")
@click.argument("model", required=False)
def command(model: str | None) -> int:
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
    return int(run(model))
