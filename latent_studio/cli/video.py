"""``latent-studio video``: a walk between seeds."""

from pathlib import Path
from typing import Any

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running


@click.command("video")
@options.model_option
@click.option("--seeds", type=options.SEEDS, help="Seeds to visit, as in 1,2,3.")
@click.option("--recipe", type=options.FILE, help="Recipe file with the pictures to visit.")
@click.option("--seconds", type=float, default=6.0, show_default=True)
@click.option("--fps", type=click.IntRange(1, 240), default=30, show_default=True)
@click.option(
    "--space",
    type=click.Choice(["z", "w"]),
    help="Great circles in z, or straight lines in w (the default where the model has it).",
)
@click.option(
    "--curve",
    type=click.Choice(["line", "spline"]),
    default="line",
    show_default=True,
    help="From key to key, or smoothly through them.",
)
@click.option(
    "--easing",
    "--ease",
    "easing",
    default="linear",
    show_default=True,
    help="Pace between two seeds: linear, smooth, ease-in, ease-out, ease-in-out …",
)
@click.option("--looping", "--loop", "loop", is_flag=True, help="Return to the first seed.")
@options.out_option
@options.edit_options
@options.scale_options
@options.compute_options
def command(
    model: str,
    seeds: list[int] | None,
    recipe: Path | None,
    seconds: float,
    fps: int,
    out: Path,
    device: str,
    precision: str,
    backend: str,
    quiet: bool,
    space: Any,
    curve: Any,
    easing: str,
    loop: bool,
    scale: int,
    upscaling: Any,
    **edits: Any,
) -> None:
    """Write a walk through the latent space as .mp4, .webm or .gif.

    OUT without an ending becomes a folder of PNG files.
    """
    if (seeds is None) == (recipe is None):
        raise click.UsageError("Give either --seeds or --recipe.", click.get_current_context())
    from latent_studio.jobs.recipes import read_recipes, seed_recipes
    from latent_studio.jobs.video import check_video, export_video
    from latent_studio.recipe import Recipe

    found = read_recipes(recipe) if recipe is not None else seed_recipes(seeds or [])
    check_video(out, len(found), seconds, fps, easing)
    opened = options.opened(model, device, precision, backend, options.edited(Recipe(), **edits))
    keys = [options.edited(entry, **edits) for entry in found]
    walk = {"space": space, "curve": curve, "easing": easing, "loop": loop}
    look = {"scale": scale, "upscaling": upscaling}
    with running(quiet) as link:
        path = export_video(opened, keys, out, seconds=seconds, fps=fps, **walk, **look, **link)
    options.wrote(path, quiet)
