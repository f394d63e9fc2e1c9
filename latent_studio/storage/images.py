"""Pictures on disk, with the scene that made them inside.

A PNG carries its scene as JSON in an international text chunk (iTXt) called
``latent-studio-scene``, and what the scene names by hash (noise maps) in chunks of the private type
``lsBl``: 32 bytes of SHA-256, then the content, deflated. Reading the scene puts them back into the
store, so that a picture alone is enough on another computer.
"""

import contextlib
import os
import struct
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import PngImagePlugin

from latent_studio.errors import ExportError, OptionError, StudioError
from latent_studio.recipe import Scene
from latent_studio.storage import blobs
from latent_studio.storage.plain_images import (
    IMAGE_FORMATS,
    UPSCALINGS,
    Upscaling,
    image_format,
    upscale,
    write_plain_image,
)

__all__ = [
    "IMAGE_FORMATS",
    "SCENE_KEY",
    "UPSCALINGS",
    "Upscaling",
    "image_format",
    "read_scene",
    "upscale",
    "write_image",
]

SCENE_KEY = "latent-studio-scene"
# A scene with explicit ws of 18 x 512 takes 50 KB; a chunk beyond this is not one of ours.
_MAX_SCENE_BYTES = 32 << 20
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_CHUNK_START = SCENE_KEY.encode("latin-1") + b"\0"
_BLOB_KIND = b"lsBl"


def write_image(
    path: str | os.PathLike[str],
    pixels: np.ndarray,
    scene: Scene | None = None,
    scale: int = 1,
    upscaling: Upscaling = "nearest",
    *,
    error: type[StudioError] = ExportError,
) -> None:
    """Write a picture atomically; the suffix chooses the format.

    Parameters
    ----------
    pixels
        uint8 ``[H, W]`` or ``[H, W, C]`` with C = 1, 3 or 4.
    scene
        Goes into a PNG; the other formats cannot hold it.
    scale
        Whole factor of enlargement.
    upscaling
        ``nearest`` keeps pixels as squares, ``lanczos`` smooths.

    Raises
    ------
    StudioError
        Of class ``error``: unknown suffix, picture too large, or not writable.
    OptionError
        If ``pixels``, ``scale`` or ``upscaling`` make no sense.
    """
    png = image_format(path, error=error) == "PNG"
    chunks = _scene_chunk(scene) if png and scene is not None else None
    write_plain_image(path, pixels, scale, upscaling, chunks=chunks, error=error)


def read_scene(path: str | os.PathLike[str]) -> Scene | None:
    """The scene inside a PNG, or None where it has none (or is no PNG).

    Raises
    ------
    OptionError
        If there is a scene but it is damaged, or the file cannot be read.
    """
    try:
        text = _read_chunk(Path(path))
    except OSError as error:
        raise OptionError(
            f"{path} cannot be read: {error.strerror or error}. Check the file.", repr(error)
        ) from error
    if text is None:
        return None
    try:
        scene = Scene.loads(text)
    except (StudioError, ValueError, TypeError, KeyError) as error:
        raise OptionError(
            f"The scene inside {path} is damaged ({error}). Use the original file.", repr(error)
        ) from error
    if scene.recipe.noise_maps:
        _adopt_blobs(Path(path), {scene.recipe.noise_maps})
    return scene


def _adopt_blobs(path: Path, wanted: Collection[str]) -> None:
    """Store what the scene names and the PNG brings; what it lacks is missed when it is used."""
    with contextlib.suppress(OSError, zlib.error, ValueError), path.open("rb") as file:
        file.seek(len(_PNG_MAGIC))
        while len(head := file.read(8)) == 8:
            length, kind = struct.unpack(">I4s", head)
            if kind in (b"IDAT", b"IEND"):
                return
            if kind != _BLOB_KIND or length > blobs.MAX_BYTES:
                file.seek(length + 4, os.SEEK_CUR)
                continue
            body = file.read(length)
            file.seek(4, os.SEEK_CUR)  # the name is checksum enough
            name = body[:32].hex()
            if name in wanted:
                blobs.adopt_blob(name, _inflate(body[32:], blobs.MAX_BYTES))


def _read_chunk(path: Path) -> str | None:
    """The scene's text. Walks the PNG itself, so that damaged pixels do not matter."""
    with path.open("rb") as file:
        if file.read(len(_PNG_MAGIC)) != _PNG_MAGIC:
            return None
        while len(head := file.read(8)) == 8:
            length, kind = struct.unpack(">I4s", head)
            if kind == b"IEND":
                return None
            key = file.read(min(length, len(_CHUNK_START))) if kind == b"iTXt" else b""
            if key == _CHUNK_START:
                return _chunk_text(path, file, length)
            file.seek(length - len(key) + 4, os.SEEK_CUR)
    return None


def _chunk_text(path: Path, file: BinaryIO, length: int) -> str:
    """Decode the iTXt chunk whose key has just been read.

    Layout after the key: compressed (0 or 1), method, language, 0, translated key, 0, text.
    """
    damaged = OptionError(f"The scene inside {path} is damaged. Use the original file.")
    if length > _MAX_SCENE_BYTES:
        raise damaged
    body = file.read(length - len(_CHUNK_START))
    checksum = file.read(4)
    if struct.pack(">I", zlib.crc32(b"iTXt" + _CHUNK_START + body)) != checksum:
        raise damaged
    try:
        compressed, method = body[0], body[1]
        text = body[2:].split(b"\0", 2)[2]
        if compressed:
            text = _inflate(text) if method == 0 else b""
        return text.decode("utf-8")
    except (IndexError, ValueError, zlib.error) as error:
        raise damaged from error


def _inflate(data: bytes, most: int = _MAX_SCENE_BYTES) -> bytes:
    inflater = zlib.decompressobj()
    content = inflater.decompress(data, most)
    if not inflater.eof:
        raise ValueError("compressed content is cut short or too long")
    return content


def _scene_chunk(scene: Scene) -> PngImagePlugin.PngInfo:
    text = scene.dumps()
    info = PngImagePlugin.PngInfo()
    # A seed takes a line; explicit vectors (base64) are worth compressing.
    info.add_itxt(SCENE_KEY, text, zip=len(text) > 1024)
    if scene.recipe.noise_maps:
        name = scene.recipe.noise_maps
        # A scene whose maps are lost is still worth keeping.
        with contextlib.suppress(blobs.MissingBlobError):
            info.add(_BLOB_KIND, bytes.fromhex(name) + zlib.compress(blobs.fetch_blob(name)))
    return info
