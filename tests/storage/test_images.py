"""Pictures and the scenes inside them."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from latent_studio.errors import ExportError, OptionError, RunError
from latent_studio.recipe import (
    DirectionAmount,
    LatentSource,
    LayerMix,
    ModelRef,
    Offset,
    Recipe,
    Scene,
)
from latent_studio.storage import images
from latent_studio.storage.images import IMAGE_FORMATS, SCENE_KEY, read_scene, write_image

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (6, 5, 3), np.uint8)
SCENE = Scene(ModelRef("bundled", "faces", "ab" * 32), Recipe(LatentSource.from_seed(42), psi=0.7))

FLOATS = st.floats(-10, 10)
VECTORS = st.lists(FLOATS, min_size=4, max_size=4)
SOURCES = st.builds(LatentSource.from_seed, st.integers(0, 2**32 - 1)) | st.builds(
    lambda rows: LatentSource.from_vector("w+", [rows]), st.lists(VECTORS, min_size=1, max_size=3)
)
SCENES = st.builds(
    Scene,
    st.builds(ModelRef, st.sampled_from(["file", "run"]), st.text(max_size=20)),
    st.builds(
        Recipe,
        source=SOURCES,
        psi=FLOATS,
        directions=st.tuples(st.builds(DirectionAmount, st.text(min_size=1, max_size=9), FLOATS)),
        offsets=st.tuples(st.builds(Offset, st.just("w"), st.integers(0, 99), FLOATS)),
        mixing=st.tuples(st.builds(LayerMix, st.integers(0, 9), SOURCES, FLOATS)),
    ),
)


@given(scene=SCENES)
def test_scenes_come_back(tmp_path: Path, scene: Scene) -> None:
    write_image(tmp_path / "x.png", PIXELS, scene)
    assert read_scene(tmp_path / "x.png") == scene


@pytest.mark.parametrize("suffix", IMAGE_FORMATS)
@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 1), (9, 7, 3), (9, 7, 4)])
def test_every_format_and_shape(tmp_path: Path, suffix: str, shape: tuple[int, ...]) -> None:
    path = tmp_path / f"ü{suffix.upper()}"
    pixels = np.full(shape, 120, np.uint8)
    write_image(path, pixels)
    with Image.open(path) as image:
        assert image.size == (7, 9)
        assert abs(int(np.asarray(image.convert("L"))[4, 3]) - 120) <= 1
    assert len(list(tmp_path.iterdir())) == 1


def test_lossless_formats_keep_every_pixel(tmp_path: Path) -> None:
    for name in ("x.png", "x.webp"):
        write_image(tmp_path / name, PIXELS, SCENE)
        with Image.open(tmp_path / name) as image:
            assert np.array_equal(np.asarray(image), PIXELS)


def test_scaling(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    write_image(path, PIXELS, scale=3)
    with Image.open(path) as image:
        assert np.array_equal(np.asarray(image), PIXELS.repeat(3, axis=0).repeat(3, axis=1))
    write_image(path, PIXELS, scale=2, upscaling="lanczos")
    with Image.open(path) as image:
        assert image.size == (10, 12)


@pytest.mark.parametrize("scale", [0, -1, 65, 1.5, True, "2"])
def test_bad_scales(tmp_path: Path, scale: Any) -> None:
    with pytest.raises(OptionError, match="scale"):
        write_image(tmp_path / "x.png", PIXELS, scale=scale)
    with pytest.raises(OptionError, match="nearest or lanczos"):
        write_image(tmp_path / "x.png", PIXELS, scale=2, upscaling="cubic")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "pixels",
    [PIXELS.astype(np.float32), PIXELS[None], PIXELS[:, :, :2], PIXELS[:0], np.zeros(4, np.uint8)],
)
def test_bad_pixels(tmp_path: Path, pixels: np.ndarray) -> None:
    with pytest.raises(OptionError, match="picture"):
        write_image(tmp_path / "x.png", pixels)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["x", "x.bmp", "x.png.txt"])
def test_unknown_suffix_lists_the_known(tmp_path: Path, name: str) -> None:
    with pytest.raises(ExportError, match=r"\.png, \.jpg, \.jpeg, \.webp"):
        write_image(tmp_path / name, PIXELS)


def test_too_large_for_the_format(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="at most 16383 pixels"):
        write_image(tmp_path / "x.webp", np.zeros((2, 16384), np.uint8))


def test_full_disk_keeps_the_old_picture(tmp_path: Path, full_disk: Callable[[], None]) -> None:
    path = tmp_path / "x.png"
    write_image(path, PIXELS, SCENE)
    before = path.read_bytes()
    full_disk()
    with pytest.raises(RunError, match="disk is full"):
        write_image(path, PIXELS, error=RunError)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_foreign_files_have_no_scene(tmp_path: Path) -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "latent-studio-scene")
    info.add_itxt("latent-studio", "{}")
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png", pnginfo=info)
    write_image(tmp_path / "b.jpg", PIXELS, SCENE)
    (tmp_path / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    (tmp_path / "d.png").write_text("text", encoding="utf-8")
    (tmp_path / "e.png").write_bytes(b"")
    (tmp_path / "f.png").write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 2**32 - 1) + b"tEXt")
    for path in tmp_path.iterdir():
        assert read_scene(path) is None


def test_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="cannot be read"):
        read_scene(tmp_path / "no.png")


def test_pixels_may_be_damaged(tmp_path: Path) -> None:
    """The scene stands before the pixels."""
    path = tmp_path / "x.png"
    write_image(path, PIXELS, SCENE)
    path.write_bytes(path.read_bytes()[:-40])
    assert read_scene(path) == SCENE


def with_chunk(path: Path, body: bytes, length: int | None = None, flip: int = 0) -> None:
    """A PNG with a hand-made chunk of our name."""
    data = SCENE_KEY.encode() + b"\0" + body
    head = struct.pack(">I", len(data) if length is None else length) + b"iTXt"
    checksum = struct.pack(">I", zlib.crc32(b"iTXt" + data) ^ flip)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + data + checksum)


BOMB = zlib.compress(b" " * 100_000)


@pytest.mark.parametrize(
    ("body", "options"),
    [
        (b"\0\0\0\0not json", {}),
        (b"\0\0\0\0{}", {}),
        (b"\0\0\0\0[1]", {}),
        (b"\0\0\0\0" + b"[" * 200_000, {}),
        (b'\0\0\0\0{"model": 1, "recipe": 2}', {}),
        (b"\0\0\0\0\xff\xfe", {}),
        (b"\0\0", {}),
        (b"", {}),
        (b"\1\0\0\0not zlib", {}),
        (b"\1\0\0\0" + BOMB[:-5], {}),
        (b"\1\0\0\0" + BOMB, {}),
        (b"\1\7\0\0" + BOMB, {}),
        (b"\0\0\0\0" + SCENE.dumps().encode(), {"flip": 1}),
        (b"\0\0\0\0" + SCENE.dumps().encode(), {"length": 10_000}),
        (b"\0\0\0\0" + SCENE.dumps().encode(), {"length": 2**32 - 1}),
    ],
)
def test_damaged_scenes_are_said(
    tmp_path: Path, body: bytes, options: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "_MAX_SCENE_BYTES", 50_000)
    path = tmp_path / "x.png"
    with_chunk(path, body, **options)
    with pytest.raises(OptionError, match=r"x\.png is damaged.*original file"):
        read_scene(path)
