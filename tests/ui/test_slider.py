"""A labelled slider without a window."""

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt

from latent_studio.ui.widgets.component_list import ComponentList
from latent_studio.ui.widgets.slider import FloatSlider


class Paints(QObject):
    """Counts the paint events of a widget."""

    def __init__(self, widget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched, event) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


@pytest.fixture
def slider(qtbot) -> FloatSlider:
    made = FloatSlider("Psi", 0.0, 1.5, 0.01, 1.0)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    qtbot.wait(50)
    return made


def test_a_value_that_is_shown_already_is_not_painted_again(slider, qtbot) -> None:
    paints = Paints(slider.track)
    slider.set_value(1.0)
    qtbot.wait(30)
    assert paints.count == 0
    slider.set_value(0.5)
    qtbot.waitUntil(lambda: paints.count > 0)
    assert slider.spin.value() == 0.5 and slider.track.value() == 50


def test_another_range_moves_the_handle(slider) -> None:
    slider.set_value(1.0)
    slider.set_range(0.0, 4.0)
    assert slider.value() == 1.0 and slider.track.value() == 100 and slider.track.maximum() == 400
    slider.set_range(0.0, 0.5)
    assert slider.value() == 0.5 == slider.spin.value()


LEFT = Qt.MouseButton.LeftButton


@pytest.mark.parametrize("beside", [-4, 0, 4])
def test_taking_the_handle_changes_nothing(slider, qtbot, beside) -> None:
    track, changes = slider.track, []
    slider.value_changed.connect(changes.append)
    for value in (1.0, 0.33):
        slider.set_value(value)
        at = QPoint(track.position_of(track.value()) + beside, track.height() // 2)
        qtbot.mousePress(track, LEFT, pos=at)
        qtbot.mouseMove(track, at + QPoint(0, 3))
        qtbot.mouseRelease(track, LEFT, pos=at)
        assert slider.value() == value and changes == []


def test_the_handle_keeps_its_distance_to_the_mouse(slider, qtbot) -> None:
    track = slider.track
    slider.set_value(0.5)
    start = track.position_of(track.value())
    qtbot.mousePress(track, LEFT, pos=QPoint(start + 4, 8))
    qtbot.mouseMove(track, QPoint(start + 24, 8))
    assert abs(track.position_of(track.value()) - (start + 20)) <= 1
    qtbot.mouseMove(track, QPoint(start + 4, 8))
    assert slider.value() == 0.5
    qtbot.mouseRelease(track, LEFT, pos=QPoint(start + 4, 8))


def test_a_press_beside_the_handle_jumps_there(slider, qtbot) -> None:
    track = slider.track
    slider.set_value(0.0)
    qtbot.mousePress(track, LEFT, pos=QPoint(track.width() // 2, 8))
    assert abs(track.position_of(track.value()) - track.width() // 2) <= 1
    qtbot.mouseRelease(track, LEFT, pos=QPoint(track.width() // 2, 8))


def test_a_row_of_the_components_is_taken_by_its_handle_too(qtbot) -> None:
    rows, changes = ComponentList(), []
    qtbot.addWidget(rows)
    rows.model().reset("z", [0])
    rows.resize(300, 60)
    rows.show()
    qtbot.waitExposed(rows)
    rows.amount_changed.connect(lambda *change: changes.append(change))
    index = rows.model().index(0)
    handle = QPoint(round(rows._middle(index)), rows.visualRect(index).center().y())
    for beside in (-4, 4):
        qtbot.mousePress(rows.viewport(), LEFT, pos=handle + QPoint(beside, 0))
        qtbot.mouseRelease(rows.viewport(), LEFT, pos=handle + QPoint(beside, 0))
    assert changes == []
    qtbot.mousePress(rows.viewport(), LEFT, pos=handle + QPoint(30, 0))
    qtbot.mouseRelease(rows.viewport(), LEFT, pos=handle + QPoint(30, 0))
    assert len(changes) == 1 and changes[0][1] > 0
