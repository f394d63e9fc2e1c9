"""Entry point: finds the command, and turns every failure into one line and an exit code.

Exit codes: 0 done, 1 failed, 2 the command line makes no sense, 130 stopped.
"""

import difflib
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from latent_studio import __version__
from latent_studio.errors import Cancelled, OptionError, StudioError
from latent_studio.lean_torch import defer_meta_kernels

STOPPED = 130
# Name, module below latent_studio.cli: loaded when the command is used (or its help is listed).
COMMANDS = {
    "gui": "gui",
    "train": "train",
    "render": "render",
    "grid": "grid",
    "mix": "mix",
    "video": "video",
    "invert": "invert",
    "drag": "drag",
    "directions": "directions",
    "models": "models",
    "get": "get",
    "inspect": "inspect",
    "import": "convert",
    "export": "export",
    "presets": "presets",
    "tune": "tune",
    "runs": "runs",
    "data": "data",
    "evaluate": "evaluate",
    "bench": "bench",
}


class StudioGroup(click.Group):
    """Commands by module name; no command opens the window, a model's name opens it there."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"latent_studio.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name in COMMANDS:
            return super().resolve_command(ctx, args)
        if _may_be_model(name):
            return "gui", self.get_command(ctx, "gui"), args
        close = difflib.get_close_matches(name, COMMANDS, 1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        raise click.UsageError(f"There is no command and no model {name!r}.{hint}", ctx)


@click.group(
    cls=StudioGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Without a command the window opens; 'latent-studio MODEL' opens it with that model.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of a failure.")
@click.version_option(__version__, prog_name="latent-studio")
@click.pass_context
def cli(ctx: click.Context, debug: bool) -> Any:
    """Train a GAN, watch it learn, and walk through its latent space."""
    if debug:
        os.environ["LATENT_STUDIO_DEBUG"] = "1"
    if ctx.invoked_subcommand is None:
        command = ctx.command
        assert isinstance(command, StudioGroup)
        gui = command.get_command(ctx, "gui")
        assert gui is not None
        return ctx.invoke(gui, model=None)
    return None


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    _use_utf8()
    defer_meta_kernels()
    try:
        result = cli.main(
            None if args is None else list(args), prog_name="latent-studio", standalone_mode=False
        )
        _flush()
    except Exception as error:  # noqa: BLE001 - the last resort of the whole program
        return _report(error)
    except KeyboardInterrupt:
        return _stopped()
    return result if isinstance(result, int) else 0


def _report(error: Exception) -> int:
    """Print ``error`` as one line; returns the exit code."""
    if isinstance(error, Cancelled | click.Abort):
        return _stopped()
    if isinstance(error, BrokenPipeError):
        return _broken_pipe()
    if os.environ.get("LATENT_STUDIO_DEBUG"):
        traceback.print_exception(error)
    if isinstance(error, click.ClickException):
        return _fail(error.format_message() + _help_hint(error), error.exit_code)
    if isinstance(error, OptionError):
        return _fail(error.message, 2)
    if isinstance(error, StudioError):
        return _fail(error.message, 1)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return _fail("There is not enough memory for this; close programs or ask for less.", 1)
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    return _fail(f"{what} (run latent-studio --debug … for the traceback)", 1)


def _fail(message: str, code: int) -> int:
    line = " ".join(message.split())
    click.echo(f"Error: {line}", err=True)
    return code


def _help_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f" See '{context.command_path} --help'." if context is not None else ""


def _stopped() -> int:
    click.echo("Stopped.", err=True)
    return STOPPED


def _broken_pipe() -> int:
    """The reader of a pipe went away: no message, and none at interpreter exit either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def _flush() -> None:
    """Meet a closed pipe here and not while the interpreter exits."""
    if sys.stdout is not None:
        sys.stdout.flush()


def _use_utf8() -> None:
    """Names of files and people print on consoles of another encoding, if need be as marks."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _may_be_model(name: str) -> bool:
    """A file, a path of a model file (maybe mistyped), or the name of a bundled model."""
    if name.startswith("-"):
        return False
    if name.endswith(".safetensors") or os.path.exists(name) or Path(name).name != name:
        return True
    from latent_studio.jobs.inspect import is_listed

    return is_listed(name)
