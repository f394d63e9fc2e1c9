"""Pictures on disk: formats, sizes, enlargement. What training machines need; no scenes.

See :mod:`latent_studio.storage.images` for pictures that carry their scene.
"""

import os
from pathlib import Path
from typing import Any, Literal, TypeAlias

import numpy as np
from PIL import Image, PngImagePlugin

from latent_studio.errors import ExportError, OptionError, StudioError
from latent_studio.storage import atomic

Upscaling: TypeAlias = Literal["nearest", "lanczos"]
UPSCALINGS: tuple[Upscaling, ...] = ("nearest", "lanczos")
IMAGE_FORMATS: dict[str, str] = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
}
_OPTIONS: dict[str, dict[str, Any]] = {
    "PNG": {"compress_level": 6},
    "JPEG": {"quality": 95, "subsampling": 0},
    "WEBP": {"lossless": True},
}
# What a format can hold; WebP has 14 bits, JPEG 16, PNG is limited to what fits in memory here.
_MAX_SIDE = {"PNG": 65535, "JPEG": 65500, "WEBP": 16383}
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}


def write_plain_image(
    path: str | os.PathLike[str],
    pixels: np.ndarray,
    scale: int = 1,
    upscaling: Upscaling = "nearest",
    *,
    chunks: PngImagePlugin.PngInfo | None = None,
    error: type[StudioError] = ExportError,
) -> None:
    """Write a picture atomically, as :func:`latent_studio.storage.images.write_image`.

    ``chunks`` go into a PNG; the other formats have no place for them.
    """
    format_name = image_format(path, error=error)
    image = upscale(_as_image(pixels), scale, upscaling)
    limit = _MAX_SIDE[format_name]
    if max(image.size) > limit:
        raise error(
            f"A {format_name} picture has at most {limit} pixels a side, this one "
            f"{image.width}x{image.height}. Use fewer pictures, a smaller scale or PNG."
        )
    options = dict(_OPTIONS[format_name])
    if format_name == "PNG" and chunks is not None:
        options["pnginfo"] = chunks
    if format_name == "JPEG" and image.mode == "RGBA":
        image = image.convert("RGB")
    with atomic.atomic_write(path, error=error) as file:
        image.save(file, format=format_name, **options)


def image_format(path: str | os.PathLike[str], *, error: type[StudioError] = ExportError) -> str:
    """Pillow's name of the format that the suffix of ``path`` stands for.

    Raises
    ------
    StudioError
        Of class ``error``, listing the known suffixes.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in IMAGE_FORMATS:
        known = ", ".join(IMAGE_FORMATS)
        raise error(f"Cannot write {path}: pictures end in {known}, not {suffix or 'nothing'!r}.")
    return IMAGE_FORMATS[suffix]


def upscale(image: Image.Image, scale: int, upscaling: Upscaling = "nearest") -> Image.Image:
    """Enlarge by a whole factor.

    Raises
    ------
    OptionError
        If the factor is not a whole number from 1 to 64 or the way is unknown.
    """
    if isinstance(scale, bool) or not isinstance(scale, int) or not 1 <= scale <= 64:
        raise OptionError(f"The scale must be a whole number from 1 to 64, not {scale!r}.")
    if upscaling not in UPSCALINGS:
        raise OptionError(f"Enlarge with {' or '.join(UPSCALINGS)}, not {upscaling!r}.")
    if scale == 1:
        return image
    how = Image.Resampling.NEAREST if upscaling == "nearest" else Image.Resampling.LANCZOS
    return image.resize((image.width * scale, image.height * scale), how)


def _as_image(pixels: np.ndarray) -> Image.Image:
    pixels = np.asarray(pixels)
    if pixels.ndim == 2:
        pixels = pixels[:, :, None]
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or 0 in pixels.shape:
        raise OptionError(f"A picture is uint8 [H, W, C], not {pixels.dtype} {list(pixels.shape)}.")
    if pixels.shape[2] not in _MODES:
        raise OptionError(f"A picture has 1, 3 or 4 channels, not {pixels.shape[2]}.")
    if pixels.shape[2] == 1:
        pixels = pixels[:, :, 0]
    return Image.fromarray(np.ascontiguousarray(pixels))
