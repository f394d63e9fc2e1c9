"""What a training would take, without starting it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from latent_studio.errors import OptionError
from latent_studio.jobs.presets import find_preset
from latent_studio.training.config import TrainConfig
from latent_studio.training.device import resolve
from latent_studio.training.estimate import Estimate, estimate
from latent_studio.training.presets import preset_of


@dataclass(frozen=True)
class TrainingEstimate:
    """An :class:`~latent_studio.training.estimate.Estimate` and the settings it is for."""

    config: TrainConfig
    estimate: Estimate

    def lines(self) -> list[str]:
        """For a person, a line a fact."""
        config, found = self.config, self.estimate
        parts = f" in {config.accumulate} parts" if config.accumulate > 1 else ""
        free = found.available_bytes
        lines = [
            f"device   {config.device}, {config.precision}, batch {config.batch}{parts}",
            f"memory   about {_gigabytes(found.memory_bytes)}"
            + ("" if free is None else f" of {_gigabytes(free)} that are free"),
        ]
        if found.seconds_per_kimg is not None and found.images_per_second is not None:
            hours = found.seconds_per_kimg * config.total_kimg / 3600
            lines.append(
                f"speed    about {found.images_per_second:.3g} pictures a second at this load"
                f"; {config.total_kimg:g} kimg take {_hours(hours)}"
            )
        if not found.fits:
            lines.append(
                "It does not fit: use a smaller batch, accumulate more, or choose a smaller preset."
            )
        return lines


def estimate_training(
    preset: str | TrainConfig,
    *,
    architecture: str | None = None,
    classes: int = 0,
    options: Mapping[str, Any] | None = None,
) -> TrainingEstimate:
    """Memory and speed of a training; takes some seconds and touches no data.

    Parameters
    ----------
    preset
        A name that :func:`latent_studio.jobs.presets.find_preset` knows (empty: the first one of
        ``architecture``), or settings as they are.
    options
        As of :func:`latent_studio.jobs.train.train`; None values are left out.

    Raises
    ------
    StudioError
        If the settings do not go together or the device does not exist.
    """
    changes = {name: value for name, value in (options or {}).items() if value is not None}
    if isinstance(preset, TrainConfig):
        config = preset.with_changes(**changes)
    else:
        if not preset and not architecture:
            raise OptionError("An estimate needs a preset (--preset); see 'latent-studio presets'.")
        chosen = find_preset(preset) if preset else preset_of(architecture or "")
        config = chosen.config("", classes=classes, **{**changes, "init": ""})
    config = resolve(config)
    return TrainingEstimate(config, estimate(config))


def estimate_facts(preset: str, classes: int, options: Mapping[str, Any]) -> dict[str, Any]:
    """As :func:`estimate_training`, in plain values that can go from a process to another."""
    found = estimate_training(preset, classes=classes, options=options)
    config, estimated = found.config, found.estimate
    names = ("device", "precision", "batch", "accumulate", "total_kimg")
    numbers = ("memory_bytes", "available_bytes", "images_per_second", "seconds_per_kimg", "fits")
    return {
        **{name: getattr(config, name) for name in names},
        **{name: getattr(estimated, name) for name in numbers},
    }


def estimate_resumed(run: str | Path, options: Mapping[str, Any] | None = None) -> TrainingEstimate:
    """As :func:`estimate_training`, of the run in a folder with other ``options``."""
    from latent_studio.storage.run_folder import RunFolder

    with RunFolder.open(Path(run), write=False) as folder:
        config = TrainConfig.from_json(folder.config)
    return estimate_training(config, options=options)


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.0f} MB"


def _hours(hours: float) -> str:
    if hours >= 48:
        return f"{hours / 24:.0f} days"
    return f"{hours:.1f} h" if hours >= 1 else f"{hours * 60:.0f} min"
