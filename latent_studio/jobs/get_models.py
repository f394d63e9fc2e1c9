"""Published models from the web into the user's library: list, fetch, import, clean up.

Fetched files stay in ``downloads/<name>`` of the user's data folder (a discriminator in them is of
use to a training); the model made of them is ``<name>.safetensors`` in the library and carries the
licence in its card. Listing imports no torch and touches no network.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from latent_studio.errors import DownloadError, ModelError, OptionError
from latent_studio.events import Emit, Event, Progress, ignore
from latent_studio.jobs.inspect import read_facts
from latent_studio.mailbox import StopToken
from latent_studio.storage import paths
from latent_studio.storage.catalogue import CatalogueEntry, find_entry, read_catalogue
from latent_studio.storage.download import Patience, download, partial_bytes

if TYPE_CHECKING:
    from latent_studio.storage.model_file import ModelBundle

_SUFFIX = ".safetensors"

State: TypeAlias = Literal["absent", "partial", "downloaded", "ready"]


@dataclass(frozen=True)
class Holding:
    """What is here of a published model.

    Attributes
    ----------
    state
        ``absent``; ``partial``: some bytes; ``downloaded``: all files; ``ready``: in the library.
    bytes
        What has come of the files.
    path
        The model in the library, if it is ready.
    """

    state: State
    bytes: int = 0
    path: Path | None = None


@dataclass(frozen=True)
class Listing:
    """A published model and what is here of it."""

    entry: CatalogueEntry
    holding: Holding


def list_published() -> list[Listing]:
    """The catalogue, in its order, with what is here of each.

    Raises
    ------
    DownloadError
        The catalogue is not valid.
    """
    held = _library()
    return [Listing(entry, _holding(entry, held)) for entry in read_catalogue()]


def holding_of(entry: CatalogueEntry) -> Holding:
    """What is here of one model."""
    return _holding(entry, _library())


def get_model(
    model: str | CatalogueEntry,
    *,
    accept_licence: bool = False,
    patience: Patience | None = None,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Path:
    """Fetch a published model into the library, from where an earlier call stopped.

    Parameters
    ----------
    model
        A name of the catalogue, or an entry.
    accept_licence
        The person has read that the licence forbids commercial use; without it such a model is
        refused.

    Returns
    -------
    Path
        The model in the library; at once, if it is there.

    Raises
    ------
    OptionError
        There is no such model, or its licence was not accepted.
    DownloadError
        It cannot be fetched.
    ModelError
        What was fetched is no model that this program reads.
    Cancelled
        The token was stopped; what has come is kept.
    """
    entry = find_entry(model) if isinstance(model, str) else model
    token = StopToken() if token is None else token
    holding = holding_of(entry)
    if holding.path is not None:
        return holding.path
    if holding.state != "downloaded":
        check_licence(entry, accept_licence)
        _fetch(entry, patience, emit, token)
    return _import(entry, emit, token)


def check_licence(entry: CatalogueEntry, accepted: bool) -> None:
    """Raise OptionError if the licence forbids commercial use and that was not accepted."""
    if entry.licence.commercial == "forbidden" and not accepted:
        raise OptionError(
            f"{entry.name} is not for commercial use: {entry.licence.note} "
            f"({entry.licence.title}, {entry.licence.url}). Accept that to get it "
            "(--accept-licence)."
        )


def remove_download(model: str | CatalogueEntry) -> int:
    """Delete the fetched files of a model; one in the library stays. Returns the bytes freed.

    Raises
    ------
    DownloadError
        They cannot be deleted.
    """
    entry = find_entry(model) if isinstance(model, str) else model
    folder = _folder(entry)
    freed = holding_of(entry).bytes
    try:
        if folder.is_dir():
            shutil.rmtree(folder)
    except OSError as error:
        raise DownloadError(
            f"Cannot delete {folder}: {error.strerror or error}. Close the programs that use it.",
            repr(error),
        ) from error
    return freed


# -- what is here ---------------------------------------------------------------------------------


def _folder(entry: CatalogueEntry) -> Path:
    return paths.downloads_dir() / entry.name


def _library() -> Mapping[str, Path]:
    """The library's models that are from the catalogue, by their names there."""
    found: dict[str, Path] = {}
    for path in sorted(paths.models_dir().glob(f"*{_SUFFIX}")):
        card = (read_facts(path) or {}).get("card")
        name = card.get("catalogue") if isinstance(card, Mapping) else None
        if isinstance(name, str):
            found.setdefault(name, path)
    return found


def _holding(entry: CatalogueEntry, library: Mapping[str, Path]) -> Holding:
    folder = _folder(entry)
    whole = [file.name for file in entry.files if (folder / file.name).is_file()]
    begun = sum(partial_bytes(folder / file.name) for file in entry.files)
    here = begun + sum((folder / name).stat().st_size for name in whole)
    if entry.name in library:
        return Holding("ready", here, library[entry.name])
    if len(whole) == len(entry.files):
        return Holding("downloaded", here)
    return Holding("partial" if here else "absent", here)


# -- getting --------------------------------------------------------------------------------------


def _fetch(entry: CatalogueEntry, patience: Patience | None, emit: Emit, token: StopToken) -> None:
    """Download the files that are not here; progress counts the bytes of all of them."""
    folder = paths.downloads_dir(entry.name)
    before = 0
    for file in entry.files:
        target = folder / file.name
        if not target.is_file():
            tell = _within(before, (entry.bytes or 0) - (file.bytes or 0), emit)
            message = f"downloading {entry.name}"
            download(
                file.source, target, patience=patience, message=message, emit=tell, token=token
            )
        before += target.stat().st_size


def _within(before: int, others: int, emit: Emit) -> Emit:
    """One file's progress as part of all; ``others`` are the bytes of the other files, if known."""

    def tell(event: Event) -> None:
        if isinstance(event, Progress):
            total = max(event.total + max(others, before), event.done + before)
            event = replace(event, done=event.done + before, total=total if event.total else 0)
        emit(event)

    return tell


def _import(entry: CatalogueEntry, emit: Emit, token: StopToken) -> Path:
    """The library's file, made of what was fetched."""
    from latent_studio.storage.foreign.entrance import open_model
    from latent_studio.storage.model_file import save_model

    folder = _folder(entry)
    token.checkpoint()
    emit(Progress(0, 0, f"importing {entry.name}"))
    try:
        bundle = open_model(folder / entry.files[-1].name)
    except ModelError as error:
        raise ModelError(
            f"{error.message} Delete the download and fetch it again if it may be damaged: "
            f"latent-studio get {entry.name} --remove.",
            error.detail,
        ) from error
    token.checkpoint()
    target = _free_name(entry.name)
    save_model(target, replace(bundle, card=_card(entry, bundle)))
    return target


def _card(entry: CatalogueEntry, bundle: "ModelBundle") -> dict[str, Any]:
    licence = entry.licence
    facts: dict[str, Any] = {
        "catalogue": entry.name,
        "title": entry.title,
        "data": entry.data,
        "licence": {
            "title": licence.title,
            "url": licence.url,
            "commercial": licence.commercial,
            "note": licence.note,
        },
        "page": entry.page,
    }
    if entry.classes:
        facts["classes"] = list(entry.classes)
    return {**bundle.card, **facts}


def _free_name(name: str) -> Path:
    folder = paths.models_dir()
    for number in range(1, 1000):
        path = folder / f"{name}{'' if number == 1 else f'-{number}'}{_SUFFIX}"
        if not path.exists():
            return path
    raise OptionError(f"There are a thousand models called {name} in {folder}; remove some.")
