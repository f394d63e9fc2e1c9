"""The training dock with real clicks, drops and a real tiny training."""

import threading

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage

from latent_studio.events import Progress, RunStarted, SampleGrid, TrainTick
from latent_studio.ui import training_request
from latent_studio.ui.docks.sample_history import best_columns, compose
from latent_studio.ui.docks.training_dock import TrainingDock
from latent_studio.ui.settings import DEFAULTS
from latent_studio.ui.training_controller import RunState
from latent_studio.ui.training_request import TrainRequest
from latent_studio.ui.widgets.track import Track

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def dock(qtbot, training_context):
    made = TrainingDock(training_context)
    qtbot.addWidget(made)
    made.resize(1200, 260)
    made.show()
    assert not any(page.plots for page in made.tabs.pages)  # nothing before the first picture
    training_context.render.frame_shown.emit(None, None)
    qtbot.waitUntil(lambda: made.bar.preset.count() > 1, timeout=30_000)
    qtbot.waitUntil(lambda: bool(made.tabs.pages[0].plots), timeout=30_000)
    return made


@pytest.fixture
def training(dock, training_context):
    return training_context.training


@pytest.fixture
def tiny(training, pictures, monkeypatch):
    """The dock's choices give a training of 8×8 pixels on one thread."""
    training.set_data(str(pictures))
    options = {
        "resolution": 8, "channels": 3, "batch": 4, "threads": 1, "device": "cpu",
        "precision": "fp32", "tick_kimg": 0.02, "grid_kimg": 0.04, "snapshot_kimg": 0.08,
        "grid_count": 4,
    }  # fmt: skip
    chosen = training.chosen_request

    def shrunk():
        request = chosen()
        return TrainRequest(request.data, "mlp-mnist", request.folder, 1000.0, False, options)

    monkeypatch.setattr(training, "chosen_request", shrunk)


def click(qtbot, widget):
    qtbot.mouseClick(widget, LEFT)


def feed(training, count, grids=0, folder=None):
    for i in range(count):
        values = {"loss/G": 1.0, "score/real": 2.0, "loss/R1": 0.1}
        training._on_events([TrainTick("r", i, i * 0.5, 100.0, 1.0, 50.0, 9.0, values)])
    for i in range(grids):
        images = np.full((4, 8, 8, 3), 50 * i, np.uint8)
        path = ""
        if folder is not None:
            path = str(folder / f"{i}.png")
            compose(images, 2).save(path)
        training._on_events([SampleGrid("r", float(i), images, 2, path)])


def test_start_pause_go_on_and_stop_by_mouse(qtbot, dock, training, tiny):
    bar = dock.bar
    assert bar.start.isEnabled() and not bar.pause.isEnabled() and not bar.stop.isEnabled()
    click(qtbot, bar.start)
    assert not bar.start.isEnabled() and not bar.data.isEnabled()
    qtbot.waitUntil(lambda: len(training.history.series("loss/G")) >= 2, timeout=60_000)
    assert "img/s" in bar.status.text() and "kimg" in bar.status.text()
    click(qtbot, bar.pause)
    assert training.state is RunState.PAUSED and "paused" in bar.status.text()
    click(qtbot, bar.pause)
    assert training.state is RunState.RUNNING
    click(qtbot, bar.stop)
    qtbot.waitUntil(lambda: training.state is RunState.FINISHED, timeout=60_000)
    assert bar.start.isEnabled() and not bar.stop.isEnabled()
    assert training.request.folder in dock.words.full_text()
    assert training.history.latest_snapshot()


def test_a_resumed_run_is_shown_with_its_own_preset_and_data(qtbot, dock, training, monkeypatch):
    """The choices are for the next run; beside a progress they would be taken for the running."""
    gate, bar = threading.Event(), dock.bar

    def carry_out(request, *, emit, token, **_):
        emit(RunStarted("r", request.folder, "stylegan2-64-cpu", 3.0, 10.0, True, "old/people.zip"))
        gate.wait(20)

    monkeypatch.setattr(training_request, "carry_out", carry_out)
    chosen = bar.preset.currentData(), bar.data.text()
    training.resume_run("runs/r")
    qtbot.waitUntil(lambda: bar.preset.currentData() == "stylegan2-64-cpu", timeout=20_000)
    assert bar.data.text() == "people" and training.data != "old/people.zip"
    gate.set()
    qtbot.waitUntil(lambda: not training.running, timeout=20_000)
    assert (bar.preset.currentData(), bar.data.text()) == chosen


def test_the_model_of_a_run_opens_from_the_menu(qtbot, dock, training_context, training, tiny):
    click(qtbot, dock.bar.start)
    qtbot.waitUntil(lambda: training.history.latest_snapshot() != "", timeout=60_000)
    click(qtbot, dock.bar.stop)
    qtbot.waitUntil(lambda: not training.running, timeout=60_000)
    menu = dock.bar.menu
    menu.fill()
    (action,) = [a for a in menu.actions() if "explorer" in a.text()]
    action.trigger()
    assert training_context.models.opened == [training.history.latest_snapshot()]
    resume = menu.actions()[0].menu()
    assert resume.actions()[0].text() == training.request.name


def test_presets_come_with_title_and_sentence(qtbot, dock, training):
    combo = dock.bar.preset
    assert combo.count() >= 5
    index = combo.findData("stylegan2-64-cpu")
    combo.setCurrentIndex(index)
    assert training.preset == "stylegan2-64-cpu"
    assert combo.itemData(index, Qt.ItemDataRole.ToolTipRole) in dock.words.full_text()


def test_a_dropped_folder_becomes_the_data(qtbot, dock, training, pictures):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(pictures))])
    place = QPoint(20, 60)
    enter = QDragEnterEvent(
        place, Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier
    )
    dock.dragEnterEvent(enter)
    assert enter.isAccepted()
    drop = QDropEvent(
        QPointF(place), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier
    )
    with qtbot.waitSignal(training.data_reported, timeout=20_000):
        dock.dropEvent(drop)
    assert training.data == str(pictures)
    assert "pictures" in dock.bar.data.text()
    assert "40" in dock.words.full_text()


def test_a_picture_is_no_data(qtbot, dock, training, tmp_path):
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "x.png"))])
    enter = QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, mime, LEFT, Qt.KeyboardModifier.NoModifier
    )
    enter.ignore()
    dock.dragEnterEvent(enter)
    assert not enter.isAccepted()


def test_browsing_takes_the_chosen_folder(qtbot, dock, training, pictures):
    dock.bar.data.ask_folder = lambda *_: str(pictures)
    with qtbot.waitSignal(training.data_reported, timeout=20_000):
        dock.bar.data.choose_folder()
    assert training.recent_data == [str(pictures)]
    dock.bar.data.ask_file = lambda *_: ""
    dock.bar.data.choose_file()
    assert training.data == str(pictures)


def test_preparing_shows_a_row_that_cancels(qtbot, dock, training, monkeypatch):
    def script(request, *, emit, token, **_):
        emit(Progress(3, 10, "decoding", 5.0))
        token.wait(30)
        token.checkpoint()

    monkeypatch.setattr(training_request, "carry_out", script)
    click(qtbot, dock.bar.start)
    qtbot.waitUntil(lambda: dock.preparing.isVisible() and dock.preparing.bar.value() == 300)
    click(qtbot, dock.preparing.cancel_button)
    qtbot.waitUntil(lambda: not training.running)
    assert not dock.preparing.isVisible()


def test_pages_without_curves_say_how_to_begin(qtbot, dock, training):
    pages = dock.tabs.pages
    losses = pages[0]
    assert losses._empty.isVisible() and "Start (T)" in losses._empty.text()
    assert not any(plot.isVisible() for plot in losses.plots)
    feed(training, 20)
    qtbot.waitUntil(lambda: losses.plots[0].redraws > 0)
    assert losses.plots[0].isVisible() and not losses._empty.isVisible()
    for page in pages:
        dock.tabs.setCurrentWidget(page)
        assert page._empty.isHidden() == bool(page.plots), "either says something"
    dock.tabs.setCurrentWidget(losses)
    training.history.clear()
    training.history_changed.emit()
    assert losses._empty.isVisible() and not losses.plots[0].isVisible()


def test_hidden_tabs_paint_nothing_and_lose_nothing(qtbot, dock, training):
    losses, scores = dock.tabs.pages[:2]
    assert losses.plots and not scores.plots
    feed(training, 100)
    qtbot.waitUntil(lambda: losses.plots[0].redraws > 0)
    dock.tabs.setCurrentWidget(scores)
    assert scores.plots
    redraws = losses.plots[0].redraws
    feed(training, 100)
    qtbot.waitUntil(lambda: scores.plots[0].redraws > 0)
    assert losses.plots[0].redraws == redraws
    dock.hide()
    redraws = scores.plots[0].redraws
    feed(training, 50)
    assert scores.plots[0].redraws == redraws
    assert len(training.history.series("score/real")) == 50


def test_the_history_slider_reads_old_grids_in_the_background(qtbot, dock, training, tmp_path):
    samples = dock.tabs.samples
    feed(training, 1, grids=5, folder=tmp_path)
    assert samples.view.image.isNull()
    dock.tabs.setCurrentWidget(samples)
    qtbot.waitUntil(lambda: not samples.view.image.isNull())
    assert samples.slider.value() == 4
    assert samples.view.image.pixelColor(0, 0).red() == 200
    with qtbot.waitSignal(samples.shown) as shown:
        samples.slider.setValue(1)
    assert shown.args == [1.0]
    assert samples.view.image.pixelColor(0, 0).red() == 50
    feed(training, 0, grids=0)
    images = np.full((4, 8, 8, 3), 7, np.uint8)
    training._on_events([SampleGrid("r", 9.0, images, 2, "")])
    assert samples.slider.maximum() == 5 and samples.slider.value() == 1  # stays where it was put
    samples.slider.setValue(5)
    qtbot.waitUntil(lambda: samples.view.image.pixelColor(0, 0).red() == 7)


def test_samples_fill_the_room_they_have():
    assert best_columns(36, (64, 64), (1200, 100))[0] >= 18
    assert best_columns(36, (64, 64), (600, 600)) == (6, pytest.approx(600 / 384))
    grey = compose(np.full((3, 4, 5, 1), 9, np.uint8), 2)
    assert (grey.width(), grey.height()) == (10, 8)
    assert grey.format() == QImage.Format.Format_RGB888


def test_every_control_has_a_name_and_a_tooltip(dock):
    bar = dock.bar
    for widget in (bar.preset, bar.data, bar.name, bar.kimg, bar.start, bar.pause, bar.stop):
        assert widget.accessibleName() and widget.toolTip()
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus


@pytest.mark.parametrize("width", [600, 800, 960, 1440])
def test_the_bar_fits_into_any_width(dock, qtbot, width):
    dock.resize(width, 300)
    qtbot.waitUntil(lambda: dock.bar.width() == width)
    qtbot.wait(20)  # the layout turns after the resize
    bar = dock.bar
    parts = (bar.preset, bar.data, bar.name, bar.kimg, bar.start, bar.pause, bar.stop, bar.more)
    boxes = [part.geometry() for part in parts]
    for index, box in enumerate(boxes):
        assert bar.rect().contains(box)
        part = parts[index]  # fields with a width of their own may cut their text
        assert box.width() >= (part.minimumWidth() or part.minimumSizeHint().width())
        assert not any(box.intersects(other) for other in boxes[:index])


def test_a_narrow_bar_has_one_line_while_a_training_runs(qtbot, dock, training, tiny):
    dock.resize(700, 300)
    qtbot.waitUntil(lambda: dock.bar.width() == 700)
    before = dock.bar.sizeHint().height()
    click(qtbot, dock.bar.start)
    qtbot.waitUntil(lambda: dock.bar.preset.isHidden(), timeout=60_000)
    assert dock.bar.sizeHint().height() < before
    dock.resize(1200, 300)
    qtbot.waitUntil(lambda: not dock.bar.preset.isHidden())
    dock.resize(700, 300)
    click(qtbot, dock.bar.stop)
    qtbot.waitUntil(lambda: not training.running, timeout=60_000)
    assert not dock.bar.preset.isHidden()


def test_the_words_keep_their_distance_from_the_edge(dock):
    assert dock.words.mapTo(dock, QPoint(0, 0)).x() >= 8


def test_a_run_makes_plots_even_without_a_picture(qtbot, training_context):
    made = TrainingDock(training_context)
    qtbot.addWidget(made)
    made.show()
    feed(training_context.training, 2)
    assert made.tabs.pages[0].plots


def test_the_sliders_of_the_dock_are_those_of_the_others(qtbot, training_context):
    dock = TrainingDock(training_context)
    qtbot.addWidget(dock)
    assert isinstance(dock.tabs.smoothing, Track) and isinstance(dock.tabs.samples.slider, Track)
    smoothing = dock.tabs.smoothing
    smoothing.setValue(5)
    smoothing.reset_requested.emit()
    assert smoothing.value() == DEFAULTS["train/smoothing"]
