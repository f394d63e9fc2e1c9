"""A labelled slider without a window."""

import pytest
from PySide6.QtCore import QEvent, QObject

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
