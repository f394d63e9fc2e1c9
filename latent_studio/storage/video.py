"""Videos, written frame by frame with constant memory.

H.264 in MP4 and VP9 in WebM through PyAV, GIF with a palette for each frame, or a folder of PNGs.
Nothing is to be seen under the target's name before the video is whole.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import numpy as np
from PIL import Image

from latent_studio.errors import ExportError, OptionError
from latent_studio.storage import atomic
from latent_studio.storage.images import Upscaling, upscale
from latent_studio.storage.yuv import pad_to_even, rgb_to_yuv420

VIDEO_SUFFIXES = (".mp4", ".webm", ".gif")
MAX_FPS = 240
# A GIF counts hundredths of a second, and browsers slow down whatever is shorter than two of them.
MAX_GIF_FPS = 50
_MAX_SIDE = 16384
# Values of ITU-T H.273, which MP4, Matroska and FFmpeg share.
_BT709, _VIDEO_RANGE = 1, 1


class VideoWriter:
    """Write a video; use it in a ``with`` block.

    The suffix of ``path`` chooses the format: ``.mp4``, ``.webm``, ``.gif``; a name without suffix
    becomes a folder ``000000.png``, ``000001.png``, …. When the block ends in an exception
    (``Cancelled`` too), nothing is left and an older file of that name is as it was.

    Parameters
    ----------
    path
        The target.
    width, height
        Size in pixels of the frames that will be added.
    fps
        Frames a second.
    scale, upscaling
        Enlarge every frame by a whole factor; ``lanczos`` or ``nearest``.

    Raises
    ------
    OptionError
        If size, rate or scale make no sense for the format.
    ExportError
        If the suffix is unknown, or the target cannot be written: missing folder, full disk, ….
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        width: int,
        height: int,
        fps: float | Fraction = 30,
        *,
        scale: int = 1,
        upscaling: Upscaling = "lanczos",
    ) -> None:
        self.path = Path(path)
        self.frames = 0
        self._shape = (height, width)
        self._scale, self._upscaling = scale, upscaling
        suffix = video_suffix(self.path)
        self._rate = _checked_rate(fps, suffix)
        upscale(Image.new("L", (1, 1)), scale, upscaling)  # refuses impossible options now
        if min(width, height) < 1 or max(width, height) * scale > _MAX_SIDE:
            raise OptionError(
                f"A video has 1 to {_MAX_SIDE} pixels a side, not {width * scale}x"
                f"{height * scale}. Use another scale."
            )
        self._stack = contextlib.ExitStack()
        self._sink: _Sink | None = None
        with self._failures():
            temporary = self._stack.enter_context(_target(self.path, suffix))
            size = (width * scale, height * scale)
            self._sink = _make_sink(temporary, suffix, size, self._rate)

    def __enter__(self) -> "VideoWriter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def add(self, image: np.ndarray) -> None:
        """Append a frame, uint8 ``[H, W, 3]`` (or ``[H, W]``, ``[H, W, 1]``: grey).

        Raises
        ------
        OptionError
            If it has another size or type than promised.
        ExportError
            If it cannot be written; nothing is left of the video then.
        """
        if self._sink is None:
            raise ExportError(f"The video {self.path} is finished; frames come before that.")
        frame = self._prepare(image)
        with self._failures():
            self._sink.add(frame, self.frames)
        self.frames += 1

    def close(self) -> None:
        """Finish the file and give it its name. A second call does nothing.

        Raises
        ------
        ExportError
            If it cannot be finished, or no frame was added; nothing is left then.
        """
        if self._sink is None:
            return
        if self.frames == 0:
            self.abort()
            raise ExportError(f"The video {self.path} would have no frame. Make it longer.")
        with self._failures():
            self._sink.close()
            self._sink = None
            self._stack.close()

    def abort(self) -> None:
        """Drop what was written."""
        sink, self._sink = self._sink, None
        if sink is not None:
            with contextlib.suppress(Exception):
                sink.close()
        with contextlib.suppress(_Dropped):
            self._drop()

    def _drop(self) -> None:
        with self._stack:
            raise _Dropped

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        """Whatever goes wrong inside: drop the file, name the cause."""
        try:
            yield
        except BaseException as error:
            self.abort()
            if isinstance(error, OSError):
                raise ExportError(atomic.explain(error, self.path), repr(error)) from error
            if type(error).__module__.startswith("av."):
                said = f"Cannot write {self.path}: the encoder failed ({error})."
                raise ExportError(f"{said} Choose another format.", repr(error)) from error
            raise

    def _prepare(self, image: np.ndarray) -> np.ndarray:
        image = np.asarray(image)
        if image.ndim == 3 and image.shape[2] == 1:
            image = image[:, :, 0]
        if image.dtype != np.uint8 or image.shape[:2] != self._shape:
            raise OptionError(
                f"A frame is uint8 {[*self._shape, 3]}, not {image.dtype} {list(image.shape)}."
            )
        if image.ndim == 2:
            image = np.repeat(image[:, :, None], 3, axis=2)
        if image.shape[2] != 3:
            raise OptionError(f"A frame has 1 or 3 channels, not {image.shape[2]}.")
        if self._scale == 1:
            return image
        big = upscale(Image.fromarray(np.ascontiguousarray(image)), self._scale, self._upscaling)
        return np.asarray(big)


class _Dropped(Exception):  # noqa: N818 - a way out, not an error
    """Unwinds the target's context without giving the file its name."""


class _Sink(Protocol):
    """Takes uint8 ``[H, W, 3]`` frames in order."""

    def add(self, image: np.ndarray, index: int) -> None: ...

    def close(self) -> None: ...


def video_suffix(path: Path) -> str:
    """The suffix in lower case; empty for a folder of PNGs.

    Raises
    ------
    ExportError
        If it stands for no known format.
    """
    suffix = "" if path.is_dir() else path.suffix.lower()
    if suffix and suffix not in VIDEO_SUFFIXES:
        raise ExportError(
            f"Cannot write {path}: videos end in {', '.join(VIDEO_SUFFIXES)}, and a name without "
            f"an ending becomes a folder of PNGs; not {suffix!r}."
        )
    return suffix


def _checked_rate(fps: float | Fraction, suffix: str) -> Fraction:
    try:
        rate = Fraction(fps).limit_denominator(1001)
    except (TypeError, ValueError, OverflowError) as error:
        raise OptionError(f"Frames a second must be a number, not {fps!r}.") from error
    limit = MAX_GIF_FPS if suffix == ".gif" else MAX_FPS
    if not 0 < rate <= limit:
        what = "A GIF" if suffix == ".gif" else "A video"
        raise OptionError(f"{what} has up to {limit} frames a second, not {fps}.")
    return rate


@contextlib.contextmanager
def _target(path: Path, suffix: str) -> Iterator[Path]:
    if suffix:
        with atomic.atomic_path(path) as temporary:
            yield temporary
        return
    with _folder_target(path) as temporary:
        yield temporary


@contextlib.contextmanager
def _folder_target(path: Path) -> Iterator[Path]:
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise ExportError(f"Cannot write {path}: it exists and is not empty. Choose another name.")
    temporary = path.with_name(atomic.temp_name())
    try:
        temporary.mkdir()
        yield temporary
        if path.exists():
            path.rmdir()
        atomic.replace(temporary, path)
        atomic.fsync_folder(path.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _make_sink(path: Path, suffix: str, size: tuple[int, int], rate: Fraction) -> _Sink:
    if suffix == "":
        return _PngSink(path)
    if suffix == ".gif":
        return _GifSink(path, size, rate)
    return _YuvSink(path, suffix, size, rate)


class _PngSink:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, image: np.ndarray, index: int) -> None:
        with (self._folder / f"{index:06d}.png").open("xb") as file:
            # Not synced: thousands of syncs would take longer than the video.
            Image.fromarray(np.ascontiguousarray(image)).save(file, format="PNG")

    def close(self) -> None:
        """Nothing is open."""


class _YuvSink:
    """H.264 in MP4 or VP9 in WebM; 4:2:0, BT.709."""

    def __init__(self, path: Path, suffix: str, size: tuple[int, int], rate: Fraction) -> None:
        import av

        self._av = av
        mp4 = suffix == ".mp4"
        # faststart: the index goes to the front, so that a browser plays while it loads.
        options = {"movflags": "+faststart"} if mp4 else {}
        self._container: Any = av.open(
            str(path), "w", format="mp4" if mp4 else "webm", options=options
        )
        stream: Any = self._container.add_stream("libx264" if mp4 else "libvpx-vp9", rate=rate)
        width, height = size
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = "yuv420p"
        stream.options = _X264 if mp4 else _VP9
        context = stream.codec_context
        context.time_base = 1 / rate
        context.gop_size = max(1, round(2 * rate))  # a player can jump to every second second
        context.color_range = _VIDEO_RANGE
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        self._stream = stream

    def add(self, image: np.ndarray, index: int) -> None:
        planes = rgb_to_yuv420(pad_to_even(image))
        frame = self._av.VideoFrame.from_ndarray(planes, format="yuv420p")
        frame.colorspace, frame.color_range = _BT709, _VIDEO_RANGE
        frame.pts, frame.time_base = index, self._stream.codec_context.time_base
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        try:
            self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()


# Visually without loss, in reasonable time on two cores.
_X264 = {"crf": "17", "preset": "medium"}
_VP9 = {"crf": "22", "b": "0", "deadline": "good", "cpu-used": "4", "row-mt": "1"}


class _GifSink:
    """GIF with 256 colours of its own for every frame and an ordered dither, which keeps still."""

    def __init__(self, path: Path, size: tuple[int, int], rate: Fraction) -> None:
        import av

        self._av = av
        self._container: Any = av.open(str(path), "w", format="gif")
        stream: Any = self._container.add_stream("gif", rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "pal8"
        # FFmpeg writes only what differs from the frame before, but compares palette indices: with
        # a palette a frame, old colours stay where a frame has the palette of the first one.
        stream.options = {"gifflags": "-offsetting-transdiff"}
        stream.codec_context.time_base = 1 / rate
        self._stream, self._time_base = stream, 1 / rate
        self._graph = _palette_graph(av, size, self._time_base)

    def add(self, image: np.ndarray, index: int) -> None:
        frame = self._av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        frame.pts, frame.time_base = index, self._time_base
        self._graph.push(frame)
        self._drain()

    def close(self) -> None:
        try:
            self._graph.push(None)
            self._drain()
            self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()

    def _drain(self) -> None:
        while True:
            try:
                frame = self._graph.pull()
            except (self._av.error.BlockingIOError, self._av.error.EOFError):
                return
            self._container.mux(self._stream.encode(frame))


def _palette_graph(av: Any, size: tuple[int, int], time_base: Fraction) -> Any:
    """rgb24 in, pal8 out: every frame is split, one half makes the palette for the other."""
    graph = av.filter.Graph()
    source = graph.add_buffer(
        width=size[0], height=size[1], format=av.VideoFormat("rgb24"), time_base=time_base
    )
    split = graph.add("split", "2")
    palette = graph.add("palettegen", "stats_mode=single:reserve_transparent=0")
    use = graph.add("paletteuse", "dither=bayer:bayer_scale=4:new=1")
    sink = graph.add("buffersink")
    source.link_to(split)
    split.link_to(use, 0, 0)
    split.link_to(palette, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    return graph
