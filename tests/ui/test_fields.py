"""Fields look alike: the same room beside their text, the same arrows and handles."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QSlider,
    QSpinBox,
    QWidget,
)

from latent_studio.ui import theme
from latent_studio.ui.docks.evaluate_panel import EvaluatePanel
from latent_studio.ui.widgets.many_choice import ManyChoice
from latent_studio.ui.widgets.section import inset
from latent_studio.ui.widgets.seed_field import SeedField


@pytest.fixture(params=["dark", "light"])
def dressed(request, qapp):
    theme.apply_theme(qapp, request.param)
    yield qapp
    theme.apply_theme(qapp, "dark")


def picture(widget: QWidget, size: QSize) -> QImage:
    widget.resize(size)
    return widget.grab().toImage()


def differs(image: QImage, x: int, y: int, ground: QColor) -> bool:
    return abs(image.pixelColor(x, y).lightness() - ground.lightness()) > 60


def first_ink(widget: QWidget) -> int:
    """The first column of the text, in pixels from the left edge."""
    image = picture(widget, QSize(140, 30))
    ground = image.pixelColor(2, 7)
    rows = range(7, image.height() - 7)
    return next(
        x for x in range(2, image.width()) if any(differs(image, x, y, ground) for y in rows)
    )


def test_the_text_of_every_field_begins_at_the_same_place(dressed: QApplication, qtbot) -> None:
    combo, line, seed = QComboBox(), QLineEdit("HHH"), SeedField("Seed")
    combo.addItem("HHH")
    seed.lineEdit().setText("HHH")
    spins = [QSpinBox(), QDoubleSpinBox()]
    for spin in spins:
        spin.setPrefix("H")
        inset(spin)
    places = []
    for field in (combo, line, seed, *spins):
        qtbot.addWidget(field)
        places.append(first_ink(field))
    assert max(places) - min(places) <= 1, places
    assert min(places) >= 8


def test_a_button_with_a_menu_of_things_has_an_arrow(dressed: QApplication, qtbot) -> None:
    button = ManyChoice("Metrics", "What to compute", "", 120)
    qtbot.addWidget(button)
    image = picture(button, QSize(120, 28))
    ground = image.pixelColor(60, 14)
    spots = [(x, y) for x in range(98, 117) for y in range(8, 20)]
    assert any(differs(image, x, y, ground) for x, y in spots)


def test_a_plain_slider_has_a_round_handle(dressed: QApplication, qtbot) -> None:
    slider = QSlider()
    slider.setOrientation(slider.orientation().Horizontal)
    slider.setRange(0, 2)
    slider.setValue(1)
    qtbot.addWidget(slider)
    image = picture(slider, QSize(120, 20))
    text = QColor(theme.colors().text)
    handle = [
        (x, y)
        for x in range(45, 75)
        for y in range(20)
        if abs(image.pixelColor(x, y).lightness() - text.lightness()) < 12
    ]
    columns = {x for x, _y in handle}
    tall = [sum(1 for x, _y in handle if x == column) for column in sorted(columns)]
    assert max(tall) >= 9 and tall[0] < max(tall) - 2 and tall[-1] < max(tall) - 2


def test_the_choices_of_an_evaluation_are_not_cut(qtbot, training_context) -> None:
    theme.apply_theme(QApplication.instance(), "dark")
    panel = EvaluatePanel(training_context)
    qtbot.addWidget(panel)
    panel.resize(480, 150)
    panel.show()
    qtbot.waitExposed(panel)
    features = panel.features
    assert features.width() >= features.sizeHint().width()
    for index in range(features.count()):
        words = features.fontMetrics().horizontalAdvance(features.itemText(index))
        assert features.width() >= words + 8 + 20
    panel.resize(600, 150)
    qtbot.waitUntil(lambda: panel.metrics.text() == "usual metrics")
