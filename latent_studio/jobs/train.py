"""Train a GAN, or go on with a training that was stopped."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from latent_studio.data.dataset import ImageDataset, open_dataset
from latent_studio.data.source import open_source
from latent_studio.errors import OptionError, RunError, StudioError
from latent_studio.events import Emit, RunFinished, ignore
from latent_studio.jobs.features import features_file
from latent_studio.jobs.presets import find_preset
from latent_studio.jobs.runs import remember_end
from latent_studio.jobs.targets import check_folder, check_name
from latent_studio.mailbox import LatestSlot, StopToken
from latent_studio.models.registry import empty_generator
from latent_studio.models.snapshot import WeightSnapshot
from latent_studio.storage.foreign.entrance import read_specs
from latent_studio.storage.library import resolve_model
from latent_studio.storage.own_files import is_own
from latent_studio.storage.paths import cache_dir
from latent_studio.storage.run_folder import RunFolder, is_run
from latent_studio.training.commands import CommandQueue
from latent_studio.training.config import TrainConfig
from latent_studio.training.device import resolve_device
from latent_studio.training.distributed import joined
from latent_studio.training.presets import Preset, preset_of
from latent_studio.training.start import follow_training, run_training
from latent_studio.training.trainer import Yielder

_SIZES = ("img_resolution", "img_channels", "c_dim")  # what presets fit to the data


def train(
    out: str | Path,
    *,
    data: str | Path | None = None,
    preset: str | None = None,
    architecture: str | None = None,
    resume: bool = False,
    conditional: bool = False,
    options: Mapping[str, Any] | None = None,
    emit: Emit = ignore,
    token: StopToken | None = None,
    snapshots: LatestSlot[WeightSnapshot] | None = None,
    commands: CommandQueue | None = None,
    yielder: Yielder | None = None,
) -> RunFinished:
    """Train in the run folder ``out``; blocks until the run ends. Stopping saves everything.

    Started by ``torchrun``, the processes train one run together: the first one does all of this,
    the others only compute.

    Parameters
    ----------
    data
        Folder, zip, IDX file or ``procedural-faces``; not needed to resume.
    preset
        A name that :func:`latent_studio.jobs.presets.find_preset` knows; not needed to resume.
    architecture
        Instead of a preset: the first one of this family of networks.
    resume
        Go on with the run in ``out``.
    conditional
        Learn the classes of the data.
    options
        Fields of :class:`~latent_studio.training.config.TrainConfig` that differ from the preset
        (with ``init``, another program's file of the preset's family, also from its networks),
        and arguments of the networks as ``generator.KEY`` and ``discriminator.KEY``
        (of a resumed run: those that may change, such as ``total_kimg``); None values are left out.
    snapshots, commands, yielder
        The live link, requests while it runs, and who goes first (see
        :class:`~latent_studio.training.trainer.Trainer`).

    Returns
    -------
    RunFinished
        Its reason is ``done`` or ``stopped``.

    Raises
    ------
    StudioError
        The options, the data or the folder cannot be used, or the run fails; what was saved stays.
    Cancelled
        The token stopped before the training began.
    """
    folder = Path(out).expanduser()
    changes = {name: value for name, value in (options or {}).items() if value is not None}
    if "metrics_features" in changes:
        changes["metrics_features"] = features_file(changes["metrics_features"])
    link = {"snapshots": snapshots, "commands": commands, "yielder": yielder}
    work: dict[str, Any] = {
        "cache_dir": cache_dir(),
        "emit": remember_end(emit),
        "token": token,
        **link,
    }
    with joined(str(changes.get("device", "auto"))) as shard:
        if not shard.leads:
            return follow_training(shard, cache_dir=cache_dir())
        work["shard"] = shard
        if resume:
            return _resume(folder, data, preset, changes, work)
        return _begin(folder, data, preset or _preset_of(architecture), conditional, changes, work)


def _resume(
    folder: Path,
    data: str | Path | None,
    preset: str | None,
    changes: dict[str, Any],
    work: Mapping[str, Any],
) -> RunFinished:
    _check_resume(folder, preset)
    if data is not None:
        changes["data"] = _spec(data)
    return run_training(None, folder, resume=True, changes=changes, **work)


def _preset_of(architecture: str | None) -> str | None:
    return None if architecture is None else preset_of(architecture).name


def _begin(
    folder: Path,
    data: str | Path | None,
    preset: str | None,
    conditional: bool,
    changes: dict[str, Any],
    work: Mapping[str, Any],
) -> RunFinished:
    _check_new(folder)
    if changes.get("init"):
        changes["init"] = str(_beginning(changes["init"]))
        # An average that is good already is not to be forgotten in the first moments.
        changes = {"ema_rampup": 0.0, **_networks_of(changes["init"], preset), **changes}
    config, dataset = _configure(data, preset, conditional, changes, work)
    try:
        return run_training(config, folder, dataset=dataset, **work)
    except BaseException:
        _forget_if_never_begun(folder)
        raise


def _configure(
    data: str | Path | None,
    preset: str | None,
    conditional: bool,
    changes: dict[str, Any],
    work: Mapping[str, Any],
) -> tuple[TrainConfig, ImageDataset]:
    """The configuration of a new run and its data, both good before a folder is made for them."""
    if data is None or preset is None:
        missing = "data (--data)" if data is None else "a preset (--preset)"
        raise OptionError(f"A new training needs {missing}; see 'latent-studio presets'.")
    chosen = find_preset(preset)
    config = chosen.config(_spec(data), **changes)
    _check_before_data(config)
    dataset = open_dataset(
        config.data,
        resolution=config.resolution,
        channels=config.channels,
        limit=config.limit or None,
        cache_dir=work["cache_dir"],
        emit=work["emit"],
        token=work["token"],
    )
    if conditional:
        classes = _count_classes(chosen, dataset)
        config = chosen.config(_spec(data), classes=classes, **changes)
    return config, dataset


def _beginning(name: str) -> Path:
    """The file that ``--init`` means: a path, a run (its newest model) or a model's name."""
    path = Path(name).expanduser()
    return path.resolve() if path.is_file() else resolve_model(name).resolve()


def _networks_of(init: str, preset: str | None) -> dict[str, Any]:
    """Options that make networks like those of another program's file, so that its weights fit.

    Nothing for files of this program, whose presets say that, and where the family differs.
    """
    if preset is None or is_own(init):
        return {}
    generator, judge = read_specs(init)
    chosen = find_preset(preset)
    if generator.architecture != chosen.architecture:
        return {}
    wanted = {"generator": generator.config}
    if judge is not None and judge.architecture == (
        chosen.discriminator_architecture or chosen.architecture
    ):
        wanted["discriminator"] = judge.config
    options = {
        f"{network}.{name}": value
        for network, config in wanted.items()
        for name, value in config.items()
        if name not in _SIZES
    }
    sizes = {"resolution": "img_resolution", "channels": "img_channels"}
    found = {own: generator.config.get(theirs) for own, theirs in sizes.items()}
    return {**options, **{own: value for own, value in found.items() if value is not None}}


def _check_before_data(config: TrainConfig) -> None:
    """Refuse what can't work before minutes go into decoding pictures."""
    resolve_device(config.device)
    empty_generator(config.generator)
    open_source(config.data, check=False)


def _count_classes(preset: Preset, dataset: ImageDataset) -> int:
    if not preset.conditional:
        raise OptionError(
            f"The preset {preset.name} cannot learn classes; leave out --conditional, or choose "
            "another one."
        )
    if dataset.labels is None or len(dataset.classes) < 2:
        raise OptionError(
            f"{dataset.name} has no classes to learn; leave out --conditional, or give sub-folders "
            "or labels (see 'latent-studio data')."
        )
    return len(dataset.classes)


def _check_new(folder: Path) -> None:
    """Notice before the data are read that the folder can't take a run."""
    if is_run(folder):
        raise RunError(f"{folder} holds a run already; add --resume, or choose another folder.")
    check_name(folder)
    nearest = folder
    while not nearest.exists() and nearest.parent != nearest:
        nearest = nearest.parent
    if folder.exists() and not folder.is_dir():
        raise RunError(f"{folder} is a file; choose a folder for the run.")
    check_folder(nearest)


def _forget_if_never_begun(folder: Path) -> None:
    """Take away the run of a training that failed before its first checkpoint."""
    with contextlib.suppress(OSError, StudioError):
        # Taking the lock makes sure that nobody else has begun a run here meanwhile.
        with RunFolder.open(folder) as run:
            if run.has_checkpoint:
                return
            (folder / "config.json").unlink()
        for path in (folder / "samples", folder / "snapshots"):
            path.rmdir()
        (folder / "lock").unlink(missing_ok=True)
        folder.rmdir()


def _check_resume(folder: Path, preset: str | None) -> None:
    if not is_run(folder):
        raise RunError(f"There is no run in {folder} to resume; leave out --resume to start one.")
    if preset is not None:
        used = TrainConfig.from_json(_config_of(folder)).preset
        if used and used != preset:
            raise OptionError(
                f"The run in {folder} was started with the preset {used}; leave out --preset, or "
                "start a new run in another folder."
            )


def _config_of(folder: Path) -> Any:
    with RunFolder.open(folder, write=False) as run:
        return run.config


def _spec(data: str | Path) -> str:
    """Paths become absolute, so that a run can be resumed from another folder."""
    path = Path(data).expanduser()
    return str(path.resolve()) if path.exists() else str(data)
