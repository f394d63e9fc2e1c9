"""What a file seems to be by its first bytes, for messages about files of the wrong kind."""

import re

# Bytes, where they are, and what has them. Archives say that they can be unpacked.
_MAGICS: tuple[tuple[bytes, int, str], ...] = (
    (b"PK\x03\x04", 0, "a zip or PyTorch file"),
    (b"PK\x05\x06", 0, "an empty zip archive"),
    *((bytes([0x80, protocol]), 0, "a Python pickle") for protocol in range(2, 6)),
    (b"\x89PNG", 0, "a PNG picture"),
    (b"\xff\xd8\xff", 0, "a JPEG picture"),
    (b"GIF8", 0, "a GIF picture"),
    (b"WEBP", 8, "a WebP picture"),
    (b"ftyp", 4, "a video or picture (MPEG-4)"),
    (b"%PDF-", 0, "a PDF document"),
    (b"\x93NUMPY", 0, "a NumPy array (.npy)"),
    (b"\x89HDF\r\n\x1a\n", 0, "an HDF5 file, as Keras writes them"),
    (b"GGUF", 0, "a GGUF file"),
    (b"TFL3", 4, "a TensorFlow Lite model"),
    (b"\x1f\x8b", 0, "a gzip archive, to be unpacked first"),
    (b"BZh", 0, "a bzip2 archive, to be unpacked first"),
    (b"\xfd7zXZ\0", 0, "an xz archive, to be unpacked first"),
    (b"\x28\xb5\x2f\xfd", 0, "a zstd archive, to be unpacked first"),
    (b"7z\xbc\xaf\x27\x1c", 0, "a 7z archive, to be unpacked first"),
    (b"Rar!\x1a\x07", 0, "a RAR archive, to be unpacked first"),
    (b"ustar", 257, "a tar archive, to be unpacked first"),
    (b"version https://git-lfs", 0, "a pointer of Git LFS, without the file itself"),
    (b"SQLite format 3", 0, "an SQLite database"),
    (b"\xff\xfe", 0, "a text file (UTF-16)"),
    (b"\xfe\xff", 0, "a text file (UTF-16)"),
)
_WEB_PAGES = (b"<!doctype html", b"<html")
# A small version, then the producer, its version, the graph or the operators.
_ONNX = re.compile(rb"\x08[\x01-\x20][\x12\x1a\x3a\x42]")
LOOKED_AT = 512


def kind_of(start: bytes) -> str | None:
    """What a file with these first bytes seems to be; up to :data:`LOOKED_AT` are of use."""
    for magic, at, kind in _MAGICS:
        if start[at : at + len(magic)] == magic:
            return kind
    if _ONNX.match(start):
        return "an ONNX model"
    if start.lstrip()[:14].lower().startswith(_WEB_PAGES):
        return "a web page (HTML)"
    return "a text file" if _is_text(start) else None


def _is_text(start: bytes) -> bool:
    try:
        words = start.decode("utf-8")
    except UnicodeDecodeError as error:
        # The bytes may end within a character; anything else is no text.
        words = start[: error.start].decode("utf-8") if error.end == len(start) else "\0"
    return all(letter in "\t\n\r\ufeff" or letter.isprintable() for letter in words)
