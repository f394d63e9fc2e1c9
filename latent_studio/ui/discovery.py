"""Searching a model's directions: plain functions for a worker thread. Knows no Qt."""

import copy
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from latent_studio.errors import DataError, StudioError
from latent_studio.events import Emit, ignore
from latent_studio.mailbox import StopToken
from latent_studio.ui.state import LoadedModel

if TYPE_CHECKING:
    from latent_studio.latent.direction import Direction
    from latent_studio.latent.directions import HandFit, LabellingPool
    from latent_studio.recipe import Recipe

log = logging.getLogger(__name__)

COMPONENTS = 16
SAMPLES = 10_000
CANDIDATE_SAMPLES = 4_000
MEASURED_SEEDS = 200  # enough to the percent or two; the command line takes 500
SEED = 0
PICTURE_SIDE = 128  # a classifier learns from no larger pictures
ENDLESS_SAMPLE = 1000  # of an endless source, to see which attributes vary


@dataclass(frozen=True)
class Search:
    """What to look for: ``components`` principal components (0: none), or, if ``data`` name
    labelled pictures, the directions of their ``attributes``.
    """

    components: int = COMPONENTS
    data: str = ""
    attributes: tuple[str, ...] = ()
    samples: int = SAMPLES


@dataclass(frozen=True)
class Found:
    """``merged`` are all directions that the model has now, ``names`` those found, and ``kept``
    tells whether they are in its file.
    """

    merged: "tuple[Direction, ...]"
    names: tuple[str, ...]
    kept: bool


def read_attributes(
    data: str, *, emit: Emit = ignore, token: StopToken | None = None
) -> tuple[str, ...]:
    """Attributes of labelled pictures that can be learnt.

    Raises
    ------
    DataError
        The data cannot be used, or are not labelled.
    """
    from latent_studio.data.source import open_source
    from latent_studio.latent.labelled import usable_attributes

    source = open_source(data)
    notes: Any = source.annotations(ENDLESS_SAMPLE if source.endless else None)
    found = tuple(usable_attributes(notes))
    if not found:
        raise DataError(
            f"{source.name} has no attributes to learn from. Put an attributes.csv beside the "
            "pictures: a column 'file', then one column of 0 and 1 for each attribute."
        )
    return found


def find_directions(
    model: LoadedModel,
    search: Search,
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Found:
    """Search directions and keep them in the model's file where it is the user's own.

    Works on a generator of its own: the renderer owns the other one.
    """
    from latent_studio.latent.direction import merge_directions
    from latent_studio.latent.pca import principal_components

    generator = own_generator(model)
    if search.data:
        found = _learn(generator, search, emit, token)
    else:
        found = principal_components(
            generator,
            search.samples,
            count=min(search.components, _most_components(generator)),
            seed=SEED,
            emit=emit,
            token=token,
        )
    merged = tuple(merge_directions(model.directions, found))
    own = model.path is not None and model.ref.kind == "file"
    kept = own and _keep(str(model.path), merged)
    return Found(merged, tuple(direction.name for direction in found), kept)


def own_generator(model: LoadedModel) -> Any:
    """The model's network, for a worker alone: the renderer owns the other one."""
    from latent_studio.storage.foreign.entrance import open_model
    from latent_studio.storage.model_file import load_generator

    if model.path is not None:
        return load_generator(open_model(model.path))
    return copy.deepcopy(model.generator).to("cpu")


def find_candidates(
    model: LoadedModel,
    method: str,
    count: int,
    group: str = "",
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> "list[Direction]":
    """Directions to look at before any is kept; ``method`` needs no data (pca, sefa, channels).

    Raises
    ------
    OptionError
        If the method does not fit the model.
    """
    from latent_studio.jobs.direction_methods import Search as Wanted
    from latent_studio.jobs.direction_methods import find

    wanted = Wanted(method, count, group, samples=CANDIDATE_SAMPLES)
    return find(own_generator(model), model.directions, wanted, emit=emit, token=token)


def difference(
    model: LoadedModel,
    start: "Recipe",
    end: "Recipe",
    name: str,
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> "list[Direction]":
    """The way from one picture of the model to another.

    Raises
    ------
    OptionError
        If they do not differ, or do not fit the model.
    """
    from latent_studio.latent.directions import difference_direction

    generator = own_generator(model)
    return [difference_direction(generator, model.directions, start, end, name)]


def conditional(
    model: LoadedModel,
    name: str,
    keep: tuple[str, ...],
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> "list[Direction]":
    """One of the model's directions without what it shares with those called ``keep``.

    Raises
    ------
    OptionError
        If nothing of it remains.
    """
    from latent_studio.latent.directions import conditional_direction

    known = {direction.name: direction for direction in model.directions}
    others = [known[other] for other in keep]
    return [conditional_direction(own_generator(model), known[name], others)]


def measure(
    model: LoadedModel,
    data: str,
    names: tuple[str, ...],
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> "list[Direction]":
    """All of the model's directions, those named (or all) with what was measured of them.

    Raises
    ------
    DataError
        If ``data`` have no labels to judge by.
    """
    from latent_studio.jobs.direction_quality import measured

    generator = own_generator(model)
    return measured(
        generator, model.directions, data, names, seeds=MEASURED_SEEDS, emit=emit, token=token
    )


def make_pool(
    model: LoadedModel,
    psi: float,
    label: Any,
    seeds: tuple[int, ...] = (),
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> "LabellingPool":
    """Samples to be labelled by hand."""
    from latent_studio.latent.directions import labelling_pool

    generator = own_generator(model)
    return labelling_pool(generator, seeds=seeds, psi=psi, label=label, emit=emit, token=token)


def fit_labels(
    pool: "LabellingPool",
    labels: dict[int, bool],
    name: str,
    space: str,
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> "HandFit":
    """The slider that hand-given labels ask for.

    Raises
    ------
    OptionError
        If there are too few labels.
    """
    from latent_studio.latent.directions import hand_direction

    return hand_direction(pool, labels, name, space=space)


def take_in(
    model: LoadedModel, path: str, *, emit: Emit = ignore, token: StopToken | None = None
) -> "list[Direction]":
    """Directions of a file that fit the model.

    Raises
    ------
    ModelError
        If the file cannot be used, or a direction does not fit.
    """
    from latent_studio.jobs.direction_edits import taken_in

    merged, names = taken_in(path, [], own_generator(model))
    return [direction for direction in merged if direction.name in names]


def give_away(
    model: LoadedModel,
    path: str,
    names: tuple[str, ...],
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> "list[Direction]":
    """Write directions of the model (all, or those named) to a file.

    Raises
    ------
    ExportError
        If it cannot be written.
    """
    from latent_studio.jobs.direction_edits import give_away as write

    return write(path, model.directions, names, model.ref.sha256)


def keep(
    path: str,
    directions: "tuple[Direction, ...]",
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> bool:
    """Put directions into a model file of the user's; False where it cannot be written."""
    return _keep(path, directions)


def save_copy(
    path: str,
    target: str,
    directions: "tuple[Direction, ...]",
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Path:
    """Copy a model file with other directions.

    Raises
    ------
    ExportError
        With the cause and the cure; there is no half file.
    """
    from latent_studio.storage.atomic import atomic_path
    from latent_studio.storage.model_file import update_directions

    with atomic_path(Path(target)) as temporary:
        shutil.copyfile(path, temporary)
        update_directions(temporary, directions)
    return Path(target)


def _learn(
    generator: Any, search: Search, emit: Emit, token: StopToken | None
) -> "list[Direction]":
    from latent_studio.data.dataset import open_dataset
    from latent_studio.latent.attributes import attribute_directions
    from latent_studio.storage.paths import cache_dir

    capabilities = generator.capabilities
    dataset = open_dataset(
        search.data,
        resolution=min(capabilities.resolution, PICTURE_SIDE),
        channels=capabilities.channels,
        cache_dir=cache_dir(),
        emit=emit,
        token=token,
    )
    return attribute_directions(
        generator, dataset, search.attributes, samples=search.samples, emit=emit, token=token
    )


def _most_components(generator: Any) -> int:
    capabilities = generator.capabilities
    return int(capabilities.w_dim or capabilities.z_dim)


def _keep(path: str, directions: "tuple[Direction, ...]") -> bool:
    from latent_studio.storage.model_file import update_directions

    try:
        update_directions(path, directions)
    except StudioError as error:  # a read-only place
        log.info("directions of %s are not kept: %s", path, error)
        return False
    return True
