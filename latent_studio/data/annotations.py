"""Labels, attributes and groups of a source: from ``dataset.json`` and ``attributes.csv``."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from latent_studio.errors import DataError

LABELS_FILE = "dataset.json"
ATTRIBUTES_FILE = "attributes.csv"
FILE_COLUMNS = ("file", "filename", "file_name", "path", "image", "image_id", "name")
GROUP_COLUMNS = ("person", "identity", "subject", "group", "id")
MAX_CHOICES = 16
_TRUTH = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}


@dataclass
class Annotations:
    """What is known about each image of a source, in its order.

    Attributes
    ----------
    labels
        int64 ``[N]``, or None. Every image has one: a partly labelled source gives the attribute
        ``label`` instead, with nan where it is unknown.
    classes
        Names, indexed by label.
    attributes
        Name to float32 ``[N]``, nan = unknown.
    groups
        One text an image (the person shown), to keep groups together when splitting; or None.
    labelled
        Number of images that have a label.
    notes, problems
        For the report.
    """

    labels: np.ndarray | None = None
    classes: list[str] = field(default_factory=list)
    attributes: dict[str, np.ndarray] = field(default_factory=dict)
    groups: list[str] | None = None
    labelled: int = 0
    notes: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def take(self, rows: Sequence[int]) -> "Annotations":
        """The annotations of some of the images, in the order of ``rows``."""
        index = np.asarray(rows, dtype=np.int64)
        labelled = self.labelled
        if self.labels is not None:
            labelled = len(index)
        elif "label" in self.attributes:
            labelled = int(np.isfinite(self.attributes["label"][index]).sum())
        return Annotations(
            None if self.labels is None else self.labels[index],
            list(self.classes),
            {name: values[index] for name, values in self.attributes.items()},
            None if self.groups is None else [self.groups[row] for row in index],
            labelled,
            list(self.notes),
            list(self.problems),
        )


def annotate(
    names: Sequence[str], dataset_json: bytes | None = None, attributes_csv: bytes | None = None
) -> Annotations:
    """Annotations of image files.

    Parameters
    ----------
    names
        Paths of the images with forward slashes, relative to the source's root.
    dataset_json
        Content of ``{"labels": [[file, int], ...]}``; ``labels`` may be null.
    attributes_csv
        Content of a table with a column ``file`` and one row an image.

    Raises
    ------
    DataError
        If a table cannot be understood or fits none of the images.
    """
    found = Annotations()
    if attributes_csv is not None:
        read_attributes(found, names, attributes_csv)
    labels = None if dataset_json is None else _parse_labels(dataset_json)
    if labels is not None:
        _use_labels(found, names, labels)
    return found


def read_attributes(found: Annotations, names: Sequence[str], content: bytes) -> None:
    """Fill ``attributes`` and ``groups`` from the text of an ``attributes.csv``.

    Numbers stay numbers (-1/1 becomes 0/1), yes/no becomes 1/0, two words become 0/1 in
    alphabetical order, up to 16 words one 0/1 attribute each (``column=word``).
    """
    header, rows = _parse_table(content, found)
    row_of = {name: row for row, name in enumerate(names)}
    cells = {column: [""] * len(names) for column in header[1:]}
    matched = 0
    for entry in rows:
        row = row_of.get(entry[0].replace("\\", "/"))
        if row is None:
            found.problems.append((entry[0], "in attributes.csv, but there is no such image"))
            continue
        matched += 1
        for column, value in zip(header[1:], entry[1:], strict=True):
            cells[column][row] = value.strip()
    if not matched:
        raise DataError(
            "attributes.csv names none of the images: its first column must hold their paths "
            "relative to it."
        )
    for column, values in cells.items():
        _use_column(found, column, values)


def _use_column(found: Annotations, column: str, values: list[str]) -> None:
    if column.lower() in GROUP_COLUMNS and found.groups is None:
        found.groups = values
        return
    numbers = _numbers(values)
    if numbers is not None:
        found.attributes[column] = numbers
        return
    words = sorted({value for value in values if value})
    if len(words) > MAX_CHOICES:
        found.notes.append(f"column {column} of attributes.csv is text and was not used")
    elif len(words) == 2:
        found.attributes[column] = _indicator(values, words[1])
        found.notes.append(f"{column}: 0 = {words[0]}, 1 = {words[1]}")
    else:
        for word in words:
            found.attributes[f"{column}={word}"] = _indicator(values, word)


def _numbers(values: Iterable[str]) -> np.ndarray | None:
    """float32 with nan for empty cells; None if a cell is neither a number nor yes/no."""
    try:
        numbers = np.array(
            [_TRUTH[v] if (v := value.lower()) in _TRUTH else float(v or "nan") for value in values]
        )
    except ValueError:
        return None
    numbers[~np.isfinite(numbers)] = np.nan
    known = set(np.unique(numbers[np.isfinite(numbers)]).tolist())
    if known == {-1.0, 1.0}:
        numbers = (numbers + 1.0) / 2.0
    return numbers.astype(np.float32)


def _indicator(values: Sequence[str], word: str) -> np.ndarray:
    known = [float(value == word) if value else np.nan for value in values]
    return np.array(known, dtype=np.float32)


def _parse_table(content: bytes, found: Annotations) -> tuple[list[str], list[list[str]]]:
    """Header (file column first) and rows of a CSV; ragged rows go to the problems."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            "attributes.csv cannot be read: save it as comma-separated text in UTF-8.", str(error)
        ) from error
    header = [cell.strip() for cell in rows[0]] if rows else []
    keys = [i for i, cell in enumerate(header) if cell.lower() in FILE_COLUMNS]
    if not keys or len(set(header)) != len(header):
        raise DataError("attributes.csv needs a first line of distinct names with one called file.")
    key, good = keys[0], []
    for number, row in enumerate(rows[1:], 2):
        if len(row) == len(header):
            good.append([row[key], *row[:key], *row[key + 1 :]])
        elif row:
            found.problems.append((f"attributes.csv line {number}", "wrong number of columns"))
    return [header[key], *header[:key], *header[key + 1 :]], good


def _parse_labels(content: bytes) -> dict[str, int] | None:
    try:
        value = json.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise DataError(
            "dataset.json is not valid JSON: repair or remove it.", str(error)
        ) from error
    pairs = value.get("labels") if isinstance(value, Mapping) else value
    if pairs is None:
        return None
    try:
        return {str(file).replace("\\", "/"): _label(label) for file, label in pairs}
    except (TypeError, ValueError) as error:
        raise DataError(
            'dataset.json must read {"labels": [["file.png", 3], ...]} with whole numbers from 0.',
            str(error),
        ) from error


def _label(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise ValueError(f"label {value!r}")
    return value


def _use_labels(found: Annotations, names: Sequence[str], labels: dict[str, int]) -> None:
    known = set(names)
    strangers = [file for file in labels if file not in known]
    if labels and len(strangers) == len(labels):
        raise DataError(
            "dataset.json names none of the images: its paths must be relative to its folder."
        )
    found.problems += [(f, "in dataset.json, but there is no such image") for f in strangers]
    use_labels(
        found, np.array([labels.get(name, -1) for name in names], dtype=np.int64), LABELS_FILE
    )


def use_labels(found: Annotations, values: np.ndarray, origin: str) -> None:
    """Take labels int64 ``[N]`` (-1 = unknown) as classes, called by their numbers.

    Labels of some images only become the attribute ``label``.

    Parameters
    ----------
    origin
        What labels the images, for the report.
    """
    count = len(values)
    found.labelled = int((values >= 0).sum())
    if found.labelled == 0:
        return
    if found.labelled < count:
        found.attributes["label"] = np.where(values < 0, np.nan, values).astype(np.float32)
        verb = "labels" if origin == LABELS_FILE else "label"
        found.notes.append(
            f"{origin} {verb} {found.labelled} of {count} images: offered as the "
            "attribute 'label', not as classes"
        )
        return
    found.labels = values
    found.classes = [str(label) for label in range(int(values.max()) + 1)]
