"""The presets that come with the program, and those that a person keeps."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from latent_studio.errors import OptionError
from latent_studio.storage import user_presets
from latent_studio.training import presets as bundled
from latent_studio.training.presets import Preset

if TYPE_CHECKING:
    from latent_studio.training.config import TrainConfig

# What names the size of pictures and the number of classes: the data decide it, not the preset.
_SIZES = frozenset({"resolution", "channels", "classes", "img_resolution", "img_channels", "c_dim"})
# What belongs to one run or one machine and not to the method.
_OF_A_RUN = frozenset(
    {
        "generator",
        "discriminator",
        "data",
        "resolution",
        "channels",
        "classes",
        "preset",
        "limit",
        "seed",
        "init",
        "metrics_features",
        "device",
        "threads",
    }
)
# How long, how often and with what means.
_PACE = frozenset({"precision", "channels_last", "accumulate"})


def all_presets() -> dict[str, Preset]:
    """The program's presets in their order, then the person's; the program's names are its own."""
    found = dict(bundled.PRESETS)
    for name, values in user_presets.read_user_presets().items():
        preset = _from_json(name, values)
        if preset is not None:
            found.setdefault(name, preset)
    return found


def find_preset(name: str) -> Preset:
    """The preset called ``name``, the program's or the person's.

    Raises
    ------
    OptionError
        Listing the known ones.
    """
    if name in bundled.PRESETS:
        return bundled.PRESETS[name]
    presets = all_presets()
    if name not in presets:
        raise OptionError(f"There is no preset '{name}'. Choose one of: {', '.join(presets)}.")
    return presets[name]


def is_own_preset(name: str) -> bool:
    """Whether the person keeps a preset of that name."""
    return name not in bundled.PRESETS and name in all_presets()


def save_preset(preset: Preset, origin: Mapping[str, Any] | None = None) -> Path:
    """Keep a preset in the person's folder; returns its file.

    Parameters
    ----------
    origin
        Where it comes from, for the person who reads the file.

    Raises
    ------
    OptionError
        The name is one of the program's, or no name for a file.
    """
    if preset.name in bundled.PRESETS:
        raise OptionError(
            f"The preset {preset.name} comes with the program; choose another name for yours."
        )
    values = {entry.name: _plain(getattr(preset, entry.name)) for entry in fields(Preset)}
    del values["name"]
    return user_presets.write_user_preset(preset.name, {**values, "origin": dict(origin or {})})


def preset_origin(name: str) -> dict[str, Any]:
    """What was noted of a person's preset when it was saved; empty if it is not known."""
    origin = user_presets.read_user_presets().get(name, {}).get("origin")
    return dict(origin) if isinstance(origin, Mapping) else {}


def preset_from_config(config: "TrainConfig", name: str, title: str, summary: str) -> Preset:
    """A preset that trains other data the way ``config`` trains its own.

    How long and how often (kimg, ticks, grids, files) is that of the preset ``config`` came from,
    since a search trains shorter than a person will.
    """
    from latent_studio.training.config import CHANGEABLE, TrainConfig

    base = all_presets().get(config.preset)
    kept = (CHANGEABLE | _PACE) if base is not None else frozenset()
    options: dict[str, Any] = {}
    for entry in fields(TrainConfig):
        if entry.name in _OF_A_RUN:
            continue
        if entry.name in kept and base is not None:
            if entry.name in base.options:
                options[entry.name] = base.options[entry.name]
        elif getattr(config, entry.name) != _default(entry):
            options[entry.name] = _plain(getattr(config, entry.name))
    beside = config.discriminator.architecture
    return Preset(
        name=name,
        title=title,
        summary=summary,
        architecture=config.generator.architecture,
        resolution=config.resolution,
        channels=config.channels,
        generator=_without_sizes(config.generator.config),
        discriminator=_without_sizes(config.discriminator.config),
        options=options,
        discriminator_architecture="" if beside == config.generator.architecture else beside,
    )


def _from_json(name: str, values: Mapping[str, Any]) -> Preset | None:
    """The preset in a person's file, or None where the file makes none."""
    known = {entry.name for entry in fields(Preset)}
    try:
        preset = Preset(name=name, **{k: v for k, v in values.items() if k in known - {"name"}})
    except TypeError:
        return None
    texts = (preset.title, preset.summary, preset.architecture, preset.discriminator_architecture)
    numbers = (preset.resolution, preset.channels)
    parts = (preset.generator, preset.discriminator, preset.options)
    good = (
        all(isinstance(text, str) for text in texts)
        and all(isinstance(number, int) for number in numbers)
        and all(isinstance(part, Mapping) for part in parts)
        and bool(preset.architecture)
    )
    return preset if good else None


def _default(entry: Field[Any]) -> Any:
    return entry.default_factory() if entry.default_factory is not MISSING else entry.default


def _plain(value: Any) -> Any:
    """``value`` in the types that JSON gives back."""
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    return [_plain(entry) for entry in value] if isinstance(value, list | tuple) else value


def _without_sizes(arguments: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in arguments.items() if name not in _SIZES}
