"""Choosing and mixing classes with the widget alone."""

import pytest
from PySide6.QtCore import Qt

from latent_studio.ui.widgets.class_picker import MOST_SHOWN, ClassPicker

NAMES = ["tabby cat", "collie", "tiger cat", "goldfish"]


@pytest.fixture
def picker(qtbot):
    picker = ClassPicker()
    qtbot.addWidget(picker)
    picker.set_classes(NAMES, 4)
    picker.told = []
    picker.class_chosen.connect(picker.told.append)
    picker.share_changed.connect(picker.told.append)
    picker.class_chosen.connect(picker.set_value)
    picker.share_changed.connect(picker.set_value)
    picker.show()
    return picker


def choose(picker, qtbot, button, text):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    picker.popup.search.setText(text)
    qtbot.keyClick(picker.popup.search, Qt.Key.Key_Return)


def test_a_number_finds_its_class_first(qtbot):
    picker = ClassPicker()
    qtbot.addWidget(picker)
    picker.set_classes((), 1000)
    chosen = []
    picker.class_chosen.connect(chosen.append)
    choose(picker, qtbot, picker.button, "12")  # not 112, not 120
    assert chosen == [12]
    choose(picker, qtbot, picker.button, "nothing like it")
    assert chosen == [12] and picker.popup.numbers() == []
    picker.popup.hide()


def test_words_in_any_order_and_a_click(picker, qtbot):
    qtbot.mouseClick(picker.button, Qt.MouseButton.LeftButton)
    picker.popup.search.setText("CAT tig")
    assert picker.popup.numbers() == [2]
    picker.popup.view.clicked.emit(picker.popup.view.currentIndex())
    assert picker.told == [2] and picker.button.text() == "2  tiger cat"


def test_escape_empties_then_closes(picker, qtbot):
    qtbot.mouseClick(picker.button, Qt.MouseButton.LeftButton)
    picker.popup.search.setText("cat")
    qtbot.keyClick(picker.popup.search, Qt.Key.Key_Escape)
    assert picker.popup.isVisible() and picker.popup.numbers() == [0, 1, 2, 3]
    qtbot.keyClick(picker.popup.search, Qt.Key.Key_Escape)
    assert not picker.popup.isVisible() and picker.told == []


def test_a_drag_over_the_end_and_back_keeps_the_proportions(picker, qtbot):
    picker.set_value((0.4, 0.2, 0.0, 0.4))
    for share in (70, 100, 85):
        picker.sliders[3].track.setValue(share)
    assert list(picker.sliders) == [0, 1, 3]
    assert picker.told[-1] == pytest.approx((0.1, 0.05, 0.0, 0.85))
    picker.sliders[3].track.setValue(100)
    picker.sliders[3].track.sliderReleased.emit()
    picker.sliders[3].track.setValue(80)  # a new drag knows no proportions any more
    assert picker.told[-1] == pytest.approx((0.1, 0.1, 0.0, 0.8))


def test_mixing_in_and_taking_out(picker, qtbot):
    choose(picker, qtbot, picker.add, "collie")
    choose(picker, qtbot, picker.add, "gold")
    assert picker.told[-1] == pytest.approx((1 / 3, 1 / 3, 0, 1 / 3))
    picker.set_value(2)
    assert picker.sliders == {} and picker.button.text() == "2  tiger cat"


def test_labels_of_many_classes_and_of_another_model(picker):
    picker.set_classes((), 100)
    picker.set_value(tuple(index / 4950 for index in range(100)))
    assert len(picker.sliders) == MOST_SHOWN and 99 in picker.sliders
    assert picker.button.text() == "Mix of 99 classes"
    picker.set_classes(NAMES, 4)  # the label is not this model's; it is shown all the same
    assert picker.button.text() == "Mix of 99 classes"
    picker.set_value(None)
    assert picker.button.text() == "0  tabby cat"
    picker.set_value(7)
    assert picker.button.text() == "7"


def test_controls_have_names_and_take_the_keyboard(picker):
    for button in (picker.button, picker.add):
        assert button.toolTip() and button.accessibleName()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert picker.popup.search.accessibleName() and picker.popup.view.accessibleName()
