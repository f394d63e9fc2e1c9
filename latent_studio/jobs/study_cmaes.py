"""CMA-ES for a study, without Optuna's own sampler of that name.

Optuna's keeps its state in the study as a pickle and runs whatever lies there in its place: a
folder or a database from elsewhere would be a program. Here nothing is kept but which generation a
trial belongs to. The rest follows from the finished trials, which are told again each time, in the
order in which they finished: every process of a study comes to the same state, and a study that
Optuna's sampler began goes on as well, as its generations have the same name.

Import this module only where Optuna and cmaes are installed.
"""

import datetime
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import cmaes
import numpy as np
from optuna.distributions import FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.search_space import intersection_search_space

GENERATION = "cma:generation"  # Optuna's name for it
_SIGMA = 1 / 6  # of each range; at the beginning
# what older versions of cmaes insist on
_LEAST_DIMENSIONS = 2


class CmaEs(BaseSampler):
    """Chooses the values of a trial; ranges by CMA-ES, choices evenly.

    Parameters
    ----------
    seed
        Of one trial: two trials of a generation with the same seed would be the same.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._others = RandomSampler(seed=seed)

    def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, Any]:
        """The ranges that all finished trials have; none before the first has finished."""
        space = intersection_search_space(study.get_trials(deepcopy=False))
        return {name: kind for name, kind in space.items() if _is_range(kind)}

    def sample_relative(
        self, study: Any, trial: Any, search_space: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Draw from the latest generation; nothing for a trial that has its values already."""
        if len(search_space) < _LEAST_DIMENSIONS or trial.params:
            return {}
        axes = {name: _Axis(kind) for name, kind in search_space.items()}
        optimizer = self._optimizer(len(axes))
        _tell_again(optimizer, study, axes)
        drawn = optimizer.ask()
        study._storage.set_trial_system_attr(trial._trial_id, GENERATION, optimizer.generation)
        return {
            name: axis.value(place)
            for (name, axis), place in zip(axes.items(), drawn.tolist(), strict=True)
        }

    def sample_independent(
        self, study: Any, trial: Any, param_name: str, param_distribution: Any
    ) -> Any:
        return self._others.sample_independent(study, trial, param_name, param_distribution)

    def _optimizer(self, dimensions: int) -> cmaes.CMA:
        return cmaes.CMA(
            mean=np.full(dimensions, 0.5),
            sigma=_SIGMA,
            bounds=np.tile([0.0, 1.0], (dimensions, 1)),
            n_max_resampling=10 * dimensions,
            seed=self._seed,
        )


class _Axis:
    """A range as the numbers from 0 to 1, evenly in the logarithm where it says so."""

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        # each value of a range in steps gets as much room as the others, the ends, too
        margin = (kind.step or 0) / 2
        self._low, self._high = self._bent(kind.low - margin), self._bent(kind.high + margin)

    def place(self, value: float) -> float:
        """Where a value lies; inside also where a storage holds nonsense."""
        share = (self._bent(value) - self._low) / (self._high - self._low)
        return min(max(share, 0.0), 1.0)

    def value(self, place: float) -> float:
        """The value at a place, one that the range may take."""
        kind, found = self._kind, self._low + place * (self._high - self._low)
        found = math.exp(found) if kind.log else found
        if kind.step:
            found = kind.low + math.floor((found - kind.low) / kind.step + 0.5) * kind.step
        found = min(max(found, kind.low), kind.high)
        return int(found) if isinstance(kind, IntDistribution) else float(found)

    def _bent(self, value: float) -> float:
        if self._kind.log:
            return math.log(value) if value > 0 else -math.inf
        return float(value)


def _is_range(kind: Any) -> bool:
    ranges = FloatDistribution | IntDistribution
    return isinstance(kind, ranges) and not kind.single() and math.isfinite(kind.high - kind.low)


def _tell_again(optimizer: cmaes.CMA, study: Any, axes: Mapping[str, _Axis]) -> None:
    """Bring a new optimizer to where the finished trials of a study lead."""
    sign = 1 if study.direction.name == "MINIMIZE" else -1
    finished = _finished(study)
    while True:
        generation = optimizer.generation
        members = (t for t in finished if t.system_attrs.get(GENERATION) == generation)
        told = list(_solutions(members, axes, sign))[: optimizer.population_size]
        if len(told) < optimizer.population_size:
            return
        optimizer.tell(told)


def _finished(study: Any) -> Sequence[Any]:
    """Trials with a value, in the order in which they ended.

    By that order, and not by their numbers, a generation that has been told stays what it was when
    a slow trial of it ends later.
    """
    found = [trial for trial in study.get_trials(deepcopy=False) if trial.state.name == "COMPLETE"]
    never = datetime.datetime.min
    return sorted(found, key=lambda trial: (trial.datetime_complete or never, trial.number))


def _solutions(
    trials: Iterator[Any], axes: Mapping[str, _Axis], sign: int
) -> Iterator[tuple[np.ndarray, float]]:
    """Places and values of trials, without those that are no numbers."""
    for trial in trials:
        places = np.array([axis.place(trial.params[name]) for name, axis in axes.items()])
        number = trial.value is not None and not math.isnan(trial.value)
        if number and np.isfinite(places).all():
            yield places, sign * trial.value
