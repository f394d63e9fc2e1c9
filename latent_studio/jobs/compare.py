"""Runs side by side: settings that differ, measurements, pictures of the same latents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from latent_studio.errors import ModelError, OptionError
from latent_studio.events import Emit, Progress, ignore
from latent_studio.jobs.runs import RunSummary, describe_run
from latent_studio.mailbox import StopToken
from latent_studio.storage.grid import compose_grid
from latent_studio.storage.images import write_image
from latent_studio.storage.library import run_snapshot
from latent_studio.storage.model_file import load_generator, load_model
from latent_studio.storage.run_folder import RunFolder
from latent_studio.storage.run_removal import checked_run

_PADDING = 2
_MAX_COUNT = 256
# How a run is shown or where it is does not make it another one.
_UNTOLD = frozenset({"version", "grid_count", "threads"})


@dataclass(frozen=True, eq=False)
class Comparison:
    """What several runs have in common and what not.

    Attributes
    ----------
    settings
        Those that differ, by name; networks' arguments as ``generator.KEY``. None where a run has
        no such setting.
    metrics
        Losses (``loss/G``) and metrics of each run; None where it has none.
    image
        uint8 ``[H, W, 3]``: a row a snapshot, a column a latent; None if no picture was asked for.
    rows
        The files that the rows show, from the top.
    """

    runs: tuple[RunSummary, ...]
    settings: Mapping[str, tuple[Any, ...]]
    metrics: Mapping[str, tuple[float | None, ...]]
    image: np.ndarray | None = None
    rows: tuple[Path, ...] = ()


def compare_runs(
    runs: Sequence[str | Path],
    *,
    count: int = 8,
    kimgs: Sequence[float] | None = None,
    out: str | Path | None = None,
    device: str = "cpu",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> Comparison:
    """Compare runs, or snapshots of one.

    Parameters
    ----------
    runs
        Folders; one is enough if ``kimgs`` names several of its snapshots.
    count
        How many latents: those of the seeds 0, 1, ... as in a run's sample grids. 0 for no picture.
    kimgs
        Which snapshots of each run; None for the newest.
    out
        Write the picture there as well.

    Raises
    ------
    RunError, ModelError
        A folder is no run, or has no such snapshot.
    OptionError
        Nothing to compare.
    Cancelled
        The token stops.
    """
    if not runs or not 0 <= count <= _MAX_COUNT:
        raise OptionError(f"Compare one run or more, by 0 to {_MAX_COUNT} pictures each.")
    folders = [checked_run(run) for run in runs]
    summaries = tuple(describe_run(folder) for folder in folders)
    rows: tuple[Path, ...] = ()
    image = None
    if count:
        wanted: Sequence[float | None] = kimgs or [None]
        rows = tuple(run_snapshot(folder, kimg) for folder in folders for kimg in wanted)
        image = draw_rows(rows, count, device=device, emit=emit, token=token)
        if out is not None:
            write_image(Path(out).expanduser(), image)
    return Comparison(summaries, different_settings(folders), _metrics_of(summaries), image, rows)


def draw_rows(
    models: Sequence[Path],
    count: int,
    *,
    device: str = "cpu",
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> np.ndarray:
    """Pictures of the same seeds, a row a model file: uint8 ``[H, W, 3]``.

    Smaller pictures are enlarged to the size of the largest, grey ones become coloured.
    """
    parts = []
    for index, path in enumerate(models):
        if token is not None:
            token.checkpoint()
        emit(Progress(index, len(models), "Drawing the same latents"))
        parts.append(_draw(path, count, device))
    emit(Progress(len(models), len(models), "Drawn"))
    side = max(part.shape[1] for part in parts)
    cells = np.concatenate([_fitted(part, side) for part in parts])
    return compose_grid(cells, count, _PADDING)


def different_settings(runs: Sequence[Path]) -> dict[str, tuple[Any, ...]]:
    """Settings by name where the runs differ, one value a run."""
    flat = [_flat(RunFolder.open(run, write=False).config) for run in runs]
    names = list(dict.fromkeys(name for settings in flat for name in settings))
    columns = {name: tuple(settings.get(name) for settings in flat) for name in names}
    return {
        name: values
        for name, values in columns.items()
        if name not in _UNTOLD and any(value != values[0] for value in values)
    }


def _flat(config: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by name, with the defaults of those that an older run does not know."""
    found = {**_defaults(), **config}
    for network in ("generator", "discriminator"):
        spec = found.pop(network, None)
        if isinstance(spec, Mapping):
            found[network] = spec.get("architecture")
            arguments = spec.get("config")
            for name, value in (arguments if isinstance(arguments, Mapping) else {}).items():
                found[f"{network}.{name}"] = value
    return found


def _defaults() -> dict[str, Any]:
    from latent_studio.training.config import TrainConfig

    return {entry.name: entry.default for entry in fields(TrainConfig) if _is_plain(entry.default)}


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | str)


def _metrics_of(runs: Sequence[RunSummary]) -> dict[str, tuple[float | None, ...]]:
    columns = [
        {**{f"loss/{name}": value for name, value in run.losses.items()}, **run.metrics}
        for run in runs
    ]
    names = dict.fromkeys(name for column in columns for name in column)
    return {name: tuple(column.get(name) for column in columns) for name in names}


def _draw(path: Path, count: int, device: str) -> np.ndarray:
    from latent_studio.engine.device import pick_device
    from latent_studio.training.samples import draw_pictures, fixed_latents

    generator = load_generator(load_model(path), pick_device(device))
    if generator.capabilities.channels not in (1, 3):
        raise ModelError(f"{path} draws pictures that are neither grey nor coloured.")
    return draw_pictures(generator, *fixed_latents(generator, count))


def _fitted(images: np.ndarray, side: int) -> np.ndarray:
    """``[N, h, w, C]`` as ``[N, side, side, 3]``."""
    from PIL import Image

    coloured = np.repeat(images, 3, axis=3) if images.shape[3] == 1 else images
    if coloured.shape[1] == side:
        return coloured
    return np.stack(
        [
            np.asarray(Image.fromarray(image).resize((side, side), Image.Resampling.LANCZOS))
            for image in coloured
        ]
    )
