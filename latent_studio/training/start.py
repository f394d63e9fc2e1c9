"""Begin or resume a run from its folder: what the command line and the window call."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from latent_studio.data.dataset import ImageDataset, open_dataset
from latent_studio.errors import OptionError, RunError
from latent_studio.events import Emit, RunFinished, ignore
from latent_studio.mailbox import LatestSlot, StopToken
from latent_studio.models.registry import build_discriminator, build_generator
from latent_studio.models.snapshot import WeightSnapshot
from latent_studio.storage.run_folder import RunFolder
from latent_studio.training.commands import CommandQueue
from latent_studio.training.config import CHANGEABLE, TrainConfig
from latent_studio.training.device import resolve, resolve_device
from latent_studio.training.distributed import place_config, share_threads
from latent_studio.training.division import check_division
from latent_studio.training.estimate import check_memory
from latent_studio.training.measuring import check_measuring
from latent_studio.training.parts import Shard
from latent_studio.training.soundness import check_sound
from latent_studio.training.trainer import Trainer, Yielder


def run_training(
    config: TrainConfig | None,
    run_path: str | Path,
    *,
    resume: bool = False,
    changes: Mapping[str, Any] | None = None,
    dataset: ImageDataset | None = None,
    cache_dir: Path | None = None,
    emit: Emit = ignore,
    token: StopToken | None = None,
    snapshots: LatestSlot[WeightSnapshot] | None = None,
    commands: CommandQueue | None = None,
    yielder: Yielder | None = None,
    on_trainer: Callable[[Trainer], None] | None = None,
    shard: Shard | None = None,
) -> RunFinished:
    """Train in the folder ``run_path``; blocks until the run ends.

    Parameters
    ----------
    config
        Settings of a new run. Not needed for a resumed one, whose folder holds them; if given, it
        may only differ in what ``changes`` may change.
    changes
        For a resumed run: new values of fields in
        :data:`~latent_studio.training.config.CHANGEABLE`, such as ``total_kimg``.
    dataset
        The data, if they are open already; otherwise ``config.data`` is opened.
    on_trainer
        Called with the trainer before it starts.
    shard
        This process's share (:func:`latent_studio.training.distributed.joined`); the others than
        the leading one call :func:`follow_training`.

    Raises
    ------
    StudioError
        If the options, the data or the folder cannot be used, or the run fails.
    Cancelled
        If the token stops while the data are being read.
    """
    shard = shard or Shard()
    with _open_folder(config, Path(run_path), resume, changes or {}, shard) as folder:
        _refuse_lost_checkpoint(folder)
        settings = TrainConfig.from_json(folder.config)
        if dataset is None:
            dataset = open_dataset(
                settings.data,
                resolution=settings.resolution,
                channels=settings.channels,
                limit=settings.limit or None,
                cache_dir=cache_dir,
                emit=emit,
                token=token,
            )
        shard.share({"path": str(folder.path), "config": folder.config})
        trainer = Trainer(
            settings,
            dataset,
            folder,
            checkpoint=folder.load_checkpoint(emit=emit) if folder.has_checkpoint else None,
            emit=emit,
            snapshots=snapshots,
            commands=commands,
            yielder=yielder,
            cache_dir=cache_dir,
            shard=shard,
        )
        if on_trainer is not None:
            on_trainer(trainer)
        return trainer.run(token)


def follow_training(shard: Shard, *, cache_dir: Path | None = None) -> RunFinished:
    """Take part in the training that the leading process runs; reads the data, writes no run.

    Raises
    ------
    StudioError
        If the data cannot be read here, or the run fails.
    """
    told = shard.share()
    settings = TrainConfig.from_json(told["config"])
    dataset = open_dataset(
        settings.data,
        resolution=settings.resolution,
        channels=settings.channels,
        limit=settings.limit or None,
        cache_dir=cache_dir,
    )
    folder = RunFolder(Path(told["path"]), told["config"], None)
    return Trainer(settings, dataset, folder, shard=shard).run()


def _refuse_lost_checkpoint(folder: RunFolder) -> None:
    """A run writes its checkpoint before anything else; without it there is no way on."""
    if not folder.has_checkpoint and (folder.read_stats() or folder.snapshots()):
        raise RunError(
            f"The checkpoint of {folder.path} is gone; its models and statistics stay as they are. "
            "Put checkpoint.safetensors back, or start a new run in another folder."
        )


def _open_folder(
    config: TrainConfig | None, path: Path, resume: bool, changes: Mapping[str, Any], shard: Shard
) -> RunFolder:
    if resume:
        return _reopen(config, path, changes, shard)
    if config is None:
        raise OptionError("A new training needs a configuration. Choose a preset.")
    if changes:
        config = config.with_changes(**changes)
    # settings that fit no network, or do not go together, must not leave a folder
    check_measuring(config)
    networks = build_generator(config.generator), build_discriminator(config.discriminator)
    check_sound(config, *networks)
    check_division(config, shard, *networks)
    # measuring the best precision takes as long as the batch is large: not for what can't run
    settled = check_memory(config, shard)
    settings = resolve(share_threads(config, shard))
    place_config(settings, shard)
    if not settled:
        check_memory(settings, shard)
    return RunFolder.create(path, settings.to_json())


def _reopen(
    config: TrainConfig | None, path: Path, changes: Mapping[str, Any], shard: Shard
) -> RunFolder:
    """Open a run for writing, with ``changes`` made to its stored settings."""
    folder = RunFolder.open(path)
    try:
        stored = TrainConfig.from_json(folder.config)
        wanted = {**({} if config is None else _differences(stored, config)), **changes}
        fixed = sorted(set(wanted) - CHANGEABLE)
        if fixed:
            raise OptionError(
                f"A resumed run keeps its {', '.join(fixed)}. Start a new run to change that."
            )
        settings = stored.with_changes(**wanted)
        resolve_device(settings.device)
        if wanted:  # what cannot be measured must not be kept
            check_measuring(settings)
        place_config(settings, shard)
        check_memory(settings, shard, resumed=True)
        if settings != stored:
            folder.write_config({**folder.config, **settings.to_json()})
    except BaseException:
        folder.close()
        raise
    return folder


def _differences(stored: TrainConfig, wanted: TrainConfig) -> dict[str, Any]:
    """Fields that ``wanted`` asks to be different; *automatic* asks for nothing."""
    automatic = {"device": "auto", "precision": "auto", "threads": 0, "channels_last": None}
    found = {}
    for field in fields(TrainConfig):
        value = getattr(wanted, field.name)
        if value != getattr(stored, field.name) and (
            field.name not in automatic or value != automatic[field.name]
        ):
            found[field.name] = value
    return found
