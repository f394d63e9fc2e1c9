"""CIFAR-10 and CIFAR-100 (Krizhevsky 2009) as published: pickled or binary, packed or unpacked.

The pickles are read by :mod:`latent_studio.data.safe_pickle`. Of a whole set the training images
are used; its test images are there when one gives their file. At most two of its files are held in
memory at a time.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from latent_studio.data.annotations import Annotations
from latent_studio.data.cifar_batch import (
    SIDE,
    Batch,
    binary_batch,
    pickled_batch,
    text_keys,
    texts,
)
from latent_studio.data.containers import Container, FolderFiles, TarFiles, is_tar
from latent_studio.data.decode import ImageFacts, fit, to_channels
from latent_studio.data.files import Tally, summarise
from latent_studio.data.report import DataReport
from latent_studio.data.safe_pickle import read_pickle
from latent_studio.errors import DataError
from latent_studio.events import Emit, ignore
from latent_studio.mailbox import StopToken

_FACTS = ImageFacts(SIDE, SIDE, "RGB")
_HELD = 2


@dataclass(frozen=True)
class Layout:
    """One way in which a set is published.

    Attributes
    ----------
    train, test
        Names of the files with images.
    names, coarse_names
        Names of the files (for pickles: of the keys in ``names``' file) with the classes' names.
    label_bytes
        Bytes before each image of a binary file; 0 for pickles.
    """

    title: str
    train: tuple[str, ...]
    test: tuple[str, ...]
    names: str
    label_bytes: int = 0
    coarse_names: str = ""

    def found(self, files: set[str]) -> tuple[str, ...]:
        """The files with images that are there: for training if there are any."""
        beside = self.names in files or len(self.train) > 1
        for group in (self.train, self.test):
            present = tuple(name for name in group if name in files)
            if present and beside:
                return present
        return ()


_FIVE = tuple(f"data_batch_{i}" for i in range(1, 6))
LAYOUTS = (
    Layout("CIFAR-10", _FIVE, ("test_batch",), "batches.meta"),
    Layout("CIFAR-100", ("train",), ("test",), "meta"),
    Layout(
        "CIFAR-10", tuple(f"{b}.bin" for b in _FIVE), ("test_batch.bin",), "batches.meta.txt", 1
    ),
    Layout(
        "CIFAR-100",
        ("train.bin",),
        ("test.bin",),
        "fine_label_names.txt",
        2,
        "coarse_label_names.txt",
    ),
)
FOLDERS = (
    *("cifar-10-batches-py", "cifar-100-python"),
    *("cifar-10-batches-bin", "cifar-100-binary"),
)


def is_cifar(text: str) -> bool:
    """Whether a path is one of CIFAR's archives, folders or files, or a pickle or tar at all.

    Those are taken so that they are explained, should they hold something else.
    """
    path = Path(text)
    if path.is_dir():
        return any(_layout_in(folder) is not None for folder in _places(path))
    with open(path, "rb") as file:
        head = file.read(2)
    pickled = len(head) == 2 and head[0] == 0x80 and 2 <= head[1] <= 5
    return pickled or _binary_layout(path) is not None or is_tar(text)


def _places(path: Path) -> list[Path]:
    """A folder and those below it that the archives unpack to."""
    return [path, *(path / name for name in FOLDERS if (path / name).is_dir())]


def _layout_in(folder: Path) -> Layout | None:
    """The layout of a folder's files; a *folder* called ``train`` is none."""
    files = {
        name
        for layout in LAYOUTS
        for name in (*layout.train, *layout.test, layout.names)
        if (folder / name).is_file()
    }
    return _layout_of(files)


def _layout_of(files: Iterable[str]) -> Layout | None:
    known = set(files)
    return next((layout for layout in LAYOUTS if layout.found(known)), None)


def _binary_layout(path: Path) -> Layout | None:
    """The layout that one binary file belongs to, by its name and size."""
    for layout in LAYOUTS:
        if layout.label_bytes and path.name in (*layout.train, *layout.test):
            return layout
    return None


class CifarSource:
    """The images of a CIFAR archive, folder or file, 32 pixels a side.

    Raises
    ------
    DataError
        If it is something else or damaged; from :attr:`count` on, if its files are.
    """

    endless = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self._layout, self._container, self._files = _open(path)
        self.fingerprint = _fingerprint(path, self._container, self._files)
        self._lock = threading.Lock()
        self._held: OrderedDict[int, Batch] = OrderedDict()
        self._ends: np.ndarray | None = None
        self._found = Annotations()

    @property
    def count(self) -> int | None:
        self._survey()
        assert self._ends is not None
        return int(self._ends[-1])

    def item_name(self, index: int) -> str:
        return f"image {index}"

    def load(self, index: int, resolution: int, channels: int) -> np.ndarray:
        """``uint8 [channels, resolution, resolution]``."""
        self._survey()
        assert self._ends is not None
        file = int(np.searchsorted(self._ends, index, side="right"))
        start = int(self._ends[file - 1]) if file else 0
        pixels = self._batch(file).pixels[index - start].reshape(3, SIDE, SIDE)
        return fit(to_channels(Image.fromarray(pixels.transpose(1, 2, 0)), channels), resolution)

    def load_facts(
        self, index: int, resolution: int, channels: int
    ) -> tuple[np.ndarray, ImageFacts]:
        return self.load(index, resolution, channels), _FACTS

    def annotations(self, count: int | None = None) -> Annotations:
        self._survey()
        return self._found if count is None else self._found.take(range(count))

    def report(self, *, emit: Emit = ignore, token: StopToken | None = None) -> DataReport:
        self._survey()
        tally = Tally()
        tally.add(_FACTS, self.count or 0)
        return summarise(self.name, tally, self._found, [])

    def _survey(self) -> None:
        """Go through all files once for their sizes and labels."""
        if self._ends is not None:
            return
        counts, labels, coarse = [], [], []
        for file in range(len(self._files)):
            batch = self._batch(file)
            counts.append(len(batch.pixels))
            labels.append(batch.labels)
            if batch.coarse is not None:
                coarse.append(batch.coarse)
        self._found = self._annotate(np.concatenate(labels), coarse)
        self._ends = np.cumsum(counts)

    def _annotate(self, labels: np.ndarray, coarse: Sequence[np.ndarray]) -> Annotations:
        fine_names, coarse_names = self._class_names()
        found = Annotations(labels, _enough(fine_names, labels), labelled=len(labels))
        if len(coarse) == len(self._files):
            kinds = np.concatenate(list(coarse))
            for kind, name in enumerate(_enough(coarse_names, kinds)):
                found.attributes[f"coarse={name}"] = (kinds == kind).astype(np.float32)
        if self._files[0] in self._layout.train and len(self._files) < len(self._layout.train):
            found.notes.append(f"{len(self._files)} of {len(self._layout.train)} files are here")
        return found

    def _class_names(self) -> tuple[list[str], list[str]]:
        """Names of the classes and, for CIFAR-100, of the coarse ones; empty where unknown."""
        layout, there = self._layout, set(self._container.names)
        if layout.label_bytes:
            lists = [
                self._container.read(name).decode("utf-8", "replace").split()
                if name in there
                else []
                for name in (layout.names, layout.coarse_names)
            ]
            return lists[0], lists[1]
        if layout.names not in there:
            return [], []
        meta = text_keys(self._read_pickle(layout.names))
        fine = meta.get("label_names", meta.get("fine_label_names", []))
        return texts(fine), texts(meta.get("coarse_label_names", []))

    def _batch(self, file: int) -> Batch:
        with self._lock:
            if file not in self._held:
                # Make room first: three files at once would be more than promised.
                while len(self._held) >= _HELD:
                    self._held.popitem(last=False)
                self._held[file] = self._read(self._files[file])
            self._held.move_to_end(file)
            return self._held[file]

    def _read(self, name: str) -> Batch:
        if self._layout.label_bytes:
            return binary_batch(self._container.read(name), self._layout.label_bytes, name)
        return pickled_batch(text_keys(self._read_pickle(name)), name)

    def _read_pickle(self, name: str) -> Any:
        return read_pickle(self._container.read(name), name)


def _open(path: Path) -> tuple[Layout, Container, tuple[str, ...]]:
    """Layout, where the files are, and which of them hold the images."""
    if path.is_dir():
        for folder in _places(path):
            layout = _layout_in(folder)
            if layout is not None:
                files = FolderFiles(folder)
                return layout, files, layout.found(set(files.names))
    elif is_tar(str(path)):
        packed = TarFiles(path)
        layout = _layout_of(packed.names)
        if layout is not None:
            return layout, packed, layout.found(set(packed.names))
        raise DataError(
            f"{path} is a tar archive that holds no CIFAR set. Unpack it and give the folder, or "
            "pack its images into a zip."
        )
    else:
        binary = _binary_layout(path)
        layout = binary or next(
            (known for known in LAYOUTS if path.name in (*known.train, *known.test)), LAYOUTS[0]
        )
        return layout, FolderFiles(path.parent), (path.name,)
    raise DataError(f"{path} holds no CIFAR set.")


def _enough(names: list[str], labels: np.ndarray) -> list[str]:
    """One name a class: their numbers where a list of names is missing or too short."""
    needed = int(labels.max()) + 1
    return names if len(names) >= needed else [str(label) for label in range(needed)]


def _fingerprint(path: Path, container: Container, files: tuple[str, ...]) -> str:
    """Of the content of an archive; of names, sizes and times of change of unpacked files."""
    digest = hashlib.blake2b("\n".join(("cifar", *files)).encode(), digest_size=16)
    if isinstance(container, TarFiles):
        with open(path, "rb") as file:
            while block := file.read(2**20):
                digest.update(block)
    else:
        for name in files:
            status = (container.path / name).stat()
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
