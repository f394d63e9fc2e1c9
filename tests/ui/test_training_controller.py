"""A real tiny training through the controller: start, pause, resume, stop, fail, cancel."""

import threading

import pytest
from PySide6.QtCore import QThread

from latent_studio.errors import RunError
from latent_studio.events import (
    Alarm,
    Progress,
    RunFinished,
    RunStarted,
    SampleGrid,
    SnapshotSaved,
    TrainTick,
)
from latent_studio.mailbox import Turn
from latent_studio.ui import training_request
from latent_studio.ui.docks.training_bar import progress_text
from latent_studio.ui.threads.trainer_thread import HandFirst, TrainerThread
from latent_studio.ui.training_controller import RunState
from latent_studio.ui.training_request import TrainRequest

TINY = {
    "resolution": 8,
    "channels": 3,
    "batch": 4,
    "threads": 1,
    "device": "cpu",
    "precision": "fp32",
    "tick_kimg": 0.02,
    "grid_kimg": 0.04,
    "snapshot_kimg": 0.08,
    "grid_count": 4,
}


@pytest.fixture
def request_tiny(pictures, tmp_path):
    return TrainRequest(
        data=str(pictures),
        preset="mlp-mnist",
        folder=str(tmp_path / "runs" / "tiny"),
        kimg=1000.0,
        options=TINY,
    )


@pytest.fixture
def training(training_context):
    return training_context.training


def tick(kimg, step=0, **values):
    return TrainTick("r", step, kimg, 10.0, 1.0, 100.0, 5.0, values)


def scripted(monkeypatch, script):
    """Replace the work on the thread by ``script(emit, token)``; everything around it is real."""
    monkeypatch.setattr(
        training_request, "carry_out", lambda request, *, emit, token, **_: script(emit, token)
    )


def wait_state(qtbot, training, state):
    qtbot.waitUntil(lambda: training.state is state, timeout=60_000)


def test_a_real_training_starts_pauses_goes_on_and_stops(qtbot, training_context, request_tiny):
    training = training_context.training
    states, events, main = [], [], []
    training.state_changed.connect(lambda state: states.append(state))
    training.event_received.connect(events.append)
    training.event_received.connect(lambda _: main.append(QThread.currentThread().isMainThread()))
    training.start(request_tiny)
    assert training.running and training.state is RunState.PREPARING
    qtbot.waitUntil(lambda: len(training.history.series("loss/G")) >= 3, timeout=60_000)
    training.toggle()
    assert training.paused
    qtbot.waitUntil(lambda: training.history.last is not None)
    paused_at = training._thread.token.paused
    assert paused_at
    training.toggle()
    ticks = len(training.history.series("loss/G"))
    qtbot.waitUntil(lambda: len(training.history.series("loss/G")) > ticks, timeout=60_000)
    qtbot.waitUntil(lambda: training.history.latest_snapshot() != "", timeout=60_000)
    with qtbot.waitSignal(training.run_finished, timeout=60_000) as finished:
        training.stop()
    assert finished.args[0].reason == "stopped"
    assert states == [
        RunState.PREPARING,
        RunState.RUNNING,
        RunState.PAUSED,
        RunState.RUNNING,
        RunState.STOPPING,
        RunState.FINISHED,
    ]
    assert all(main)
    assert {RunStarted, TrainTick, SampleGrid, SnapshotSaved, RunFinished} <= {*map(type, events)}
    ticks = [event for event in events if isinstance(event, TrainTick)]
    assert len(training.history.series("loss/G")) == len(ticks)
    assert training_context.render.snapshots.take_nowait() is not None


def test_a_stopped_run_is_resumed_with_its_history(qtbot, training, request_tiny):
    training.start(request_tiny)
    qtbot.waitUntil(lambda: len(training.history.series("loss/G")) >= 3, timeout=60_000)
    with qtbot.waitSignal(training.run_finished, timeout=60_000):
        training.stop()
    before = training.history.series("loss/G").x.copy()
    started = []
    training.run_started.connect(started.append)
    training.resume_run(request_tiny.folder)
    assert len(training.history.series("loss/G")) == 0
    with qtbot.waitSignal(training.history_changed, timeout=60_000):
        pass
    qtbot.waitUntil(lambda: len(training.history.series("loss/G")) > len(before), timeout=60_000)
    assert started[0].resumed
    x = training.history.series("loss/G").x
    assert list(x[: len(before)]) == list(before)
    assert (x[1:] > x[:-1]).all()
    assert training.shut_down()


def test_shutting_down_joins_the_thread_and_tells_the_end(qtbot, training, request_tiny):
    ends = []
    training.run_finished.connect(ends.append)
    training.start(request_tiny)
    wait_state(qtbot, training, RunState.RUNNING)
    thread = training._thread
    assert training.shut_down()
    assert not thread.isRunning()
    assert not training.running
    assert [end.reason for end in ends] == ["stopped"]


def test_a_failure_is_told_once_and_another_run_can_start(
    qtbot, training_context, request_tiny, tmp_path
):
    training = training_context.training
    broken = TrainRequest(
        str(tmp_path / "nothing here"), "mlp-mnist", str(tmp_path / "runs" / "x"), 1.0, False, TINY
    )
    with qtbot.waitSignal(training.run_finished, timeout=60_000) as finished:
        training.start(broken)
    assert finished.args[0].reason == "failed"
    assert training.state is RunState.FAILED and not training.running
    (message,) = training_context.notifications.history
    assert message.level == "error" and "nothing here" in message.message
    training.start(request_tiny)
    wait_state(qtbot, training, RunState.RUNNING)
    assert training.shut_down()


def test_preparing_shows_progress_and_can_be_cancelled(qtbot, training, request_tiny, monkeypatch):
    def script(emit, token):
        emit(Progress(3, 10, "decoding"))
        token.wait(30)
        token.checkpoint()

    scripted(monkeypatch, script)
    seen = []
    training.progressed.connect(seen.append)
    training.start(request_tiny)
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0].done == 3 and training.state is RunState.PREPARING
    with qtbot.waitSignal(training.run_finished) as finished:
        training.stop()
    assert finished.args[0].reason == "stopped"
    assert training.state is RunState.FINISHED


def test_all_ticks_are_kept_however_fast_they_come(qtbot, training, request_tiny, monkeypatch):
    def script(emit, token):
        emit(RunStarted("r", "f", "p", 0.0, 10.0, False))
        for step in range(5000):
            emit(tick(step * 0.1, step, **{"loss/G": float(step)}))

    scripted(monkeypatch, script)
    batches = []
    training.status_changed.connect(batches.append)
    with qtbot.waitSignal(training.run_finished):
        training.start(request_tiny)
    assert list(training.history.series("loss/G").y) == [float(n) for n in range(5000)]
    assert len(batches) < 50


def test_the_status_says_run_kimg_and_speed(qtbot, training, request_tiny, monkeypatch):
    gate = threading.Event()

    def script(emit, token):
        emit(RunStarted("r", "f", "p", 0.0, 10.0, False))
        emit(tick(312.4))
        gate.wait(10)

    scripted(monkeypatch, script)
    training.start(request_tiny)
    qtbot.waitUntil(lambda: "312" in training.status())
    assert training.status() == "run “tiny” 312 kimg · 100 img/s"
    gate.set()
    with qtbot.waitSignal(training.run_finished):
        pass
    assert training.status() == ""


def test_a_pause_before_the_first_tick_is_told(qtbot, training_context, request_tiny, monkeypatch):
    training, gate = training_context.training, threading.Event()

    def script(emit, token):
        emit(RunStarted("r", "f", "p", 0.0, 10.0, False))
        gate.wait(10)

    scripted(monkeypatch, script)
    training.start(request_tiny)
    wait_state(qtbot, training, RunState.RUNNING)
    assert training.status() == "run “tiny” · first steps"
    assert progress_text(training_context) == "first steps…"
    training.pause()
    wait_state(qtbot, training, RunState.PAUSED)
    assert training.status() == "run “tiny” · paused"
    assert progress_text(training_context) == "paused"
    with qtbot.waitSignal(training.run_finished):
        gate.set()
    assert progress_text(training_context) == ""


def test_a_late_failure_names_itself(qtbot, training_context, request_tiny, monkeypatch):
    def script(emit, token):
        emit(RunFinished("r", "failed", 1.0, "NaN"))
        raise RunError("The losses are not finite; lower the learning rate.")

    scripted(monkeypatch, script)
    training = training_context.training
    with qtbot.waitSignal(training.run_finished):
        training.start(request_tiny)
    (message,) = training_context.notifications.history
    assert message.message == "The losses are not finite; lower the learning rate."
    assert training.state is RunState.FAILED


def test_an_alarm_offers_its_change(qtbot, training_context, request_tiny, monkeypatch):
    def script(emit, token):
        emit(RunStarted("r", "f", "p", 0.0, 10.0, False))
        emit(Alarm("r", "balance", "D wins.", "score gap 9", {"d_lr": 1e-4}))
        token.wait(30)

    scripted(monkeypatch, script)
    training = training_context.training
    training.start(request_tiny)
    qtbot.waitUntil(lambda: bool(training_context.notifications.history))
    (message,) = training_context.notifications.history
    _, act = message.actions[0]
    act()
    assert training._link._waiting == [("d_lr", 1e-4)]
    assert training.shut_down()


def test_commands_reach_the_running_trainer(qtbot, training, request_tiny, tmp_path):
    training.start(request_tiny)
    wait_state(qtbot, training, RunState.RUNNING)
    training.command("lr", 1e-3)
    lr = training.history.series("lr/G")
    qtbot.waitUntil(lambda: len(lr) and lr.y[-1] == pytest.approx(1e-3), timeout=60_000)
    assert training.shut_down()


def test_choices_are_remembered_and_named(training_context, pictures):
    training = training_context.training
    training.set_data(str(pictures))
    assert training.data == str(pictures) and training.recent_data == [str(pictures)]
    training.set_preset("mlp-mnist")
    request = training.chosen_request()
    assert request.name == "pictures-mlp-mnist"
    (training.runs_folder() / "pictures-mlp-mnist").mkdir()
    assert training.chosen_request().name == "pictures-mlp-mnist-2"


def test_choosing_data_reports_on_them(qtbot, training, pictures):
    with qtbot.waitSignal(training.data_reported, timeout=20_000) as reported:
        training.set_data(str(pictures))
    assert reported.args[0].count == 40


def test_the_hand_goes_first():
    turn = Turn()
    hand = HandFirst(turn)
    hand.set_active(True)
    hand.set_active(True)
    assert turn.taken
    hand.set_active(False)
    assert not turn.taken
    hand.wait_turn(10)


def test_a_thread_that_is_waited_for_tells_its_end_once(qtbot):
    thread = TrainerThread(lambda emit, token: emit(tick(1.0)))
    events, ends = [], []
    thread.events_received.connect(events.extend)
    thread.ended.connect(ends.append)
    thread.start()
    thread.wait()
    thread.conclude()
    assert len(events) == 1 and ends == [None]
    qtbot.wait(20)  # the queued conclusion arrives and must change nothing
    assert ends == [None]


@pytest.mark.parametrize("save", [True, False])
def test_quitting_saves_or_does_not(qtbot, training, request_tiny, save):
    from latent_studio.storage.run_folder import RunFolder

    training.start(request_tiny)
    wait_state(qtbot, training, RunState.RUNNING)
    assert training.shut_down(save=save)
    run = RunFolder.open(request_tiny.folder, write=False)
    assert bool(run.snapshots()) is save
