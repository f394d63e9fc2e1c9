"""Small building blocks of the docks."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QButtonGroup,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latent_studio.ui import theme
from latent_studio.ui.bind import blocked
from latent_studio.ui.widgets.slider import LABEL_WIDTH

MARGIN = 10
SPACING = 6
FIELD_MARGIN = 7


class Column(QScrollArea):
    """A dock's body: a column of rows that scrolls when the dock is low."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QWidget()
        self.rows = QVBoxLayout(body)
        self.rows.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        self.rows.setSpacing(SPACING)
        self.setWidget(body)

    def sizeHint(self) -> QSize:
        body = self.widget().sizeHint()
        return QSize(max(280, body.width()), body.height())


def labelled(text: str, *widgets: QWidget, stretch: int = 0) -> QWidget:
    """A row: a label of the sliders' width, then ``widgets``; number ``stretch`` takes the room."""
    row = QWidget()
    layout = QHBoxLayout(row)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(SPACING)
    label = QLabel(text)
    label.setFixedWidth(LABEL_WIDTH)
    layout.addWidget(label)
    for index, widget in enumerate(widgets):
        layout.addWidget(widget, 1 if index == stretch else 0)
    if widgets:
        label.setBuddy(widgets[0])
    return row


def inset(field: QAbstractSpinBox) -> None:
    """Give its text the room at the sides that other fields have: no style sheet reaches it."""
    field.lineEdit().setTextMargins(FIELD_MARGIN, 0, FIELD_MARGIN, 0)


def section_label(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "section")
    return label


class IconButton(QToolButton):
    """A flat button with an icon; the tooltip is its accessible name, too."""

    def __init__(self, name: str, tooltip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = name
        self.setIconSize(QSize(16, 16))
        self.setToolTip(tooltip)
        self.setAccessibleName(tooltip)
        self.setProperty("role", "flat")
        self._dress()
        theme.notifier().changed.connect(self._dress)

    def set_icon(self, name: str) -> None:
        self._icon_name = name
        self._dress()

    def _dress(self) -> None:
        self.setIcon(theme.icon(self._icon_name))


def icon_button(name: str, tooltip: str, parent: QWidget | None = None) -> IconButton:
    return IconButton(name, tooltip, parent)


class SearchField(QLineEdit):
    """A field that filters a list; Escape empties it."""

    def __init__(self, placeholder: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setToolTip(placeholder)
        self.setClearButtonEnabled(True)

    def keyPressEvent(self, event: Any) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)


class Choice(QComboBox):
    """A combo box over ``(value, text)`` pairs; ``value_changed(value)`` only for the user."""

    value_changed = Signal(object)

    def __init__(
        self,
        options: Sequence[tuple[Any, str]],
        name: str,
        tooltip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(tooltip or name)
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.set_options(options)
        self.activated.connect(lambda index: self.value_changed.emit(self.itemData(index)))

    def set_options(self, options: Sequence[tuple[Any, str]]) -> None:
        with blocked(self):
            self.clear()
            for value, text in options:
                self.addItem(text, value)

    def value(self) -> Any:
        return self.currentData()

    def set_value(self, value: Any) -> None:
        values = [self.itemData(index) for index in range(self.count())]
        if value in values:
            with blocked(self):
                self.setCurrentIndex(values.index(value))

    def wheelEvent(self, event: Any) -> None:
        event.ignore()  # a wheel over a dock scrolls it


class Segments(QWidget):
    """A few exclusive choices side by side; ``value_changed(value)`` only for the user."""

    value_changed = Signal(object)

    def __init__(
        self, options: Sequence[tuple[Any, str, str]], name: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self._group = QButtonGroup(self)
        self._values: list[Any] = []
        for value, text, tooltip in options:
            button = QToolButton()
            button.setText(text)
            button.setCheckable(True)
            button.setToolTip(tooltip)
            button.setAccessibleName(f"{name}: {text}")
            button.setProperty("role", "chip")
            self._group.addButton(button, len(self._values))
            self._values.append(value)
            row.addWidget(button)
        row.addStretch(1)
        self._group.idClicked.connect(lambda index: self.value_changed.emit(self._values[index]))

    def button(self, value: Any) -> QToolButton:
        found = self._group.button(self._values.index(value))
        assert isinstance(found, QToolButton)
        return found

    def set_value(self, value: Any) -> None:
        if value in self._values:
            self.button(value).setChecked(True)
