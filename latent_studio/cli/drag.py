"""``latent-studio drag``: points of a picture to where they should be."""

from pathlib import Path
from typing import Any

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running


def _pair(text: str) -> Any:
    from latent_studio.jobs.drag import parse_pair

    return parse_pair(text)


@click.command("drag")
@options.model_option
@click.option("--seed", type=options.SEED, help="Seed of the picture.")
@click.option("--recipe", type=options.FILE, help="Recipe file (JSON), or a PNG made here.")
@click.option(
    "--point",
    "points",
    type=options.Parsed("x,y:x2,y2", _pair),
    multiple=True,
    required=True,
    help="Handle and target in pixels of the model's picture, from its top left; repeatable.",
)
@click.option("--mask", type=options.FILE, help="Picture that is white where things may change.")
@click.option("--steps", type=click.IntRange(1), default=300, show_default=True, help="At most.")
@click.option("--space", type=click.Choice(["w", "w+"]), default="w+", show_default=True)
@click.option("--layers", metavar="A-B", help="Layers that move, as in 0-5. Default: early ones.")
@click.option("--radius", type=float, help="Pixels around a handle that are pulled.")
@click.option("--rate", type=float, default=0.015, show_default=True, help="Step length.")
@click.option("--hold", type=float, default=2.0, show_default=True, help="Weight of the mask.")
@options.out_option
@options.edit_options
@options.scale_options
@options.device_option
@options.quiet_option
def command(
    model: str,
    seed: int | None,
    recipe: Path | None,
    points: tuple[Any, ...],
    mask: Path | None,
    steps: int,
    space: Any,
    layers: str | None,
    radius: float | None,
    rate: float,
    hold: float,
    out: Path,
    scale: int,
    upscaling: Any,
    device: str,
    quiet: bool,
    **edits: Any,
) -> None:
    """Drag points of a seed's or recipe's picture, and write it.

    A PNG carries its scene: dropped on the window it restores it. Ctrl-C writes what there is.
    """
    if (seed is None) == (recipe is None):
        raise click.UsageError("Give either --seed or --recipe.", click.get_current_context())
    from latent_studio.errors import OptionError
    from latent_studio.jobs.drag import drag_points
    from latent_studio.jobs.recipes import read_recipes, seed_recipes
    from latent_studio.latent.drag import DragSettings

    found = read_recipes(recipe) if recipe is not None else seed_recipes([seed or 0])
    if len(found) != 1:
        raise OptionError(f"The recipe file holds {len(found)} pictures; a drag takes one.")
    opened = options.opened(model, device, "fp32", "torch", edits)
    first, last = _range(opened, layers)
    settings = DragSettings(space, first, last, radius, rate=rate, mask_weight=hold)
    with running(quiet) as link:
        done = drag_points(
            opened,
            options.edited(found[0], **edits),
            points,
            out,
            settings,
            mask=mask,
            steps=steps,
            scale=scale,
            upscaling=upscaling,
            **link,
        )
    if not quiet:
        for pair, left, change in zip(points, done.distances, done.feature_distances, strict=True):
            x, y = pair.handle
            click.echo(f"{x:g},{y:g}: {left:.1f} pixels left, features changed by {change:.2f}")
        click.echo(f"{done.iterations} steps in {done.seconds:.1f} s")
    options.wrote(out, quiet)
    if done.stopped:
        raise click.Abort


def _range(model: Any, layers: str | None) -> tuple[int, int | None]:
    """First layer and the one behind the last."""
    if layers is None:
        return 0, None
    from latent_studio.jobs.render import layers_of

    chosen = layers_of(model, layers)
    return chosen[0], chosen[-1] + 1
