"""What the training dock asks for, and how a worker thread carries it out.

Nothing here imports torch until :func:`carry_out` or a loader runs, which is on a worker.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from latent_studio.events import Emit, ignore
from latent_studio.mailbox import LatestSlot, StopToken

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


class CommandLink:
    """Passes commands to a trainer that makes its queue only when it starts (it needs torch)."""

    def __init__(self) -> None:
        self._queue: Any = None
        self._waiting: list[tuple[str, float]] = []

    def send(self, name: str, value: float = 0.0) -> None:
        """Ask the trainer for ``name``: ``save``, ``lr``, ``g_lr``, ``d_lr`` or ``r1_gamma``."""
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

    options = {**request.options, "total_kimg": request.kimg or None}
    return train(
        request.folder,
        data=request.data or None,
        preset=request.preset or None,
        resume=request.resume,
        options=options,
        emit=emit,
        token=token,
        snapshots=snapshots,
        commands=link.attach() if link is not None else None,
        yielder=yielder,
    )


def load_presets() -> list[PresetInfo]:
    """All presets; imports torch."""
    from latent_studio.training.presets import PRESETS

    return [
        PresetInfo(
            preset.name, preset.title, preset.summary, float(preset.options.get("total_kimg", 1000))
        )
        for preset in PRESETS.values()
    ]


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
