"""A timeline as a video, and as pictures while it plays."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from latent_studio.errors import OptionError
from latent_studio.events import Emit, ignore
from latent_studio.jobs.opened import AnyModel, open_model
from latent_studio.jobs.video import MAX_FRAMES, check_video_target, write_video
from latent_studio.latent.timeline import Timeline
from latent_studio.latent.timeline_path import TimelinePath
from latent_studio.mailbox import LatestSlot, StopToken
from latent_studio.storage.images import Upscaling

T = TypeVar("T")


def export_timeline(
    model: AnyModel,
    timeline: Timeline,
    out: str | Path,
    *,
    scale: int = 1,
    upscaling: Upscaling = "lanczos",
    device: str = "auto",
    precision: str = "fp32",
    backend: str = "auto",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Path:
    """Write a timeline frame by frame with constant memory; equal timelines give equal frames.

    Parameters
    ----------
    model
        A path, a bundled model's name, a bundle or an opened model: what the keyframes are of.
    timeline
        Two keyframes or more.
    out
        ``.mp4``, ``.webm``, ``.gif``, or a name without ending for a folder of PNG files.
    scale, upscaling
        How many times larger the frames are written, and how they are enlarged.

    Raises
    ------
    OptionError, ModelError, ExportError
        With the cause and the cure.
    Cancelled
        The token was stopped; no half file is left.
    """
    frames, target = check_timeline(timeline, out)
    opened = open_model(model, device=device, precision=precision, backend=backend)
    opened.expect(frames)
    opened.warn(timeline.recipes, emit)
    path = TimelinePath(timeline, opened.renderer.resolver)
    write_video(
        opened,
        path.frames(),
        frames,
        target,
        timeline.fps,
        scale,
        upscaling,
        emit=emit,
        token=token,
    )
    return target


def check_timeline(timeline: Timeline, out: str | Path) -> tuple[int, Path]:
    """Refuse what cannot be written before anything is loaded.

    Returns
    -------
    frames, target

    Raises
    ------
    OptionError, ExportError
    """
    return check_keyframes(timeline), check_video_target(out)


def check_keyframes(timeline: Timeline) -> int:
    """How many frames a timeline has; refuses one that makes no video (``OptionError``)."""
    timeline.model()
    if len(timeline.keyframes) < 2:
        raise OptionError("A video needs two keyframes or more; the timeline has one.")
    frames = timeline.frames
    if not 2 <= frames <= MAX_FRAMES:
        raise OptionError(
            f"{timeline.seconds:g} s at {timeline.fps:g} frames/s are {frames} frames; a video has "
            f"2 to {MAX_FRAMES}."
        )
    return frames


def follow(
    make_path: Callable[[], Callable[[float], T]],
    wanted: LatestSlot[float],
    found: LatestSlot[tuple[float, T]],
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> None:
    """Answer the newest place asked for, as long as the ``wanted`` slot is open.

    Places that nobody waits for any more are skipped, so that a path slower than the clock drops
    frames and never queues.

    Parameters
    ----------
    make_path
        Makes the path on this thread.
    wanted
        Places on the path; closing it ends the work, and so does stopping the token.
    found
        Gets ``(place, path(place))``.
    """
    if token is not None:
        token.on_stop(wanted.close)
    path = make_path()
    while (place := wanted.take()) is not None:
        if token is not None and token.stopped:
            return
        found.put((place, path(place)))
