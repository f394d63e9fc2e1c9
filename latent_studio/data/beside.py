"""Tables that lie beside a source rather than in it: ``list_attr_celeba.txt`` next to the pictures.

People point at the folder or zip of pictures and leave the tables where the data set's makers put
them, one or two folders up (ImageNet's four).
"""

import os
from pathlib import Path

from latent_studio.errors import DataError

MAX_TABLE_BYTES = 512 * 2**20
_LEVELS = 2
_FAR_LEVELS = 4
_FAR = "LOC_"


def find_beside(folder: Path, name: str) -> Path | None:
    """The file called ``name`` in ``folder`` or a few folders above, the nearest one."""
    levels = _FAR_LEVELS if name.startswith(_FAR) else _LEVELS
    folder = Path(os.path.abspath(folder))
    for place in (folder, *folder.parents)[:levels]:
        if (place / name).is_file():
            return place / name
    return None


def read_table_file(path: Path) -> bytes:
    """The content of a table.

    Raises
    ------
    DataError
        If it cannot be read or is too large to be one.
    """
    try:
        if path.stat().st_size > MAX_TABLE_BYTES:
            raise DataError(f"{path} is too large to be a table of labels: remove it.")
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.", str(error)) from error


def stamp(folder: Path, names: frozenset[str]) -> bytes:
    """Changes when one of the tables beside a source does; empty without any."""
    found = [path for name in sorted(names) if (path := find_beside(folder, name)) is not None]
    lines = []
    for path in found:
        status = path.stat()
        lines.append(f"{path.name}\0{status.st_size}\0{status.st_mtime_ns}\n")
    return "".join(lines).encode("utf-8", "surrogateescape")
