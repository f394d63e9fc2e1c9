"""One trial of a search: a training that is measured as it goes, and given up if it lags."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from latent_studio.errors import Cancelled, RunError, StudioError
from latent_studio.events import (
    Emit,
    Event,
    RunFinished,
    SnapshotSaved,
    TrainTick,
)
from latent_studio.jobs.running_metric import Aim, RunningMetric
from latent_studio.jobs.train import train
from latent_studio.mailbox import StopToken
from latent_studio.storage.run_folder import is_run
from latent_studio.storage.run_notes import read_outcome, write_outcome

DONE, PRUNED, FAILED, STOPPED = "done", "pruned", "failed", "stopped"


@dataclass(frozen=True)
class Training:
    """What every trial of a search has in common."""

    data: str
    preset: str
    conditional: bool
    kimg: float
    every: float
    options: Mapping[str, Any]

    def settings(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Options of the run: a model file, and so a measurement, every so many kimg."""
        pace = {"total_kimg": self.kimg, "snapshot_kimg": self.every, "metrics": ""}
        return {**self.options, **pace, **params}


@dataclass(frozen=True)
class Ending:
    """How a trial ended: one of the states above, with values if it was measured."""

    state: str
    values: tuple[float, ...] = ()
    reason: str = ""


def run_trial(
    trial: Any,
    folder: Path,
    training: Training,
    params: Mapping[str, Any],
    aims: Sequence[Aim],
    metric: RunningMetric,
    *,
    emit: Emit,
    token: StopToken,
) -> Ending:
    """Train in ``folder``, or go on there; never raises for what the settings are to blame for."""
    own = StopToken()
    token.on_stop(own.stop)
    watch = _Watch(trial, folder, training, aims, metric, emit, token, own)
    work: dict[str, Any] = {"emit": watch, "token": own}
    try:
        if is_run(folder):
            train(folder, resume=True, **work)
        else:
            train(
                folder,
                data=training.data,
                preset=training.preset,
                conditional=training.conditional,
                options=training.settings(params),
                **work,
            )
    except Cancelled:
        return Ending(STOPPED)
    except StudioError as error:
        return Ending(FAILED, (), error.message)
    except (MemoryError, RuntimeError) as error:
        lines = str(error).strip().splitlines()
        return Ending(FAILED, (), lines[0] if lines else type(error).__name__)
    if watch.pruned:
        return Ending(PRUNED, watch.values, watch.pruned)
    if not watch.complete:
        return Ending(STOPPED)
    return Ending(DONE, watch.values)


class _Watch:
    """Listens to a training: measures its model files and asks whether to go on."""

    def __init__(
        self,
        trial: Any,
        folder: Path,
        training: Training,
        aims: Sequence[Aim],
        metric: RunningMetric,
        emit: Emit,
        token: StopToken,
        own: StopToken,
    ) -> None:
        self._trial, self._folder, self._training = trial, folder, training
        self._aims, self._metric, self._emit = aims, metric, emit
        self._token, self._own = token, own
        self._history: dict[str, list[float]] = dict(trial.user_attrs.get("history", {}))
        self._spent = float(trial.user_attrs.get("measuring", 0.0))
        self._seconds = float(trial.user_attrs.get("seconds", 0.0))
        self._reached = False
        self.pruned = ""

    @property
    def values(self) -> tuple[float, ...]:
        """The newest measurement."""
        return tuple(self._history[max(self._history, key=int)]) if self._history else ()

    @property
    def complete(self) -> bool:
        """Whether the training reached its end and was measured there."""
        return self._reached and str(self._steps) in self._history

    @property
    def _steps(self) -> int:
        return self._step(self._training.kimg)

    def _step(self, kimg: float) -> int:
        return max(1, round(kimg / self._training.every))

    def __call__(self, event: Event) -> None:
        self._token.wait_while_paused()
        self._emit(event)
        if isinstance(event, TrainTick):
            # measuring is no part of what a training costs
            self._seconds = max(0.0, event.seconds - self._spent)
        elif isinstance(event, SnapshotSaved):
            self._note(event)
        elif isinstance(event, RunFinished) and event.reason == "done":
            self._reached = True

    def _note(self, event: SnapshotSaved) -> None:
        """Measure, unless somebody waits for the training to stop or it was measured before."""
        step = self._step(event.kimg)
        if self._own.stopped or str(step) in self._history:
            return
        began = time.monotonic()
        try:
            readings = self._metric.measure(Path(event.path), self._own)
        except Cancelled:
            return
        self._spent += time.monotonic() - began
        readings["seconds"] = self._seconds
        self._keep(step, event.kimg, readings)
        if len(self._aims) == 1:
            self._report(step)

    def _keep(self, step: int, kimg: float, readings: Mapping[str, float]) -> None:
        values = [readings.get(aim.name, math.nan) for aim in self._aims]
        for aim, value in zip(self._aims, values, strict=True):
            if not math.isfinite(value):
                raise RunError(f"{aim.name} is not a finite number at {kimg:.1f} kimg.")
        self._history[str(step)] = values
        for name, fact in (
            ("history", self._history),
            ("values", values),
            ("kimg", kimg),
            ("seconds", self._seconds),
            ("measuring", self._spent),
        ):
            self._trial.set_user_attr(name, fact)
        shown = {name: value for name, value in readings.items() if name != "parameters"}
        write_outcome(self._folder, replace(read_outcome(self._folder), metrics=shown))

    def _report(self, step: int) -> None:
        value = self.values[0]
        self._trial.report(value, step)
        if step < self._steps and self._trial.should_prune():
            self.pruned = f"{self._aims[0].name} {value:.4g} lags behind the other trials"
            self._own.stop()
