"""From the bytes of an image file to a square ``uint8 [C, H, W]`` array."""

import io
import struct
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageOps

from latent_studio.errors import DataError

SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".gif", ".tif", ".tiff"}
    | {".ppm", ".pgm", ".pbm", ".avif"}
)
FORMATS = ("PNG", "JPEG", "MPO", "WEBP", "BMP", "GIF", "TIFF", "PPM", "AVIF")
MAX_FILE_BYTES = 256 * 2**20
MAX_PIXELS = 64 * 10**6
MIN_RESOLUTION, MAX_RESOLUTION = 4, 1024


class ImageProblem(DataError):  # noqa: N818 - it is listed, not raised to the user
    """One image cannot be used; ``reason`` says why in a few words."""

    def __init__(self, file: str, reason: str, detail: str = "") -> None:
        super().__init__(f"{file}: {reason}", detail)
        self.file = file
        self.reason = reason


@dataclass(frozen=True)
class ImageFacts:
    """Size as seen (after the EXIF rotation) and mode as stored."""

    width: int
    height: int
    mode: str


def check_resolution(resolution: int, channels: int = 3) -> None:
    """Refuse sizes that no network here could use.

    Raises
    ------
    DataError
        Unless ``resolution`` is a whole number from 4 to 1024 and ``channels`` 1 or 3.
    """
    whole = isinstance(resolution, int | np.integer) and not isinstance(resolution, bool)
    if not whole or not MIN_RESOLUTION <= resolution <= MAX_RESOLUTION:
        raise DataError(
            f"Images cannot be read at a resolution of {resolution!r}: give a whole number of "
            f"pixels from {MIN_RESOLUTION} to {MAX_RESOLUTION}, for example 64."
        )
    if channels not in (1, 3):
        raise DataError(f"Images have 1 (grey) or 3 (colour) channels here, not {channels!r}.")


def decode(data: bytes, file: str, resolution: int, channels: int) -> tuple[np.ndarray, ImageFacts]:
    """Decode, crop to the central square and resize.

    Parameters
    ----------
    data
        The whole file.
    file
        Its name, for messages.

    Returns
    -------
    tuple
        ``uint8 [channels, resolution, resolution]`` and what the file was.

    Raises
    ------
    ImageProblem
        If the file is no image, truncated, or too large.
    """
    image, facts = _open(data, file)
    try:
        # Shrinks JPEGs by 2, 4 or 8 while decoding; twice the target leaves the quality to BOX.
        image.draft(None, (resolution * 2, resolution * 2))
        image.load()
        array = fit(to_channels(ImageOps.exif_transpose(image), channels), resolution)
    except _PIL_ERRORS as error:
        raise ImageProblem(file, _reason(error), repr(error)) from error
    return array, facts


def decode_whole(data: bytes, file: str, channels: int, largest: int = 4096) -> np.ndarray:
    """Decode a photograph as a person sees it, uncropped.

    Parameters
    ----------
    largest
        Longer sides are reduced to it.

    Returns
    -------
    np.ndarray
        ``uint8 [H, W, channels]``.

    Raises
    ------
    ImageProblem
        As :func:`decode`.
    """
    image, _ = _open(data, file)
    try:
        image.draft(None, (largest, largest))
        image.load()
        image = to_channels(ImageOps.exif_transpose(image), channels)
        if max(image.size) > largest:
            image.thumbnail((largest, largest), Image.Resampling.BOX)
        array = np.asarray(image)
    except _PIL_ERRORS as error:
        raise ImageProblem(file, _reason(error), repr(error)) from error
    return np.ascontiguousarray(array[:, :, None] if array.ndim == 2 else array)


def inspect(data: bytes, file: str) -> ImageFacts:
    """Size and mode of an image file, after reading all of it, so that cut files are found.

    Raises
    ------
    ImageProblem
        As :func:`decode`.
    """
    image, facts = _open(data, file)
    try:
        image.draft(None, (8, 8))
        image.load()
    except _PIL_ERRORS as error:
        raise ImageProblem(file, _reason(error), repr(error)) from error
    return facts


def fit(image: Image.Image, resolution: int) -> np.ndarray:
    """Central square of ``image`` (mode L or RGB) as ``uint8 [C, resolution, resolution]``.

    Shrinks with an area filter (every source pixel counts once, no ringing), grows with Lanczos.
    """
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    if side == resolution:
        image = image.crop(box)
    else:
        filter_ = Image.Resampling.BOX if side > resolution else Image.Resampling.LANCZOS
        image = image.resize((resolution, resolution), filter_, box=box)
    array = np.asarray(image)
    return np.ascontiguousarray(array[None] if array.ndim == 2 else array.transpose(2, 0, 1))


def to_channels(image: Image.Image, channels: int) -> Image.Image:
    """Mode ``L`` or ``RGB`` from any mode; transparency is laid on white."""
    image = _eight_bit(image)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    mode = "L" if channels == 1 else "RGB"
    if channels == 1 and image.mode not in ("L", "1"):
        image = image.convert("RGB")
    return image if image.mode == mode else image.convert(mode)


def _eight_bit(image: Image.Image) -> Image.Image:
    """Bring the wide grey modes (16 bit, 32 bit, float) to ``L``; others pass."""
    if image.mode not in ("F", "I") and not image.mode.startswith("I;"):
        return image
    values = np.nan_to_num(np.asarray(image).astype(np.float32))
    top = float(values.max(initial=0.0))
    if image.mode == "F" and top <= 1.0:
        values = values * 255.0
    elif top > 255.0 or image.mode.startswith("I;16"):
        values = values / 257.0
    return Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8))


def _open(data: bytes, file: str) -> tuple[Image.Image, ImageFacts]:
    """Read the header only, so that size limits act before any pixel is decoded."""
    if not data:
        raise ImageProblem(file, "the file is empty")
    try:
        image = Image.open(io.BytesIO(data), formats=_formats())
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise ImageProblem(file, f"{width}x{height} pixels are more than this program reads")
        if image.getexif().get(_EXIF_ORIENTATION, 1) in (5, 6, 7, 8):
            width, height = height, width
    except _PIL_ERRORS as error:
        raise ImageProblem(file, _reason(error), repr(error)) from error
    return image, ImageFacts(width, height, image.mode)


def _reason(error: Exception) -> str:
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return "its header claims more pixels than this program reads"
    if isinstance(error, Image.UnidentifiedImageError):
        return "not an image, or damaged at its start"
    if "truncated" in str(error).lower() or isinstance(error, EOFError):
        return "truncated"
    return "damaged"


@lru_cache(maxsize=1)
def _formats() -> tuple[str, ...]:
    """The formats of :data:`FORMATS` that this Pillow was built with."""
    Image.init()
    return tuple(name for name in FORMATS if name in Image.OPEN)


_EXIF_ORIENTATION = 0x0112
# What Pillow's decoders raise on damaged files (broken PNG chunks are a SyntaxError).
_PIL_ERRORS = (
    OSError,
    EOFError,
    ValueError,
    TypeError,
    IndexError,
    KeyError,
    OverflowError,
    SyntaxError,
    MemoryError,
    ZeroDivisionError,
    AttributeError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
