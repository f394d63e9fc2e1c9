"""Metrics in the window: chosen for a run, drawn as curves, computed now and copied."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from latent_studio.jobs import evaluate as job
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.recipe import ModelRef
from latent_studio.storage.model_file import ModelBundle, save_model
from latent_studio.ui.docks import estimate_box
from latent_studio.ui.docks.metrics_page import MetricsPage
from latent_studio.ui.docks.new_run_form import NewRunForm
from latent_studio.ui.docks.plot_page import metric_specs
from latent_studio.ui.docks.training_dock import TrainingDock
from latent_studio.ui.state import LoadedModel
from latent_studio.ui.training_controller import RunState
from latent_studio.ui.training_request import TrainRequest

PATIENCE_MS = 60_000
LEFT = Qt.MouseButton.LeftButton
TINY = {
    "resolution": 16,
    "channels": 3,
    "batch": 4,
    "threads": 1,
    "device": "cpu",
    "precision": "fp32",
    "tick_kimg": 0.02,
    "grid_kimg": 1.0,
    "grid_count": 4,
    "snapshot_kimg": 0.04,
    "metrics_samples": 16,
    "generator.hidden": [8],
    "discriminator.hidden": [8],
}


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path / "home"))


@pytest.fixture
def form(qtbot, training_context, monkeypatch):
    monkeypatch.setattr(estimate_box.EstimateBox, "renew", lambda self: None)
    made = NewRunForm(training_context)
    qtbot.addWidget(made)
    made.resize(1000, 240)
    training_context.training.load_presets()
    qtbot.waitUntil(lambda: "swd" in training_context.training.metrics, timeout=PATIENCE_MS)
    made.show()
    return made


def tick(choice, name):
    """Click an entry of the menu, which stays open."""
    menu = choice.menu()
    (action,) = [action for action in menu.actions() if action.data() == name]
    menu.setActiveAction(action)
    action.trigger()


def test_metrics_are_ticked_and_reach_the_request(qtbot, form, training_context):
    training = training_context.training
    names, every = form.metrics.names, form.metrics.every
    assert names.text() == "none" and not every.isEnabled()
    assert not any(action.data() == "fid" for action in names.menu().actions())
    tick(names, "swd")
    tick(names, "fd-random")
    assert set(names.values()) == {"swd", "fd-random"} and every.isEnabled()
    assert every.text() == "every model"
    every.setValue(3)
    options = training.chosen_request().options
    assert set(options["metrics"].split(",")) == {"swd", "fd-random"}
    assert options["metrics_every"] == 3 and every.text() == "every 3 models"
    tick(names, "swd")
    tick(names, "fd-random")
    assert "metrics" not in training.chosen_request().options
    for widget in (names, every):
        assert widget.accessibleName() and widget.toolTip()


@pytest.mark.qt_log_ignore("plugin does not support")
def test_a_click_in_the_menu_leaves_it_open(qtbot, form):
    menu = form.metrics.names.menu()
    menu.popup(form.mapToGlobal(form.rect().center()))
    action = menu.actions()[0]
    qtbot.waitUntil(menu.isVisible)
    qtbot.mouseMove(menu, menu.actionGeometry(action).center())
    menu.setActiveAction(action)
    qtbot.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
    assert menu.isVisible() and action.isChecked()
    qtbot.keyClick(menu, Qt.Key.Key_Space)
    assert menu.isVisible() and not action.isChecked()
    menu.close()


def test_a_metric_that_does_not_fit_is_said_at_once(qtbot, form, training_context):
    training_context.settings.set("train/preset", "mlp-mnist")
    form.more.set_lines(["resolution=20"])
    form.more.lines_changed.emit(form.more.lines())
    tick(form.metrics.names, "swd")
    words = "power of two"
    qtbot.waitUntil(lambda: words in form.problem.full_text(), timeout=PATIENCE_MS)
    assert form.problem.isVisible()
    tick(form.metrics.names, "swd")
    qtbot.waitUntil(lambda: not form.problem.isVisible(), timeout=PATIENCE_MS)


def test_parts_of_a_metric_share_a_plot():
    names = ("metric/swd", "metric/pr-random/recall", "metric/pr-random/precision", "loss/G")
    pr, swd = metric_specs(names)
    assert pr.title == "pr-random" and [text for _, text in pr.curves] == ["precision", "recall"]
    assert swd.curves == (("metric/swd", "model"),)


def test_a_run_that_measures_itself_is_drawn(qtbot, training_context, pictures, tmp_path):
    dock = TrainingDock(training_context)
    qtbot.addWidget(dock)
    dock.resize(1200, 300)
    dock.show()
    dock.tabs.allow_plots()
    dock.tabs.setCurrentWidget(dock.tabs.metrics)
    training, curves = training_context.training, dock.tabs.metrics.curves
    options = {**TINY, "metrics": "fd-random,pr-random", "metrics_every": 1}
    folder = str(tmp_path / "runs" / "m")
    training.start(TrainRequest(str(pictures), "mlp-mnist", folder, 0.12, options=options))
    qtbot.waitUntil(lambda: training.state is RunState.FINISHED, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: len(curves.plots) == 2, timeout=PATIENCE_MS)
    series = training.history.series("metric/fd-random")
    assert list(series.x) == pytest.approx([0.04, 0.08, 0.12]) and (series.y > 0).all()
    assert curves.plots[1].curve_titles() == ["precision", "recall"]
    assert not dock.tabs._corner.isHidden()


@pytest.fixture
def page(qtbot, training_context, pictures, tmp_path):
    spec = ModelSpec("mlp", {"resolution": 16, "channels": 3, "z_dim": 4, "hidden": [8]})
    path = tmp_path / "tiny.safetensors"
    generator = build_generator(spec)
    save_model(path, ModelBundle.from_generator(generator))
    settings = training_context.settings
    for name, value in (("device", "cpu"), ("evaluate/samples", 16), ("train/data", str(pictures))):
        settings.set(name, value)
    made = MetricsPage(training_context)
    qtbot.addWidget(made)
    made.resize(1000, 160)
    made.show()
    assert not made.panel.start.isEnabled()  # no model
    ref = ModelRef("file", str(path))
    model = LoadedModel(ref, "tiny", generator.capabilities, path=str(path))
    training_context.state.set_model(model)
    return made


def test_the_model_on_the_canvas_is_measured_now(qtbot, page, training_context):
    panel = page.panel
    training_context.settings.set("evaluate/metrics", ["swd", "fd-random"])
    assert panel.metrics.text() == "swd, fd-random"
    qtbot.mouseClick(panel.start, LEFT)
    assert panel.start.text() == "Cancel"
    qtbot.waitUntil(lambda: panel.result is not None, timeout=PATIENCE_MS)
    cells = [[panel.table.item(r, c).text() for c in range(4)] for r in range(2)]
    assert [row[0] for row in cells] == ["swd", "fd-random"] and cells[0][3] == "lower"
    assert all(float(row[1]) > 0 and float(row[2]) > 0 for row in cells)
    heads = [panel.table.horizontalHeaderItem(column) for column in range(3)]
    assert [head.text() for head in heads[1:]] == ["tiny", "real: pictures"]
    assert "16 made, 16 real" in heads[0].toolTip() and panel.table.isVisible()
    qtbot.mouseClick(panel.copy, LEFT)
    text = QGuiApplication.clipboard().text()
    assert f"swd\t{cells[0][1]}\t{cells[0][2]}\tlower" in text.splitlines()
    assert panel.start.text() == "Evaluate now"


def test_measuring_can_be_cancelled(qtbot, page, training_context, monkeypatch):
    def wait(*_args, token, **_):
        token.wait(30)
        token.checkpoint()

    monkeypatch.setattr(job, "evaluate", wait)
    panel = page.panel
    qtbot.mouseClick(panel.start, LEFT)
    (thread,) = training_context.jobs.running
    assert not thread.quiet  # it has a row with time left
    qtbot.mouseClick(panel.start, LEFT)
    qtbot.waitUntil(lambda: panel.start.text() == "Evaluate now", timeout=PATIENCE_MS)
    assert panel.result is None and not panel.copy.isEnabled()
    assert not training_context.notifications.history


def test_weights_are_downloaded_only_when_asked(qtbot, page, training_context, monkeypatch):
    panel, said = page.panel, training_context.notifications
    panel.features.setCurrentIndex(1)
    panel.features.activated.emit(1)
    assert training_context.settings.get("evaluate/features") == "inception"
    qtbot.mouseClick(panel.start, LEFT)
    qtbot.waitUntil(lambda: bool(said.history), timeout=PATIENCE_MS)
    assert "96 MB" in said.history[-1].message
    asked = []
    monkeypatch.setattr(job, "evaluate", lambda *_, **how: asked.append(how["download"]))
    monkeypatch.setattr(panel, "_on_done", lambda found: asked.append(found))
    said.history[-1].actions[0][1]()
    qtbot.waitUntil(lambda: asked == [True, None], timeout=PATIENCE_MS)


def test_every_control_of_the_panel_has_a_name_and_a_tooltip(page):
    panel = page.panel
    for widget in (panel.start, panel.metrics, panel.samples, panel.features, panel.copy):
        assert widget.accessibleName() and widget.toolTip()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
