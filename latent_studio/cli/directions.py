"""``latent-studio directions``: find, measure, edit and give away directions of a model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running
from latent_studio.cli.table import table
from latent_studio.errors import OptionError

if TYPE_CHECKING:
    from latent_studio.jobs.direction_methods import Search
    from latent_studio.latent.direction import Direction
    from latent_studio.recipe import Recipe

METHODS = ("pca", "labelled", "sefa", "channels", "conditional", "difference", "hand")
PAIR = options.Parsed("name=value", lambda text: _pair(text))

_finding = options.stack(
    click.option(
        "--method",
        type=click.Choice(METHODS),
        help="How to find them; labelled with --data, else pca.",
    ),
    click.option("--data", metavar="PATH", help="Labelled pictures: to learn from, to measure by."),
    click.option(
        "--attribute",
        "attributes",
        multiple=True,
        help="Attribute of the data to learn, as in smiling or smiling=smile to name it; "
        "repeatable. All of the data's if not given.",
    ),
    click.option("--components", type=click.IntRange(0, 512), help="Principal components to find."),
    click.option("--count", type=click.IntRange(1, 512), help="How many (sefa: in each group)."),
    click.option(
        "--group",
        type=click.Choice(["coarse", "middle", "fine", "all"]),
        help="Layers that sefa and channels look at.",
    ),
    click.option("--direction", metavar="NAME", help="conditional: what shall change."),
    click.option("--keep", multiple=True, metavar="NAME", help="conditional: what shall stay."),
    click.option("--start", metavar="SEED|FILE", help="difference: from this seed or recipe …"),
    click.option("--end", metavar="SEED|FILE", help="… to this one."),
    click.option("--labels", metavar="CSV", help="hand: lines of seed,label with a label of 0, 1."),
    click.option("--psi", type=float, default=0.7, show_default=True, help="Of hand labels."),
    click.option("--name", metavar="NAME", help="Of what conditional, difference or hand finds."),
    click.option("--samples", type=click.IntRange(100), default=10_000, show_default=True),
    click.option("--seed", type=options.SEED, default=0, show_default=True),
)
_editing = options.stack(
    click.option("--list", "listed", is_flag=True, help="Print the directions, and stop."),
    click.option("--measure", is_flag=True, help="Measure the directions; with --data by a judge."),
    click.option("--only", multiple=True, metavar="NAME", help="Measure or export these; repeat."),
    click.option(
        "--seeds", type=click.IntRange(2), default=500, show_default=True, help="To measure."
    ),
    click.option("--rename", type=PAIR, multiple=True, metavar="OLD=NEW"),
    click.option("--flip", multiple=True, metavar="NAME", help="Turn one round."),
    click.option(
        "--strength", type=PAIR, multiple=True, metavar="NAME=X", help="Of an amount of 1."
    ),
    click.option("--layers", type=PAIR, multiple=True, metavar="NAME=0-3", help="Where it acts."),
    click.option("--delete", multiple=True, metavar="NAME"),
    click.option("--import", "taken", type=options.FILE, help="Take in a file of directions."),
    click.option("--export", "given", type=options.FILE, help="Write directions to a file."),
)


@click.command("directions")
@options.model_option
@_finding
@_editing
@click.option("--out", type=options.FILE, help="Write another file and leave MODEL as it is.")
@options.device_option
@options.quiet_option
def command(model: str, **given: Any) -> None:
    """Find directions, measure them, edit them, give them to others.

    Methods: pca (what varies most in w), sefa (what changes the styles of layers most), labelled
    (attributes of labelled pictures), channels (single style channels), conditional (one direction
    without what it shares with others), difference (from one picture to another), hand (labels
    given to seeds by hand).

    Directions of the same name are replaced; pca and sefa replace all of their numbered ones;
    others stay. Edits come after finding, in the order of the options above; measuring comes last.
    """
    request = _Request(model, given)
    if given["listed"]:
        click.echo("\n".join(listing(request.listed())))
    elif given["given"] is not None:
        request.export()
    else:
        request.change()


@dataclass
class _Request:
    """One call of the command."""

    model: str
    given: dict[str, Any]

    def known(self) -> "Sequence[Direction]":
        from latent_studio.storage.foreign.entrance import open_model
        from latent_studio.storage.library import resolve_model

        return open_model(resolve_model(self.model)).directions

    def listed(self) -> "Sequence[Direction]":
        from latent_studio.jobs.direction_edits import chosen

        return chosen(self.known(), self.given["only"])

    def export(self) -> None:
        from latent_studio.jobs.direction_edits import give_away
        from latent_studio.jobs.targets import check_target
        from latent_studio.storage.foreign.entrance import open_model
        from latent_studio.storage.library import resolve_model

        bundle = open_model(resolve_model(self.model))
        target = check_target(self.given["given"], (".safetensors",))
        names = self.given["only"]
        architecture = bundle.spec.architecture
        chosen = give_away(target, bundle.directions, names, bundle.sha256, architecture)
        self._say(f"Wrote {', '.join(direction.name for direction in chosen)} to {target}")

    def change(self) -> None:
        """Find, edit and measure; then write the file once."""
        from latent_studio.jobs.direction_methods import find
        from latent_studio.jobs.directions import change_directions, look_at_directions
        from latent_studio.latent.direction import with_analysis

        searches, edits, given = self._searches(), self._edits(), self.given
        found: list[str] = []
        kept: list[Direction] = []

        with running(given["quiet"]) as link:

            def change(bundle: Any, generator: Any) -> "list[Direction]":
                directions = list(bundle.directions)
                for search in searches:
                    new = find(generator, directions, search, **link)
                    found.extend(direction.name for direction in new)
                    directions = with_analysis(directions, new)
                for edit in edits:
                    directions = edit(directions, generator)
                if given["measure"]:
                    directions = self._measured(directions, generator, found, link)
                kept.extend(directions)
                return directions

            path = None
            if self._only_looks(bool(searches or edits)):
                look_at_directions(self.model, change, device=given["device"])
            else:
                path = change_directions(
                    self.model, change, out=given["out"], device=given["device"]
                )
        if path is not None:
            self._say(f"Added to {path}: {', '.join(found)}" if found else f"Changed {path}")
        if given["measure"]:
            self._say("\n".join(listing(kept)))

    def _only_looks(self, changes: bool) -> bool:
        """Whether a model that cannot be written to (a bundled one) is only measured."""
        model = Path(self.model).expanduser()
        return not changes and self.given["out"] is None and not model.exists()

    def _measured(
        self, directions: "list[Direction]", generator: Any, found: list[str], link: dict[str, Any]
    ) -> "list[Direction]":
        from latent_studio.jobs.direction_quality import measured

        given = self.given
        names = given["only"] or found
        return measured(
            generator, directions, given["data"] or "", names, seeds=given["seeds"], **link
        )

    def _searches(self) -> "list[Search]":
        from latent_studio.jobs.direction_methods import Search, names_of

        given = self.given
        method, data, components = given["method"], given["data"], given["components"]
        common = {"samples": given["samples"], "seed": given["seed"]}
        attributes = tuple(given["attributes"])
        if method is not None:
            return [self._search(method, common)]
        edits = ("rename", "flip", "strength", "layers", "delete", "taken", "measure")
        if not components and any(given[name] for name in edits):
            return []
        if data is None and names_of(attributes):
            raise OptionError("Attributes are learnt from labelled pictures; give --data.")
        if data is None and components == 0:
            raise OptionError("There is nothing to find; give --data or --components.")
        searches = []
        if components or data is None:
            searches.append(Search("pca", components, **common))
        if data is not None and not given["measure"]:
            searches.append(Search("labelled", data=data, attributes=attributes, **common))
        return searches

    def _search(self, method: str, common: dict[str, int]) -> "Search":
        from latent_studio.jobs.direction_methods import Search

        given = self.given
        count = given["components"] if method == "pca" and given["components"] else given["count"]
        return Search(
            method,
            count,
            given["group"] or "",
            given["data"] or "",
            tuple(given["attributes"]),
            given["direction"] or "",
            tuple(given["keep"]),
            _recipe(given["start"]),
            _recipe(given["end"]),
            _labels(given["labels"]),
            given["psi"],
            given["name"] or "",
            **common,
        )

    def _edits(self) -> "list[Callable[[list[Direction], Any], list[Direction]]]":
        from latent_studio.jobs import direction_edits as edits

        given = self.given
        made: list[Any] = []
        if given["taken"] is not None:
            made.append(lambda all_, generator: edits.taken_in(given["taken"], all_, generator)[0])
        for old, new in given["rename"]:
            made.append(lambda all_, _, old=old, new=new: edits.renamed(all_, old, new))
        for name in given["flip"]:
            made.append(lambda all_, _, name=name: edits.flipped(all_, name))
        for name, text in given["strength"]:
            value = _number(text)
            made.append(lambda all_, _, name=name, v=value: edits.with_strength(all_, name, v))
        for name, text in given["layers"]:
            made.append(
                lambda all_, generator, name=name, text=text: edits.with_layers(
                    all_, name, text, generator.capabilities.num_ws or 1
                )
            )
        for name in given["delete"]:
            made.append(lambda all_, _, name=name: edits.without(all_, name))
        return made

    def _say(self, text: str) -> None:
        if not self.given["quiet"]:
            click.echo(text)


def listing(directions: "Sequence[Direction]") -> list[str]:
    """Directions and what was measured of them, a line each."""
    from latent_studio.latent.directions.quality import Quality

    rows = []
    for direction in directions:
        end = "" if direction.last is None else str(direction.last - 1)
        layers = "all" if not direction.first and not end else f"{direction.first}-{end}"
        quality = Quality.of(direction)
        rows.append(
            [
                direction.name,
                direction.kind,
                direction.space,
                layers,
                f"{direction.sigma * direction.strength:.3g}",
                *(["", "", ""] if quality is None else _measures(quality)),
            ]
        )
    if not rows:
        return ["The model has no directions."]
    head = ["direction", "found by", "space", "layers", "step", "effect", "leakage", "distance"]
    return table(head, rows)


def _measures(quality: Any) -> list[str]:
    own = quality.attribute
    effect = f"{own} {quality.low[own]:.0%} to {quality.high[own]:.0%}" if own else ""
    leaks = ", ".join(f"{name} {share:.0%}" for name, share in list(quality.leakage.items())[:2])
    return [effect, leaks, f"{quality.distance:.2f}"]


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name.strip() and equals and value.strip()):
        raise OptionError(f"{text!r} is not of the form NAME=VALUE.")
    return name.strip(), value.strip()


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise OptionError(f"A strength is a number, not {text!r}.") from error


def _recipe(text: str | None) -> "Recipe | None":
    """A seed, or the file of one recipe."""
    if text is None:
        return None
    from latent_studio.recipe import Recipe, check_seed

    if text.isascii() and text.isdigit():
        return Recipe.from_seed(check_seed(int(text)))
    from latent_studio.jobs.recipes import read_recipes

    recipes = read_recipes(text)
    if len(recipes) != 1:
        raise OptionError(f"{text} holds {len(recipes)} recipes; a difference takes one of each.")
    return recipes[0]


def _labels(path: str | None) -> dict[int, bool]:
    """Lines of ``seed,label``; a line of words on top is a heading."""
    if path is None:
        return {}
    import csv

    from latent_studio.recipe import check_seed

    labels: dict[int, bool] = {}
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise OptionError(f"{path} cannot be read as a table of seeds: {error}.") from error
    if rows and not rows[0][0].strip().isdigit():
        rows = rows[1:]
    for row in rows:
        seed, *rest = (cell.strip() for cell in row)
        if not seed.isdigit() or not rest or rest[0] not in ("0", "1"):
            raise OptionError(f"{path}: a line is a seed and 0 or 1, as in 42,1; not {row}.")
        labels[check_seed(int(seed))] = rest[0] == "1"
    return labels
