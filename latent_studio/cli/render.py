"""``latent-studio render``: one picture, or the floats of some; or the scene of a session."""

from pathlib import Path
from typing import Any

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running


@click.command("render")
@options.session_argument
@options.session_model_option
@click.option("--seed", type=options.SEED, help="Seed of the picture.")
@click.option("--recipe", type=options.FILE, help="Recipe file (JSON), or a PNG made here.")
@options.out_option
@options.edit_options
@options.scale_options
@options.compute_options
def command(
    session: Path | None,
    model: str | None,
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
    """Render a seed, a recipe or a session's scene to a .png, .jpg or .webp file.

    SESSION (a document of the window, or a PNG made here) names its model; a seed or a recipe needs
    --model. A PNG carries its scene: dropped on the window it restores it. OUT ending in .npy gets
    the float32 picture as the model makes it, [N, C, H, W], before clamping; a recipe file may then
    hold vectors of several rows.
    """
    from latent_studio.jobs.recipes import read_recipes, read_session_or_scene, seed_recipes
    from latent_studio.jobs.render import check_render, render_image

    options.check_sources(session, model, seed=seed, recipe=recipe)
    if session is not None:
        scene = read_session_or_scene(session).scene
        found, model = [scene.recipe], options.model_of(scene.model, model)
    else:
        found = read_recipes(recipe) if recipe is not None else seed_recipes([seed or 0])
    check_render(out, len(found), scale)
    assert model is not None
    opened = options.opened(model, device, precision, backend, edits)
    recipes = [options.edited(entry, **edits) for entry in found]
    with running(quiet) as link:
        path = render_image(opened, recipes, out, scale=scale, upscaling=upscaling, **link)
    options.wrote(path, quiet)
