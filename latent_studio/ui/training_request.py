"""What the training dock asks for, and how a worker thread carries it out.

Nothing here imports torch until :func:`carry_out` or a loader runs, which is on a worker.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from latent_studio.errors import OptionError
from latent_studio.events import Emit, ignore
from latent_studio.mailbox import LatestSlot, StopToken

if TYPE_CHECKING:
    from latent_studio.training.presets import Preset

PROCEDURAL = "procedural-faces"
DEFAULT_PRESET = "dcgan-64"


@dataclass(frozen=True)
class TrainRequest:
    """A training to start, or with ``resume`` one to go on with (then only ``folder`` counts)."""

    data: str
    preset: str
    folder: str
    kimg: float | None = None
    resume: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    conditional: bool = False
    """Learn the classes of the data."""

    @property
    def name(self) -> str:
        return Path(self.folder).name


@dataclass(frozen=True)
class PresetInfo:
    """A preset as the dock shows it."""

    name: str
    title: str
    summary: str
    total_kimg: float
    conditional: bool = False
    """Whether its networks can learn classes."""
    metrics: str = ""
    """What it measures itself by, names with commas between."""


@dataclass(frozen=True)
class Choices:
    """What a new run can be made of: presets, objectives (name to title), settings."""

    presets: list[PresetInfo]
    objectives: dict[str, str]
    settings: tuple[str, ...] = ()
    """Names that a further setting may have."""
    metrics: dict[str, str] = field(default_factory=dict)
    """What a run may measure itself by (name to title)."""


@dataclass(frozen=True)
class NewRun:
    """What the form of a new run holds beside data, preset, name and length.

    Empty texts leave the choice to the preset; ``more`` are lines ``key=value``.
    """

    objective: str = ""
    augment: str = ""
    conditional: bool = False
    init: str = ""
    more: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    metrics_every: int = 1
    """Measure at every so many model files."""

    def options(self) -> dict[str, Any]:
        """For :func:`latent_studio.jobs.train.train`.

        Raises
        ------
        OptionError
            For a line that is no ``key=value``.
        """
        chosen = {"objective": self.objective, "augment": self.augment, "init": self.init}
        options: dict[str, Any] = {name: value for name, value in chosen.items() if value}
        if self.metrics:
            options |= {"metrics": ",".join(self.metrics), "metrics_every": self.metrics_every}
        return {**options, **dict(parse_setting(line) for line in self.more)}


class CommandLink:
    """Passes commands to a trainer that makes its queue only when it starts (it needs torch)."""

    def __init__(self) -> None:
        self._queue: Any = None
        self._waiting: list[tuple[str, float]] = []

    def send(self, name: str, value: float = 0.0) -> None:
        """Ask the trainer for one of the settings or actions of ``training.commands``."""
        if self._queue is None:
            self._waiting.append((name, value))
            return
        from latent_studio.training.commands import Command

        self._queue.put(Command(name, value))

    def attach(self) -> Any:
        """Make the queue (on the trainer's thread) and hand over what has waited."""
        from latent_studio.training.commands import CommandQueue

        self._queue = CommandQueue()
        waiting, self._waiting = self._waiting, []
        for name, value in waiting:
            self.send(name, value)
        return self._queue


def carry_out(
    request: TrainRequest,
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
    snapshots: LatestSlot[Any] | None = None,
    link: CommandLink | None = None,
    yielder: Any = None,
) -> Any:
    """Train as asked (on the calling thread); returns the trainer's ``RunFinished``."""
    from latent_studio.jobs.train import train

    options = dict(request.options)
    if request.kimg:
        options["total_kimg"] = request.kimg
    return train(
        request.folder,
        data=request.data or None,
        preset=request.preset or None,
        resume=request.resume,
        conditional=request.conditional,
        options=options,
        emit=emit,
        token=token,
        snapshots=snapshots,
        commands=link.attach() if link is not None else None,
        yielder=yielder,
    )


def load_presets() -> Choices:
    """The presets alone, which do not need torch."""
    from latent_studio.training.presets import PRESETS

    return Choices(_described(PRESETS.values()), {})


def load_choices() -> Choices:
    """All presets (a person's own, too), objectives and settings; imports torch."""
    from dataclasses import fields

    from latent_studio.jobs.presets import all_presets
    from latent_studio.metrics.registry import METRICS
    from latent_studio.training.config import TrainConfig
    from latent_studio.training.losses import OBJECTIVES

    names = {entry.name for entry in fields(TrainConfig)} - _OWN_CONTROLS
    objectives = {name: entry.title for name, entry in OBJECTIVES.items()}
    presets = _described(all_presets().values())
    # a run has no file of weights at hand for the others
    metrics = {m.name: m.title for m in METRICS.values() if m.features in ("", "random")}
    return Choices(presets, objectives, tuple(sorted(names)), metrics)


def _described(presets: Iterable["Preset"]) -> list[PresetInfo]:
    return [
        PresetInfo(
            preset.name,
            preset.title,
            preset.summary,
            float(preset.options.get("total_kimg", 1000)),
            preset.conditional,
            str(preset.options.get("metrics", "")),
        )
        for preset in presets
    ]


# What the window has controls of its own for, or sets by itself.
_OWN_CONTROLS = frozenset(
    {
        "generator",
        "discriminator",
        "data",
        "preset",
        "objective",
        "augment",
        "classes",
        "init",
        "metrics",
        "metrics_every",
        "total_kimg",
    }
)


def setting_line(name: str, value: Any) -> str:
    """What :func:`parse_setting` reads as ``name`` and ``value``."""
    return f"{name}={value if _is_plain(value) else json.dumps(value)}"


def _is_plain(value: Any) -> bool:
    """Whether a text is read as itself and not as a number or a list."""
    if not isinstance(value, str):
        return False
    try:
        json.loads(value)
    except (ValueError, RecursionError):
        return bool(value) and value == value.strip()
    return False


def split_options(options: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Options of a training as the form holds them: those with a control of their own, and lines
    for the others. What belongs to data and length is left out.
    """
    own = {name: options[name] for name in _OWN_CONTROLS if name in options}
    rest = {name: value for name, value in options.items() if name not in _OWN_CONTROLS}
    return own, [setting_line(name, value) for name, value in rest.items()]


def parse_setting(line: str) -> tuple[str, Any]:
    """``key=value`` as the command line's ``--set`` takes it: a JSON value, or else text.

    Raises
    ------
    OptionError
        If ``line`` is something else.
    """
    key, equals, value = (part.strip() for part in line.partition("="))
    if not (key and equals and value):
        raise OptionError(f"Write a setting as key=value, such as batch=32, not {line.strip()!r}.")
    try:
        return key, json.loads(value)
    except (ValueError, RecursionError):
        return key, value


def check_settings(preset: str, lines: Sequence[str], beside: Mapping[str, Any]) -> list[str]:
    """What is wrong with each of ``lines`` (``key=value``; empty: nothing) for a run of ``preset``
    with the options ``beside``. Imports torch.
    """
    from latent_studio.jobs.presets import find_preset

    problems, good = [], dict(beside)
    for line in lines:
        try:
            key, value = parse_setting(line)
            if key in _OWN_CONTROLS:
                raise OptionError(f"'{key}' has a control of its own in the window; use that.")
            find_preset(preset).config(PROCEDURAL, **{**good, key: value})
        except OptionError as error:
            problems.append(error.message)
        else:
            good[key] = value
            problems.append("")
    return problems


def check_run(
    preset: str, lines: Sequence[str], beside: Mapping[str, Any]
) -> tuple[list[str], str]:
    """What is wrong with each of ``lines``, and, if nothing is, with the run as a whole. Imports
    torch.
    """
    from latent_studio.jobs.presets import find_preset
    from latent_studio.training.measuring import check_metrics

    problems = check_settings(preset, lines, beside)
    if any(problems):
        return problems, ""
    try:
        options = {**beside, **dict(map(parse_setting, lines))}
        check_metrics(find_preset(preset).config(PROCEDURAL, **options))
    except OptionError as error:
        return problems, error.message
    return problems, ""


def load_report(spec: str) -> Any:
    """The :class:`~latent_studio.data.report.DataReport` of a source; reads the whole source."""
    from latent_studio.data.source import open_source

    return open_source(spec).report()


def runs_folder(chosen: str) -> Path:
    """Where new runs go: ``chosen``, or the platform's place."""
    if chosen:
        return Path(chosen)
    from latent_studio.storage import paths

    return paths.runs_dir()


def data_title(spec: str) -> str:
    """A short name of a data specification, for labels and run names."""
    if not spec or spec.split(":")[0] == PROCEDURAL:
        return PROCEDURAL
    name = Path(spec).name
    return re.sub(r"(\.(zip|gz|idx\d?-ubyte|tar))+$", "", name, flags=re.IGNORECASE) or name


def suggest_name(data: str, preset: str, runs: Path) -> str:
    """A run name that is not taken yet: ``faces-dcgan-64``, ``faces-dcgan-64-2`` …"""
    base = re.sub(r"[^\w.-]+", "-", f"{data_title(data)}-{preset}").strip("-.") or "run"
    name, number = base, 1
    while (runs / name).exists():
        number += 1
        name = f"{base}-{number}"
    return name
