"""The models a person can name: bundled ones, their own, snapshots of runs, any file."""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from latent_studio.errors import ModelError, StudioError
from latent_studio.recipe import ModelRef
from latent_studio.storage import paths
from latent_studio.storage.model_file import MODEL_SUFFIX, read_header
from latent_studio.storage.own_files import is_own
from latent_studio.storage.resources import resource_path
from latent_studio.storage.run_folder import RunFolder, is_run

_HALF_IMAGE = 0.0005


@dataclass(frozen=True)
class ModelEntry:
    """A model of the library: its name is the file's, without suffix."""

    name: str
    path: Path
    kind: Literal["bundled", "user"]


def bundled_models() -> list[ModelEntry]:
    """Models that come with the program, by name."""
    return _entries(resource_path("models"), "bundled")


def user_models() -> list[ModelEntry]:
    """Models in the user's own folder, by name."""
    return _entries(paths.models_dir(), "user")


def resolve_model(name_or_path: str | Path) -> Path:
    """The file that a person means.

    Parameters
    ----------
    name_or_path
        A path of a model file, a run's folder (its newest snapshot), the folder of a published
        model (``config.json`` and weights), or a name of the library.

    Raises
    ------
    ModelError
        If there is none, listing the known names.
    """
    path = Path(name_or_path).expanduser()
    if path.is_file():
        return path
    if (path / "config.json").is_file():
        from latent_studio.storage.foreign.entrance import weights_in  # all the translators

        if (weights := weights_in(path)) is not None:
            return weights
    if is_run(path):
        return run_snapshot(path)
    entries = {entry.name: entry.path for entry in (*_user_models_or_none(), *bundled_models())}
    name = str(name_or_path)
    if name in entries:
        return entries[name]
    if path.is_dir():
        raise ModelError(
            f"{path} is a folder, but no training run. Choose a {MODEL_SUFFIX} file or a run."
        )
    close = difflib.get_close_matches(name, entries, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    known = ", ".join(sorted(entries)) or "none is installed"
    raise ModelError(
        f"There is no model {name!r}.{hint} Give a {MODEL_SUFFIX} file, a run's folder, or one of "
        f"the known names: {known}."
    )


def run_snapshot(folder: str | Path, kimg: float | None = None) -> Path:
    """The snapshot of a run at ``kimg``, or the newest.

    Raises
    ------
    ModelError
        If the run has none, or none at ``kimg``.
    """
    run = RunFolder.open(folder, write=False)
    saved = run.snapshots()
    if not saved:
        raise ModelError(f"The run {run.path} has no snapshot yet. Train it a little longer.")
    if kimg is None:
        return saved[-1].path
    nearest = min(saved, key=lambda entry: abs(entry.kimg - kimg))
    if abs(nearest.kimg - kimg) > _HALF_IMAGE:
        raise ModelError(
            f"The run {run.path} has no snapshot at {kimg:g} kimg any more; the nearest is at "
            f"{nearest.kimg:g}."
        )
    return nearest.path


def model_ref(path: str | Path) -> ModelRef:
    """What a scene calls the model at ``path``, with the hash of its weights.

    Raises
    ------
    ModelError
        If it is no model file.
    """
    path = Path(path).absolute()
    sha256 = read_header(path).sha256
    if path.parent == resource_path("models"):
        return ModelRef("bundled", path.stem, sha256)
    run = path.parent.parent
    if path.parent.name == "snapshots" and is_run(run):
        return ModelRef("run", str(run), sha256, float(path.stem))
    return ModelRef("file", str(path), sha256)


def resolve_ref(ref: ModelRef) -> Path:
    """The file that a scene's model reference means, found by its weights if it was moved.

    Raises
    ------
    ModelError
        If it is nowhere, or only other weights go by that name.
    """
    candidate = _named(ref)
    if candidate is not None and (not ref.sha256 or _sha256(candidate) == ref.sha256):
        return candidate
    if ref.sha256:
        for entry in (*bundled_models(), *_user_models_or_none()):
            if _sha256(entry.path) == ref.sha256:
                return entry.path
    if candidate is None:
        raise ModelError(
            f"The model of this picture is not here: {ref.name or 'it has no name'}. Put its file "
            f"back or into {paths.models_dir()}."
        )
    raise ModelError(
        f"{candidate} is not the model that made this picture: its weights have changed. Open it "
        "by hand to use it all the same."
    )


def _named(ref: ModelRef) -> Path | None:
    if ref.kind == "bundled":
        path = resource_path("models", f"{Path(ref.name).name}{MODEL_SUFFIX}")
        return path if path.is_file() else None
    path = Path(ref.name)
    if ref.kind == "file":
        return path if ref.name and path.is_file() else None
    try:
        return run_snapshot(path, ref.kimg)
    except StudioError:
        return None


def _sha256(path: Path) -> str | None:
    from latent_studio.storage.foreign.entrance import hash_of, open_model

    try:
        return read_header(path).sha256 if is_own(path) else hash_of(open_model(path))
    except ModelError:
        return None


def _user_models_or_none() -> list[ModelEntry]:
    """A home that cannot be written must not hide the bundled models."""
    try:
        return user_models()
    except StudioError:
        return []


def _entries(folder: Path, kind: Literal["bundled", "user"]) -> list[ModelEntry]:
    if not folder.is_dir():
        return []
    return [ModelEntry(path.stem, path, kind) for path in sorted(folder.glob(f"*{MODEL_SUFFIX}"))]
