"""Well-known public checkpoints: what they are, under which licence, and where they are.

The list is data (``resources/catalogue.json``), checked when it is read. A hash or a size is there
only where somebody published it, and ``sources`` says who. ``LATENT_STUDIO_CATALOGUE`` names
another list, for instance of copies in an institute's own network.
"""

import difflib
import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast, get_args

from latent_studio.errors import DownloadError, OptionError
from latent_studio.storage.download import FileSource
from latent_studio.storage.resources import resource_path
from latent_studio.storage.web import check_address

CATALOGUE_VARIABLE = "LATENT_STUDIO_CATALOGUE"
VERSION = 1
_MAX_BYTES = 16 << 20
# What a size that is known roughly may be exceeded by.
_ABOUT_SLACK = 1.25
_LEAST_LIMIT = 1 << 20
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
_HASH = re.compile(r"([0-9a-f]{8,64})?")

Commercial: TypeAlias = Literal["allowed", "forbidden", "unclear"]


@dataclass(frozen=True)
class Licence:
    """``note`` says in a sentence what it means; ``commercial`` whether it allows such use."""

    title: str
    url: str
    commercial: Commercial
    note: str


@dataclass(frozen=True)
class CatalogueFile:
    """One file of a checkpoint and where to get it."""

    name: str
    source: FileSource

    @property
    def bytes(self) -> int | None:
        """How large it is, at least roughly; None where nobody says."""
        return self.source.size if self.source.size is not None else self.source.about


@dataclass(frozen=True)
class CatalogueEntry:
    """One checkpoint.

    Attributes
    ----------
    name
        Short and unique: what ``latent-studio get`` takes, and the model's name in the library.
    title
        What its pictures show.
    data
        What it was trained on.
    files
        The weights last.
    page
        Where a person can read about it.
    sources
        Where the facts of this entry are from.
    classes
        Names of its classes; empty where there are none, or no names.
    class_count
        Number of its classes.
    """

    name: str
    title: str
    architecture: str
    resolution: int
    data: str
    licence: Licence
    page: str
    files: tuple[CatalogueFile, ...]
    sources: tuple[str, ...]
    classes: tuple[str, ...] = ()
    class_count: int = 0

    @property
    def bytes(self) -> int | None:
        """Of all files, at least roughly; None if one is unknown."""
        sizes = [file.bytes for file in self.files]
        return None if None in sizes else sum(size for size in sizes if size is not None)

    @property
    def verified(self) -> bool:
        """Whether a published SHA-256 tells that the weights are the right ones."""
        return bool(self.files[-1].source.sha256)


def read_catalogue(path: str | Path | None = None) -> tuple[CatalogueEntry, ...]:
    """The checkpoints in the order of the list.

    Parameters
    ----------
    path
        Another list; None for the one in use.

    Raises
    ------
    DownloadError
        The list cannot be read or breaks a rule, naming the entry and the field.
    """
    place = Path(path or os.environ.get(CATALOGUE_VARIABLE) or resource_path("catalogue.json"))
    try:
        if place.stat().st_size > _MAX_BYTES:
            raise DownloadError(f"The catalogue {place} is too long.")
        found = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DownloadError(f"The catalogue {place} cannot be read.", repr(error)) from error
    try:
        return _catalogue(found)
    except _WrongFieldError as error:
        raise DownloadError(f"The catalogue {place} is not valid: {error}.") from error


def find_entry(name: str, entries: Sequence[CatalogueEntry] | None = None) -> CatalogueEntry:
    """The entry of that name.

    Raises
    ------
    OptionError
        There is none; a similar name is proposed.
    """
    known = {entry.name: entry for entry in (read_catalogue() if entries is None else entries)}
    if name in known:
        return known[name]
    close = difflib.get_close_matches(name, known, 1)
    hint = f" Did you mean {close[0]}?" if close else " latent-studio get lists them."
    raise OptionError(f"There is no model {name!r:.80} in the catalogue.{hint}")


class _WrongFieldError(Exception):
    """Says which field of which entry."""


def _catalogue(value: Any) -> tuple[CatalogueEntry, ...]:
    top = _Fields(value, "the whole")
    if top.number("version") != VERSION:
        raise _WrongFieldError(f"its version is not {VERSION}; update Latent Studio")
    licences = {
        str(name): _licence(_Fields(entry, f"licence {name!s:.40}"))
        for name, entry in top.mapping("licences").items()
    }
    entries = tuple(
        _entry(_Fields(entry, f"model {index}"), licences)
        for index, entry in enumerate(top.list("models"))
    )
    names = [entry.name for entry in entries]
    if len(set(names)) != len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise _WrongFieldError(f"{twice} is there twice")
    return entries


def _licence(fields: "_Fields") -> Licence:
    commercial = fields.text("commercial")
    if commercial not in get_args(Commercial):
        raise fields.wrong("commercial")
    return Licence(
        fields.text("title"), fields.url("url"), cast(Commercial, commercial), fields.text("note")
    )


def _entry(fields: "_Fields", licences: Mapping[str, Licence]) -> CatalogueEntry:
    name = fields.text("name", _NAME)
    fields.where = f"model {name}"
    licence = fields.text("licence")
    if licence not in licences:
        raise fields.wrong("licence")
    files = tuple(_file(_Fields(file, f"a file of {name}")) for file in fields.list("files"))
    if not files or len({file.name for file in files}) != len(files):
        raise fields.wrong("files")
    classes = fields.texts("classes", optional=True)
    return CatalogueEntry(
        name=name,
        title=fields.text("title"),
        architecture=fields.text("architecture"),
        resolution=fields.number("resolution"),
        data=fields.text("data"),
        licence=licences[licence],
        page=fields.url("page"),
        files=files,
        sources=fields.texts("sources"),
        classes=classes,
        class_count=fields.number("class_count", optional=True) or len(classes),
    )


def _file(fields: "_Fields") -> CatalogueFile:
    name = fields.text("name", _FILE)
    fields.where = f"file {name}"
    urls = tuple(fields.checked_url(url) for url in fields.texts("urls"))
    size = fields.number("bytes", optional=True) or None
    about = fields.number("about", optional=True) or None
    sha256 = fields.text("sha256", _HASH, optional=True)
    if not urls:
        raise fields.wrong("urls")
    source = FileSource(urls, sha256, size, about)
    if size is None and about is not None:
        limit = max(int(about * _ABOUT_SLACK), _LEAST_LIMIT)
        source = FileSource(urls, sha256, None, about, limit)
    return CatalogueFile(name, source)


class _Fields:
    """An object of the list, asked field by field."""

    def __init__(self, value: Any, where: str) -> None:
        if not isinstance(value, Mapping):
            raise _WrongFieldError(f"{where} is no object")
        self._value, self.where = value, where

    def wrong(self, key: str) -> _WrongFieldError:
        return _WrongFieldError(f"{self.where} has a wrong or missing {key!r}")

    def text(self, key: str, form: re.Pattern[str] | None = None, optional: bool = False) -> str:
        found = self._value.get(key, "" if optional else None)
        good = isinstance(found, str) and (optional or found.strip())
        if not good or (form is not None and not form.fullmatch(found)):
            raise self.wrong(key)
        return cast(str, found)

    def number(self, key: str, optional: bool = False) -> int:
        found = self._value.get(key, 0 if optional else None)
        if type(found) is not int or found < (0 if optional else 1) or found >= 1 << 50:
            raise self.wrong(key)
        return found

    def list(self, key: str, optional: bool = False) -> "list[Any]":
        found = self._value.get(key, [] if optional else None)
        if not isinstance(found, list):
            raise self.wrong(key)
        return found

    def texts(self, key: str, optional: bool = False) -> tuple[str, ...]:
        found = self.list(key, optional)
        if not all(isinstance(text, str) and text.strip() for text in found):
            raise self.wrong(key)
        return tuple(found)

    def mapping(self, key: str) -> Mapping[str, Any]:
        found = self._value.get(key)
        if not isinstance(found, Mapping):
            raise self.wrong(key)
        return found

    def url(self, key: str) -> str:
        return self.checked_url(self.text(key))

    def checked_url(self, url: str) -> str:
        try:
            check_address(url)
        except DownloadError as error:
            raise _WrongFieldError(f"{self.where}: {error.message}") from error
        return url
