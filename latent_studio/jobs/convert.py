"""Models from and for other programs: import, export, and what a file is."""

import os
from math import prod
from pathlib import Path
from typing import Any

from latent_studio.errors import ModelError, OptionError
from latent_studio.events import Emit, Notice, Progress, ignore
from latent_studio.jobs.targets import check_target
from latent_studio.mailbox import StopToken
from latent_studio.storage import paths
from latent_studio.storage.foreign import entrance
from latent_studio.storage.foreign.rosinality_export import write_rosinality
from latent_studio.storage.library import resolve_model
from latent_studio.storage.model_file import (
    MODEL_SUFFIX,
    ModelBundle,
    read_header,
    save_model,
)
from latent_studio.storage.model_weights import TensorDigests
from latent_studio.storage.own_files import is_own

EXPORT_FORMATS = ("rosinality",)


def import_model(
    source: str | Path,
    out: str | Path | None = None,
    *,
    half: bool = False,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Path:
    """Write a foreign model as a model file of ours.

    Parameters
    ----------
    source
        A file, or a folder with ``config.json`` and weights.
    out
        The file to write, an existing one is replaced; None for one in the user's library, which
        is kept if it has the same weights already.
    half
        Store weights in 16 bits.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ModelError
        The source holds code, is damaged or unknown.
    OptionError, ExportError
        The file cannot be written there.
    Cancelled
        The token was stopped; nothing was written.
    """
    place = Path(source).expanduser()
    if is_own(place) and place.is_file():
        raise OptionError(f"{source} is a model of Latent Studio already; use it as it is.")
    target = None if out is None else _checked(out, place, (MODEL_SUFFIX,))
    emit(Progress(0, 0, f"reading {place.name}"))
    with TensorDigests() as digests:  # while the next tensor is read
        bundle = entrance.open_model(place, None if half else digests.begin)
        if token is not None:
            token.checkpoint()
        for note in bundle.card.get("notes", ()):
            emit(Notice("info", str(note)))
        if target is None:
            target = _library_place(place, bundle, digests)
            if target.exists():  # with these weights
                return target
        emit(Progress(0, 0, f"writing {target.name}"))
        save_model(target, bundle, half, digests=digests)
    return target


def export_model(
    model: str | Path,
    out: str | Path,
    *,
    format: str = "rosinality",
    emit: Emit = ignore,
) -> Path:
    """Write a model for another program.

    Raises
    ------
    OptionError
        The format is unknown, or the file cannot be written there.
    ModelError
        That program has no such network.
    """
    if format not in EXPORT_FORMATS:
        raise OptionError(f"There is no format {format!r}; choose {', '.join(EXPORT_FORMATS)}.")
    source = resolve_model(model)
    target = _checked(out, source, (".pt",))
    for note in write_rosinality(entrance.open_model(source), target):
        emit(Notice("info", note))
    return target


def inspect_file(file: str | Path) -> dict[str, Any]:
    """What a model file of any kind is, as JSON; nothing in it is run.

    Raises
    ------
    ModelError
        It is none, or holds code.
    """
    path = resolve_model(file)
    if not is_own(path):
        return entrance.describe(path)
    header = read_header(path)
    return {
        "path": str(path),
        "bytes": header.file_bytes,
        "sha256": header.sha256,
        "format": "Latent Studio",
        **header.spec.to_json(),
        "parameters": {"generator": sum(prod(shape) for shape in header.shapes.values())},
        "directions": header.direction_names,
        "training": dict(header.training),
        "card": dict(header.card),
    }


def _checked(out: str | Path, source: Path, suffixes: tuple[str, ...]) -> Path:
    """Where the result goes; never over what it is made from."""
    target = check_target(out, suffixes)
    if target.exists() and source.exists() and os.path.samefile(target, source):
        raise OptionError(f"{out} is the file to convert; choose another name for the result.")
    return target


def _library_place(source: Path, bundle: ModelBundle, digests: TensorDigests) -> Path:
    """A free name in the user's library, or the file there with the same weights."""
    folder = paths.models_dir()
    stem, sha256 = source.name if source.is_dir() else source.stem, ""
    for number in range(1, 1000):
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}{MODEL_SUFFIX}"
        if not path.exists():
            return path
        sha256 = sha256 or entrance.hash_of(bundle, digests)
        if _has_weights(path, sha256):
            return path
    raise OptionError(f"There are a thousand models called {stem} in {folder}; remove some.")


def _has_weights(path: Path, sha256: str) -> bool:
    try:
        return read_header(path).sha256 == sha256
    except ModelError:  # whatever it is, it is not this model
        return False
