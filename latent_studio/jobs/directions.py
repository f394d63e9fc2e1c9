"""Find directions of a model's latent space and keep them in its file."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from latent_studio.data.dataset import open_dataset
from latent_studio.engine.device import pick_device
from latent_studio.errors import OptionError
from latent_studio.events import Emit, ignore
from latent_studio.jobs.targets import check_target
from latent_studio.latent.attributes import SLIDER_NAMES, attribute_directions
from latent_studio.latent.directions import Direction, merge_directions
from latent_studio.latent.pca import principal_components
from latent_studio.mailbox import StopToken
from latent_studio.models.base import Generator
from latent_studio.storage.atomic import atomic_path
from latent_studio.storage.foreign.entrance import is_own, open_model
from latent_studio.storage.library import resolve_model
from latent_studio.storage.model_file import (
    MODEL_SUFFIX,
    ModelBundle,
    load_generator,
    save_model,
    update_directions,
)
from latent_studio.storage.paths import cache_dir

# The classifier looks at pictures of this size at most; larger ones would only take longer.
_LARGEST = 128


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
    source, target = _files(model, out)
    names = _names(attributes)
    if data is None and names:
        raise OptionError("Attributes are learnt from labelled pictures; give --data.")
    if data is None and components == 0:
        raise OptionError("There is nothing to find; give --data or --components.")
    bundle = open_model(source)
    generator = load_generator(bundle, pick_device(device))
    found: list[Direction] = []
    if components or (components is None and data is None):
        count = {} if components is None else {"count": components}
        found += principal_components(
            generator, samples, seed=seed, emit=emit, token=token, **count
        )
    if data is not None:
        found += _learn(generator, data, names, samples, seed, emit, token)
    _keep(bundle, found, source, target)
    return found, target


def _learn(
    generator: Generator,
    data: str | Path,
    names: dict[str, str],
    samples: int,
    seed: int,
    emit: Emit,
    token: StopToken | None,
) -> list[Direction]:
    dataset = open_dataset(
        data,
        resolution=min(generator.capabilities.resolution, _LARGEST),
        channels=generator.capabilities.channels,
        cache_dir=cache_dir(),
        emit=emit,
        token=token,
    )
    return attribute_directions(
        generator,
        dataset,
        list(names),
        samples=samples,
        seed=seed,
        names={**SLIDER_NAMES, **names},
        emit=emit,
        token=token,
    )


def _keep(bundle: ModelBundle, found: list[Direction], source: Path, target: Path) -> None:
    merged = merge_directions(bundle.directions, found)
    if target == source:
        update_directions(target, merged)
        return
    if not is_own(source):
        save_model(target, replace(bundle, directions=tuple(merged)))
        return
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)
        update_directions(temporary, merged)


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


def _names(attributes: Sequence[str]) -> dict[str, str]:
    """``smiling=smile`` as attribute and slider; ``smiling`` alone has its usual name."""
    names = {}
    for text in attributes:
        attribute, _, name = text.partition("=")
        attribute = attribute.strip()
        if not attribute:
            raise OptionError(f"An attribute is written NAME or NAME=SLIDER, not {text!r}.")
        names[attribute] = name.strip() or SLIDER_NAMES.get(attribute, attribute)
    return names
