"""What a dropped file is for. Knows no Qt."""

from pathlib import Path
from typing import Literal, TypeAlias

Drop: TypeAlias = Literal["model", "picture", "data", "session"]

DATA_SUFFIXES = (".zip", ".gz", ".idx", "-ubyte")
PICTURE_SUFFIXES = (".png",)
SESSION_SUFFIX = ".latentstudio"


def classify(path: str) -> Drop:
    """A model (also a run's folder), a picture that may carry a scene, data to train on, or a
    session.

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
        return "picture"
    return "data" if name.endswith(DATA_SUFFIXES) else "model"
