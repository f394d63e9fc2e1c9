"""What a dropped file is for. Knows no Qt."""

from pathlib import Path
from typing import Literal, TypeAlias

Drop: TypeAlias = Literal["model", "picture", "photo", "data", "session"]

DATA_SUFFIXES = (".zip", ".gz", ".idx", "-ubyte")
PICTURE_SUFFIXES = (".png",)
PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif")
SESSION_SUFFIX = ".latentstudio"


def classify(path: str) -> Drop:
    """A model (also a run's folder), a picture that carries a scene, a photograph, data to train
    on, or a session.

    Whatever is none of them is taken for a model, whose reader says best what is wrong with it.
    """
    from latent_studio.storage.run_folder import is_run

    place = Path(path)
    if place.is_dir():
        return "model" if is_run(place) else "data"
    name = place.name.lower()
    if name.endswith(SESSION_SUFFIX):
        return "session"
    if name.endswith(PICTURE_SUFFIXES):
        return "picture" if _carries_scene(place) else "photo"
    if name.endswith(PHOTO_SUFFIXES):
        return "photo"
    return "data" if name.endswith(DATA_SUFFIXES) else "model"


def _carries_scene(path: Path) -> bool:
    """Also a damaged one: its reader says what is wrong."""
    from latent_studio.errors import StudioError
    from latent_studio.storage.images import read_scene

    try:
        return read_scene(path) is not None
    except StudioError:
        return True
