"""A search's memory: an Optuna study that several processes and machines may work on at once.

Optuna chooses the values and keeps the trials; which process works on which trial is settled here.
Every trial draws from a seed of its own, made of the study's seed and the trial's place, so that a
search that was stopped and started again goes the way it would have gone.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from latent_studio.errors import RunError
from latent_studio.jobs.search_space import Param, grid_points
from latent_studio.jobs.study_storage import Storage, quiet, shown_url

SAMPLERS = ("tpe", "random", "grid", "cmaes", "nsga2")
PRUNERS = ("median", "hyperband", "none")
_LOST_AFTER = datetime.timedelta(minutes=10)


@dataclass(frozen=True)
class TrialRow:
    """One line of the table of trials.

    Attributes
    ----------
    state
        ``waiting``, ``running``, ``done``, ``pruned`` or ``failed``.
    values
        One number an aim; empty while there is none.
    run
        The run's folder name.
    place
        The folder of runs, and the machine, that worked on it.
    reason
        Why it failed.
    seconds
        Time spent training; of other programs' trials the time from begin to end.
    step
        Number of its last measurement, at which a pruned one was given up.
    """

    number: int
    state: str
    params: Mapping[str, Any]
    values: tuple[float, ...]
    kimg: float = 0.0
    run: str = ""
    place: str = ""
    reason: str = ""
    seconds: float = 0.0
    step: int = 0


@dataclass(frozen=True)
class Method:
    """How values are chosen and trials given up.

    Attributes
    ----------
    steps
        How often a trial is measured, at most.
    population
        Of NSGA-II.
    """

    sampler: str
    pruner: str
    seed: int
    steps: int
    population: int


class Study:
    """A study in an open storage.

    Raises
    ------
    RunError
        The storage has none of that name.
    """

    def __init__(self, storage: Storage, name: str) -> None:
        self._optuna = storage.optuna
        self.storage, self.name = storage.url, name
        try:
            self._study = self._optuna.load_study(study_name=name, storage=storage.kept)
        except KeyError as error:
            raise RunError(
                f"There is no study {name!r} in {shown_url(storage.url)}. Check the name."
            ) from error

    # -- what the study was begun with ------------------------------------------------------------

    @property
    def request(self) -> dict[str, Any]:
        """What was asked for when the study was begun; empty if nothing has been noted."""
        return dict(self._study.user_attrs.get("request", {}))

    def keep_request(self, request: Mapping[str, Any]) -> None:
        self._study.set_user_attr("request", dict(request))

    @property
    def aims(self) -> int:
        return len(self._study.directions)

    @property
    def maximize(self) -> tuple[bool, ...]:
        """For each value whether large ones are good."""
        return tuple(way.name == "MAXIMIZE" for way in self._study.directions)

    @property
    def value_names(self) -> tuple[str, ...]:
        """What the values are called in the storage."""
        names = self._study.metric_names or [f"value {n + 1}" for n in range(self.aims)]
        return tuple(names) if self.aims > 1 or self._study.metric_names else ("value",)

    # -- trials -----------------------------------------------------------------------------------

    def claim(self, total: int, method: Method, space: Sequence[Param], worker: str) -> Any | None:
        """A new trial with its values chosen, or None when there are ``total``.

        Two processes may both see room for one more: who then finds enough trials before its own
        takes it back.
        """
        if len(self._valid()) >= total:
            return None
        self._study.sampler = self._optuna.samplers.RandomSampler(seed=0)
        trial = self._study.ask()
        place = sum(known.number < trial.number for known in self._valid())
        if place >= total:
            trial.set_user_attr("surplus", True)
            self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)
            return None
        chosen = self._chosen(trial, place, method, space)
        # last: from here on another process of this worker may go on with the trial
        chosen.set_user_attr("worker", worker)
        return chosen

    def attach(self, number: int, method: Method) -> Any:
        """The trial ``number``, to go on with; its values are chosen already."""
        self._set_method(method, 0, ())
        return self._optuna.trial.Trial(self._study, self._id(number))

    def choose(self, trial: Any, space: Sequence[Param]) -> dict[str, Any]:
        """The values of a trial; those that were chosen before stay."""
        found = {}
        for param in space:
            if param.choices:
                label = trial.suggest_categorical(param.name, list(param.labels))
            elif param.whole:
                step = int(param.step or 1)
                low, high = int(param.low), int(param.high)
                label = trial.suggest_int(param.name, low, high, step=step, log=param.log)
            else:
                label = trial.suggest_float(
                    param.name, param.low, param.high, step=param.step, log=param.log
                )
            found[param.name] = param.value(label)
        return found

    def finish(self, trial: Any, state: str, values: Sequence[float] | None, reason: str) -> None:
        """Tell the end: ``done`` with values, ``pruned`` or ``failed`` with a reason.

        A training that fails for its settings counts as a bad one and not as none, where the
        sampler can learn from that.
        """
        states = self._optuna.trial.TrialState
        if reason:
            trial.set_user_attr("reason", reason)
        trial.set_user_attr("outcome", state)
        if state == "done":
            self._tell(trial, states.COMPLETE, list(values or []))
        else:
            self._tell(trial, states.PRUNED if self.aims == 1 else states.FAIL, None)

    def _tell(self, trial: Any, state: Any, values: list[float] | None) -> None:
        with quiet():
            self._study.tell(trial, values, state=state)

    def rows(self) -> list[TrialRow]:
        """All trials, oldest first."""
        return [self._row(trial) for trial in self._valid()]

    def unfinished(self, worker: str) -> list[int]:
        """Numbers of trials that ``worker`` has begun and nobody ended."""
        return [
            trial.number
            for trial in self._valid()
            if trial.state.name == "RUNNING" and trial.user_attrs.get("worker") == worker
        ]

    def is_running(self, number: int) -> bool:
        return any(t.number == number and t.state.name == "RUNNING" for t in self._valid())

    def give_up_lost(self) -> None:
        """End trials whose process died in the moment between asking and beginning."""
        for trial in self._valid():
            begun = trial.datetime_start
            if trial.state.name != "RUNNING" or "worker" in trial.user_attrs or begun is None:
                continue
            if datetime.datetime.now() - begun > _LOST_AFTER:
                again = self._optuna.trial.Trial(self._study, self._id(trial.number))
                again.set_user_attr("reason", "its process ended before it began")
                self._tell(again, self._optuna.trial.TrialState.FAIL, None)

    def best(self) -> list[int]:
        """Numbers of the best trials: one, or the Pareto front of several aims."""
        trials = [trial for trial in self._study.best_trials if "surplus" not in trial.user_attrs]
        return [trial.number for trial in trials][: 1 if self.aims == 1 else None]

    def _valid(self) -> list[Any]:
        return [trial for trial in self._known() if "surplus" not in trial.user_attrs]

    def _known(self) -> list[Any]:
        try:
            found: list[Any] = self._study.get_trials(deepcopy=False)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise RunError(
                f"The study {self.name} in {shown_url(self.storage)} holds what no trial can: it "
                "was damaged or changed by hand. Begin another with --study or --out.",
                repr(error),
            ) from error
        return found

    def _id(self, number: int) -> int:
        found: int = self._known()[number]._trial_id
        return found

    def _chosen(self, trial: Any, place: int, method: Method, space: Sequence[Param]) -> Any:
        points = grid_points(space) if method.sampler == "grid" else []
        point = points[place] if points else {}
        with quiet():
            self._set_method(method, place, _labels(space, point))
            # built anew, now that the seed of its place is known
            again = self._optuna.trial.Trial(self._study, self._id(trial.number))
            self.choose(again, space)
        return again

    def _set_method(self, method: Method, place: int, point: Any) -> None:
        seed = int(np.random.SeedSequence([method.seed, place]).generate_state(1)[0])
        with quiet():
            self._study.sampler = _sampler(self._optuna, method, seed, dict(point))
            self._study.pruner = _pruner(self._optuna, method)

    def _row(self, trial: Any) -> TrialRow:
        names = {"RUNNING": "running", "WAITING": "waiting", "COMPLETE": "done"}
        attrs = trial.user_attrs
        end = attrs.get("outcome", "failed" if trial.state.name == "FAIL" else "pruned")
        values = trial.values if trial.values is not None else attrs.get("values", ())
        return TrialRow(
            trial.number,
            names.get(trial.state.name, end),
            dict(attrs.get("params", trial.params)),
            tuple(values),
            float(attrs.get("kimg", 0.0)),
            str(attrs.get("run", "")),
            str(attrs.get("place", "")),
            str(attrs.get("reason", "")),
            float(attrs.get("seconds", _duration(trial))),
            max(trial.intermediate_values, default=0),
        )


def _duration(trial: Any) -> float:
    return 0.0 if trial.duration is None else float(trial.duration.total_seconds())


def _sampler(optuna: ModuleType, method: Method, seed: int, point: Mapping[str, Any]) -> Any:
    samplers = optuna.samplers
    if method.sampler == "grid":
        return samplers.PartialFixedSampler(point, samplers.RandomSampler(seed=seed))
    if method.sampler == "random":
        return samplers.RandomSampler(seed=seed)
    if method.sampler == "cmaes":
        # here, as only this sampler needs the package cmaes
        from latent_studio.jobs.study_cmaes import CmaEs

        return CmaEs(seed)
    if method.sampler == "nsga2":
        return samplers.NSGAIISampler(seed=seed, population_size=method.population)
    return samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True)


def _pruner(optuna: ModuleType, method: Method) -> Any:
    if method.pruner == "median":
        return optuna.pruners.MedianPruner(n_startup_trials=4, n_warmup_steps=2)
    if method.pruner == "hyperband":
        return optuna.pruners.HyperbandPruner(min_resource=1, max_resource=max(1, method.steps))
    return optuna.pruners.NopPruner()


def _labels(space: Sequence[Param], point: Mapping[str, Any]) -> dict[str, Any]:
    """A point of the grid as the storage takes it."""
    found = {}
    for param in space:
        if param.name in point:
            value = point[param.name]
            found[param.name] = param.labels[param.choices.index(value)] if param.choices else value
    return found
