"""A walk between chosen latents as a video, written frame by frame."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from latent_studio.errors import ExportError, OptionError
from latent_studio.events import Emit, ignore
from latent_studio.jobs.meter import Meter
from latent_studio.jobs.opened import AnyModel, Model, open_model
from latent_studio.jobs.pipeline import Pipeline
from latent_studio.jobs.targets import check_target
from latent_studio.latent.curves import easing_named
from latent_studio.latent.interpolation import PathCurve, PathSpace, path_recipes
from latent_studio.mailbox import StopToken
from latent_studio.recipe import Recipe
from latent_studio.storage.images import Upscaling
from latent_studio.storage.video import VIDEO_SUFFIXES, VideoWriter

MAX_FRAMES = 1_000_000


def export_video(
    model: AnyModel,
    keys: Sequence[Recipe],
    out: str | Path,
    *,
    seconds: float = 6.0,
    fps: float = 30,
    space: PathSpace | None = None,
    curve: PathCurve = "line",
    easing: str = "linear",
    loop: bool = False,
    scale: int = 1,
    upscaling: Upscaling = "lanczos",
    device: str = "auto",
    precision: str = "fp32",
    backend: str = "auto",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Path:
    """Write an interpolation through ``keys`` with constant memory.

    Frames are rendered here and written on a thread of their own, a bounded number apart.

    Parameters
    ----------
    model
        A path, a bundled model's name, a bundle or an opened model.
    keys
        Two recipes or more; the walk visits them at equal distances.
    out
        ``.mp4``, ``.webm``, ``.gif``, or a name without ending for a folder of PNG files.
    space, curve, easing, loop
        As :func:`latent_studio.latent.interpolation.path_recipes` takes them; a ``space`` of None
        is w where the model has it. A looping walk goes back to the first key and its last frame
        precedes the first.
    scale, upscaling
        How many times larger the frames are written, and how they are enlarged.

    Raises
    ------
    OptionError, ModelError, ExportError
        With the cause and the cure.
    Cancelled
        The token was stopped; no half file is left.
    """
    frames, target = check_video(out, len(keys), seconds, fps, easing)
    opened = open_model(model, device=device, precision=precision, backend=backend)
    opened.expect(frames)
    opened.warn(keys, emit)
    path = path_recipes(
        keys,
        frames,
        resolver=opened.renderer.resolver,
        space=space or ("w" if opened.capabilities.has_w else "z"),
        curve=curve,
        easing=easing,
        loop=loop,
    )
    write_video(opened, path, frames, target, fps, scale, upscaling, emit=emit, token=token)
    return target


def write_video(
    opened: Model,
    recipes: Iterable[Recipe],
    frames: int,
    target: Path,
    fps: float,
    scale: int = 1,
    upscaling: Upscaling = "lanczos",
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> None:
    """Render ``frames`` recipes and write them one after the other.

    Raises
    ------
    OptionError, ExportError
        With the cause and the cure.
    Cancelled
        The token was stopped; no half file is left.
    """
    meter = Meter(frames, "Writing the video", emit=emit, token=token)
    side = opened.capabilities.resolution
    with VideoWriter(target, side, side, fps, scale=scale, upscaling=upscaling) as writer:
        # Frames come in batches: while one is written, the next one is rendered.
        with Pipeline(writer.add, 2 * opened.batch_size) as encoder:
            for frame in _frames(opened, recipes):
                encoder.put(frame)
                meter.step(encoder.done - meter.done)
        meter.step(frames - meter.done)


def check_video(
    out: str | Path, keys: int, seconds: float, fps: float, easing: str
) -> tuple[int, Path]:
    """Refuse impossible options and places before anything is loaded.

    Returns
    -------
    frames, target

    Raises
    ------
    OptionError, ExportError
    """
    if keys < 2:
        raise OptionError("A video needs at least two seeds to walk between.")
    easing_named(easing)
    return count_frames(seconds, fps), check_video_target(out)


def count_frames(seconds: float, fps: float) -> int:
    """Frames of a video; refuses impossible lengths (``OptionError``)."""
    if not 1 <= fps <= 240:
        raise OptionError(f"Frames per second must be from 1 to 240, not {fps:g}.")
    if not 0 < seconds <= MAX_FRAMES:
        raise OptionError(f"A video lasts more than 0 seconds, not {seconds:g}.")
    frames = round(seconds * fps)
    if not 2 <= frames <= MAX_FRAMES:
        raise OptionError(
            f"{seconds:g} s at {fps:g} frames/s are {frames} frames; a video has 2 to {MAX_FRAMES}."
        )
    return frames


def check_video_target(out: str | Path) -> Path:
    """Refuse a name that no video can have or a place that cannot be written to."""
    target = Path(out)
    if target.suffix:
        return check_target(target, VIDEO_SUFFIXES)
    target = check_target(target, ())
    if target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise ExportError(f"{target} exists already; choose another name for the folder of frames.")
    return target


def _frames(model: Model, recipes: Iterable[Recipe]) -> Iterator[np.ndarray]:
    """uint8 ``[H, W, 3]`` one by one; neighbours are rendered in small batches."""
    for batch in model.batches(recipes):
        pixels = np.repeat(batch, 3, axis=3) if batch.shape[3] == 1 else batch[..., :3]
        yield from (np.ascontiguousarray(frame) for frame in pixels)
