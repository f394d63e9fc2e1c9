"""``latent-studio video``: a session's timeline, or a walk between seeds."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from latent_studio.cli import options
from latent_studio.cli.progress import running

_OF_WALKS = ("seconds", "space", "curve", "easing")


@click.command("video")
@options.session_argument
@options.session_model_option
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
@click.option("--looping", "--loop", "loop", is_flag=True, help="Return to the beginning.")
@options.out_option
@options.edit_options
@options.scale_options
@options.compute_options
def command(
    session: Path | None,
    model: str | None,
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
    """Write a session's timeline, or a walk between seeds, as .mp4, .webm or .gif.

    SESSION is a document of the window; it names its model and has its own times. A walk needs
    --model. OUT without an ending becomes a folder of PNG files.
    """
    options.check_sources(session, model, seeds=seeds, recipe=recipe)
    look = {"scale": scale, "upscaling": upscaling}
    place = (device, precision, backend)
    if session is not None:
        _write_session(session, model, out, fps, loop, look, place, edits, quiet)
        return
    from latent_studio.jobs.recipes import read_recipes, seed_recipes
    from latent_studio.jobs.video import check_video, export_video

    assert model is not None
    found = read_recipes(recipe) if recipe is not None else seed_recipes(seeds or [])
    check_video(out, len(found), seconds, fps, easing)
    opened = options.opened(model, *place, edits)
    keys = [options.edited(entry, **edits) for entry in found]
    walk = {"space": space, "curve": curve, "easing": easing, "loop": loop}
    with running(quiet) as link:
        path = export_video(opened, keys, out, seconds=seconds, fps=fps, **walk, **look, **link)
    options.wrote(path, quiet)


def _write_session(
    session: Path,
    model: str | None,
    out: Path,
    fps: int,
    loop: bool,
    look: dict[str, Any],
    place: tuple[str, str, str],
    edits: dict[str, Any],
    quiet: bool,
) -> None:
    """The timeline of a session; frames a second and looping can be others than its own."""
    from latent_studio.jobs.recipes import read_session_or_scene
    from latent_studio.jobs.timeline import check_timeline, export_timeline

    context = click.get_current_context()
    typed = click.core.ParameterSource.COMMANDLINE
    asked = {name for name in context.params if context.get_parameter_source(name) == typed}
    for name in _OF_WALKS:
        if name in asked:
            message = f"--{name} is for walks; a session's timeline has its own."
            raise click.UsageError(message, context)
    timeline = read_session_or_scene(session).timeline
    timeline = replace(
        timeline,
        fps=float(fps) if "fps" in asked else timeline.fps,
        loop=timeline.loop or loop,
    )
    check_timeline(timeline, out)
    model = options.model_of(timeline.model(), model)
    opened = options.opened(model, *place, edits)
    keys = tuple(
        replace(key, scene=replace(key.scene, recipe=options.edited(key.scene.recipe, **edits)))
        for key in timeline.keyframes
    )
    timeline = replace(timeline, keyframes=keys)
    with running(quiet) as link:
        path = export_timeline(opened, timeline, out, **look, **link)
    options.wrote(path, quiet)
