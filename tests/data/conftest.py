"""Small sources made on the spot, and the real photographs where they are at hand."""

import gzip
import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def _picture(seed: int, size: tuple[int, int] = (20, 16), mode: str = "RGB") -> Image.Image:
    """A smooth random picture of a size (width, height)."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (4, 4, 3), dtype=np.uint8))
    return coarse.resize(size, Image.Resampling.BILINEAR).convert(mode)


def _encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@pytest.fixture
def picture() -> Callable[..., Image.Image]:
    return _picture


@pytest.fixture
def encoded() -> Callable[..., bytes]:
    return _encoded


@pytest.fixture
def make_folder(tmp_path: Path) -> Callable[..., Path]:
    """Write files ``{relative path: bytes}`` below a fresh folder."""

    def make(files: dict[str, bytes], name: str = "pictures") -> Path:
        root = tmp_path / name
        root.mkdir(exist_ok=True)
        for path, data in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        return root

    return make


@pytest.fixture
def make_zip(tmp_path: Path) -> Callable[..., Path]:
    """Write files ``{member: bytes}`` into a zip."""

    def make(files: dict[str, bytes], name: str = "pictures.zip") -> Path:
        with zipfile.ZipFile(tmp_path / name, "w") as target:
            for path, data in files.items():
                target.writestr(path, data)
        return tmp_path / name

    return make


@pytest.fixture
def make_idx(tmp_path: Path) -> Callable[..., Path]:
    """Write arrays of bytes as IDX files."""

    def make(array: np.ndarray, name: str, packed: bool = False) -> Path:
        header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
        data = header + array.astype(np.uint8).tobytes()
        (tmp_path / name).write_bytes(gzip.compress(data) if packed else data)
        return tmp_path / name

    return make


@pytest.fixture
def pngs() -> dict[str, bytes]:
    return {f"{i:02d}.png": _encoded(_picture(i)) for i in range(6)}


@pytest.fixture
def real_data() -> Path:
    root = os.environ.get("LATENT_STUDIO_DATA")
    if not root:
        pytest.skip("set LATENT_STUDIO_DATA to the folder with the real photographs")
    return Path(root)
