"""``latent-studio tune``: search for the settings of a training."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running
from latent_studio.cli.table import table

if TYPE_CHECKING:
    from latent_studio.jobs.tune import TuneResult


@click.command("tune")
@click.option("--data", metavar="PATH", help="As for a training; not needed to go on.")
@click.option("--preset", metavar="NAME", help="What to begin from; see 'latent-studio presets'.")
@click.option("--out", required=True, type=options.FILE, metavar="DIR", help="Folder of the runs.")
@click.option("--trials", type=click.IntRange(1), default=20, show_default=True, help="In all.")
@click.option(
    "--sampler", type=click.Choice(["tpe", "random", "grid", "cmaes", "nsga2"]), help="tpe if new."
)
@click.option(
    "--pruner",
    type=click.Choice(["median", "hyperband", "none"]),
    help="Gives trials up that lag behind; median if new.",
)
@click.option(
    "--metric",
    metavar="LIST",
    help="swd if new (fd-random for sizes it does not fit); several, as in swd,seconds, by nsga2.",
)
@click.option(
    "--features",
    metavar="random|inception|FILE",
    help="Who looks, as in 'evaluate': FID needs Inception-v3's weights (.pth).",
)
@click.option("--samples", type=click.IntRange(2), help="Pictures in a measurement; 1000 if new.")
@click.option("--space", type=options.FILE, help="JSON file: names with ranges or choices.")
@click.option(
    "--param",
    "params",
    multiple=True,
    metavar="NAME=VALUES",
    help="What to vary: g_lr=log:1e-4:1e-2, batch=8|16, discriminator.dropout=0:0.5; repeatable.",
)
@click.option("--kimg", type=float, help="Length of a trial; a tenth of the preset's if new.")
@click.option("--every", type=float, help="Kimg between measurements; an eighth of a trial if new.")
@click.option(
    "--set",
    "more",
    type=options.SETTING,
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting that all trials share.",
)
@click.option("--conditional", is_flag=True, default=None, help="Learn the classes of the data.")
@click.option("--seed", type=options.SEED, help="Of the search.")
@click.option("--storage", metavar="URL", help="Database that many machines may share.")
@click.option("--study", default="tune", show_default=True, help="Its name there.")
@click.option("--save", "save_as", metavar="NAME", help="Preset that the best becomes.")
@click.option("--list", "only_list", is_flag=True, help="Show the trials so far and do nothing.")
@options.quiet_option
def command(
    out: Path,
    metric: str | None,
    space: Path | None,
    params: tuple[str, ...],
    more: tuple[tuple[str, Any], ...],
    storage: str | None,
    study: str,
    only_list: bool,
    quiet: bool,
    **request: Any,
) -> None:
    """Search for good settings; every trial is a run in the folder DIR.

    Ctrl-C stops: everything is saved, and 'latent-studio tune --out DIR' goes on from there. Start
    it on several machines with one --storage to share the work.
    """
    from latent_studio.events import Notice, Progress
    from latent_studio.jobs.search_space import parse_param, read_space
    from latent_studio.jobs.tune import list_trials, tune

    if only_list:
        _print(list_trials(out, storage=storage, study=study))
        return
    asked = [] if space is None else read_space(space)
    asked += [param for text in params for param in parse_param(text)]
    with running(quiet) as link:
        tell = link["emit"]
        # the ticks of every trial would hide the trials
        link["emit"] = lambda event: tell(event) if isinstance(event, Notice | Progress) else None
        result = tune(
            out,
            space=asked or None,
            metrics=None if metric is None else [name.strip() for name in metric.split(",")],
            options=dict(more) or None,
            storage=storage,
            study=study,
            **request,
            **link,
        )
    if quiet:
        return
    _print(result)
    if result.reason == "stopped":
        click.echo("Stopped, everything is saved. Go on with:")
        place = "" if storage is None else f' --storage "{storage}"'
        name = "" if study == "tune" else f" --study {study}"
        click.echo(f'  latent-studio tune --out "{out}"{place}{name} --trials {request["trials"]}')
    if result.preset:
        click.echo(f"Train with the best: latent-studio train --preset {result.preset} …")


def _print(result: "TuneResult") -> None:
    names = list(dict.fromkeys(name for row in result.trials for name in row.params))
    head = ["", "trial", "state", *result.metrics, "kimg", *names, "run", ""]
    rows = []
    for row in result.trials:
        values = [f"{value:.4g}" for value in row.values]
        values += [""] * (len(result.metrics) - len(values))
        settings = [_short(row.params.get(name, "")) for name in names]
        mark = "*" if row.number in result.best else ""
        facts = [f"{row.kimg:g}", *settings, row.run, row.reason]
        rows.append([mark, str(row.number), row.state, *values, *facts])
    for line in table(head, rows):
        click.echo(line)


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
