"""Further settings of a new run: a small table of names and values that says what is wrong."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCompleter,
    QHeaderView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from latent_studio.ui import theme
from latent_studio.ui.bind import blocked
from latent_studio.ui.i18n import tr
from latent_studio.ui.widgets.slider import ElidedLabel

_ROW_HEIGHT = 24


class _NameDelegate(QStyledItemDelegate):
    """Completes the names of settings."""

    def __init__(self, names: Callable[[], Sequence[str]], parent: QObject) -> None:
        super().__init__(parent)
        self._names = names

    def createEditor(
        self,
        parent: QWidget,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName(tr("Name of a setting"))
        completer = QCompleter(list(self._names()), editor)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        editor.setCompleter(completer)
        return editor


class OptionTable(QWidget):
    """``lines_changed(list)`` brings the filled rows as ``key=value``. The last row is empty and
    takes a new one; Delete takes the chosen one away.
    """

    lines_changed = Signal(list)

    def __init__(
        self, names: Callable[[], Sequence[str]] = tuple, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.table = QTableWidget(0, 2)
        self.table.setAccessibleName(tr("More settings of the run"))
        self.table.setToolTip(
            tr(
                "Any other setting by name, such as batch or generator.z_dim; values as numbers, "
                "true, false or text. Delete removes a row."
            )
        )
        self.table.setHorizontalHeaderLabels([tr("More settings"), tr("Value")])
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.table.setItemDelegateForColumn(0, _NameDelegate(names, self))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.AllEditTriggers)
        self.table.setTabKeyNavigation(False)  # Tab goes on to the next control
        self.table.setMinimumHeight(3 * _ROW_HEIGHT)
        self.table.itemChanged.connect(self._on_edited)
        self.message = ElidedLabel("")
        self.message.setAccessibleName(tr("What is wrong with the settings"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.table, 1)
        column.addWidget(self.message)
        theme.notifier().changed.connect(self._dress)
        self._problems: list[str] = []
        self._dress()
        self.set_lines([])

    def lines(self) -> list[str]:
        """The filled rows."""
        return [line for line in self._rows() if line]

    def set_lines(self, lines: Sequence[str]) -> None:
        """Show ``key=value`` lines, and an empty row after them."""
        with blocked(self.table):
            self.table.setRowCount(0)
            for line in (*lines, ""):
                self._append(line)

    def show_problems(self, problems: Sequence[str]) -> None:
        """What is wrong with each of :meth:`lines`; the first problem is said below the table."""
        self._problems = list(problems)
        rows = [row for row, line in enumerate(self._rows()) if line]
        with blocked(self.table):
            for row, problem in zip(rows, problems, strict=False):
                for column in (0, 1):
                    self._mark(self.table.item(row, column), problem)
        text = next((problem for problem in problems if problem), "")
        self.message.set_full_text(text)
        self.message.setToolTip(text)
        self.message.setVisible(bool(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_row(self.table.currentRow())
        else:
            super().keyPressEvent(event)

    def remove_row(self, row: int) -> None:
        """Take a setting away (the empty last row stays)."""
        if 0 <= row < self.table.rowCount() - 1:
            self.table.removeRow(row)
            self.lines_changed.emit(self.lines())

    def _rows(self) -> list[str]:
        return [self._line(row) for row in range(self.table.rowCount())]

    def _line(self, row: int) -> str:
        cells = [self.table.item(row, column) for column in (0, 1)]
        key, value = (cell.text().strip() if cell is not None else "" for cell in cells)
        return f"{key}={value}" if key or value else ""

    def _append(self, line: str) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        key, _, value = line.partition("=")
        for column, text in enumerate((key.strip(), value.strip())):
            self.table.setItem(row, column, QTableWidgetItem(text))

    def _on_edited(self, item: QTableWidgetItem) -> None:
        cell = self.table.item(item.row(), 0)
        if item.column() == 0 and "=" in item.text() and cell is not None:
            key, _, value = item.text().partition("=")  # pasted as on a command line
            with blocked(self.table):
                cell.setText(key.strip())
                self.table.item(item.row(), 1).setText(value.strip())
        if self._line(self.table.rowCount() - 1):
            with blocked(self.table):
                self._append("")
        self.lines_changed.emit(self.lines())

    def _mark(self, item: QTableWidgetItem | None, problem: str) -> None:
        if item is not None:
            colors = theme.colors()
            item.setForeground(QColor(colors.bad if problem else colors.text))
            item.setToolTip(problem)

    def _dress(self) -> None:
        self.message.setStyleSheet(f"color: {theme.colors().bad};")
        self.message.setVisible(bool(self.message.full_text()))
        self.show_problems(self._problems)
