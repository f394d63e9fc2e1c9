"""Find directions of a model's latent space and keep them in its file."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from latent_studio.engine.device import pick_device
from latent_studio.errors import OptionError
from latent_studio.events import Emit, ignore
from latent_studio.jobs.direction_methods import METHODS, Search, find, names_of
from latent_studio.jobs.targets import check_target
from latent_studio.latent.direction import check_directions
from latent_studio.latent.directions import Direction, with_analysis
from latent_studio.latent.resolve import space_dims
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator
from latent_studio.storage.atomic import atomic_path
from latent_studio.storage.foreign.entrance import open_model
from latent_studio.storage.library import resolve_model
from latent_studio.storage.model_file import (
    MODEL_SUFFIX,
    ModelBundle,
    load_generator,
    save_model,
    update_directions,
)
from latent_studio.storage.own_files import is_own

__all__ = ["METHODS", "Search", "add_directions", "change_directions", "find_directions"]


def add_directions(
    model: str | Path,
    data: str | Path | None = None,
    *,
    attributes: Sequence[str] = (),
    components: int | None = None,
    samples: int = 10_000,
    seed: int = 0,
    out: str | Path | None = None,
    device: str = "auto",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> tuple[list[Direction], Path]:
    """Add named directions (and principal components) to a model file.

    Parameters
    ----------
    model
        A file, which is changed; a bundled model's name needs ``out``.
    data
        Labelled pictures of the kind that the model makes.
    attributes
        Attributes of the data, all usable ones if empty; ``smiling=smile`` gives another name.
    components
        Number of principal components; None finds 20 where no ``data`` are given, 0 none.
    samples
        Generated pictures or latents to judge by.
    out
        Write another file and leave ``model`` as it is.

    Returns
    -------
    list of Direction, Path
        What was added, and the file that has it.

    Raises
    ------
    OptionError, ModelError, DataError, ExportError
        With the cause and the cure; the file is as it was.
    Cancelled
        The token was stopped; the file is as it was.
    """
    if data is None and names_of(attributes):
        raise OptionError("Attributes are learnt from labelled pictures; give --data.")
    if data is None and components == 0:
        raise OptionError("There is nothing to find; give --data or --components.")
    searches = []
    if components or (components is None and data is None):
        searches.append(Search("pca", components, samples=samples, seed=seed))
    if data is not None:
        learnt = Search("labelled", data=str(data), attributes=tuple(attributes))
        searches.append(replace(learnt, samples=samples, seed=seed))
    return find_directions(model, searches, out=out, device=device, emit=emit, token=token)


def find_directions(
    model: str | Path,
    searches: Sequence[Search],
    *,
    out: str | Path | None = None,
    device: str = "auto",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> tuple[list[Direction], Path]:
    """Search by any methods and keep what is found; parameters and errors as those of
    :func:`add_directions`.
    """
    found: list[Direction] = []

    def change(bundle: ModelBundle, generator: Generator) -> list[Direction]:
        for search in searches:
            known = with_analysis(bundle.directions, found)
            found.extend(find(generator, known, search, emit=emit, token=token))
        return with_analysis(bundle.directions, found)

    path = change_directions(model, change, out=out, device=device)
    return found, path


def change_directions(
    model: str | Path,
    change: Callable[[ModelBundle, Generator], Sequence[Direction]],
    *,
    out: str | Path | None = None,
    device: str = "auto",
) -> Path:
    """Give a model file other directions.

    Parameters
    ----------
    model, out, device
        As for :func:`add_directions`.
    change
        From the model and its network to all the directions that it shall have.

    Returns
    -------
    Path
        The file that has them.

    Raises
    ------
    OptionError, ModelError, ExportError
        With the cause and the cure; the file is as it was.
    """
    source, target = _files(model, out)
    bundle = open_model(source)
    generator = load_generator(bundle, pick_device(device))
    directions = list(change(bundle, generator))
    check_directions(directions, space_dims(generator))
    _keep(bundle, directions, source, target)
    return target


def look_at_directions(
    model: str | Path,
    look: Callable[[ModelBundle, Generator], object],
    *,
    device: str = "auto",
) -> None:
    """Hand a model and its network to ``look``, and keep nothing; errors as those of
    :func:`change_directions`.
    """
    bundle = open_model(resolve_model(model))
    look(bundle, load_generator(bundle, pick_device(device)))


def _keep(bundle: ModelBundle, directions: list[Direction], source: Path, target: Path) -> None:
    if target == source:
        update_directions(target, directions)
        return
    if not is_own(source):
        save_model(target, replace(bundle, directions=tuple(directions)))
        return
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
        update_directions(temporary, directions)


def _files(model: str | Path, out: str | Path | None) -> tuple[Path, Path]:
    """Where the model is and where the directions go; noticed before the work begins."""
    source = resolve_model(model)
    if out is None and not is_own(source):
        raise OptionError(
            f"{model} is another program's file and stays as it is; give --out for a model with "
            "the new directions."
        )
    if out is None and not Path(model).expanduser().exists():
        raise OptionError(
            f"{model} comes with the program and stays as it is; give --out for a copy with the "
            "new directions."
        )
    needed = source.stat().st_size
    return source, check_target(out if out is not None else source, (MODEL_SUFFIX,), needed)
