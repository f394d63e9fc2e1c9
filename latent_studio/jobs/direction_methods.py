"""The ways to find directions, by name: what the command line and the window offer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from latent_studio.data.dataset import ImageDataset, open_dataset
from latent_studio.errors import OptionError
from latent_studio.events import Emit, Notice, ignore
from latent_studio.jobs.judges import judge_for
from latent_studio.latent.attributes import SLIDER_NAMES, attribute_directions
from latent_studio.latent.direction import Direction
from latent_studio.latent.directions import (
    channel_directions,
    conditional_direction,
    difference_direction,
    hand_direction,
    labelling_pool,
    principal_components,
    sefa_directions,
)
from latent_studio.latent.labelled import halved
from latent_studio.latent.population import device_of
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator
from latent_studio.recipe import Recipe
from latent_studio.storage.paths import cache_dir

# The classifier looks at pictures of this size at most; larger ones would only take longer.
_LARGEST = 128
_POOL = 1_200


@dataclass(frozen=True)
class Search:
    """What to look for.

    Parameters
    ----------
    method
        One of :data:`METHODS`.
    count
        Directions wanted (SeFa: in each group); None for the method's usual number.
    group
        Layers of ``sefa`` and ``channels``: ``coarse``, ``middle``, ``fine`` (or ``all`` for SeFa).
    data, attributes
        Labelled pictures, and which attributes of them (``smiling=smile`` names the slider): for
        ``labelled``; for ``channels`` that shall be ranked by their effect.
    direction, keep
        For ``conditional``: which one of the model's, and whose attributes shall stay.
    start, end
        For ``difference``.
    labels, psi
        For ``hand``: seed → yes or no, and the truncation at which they were looked at.
    name
        Of what is found, for ``conditional``, ``difference`` and ``hand``.
    samples, seed
        Latents or pictures to judge by, and which ones.
    """

    method: str
    count: int | None = None
    group: str = ""
    data: str = ""
    attributes: tuple[str, ...] = ()
    direction: str = ""
    keep: tuple[str, ...] = ()
    start: Recipe | None = None
    end: Recipe | None = None
    labels: Mapping[int, bool] = field(default_factory=dict)
    psi: float = 0.7
    name: str = ""
    samples: int = 10_000
    seed: int = 0


@dataclass(frozen=True)
class _Task:
    generator: Generator
    known: Sequence[Direction]
    search: Search
    emit: Emit
    token: StopToken | None

    def count(self, usual: int) -> int:
        return usual if self.search.count is None else self.search.count

    def named(self, name: str) -> Direction:
        for direction in self.known:
            if direction.name == name:
                return direction
        listed = ", ".join(direction.name for direction in self.known) or "none"
        raise OptionError(f"The model has no direction '{name}'; it has {listed}.")


def find(
    generator: Generator,
    known: Sequence[Direction],
    search: Search,
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> list[Direction]:
    """Find directions.

    Parameters
    ----------
    generator
        In eval mode.
    known
        The directions that the model has already.

    Raises
    ------
    OptionError
        If the search lacks what its method needs, or does not fit the model.
    DataError
        If the labelled pictures cannot be used.
    Cancelled
        If the token is stopped.
    """
    method = METHODS.get(search.method)
    if method is None:
        raise OptionError(f"There is no method {search.method!r}; choose {', '.join(METHODS)}.")
    return method(_Task(generator, known, search, emit, token))


def names_of(attributes: Sequence[str]) -> dict[str, str]:
    """``smiling=smile`` as attribute and slider; ``smiling`` alone has its usual name."""
    names = {}
    for text in attributes:
        attribute, _, name = text.partition("=")
        attribute = attribute.strip()
        if not attribute:
            raise OptionError(f"An attribute is written NAME or NAME=SLIDER, not {text!r}.")
        names[attribute] = name.strip() or SLIDER_NAMES.get(attribute, attribute)
    return names


def _pca(task: _Task) -> list[Direction]:
    search = task.search
    return principal_components(
        task.generator,
        search.samples,
        task.count(20),
        search.seed,
        emit=task.emit,
        token=task.token,
    )


def _labelled(task: _Task) -> list[Direction]:
    search, names = task.search, names_of(task.search.attributes)
    if not search.data:
        raise OptionError("Attributes are learnt from labelled pictures; give --data.")
    dataset = _dataset(task)
    return attribute_directions(
        task.generator,
        halved(dataset) if names else dataset,
        list(names),
        samples=search.samples,
        seed=search.seed,
        names={**SLIDER_NAMES, **names},
        emit=task.emit,
        token=task.token,
    )


def _sefa(task: _Task) -> list[Direction]:
    search = task.search
    return sefa_directions(task.generator, task.count(5), search.group, seed=search.seed)


def _channels(task: _Task) -> list[Direction]:
    search = task.search
    count, link = task.count(12), {"emit": task.emit, "token": task.token}
    if not search.data:
        return channel_directions(task.generator, count, search.group, seed=search.seed, **link)  # type: ignore[arg-type]
    names = list(names_of(search.attributes))
    if not names:
        raise OptionError("Channels are ranked by one attribute or more; give --attribute.")
    capabilities = task.generator.capabilities
    # Its seed is not the one of the judge that measures directions.
    judge = judge_for(
        search.data,
        capabilities.channels,
        capabilities.resolution,
        attributes=names,
        seed=search.seed,
        emit=task.emit,
        token=task.token,
    ).network.to(device_of(task.generator))
    found: dict[str, Direction] = {}
    for name in names:
        for direction in channel_directions(
            task.generator,
            count,
            search.group,
            judge=judge,
            attribute=name,
            seed=search.seed,
            **link,  # type: ignore[arg-type]
        ):
            found.setdefault(direction.name, direction)
    return list(found.values())


def _conditional(task: _Task) -> list[Direction]:
    search = task.search
    if not search.direction or not search.keep:
        raise OptionError("Name the direction, and at least one other that it shall keep.")
    keep = [task.named(name) for name in search.keep]
    return [conditional_direction(task.generator, task.named(search.direction), keep, search.name)]


def _difference(task: _Task) -> list[Direction]:
    search = task.search
    if search.start is None or search.end is None:
        raise OptionError("A difference needs two pictures: where it starts and where it ends.")
    if not search.name:
        raise OptionError("A difference needs a name.")
    generator, known = task.generator, task.known
    return [difference_direction(generator, known, search.start, search.end, search.name)]


def _hand(task: _Task) -> list[Direction]:
    search = task.search
    if not search.labels:
        raise OptionError("A slider by hand needs labels of seeds; there are none.")
    if not search.name:
        raise OptionError("A slider by hand needs a name.")
    pool = labelling_pool(
        task.generator,
        max(_POOL, len(search.labels)),
        seeds=list(search.labels),
        psi=search.psi,
        emit=task.emit,
        token=task.token,
    )
    labels = dict(enumerate(search.labels.values()))
    space = "w" if task.generator.capabilities.has_w else "z"
    fit = hand_direction(pool, labels, search.name, space=space)
    if fit.auc is not None:
        text = f"{search.name} puts a yes above a no in {fit.auc:.0%} of pairs it has not seen"
        task.emit(Notice("info", f"{text} (AUC; 50%: by chance)."))
    return [fit.direction]


METHODS: dict[str, Callable[[_Task], list[Direction]]] = {
    "pca": _pca,
    "labelled": _labelled,
    "sefa": _sefa,
    "channels": _channels,
    "conditional": _conditional,
    "difference": _difference,
    "hand": _hand,
}
"""How directions are found: name and function."""


def _dataset(task: _Task) -> ImageDataset:
    capabilities = task.generator.capabilities
    return open_dataset(
        task.search.data,
        resolution=min(capabilities.resolution, _LARGEST),
        channels=capabilities.channels,
        cache_dir=cache_dir(),
        emit=task.emit,
        token=task.token,
    )
