"""``latent-studio grid``: many seeds in one picture."""

from pathlib import Path
from typing import Any

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running


@click.command("grid")
@options.model_option
@click.option("--seeds", type=options.SEEDS, help="As in 0-63,70.")
@click.option("--recipe", type=options.FILE, help="Recipe file with the pictures of the grid.")
@click.option(
    "--columns", type=click.IntRange(1), help="Pictures a row; about square if not given."
)
@click.option("--padding", type=click.IntRange(0, 256), default=0, help="Pixels between pictures.")
@options.out_option
@options.edit_options
@options.scale_options
@options.compute_options
def command(
    model: str,
    seeds: list[int] | None,
    recipe: Path | None,
    columns: int | None,
    padding: int,
    out: Path,
    scale: int,
    upscaling: Any,
    device: str,
    precision: str,
    backend: str,
    quiet: bool,
    **edits: Any,
) -> None:
    """Render seeds side by side, in reading order."""
    if (seeds is None) == (recipe is None):
        raise click.UsageError("Give either --seeds or --recipe.", click.get_current_context())
    from latent_studio.jobs.recipes import read_recipes, seed_recipes
    from latent_studio.jobs.render import check_grid, export_grid

    found = read_recipes(recipe) if recipe is not None else seed_recipes(seeds or [])
    check_grid(out, len(found), scale)
    opened = options.opened(model, device, precision, backend, edits)
    recipes = [options.edited(entry, **edits) for entry in found]
    with running(quiet) as link:
        path = export_grid(
            opened,
            recipes,
            out,
            columns=columns,
            padding=padding,
            scale=scale,
            upscaling=upscaling,
            **link,
        )
    options.wrote(path, quiet)
