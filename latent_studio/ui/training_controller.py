"""The one training of the window: its choices, its thread, its state, its history.

The dock is a view of this object, the T key calls :meth:`TrainingController.toggle`, and closing
the window asks it. It touches no widgets and imports no torch.
"""

from enum import Enum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from latent_studio.events import (
    Alarm,
    Event,
    Notice,
    Progress,
    RunFinished,
    RunStarted,
    TrainTick,
)
from latent_studio.ui import training_request as requests
from latent_studio.ui.i18n import tr
from latent_studio.ui.threads.trainer_thread import HandFirst, TrainerThread
from latent_studio.ui.training_history import RunPast, TrainingHistory, read_past
from latent_studio.ui.training_request import CommandLink, PresetInfo, TrainRequest

if TYPE_CHECKING:
    from latent_studio.ui.context import Context

MAX_RECENT = 6


class RunState(str, Enum):
    """Where a training stands."""

    IDLE = "idle"
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    FINISHED = "finished"
    FAILED = "failed"


ACTIVE = frozenset({RunState.PREPARING, RunState.RUNNING, RunState.PAUSED, RunState.STOPPING})


class TrainingController(QObject):
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
    data_changed = Signal(str)
    data_reported = Signal(object)
    presets_loaded = Signal(list)

    def __init__(self, context: "Context", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.history = TrainingHistory()
        self.presets: list[PresetInfo] = []
        self.report: Any = None
        self._state = RunState.IDLE
        self._thread: TrainerThread | None = None
        self._request: TrainRequest | None = None
        self._link = CommandLink()
        self._hand = HandFirst(context.render.turn)
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
    def paused(self) -> bool:
        return self._state is RunState.PAUSED

    @property
    def request(self) -> TrainRequest | None:
        """What is running, or ran last."""
        return self._request

    def status(self) -> str:
        """One short line for the status bar; empty when nothing runs."""
        if not self.running or self._request is None:
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
        if last is None:
            return tr("{where} · first steps", where=where)
        return tr("{where} · {speed:,.0f} img/s", where=where, speed=last.images_per_second)

    # choices, kept in the settings

    @property
    def data(self) -> str:
        return self._context.settings.get("train/data") or requests.PROCEDURAL

    @property
    def preset(self) -> str:
        return self._context.settings.get("train/preset") or requests.DEFAULT_PRESET

    @property
    def recent_data(self) -> list[str]:
        return list(self._context.settings.get("train/recent_data"))

    def set_data(self, spec: str) -> None:
        """Choose what to train on: a folder, a zip, an IDX file or ``procedural-faces``; what
        cannot be used is a message, and the choice before it comes back.
        """
        settings, before = self._context.settings, (self.data, self.recent_data)
        settings.set("train/data", spec)
        if spec.split(":")[0] != requests.PROCEDURAL:
            recent = [spec, *(old for old in self.recent_data if old != spec)]
            settings.set("train/recent_data", recent[:MAX_RECENT])
        self.report = None
        self.data_changed.emit(spec)
        self._context.jobs.start(
            tr("Look through {name}", name=requests.data_title(spec)),
            requests.load_report,
            spec,
            plain=True,
            done=lambda report: self._on_report(spec, report),
            failed=lambda error: self._on_unusable(spec, before, error),
        )

    def set_preset(self, name: str) -> None:
        self._context.settings.set("train/preset", name)

    def load_presets(self) -> None:
        """Fetch the list of presets on a worker (it needs torch); ``presets_loaded`` follows."""
        self._context.jobs.start(
            tr("Load presets"), requests.load_presets, plain=True, quiet=True, done=self._on_presets
        )

    def suggested_name(self) -> str:
        """A free name for the next run."""
        return requests.suggest_name(self.data, self.preset, self.runs_folder())

    def runs_folder(self) -> Path:
        return requests.runs_folder(self._context.settings.get("train/out"))

    def chosen_request(self) -> TrainRequest:
        """The request that the dock's choices make."""
        settings = self._context.settings
        name = settings.get("train/name").strip() or self.suggested_name()
        options: dict[str, Any] = {"device": settings.get("device")}
        if settings.get("train/threads"):
            options["threads"] = settings.get("train/threads")
        return TrainRequest(
            data=self.data,
            preset=self.preset,
            folder=str(self.runs_folder() / name),
            kimg=settings.get("train/kimg") or None,
            options=options,
        )

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
        request = request or self.chosen_request()
        self._request, self._finished = request, None
        self._link = CommandLink()
        self.history.clear()
        self.history_changed.emit()
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
        if self._thread is not None and self.running:
            if not save:
                self._link.send("discard")
            self._set_state(RunState.STOPPING)
            self._thread.token.stop()

    def command(self, name: str, value: float = 0.0) -> None:
        """Change a running training: ``lr``, ``g_lr``, ``d_lr``, ``r1_gamma``, or ``save``."""
        if self.running:
            self._link.send(name, value)

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
        elif isinstance(event, RunStarted):
            self._on_started(event)
        elif isinstance(event, RunFinished):
            self._finished = event

    def _on_started(self, event: RunStarted) -> None:
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
            self.history_changed.emit()

    def _show_alarm(self, alarm: Alarm) -> None:
        actions = []
        if alarm.proposal:
            actions.append((tr("Apply"), lambda: self._apply(alarm)))
        self._context.notifications.notify("warning", alarm.message, alarm.evidence, actions)

    def _apply(self, alarm: Alarm) -> None:
        for name, value in alarm.proposal.items():
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
        last = self.history.last
        reason = "stopped" if error is None else "failed"
        return RunFinished(name, reason, last.kimg if last else 0.0, str(error or ""))

    def _set_state(self, state: RunState) -> None:
        if state is self._state:
            return
        was_running, self._state = self.running, state
        self.state_changed.emit(state)
        if self.running != was_running:
            self.running_changed.emit(self.running)
        self.status_changed.emit(self.status())

    def _on_presets(self, presets: list[PresetInfo]) -> None:
        self.presets = presets
        self.presets_loaded.emit(presets)

    def _on_unusable(self, spec: str, before: tuple[str, list[str]], error: BaseException) -> None:
        self._context.notifications.show_error(error)
        data, recent = before
        if spec == self.data and spec != data:
            self._context.settings.set("train/data", data)
            self._context.settings.set("train/recent_data", recent)
            self.data_changed.emit(data)

    def _on_report(self, spec: str, report: Any) -> None:
        if spec == self.data:
            self.report = report
            self.data_reported.emit(report)


_END_STATES = {"failed": RunState.FAILED, "stopped": RunState.FINISHED, "done": RunState.FINISHED}
