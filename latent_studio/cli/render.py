"""``latent-studio render``: one picture, or the floats of some."""

from pathlib import Path
from typing import Any

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running


@click.command("render")
@options.model_option
@click.option("--seed", type=options.SEED, help="Seed of the picture.")
@click.option("--recipe", type=options.FILE, help="Recipe file (JSON), or a PNG made here.")
@options.out_option
@options.edit_options
@options.scale_options
@options.compute_options
def command(
    model: str,
    seed: int | None,
    recipe: Path | None,
    out: Path,
    scale: int,
    upscaling: Any,
    device: str,
    precision: str,
    backend: str,
    quiet: bool,
    **edits: Any,
) -> None:
    """Render a seed or a recipe to a .png, .jpg or .webp file.

    A PNG carries its scene: dropped on the window it restores it. OUT ending in .npy gets the
    float32 picture as the model makes it, [N, C, H, W], before clamping; a recipe file may then
    hold vectors of several rows.
    """
    if (seed is None) == (recipe is None):
        raise click.UsageError("Give either --seed or --recipe.", click.get_current_context())
    from latent_studio.jobs.recipes import read_recipes, seed_recipes
    from latent_studio.jobs.render import check_render, render_image
    from latent_studio.recipe import Recipe

    found = read_recipes(recipe) if recipe is not None else seed_recipes([seed or 0])
    check_render(out, len(found), scale)
    opened = options.opened(model, device, precision, backend, options.edited(Recipe(), **edits))
    recipes = [options.edited(entry, **edits) for entry in found]
    with running(quiet) as link:
        path = render_image(opened, recipes, out, scale=scale, upscaling=upscaling, **link)
    options.wrote(path, quiet)
