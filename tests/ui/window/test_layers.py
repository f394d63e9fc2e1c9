"""The Layers dock on the real window: feature maps, spectra, noise of each layer."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from latent_studio.recipe import Recipe

PATIENCE_MS = 20_000


@pytest.fixture
def dock(window, qtbot, settled):
    settled(window)
    window.host.show("layers")
    dock = window.host.widget("layers")
    qtbot.waitUntil(lambda: dock.layer.count() > 1, timeout=PATIENCE_MS)
    return dock


def choose(dock, qtbot, index: int) -> None:
    before = dock.look
    dock.layer.setCurrentIndex(index)
    dock.layer.value_changed.emit(dock.layer.value())
    qtbot.waitUntil(lambda: dock.look is not before, timeout=PATIENCE_MS)


def test_feature_maps_follow_the_picture(window, dock, qtbot, settled) -> None:
    sides = [4 * 2**block for block in range(dock.layer.count() - 1)]
    assert [dock.layer.itemText(i) for i in range(1, dock.layer.count())] == [
        f"Block {i + 1}: {side}×{side}" for i, side in enumerate(sides)
    ]
    assert dock.view.count == 3  # the picture: red, green, blue
    choose(dock, qtbot, 2)
    assert dock.look.side == 8 and "8×8" in dock.facts.text()
    assert dock.view.count == min(64, dock.look.count)
    old = dock.look.values
    window.context.state.edit(lambda _r: Recipe.from_seed(99))
    qtbot.waitUntil(lambda: not np.array_equal(dock.look.values, old), timeout=PATIENCE_MS)
    assert dock.look.values.shape == old.shape


def test_a_click_enlarges_a_channel_and_the_next_goes_back(dock, qtbot) -> None:
    choose(dock, qtbot, 2)
    view = dock.view
    box = view._boxes()[1]
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert view.alone == view._channels[1] and len(view._boxes()) == 1
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.alone == view._channels[2]
    place = QPoint(view.rect().center())
    QApplication.sendEvent(view, QHelpEvent(QEvent.Type.ToolTip, place, view.mapToGlobal(place)))
    assert str(view.alone) in QToolTip.text()
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.rect().center())
    assert view.alone == -1
    assert view._at(QPointF(-5, -5)) == -1


def test_the_spectrum_of_a_layer_and_of_the_picture(dock, qtbot) -> None:
    dock.kind.setCurrentIndex(1)
    dock.kind.value_changed.emit("spectrum")
    qtbot.waitUntil(lambda: dock.look.curve is not None, timeout=PATIENCE_MS)
    assert dock.view.count == 1 and dock.view._curve is not None
    assert "3" in dock.facts.text()
    dock.view.grab()  # paints the curve
    choose(dock, qtbot, 1)
    assert dock.view._curve is not None and len(dock.view._curve) == 3


def test_noise_of_one_layer(window, dock, qtbot, settled) -> None:
    state = window.context.state
    assert len(dock.sliders) == len(state.model.generator.synthesis.noise_shapes)
    assert not dock.reset.isEnabled()
    dock.sliders[1].value_changed.emit(0.0)
    dock.sliders[1].value_changed.emit(9.0)
    dock.sliders[1].edit_finished.emit()
    settled(window)
    assert state.recipe.noise_layers == (1.0, 9.0) and dock.sliders[1].value() == 9.0
    dock.reset.click()
    settled(window)
    assert state.recipe.noise_layers == () and dock.sliders[1].value() == 1.0
    state.undo_stack.undo()
    assert state.recipe.noise_layers == (1.0, 9.0)
    state.undo_stack.undo()
    assert state.recipe.noise_layers == ()  # the drag was one step


def test_a_model_without_styles(window, dock, qtbot, models, settled) -> None:
    window.context.models.open_path(str(models["plain"]))
    qtbot.waitUntil(lambda: window.context.state.model.title == "plain", timeout=PATIENCE_MS)
    settled(window)
    qtbot.waitUntil(lambda: dock.view.count > 0, timeout=PATIENCE_MS)
    assert dock.bottom.isHidden() and dock.sliders == []


def test_nothing_is_worked_out_behind_another_tab(window, dock, qtbot, settled) -> None:
    window.host.show("mixing")
    qtbot.waitUntil(lambda: window.host.is_behind(dock), timeout=PATIENCE_MS)
    old = dock.look
    window.context.state.edit(lambda _r: Recipe.from_seed(77))
    settled(window)
    qtbot.wait(2 * dock._settle.interval())
    assert dock.look is old
    window.host.show("layers")
    qtbot.waitUntil(lambda: dock.look is not old, timeout=PATIENCE_MS)
