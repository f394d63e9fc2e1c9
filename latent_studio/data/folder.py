"""A folder of images, with or without class sub-folders."""

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from latent_studio.data.annotations import ATTRIBUTES_FILE, LABELS_FILE
from latent_studio.data.beside import find_beside, read_table_file, stamp
from latent_studio.data.decode import MAX_FILE_BYTES, ImageProblem
from latent_studio.data.files import LAYOUT_FOLDERS, LAYOUT_TABLES, FileSource, is_image_name
from latent_studio.errors import DataError


class FolderSource(FileSource):
    """Every image below a folder, in the order of their paths.

    Raises
    ------
    DataError
        If the folder cannot be listed or holds no images.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        names, fingerprint = _scan(root)
        if not names:
            raise DataError(
                f"There are no images in the folder {root}. "
                "Give a folder that holds PNG, JPEG, WebP, BMP, GIF or TIFF files."
            )
        self._names = names
        super().__init__(root.resolve().name or str(root), fingerprint)
        self._names = self._labelled_splits(names)
        if self._left_out:  # other pictures than when all of them were taken: not the same data
            self.fingerprint += "-labelled"

    @property
    def names(self) -> Sequence[str]:
        return self._names

    def read(self, index: int) -> bytes:
        name = self.names[index]
        try:
            if not stat.S_ISREG(os.stat(self.root / name).st_mode):  # a pipe would wait for ever
                raise ImageProblem(name, "is not a file but a device or a pipe")
            with open(self.root / name, "rb") as file:
                if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
                    raise ImageProblem(name, "the file is larger than this program reads")
                return file.read()
        except OSError as error:
            raise ImageProblem(name, f"cannot be opened ({error.strerror})", str(error)) from error

    def read_table(self, name: str) -> bytes | None:
        path = self.root / name
        return read_table_file(path) if path.is_file() else None

    def read_beside(self, name: str) -> bytes | None:
        path = find_beside(self.root.resolve().parent, name)
        return None if path is None else read_table_file(path)


_TABLES = frozenset((LABELS_FILE, ATTRIBUTES_FILE)) | {
    folder + name for folder in LAYOUT_FOLDERS for name in LAYOUT_TABLES
}


def _scan(root: Path) -> tuple[list[str], str]:
    """Sorted relative paths of the images, and a hash over paths, sizes and times of change."""
    try:
        found = sorted(_walk(root, ""))
        beside = stamp(root.resolve().parent, LAYOUT_TABLES)
    except OSError as error:
        raise DataError(
            f"The folder {root} cannot be listed: {error.strerror}. Check its permissions.",
            str(error),
        ) from error
    digest = hashlib.blake2b(b"folder", digest_size=16)
    for name, size, changed in found:
        digest.update(f"{name}\0{size}\0{changed}\n".encode("utf-8", "surrogateescape"))
    digest.update(beside)
    return [name for name, _, _ in found if is_image_name(name)], digest.hexdigest()


def _walk(root: Path, prefix: str) -> Iterator[tuple[str, int, int]]:
    """Images and tables below ``root``; links to folders are not followed (they may be circles)."""
    with os.scandir(root / prefix) as entries:
        for entry in entries:
            name = f"{prefix}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith((".", "__MACOSX")):
                    yield from _walk(root, f"{name}/")
            elif is_image_name(name) or name in _TABLES:
                try:
                    status = entry.stat()
                except OSError:  # a dangling link: listed as a problem when it is read
                    yield name, -1, -1
                else:
                    yield name, status.st_size, status.st_mtime_ns
