"""Thousands of sliders in one view: rows are painted, not made of widgets."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDoubleSpinBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from latent_studio.ui import theme
from latent_studio.ui.i18n import tr
from latent_studio.ui.item_views import ListView
from latent_studio.ui.widgets.track import HANDLE, paint_track

ROW_HEIGHT = 24
LABEL_WIDTH = 56
VALUE_WIDTH = 52
REACH = 3.0
LIMIT = 20.0
STEP = 0.05
Index = QModelIndex | QPersistentModelIndex


class ComponentModel(QAbstractListModel):
    """The amounts of all components of one space; ``numbers`` are those that pass the search."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.space = "z"
        self.numbers: list[int] = []
        self.amounts: dict[int, float] = {}

    def reset(self, space: str, numbers: Sequence[int]) -> None:
        self.beginResetModel()
        self.space, self.numbers = space, list(numbers)
        self.endResetModel()

    def set_amounts(self, amounts: dict[int, float]) -> None:
        self.amounts = dict(amounts)
        if self.numbers:
            self.dataChanged.emit(self.index(0), self.index(len(self.numbers) - 1))

    def amount(self, index: Index) -> float:
        return self.amounts.get(self.numbers[index.row()], 0.0)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own
        return 0 if parent.isValid() else len(self.numbers)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        number = self.numbers[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{self.space} {number}"
        if role == Qt.ItemDataRole.EditRole:
            return self.amount(index)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.space} {number}: {self.amount(index):+.2f}"
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsEditable


class _Delegate(QStyledItemDelegate):
    """Paints a row and makes the field for a typed value."""

    def __init__(self, view: "ComponentList") -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(160, ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colours = theme.colors()
        amount = self._view.model().amount(index)
        box = option.rect  # type: ignore[attr-defined]
        current = bool(option.state & QStyle.StateFlag.State_HasFocus)  # type: ignore[attr-defined]
        painter.save()
        if current:
            painter.fillRect(box, QColor(colours.raised))
        painter.setPen(QColor(colours.text if amount else colours.muted))
        text = index.data(Qt.ItemDataRole.DisplayRole)
        middle = Qt.AlignmentFlag.AlignVCenter
        label, value = self._view.label_rect(box), self._view.value_rect(box)
        painter.drawText(label, middle | Qt.AlignmentFlag.AlignLeft, text)
        painter.drawText(value, middle | Qt.AlignmentFlag.AlignRight, f"{amount:.2f}")
        position = (min(REACH, max(-REACH, amount)) + REACH) / (2 * REACH)
        track = QRectF(self._view.track_rect(box))
        paint_track(painter, track, position, 0.5, enabled=True, active=current)
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QDoubleSpinBox(parent)
        editor.setRange(-LIMIT, LIMIT)
        editor.setDecimals(2)
        editor.setSingleStep(STEP)
        editor.setKeyboardTracking(False)
        editor.setAlignment(Qt.AlignmentFlag.AlignRight)
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        assert isinstance(editor, QDoubleSpinBox)
        editor.setValue(self._view.model().amount(index))
        editor.selectAll()

    def setModelData(self, editor: QWidget, model: Any, index: Index) -> None:
        assert isinstance(editor, QDoubleSpinBox)
        self._view.change(index, editor.value())
        self._view.edit_finished.emit()

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        box = self._view.value_rect(option.rect)  # type: ignore[attr-defined]
        editor.setGeometry(box.adjusted(-8, 0, 2, 0))


class ComponentList(ListView):
    """``amount_changed(number, amount)`` and ``edit_finished()`` follow the user.

    The track drags, double click resets, double click on the number (or Enter) types; arrows left
    and right change the row, Delete resets it.
    """

    amount_changed = Signal(int, float)
    edit_finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ComponentModel(self)
        self.setModel(self._model)
        self._delegate = _Delegate(self)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAccessibleName(tr("Components"))
        self.setToolTip(tr("Drag a track; double-click resets it, on the number types a value."))
        self._dragged: QPersistentModelIndex | None = None
        self._held = 0.0  # pixels between the mouse and the middle of the handle

    def model(self) -> ComponentModel:
        return self._model

    def change(self, index: Index, amount: float) -> None:
        amount = round(min(LIMIT, max(-LIMIT, amount)), 4)
        if index.isValid() and amount != self._model.amount(index):
            number = self._model.numbers[index.row()]
            self._model.amounts[number] = amount
            self.update(QModelIndex(index))
            self.amount_changed.emit(number, amount)

    def label_rect(self, box: QRect) -> QRect:
        return QRect(box.left() + 8, box.top(), LABEL_WIDTH, box.height())

    def value_rect(self, box: QRect) -> QRect:
        return QRect(box.right() - VALUE_WIDTH - 6, box.top(), VALUE_WIDTH, box.height())

    def track_rect(self, box: QRect) -> QRect:
        left, right = self.label_rect(box).right(), self.value_rect(box).left()
        return QRect(left, box.top(), right - left, box.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        inside = self.track_rect(self.visualRect(index)).contains(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid() and inside:
            self._dragged = QPersistentModelIndex(index)
            self._held = event.position().x() - self._middle(index)
            if abs(self._held) > HANDLE:
                self._held = 0.0
                self._drag_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged is not None:
            self._drag_to(event.position().x() - self._held)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        if self._dragged is not None:
            self._dragged = None
            self.edit_finished.emit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if not index.isValid():
            return
        if self.value_rect(self.visualRect(index)).contains(event.position().toPoint()):
            self.edit(index)
            return
        self._dragged = None
        self.change(index, 0.0)
        self.edit_finished.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index, key = self.currentIndex(), event.key()
        coarse = 10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1
        steps = {Qt.Key.Key_Left: -STEP, Qt.Key.Key_Right: STEP}
        if index.isValid() and key in steps:
            self.change(index, self._model.amount(index) + steps[Qt.Key(key)] * coarse)
        elif index.isValid() and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.change(index, 0.0)
        elif index.isValid() and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.edit(index)
        else:
            super().keyPressEvent(event)

    def _middle(self, index: QModelIndex) -> float:
        """Where the middle of the handle is, in pixels."""
        box, amount = self.track_rect(self.visualRect(index)), self._model.amount(index)
        fraction = (min(REACH, max(-REACH, amount)) / REACH + 1) / 2
        return box.left() + HANDLE + fraction * (box.width() - 2 * HANDLE)

    def _drag_to(self, x: float) -> None:
        assert self._dragged is not None
        box = self.track_rect(self.visualRect(QModelIndex(self._dragged)))
        fraction = (x - box.left() - HANDLE) / max(1.0, box.width() - 2 * HANDLE)
        amount = (2 * min(1.0, max(0.0, fraction)) - 1) * REACH
        self.change(self._dragged, round(amount / STEP) * STEP)
