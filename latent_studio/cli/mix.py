"""``latent-studio mix``: a table of mixed styles."""

from pathlib import Path
from typing import Any

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running


@click.command("mix")
@options.model_option
@click.option("--rows", type=options.SEEDS, required=True, help="Seeds at the left, as in 1,2,3.")
@click.option("--columns", type=options.SEEDS, required=True, help="Seeds at the top.")
@click.option(
    "--layers",
    required=True,
    help="Layers that take the column's style, as in 0-3, or coarse, middle, fine.",
)
@click.option("--strength", type=float, default=1.0, show_default=True, help="0 none, 1 all of it.")
@click.option("--padding", type=click.IntRange(0, 256), default=0, help="Pixels between pictures.")
@options.out_option
@options.edit_options
@options.scale_options
@options.compute_options
def command(
    model: str,
    rows: list[int],
    columns: list[int],
    layers: str,
    strength: float,
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
    """Mix styles: each picture is its row's seed with the chosen layers of its column's seed."""
    from latent_studio.jobs.recipes import seed_recipes
    from latent_studio.jobs.render import check_grid, export_mix, layers_of
    from latent_studio.recipe import Recipe

    check_grid(out, (len(rows) + 1) * (len(columns) + 1), scale)
    opened = options.opened(model, device, precision, backend, edits)
    base = options.edited(Recipe(), **edits)
    with running(quiet) as link:
        path = export_mix(
            opened,
            seed_recipes(rows, base),
            seed_recipes(columns, base),
            layers_of(opened, layers),
            out,
            strength=strength,
            padding=padding,
            scale=scale,
            upscaling=upscaling,
            **link,
        )
    options.wrote(path, quiet)
