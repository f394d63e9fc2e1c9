"""Inversions for the window: plain functions for a worker thread. Knows no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from latent_studio.events import Emit, ignore
from latent_studio.mailbox import StopToken
from latent_studio.ui.state import LoadedModel

if TYPE_CHECKING:
    from latent_studio.jobs.invert import InvertedPhoto
    from latent_studio.jobs.photos import Photo


@dataclass(frozen=True, eq=False)
class PhotoFound:
    """An event: photograph number ``index`` is done."""

    index: int
    found: "InvertedPhoto"


@dataclass(frozen=True, eq=False)
class PhotoRead:
    """A photograph to look at: uint8 ``[H, W, 3]``, ``factor`` of its pixels each."""

    path: Path
    pixels: np.ndarray
    factor: float


def read_photos(
    paths: Sequence[str], *, emit: Emit = ignore, token: StopToken | None = None
) -> list[PhotoRead]:
    """Photographs to look at; those that cannot be read are told of and left out.

    Raises
    ------
    DataError
        If the only one cannot be read.
    """
    from latent_studio.errors import StudioError
    from latent_studio.events import Notice
    from latent_studio.jobs.photos import read_whole

    found = []
    for path in map(Path, paths):
        if token is not None:
            token.checkpoint()
        try:
            found.append(PhotoRead(path, *read_whole(path)))
        except StudioError as error:
            if len(paths) == 1:
                raise
            emit(Notice("warning", error.message, error.detail))
    return found


def find_photos(
    model: LoadedModel,
    photos: "Sequence[Photo]",
    settings: Any,
    label: int | None = None,
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> bool:
    """Invert photographs; emits a :class:`PhotoFound` for each. Returns whether all were done.

    Works on the model's own file, or on a copy of its weights: the renderer owns the others.
    """
    from latent_studio.jobs.invert import invert_photos
    from latent_studio.storage.model_file import ModelBundle
    from latent_studio.storage.paths import data_dir

    opened: Any = model.path
    if opened is None:
        opened = ModelBundle.from_generator(
            model.generator, directions=tuple(model.directions), card=model.card
        )
    derived = data_dir() / "derived"
    derived.mkdir(parents=True, exist_ok=True)
    numbers = {id(photo): index for index, photo in enumerate(photos)}

    def done(found: "InvertedPhoto") -> None:
        emit(PhotoFound(numbers[id(found.photo)], found))  # type: ignore[arg-type]

    found = invert_photos(
        opened,
        list(photos),
        settings,
        done=done,
        label=label,
        derived=derived,
        emit=emit,
        token=token,
    )
    return len(found) == len(photos)
