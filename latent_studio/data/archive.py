"""A zip file of images, read in place."""

import hashlib
import struct
import threading
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from latent_studio.data.annotations import ATTRIBUTES_FILE, LABELS_FILE
from latent_studio.data.beside import MAX_TABLE_BYTES, find_beside, read_table_file, stamp
from latent_studio.data.decode import MAX_FILE_BYTES, ImageProblem
from latent_studio.data.files import LAYOUT_FOLDERS, LAYOUT_TABLES, FileSource, is_image_name
from latent_studio.errors import DataError

_TABLES = {LABELS_FILE, ATTRIBUTES_FILE} | {
    folder + name for folder in LAYOUT_FOLDERS for name in LAYOUT_TABLES
}
# What zipfile raises on damaged members, encryption and compressions it lacks.
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
)


class ZipSource(FileSource):
    """Every image of a zip file. Nothing is extracted, so member paths cannot do harm.

    Tables (``dataset.json``, ``attributes.csv``, those of known data sets) may lie at the root, or
    in the one folder that holds everything (as file managers pack it). The list of members is read
    when it is first needed: the fingerprint, which finds the decoded images, needs only a hash of
    its bytes.

    Raises
    ------
    DataError
        If it is no zip file; from :attr:`names` on, if it holds no images.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._zip: zipfile.ZipFile | None = None
        self._names: list[str] = []
        self._members: dict[str, zipfile.ZipInfo] = {}
        try:
            directory = _central_directory(path)
        except _ZIP_ERRORS as error:
            raise _not_a_zip(path, error) from error
        digest = hashlib.blake2b(b"zip" + directory, digest_size=16)
        digest.update(stamp(path.resolve().parent, LAYOUT_TABLES))
        super().__init__(path.name, digest.hexdigest())

    @property
    def names(self) -> Sequence[str]:
        if self._zip is None:
            self._list()
        return self._names

    def close(self) -> None:
        if self._zip is not None:
            self._zip.close()

    def _list(self) -> None:
        try:
            opened = zipfile.ZipFile(self.path)
        except _ZIP_ERRORS as error:
            raise _not_a_zip(self.path, error) from error
        members = {m.filename.replace("\\", "/"): m for m in opened.infolist()}
        names = sorted(name for name in members if is_image_name(name))
        if not names:
            opened.close()
            raise DataError(
                f"There are no images in {self.path}. Pack PNG or JPEG files into the zip."
            )
        prefix = "" if members.keys() & _TABLES else _common_folder(names)
        self._members = {
            name.removeprefix(prefix): member
            for name, member in members.items()
            if name.startswith(prefix)
        }
        self._names = [name.removeprefix(prefix) for name in names]
        self._zip = opened
        self._names = self._labelled_splits(self._names)

    def read(self, index: int) -> bytes:
        name = self.names[index]
        member = self._members[name]
        if member.file_size > MAX_FILE_BYTES:
            raise ImageProblem(name, "the file is larger than this program reads")
        try:
            return self._read(member)
        except _ZIP_ERRORS as error:
            reason = "is encrypted" if member.flag_bits & 1 else "damaged inside the zip"
            raise ImageProblem(name, reason, repr(error)) from error

    def read_table(self, name: str) -> bytes | None:
        member = self._members.get(name) if self.names else None
        if member is None:
            return None
        if member.file_size > MAX_TABLE_BYTES:
            raise DataError(f"{name} in {self.path} is too large to be a table of labels.")
        try:
            return self._read(member)
        except _ZIP_ERRORS as error:
            raise DataError(
                f"{name} in {self.path} is damaged: pack the zip again.", repr(error)
            ) from error

    def read_beside(self, name: str) -> bytes | None:
        path = find_beside(self.path.resolve().parent, name)
        return None if path is None else read_table_file(path)

    def _read(self, member: zipfile.ZipInfo) -> bytes:
        """``ZipFile.read`` stops at the size the directory states, so a bomb cannot grow."""
        assert self._zip is not None, "members come from an open zip"
        with self._lock:
            return self._zip.read(member)


def _not_a_zip(path: Path, error: Exception) -> DataError:
    return DataError(
        f"{path} is not a readable zip file: it may be cut off or something else. "
        "Copy or download it again.",
        str(error),
    )


def _common_folder(names: list[str]) -> str:
    """``faces/`` if every image lies below that one folder, else an empty text."""
    first = names[0].split("/", 1)
    if len(first) == 1 or not all(name.startswith(f"{first[0]}/") for name in names):
        return ""
    return f"{first[0]}/"


def _central_directory(path: Path) -> bytes:
    """The bytes at the end of a zip that list names, sizes, times and checksums of its members.

    Where it lies is in the last record of the file (PKZIP application note, 4.3.16); very large
    zips have it elsewhere, and ``zipfile`` finds it.
    """
    with open(path, "rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_SEARCH))
        tail = file.read()
        found = tail.rfind(b"PK\x05\x06")
        if found < 0 or len(tail) - found < 22:
            raise zipfile.BadZipFile("no end record")
        length, start = struct.unpack("<LL", tail[found + 12 : found + 20])
        if start != 0xFFFFFFFF and length != 0xFFFFFFFF and start + length <= size:
            file.seek(start)
            return file.read(length)
    with zipfile.ZipFile(path) as opened:
        listed = [f"{m.filename}\0{m.file_size}\0{m.CRC}" for m in opened.infolist()]
    return "\n".join(listed).encode("utf-8", "replace")


_END_SEARCH = 2**16 + 22
