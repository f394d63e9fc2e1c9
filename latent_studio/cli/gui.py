"""``latent-studio gui``: the window."""

import gc
import os
import sys

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
    if not _has_screen():
        raise click.ClickException(
            "There is no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set). The other "
            "commands work without one: latent-studio --help."
        )
    gc.disable()  # modules are no garbage
    try:
        from latent_studio.ui.app import run
    except ImportError as error:
        if error.name and error.name.split(".")[0] not in ("PySide6", "shiboken6", "pyqtgraph"):
            raise
        raise click.ClickException(
            f"The window can't start, a part of Qt is missing ({error}); on Linux install the "
            "system packages that the README lists. The other commands work without it."
        ) from error
    finally:
        gc.enable()
    asked = {"backend": backend, "precision": precision}
    return int(run(model or "", {key: value for key, value in asked.items() if value}))


def _has_screen() -> bool:
    """Whether Qt would find one; without, it ends the process with a core dump."""
    if not sys.platform.startswith("linux"):
        return True
    return any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")))
