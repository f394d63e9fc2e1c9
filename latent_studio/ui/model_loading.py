"""Opening models: plain functions for a worker thread. Knows no Qt.

They import what needs torch when they are called, so that the window is up before it.
"""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

from latent_studio.errors import ModelError
from latent_studio.events import Emit, Notice, Progress, ignore
from latent_studio.mailbox import StopToken
from latent_studio.recipe import ModelRef, Scene
from latent_studio.ui.state import LoadedModel

log = logging.getLogger(__name__)

FIRST_CHOICE = "faces"


def load_path(
    path: str | Path, *, emit: Emit = ignore, token: StopToken | None = None
) -> LoadedModel:
    """Open a model file, a run's folder or a library name.

    Raises
    ------
    ModelError
        If it cannot be.
    """
    from latent_studio.storage import library, model_file

    file = library.resolve_model(path)
    emit(Progress(0, 0, file.name))
    file = _in_library(file, emit, token)
    bundle = model_file.load_model(file)
    _check(token)
    generator = model_file.load_generator(bundle)
    _check(token)
    ref = library.model_ref(file)
    return LoadedModel(
        ref=ref,
        title=title_of(ref),
        capabilities=generator.capabilities,
        directions=tuple(bundle.directions),
        generator=generator,
        path=str(file),
        card=dict(bundle.card),
        spec=bundle.spec,
    )


def _in_library(file: Path, emit: Emit, token: StopToken | None) -> Path:
    """Another program's file as a model of the user's library, where it can be edited and found."""
    from latent_studio.storage.own_files import is_own

    if is_own(file):
        return file
    from latent_studio.jobs.convert import import_model

    kept = import_model(file, emit=emit, token=token)
    emit(Notice("info", f"{file.name} was imported into your library as {kept.stem}."))
    return kept


def load_ref(ref: ModelRef, *, emit: Emit = ignore, token: StopToken | None = None) -> LoadedModel:
    """Open what a scene's reference names; the result carries that reference, so that the scene
    stays as it is.
    """
    from latent_studio.storage import library

    loaded = load_path(library.resolve_ref(ref), emit=emit, token=token)
    return replace(loaded, ref=ref, title=title_of(ref))


def load_first(
    wanted: str = "", *, emit: Emit = ignore, token: StopToken | None = None
) -> LoadedModel | None:
    """What the window shows at first: ``wanted``, the bundled faces, or any bundled model."""
    from latent_studio.storage import library

    if wanted:
        return load_path(wanted, emit=emit, token=token)
    names = [entry.name for entry in library.bundled_models()]
    names.sort(key=lambda name: name != FIRST_CHOICE)
    for name in names:
        try:
            return load_path(library.resolve_model(name), emit=emit, token=token)
        except ModelError as error:
            log.warning("bundled model %s: %s", name, error)
    return None


def load_snapshot_model(snapshot: Any, name: str, folder: str) -> LoadedModel:
    """A model of its own from a training's snapshot: the first picture of a live link."""
    from latent_studio.models.registry import build_generator
    from latent_studio.models.snapshot import load_snapshot

    generator = build_generator(snapshot.spec).eval().requires_grad_(False)
    load_snapshot(snapshot, generator)
    return LoadedModel(
        ref=ModelRef("run", folder),
        title=name,
        capabilities=generator.capabilities,
        generator=generator,
        path=None,
        card={"classes": list(snapshot.classes)} if snapshot.classes else {},
        spec=snapshot.spec,
    )


def read_dropped_scene(path: str, *, emit: Emit = ignore, token: StopToken | None = None) -> Scene:
    """The scene in a picture that this program made.

    Raises
    ------
    StudioError
        If there is none in it, or the file cannot be read.
    """
    from latent_studio.storage.images import read_scene

    scene = read_scene(path)
    if scene is None:
        raise ModelError(
            f"{Path(path).name} carries no scene. PNG files exported by Latent Studio do; other "
            "pictures can be used as data for a training, as a folder or a zip file."
        )
    return scene


def title_of(ref: ModelRef) -> str:
    """A reference's name for people."""
    name = Path(ref.name).stem if ref.kind == "file" else Path(ref.name).name
    if ref.kind == "run" and ref.kimg is not None:
        return f"{name} · {ref.kimg:,.0f} kimg"
    return name


def _check(token: StopToken | None) -> None:
    if token is not None:
        token.checkpoint()
