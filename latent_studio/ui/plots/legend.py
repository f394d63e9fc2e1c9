"""The line above a plot: what each colour means, its value, and a switch to hide it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from latent_studio.ui.i18n import tr

_DOT = 10


@dataclass(frozen=True)
class LegendEntry:
    title: str
    color: str
    shown: bool = True
    style: Qt.PenStyle | None = None
    """Of its line, where that and not the colour tells the curves apart."""


class Legend(QWidget):
    """One small button a curve (a click hides or shows it), values beside, x at the right end."""

    toggled = Signal(int, bool)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: list[LegendEntry] = []
        self._buttons: list[QToolButton] = []
        self._where = QLabel()
        self._where.setProperty("role", "muted")
        name = QLabel(title)
        name.setProperty("role", "muted")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(6, 2, 6, 0)
        self._row.setSpacing(5)
        self._row.addWidget(name)
        self._row.addStretch(1)
        self._row.addWidget(self._where)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(0)

    def set_entries(self, entries: Sequence[LegendEntry]) -> None:
        self._entries = list(entries)
        while len(self._buttons) > len(entries):
            self._buttons.pop().deleteLater()
        while len(self._buttons) < len(entries):
            self._add_button()
        for button, entry in zip(self._buttons, entries, strict=True):
            button.setIcon(_dots(entry.color, entry.style))
            button.setChecked(entry.shown)
            button.setToolTip(tr("Show or hide “{curve}”", curve=entry.title))
            button.setAccessibleName(entry.title)
        self.show_values([""] * len(entries), "")

    def show_present(self, present: Sequence[bool]) -> None:
        """Leave out what has no data, unless nothing has."""
        for button, there in zip(self._buttons, present, strict=True):
            button.setVisible(there or not any(present))

    def show_values(self, values: Sequence[str], where: str) -> None:
        for button, entry, value in zip(self._buttons, self._entries, values, strict=True):
            text = f"{entry.title}  {value}" if value else entry.title
            if button.text() != text:
                button.setText(text)
        if self._where.text() != where:
            self._where.setText(where)

    def button(self, index: int) -> QToolButton:
        return self._buttons[index]

    def _add_button(self) -> None:
        index = len(self._buttons)
        button = QToolButton()
        button.setProperty("role", "legend")
        button.setAutoRaise(True)
        button.setCheckable(True)
        button.setChecked(True)
        button.setIconSize(QSize(_DOT, _DOT))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setMinimumWidth(28)
        button.toggled.connect(lambda on: self.toggled.emit(index, on))
        self._buttons.append(button)
        self._row.insertWidget(1 + index, button)


def _dots(color: str, style: Qt.PenStyle | None) -> QIcon:
    """A filled dot (or a line) while the curve is shown, a ring while it is hidden."""
    icon = QIcon()
    icon.addPixmap(_dot(color, True, style), QIcon.Mode.Normal, QIcon.State.On)
    icon.addPixmap(_dot(color, False, None), QIcon.Mode.Normal, QIcon.State.Off)
    return icon


def dot_icon(color: str) -> QIcon:
    """A filled dot in ``color``."""
    return QIcon(_dot(color, True, None))


def _dot(color: str, filled: bool, style: Qt.PenStyle | None) -> QPixmap:
    scale = 3  # sharp on dense screens
    pixmap = QPixmap(_DOT * scale, _DOT * scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = painter.pen()
    pen.setColor(QColor(color))
    pen.setWidthF(1.5 * scale)
    if style is not None:
        pen.setWidthF(2.0 * scale)
        pen.setStyle(style)
        pen.setDashOffset(0.5)
        painter.setPen(pen)
        painter.drawLine(0, pixmap.height() // 2, pixmap.width(), pixmap.height() // 2)
        painter.end()
        return pixmap
    painter.setPen(pen)
    if filled:
        painter.setBrush(QColor(color))
    edge = 1.5 * scale
    painter.drawEllipse(QRectF(edge, edge, pixmap.width() - 2 * edge, pixmap.height() - 2 * edge))
    painter.end()
    return pixmap
