"""Runs of others: compared in the plots, watched without a lock, listed, renamed, deleted."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from latent_studio.events import Alarm
from latent_studio.recipe import ModelRef
from latent_studio.storage.alarm_log import CLEARED, AlarmRow
from latent_studio.storage.run_folder import RunFolder
from latent_studio.training.thresholds import Thresholds
from latent_studio.ui import run_models, run_watch, theme
from latent_studio.ui.docks.history_bar import HistoryBar
from latent_studio.ui.docks.plot_page import health_specs, metric_specs
from latent_studio.ui.docks.runs_page import RunsPage
from latent_studio.ui.docks.training_bar import progress_text
from latent_studio.ui.docks.training_dock import TrainingDock
from latent_studio.ui.state import LoadedModel
from latent_studio.ui.training_controller import RunState
from latent_studio.ui.training_history import TrainingHistory, read_past

PATIENCE_MS = 20_000
LEFT = Qt.MouseButton.LeftButton


def raised(step, kind="d-too-strong", **proposal):
    """A line of a run's log of alarms."""
    alarm = Alarm("elsewhere", kind, f"{kind}!", "0.01 (alarm below 0.05)", proposal)
    return AlarmRow(step, step * 0.05, alarm)


def passed(step, kind="d-too-strong"):
    return AlarmRow(step, step * 0.05, Alarm("elsewhere", kind, ""), CLEARED)


class Writer:
    """Another process's training: it holds the lock and writes."""

    def __init__(self, folder):
        config = {"preset": "mlp-mnist", "resolution": 8, "total_kimg": 10.0, "data": "x"}
        config |= {name: {"architecture": "mlp"} for name in ("generator", "discriminator")}
        self.run = RunFolder.create(folder, config)
        self.path, self.ticks = folder, 0

    def tick(self, count=1, **values):
        for _ in range(count):
            self.ticks += 1
            self.run.append_stats(
                {
                    "step": self.ticks * 10,
                    "kimg": self.ticks * 0.5,
                    "seconds": self.ticks * 60.0,
                    "images_per_second": 50.0,
                    "loss/G": 1.0 + self.ticks,
                    **values,
                }
            )

    def snapshot(self, kimg):
        """A file by the right name; who opens models is replaced in these tests."""
        (self.path / "snapshots" / f"{kimg:010.3f}.safetensors").write_bytes(b"-")


@pytest.fixture
def writer(training_context, tmp_path):
    made = Writer(tmp_path / "runs" / "elsewhere")
    yield made
    made.run.close()


@pytest.fixture
def training(training_context, monkeypatch):
    monkeypatch.setattr(run_watch, "POLL_MS", 50)
    return training_context.training


@pytest.fixture
def opened(training_context, monkeypatch):
    """Models that came onto the canvas; opening takes no file."""

    def load_snapshot(path):
        kimg = float(path.replace("\\", "/").split("/")[-1].removesuffix(".safetensors"))
        return LoadedModel(ModelRef("run", "r", kimg=kimg), f"{kimg}", None)

    def load_newest(folder):
        return LoadedModel(ModelRef("run", folder), "newest", None)

    monkeypatch.setattr(run_models, "load_snapshot", load_snapshot)
    monkeypatch.setattr(run_models, "load_newest", load_newest)
    return training_context.models.opened


def test_what_a_folder_holds_becomes_curves_over_every_axis(writer):
    writer.tick(4)
    writer.tick(1, **{"metric/swd": 3.5, "loss/G": float("nan")})
    writer.snapshot(1.0)
    past = read_past(str(writer.path))
    history = TrainingHistory()
    history.take(past)
    assert list(history.series("loss/G").x) == [0.5, 1.0, 1.5, 2.0, 2.5]
    assert np.isnan(history.series("loss/G").y[-1]) and history.series("metric/swd").y[0] == 3.5
    kimg, steps, seconds = history.clock.columns()
    assert list(steps) == [10, 20, 30, 40, 50] and seconds[-1] == 300 and kimg[-1] == 2.5
    assert history.last.step == 50 and history.total_kimg == 10.0
    assert history.snapshots == [(1.0, str(writer.path / "snapshots" / "000001.000.safetensors"))]


def test_a_run_that_another_process_writes_is_watched(qtbot, training_context, training, writer):
    writer.tick(3)
    seen = []
    training.history_changed.connect(lambda: seen.append(len(training.history.series("loss/G"))))
    training.watch(str(writer.path))
    assert training.state is RunState.WATCHING and not training.running
    qtbot.waitUntil(lambda: seen[-1] == 3, timeout=PATIENCE_MS)
    curve = training.history.series("loss/G")
    writer.tick(2)  # its lock is still held
    qtbot.waitUntil(lambda: len(curve) == 5, timeout=PATIENCE_MS)
    assert "watching" in progress_text(training_context) and "2.5" in progress_text(
        training_context
    )
    assert "watching" in training.status()
    training.stop()
    assert training.state is RunState.IDLE and writer.run.writable


def test_alarms_of_a_watched_run_are_cards_without_a_button(
    qtbot, training_context, training, writer
):
    dock = TrainingDock(training_context)
    qtbot.addWidget(dock)
    dock.resize(1200, 300)
    dock.show()
    cards = dock.alarms
    writer.tick(3)
    writer.run.append_alarm(raised(10, r1_gamma=2.0))
    writer.run.append_alarm(raised(20, "stagnation"))
    training.watch(str(writer.path))
    qtbot.waitUntil(lambda: set(cards.views) == {"d-too-strong", "stagnation"}, timeout=PATIENCE_MS)
    view = cards.views["d-too-strong"]
    text = view.evidence.full_text()
    assert "alarm below 0.05" in text and "since 0.5 kimg" in text and "→ 2" in text
    assert view.isVisible() and view.apply.isHidden()  # nobody here can change that run
    dismiss = cards.views["stagnation"].dismiss
    qtbot.waitUntil(lambda: dismiss.height() > 10, timeout=PATIENCE_MS)
    qtbot.mouseClick(dismiss, LEFT)
    writer.run.append_alarm(passed(30))
    qtbot.waitUntil(lambda: not cards.views, timeout=PATIENCE_MS)
    assert [entry.what for entry in training.alarms.log][-1] == "cleared"
    writer.run.append_alarm(raised(40, "stagnation"))
    qtbot.waitUntil(lambda: set(cards.views) == {"stagnation"}, timeout=PATIENCE_MS)
    writer.run.truncate_after(15)  # resumed there
    qtbot.waitUntil(lambda: set(cards.views) == {"d-too-strong"}, timeout=PATIENCE_MS)


def test_an_old_run_shows_what_it_was_warned_of(qtbot, training_context, training, page, writer):
    assert cell(page, 5) == ""
    with RunFolder.open(writer.path) as run:
        run.append_alarm(raised(10))
        run.append_alarm(raised(20, "stagnation"))
        run.append_alarm(passed(20))
    page.renew()
    qtbot.waitUntil(lambda: cell(page, 5) == "2, 1 open", timeout=PATIENCE_MS)
    qtbot.mouseClick(page.buttons["watch"], LEFT)
    qtbot.waitUntil(lambda: len(training.alarms.cards) == 1, timeout=PATIENCE_MS)
    assert training.alarms.cards[0].alarm.message == "stagnation!"


def test_the_newest_model_of_a_watched_run_follows_on_the_canvas(
    qtbot, training_context, training, writer, opened
):
    bar = HistoryBar(training_context)
    qtbot.addWidget(bar)
    training_context.state.set_live(True)
    writer.tick()
    training.watch(str(writer.path))
    qtbot.waitUntil(lambda: training.history.folder != "", timeout=PATIENCE_MS)
    assert bar.isHidden() and not opened
    writer.snapshot(1.0)
    qtbot.waitUntil(lambda: len(opened) == 1, timeout=PATIENCE_MS)
    assert opened[0].ref == ModelRef("run", str(writer.path))
    training_context.state._scene = training_context.state.scene.__class__(
        opened[0].ref, training_context.state.recipe
    )
    writer.snapshot(2.0)
    qtbot.waitUntil(lambda: len(opened) == 2, timeout=PATIENCE_MS)
    training_context.state.set_live(False)
    writer.snapshot(3.0)
    qtbot.waitUntil(lambda: bar.slider.maximum() == 3, timeout=PATIENCE_MS)
    assert len(opened) == 2


def test_a_run_that_vanishes_ends_the_watching_with_a_message(qtbot, training_context, training):
    training.watch("/no/such/run")
    qtbot.waitUntil(lambda: training.state is RunState.IDLE, timeout=PATIENCE_MS)
    assert "not a run" in training_context.notifications.history[-1].message


def test_the_history_slider_shows_older_models_and_comes_back(
    qtbot, training_context, training, writer, opened
):
    for kimg in (1.0, 2.0, 3.0):
        writer.snapshot(kimg)
    bar = HistoryBar(training_context)
    qtbot.addWidget(bar)
    bar.show()
    training.watch(str(writer.path))
    qtbot.waitUntil(lambda: bar.slider.maximum() == 3, timeout=PATIENCE_MS)
    assert bar.slider.value() == 3 and bar.label.text() == "newest"
    recipe = training_context.state.recipe
    moved = []
    bar.moved.connect(moved.append)
    bar.slider.setValue(0)
    qtbot.waitUntil(lambda: [model.ref.kimg for model in opened] == [1.0], timeout=PATIENCE_MS)
    assert bar.label.text() == "1.0 kimg" and training_context.state.recipe == recipe
    qtbot.keyClick(bar.slider, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: opened[-1].ref.kimg == 2.0, timeout=PATIENCE_MS)
    bar.slider.setValue(0)  # kept: no file is read again
    assert opened[-1].ref.kimg == 1.0
    qtbot.mouseClick(bar.latest, LEFT)
    assert training_context.state.scene.model == ModelRef("run", str(writer.path))
    assert moved == [1.0, 2.0, 1.0, None] and bar.label.text() == "newest"
    writer.snapshot(4.0)
    qtbot.waitUntil(lambda: bar.slider.maximum() == 4, timeout=PATIENCE_MS)
    assert bar.slider.value() == 4  # the newest stays the newest


def test_models_that_the_slider_passes_are_left_out(
    qtbot, training_context, training, writer, opened
):
    for kimg in range(1, 21):
        writer.snapshot(float(kimg))
    bar = HistoryBar(training_context)
    qtbot.addWidget(bar)
    training.watch(str(writer.path))
    qtbot.waitUntil(lambda: bar.slider.maximum() == 20, timeout=PATIENCE_MS)
    for value in range(19, -1, -1):
        bar.slider.setValue(value)
    qtbot.waitUntil(lambda: bool(opened) and opened[-1].ref.kimg == 1.0, timeout=PATIENCE_MS)
    assert len(opened) < 10


def test_metrics_and_health_make_plots_of_their_own():
    names = ("loss/G", "metric/swd", "metric/fd-random", "sign/real", "health/ms_ssim/fake", "x")
    assert [spec.title for spec in metric_specs(names)] == ["fd-random", "swd"]
    health = health_specs(names)
    assert [spec.title for spec in health] == ["Sign of D", "Ms ssim"]  # no plot without data
    assert health[1].curves == (("health/ms_ssim/fake", "fake"),)


def test_health_has_curves_with_the_thresholds_of_the_alarms(
    qtbot, training_context, training, writer
):
    dock = TrainingDock(training_context)
    qtbot.addWidget(dock)
    dock.resize(1200, 300)
    dock.show()
    dock.tabs.setCurrentWidget(dock.tabs.health)
    judged = {"diversity": 0.8, "gap": 0.03, "advantage": 0.4, "certainty": 0.3, "share": 0.6}
    writer.tick(3, **judged, **{"sign/real": 0.5, "sign/fake": -0.4, "burnt": 0.01})
    training.watch(str(writer.path))
    qtbot.waitUntil(lambda: len(dock.tabs.health.plots) == 6, timeout=PATIENCE_MS)
    plots = {plot.accessibleName(): plot for plot in dock.tabs.health.plots}
    at = Thresholds()
    limits = {name: [value for value, _ in plot.limits] for name, plot in plots.items()}
    assert limits == {
        "Diversity": [at.diversity],
        "Distance": [at.stall_gap],
        "Lead of D": [at.weak_advantage, at.strong_certainty],
        "Loss of D": [at.strong_share, at.weak_share],
        "Sign of D": [at.overfit_sign],
        "Saturated": [at.burnt],
    }
    plot = plots["Distance"]
    qtbot.waitUntil(lambda: plot.redraws > 0, timeout=PATIENCE_MS)
    assert plot.y_range()[0] < 0.03 and plot.y_range()[1] > at.stall_gap
    plot.set_log_scale(True)
    qtbot.waitUntil(lambda: plot.y_range()[0] < -1.5, timeout=PATIENCE_MS)
    assert np.log10(at.stall_gap) < plot.y_range()[1] < 0
    (line,) = plot._limits
    assert line.item.value() == pytest.approx(np.log10(at.stall_gap))
    assert line.item.pen.color().name() == theme.colors().warning


def test_only_a_boundary_has_a_threshold_of_overfitting():
    (with_it,) = health_specs(("sign/real", "share"))[1:]
    (without,) = health_specs(("sign/real",))
    assert with_it.limits and not without.limits


def test_a_compared_run_is_drawn_and_taken_away(qtbot, training_context, training, writer):
    writer.tick(3, **{"metric/swd": 2.0})
    dock = TrainingDock(training_context)
    qtbot.addWidget(dock)
    dock.resize(1200, 300)
    dock.show()
    dock.tabs.allow_plots()
    plot = dock.tabs.pages[0].plots[0]
    page = dock.tabs.runs
    dock.tabs.setCurrentWidget(page)
    qtbot.waitUntil(lambda: page.table.rowCount() == 1, timeout=PATIENCE_MS)
    page.table.item(0, 0).setCheckState(Qt.CheckState.Checked)
    (run,) = training.compared.runs
    qtbot.waitUntil(lambda: len(run.history.series("loss/G")) == 3, timeout=PATIENCE_MS)
    assert [curve.title for curve in plot._others] == ["elsewhere"] * 2
    assert not page.table.item(0, 0).icon().isNull()
    assert dock.legend.isVisible()
    assert [chip.text() for chip in dock.legend.chips] == ["elsewhere"]
    dock.tabs.setCurrentWidget(dock.tabs.metrics)
    qtbot.waitUntil(lambda: len(dock.tabs.metrics.curves.plots) == 1, timeout=PATIENCE_MS)
    writer.tick(1)
    qtbot.waitUntil(lambda: len(run.history.series("loss/G")) == 4, timeout=PATIENCE_MS)
    qtbot.mouseClick(dock.legend.chips[0], LEFT)
    assert not training.compared.runs and not plot._others and dock.legend.isHidden()


def test_the_axis_is_chosen_in_the_corner(qtbot, training_context, training):
    dock = TrainingDock(training_context)
    qtbot.addWidget(dock)
    dock.show()
    dock.tabs.allow_plots()
    axis = dock.tabs.axis
    axis.setCurrentIndex(axis.findData("seconds"))
    axis.activated.emit(axis.currentIndex())
    assert dock.tabs.pages[0].plots[0].axis == "seconds"
    assert training_context.settings.get("train/axis") == "seconds"
    dock.tabs.setCurrentIndex(1)
    assert dock.tabs.pages[1].plots[0].axis == "seconds"


@pytest.fixture
def page(qtbot, training_context, training, writer):
    writer.tick(2)
    writer.run.close()
    made = RunsPage(training_context)
    qtbot.addWidget(made)
    made.resize(1000, 200)
    made.show()
    qtbot.waitUntil(lambda: made.table.rowCount() == 1, timeout=PATIENCE_MS)
    return made


def cell(page, column):
    item = page.table.item(0, column)
    return item.text() if item is not None else ""


def test_runs_are_renamed_annotated_and_deleted(qtbot, page, tmp_path):
    assert page.nothing.isHidden()
    assert cell(page, 0) == "elsewhere" and "1.0 / 10" in cell(page, 3)
    page.ask_text = lambda *_: "better name"
    qtbot.mouseClick(page.buttons["rename"], LEFT)
    qtbot.waitUntil(lambda: cell(page, 0) == "better name", timeout=PATIENCE_MS)
    assert (tmp_path / "runs" / "better name" / "config.json").is_file()
    page.ask_text = lambda *_: "with R1"
    qtbot.mouseClick(page.buttons["note"], LEFT)
    qtbot.waitUntil(lambda: cell(page, 7) == "with R1", timeout=PATIENCE_MS)
    page.ask_delete = lambda *_: False
    qtbot.mouseClick(page.buttons["delete"], LEFT)
    assert (tmp_path / "runs" / "better name").exists()
    page.ask_delete = lambda *_: True
    qtbot.mouseClick(page.buttons["delete"], LEFT)
    qtbot.waitUntil(lambda: page.table.rowCount() == 0, timeout=PATIENCE_MS)
    assert not (tmp_path / "runs" / "better name").exists()
    assert not any(page.buttons[name].isEnabled() for name in page.buttons)
    assert page.nothing.isVisible() and page.nothing.text()


def test_a_run_of_the_list_is_shown_and_its_model_opened(qtbot, page, training_context, training):
    qtbot.mouseClick(page.buttons["open"], LEFT)
    assert training_context.models.opened == [str(page.runs[0].path)]
    qtbot.mouseClick(page.buttons["watch"], LEFT)
    qtbot.waitUntil(lambda: len(training.history.series("loss/G")) == 2, timeout=PATIENCE_MS)
    assert training.watching
    for button in page.buttons.values():
        assert button.toolTip() and button.accessibleName()


def test_a_running_run_is_neither_deleted_nor_renamed(qtbot, training_context, training, writer):
    writer.tick()
    page = RunsPage(training_context)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.table.rowCount() == 1, timeout=PATIENCE_MS)
    assert cell(page, 1) == "running"
    assert not page.buttons["delete"].isEnabled() and not page.buttons["rename"].isEnabled()
    assert not page.buttons["resume"].isEnabled() and page.buttons["watch"].isEnabled()
