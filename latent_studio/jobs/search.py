"""The work of a search: take a trial, train it, note how it ended, keep the best as a preset."""

import contextlib
import platform
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from latent_studio.data.dataset import ImageDataset, open_dataset
from latent_studio.errors import OptionError, RunError
from latent_studio.events import Emit, Notice
from latent_studio.jobs.presets import (
    find_preset,
    is_own_preset,
    preset_from_config,
    preset_origin,
    save_preset,
)
from latent_studio.jobs.running_metric import Aim, RunningMetric, find_aims
from latent_studio.jobs.search_space import (
    Param,
    check_space,
    grid_points,
    read_space,
)
from latent_studio.jobs.study import (
    Method,
    Study,
    TrialRow,
)
from latent_studio.jobs.study_storage import quiet
from latent_studio.jobs.trial import FAILED, PRUNED, STOPPED, Ending, Training, run_trial
from latent_studio.mailbox import StopToken
from latent_studio.models.registry import build_discriminator, empty_generator
from latent_studio.storage import atomic
from latent_studio.storage.file_lock import FileLock, LockedError
from latent_studio.storage.paths import cache_dir
from latent_studio.training.config import CHANGEABLE, TrainConfig

_NOT_SEARCHED = CHANGEABLE | {"generator", "discriminator", "resolution", "channels", "classes"}
_SAME_FAILURES = 3


@dataclass(frozen=True)
class TuneResult:
    """What a search found.

    Attributes
    ----------
    reason
        ``done``, or ``stopped``: begun again it goes on.
    metrics
        Names of the values of each trial.
    best
        Numbers of the best trials: one, or the Pareto front of several metrics.
    preset
        Name of the preset that the best trial became; empty if there is none yet.
    """

    reason: str
    study: str
    storage: str
    metrics: tuple[str, ...]
    trials: tuple[TrialRow, ...]
    best: tuple[int, ...]
    preset: str = ""


class Search:
    """A study, and what its trials have in common."""

    def __init__(self, folder: Path, study: Study, request: Mapping[str, Any]) -> None:
        self.folder, self.study, self.request = folder, study, dict(request)
        self.space = check_space(read_space(request["space"]))
        self.training = Training(
            **{name: request[name] for name in ("data", "preset", "conditional")},
            **{name: request[name] for name in ("kimg", "every", "options")},
        )
        self.method = Method(
            request["sampler"],
            request["pruner"],
            request["seed"],
            max(1, round(request["kimg"] / request["every"])),
            request["population"],
        )

    def config(self, params: Mapping[str, Any] | None = None) -> TrainConfig:
        """The configuration of a trial, for nothing but its settings."""
        return find_preset(self.training.preset).config(
            self.training.data, **self.training.settings(params or {})
        )

    # -- searching --------------------------------------------------------------------------------

    def run(self, total: int, save_as: str | None, emit: Emit, token: StopToken) -> TuneResult:
        self._check_combinations()
        config = self.config()
        dataset = _dataset(config, emit, token)
        samples = self.request["samples"]
        aims = self._aims(config.resolution, min(samples, len(dataset)))
        metric = RunningMetric(aims, dataset, samples, self._features)
        if self.method.sampler == "grid":
            total = min(total, len(grid_points(self.space)))
        worker, reasons = _worker(self.folder), list[str]()
        self.study.give_up_lost()
        while not token.stopped:
            taken = self._take(total, worker)
            if taken is None:
                break
            trial, lock = taken
            try:
                ending = self._work(trial, aims, metric, emit, token)
            finally:
                lock.release()
            reasons.append(re.sub(r"[\d.]+", "", ending.reason) if ending.state == FAILED else "")
            _check_reasons(reasons, ending)
        return self.result(self._save_best(save_as, emit), stopped=token.stopped)

    @property
    def _features(self) -> str:
        return str(self.request.get("features", ""))  # older studies do not say

    def _aims(self, resolution: int, samples: int) -> tuple[Aim, ...]:
        return find_aims(self.request["metrics"], resolution, samples, self._features)

    def _take(self, total: int, worker: str) -> tuple[Any, FileLock] | None:
        """A trial that nobody else works on, and its lock: an unfinished one, or a new one."""
        while True:
            for number in self.study.unfinished(worker):
                lock = self._lock(number)
                if lock is None:
                    continue
                if self.study.is_running(number):
                    return self.study.attach(number, self.method), lock
                lock.release()  # ended while this process was looking
            trial = self.study.claim(total, self.method, self.space, worker)
            if trial is None:
                return None
            lock = self._lock(trial.number)
            if lock is not None:
                return trial, lock
            # a second process in this folder found the trial before it was locked, and does it

    def _lock(self, number: int) -> FileLock | None:
        locks = self.folder / ".locks"
        try:
            locks.mkdir(exist_ok=True)
            return FileLock(locks / f"{self._run_name(number)}.lock")
        except LockedError:
            return None
        except OSError as error:
            raise RunError(atomic.explain(error, locks), repr(error)) from error

    def _run_name(self, number: int) -> str:
        return f"{self.study.name}-{number:04d}"

    def _work(
        self, trial: Any, aims: Sequence[Aim], metric: RunningMetric, emit: Emit, token: StopToken
    ) -> Ending:
        name = self._run_name(trial.number)
        with quiet():
            params = self.study.choose(trial, self.space)
        place = f"{platform.node()}:{self.folder}"
        for key, fact in (("run", name), ("place", place), ("params", params)):
            trial.set_user_attr(key, fact)
        values = "  ".join(f"{key} {_short(value)}" for key, value in params.items())
        emit(Notice("info", f"Trial {trial.number}: {values}"))
        ending = run_trial(
            trial, self.folder / name, self.training, params, aims, metric, emit=emit, token=token
        )
        if ending.state == STOPPED:
            return ending
        self.study.finish(trial, ending.state, ending.values, ending.reason)
        found = "  ".join(
            f"{aim.name} {value:.4g}" for aim, value in zip(aims, ending.values, strict=False)
        )
        level = "warning" if ending.state == FAILED else "info"
        why = f" ({ending.reason})" if ending.state in (FAILED, PRUNED) else ""
        emit(Notice(level, f"Trial {trial.number} {ending.state}{why}  {found}".rstrip()))
        return ending

    def _check_combinations(self) -> None:
        """Refuse names and values that no trial could use before anything is trained."""
        for param in self.space:
            name = param.name
            if name in _NOT_SEARCHED:
                raise OptionError(f"{name} can't be searched: trials would not be comparable.")
        for end in (0, -1):
            ends = {p.name: p.choices[end] if p.choices else _end(p, end) for p in self.space}
            config = self.config(ends)
            for name, least in (("generator", empty_generator), ("discriminator", _built)):
                least(getattr(config, name))

    # -- results ----------------------------------------------------------------------------------

    def result(self, preset: str, stopped: bool = False) -> TuneResult:
        rows, best = self.study.rows(), self.study.best()
        return TuneResult(
            "stopped" if stopped else "done",
            self.study.name,
            self.study.storage,
            tuple(self.request["metrics"]),
            tuple(rows),
            tuple(best),
            preset,
        )

    def save(self, number: int, name: str) -> Path:
        rows = {row.number: row for row in self.study.rows()}
        if number not in rows:
            raise OptionError(f"The study {self.study.name} has no trial {number}.")
        row = rows[number]
        found = ", ".join(
            f"{metric} {value:.4g}"
            for metric, value in zip(self.request["metrics"], row.values, strict=False)
        )
        base = find_preset(self.training.preset)
        summary = f"Trial {number} of {len(rows)} on {Path(self.training.data).name}"
        preset = preset_from_config(
            self.config(row.params),
            name,
            f"{base.title}, tuned",
            f"{summary}: {found}." if found else f"{summary}.",
        )
        origin = {"study": self.study.name, "place": self._origin, "trial": number, "values": found}
        return save_preset(preset, origin)

    @property
    def _origin(self) -> str:
        return str(self.request["id"])

    def _save_best(self, save_as: str | None, emit: Emit) -> str:
        best = self.study.best()
        if not best:
            return ""
        if self.study.aims > 1:  # of a front, the best by the first metric
            rows = {row.number: row for row in self.study.rows()}
            up = self._aims(self.config().resolution, 10**6)[0].maximize
            best.sort(key=lambda number: rows[number].values[0] * (-1 if up else 1))
        name = self._free_name(save_as or f"{self.training.preset}-tuned", save_as is not None)
        path = self.save(best[0], name)
        emit(Notice("info", f"The settings of trial {best[0]} are the preset {name} now ({path})."))
        return name

    def _free_name(self, name: str, wanted: bool) -> str:
        """``name``, or the next one that no other search has used for its own best trial."""
        tried, count = name, 1
        while is_own_preset(tried) and preset_origin(tried).get("place") != self._origin:
            if wanted:
                raise OptionError(f"You have a preset {name} already; choose another --save.")
            count += 1
            tried = f"{name}-{count}"
        return tried


def _check_reasons(reasons: Sequence[str], ending: Ending) -> None:
    """End a search in which trial after trial fails for the same reason."""
    last = reasons[-_SAME_FAILURES:]
    if len(last) == _SAME_FAILURES and last[0] and len(set(last)) == 1:
        raise RunError(
            f"{_SAME_FAILURES} trials in a row failed for one reason: {ending.reason} "
            "The study is kept; begin it again when that is settled."
        )


def _dataset(config: TrainConfig, emit: Emit, token: StopToken) -> ImageDataset:
    return open_dataset(
        config.data,
        resolution=config.resolution,
        channels=config.channels,
        limit=config.limit or None,
        cache_dir=cache_dir(),
        emit=emit,
        token=token,
    )


def _built(spec: Any) -> None:
    build_discriminator(spec)


def _end(param: Param, end: int) -> float:
    value = param.low if end == 0 else param.high
    return int(value) if param.whole else value


def _worker(folder: Path) -> str:
    """What names this folder in a study that several machines share, also after it was moved."""
    path = folder / ".worker"
    with contextlib.suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
        file.write(secrets.token_hex(8))
    return path.read_text(encoding="utf-8")


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
