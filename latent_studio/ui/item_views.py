"""Lists and tables that leave letters to the window's commands."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListView, QListWidget, QTableView, QTableWidget, QUndoView

if TYPE_CHECKING:
    from PySide6.QtWidgets import QAbstractItemView

    _Base = QAbstractItemView
else:
    _Base = object

_STEPS = {
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
}
_COMMAND = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)


class _Commanded(_Base):
    """Qt's views look for entries by what is typed; here G is the grid also when one has the focus.

    Arrows never go on to the window, not even at the end of the list: there they are commands.
    """

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _is_text(event) and not self._ticks(event):
            event.ignore()
            return
        super().keyPressEvent(event)
        if event.key() in _STEPS and not event.modifiers() & _COMMAND:
            event.accept()

    def _ticks(self, event: QKeyEvent) -> bool:
        """Whether it is the blank on an entry that has a box to tick."""
        box = self.currentIndex().data(Qt.ItemDataRole.CheckStateRole)
        return event.key() == Qt.Key.Key_Space and box is not None


def _is_text(event: QKeyEvent) -> bool:
    text = event.text()
    return bool(text) and text.isprintable() and not event.modifiers() & _COMMAND


class ListView(_Commanded, QListView):
    """As Qt's; see the module."""


class ListWidget(_Commanded, QListWidget):
    """As Qt's; see the module."""


class TableView(_Commanded, QTableView):
    """As Qt's; see the module."""


class TableWidget(_Commanded, QTableWidget):
    """As Qt's, for tables that are not typed into; see the module."""


class UndoView(_Commanded, QUndoView):
    """As Qt's; see the module."""
