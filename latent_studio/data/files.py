"""What folders and archives have in common: a list of image files with annotations beside them."""

import os
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from latent_studio.data import celeba, class_folders
from latent_studio.data.annotations import ATTRIBUTES_FILE, LABELS_FILE, Annotations, annotate
from latent_studio.data.decode import SUFFIXES, ImageFacts, ImageProblem, decode, inspect
from latent_studio.data.report import DataReport
from latent_studio.errors import DataError
from latent_studio.events import Emit, Progress, ignore
from latent_studio.mailbox import StopToken

# Tables of known data sets, and the folders that they may lie in.
LAYOUT_TABLES = frozenset(
    (*celeba.TABLES, *class_folders.NAME_TABLES, *class_folders.VALIDATION_TABLES)
)
LAYOUT_FOLDERS = ("", "Anno/", "Eval/")
_CHUNK = 256

R = TypeVar("R")


def is_image_name(name: str) -> bool:
    """Whether a relative path looks like an image that was meant to be there."""
    if name.startswith((".", "__MACOSX")) or "/." in name or "/__MACOSX" in name:
        return False
    return os.path.splitext(name)[1].lower() in SUFFIXES


class FileSource:
    """A source made of image files. Sub-classes say how to read one.

    Parameters
    ----------
    name
        What a person calls it.
    fingerprint
        Changes when the content does.
    """

    endless = False

    def __init__(self, name: str, fingerprint: str) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self._annotations: Annotations | None = None
        self._left_out: list[str] = []

    @property
    def names(self) -> Sequence[str]:
        """Paths of the images, relative to the root, with forward slashes, sorted."""
        raise NotImplementedError

    @property
    def count(self) -> int | None:
        return len(self.names)

    def read(self, index: int) -> bytes:
        """The bytes of one file; raises ImageProblem."""
        raise NotImplementedError

    def read_table(self, name: str) -> bytes | None:
        """The bytes of a table by its path from the root, or None if it is not there."""
        raise NotImplementedError

    def read_beside(self, name: str) -> bytes | None:
        """The bytes of a table that lies outside, beside the source itself, or None."""
        return None

    def item_name(self, index: int) -> str:
        return self.names[index]

    def load(self, index: int, resolution: int, channels: int) -> np.ndarray:
        """Image ``index`` as ``uint8 [channels, resolution, resolution]``; raises ImageProblem."""
        return self.load_facts(index, resolution, channels)[0]

    def load_facts(
        self, index: int, resolution: int, channels: int
    ) -> tuple[np.ndarray, ImageFacts]:
        return decode(self.read(index), self.names[index], resolution, channels)

    def annotations(self, count: int | None = None) -> Annotations:
        """Labels and attributes of all images (or of the first ``count``)."""
        if self._annotations is None:
            self._annotations = self._annotate()
        if count is None or count >= len(self.names):
            return self._annotations
        return self._annotations.take(range(count))

    def _annotate(self) -> Annotations:
        """Tables of this program's kind come first, then known layouts, then folders."""
        labels, attributes = self.read_table(LABELS_FILE), self.read_table(ATTRIBUTES_FILE)
        if labels is not None or attributes is not None:
            return annotate(self.names, labels, attributes)
        found = Annotations()
        if not celeba.use_celeba(found, self.names, self._find_table):
            class_folders.use_folders(found, self.names, self._find_table)
        found.notes += [
            f"{split}/ has no classes, other folders have: its images are left out"
            for split in self._left_out
        ]
        return found

    def _labelled_splits(self, names: Sequence[str]) -> list[str]:
        """``names`` without splits that lack the classes which others have; tables go first."""
        if self.read_table(LABELS_FILE) is None and self.read_table(ATTRIBUTES_FILE) is None:
            names, self._left_out = class_folders.without_unlabelled_splits(names, self._find_table)
        return list(names)

    def _find_table(self, name: str) -> bytes | None:
        for folder in LAYOUT_FOLDERS:
            content = self.read_table(folder + name)
            if content is not None:
                return content
        return self.read_beside(name)

    def report(self, *, emit: Emit = ignore, token: StopToken | None = None) -> DataReport:
        """Read every file once.

        Raises
        ------
        DataError
            If no image can be read.
        """
        tally, kept, problems = Tally(), array("q"), []
        results = parallel(self._inspect, range(len(self.names)), token=token)
        for index, result in enumerate(results):
            if isinstance(result, ImageProblem):
                problems.append((result.file, result.reason))
            else:
                tally.add(result)
                kept.append(index)
            if index % _CHUNK == 0:
                emit(Progress(index, len(self.names), f"Reading {self.name}"))
        emit(Progress(len(self.names), len(self.names), f"Reading {self.name}"))
        return summarise(self.name, tally, self.annotations().take(kept), problems)

    def _inspect(self, index: int) -> ImageFacts | ImageProblem:
        try:
            return inspect(self.read(index), self.names[index])
        except ImageProblem as problem:
            return problem


class Tally:
    """Counts sizes and modes of images without keeping a fact an image."""

    def __init__(self) -> None:
        self.sizes: Counter[tuple[int, int]] = Counter()
        self.modes: Counter[str] = Counter()

    def add(self, fact: ImageFacts, times: int = 1) -> None:
        self.sizes[fact.width, fact.height] += times
        self.modes[fact.mode] += times

    @property
    def count(self) -> int:
        return self.modes.total()


def summarise(
    name: str, tally: Tally, found: Annotations, problems: Sequence[tuple[str, str]]
) -> DataReport:
    """A report of the images that can be used.

    Raises
    ------
    DataError
        If there are none.
    """
    if not tally.count:
        file, reason = problems[0] if problems else (name, "no images")
        raise DataError(
            f"None of the {len(problems)} images in {name} can be read (first: {file}: {reason}). "
            "Check that the files are complete images.",
            "\n".join(f"{file}: {reason}" for file, reason in problems[:100]),
        )
    return DataReport(
        name=name,
        count=tally.count,
        sizes=dict(tally.sizes.most_common()),
        modes=dict(tally.modes.most_common()),
        classes=list(found.classes),
        attributes=list(found.attributes),
        problems=[*problems, *found.problems],
        labelled=found.labelled,
        notes=list(found.notes),
    )


def parallel(
    work: Callable[[int], R],
    indices: Sequence[int],
    *,
    token: StopToken | None = None,
    chunk: int = _CHUNK,
) -> Iterator[R]:
    """Results of ``work`` in order, from a few threads, holding one chunk in memory at a time.

    Pillow and numpy let go of the interpreter lock while they compute, so threads are enough.
    """
    workers = max(1, min(8, os.cpu_count() or 1))
    with ThreadPoolExecutor(workers, thread_name_prefix="decode") as pool:
        for start in range(0, len(indices), chunk):
            if token is not None:
                token.checkpoint()
            yield from pool.map(work, indices[start : start + chunk])
