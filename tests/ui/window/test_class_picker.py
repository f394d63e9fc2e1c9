"""The class of a conditional model in the real window: searched, undone, mixed."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from latent_studio.models.registry import build_generator
from latent_studio.storage.model_file import ModelBundle, load_model, save_model

PATIENCE_MS = 20_000
NAMES = ["tabby cat", "collie", "tiger cat", "goldfish"]


@pytest.fixture(scope="module")
def named_model(model_files, tmp_path_factory) -> Path:
    """The conditional model with names of its classes."""
    path = tmp_path_factory.mktemp("named") / "named.safetensors"
    bundle = load_model(model_files["classes"])
    save_model(path, dataclasses.replace(bundle, card={"classes": NAMES}))
    return path


@pytest.fixture(scope="module")
def two_classes(model_files, tmp_path_factory) -> Path:
    """A model of fewer classes, without names."""
    spec = load_model(model_files["classes"]).spec
    spec = dataclasses.replace(spec, config={**spec.config, "c_dim": 2})
    path = tmp_path_factory.mktemp("two") / "two.safetensors"
    save_model(path, ModelBundle.from_generator(build_generator(spec)))
    return path


@pytest.fixture
def picker(bare_window, named_model, qtbot, settled):
    bare_window.context.models.open_first(str(named_model))
    settled(bare_window)
    return bare_window.host.widgets["latent"].classes


def shown(window):
    return np.asarray(window.context.render.last_frame.pixels).copy()


def test_search_choose_undo_and_another_model(picker, bare_window, two_classes, qtbot, settled):
    state = bare_window.context.state
    assert picker.titles()[2] == "2  tiger cat" and picker.button.text() == "0  tabby cat"
    before = shown(bare_window)
    qtbot.mouseClick(picker.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(picker.popup.isVisible, timeout=PATIENCE_MS)
    qtbot.keyClicks(picker.popup.search, "cat")
    assert picker.popup.numbers() == [0, 2]
    qtbot.keyClick(picker.popup.search, Qt.Key.Key_Down)
    qtbot.keyClick(picker.popup.search, Qt.Key.Key_Return)
    assert state.recipe.label == 2 and not picker.popup.isVisible()
    assert picker.button.text() == "2  tiger cat" and picker.sliders == {}
    settled(bare_window)
    assert not np.array_equal(before, shown(bare_window))
    bare_window.undo.trigger()
    assert state.recipe.label is None and picker.button.text() == "0  tabby cat"
    settled(bare_window)
    assert np.array_equal(before, shown(bare_window))
    bare_window.redo.trigger()
    bare_window.context.models.open_path(str(two_classes))
    qtbot.waitUntil(lambda: picker.titles() == ["0", "1"], timeout=PATIENCE_MS)
    settled(bare_window)  # it has no class 2
    assert state.recipe.label is None and picker.button.text() == "0"
    bare_window.undo.trigger()
    settled(bare_window)
    assert picker.button.text() == "2  tiger cat"


def test_mixture(picker, bare_window, qtbot, settled):
    state = bare_window.context.state
    qtbot.mouseClick(picker.add, Qt.MouseButton.LeftButton)
    picker.popup.search.setText("gold")
    qtbot.keyClick(picker.popup.search, Qt.Key.Key_Return)
    assert state.recipe.label == (0.5, 0.0, 0.0, 0.5)
    assert list(picker.sliders) == [0, 3] and picker.button.text() == "Mix of 2 classes"
    steps = state.undo_stack.count()
    for share in (0.6, 0.8, 1.0, 0.9):  # one drag, over the end and back
        picker.sliders[3].track.setValue(round(share * 100))
    picker.sliders[3].track.sliderReleased.emit()
    assert state.undo_stack.count() == steps + 1
    assert list(picker.sliders) == [0, 3]
    assert state.recipe.label[3] == pytest.approx(0.9) and sum(state.recipe.label) == 1
    settled(bare_window)
    bare_window.undo.trigger()
    assert state.recipe.label == (0.5, 0.0, 0.0, 0.5)
    assert picker.sliders[3].value() == 0.5
    close = picker.sliders[0].parentWidget().layout().itemAt(1).widget()
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert state.recipe.label == 3 and picker.sliders == {}
