"""The one training of the window: its choices, its thread, its state, its history.

The dock is a view of this object, the T key calls :meth:`TrainingController.toggle`, and closing
the window asks it. It touches no widgets and imports no torch.
"""

from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from latent_studio.errors import OptionError
from latent_studio.events import (
    Alarm,
    AlarmCleared,
    Event,
    Notice,
    Progress,
    RunFinished,
    RunStarted,
    SnapshotSaved,
    TrainTick,
)
from latent_studio.ui import training_request as requests
from latent_studio.ui.alarms import AlarmBook
from latent_studio.ui.compared_runs import ComparedRuns
from latent_studio.ui.i18n import tr
from latent_studio.ui.run_settings import RunSettings
from latent_studio.ui.run_watch import RunWatch
from latent_studio.ui.spoken import spoken
from latent_studio.ui.threads.trainer_thread import HandFirst, TrainerThread
from latent_studio.ui.training_choices import TrainingChoices
from latent_studio.ui.training_history import RunPast, TrainingHistory, read_past
from latent_studio.ui.training_request import (
    CommandLink,
    TrainRequest,
)

if TYPE_CHECKING:
    from latent_studio.ui.context import Context


class RunState(str, Enum):
    """Where a training stands."""

    IDLE = "idle"
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    FINISHED = "finished"
    FAILED = "failed"
    WATCHING = "watching"
    """Another process trains; its folder is read."""


ACTIVE = frozenset({RunState.PREPARING, RunState.RUNNING, RunState.PAUSED, RunState.STOPPING})


class TrainingController(TrainingChoices):
    """Starts, pauses, resumes and stops the training; tells what happens on the main thread."""

    event_received = Signal(object)
    """Each typed event; batches of them come at most ten times a second."""
    run_started = Signal(object)
    run_finished = Signal(object)
    state_changed = Signal(object)
    """A :class:`RunState`."""
    running_changed = Signal(bool)
    status_changed = Signal(str)
    progressed = Signal(object)
    """How far decoding the data is, as :class:`~latent_studio.events.Progress`."""
    history_changed = Signal()
    setup_requested = Signal()
    """Somebody wants to see the settings of the run."""

    def __init__(self, context: "Context", parent: QObject | None = None) -> None:
        super().__init__(context, parent)
        self.history = TrainingHistory()
        self.settings = RunSettings(context.jobs, self)
        self.alarms = AlarmBook(self)
        self.alarms.proposed.connect(self._propose)
        self.compared = ComparedRuns(context.jobs, context.notifications, self)
        self._watch: RunWatch | None = None
        self._state = RunState.IDLE
        self._thread: TrainerThread | None = None
        self._request: TrainRequest | None = None
        self._link = CommandLink()
        self._hand = HandFirst(context.render.turn)
        self._started: RunStarted | None = None
        self._finished: RunFinished | None = None

    # where it stands

    @property
    def state(self) -> RunState:
        return self._state

    @property
    def running(self) -> bool:
        """Whether a training holds its run folder (paused ones, too)."""
        return self._state in ACTIVE

    @property
    def watching(self) -> bool:
        """Whether a run is shown that is trained elsewhere, if at all."""
        return self._state is RunState.WATCHING

    @property
    def paused(self) -> bool:
        return self._state is RunState.PAUSED

    @property
    def request(self) -> TrainRequest | None:
        """What is running, or ran last."""
        return self._request

    def shown(self) -> tuple[str, str]:
        """Preset and data: the running training's (of a resumed one, too), else the chosen ones."""
        if self.running and self._started is not None:
            return self._started.preset or self.preset, self._started.data or self.data
        return self.preset, self.data

    def status(self) -> str:
        """One short line for the status bar; empty when nothing runs."""
        if not (self.running or self.watching) or self._request is None:
            return ""
        name, last = self._request.name, self.history.last
        if self._state is RunState.PREPARING:
            return tr("run “{name}” · preparing data", name=name)
        if last is None:
            where = tr("run “{name}”", name=name)
        else:
            where = tr("run “{name}” {kimg:,.0f} kimg", name=name, kimg=last.kimg)
        if self._state is RunState.PAUSED:
            return tr("{where} · paused", where=where)
        if self._state is RunState.STOPPING:
            return tr("{where} · saving", where=where)
        if self.watching:
            return tr("{where} · watching", where=where)
        if last is None:
            return tr("{where} · first steps", where=where)
        return tr("{where} · {speed:,.0f} img/s", where=where, speed=last.images_per_second)

    # what a person does

    def toggle(self) -> None:
        """The T key: start with the dock's choices, pause, or go on."""
        if self._state is RunState.RUNNING:
            self.pause()
        elif self._state is RunState.PAUSED:
            self.resume()
        elif not self.running:
            self.start()

    def start(self, request: TrainRequest | None = None) -> None:
        """Start ``request`` (the dock's choices if None); nothing while another one runs."""
        if self.running:
            return
        try:
            request = request or self.chosen_request()
        except OptionError as error:
            self._context.notifications.show_error(error)
            return
        self.unwatch()
        self._forget_run(request)
        thread = TrainerThread(
            partial(requests.carry_out, request),
            snapshots=self._context.render.snapshots,
            link=self._link,
            yielder=self._hand,
        )
        thread.events_received.connect(self._on_events)
        thread.ended.connect(self._on_ended)
        self._thread = thread
        self._set_state(RunState.PREPARING)
        thread.start()

    def resume_run(self, folder: str) -> None:
        """Go on with an existing run."""
        settings = self._context.settings
        options = {"device": settings.get("device")} if settings.get("device") != "auto" else {}
        self.start(TrainRequest("", "", folder, resume=True, options=options))

    def _forget_run(self, request: TrainRequest) -> None:
        """Another run is shown from now on."""
        self._request, self._started, self._finished = request, None, None
        self._link = CommandLink()
        self.history.clear()
        self.settings.clear()
        self.alarms.clear()
        self.history_changed.emit()

    def watch(self, folder: str) -> None:
        """Show the run in ``folder``, which another process may be writing, until :meth:`unwatch`
        or a start; nothing while a training of the window's own runs.
        """
        if self.running:
            return
        self.unwatch()
        self._forget_run(TrainRequest("", "", folder, resume=True))
        self._watch = RunWatch(self._context.jobs, folder, self)
        self._watch.news.connect(self._on_news)
        self._watch.lost.connect(self._on_lost)
        self._set_state(RunState.WATCHING)
        self._watch.start()

    def unwatch(self) -> None:
        """Look at the watched run no more; what is known of it stays on the screen."""
        if self._watch is not None:
            self._watch.stop()
            self._watch.deleteLater()
            self._watch = None
            self._set_state(RunState.IDLE)

    def pause(self) -> None:
        """Wait after the running step, until :meth:`resume`."""
        if self._thread is not None and self._state is RunState.RUNNING:
            self._thread.token.pause()
            self._set_state(RunState.PAUSED)

    def resume(self) -> None:
        if self._thread is not None and self._state is RunState.PAUSED:
            self._thread.token.resume()
            self._set_state(RunState.RUNNING)

    def stop(self, save: bool = True) -> None:
        """End the training after the running step; it saves its state first, or, without
        ``save``, leaves the run as its last checkpoint is.
        """
        self.unwatch()
        if self._thread is not None and self.running:
            if not save:
                self._link.send("discard")
            self._set_state(RunState.STOPPING)
            self._thread.token.stop()

    def command(self, name: str, value: float = 0.0) -> None:
        """Change a running training: a setting of ``training.commands.HOT``, ``lr``, or ``save``;
        a value that makes no sense is a message.
        """
        if not self.running:
            return
        try:
            self._link.send(name, value)
        except OptionError as error:
            self._context.notifications.show_error(error)
            return
        self.settings.expect(name, value)

    def set_yielding(self, active: bool) -> None:
        """While a hand moves a slider, let the trainer wait between the parts of a step."""
        self._hand.set_active(active)

    def shut_down(self, save: bool = True, timeout_s: float = 30.0) -> bool:
        """Stop and wait for the thread. Returns whether it ended within ``timeout_s``."""
        thread = self._thread
        if thread is None:
            return True
        self._hand.set_active(False)
        self.stop(save)
        if not thread.wait(int(timeout_s * 1000)):
            return False
        thread.conclude()
        return True

    # what the thread says

    def _on_events(self, events: list[Event]) -> None:
        for event in events:
            self.history.add(event)
            self.settings.handle(event)
            self._handle(event)
            self.event_received.emit(event)
        if any(isinstance(event, TrainTick) for event in events):
            self.status_changed.emit(self.status())

    def _handle(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.progressed.emit(event)
        elif isinstance(event, Notice):
            self._context.notifications.handle(event)
        elif isinstance(event, Alarm):
            self._show_alarm(event)
        elif isinstance(event, AlarmCleared):
            self.alarms.cleared(event.kind, self._kimg())
        elif isinstance(event, RunStarted):
            self._on_started(event)
        elif isinstance(event, RunFinished):
            self._finished = event

    def _on_started(self, event: RunStarted) -> None:
        self._started = event
        if self._state is RunState.PREPARING:
            self._set_state(RunState.RUNNING)
        self.run_started.emit(event)
        if event.resumed:
            run = event.run
            self._context.jobs.start(
                tr("Read the run’s history"),
                read_past,
                event.folder,
                plain=True,
                quiet=True,
                done=lambda past: self._on_past(run, past, event.kimg),
            )

    def _on_past(self, run: str, past: RunPast, kimg: float) -> None:
        if self.history.run == run:
            self.history.add_past(past, kimg)
            self.alarms.put_before([row for row in past.alarms if row.kimg <= kimg])
            self.history_changed.emit()

    def _on_news(self, past: RunPast) -> None:
        """What the watched run holds now, told as if it were trained here."""
        first = not self.history.folder
        known = set(self.history.snapshots)
        self.history.take(past)
        self.alarms.take(past.alarms)
        if first:
            self.history_changed.emit()
        for kimg, path in past.snapshots:
            if (kimg, path) not in known:
                self.event_received.emit(SnapshotSaved(past.run, kimg, path))
        if past.last is not None:
            self.event_received.emit(past.last)
        self.status_changed.emit(self.status())

    def _on_lost(self, error: BaseException) -> None:
        self._context.notifications.show_error(error)
        self.unwatch()

    def _show_alarm(self, alarm: Alarm) -> None:
        if not self.alarms.add(alarm, self._kimg()):
            return  # its card is updated
        actions = []
        if alarm.proposal:
            actions.append((tr("Apply"), lambda: self.alarms.apply(alarm.kind)))
        message, evidence = spoken(alarm.message), spoken(alarm.evidence)
        self._context.notifications.notify("warning", message, evidence, actions)

    def _kimg(self) -> float:
        return self.history.last.kimg if self.history.last else 0.0

    def _propose(self, proposal: dict[str, float]) -> None:
        for name, value in proposal.items():
            self.command(name, value)

    def _on_ended(self, error: BaseException | None) -> None:
        self._thread = None
        if error is not None:
            self._context.notifications.show_error(error)
        finished = self._finished or self._unheard_end(error)
        self._set_state(_END_STATES.get(finished.reason, RunState.FINISHED))
        if finished.reason == "done":
            message = tr("The training “{name}” is done.", name=finished.run)
            self._context.notifications.info(message)
        self.run_finished.emit(finished)

    def _unheard_end(self, error: BaseException | None) -> RunFinished:
        """How a run ended that never got as far as telling it."""
        name = self._request.name if self._request else ""
        reason = "stopped" if error is None else "failed"
        return RunFinished(name, reason, self._kimg(), str(error or ""))

    def _set_state(self, state: RunState) -> None:
        if state is self._state:
            return
        was_running, self._state = self.running, state
        self.alarms.set_appliable(self.running)
        self.state_changed.emit(state)
        if self.running != was_running:
            self.running_changed.emit(self.running)
        self.status_changed.emit(self.status())


_END_STATES = {"failed": RunState.FAILED, "stopped": RunState.FINISHED, "done": RunState.FINISHED}
