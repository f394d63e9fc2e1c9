"""``latent-studio runs``: what was trained, and order in it."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running
from latent_studio.cli.table import table

if TYPE_CHECKING:
    from latent_studio.jobs.runs import RunSummary

_ACTIONS = ("show", "rename", "note", "delete", "compare")


class _RunsGroup(click.Group):
    """Without one of the actions, the list: ``runs [DIR]``."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in _ACTIONS:
            return "list", self.commands["list"], args
        return super().resolve_command(ctx, args)


@click.group("runs", cls=_RunsGroup, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> Any:
    """List the runs in DIR (as in 'runs DIR'; your own folder of runs without it), or change one.

    RUN is a folder, or a name in your folder of runs.
    """
    return ctx.invoke(list_command) if ctx.invoked_subcommand is None else None


@command.command("list")
@click.argument("folder", required=False, metavar="[DIR]")
def list_command(folder: str | None = None) -> None:
    """List the runs in DIR."""
    from latent_studio.jobs.runs import list_runs

    found = list_runs(folder)
    if not found:
        from latent_studio.storage import paths

        place = folder or paths.runs_dir()
        click.echo(f"There are no runs in {place}. Name the folder: runs DIR.", err=True)
        return
    head = ["name", "preset", "objective", "kimg", "state", "alarms", "last values", "data"]
    head += ["size", "note"]
    for line in table(head, [_row(run) for run in found]):
        click.echo(line)


@command.command("show")
@click.argument("run")
def show(run: str) -> None:
    """Tell what is known of RUN."""
    from latent_studio.jobs.runs import describe_run, find_run
    from latent_studio.storage.alarm_log import open_alarms
    from latent_studio.storage.run_folder import RunFolder

    known = describe_run(find_run(run))
    facts = {
        "folder": str(known.path.absolute()),
        "state": known.state + (f": {known.message}" if known.message else ""),
        "preset": known.preset,
        "networks": f"{known.architecture}, {known.resolution}×{known.resolution}",
        "objective": known.objective,
        "data": known.data,
        "kimg": f"{known.kimg:g} of {known.total_kimg:g}",
        "time": f"{known.seconds / 3600:.2f} h",
        "changed": time.strftime("%Y-%m-%d %H:%M", time.localtime(known.changed)),
        "size": _size(known.bytes),
        "note": known.note,
        "alarms": _alarms(known),
        **{f"loss {name}": f"{value:.4g}" for name, value in known.losses.items()},
        **{name: f"{value:.4g}" for name, value in known.metrics.items()},
    }
    if known.state != "damaged":
        folder = RunFolder.open(known.path, write=False)
        facts["models at kimg"] = ", ".join(f"{entry.kimg:g}" for entry in folder.snapshots())
        for row in open_alarms(folder.read_alarms()):
            where = f"since {row.kimg:g} kimg: {row.alarm.message} {row.alarm.evidence}"
            facts[f"alarm {row.alarm.kind}"] = where
    width = max(map(len, facts))
    for name, value in facts.items():
        if value:
            click.echo(f"{name:{width}}  {value}")


@command.command("rename")
@click.argument("run")
@click.argument("name")
def rename(run: str, name: str) -> None:
    """Give RUN another NAME."""
    from latent_studio.jobs.runs import find_run, rename_run

    click.echo(f"The run is {rename_run(find_run(run), name)} now")


@command.command("note")
@click.argument("run")
@click.argument("text")
def note(run: str, text: str) -> None:
    """Write TEXT about RUN; an empty one removes the note."""
    from latent_studio.jobs.runs import annotate_run, find_run

    annotate_run(find_run(run), text)


@command.command("delete")
@click.argument("run")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def delete(run: str, yes: bool) -> None:
    """Delete RUN: its models, checkpoints, samples and statistics."""
    from latent_studio.jobs.runs import delete_run, describe_run, find_run

    folder = find_run(run)
    known = describe_run(folder)
    if not yes:
        question = f"Delete {folder} ({known.kimg:g} kimg, {_size(known.bytes)}) for good?"
        click.confirm(question, abort=True)
    left = delete_run(folder)
    click.echo(f"Deleted {folder}")
    if left:
        click.echo(f"Left in it, for not being the run's: {', '.join(p.name for p in left)}")


@command.command("compare")
@click.argument("runs", nargs=-1, required=True)
@click.option("-o", "--out", type=options.FILE, help="PNG of the same latents, a row a run.")
@click.option("--count", type=click.IntRange(1, 256), default=8, show_default=True)
@click.option("--kimg", "kimgs", type=float, multiple=True, help="Of these models; repeatable.")
@options.quiet_option
def compare(
    runs: tuple[str, ...], out: Path | None, count: int, kimgs: tuple[float, ...], quiet: bool
) -> None:
    """Settings that differ, measurements and pictures of RUNS side by side."""
    from latent_studio.jobs.compare import compare_runs
    from latent_studio.jobs.runs import find_run

    with running(quiet) as link:
        found = compare_runs(
            [find_run(run) for run in runs],
            count=0 if out is None else count,
            kimgs=kimgs or None,
            out=out,
            **link,
        )
    head = ["", *(run.name for run in found.runs), ""]
    rows = [["kimg", *(f"{run.kimg:g}" for run in found.runs), ""]]
    columns = {**found.settings, **found.metrics}
    rows += [[name, *map(_value, values), ""] for name, values in columns.items()]
    for line in table(head, rows):
        click.echo(line)
    if out is not None:
        options.wrote(out, quiet)


def _row(run: "RunSummary") -> list[str]:
    values = {**run.losses, **{k: v for k, v in run.metrics.items() if "/" not in k}}
    return [
        run.name,
        run.preset or run.architecture,
        run.objective,
        f"{run.kimg:g}/{run.total_kimg:g}",
        run.state,
        _alarms(run),
        " ".join(f"{name} {value:.3g}" for name, value in values.items()),
        Path(run.data).name or run.data,
        _size(run.bytes),
        " ".join(run.note.split()),
    ]


def _alarms(run: "RunSummary") -> str:
    """``3``, or ``3 (1 open)``; empty without any."""
    standing = f" ({len(run.standing)} open)" if run.standing else ""
    return f"{run.alarms}{standing}" if run.alarms else ""


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _value(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
