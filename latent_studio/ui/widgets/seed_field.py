"""A field for a seed: a whole number up to 2**32 - 1, more than Qt's own field can hold."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QRegularExpressionValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from latent_studio.recipe import MAX_SEED
from latent_studio.ui.widgets.section import inset


class SeedField(QAbstractSpinBox):
    """``value_changed(int)`` follows typed values, arrows and the wheel (when focused)."""

    value_changed = Signal(object)

    def __init__(self, name: str, tooltip: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = 0
        self.setAccessibleName(name)
        self.setToolTip(tooltip or name)
        self.lineEdit().setValidator(QRegularExpressionValidator(r"\d{0,10}", self))
        inset(self)
        self.editingFinished.connect(self._read)
        self.set_value(0)

    def value(self) -> int:
        return self._value

    def set_value(self, value: int | None) -> None:
        """Show a seed silently; None shows a dash (an explicit vector or a blend's rest)."""
        if value is not None:
            self._value = value
        self.lineEdit().setText("—" if value is None else str(value))

    def stepBy(self, steps: int) -> None:
        self._change((self._value + steps) % (MAX_SEED + 1))

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        flags = QAbstractSpinBox.StepEnabledFlag
        return flags.StepUpEnabled | flags.StepDownEnabled

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _read(self) -> None:
        text = self.lineEdit().text()
        if text.isdigit():
            self._change(min(int(text), MAX_SEED))

    def _change(self, value: int) -> None:
        changed = value != self._value
        self.set_value(value)
        if changed:
            self.value_changed.emit(value)
