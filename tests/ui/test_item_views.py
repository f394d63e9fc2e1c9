"""Keys that lists and tables keep, and those that go on to what they lie in."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QStandardItem, QStandardItemModel, QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget

from latent_studio.ui import item_views

KEY, MODIFIER = Qt.Key, Qt.KeyboardModifier


class Window(QWidget):
    """Remembers what arrives."""

    def __init__(self, view: QWidget) -> None:
        super().__init__()
        self.keys: list[int] = []
        QVBoxLayout(self).addWidget(view)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.keys.append(event.key())


@pytest.fixture(params=["ListView", "ListWidget", "TableView", "TableWidget", "UndoView"])
def view(request, qtbot):
    made = getattr(item_views, request.param)
    if request.param == "UndoView":
        stack = QUndoStack()
        view = made(stack)
        view.stack_kept = stack
        for text in ("One", "Golf", "Gamma"):
            stack.beginMacro(text)
            stack.endMacro()
    elif request.param.endswith("Widget"):
        view = made()
        if request.param == "ListWidget":
            view.addItems(["One", "Golf", "Gamma"])
        else:
            view.setColumnCount(1)
            view.setRowCount(3)
            view.setEditTriggers(view.EditTrigger.NoEditTriggers)
    else:
        view = made()
        model = QStandardItemModel(view)
        for text in ("One", "Golf", "Gamma"):
            model.appendRow(QStandardItem(text))
        view.setModel(model)
        view.setEditTriggers(view.EditTrigger.NoEditTriggers)
    window = Window(view)
    qtbot.addWidget(window)
    window.show()
    view.setFocus()
    view.setCurrentIndex(view.model().index(0, 0))
    yield view
    window.keys.clear()  # holding on to it until now


def test_letters_go_on_and_arrows_stay(view) -> None:
    keys = view.window().keys
    for key in (KEY.Key_G, KEY.Key_C, KEY.Key_Space, KEY.Key_0):
        QTest.keyClick(view, key)
    QTest.keyClick(view, KEY.Key_C, MODIFIER.ShiftModifier)
    letters = [KEY.Key_G, KEY.Key_C, KEY.Key_Space, KEY.Key_0, KEY.Key_C]
    assert [key for key in keys if key != KEY.Key_Shift] == letters
    assert view.currentIndex().row() == 0  # nothing was looked for
    keys.clear()
    QTest.keyClick(view, KEY.Key_Down)
    assert view.currentIndex().row() == 1
    QTest.keyClick(view, KEY.Key_End)
    QTest.keyClick(view, KEY.Key_Up)
    QTest.keyClick(view, KEY.Key_Home)
    for key in (KEY.Key_Up, KEY.Key_Left, KEY.Key_Right):
        QTest.keyClick(view, key)  # nowhere to go
    assert view.currentIndex().row() in (0, 2) and not keys


def test_a_blank_ticks_where_there_is_a_box(qtbot) -> None:
    view = item_views.ListView()
    model = QStandardItemModel(view)
    item = QStandardItem("One")
    item.setCheckable(True)
    model.appendRow(item)
    view.setModel(model)
    window = Window(view)
    qtbot.addWidget(window)
    window.show()
    view.setCurrentIndex(model.index(0, 0))
    QTest.keyClick(view, KEY.Key_Space)
    assert item.checkState() is Qt.CheckState.Checked and not window.keys
