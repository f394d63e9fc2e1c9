"""Classes by folder: flat, in ``train/`` and ``val/``, or as ImageNet is laid out.

ImageNet's folders are called by synset (``n01440764``); their names for people are in a text file
beside them. Its validation images lie in one folder; their classes are in another table.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeAlias

import numpy as np

from latent_studio.data.annotations import Annotations, use_labels

NAME_TABLES = (
    *("LOC_synset_mapping.txt", "imagenet_class_index.json", "words.txt"),
    *("classes.txt", "classes"),
)
VALIDATION_TABLES = ("LOC_val_solution.csv",)
SPLITS = frozenset(
    {"train", "training", "val", "valid", "validation", "test", "testing", "dev", "eval"}
)
_SHARD = re.compile(r"\d{5,}")
_SYNSET = re.compile(r"n\d{8}")

ReadTable: TypeAlias = Callable[[str], bytes | None]


def without_unlabelled_splits(names: Sequence[str], read: ReadTable) -> tuple[list[str], list[str]]:
    """Leave out ``val/`` or ``test/`` where no image of it has a class but those of others have.

    With them none of the images would have classes to learn, since every image needs one.

    Returns
    -------
    names, left_out
        The images that stay, and the split folders that do not.
    """
    parts = _below_common([PurePosixPath(name).parts[:-1] for name in names])
    splits = [part[0] if part else "" for part in parts]
    if not {split.lower() for split in splits} <= SPLITS:
        return list(names), []
    folders = _class_folders(names, read)
    pairs = list(zip(splits, folders, strict=True))
    labelled = {split for split, folder in pairs if folder}
    count = sum(split in labelled for split in splits)
    distinct = sorted(set(folders) - {""})
    if len(distinct) < 2 or _too_many(distinct, count):
        return list(names), []
    kept = [name for name, split in zip(names, splits, strict=True) if split in labelled]
    return kept, sorted(set(splits) - labelled)


def use_folders(found: Annotations, names: Sequence[str], read: ReadTable) -> None:
    """Sub-folders are classes, or groups when there are very many of them.

    Numbered shards of five digits and more (``00000/``, as data set tools write them) are neither.
    Folders that hold everything are passed through; so are ``train/``, ``val/`` and ``test/``.

    Parameters
    ----------
    read
        Gives the content of a table that lies beside the images, or None.
    """
    folders = _class_folders(names, read)
    distinct = sorted(set(folders) - {""})
    if len(distinct) < 2 or all(_SHARD.fullmatch(folder) for folder in distinct):
        return
    if _too_many(distinct, len(names)):
        found.groups = folders
        found.notes.append(f"{len(distinct)} sub-folders are many for classes: used as groups")
        return
    index = {folder: label for label, folder in enumerate(distinct)}
    values = np.array([index.get(folder, -1) for folder in folders], dtype=np.int64)
    use_labels(found, values, "the folders")
    if found.labels is not None:
        found.classes = _names_for(distinct, read, found)


def _too_many(folders: Sequence[str], count: int) -> bool:
    """Whether these are rather the people shown than classes of ``count`` images."""
    synsets = all(_SYNSET.fullmatch(folder) for folder in folders)
    return len(folders) > max(16, count // 4) and not synsets


def _class_folders(names: Sequence[str], read: ReadTable) -> list[str]:
    """The folder that stands for the class of each image, or an empty text."""
    parts = _below_common([PurePosixPath(name).parts[:-1] for name in names])
    firsts = {part[0] if part else "" for part in parts}
    if not {first.lower() for first in firsts} <= SPLITS:
        if "" in firsts:
            return [""] * len(names)
        return [part[0] for part in parts]
    folders = [part[1] if len(part) > 1 else "" for part in parts]
    if "" in folders and any(folders):
        told = _validation(read)
        folders = [
            folder or told.get(PurePosixPath(name).stem, "")
            for folder, name in zip(folders, names, strict=True)
        ]
    return folders


def _below_common(parts: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Without the folders that all images share."""
    shared = 0
    shortest = min((len(part) for part in parts), default=0)
    while shared < shortest and len({part[shared] for part in parts}) == 1:
        shared += 1
    return [part[shared:] for part in parts]


def _validation(read: ReadTable) -> dict[str, str]:
    """Synset by image from ``LOC_val_solution.csv``: ``ImageId,PredictionString`` a line."""
    text = _first_text(VALIDATION_TABLES, read)
    rows = (line.partition(",") for line in text.splitlines()[1:])
    return {image: boxes.split()[0] for image, _, boxes in rows if boxes.split()}


def _names_for(folders: list[str], read: ReadTable, found: Annotations) -> list[str]:
    """Names of the classes for people; the folders' own where no table fits them."""
    for table in NAME_TABLES:
        text = _first_text((table,), read)
        if not text:
            continue
        names = _mapped(folders, text) or _listed(folders, text)
        if names is not None:
            return names
        found.notes.append(f"{table} does not fit the {len(folders)} class folders: not used")
    return list(folders)


def _mapped(folders: list[str], text: str) -> list[str] | None:
    """Names by folder: ``n01440764 tench, Tinca tinca`` a line, or ``{"0": [folder, name]}``."""
    mapping = _json_mapping(text) if text.lstrip().startswith("{") else _line_mapping(text)
    if not all(folder in mapping for folder in folders):
        return None
    short = [mapping[folder].split(",")[0].strip() or folder for folder in folders]
    twice = {name for name, n in Counter(short).items() if n > 1}
    return [
        f"{name} ({folder})" if name in twice else name
        for name, folder in zip(short, folders, strict=True)
    ]


def _line_mapping(text: str) -> dict[str, str]:
    pairs = (re.split(r"[\s,]+", line.strip(), maxsplit=1) for line in text.splitlines())
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def _json_mapping(text: str) -> dict[str, str]:
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return {}
    pairs = value.values() if isinstance(value, Mapping) else ()
    return {
        str(pair[0]): str(pair[1]) for pair in pairs if isinstance(pair, list) and len(pair) == 2
    }


def _listed(folders: list[str], text: str) -> list[str] | None:
    """One name a line, in the order of the sorted folders."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines if len(lines) == len(folders) == len(set(lines)) else None


def _first_text(tables: Sequence[str], read: ReadTable) -> str:
    for table in tables:
        content = read(table)
        if content is not None:
            return content.decode("utf-8-sig", "replace")
    return ""
