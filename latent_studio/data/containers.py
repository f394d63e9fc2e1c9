"""Named files of a folder or of a tar archive, read one at a time; nothing is extracted."""

import gzip
import os
import tarfile
import threading
import weakref
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Protocol

from latent_studio.errors import DataError

MAX_UNPACKED = 4 * 2**30
MAX_MEMBERS = 10_000
_GZIP = b"\x1f\x8b"
_TAR_ERRORS = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, OSError, ValueError)


class Container(Protocol):
    """Files by name."""

    path: Path

    @property
    def names(self) -> Iterable[str]:
        """Names without folders."""

    def read(self, name: str) -> bytes:
        """The whole content of one file; DataError if it cannot be read."""


class FolderFiles:
    """The files of one folder, sub-folders left out."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def names(self) -> Iterable[str]:
        try:
            return sorted(entry.name for entry in os.scandir(self.path) if entry.is_file())
        except OSError as error:
            raise DataError(
                f"{self.path} cannot be listed: {error.strerror}.", str(error)
            ) from error

    def read(self, name: str) -> bytes:
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise DataError(
                f"{self.path / name} cannot be read: {error.strerror}. Check its permissions.",
                str(error),
            ) from error


class TarFiles:
    """The regular files of a tar archive, packed (gzip, bzip2, xz) or not, by their last name.

    Raises
    ------
    DataError
        If it is damaged, or unpacks to more than this program reads.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            self._tar = tarfile.open(path)  # noqa: SIM115 - closed with this object
            weakref.finalize(self, self._tar.close)
            self._members = dict(self._listed())
        except _TAR_ERRORS as error:
            raise _damaged(path, error) from error

    @property
    def names(self) -> Iterable[str]:
        return self._members

    def read(self, name: str) -> bytes:
        with self._lock:
            try:
                stream = self._tar.extractfile(self._members[name])
                content = b"" if stream is None else stream.read()
            except _TAR_ERRORS as error:
                raise _damaged(self.path, error) from error
        if len(content) != self._members[name].size:
            raise _damaged(self.path, EOFError(name))
        return content

    def _listed(self) -> Iterable[tuple[str, tarfile.TarInfo]]:
        # Listing unpacks everything up to the next header: look before each leap.
        for number, member in enumerate(self._tar):
            if member.offset_data + member.size > MAX_UNPACKED or number >= MAX_MEMBERS:
                raise DataError(
                    f"{self.path} unpacks to more than this program reads from an archive. "
                    "Unpack it and give the folder."
                )
            if member.isreg():
                yield PurePosixPath(member.name).name, member


def is_tar(path: str) -> bool:
    """Whether a file begins as a tar archive does, gzip or not."""
    try:
        with open(path, "rb") as file:
            packed = file.read(2) == _GZIP
        with gzip.open(path, "rb") if packed else open(path, "rb") as stream:
            return stream.read(265)[257:262] == b"ustar"
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return False


def _damaged(path: Path, error: Exception) -> DataError:
    return DataError(
        f"{path} is cut off or damaged inside. Copy or download it again.", repr(error)
    )
