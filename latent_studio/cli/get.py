"""``latent-studio get``: published models from the web."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running
from latent_studio.cli.table import table

if TYPE_CHECKING:
    from latent_studio.jobs.get_models import Listing
    from latent_studio.storage.catalogue import CatalogueEntry

_STATES = {"absent": "", "partial": "begun", "downloaded": "downloaded", "ready": "in the library"}
_COMMERCIAL = {"forbidden": "not commercial", "unclear": "unclear", "allowed": "free"}


@click.command("get")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--accept-licence",
    "--accept-license",
    "accepted",
    is_flag=True,
    help="I have read that the licence forbids commercial use.",
)
@click.option("--find", metavar="TEXT", default="", help="List only models with TEXT in them.")
@click.option("--json", "as_json", is_flag=True, help="List as JSON, with every address and hash.")
@click.option("--remove", is_flag=True, help="Delete the fetched files; the library keeps its own.")
@options.quiet_option
def command(
    names: tuple[str, ...], accepted: bool, find: str, as_json: bool, remove: bool, quiet: bool
) -> None:
    """Fetch published models into your library, or list them.

    What was cut short is continued. Nothing is asked of the network before a NAME is given.
    """
    if not names:
        _list(find, as_json)
        return
    from latent_studio.storage.catalogue import find_entry

    entries = [find_entry(name) for name in names]
    for entry in entries:
        _remove(entry, quiet) if remove else _get(entry, accepted, quiet)


def _get(entry: "CatalogueEntry", accepted: bool, quiet: bool) -> None:
    from latent_studio.jobs.get_models import get_model, holding_of

    if holding_of(entry).state in ("absent", "partial"):
        accepted = _accepts(entry, accepted)
    with running(quiet) as link:
        path = get_model(entry, accept_licence=accepted, **link)
    options.wrote(path, quiet)


def _accepts(entry: "CatalogueEntry", accepted: bool) -> bool:
    """Say what the licence is; on a terminal ask about one that forbids commercial use."""
    licence = entry.licence
    asks = licence.commercial == "forbidden" and not accepted
    if asks and (sys.stdin is None or not sys.stdin.isatty()):
        return False  # the refusal says what the licence is
    click.echo(f"{entry.name}: {licence.title}. {licence.note} {licence.url}", err=True)
    if not asks:
        return accepted
    return click.confirm("It is not for commercial use. Get it?", err=True)


def _remove(entry: "CatalogueEntry", quiet: bool) -> None:
    from latent_studio.jobs.get_models import remove_download

    freed = remove_download(entry)
    if not quiet:
        click.echo(f"Removed {freed / 1e6:,.0f} MB of {entry.name}.")


def _list(find: str, as_json: bool) -> None:
    from latent_studio.jobs.get_models import list_published

    words = find.lower().split()
    found = [one for one in list_published() if all(word in _text(one) for word in words)]
    if as_json:
        click.echo(json.dumps([_facts(one) for one in found], indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo(f"No published model has {find!r} in its line.", err=True)
        return
    head = ("NAME", "ARCHITECTURE", "SIDE", "SIZE", "COMMERCIAL USE", "HERE", "PICTURES")
    for line in table(head, [_row(one) for one in found]):
        click.echo(line)


def _row(one: "Listing") -> tuple[str, ...]:
    entry = one.entry
    size = "?" if entry.bytes is None else f"{entry.bytes / 1e6:,.0f} MB"
    commercial = _COMMERCIAL[entry.licence.commercial]
    here = _STATES[one.holding.state]
    side = str(entry.resolution)
    return entry.name, entry.architecture, side, size, commercial, here, entry.title


def _text(one: "Listing") -> str:
    return " ".join((*_row(one), one.entry.data, one.entry.licence.title)).lower()


def _facts(one: "Listing") -> dict[str, Any]:
    facts = asdict(one.entry)
    path = one.holding.path
    return {**facts, "state": one.holding.state, "path": None if path is None else str(path)}
