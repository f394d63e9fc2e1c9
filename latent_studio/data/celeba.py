"""The tables of CelebA (Liu et al. 2015, arXiv:1411.7766): attributes, identities, partition.

``list_attr_celeba.txt`` starts with the number of images and a line of attribute names; each
further line is a file and one -1 or 1 an attribute. The tables lie beside the pictures' folder or
in ``Anno/`` and ``Eval/``; copies of the set also come with comma-separated ones.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from latent_studio.data.annotations import Annotations
from latent_studio.data.class_folders import ReadTable
from latent_studio.errors import DataError

ATTRIBUTE_TABLES = ("list_attr_celeba.txt", "list_attr_celeba.csv")
IDENTITY_TABLES = ("identity_CelebA.txt", "identity_CelebA.csv")
PARTITION_TABLES = ("list_eval_partition.txt", "list_eval_partition.csv")
TABLES = (*ATTRIBUTE_TABLES, *IDENTITY_TABLES, *PARTITION_TABLES)
MAX_ATTRIBUTES = 1024
_SPLIT = re.compile(r"[\s,]+")


def use_celeba(found: Annotations, names: Sequence[str], read: ReadTable) -> bool:
    """Fill ``attributes`` and ``groups`` from CelebA's tables, if they are there and fit.

    Parameters
    ----------
    read
        Gives the content of a table that lies beside the images, or None.

    Raises
    ------
    DataError
        If the table of attributes is damaged.
    """
    table, content = _first(ATTRIBUTE_TABLES, read)
    if content is None:
        return False
    rows = _rows_by_file(names)
    header, lines = _parse(table, content)
    values = np.full((len(header), len(names)), np.nan, dtype=np.float32)
    strangers = 0
    for number, line in lines:
        row = rows.get(line[0])
        if row is None:
            strangers += 1
        elif len(line) != len(header) + 1:
            found.problems.append((f"{table} line {number}", "wrong number of columns"))
        else:
            values[:, row] = _truth(line[1:], f"{table} line {number}", found)
    if strangers == len(lines):
        return False
    if strangers:
        found.notes.append(f"{table} describes {strangers} more images, which are not here")
    found.attributes |= dict(zip(header, values, strict=True))
    _use_identities(found, len(names), rows, read)
    _use_partition(found, len(names), rows, read)
    return True


def _first(tables: Sequence[str], read: ReadTable) -> tuple[str, bytes | None]:
    for table in tables:
        content = read(table)
        if content is not None:
            return table, content
    return "", None


def _rows_by_file(names: Sequence[str]) -> dict[str, int]:
    """The tables name files without their folder."""
    return {PurePosixPath(name).name: row for row, name in enumerate(names)}


def _parse(table: str, content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Names of the attributes, and the numbered lines behind them."""
    lines = [
        (number, _SPLIT.split(line.strip()))
        for number, line in enumerate(content.decode("utf-8-sig", "replace").splitlines(), 1)
        if line.strip()
    ]
    if lines and len(lines[0][1]) == 1 and lines[0][1][0].isdigit():
        del lines[0]  # the number of images
    header = lines[0][1] if lines else []
    if header and header[0].lower() in ("image_id", "file", "filename"):
        header = header[1:]
    usable = 0 < len(header) <= MAX_ATTRIBUTES and len(set(header)) == len(header)
    if not usable or len(lines) < 2:
        raise DataError(
            f"{table} is damaged: it must hold a line of attribute names and one line an image. "
            "Download it again or remove it."
        )
    return header, lines[1:]


def _truth(cells: list[str], where: str, found: Annotations) -> np.ndarray:
    """-1 and 0 are no, 1 is yes; anything else is unknown and told."""
    known = {"-1": 0.0, "0": 0.0, "1": 1.0}
    values = [known.get(cell, np.nan) for cell in cells]
    if np.isnan(values).any():
        found.problems.append((where, "a value that is neither -1 nor 1"))
    return np.array(values, dtype=np.float32)


def _use_identities(found: Annotations, count: int, rows: dict[str, int], read: ReadTable) -> None:
    pairs = _pairs(_first(IDENTITY_TABLES, read)[1], rows)
    if pairs:
        groups = [""] * count
        for row, identity in pairs:
            groups[row] = identity
        found.groups = groups


def _use_partition(found: Annotations, count: int, rows: dict[str, int], read: ReadTable) -> None:
    """The published split, as the attribute ``partition``: 0 train, 1 validation, 2 test."""
    pairs = _pairs(_first(PARTITION_TABLES, read)[1], rows)
    known = [(row, float(value)) for row, value in pairs if value in ("0", "1", "2")]
    if known:
        values = np.full(count, np.nan, dtype=np.float32)
        index, parts = zip(*known, strict=True)
        values[list(index)] = parts
        found.attributes["partition"] = values


def _pairs(content: bytes | None, rows: dict[str, int]) -> list[tuple[int, str]]:
    """Row and value of each line ``file value`` that names an image."""
    if content is None:
        return []
    lines = (_SPLIT.split(line.strip()) for line in content.decode("utf-8", "replace").splitlines())
    return [(rows[line[0]], line[1]) for line in lines if len(line) == 2 and line[0] in rows]
