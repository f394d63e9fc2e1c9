"""IDX files, the format of MNIST (LeCun, Cortes, Burges), gzip or not."""

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from math import prod
from pathlib import Path

import numpy as np
from PIL import Image

from latent_studio.data.annotations import Annotations
from latent_studio.data.decode import ImageFacts, fit, to_channels
from latent_studio.data.files import Tally, summarise
from latent_studio.data.report import DataReport
from latent_studio.errors import DataError
from latent_studio.events import Emit, ignore
from latent_studio.mailbox import StopToken

MAX_BYTES = 4 * 2**30
MAX_SIDE = 4096
# Up to this much smaller than the wanted size, pictures get a black margin instead of being blown
# up: digits of 28 pixels become 32.
MAX_PADDING = 8
_UBYTE = 0x08
_GZIP = b"\x1f\x8b"


def is_idx(text: str) -> bool:
    """Whether a file begins as IDX does, is gzip, or has an IDX name (so that it is explained)."""
    with open(text, "rb") as file:
        head = file.read(4)
    looks = len(head) == 4 and head[:2] == b"\0\0" and head[2] in range(0x08, 0x0F)
    return looks or head[:2] == _GZIP or "idx" in Path(text).name.lower()


def read_idx(path: Path, dims: tuple[int, ...]) -> np.ndarray:
    """The unsigned bytes of an IDX file.

    Parameters
    ----------
    dims
        Numbers of dimensions that are welcome.

    Raises
    ------
    DataError
        If the file is cut off, has another magic number, or another type or shape.
    """
    data = _read(path)
    if len(data) < 4 or data[:2] != b"\0\0":
        raise DataError(f"{path} is not an IDX file: its magic number is wrong. Download it again.")
    kind, rank = data[2], data[3]
    if kind != _UBYTE or rank not in dims:
        expected = " or ".join(map(str, dims))
        raise DataError(
            f"{path} is an IDX file of type 0x{kind:02x} with {rank} dimensions; "
            f"bytes with {expected} dimensions are needed."
        )
    start = 4 + 4 * rank
    shape = tuple(int(n) for n in np.frombuffer(data[4:start], dtype=">u4"))
    if len(shape) != rank or len(data) - start != prod(shape):
        raise DataError(
            f"{path} is cut off or damaged: its size does not fit its header. Download it again."
        )
    return np.frombuffer(data, dtype=np.uint8, offset=start).reshape(shape)


class IdxSource:
    """Pictures of an IDX file; the labels are found beside it by name.

    Raises
    ------
    DataError
        If either file is damaged, or their counts differ.
    """

    endless = False

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._images = read_idx(path, (1, 3, 4))
        if self._images.ndim == 1:
            raise DataError(f"{path} holds labels, not images: give the images file beside it.")
        if min(self._images.shape) < 1 or max(self._images.shape[1:]) > MAX_SIDE:
            shape = "x".join(map(str, self._images.shape))
            raise DataError(f"{path} holds no usable images ({shape}). Give another file.")
        if self._images.ndim == 4 and self._images.shape[3] not in (1, 3):
            raise DataError(f"{path} holds images with {self._images.shape[3]} channels, not 1, 3.")
        self._labels: np.ndarray | None = None
        labels = labels_beside(path)
        if labels is not None:
            self._labels = read_idx(labels, (1,)).astype(np.int64)
            if len(self._labels) != len(self._images):
                raise DataError(
                    f"{labels.name} holds {len(self._labels)} labels for {len(self._images)} "
                    f"images in {path.name}: put the files of one set together."
                )
        self.fingerprint = _fingerprint(self._images, self._labels)

    @property
    def count(self) -> int | None:
        return len(self._images)

    def item_name(self, index: int) -> str:
        return f"image {index}"

    def load(self, index: int, resolution: int, channels: int) -> np.ndarray:
        """``uint8 [channels, resolution, resolution]``, padded with black if slightly smaller."""
        array = self._images[index]
        if array.ndim == 3 and array.shape[2] == 1:
            array = array[..., 0]
        height, width = array.shape[:2]
        margin = resolution - max(height, width)
        if 0 <= margin <= MAX_PADDING:
            top, left = (resolution - height) // 2, (resolution - width) // 2
            padded = np.zeros((resolution, resolution, *array.shape[2:]), dtype=np.uint8)
            padded[top : top + height, left : left + width] = array
            array = padded
        return fit(to_channels(Image.fromarray(array), channels), resolution)

    def load_facts(
        self, index: int, resolution: int, channels: int
    ) -> tuple[np.ndarray, ImageFacts]:
        return self.load(index, resolution, channels), self._facts

    @property
    def _facts(self) -> ImageFacts:
        height, width = self._images.shape[1:3]
        colour = self._images.ndim == 4 and self._images.shape[3] == 3
        return ImageFacts(width, height, "RGB" if colour else "L")

    def annotations(self, count: int | None = None) -> Annotations:
        if self._labels is None:
            return Annotations()
        classes = [str(label) for label in range(int(self._labels.max()) + 1)]
        labels = self._labels[:count]
        return Annotations(labels=labels, classes=classes, labelled=len(labels))

    def report(self, *, emit: Emit = ignore, token: StopToken | None = None) -> DataReport:
        tally = Tally()
        tally.add(self._facts, len(self._images))
        return summarise(self.name, tally, self.annotations(), [])


def labels_beside(path: Path) -> Path | None:
    """``train-labels-idx1-ubyte`` beside ``train-images-idx3-ubyte``, with or without ``.gz``."""
    if "images" not in path.name:
        return None
    for name in _label_names(path.name):
        for candidate in (name, name.removesuffix(".gz"), f"{name.removesuffix('.gz')}.gz"):
            if (path.parent / candidate).is_file():
                return path.parent / candidate
    return None


def _label_names(name: str) -> Iterator[str]:
    renamed = name.replace("images", "labels")
    yield renamed
    for rank in ("idx3", "idx4"):
        yield renamed.replace(rank, "idx1")


def _read(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            packed = file.read(2) == _GZIP
        with gzip.open(path, "rb") if packed else open(path, "rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise DataError(
            f"{path} is cut off or damaged inside. Download it again.", str(error)
        ) from error
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.", str(error)) from error
    if len(data) > MAX_BYTES:
        raise DataError(f"{path} is larger than {MAX_BYTES // 2**30} GiB unpacked.")
    return data


def _fingerprint(images: np.ndarray, labels: np.ndarray | None) -> str:
    digest = hashlib.blake2b(f"idx {images.shape}".encode(), digest_size=16)
    digest.update(images.data)
    if labels is not None:
        digest.update(labels.tobytes())
    return digest.hexdigest()
