"""Training runs on this machine: list, show, rename, annotate, delete.

Listing reads small files only. Comparing is in :mod:`latent_studio.jobs.compare`.
"""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from latent_studio.errors import RunError, StudioError
from latent_studio.events import CheckpointSaved, Emit, Event, RunFinished, RunStarted
from latent_studio.storage import paths, run_removal
from latent_studio.storage.alarm_log import RAISED, AlarmRow, open_alarms
from latent_studio.storage.file_lock import is_locked
from latent_studio.storage.run_folder import RunFolder, is_run
from latent_studio.storage.run_notes import (
    Outcome,
    read_note,
    read_outcome,
    write_note,
    write_outcome,
)

RUNNING, STOPPED, DONE, FAILED, DAMAGED = "running", "stopped", "done", "failed", "damaged"
_DEPTH = 3
_LOSS = "loss/"
_METRIC = "metric/"


@dataclass(frozen=True)
class RunSummary:
    """One run of a list.

    Attributes
    ----------
    name
        Its folder, as seen from the folder that was listed.
    state
        ``running``, ``stopped``, ``done``, ``failed`` or ``damaged``.
    message
        Why it failed or can't be read.
    losses, metrics
        The newest ones by name.
    seconds
        Time spent training.
    alarms, standing
        How many alarms were raised, and the kinds of those that have not passed.
    bytes
        Size of its files.
    changed
        When it was last written to (seconds since 1970).
    """

    name: str
    path: Path
    state: str
    preset: str = ""
    architecture: str = ""
    resolution: int = 0
    objective: str = ""
    kimg: float = 0.0
    total_kimg: float = 0.0
    seconds: float = 0.0
    losses: Mapping[str, float] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    data: str = ""
    note: str = ""
    message: str = ""
    alarms: int = 0
    standing: tuple[str, ...] = ()
    bytes: int = 0
    changed: float = 0.0


def list_runs(folder: str | Path | None = None) -> list[RunSummary]:
    """The runs in ``folder`` and its sub-folders, those written to last first.

    Parameters
    ----------
    folder
        None: where runs go that are begun without naming a folder. A run's own folder gives it.

    Raises
    ------
    RunError
        There is no such folder.
    """
    root = paths.runs_dir() if folder is None else Path(folder).expanduser()
    if not root.is_dir():
        raise RunError(f"There is no folder {root}. Give the folder that holds your runs.")
    if is_run(root):
        return [describe_run(root)]
    found = _find(root, _DEPTH)
    runs = [replace(describe_run(path), name=path.relative_to(root).as_posix()) for path in found]
    return sorted(runs, key=lambda run: run.changed, reverse=True)


def find_run(name: str | Path, folder: str | Path | None = None) -> Path:
    """The run's folder that ``name`` means: a path, or a name in ``folder``.

    Raises
    ------
    RunError
        Neither is a run.
    """
    path = Path(name).expanduser()
    if is_run(path):
        return path
    root = paths.runs_dir() if folder is None else Path(folder).expanduser()
    if is_run(root / path):
        return root / path
    raise RunError(f"There is no run {name}, neither here nor in {root}. See 'latent-studio runs'.")


def describe_run(path: str | Path) -> RunSummary:
    """What is known of the run in ``path``; one that can't be read is ``damaged``."""
    path = Path(path)
    known = RunSummary(
        path.name, path, DAMAGED, note=read_note(path), bytes=run_removal.run_bytes(path)
    )
    known = replace(known, changed=_changed(path))
    try:
        run = RunFolder.open(path, write=False)
    except StudioError as error:
        return replace(known, message=error.message)
    config, stats, outcome = run.config, run.last_stats(), read_outcome(path)
    kimg, total = _number(stats.get("kimg")), _number(config.get("total_kimg"))
    saved, alarms = run.snapshots(), _alarms(run)
    kimg = max(kimg, outcome.kimg, saved[-1].kimg if saved else 0.0)
    state = _state(path, outcome, kimg, total)
    return replace(
        known,
        state=state,
        preset=_text(config.get("preset")),
        architecture=_text(_mapping(config.get("generator")).get("architecture")),
        resolution=int(_number(config.get("resolution"))),
        objective=_text(config.get("objective")),
        kimg=kimg,
        total_kimg=total,
        seconds=_number(stats.get("seconds")),
        losses=_named(stats, _LOSS),
        metrics={**_named(stats, _METRIC), **outcome.metrics},
        data=_text(config.get("data")),
        message=outcome.message if state == FAILED else "",
        alarms=sum(row.what == RAISED for row in alarms),
        standing=tuple(row.alarm.kind for row in open_alarms(alarms)),
    )


def rename_run(path: str | Path, name: str) -> Path:
    """Give a run another name; returns its new folder.

    Raises
    ------
    RunError
        The name is taken or none, or a training is running there.
    """
    return run_removal.rename_run(path, name)


def annotate_run(path: str | Path, note: str) -> None:
    """Write a note about a run, also while it runs; an empty note removes it.

    Raises
    ------
    RunError
        It is no run, or the note can't be written.
    """
    write_note(run_removal.checked_run(path), note)


def delete_run(path: str | Path) -> list[Path]:
    """Delete a run's files; returns what stays of its folder because it was not the run's.

    Raises
    ------
    RunError
        It is no run, or a training is running there.
    """
    return run_removal.delete_run(path)


def remember_end(emit: Emit) -> Emit:
    """An ``emit`` that passes events on and notes in the run's folder how its training ended."""
    return _Remembered(emit)


class _Remembered:
    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._folder: Path | None = None
        self._kept = False

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._folder, self._kept = Path(event.folder), event.resumed
            if event.resumed:
                _note_end(self._folder, "", "", event.kimg)
        elif isinstance(event, CheckpointSaved):
            self._kept = True
        elif isinstance(event, RunFinished) and self._folder is not None and self._kept:
            _note_end(self._folder, event.reason, event.message, event.kimg)
        self._emit(event)


def _note_end(folder: Path, reason: str, message: str, kimg: float) -> None:
    """An end that can't be noted (a full disk) must not hide what ended the training."""
    try:
        known = read_outcome(folder)
        write_outcome(folder, Outcome(reason, message, kimg, known.metrics))
    except StudioError:
        return


def _find(folder: Path, depth: int) -> list[Path]:
    try:
        inside = sorted(entry for entry in folder.iterdir() if entry.is_dir())
    except OSError:
        return []
    found: list[Path] = []
    for entry in inside:
        if is_run(entry):
            found.append(entry)
        elif depth > 1 and not entry.name.startswith("."):
            found.extend(_find(entry, depth - 1))
    return found


def _state(path: Path, outcome: Outcome, kimg: float, total: float) -> str:
    if is_locked(path / "lock"):
        return RUNNING
    if outcome.reason == FAILED:
        return FAILED
    return DONE if total and kimg >= total else STOPPED


def _alarms(run: RunFolder) -> list[AlarmRow]:
    try:
        return run.read_alarms()
    except StudioError:
        return []


def _changed(path: Path) -> float:
    times = []
    for name in ("config.json", "stats.jsonl", "checkpoint.safetensors"):
        try:
            times.append(os.stat(path / name).st_mtime)
        except OSError:
            continue
    return max(times, default=0.0)


def _named(values: Mapping[str, Any], prefix: str) -> dict[str, float]:
    return {
        name.removeprefix(prefix): float(value)
        for name, value in values.items()
        if name.startswith(prefix) and isinstance(value, int | float)
    }


def _number(value: Any) -> float:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if good else 0.0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
