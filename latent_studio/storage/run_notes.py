"""What is known of a run beside its training: a person's note, and how it ended.

::

    note.txt       what a person wrote about the run
    outcome.json   how the training ended last, and what was measured of it

Each file has one writer (the person, the training), so that neither overwrites the other.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from latent_studio.errors import RunError
from latent_studio.storage import atomic

NOTE_FILE = "note.txt"
OUTCOME_FILE = "outcome.json"
MAX_NOTE = 10_000


@dataclass(frozen=True)
class Outcome:
    """How a training ended last.

    Attributes
    ----------
    reason
        ``done``, ``stopped``, ``failed``, or empty while it goes on.
    message
        Why it failed.
    metrics
        Finite numbers measured of its newest model.
    """

    reason: str = ""
    message: str = ""
    kimg: float = 0.0
    metrics: Mapping[str, float] = field(default_factory=dict)


def read_note(run: Path) -> str:
    """The person's note; empty where there is none or it can't be read."""
    try:
        return (run / NOTE_FILE).read_text(encoding="utf-8").strip()[:MAX_NOTE]
    except (OSError, ValueError):
        return ""


def write_note(run: Path, note: str) -> None:
    """Keep a note; an empty one removes it.

    Raises
    ------
    RunError
        It is too long, or can't be written.
    """
    note = note.strip()
    if len(note) > MAX_NOTE:
        raise RunError(f"A note has at most {MAX_NOTE:,} characters, this one {len(note):,}.")
    path = run / NOTE_FILE
    if note:
        atomic.write_text(path, note + "\n", error=RunError)
        return
    try:
        atomic.remove(path)
    except OSError as error:
        raise RunError(atomic.explain(error, path), repr(error)) from error


def read_outcome(run: Path) -> Outcome:
    """What the training left; an empty outcome where nothing or nonsense is there."""
    try:
        values = json.loads((run / OUTCOME_FILE).read_text(encoding="utf-8"))
        metrics = {str(name): float(value) for name, value in values["metrics"].items()}
        return Outcome(
            str(values["reason"]), str(values["message"]), float(values["kimg"]), metrics
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return Outcome()


def write_outcome(run: Path, outcome: Outcome) -> None:
    """Keep how a training ended.

    Raises
    ------
    RunError
        It can't be written.
    """
    values: dict[str, Any] = asdict(outcome)
    values["metrics"] = {k: v for k, v in outcome.metrics.items() if math.isfinite(v)}
    atomic.write_text(run / OUTCOME_FILE, json.dumps(values, indent=2) + "\n", error=RunError)
