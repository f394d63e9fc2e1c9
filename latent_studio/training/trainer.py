"""The loop around the steps: what is due, what was asked for, what went wrong.

Knows no window. Statistics, grids, model files and checkpoints go to the run folder; everything
that happens is told as events.
"""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from latent_studio.data.dataset import ImageDataset
from latent_studio.errors import Cancelled, OptionError, RunError, StudioError
from latent_studio.events import Emit, Notice, RunFinished, RunStarted, ignore
from latent_studio.mailbox import LatestSlot, StopToken
from latent_studio.models.base import Discriminator, Generator
from latent_studio.models.snapshot import WeightSnapshot
from latent_studio.storage.run_folder import RunFolder
from latent_studio.training.commands import (
    HOT,
    Command,
    CommandQueue,
    apply_setting,
    log_entry,
    logged_from,
)
from latent_studio.training.config import TrainConfig
from latent_studio.training.device import threads_set_to
from latent_studio.training.distributed import place_config
from latent_studio.training.division import batch_doubts, check_division
from latent_studio.training.ema import refresh_statistics
from latent_studio.training.failure import explain
from latent_studio.training.fine_tune import begin_from
from latent_studio.training.live import LiveLink
from latent_studio.training.measuring import MetricMeter
from latent_studio.training.output import RunOutput
from latent_studio.training.parts import Shard
from latent_studio.training.schedule import Every, tick_due
from latent_studio.training.soundness import check_sound
from latent_studio.training.state import TrainState
from latent_studio.training.stats import Statistics
from latent_studio.training.step import Stepper
from latent_studio.training.ticks import Ticker
from latent_studio.training.turns import offer_turns

_GRID_GROWTH = 0.05
_MAX_TURN_SECONDS = 0.1


class Yielder(Protocol):
    """Something more urgent that may want the processor (a hand on a slider)."""

    def wait_turn(self, max_seconds: float) -> None:
        """Block while it does, but no longer than ``max_seconds``."""


class Trainer:
    """Trains one run.

    Parameters
    ----------
    config
        Resolved settings (``latent_studio.training.device.resolve``) as they were when the run
        began.
    folder
        The run's folder, locked by the caller for as long as this runs.
    checkpoint
        State to go on from, as ``storage.checkpoint.load_checkpoint`` gives it; None for a new run.
    emit
        Receives events on the thread that calls :meth:`run`.
    snapshots
        The live link, if somebody watches.
    commands
        Requests, carried out between steps.
    yielder
        Asked for its turn between the parts of a step; results do not depend on it.
    cache_dir
        Where features of the real pictures are kept for the metrics.
    shard
        This process's share, where several train one run; only the leading one writes to the folder
        and listens to ``commands`` and the token.
    """

    def __init__(
        self,
        config: TrainConfig,
        dataset: ImageDataset,
        folder: RunFolder,
        *,
        checkpoint: Mapping[str, Any] | None = None,
        emit: Emit = ignore,
        snapshots: LatestSlot[WeightSnapshot] | None = None,
        commands: CommandQueue | None = None,
        yielder: Yielder | None = None,
        cache_dir: Path | None = None,
        shard: Shard | None = None,
    ) -> None:
        self._shard = shard or Shard()
        self.config = config = place_config(config, self._shard)
        self.state = TrainState(config, dataset)
        self.state.monitor.run = folder.name
        self._run, self._emit, self._yielder = folder, emit, yielder
        self._commands = CommandQueue() if commands is None else commands
        self._output = RunOutput(folder, dataset, config, emit)
        stats = Statistics()
        self._ticker = Ticker(folder.name, self.state, stats, self._output, self._shard)
        self._stepper = Stepper(
            config,
            self.state,
            stats,
            self._turn,
            on_split=self._divide if self.state.device.type in ("cuda", "mps") else None,
            shard=self._shard,
        )
        if yielder is not None:
            for network in (self.state.generator, self.state.discriminator):
                offer_turns(network, self._turn)
        self._meter = MetricMeter(config, dataset, cache_dir)
        self._live = None
        if snapshots is not None:
            names = tuple(map(str, dataset.classes))
            self._live = LiveLink(snapshots, self.state.average, folder.name, self._refresh, names)
        self._replay: dict[int, list[Command]] = {}
        self._discards = False
        self._resumed = checkpoint is not None
        doubts = self._check(config)
        doubts += batch_doubts(config, self._shard, *self._networks)
        self._notices = [Notice("info", text) for text in doubts]
        if checkpoint is not None:
            self._restore(checkpoint)
        elif config.init:
            self._notices.append(Notice("info", begin_from(self.state, config.init)))
        if self._shard.count > 1:
            self._join()
        self._saved_step = self.state.counters.step if self._resumed else -1
        self._clock = self._saved_at = time.monotonic()

    def _restore(self, checkpoint: Mapping[str, Any]) -> None:
        self._take_over(checkpoint)
        self._cut_back()

    def _take_over(self, saved: Mapping[str, Any]) -> None:
        self.state.restore(saved)
        config = TrainConfig.from_json(saved["config"])
        values = {name: getattr(config, name) for name in HOT}
        config = self.config.with_changes(**values)
        try:
            self._check(config)
        except OptionError:  # another number of processes now, or an older program then
            config = self._as_far_as_possible(values)
        self._configure(config)

    def _as_far_as_possible(self, values: Mapping[str, float]) -> TrainConfig:
        """The run's own settings with those of ``values`` that it can go on with."""
        config = self.config
        for name, value in values.items():
            if value == getattr(config, name):
                continue
            try:
                config = self._with(config, Command(name, value))
            except OptionError as error:
                own = getattr(config, name)
                text = f"{name} is {own:g} again instead of {value:g}: {error.message}"
                self._notices.append(Notice("warning", text))
        return config

    def _join(self) -> None:
        """Begin as the leading process does, whatever it began from."""
        replay = {step: [(c.name, c.value) for c in cs] for step, cs in self._replay.items()}
        own = {"state": self.state.capture(self.config), "replay": replay}
        told = self._shard.share(own if self._shard.leads else None)
        if not self._shard.leads:
            self._take_over(told["state"])
            self._replay = {int(n): [Command(*c) for c in cs] for n, cs in told["replay"].items()}

    def _cut_back(self) -> None:
        """Remove from the folder what comes after the checkpoint; keep commands to replay."""
        counters, run = self.state.counters, self._run
        self._replay, refused = logged_from(
            run.read_commands(), counters.step, self.config, self._with
        )
        self._notices += [Notice("warning", text) for text in refused]
        run.truncate_after(counters.step, counters.kimg)
        run.drop_commands_from(counters.step)
        for step, commands in self._replay.items():
            for command in commands:
                run.append_command(log_entry(step, command))

    # -- the loop ---------------------------------------------------------------------------------

    def run(self, token: StopToken | None = None) -> RunFinished:
        """Train until ``total_kimg`` or until ``token`` stops; both save checkpoint and model.

        Returns
        -------
        RunFinished
            Reason ``done`` or ``stopped``; emitted, too.

        Raises
        ------
        StudioError
            When the run fails, after a :class:`~latent_studio.events.RunFinished` with reason
            ``failed``. The last good checkpoint stays.
        """
        self._token = token = StopToken() if token is None else token
        try:
            with threads_set_to(self.config.threads):
                return self._finish(self._loop(token))
        except StudioError as error:
            self._tell_failure(error.message)
            raise
        except Exception as error:
            message = explain(error)
            self._tell_failure(message)
            raise RunError(message, repr(error)) from error

    def _loop(self, token: StopToken) -> str:
        counters = self.state.counters
        self._start()
        total = self.config.total_kimg * 1000
        try:
            while counters.images < total:
                self._between_steps(token)
                before = counters.images
                self._shard.begin_step(self.state.random, self.config.seed, counters.step)
                self._stepper.run()
                self._after_step(before)
        except Cancelled:
            self._note_discard(self._commands.drain())
            return "stopped"
        return "done"

    def _start(self) -> None:
        counters, config = self.state.counters, self.config
        self._emit(
            RunStarted(
                self._run.name,
                str(self._run.path),
                config.preset,
                counters.kimg,
                config.total_kimg,
                self._resumed,
                config.data,
            )
        )
        for notice in self._notices:
            self._emit(notice)
        self._clock = self._saved_at = time.monotonic()
        self._ticker.start()
        if not self._shard.leads:
            return
        if not self._resumed:
            self._save_checkpoint()
            self._draw_grid()
        self._offer_live()

    def _after_step(self, before: int) -> None:
        config, after = self.config, self.state.counters.images
        last = after >= config.total_kimg * 1000
        measuring = self._meter.due(config, before, after, last)
        # all processes tick at the same steps, though only the leading one measures
        if last or measuring or tick_due(config.tick_kimg, before, after):
            self._tick(self._measure() if measuring and self._shard.leads else {})
        if not self._shard.leads:
            return
        if last or Every(config.grid_kimg, _GRID_GROWTH).due(before, after):
            self._draw_grid()
        if not last and Every(config.snapshot_kimg).due(before, after):
            self._save_snapshot()
        if Every(config.checkpoint_kimg).due(before, after) or self._checkpoint_is_old():
            self._save_checkpoint()
        self._offer_live()

    def _finish(self, reason: str) -> RunFinished:
        """Keep everything, unless it is to be discarded; tell the end."""
        if self._shard.leads and (reason == "done" or not self._discards):
            self._save_checkpoint()
            self._save_snapshot()
        finished = RunFinished(self._run.name, reason, self.state.counters.kimg)
        self._emit(finished)
        return finished

    def _tell_failure(self, message: str) -> None:
        self._emit(RunFinished(self._run.name, "failed", self.state.counters.kimg, message))

    # -- requests ---------------------------------------------------------------------------------

    def _between_steps(self, token: StopToken) -> None:
        """Carry out what a log asks for at this step, then what people ask for now.

        Raises
        ------
        Cancelled
            When the training is to stop here.
        """
        for command in self._replay.pop(self.state.counters.step, ()):
            self._change(command)
        if self._shard.leads:
            changed = self._obey(self._commands.drain(), token)
            self._wait_while_paused(token)
            settings = [(c.name, c.value) for c in changed]
            stop = token.stopped
            self._shard.share({"set": settings, "stop": stop} if settings or stop else None)
        else:
            told = self._shard.share() or {"set": [], "stop": False}
            self._obey([Command(*setting) for setting in told["set"]], token)
            stop = told["stop"]
        if stop:
            raise Cancelled

    def _obey(self, commands: Sequence[Command], token: StopToken) -> list[Command]:
        """Carry out ``commands``; returns the settings that have changed."""
        self._note_discard(commands)
        changed = []
        for command in commands:
            if command.is_setting:
                if self._change(command):
                    changed.append(command)
                    self._log(command)
                    self._emit(Notice("info", f"{command.name} is now {command.value:g}."))
            elif command.name == "pause":
                token.pause()
            elif command.name == "save":
                self._save_checkpoint()
                self._save_snapshot()
        return changed

    def _log(self, command: Command) -> None:
        if self._shard.leads:
            self._run.append_command(log_entry(self.state.counters.step, command))

    def _note_discard(self, commands: Iterable[Command]) -> None:
        self._discards = self._discards or any(c.name == "discard" for c in commands)

    def _change(self, command: Command) -> bool:
        """Change a setting; False, and a notice, if the run could not go on with it."""
        try:
            self._configure(self._with(self.config, command))
        except OptionError as error:
            self._emit(Notice("warning", f"{command.name} stays as it is: {error.message}"))
            return False
        return True

    def _with(self, config: TrainConfig, command: Command) -> TrainConfig:
        """``config`` with a setting changed, as sound as that of a new run must be."""
        changed = apply_setting(config, command)
        self._check(changed)
        return changed

    def _check(self, config: TrainConfig) -> list[str]:
        """Refuse settings that no run could be begun with; sentences for doubtful ones."""
        check_division(config, self._shard, *self._networks)
        return check_sound(config, *self._networks)

    @property
    def _networks(self) -> tuple[Generator, Discriminator]:
        return self.state.generator, self.state.discriminator

    def _configure(self, config: TrainConfig) -> None:
        self.config = self._stepper.config = config
        self.state.augmentation.target = config.ada_target
        self.state.monitor.config = config

    def _divide(self, parts: int) -> None:
        """An accelerator is out of memory: go on with the batch in ``parts`` parts."""
        command = Command("accumulate", parts)
        self._configure(apply_setting(self.config, command))
        self._log(command)
        self._emit(
            Notice(
                "warning",
                f"The graphics card is out of memory: the batch is now worked off in {parts} "
                "parts. Nothing is lost; a smaller batch would be faster.",
            )
        )

    def _wait_while_paused(self, token: StopToken) -> None:
        """Let a pause begin with everything saved, and leave it out of the time spent."""
        if token.paused:
            self._read_clock()
            self._save_checkpoint()
            self._shard.wait_while_paused(token)
            self._clock = time.monotonic()

    def _offer_live(self) -> None:
        if self._live is not None:
            self._live.offer(self.state.counters)

    def _turn(self) -> None:
        if self._yielder is not None:
            self._yielder.wait_turn(_MAX_TURN_SECONDS)

    # -- output -----------------------------------------------------------------------------------

    def _measure(self) -> Mapping[str, float]:
        """Metrics; they stop when the run does."""
        self._refresh()
        try:
            return self._meter.measure(
                self.config, self.state.average, emit=self._emit, token=self._token
            )
        except Cancelled:
            return {}

    def _tick(self, measured: Mapping[str, float]) -> None:
        self._read_clock()
        self._ticker.tick(self.config, measured)

    def _read_clock(self) -> None:
        now = time.monotonic()
        self.state.counters.seconds += now - self._clock
        self._clock = now

    def _refresh(self) -> None:
        """Make the averaged network ready to be drawn or written; it never is with bad weights.

        Raises
        ------
        RunError
            If a weight is not a finite number. Losses show that only at the next tick.
        """
        if not self.state.is_finite():
            self._ticker.check({"a weight": math.nan})
        refresh_statistics(self.state.average, self.config.seed)

    def _draw_grid(self) -> None:
        self._refresh()
        self._output.grid(self.state.average, self.state.counters.kimg)

    def _save_snapshot(self) -> None:
        self._refresh()
        self._output.snapshot(self.state.average, self.config, self.state.counters)

    def _checkpoint_is_old(self) -> bool:
        limit = self.config.checkpoint_seconds
        return limit > 0 and time.monotonic() - self._saved_at >= limit

    def _save_checkpoint(self) -> None:
        """Write the state unless it is written already or has gone bad."""
        if self._saved_step == self.state.counters.step:
            return
        self._read_clock()
        self._ticker.check_now()
        self._refresh()
        self._output.checkpoint(self.state, self.config)
        self._saved_step, self._saved_at = self.state.counters.step, time.monotonic()
