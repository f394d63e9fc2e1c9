"""What a source of images is, and how a path or a name becomes one.

Adding a kind is one :class:`Kind` in :data:`KINDS`: a test whether it takes a text, and a function
that opens it.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from latent_studio.data.annotations import Annotations
from latent_studio.data.archive import ZipSource
from latent_studio.data.cifar import CifarSource, is_cifar
from latent_studio.data.decode import ImageFacts
from latent_studio.data.files import is_image_name
from latent_studio.data.folder import FolderSource
from latent_studio.data.idx import IdxSource, is_idx
from latent_studio.data.lsun import LmdbSource, is_lmdb
from latent_studio.data.procedural_source import PROCEDURAL_NAME, ProceduralSource
from latent_studio.data.report import DataReport
from latent_studio.errors import DataError
from latent_studio.events import Emit, ignore
from latent_studio.mailbox import StopToken


class Source(Protocol):
    """Images by index, decoded on demand. Safe to use from several threads."""

    name: str
    fingerprint: str
    endless: bool

    @property
    def count(self) -> int | None:
        """Number of images, readable or not; None for an infinite source."""

    def item_name(self, index: int) -> str:
        """What image ``index`` is called in messages."""

    def load(self, index: int, resolution: int, channels: int) -> np.ndarray:
        """``uint8 [channels, resolution, resolution]``; ImageProblem if it cannot be used."""

    def load_facts(
        self, index: int, resolution: int, channels: int
    ) -> tuple[np.ndarray, ImageFacts]:
        """As :meth:`load`, with the size and mode it had."""

    def annotations(self, count: int | None = None) -> Annotations:
        """Labels, attributes and groups of the first ``count`` images (None: of all)."""

    def report(self, *, emit: Emit = ignore, token: StopToken | None = None) -> DataReport:
        """Read everything once and say what is there; DataError if nothing is usable."""


@runtime_checkable
class BatchSource(Source, Protocol):
    """A source whose images are all usable and made much faster many at a time."""

    def load_many(self, indices: Iterable[int], resolution: int, channels: int) -> np.ndarray:
        """``uint8 [N, channels, resolution, resolution]``, each as :meth:`load` gives it."""

    def facts(self, resolution: int, channels: int) -> ImageFacts:
        """What :meth:`load_facts` says of every image."""


@dataclass(frozen=True)
class Kind:
    """One kind of source: ``takes(text)`` says whether ``open`` is for it."""

    name: str
    title: str
    takes: Callable[[str], bool]
    open: Callable[[str], Source]


def _is_procedural(text: str) -> bool:
    return text.split(":", 1)[0] == PROCEDURAL_NAME and not os.path.exists(text)


def _is_zip(text: str) -> bool:
    if text.lower().endswith(".zip"):
        return True
    with open(text, "rb") as file:
        return file.read(4) == b"PK\x03\x04"


KINDS: tuple[Kind, ...] = (
    Kind("procedural-faces", "Drawn faces", _is_procedural, ProceduralSource.parse),
    Kind("cifar", "CIFAR-10 or CIFAR-100", is_cifar, lambda text: CifarSource(Path(text))),
    Kind("lmdb", "LMDB data set (LSUN)", is_lmdb, lambda text: LmdbSource(Path(text))),
    Kind("folder", "Folder of images", os.path.isdir, lambda text: FolderSource(Path(text))),
    Kind("zip", "Zip file of images", _is_zip, lambda text: ZipSource(Path(text))),
    Kind("idx", "IDX file (MNIST)", is_idx, lambda text: IdxSource(Path(text))),
)


def open_source(spec: str | Path, *, check: bool = True) -> Source:
    """Open a folder, a zip, IDX or CIFAR file, an LMDB or ``procedural-faces[:SEED]``.

    What it is shows in its content, not in its name.

    Parameters
    ----------
    check
        List the images now, so that a source without any fails here. Without it that may happen
        later: enough to look for decoded images by fingerprint, and faster.

    Raises
    ------
    DataError
        If ``spec`` is missing, of no known kind, or holds no images.
    """
    text = os.path.expanduser(os.fspath(spec))
    if not _is_procedural(text) and not os.path.exists(text):
        raise DataError(
            f"There is no {text!r}. Give a folder of images, a zip file, an IDX or CIFAR file, an "
            f"LMDB folder or {PROCEDURAL_NAME}."
        )
    if os.path.exists(text) and not (os.path.isfile(text) or os.path.isdir(text)):
        raise DataError(f"{text} is a device or a pipe. Give a file or a folder.")
    try:
        kind = next((kind for kind in KINDS if kind.takes(text)), None)
    except OSError as error:
        raise DataError(
            f"{text} cannot be read: {error.strerror}. Check its permissions.", str(error)
        ) from error
    if kind is None and is_image_name(os.path.basename(text)):
        raise DataError(f"{text} is one picture. Give the folder that it is in.")
    if kind is None:
        raise DataError(
            f"{text} is no source of images. Give a folder of images, a zip file, an IDX file "
            f"(MNIST), a CIFAR file, an LMDB folder (LSUN) or {PROCEDURAL_NAME}."
        )
    source = kind.open(text)
    if check and source.count == 0:
        raise DataError(f"There are no images in {text}.")
    return source
