"""The trials of a search, for somebody who looks at them while it goes on, or long after."""

import os
import platform
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from latent_studio.errors import OptionError, RunError
from latent_studio.jobs.presets import is_own_preset
from latent_studio.jobs.search import Search
from latent_studio.jobs.study import Study, TrialRow
from latent_studio.jobs.study_storage import Storage, shown_url, storage_url
from latent_studio.storage.run_folder import is_run
from latent_studio.storage.user_presets import check_preset_name

STUDY_NAME = "tune"
_SQLITE = "sqlite:///"


@dataclass(frozen=True)
class TrialTable:
    """A study as a table.

    Attributes
    ----------
    source
        What it was read from: a folder, a file or a storage URL.
    studies
        Names of all studies there.
    metrics, maximize
        Names of the values of each trial, and whether large ones are good.
    best
        Numbers of the best trials: one, or the Pareto front.
    request
        What the search was begun with; empty for a study of another program.
    runs
        Folders of the trials' runs, by number, as far as they are on this computer.
    """

    source: str
    study: str
    studies: tuple[str, ...]
    metrics: tuple[str, ...]
    maximize: tuple[bool, ...]
    trials: tuple[TrialRow, ...]
    best: tuple[int, ...]
    request: Mapping[str, Any] = field(default_factory=dict)
    runs: Mapping[int, str] = field(default_factory=dict)

    @property
    def params(self) -> tuple[str, ...]:
        """Names of all settings that were varied."""
        return tuple(dict.fromkeys(name for trial in self.trials for name in trial.params))

    def settings(self, trial: TrialRow) -> dict[str, Any]:
        """Options of a training like that of ``trial``, of any length."""
        return {**self.request.get("options", {}), **trial.params}


def read_trials(source: str, study: str = "") -> TrialTable:
    """The trials of a study, which other processes may be adding to.

    Parameters
    ----------
    source
        Folder of a search, its SQLite file, or an Optuna storage URL.
    study
        Its name; empty: ``tune``, or the only or last one there.

    Raises
    ------
    OptionError
        Optuna is not installed.
    RunError
        There is no such study; nothing is written, whatever ``source`` is.
    """
    storage = _open(source)
    try:
        names = storage.names()
        if not names:
            raise RunError(f"{shown_url(source)} holds no study yet.")
        chosen = study or (STUDY_NAME if STUDY_NAME in names else names[-1])
        found = Study(storage, chosen)
        trials, request = tuple(found.rows()), found.request
        return TrialTable(
            source,
            chosen,
            tuple(names),
            tuple(request.get("metrics") or found.value_names),
            found.maximize,
            trials,
            tuple(found.best()),
            request,
            _runs(source, trials),
        )
    finally:
        storage.close()


def keep_trial(source: str, study: str, number: int, name: str) -> Path:
    """Make the settings of a trial a preset called ``name``; returns its file.

    Raises
    ------
    StudioError
        There is no such trial, the study was made by another program, or the name can't be used.
    """
    if is_own_preset(check_preset_name(name)):
        raise OptionError(f"You have a preset {name} already; choose another name.")
    storage = _open(source)
    try:
        found = Study(storage, study)
        if not found.request:
            raise RunError(f"The study {study} was not made by 'latent-studio tune'.")
        return Search(Path(), found, found.request).save(number, name)
    finally:
        storage.close()


def trials_mark(source: str) -> tuple[tuple[int, int], ...]:
    """Something that changes when a study in a file does; empty for a database elsewhere."""
    path = _file(source)
    if path is None:
        return ()
    return tuple(_stat(path.with_name(path.name + end)) for end in ("", "-wal", "-journal"))


def _open(source: str) -> Storage:
    path = _file(source)
    if path is None:
        return Storage(source, make=False)
    _check_file(path)
    return Storage(_SQLITE + path.as_posix(), make=False)


def _file(source: str) -> Path | None:
    """The SQLite file that ``source`` means; None for a server."""
    if source.startswith(_SQLITE):
        return Path(source.removeprefix(_SQLITE).partition("?")[0])
    if "://" in source:
        return None
    path = Path(source).expanduser().absolute()
    return Path(storage_url(path).removeprefix(_SQLITE)) if path.is_dir() else path


def _check_file(path: Path) -> None:
    """Refuse a file that is no study before it is opened as one."""
    if not path.is_file():
        raise RunError(f"There is no search in {path.parent}: it has no {path.name}.")
    try:
        with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as connection:
            rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = {name for (name,) in rows}
        connection.close()
    except sqlite3.Error as error:
        raise RunError(f"{path} is no study: {error}.", repr(error)) from error
    if not {"studies", "trials"} <= tables:
        raise RunError(f"{path} is no study: it has no table of trials. Choose another file.")


def _runs(source: str, trials: tuple[TrialRow, ...]) -> dict[int, str]:
    beside, here = _file(source), platform.node()
    found = {}
    for trial in trials:
        host, _, place = trial.place.partition(":")
        folders = [Path(place)] if place and host == here else []
        folders += [beside.parent] if beside is not None else []  # the folder may have been moved
        runs = (folder / trial.run for folder in folders if trial.run)
        run = next((run for run in runs if is_run(run)), None)
        if run is not None:
            found[trial.number] = str(run)
    return found


def _stat(path: Path) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
