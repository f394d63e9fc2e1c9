"""What long work tells: a closed set of small frozen records.

They hold identifiers, numbers and numpy arrays, never tensors, so that they can cross threads, be
written to a log and be shown by anything. Emitters call ``emit(event)``; the receiver decides what
to do with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np


@dataclass(frozen=True)
class Progress:
    """How far a job is. ``total`` is 0 while it is unknown; ``eta_s`` is None until measured.

    ``unit`` says what is counted: ``B`` for bytes, empty for steps.
    """

    done: int
    total: int
    message: str = ""
    eta_s: float | None = None
    unit: str = ""


@dataclass(frozen=True)
class Notice:
    """Something a person should know. ``level`` is ``info``, ``warning`` or ``error``."""

    level: str
    message: str
    detail: str = ""


@dataclass(frozen=True, eq=False)
class Preview:
    """What long work on a picture has come to so far.

    ``image`` is uint8 ``[H, W, C]`` with C = 1 or 3; ``points`` ``(x, y)`` places in it, in pixels;
    ``value`` a number that the work drives at (dB of an inversion, pixels left of a drag).
    """

    image: np.ndarray
    value: float = 0.0
    points: tuple[tuple[float, float], ...] = ()
    title: str = ""


@dataclass(frozen=True)
class RunStarted:
    """A training began or was resumed at ``kimg`` thousand images."""

    run: str
    folder: str
    preset: str
    kimg: float
    total_kimg: float
    resumed: bool
    data: str = ""


@dataclass(frozen=True)
class TrainTick:
    """Statistics of one tick (means over the steps since the last one).

    ``values`` maps names to floats: ``loss/G``, ``loss/D``, ``loss/R1``, ``score/real``,
    ``score/fake``, ``grad/G``, ``grad/D``, ``lr/G``, ``lr/D``, ``diversity`` and whatever an
    objective adds. They are what ``stats.jsonl`` holds, too.
    """

    run: str
    step: int
    kimg: float
    total_kimg: float
    seconds: float
    images_per_second: float
    eta_s: float | None
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class SampleGrid:
    """Pictures of the EMA generator for the run's fixed latents.

    ``images`` is uint8 ``[N, H, W, C]`` with C = 1 or 3; ``path`` the PNG on disk, if written.
    """

    run: str
    kimg: float
    images: np.ndarray
    columns: int
    path: str = ""


@dataclass(frozen=True)
class SnapshotSaved:
    """An EMA model file was written."""

    run: str
    kimg: float
    path: str


@dataclass(frozen=True)
class CheckpointSaved:
    """The full state was written; a crash from here on loses nothing before ``kimg``."""

    run: str
    kimg: float
    path: str


@dataclass(frozen=True)
class Alarm:
    """A training goes wrong: one sentence of cause, the evidence, and a proposed change."""

    run: str
    kind: str
    message: str
    evidence: str = ""
    proposal: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class AlarmCleared:
    """What the alarm of this kind told of has passed."""

    run: str
    kind: str


@dataclass(frozen=True)
class RunFinished:
    """A training ended. ``reason`` is ``done``, ``stopped`` or ``failed``."""

    run: str
    reason: str
    kimg: float
    message: str = ""


Event: TypeAlias = (
    Progress
    | Notice
    | Preview
    | RunStarted
    | TrainTick
    | SampleGrid
    | SnapshotSaved
    | CheckpointSaved
    | Alarm
    | AlarmCleared
    | RunFinished
)
Emit: TypeAlias = Callable[[Event], None]


def ignore(event: Event) -> None:
    """An ``emit`` for callers who do not listen."""
