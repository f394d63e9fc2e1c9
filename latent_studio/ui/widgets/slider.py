"""A labelled number that can be dragged, typed, stepped by keys and reset."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QWidget

from latent_studio.ui.bind import blocked
from latent_studio.ui.i18n import tr
from latent_studio.ui.widgets.track import Track

LABEL_WIDTH = 84
VALUE_WIDTH = 58


class ElidedLabel(QLabel):
    """A label that ends in … where it has too little room (its tooltip shows the whole)."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._full = text
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._elide()

    def full_text(self) -> str:
        return self._full

    def set_full_text(self, text: str) -> None:
        self._full = text
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        metrics = self.fontMetrics()
        self.setText(metrics.elidedText(self._full, Qt.TextElideMode.ElideRight, self.width()))


class FloatSlider(QWidget):
    """Label, track and value in one row.

    ``value_changed(float)`` follows every change by the user, ``edit_finished()`` the end of a drag
    or a typed value. :meth:`set_value` is silent. Typed values may go beyond the track, up to
    ``limits``. A double click on the track or the label resets.
    """

    value_changed = Signal(float)
    edit_finished = Signal()

    def __init__(
        self,
        label: str,
        minimum: float,
        maximum: float,
        step: float,
        default: float,
        *,
        decimals: int = 2,
        limits: tuple[float, float] | None = None,
        tooltip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.minimum, self.maximum, self.step, self.default = minimum, maximum, step, default
        self._value = default
        self.label = ElidedLabel(label)
        self.label.setFixedWidth(LABEL_WIDTH)
        self.track = Track()
        self.spin = QDoubleSpinBox()
        self._set_up_parts(decimals, limits or (minimum, maximum))
        self._lay_out()
        self._name(label, tooltip)
        self._connect()
        self._show(float(default))

    def value(self) -> float:
        return self._value

    def set_value(self, value: float) -> None:
        """Show ``value`` without telling anybody; nothing is painted if it is shown already."""
        if float(value) != self._value:
            self._show(float(value))

    def _show(self, value: float) -> None:
        self._value = value
        with blocked(self.track, self.spin):
            self.track.setValue(self._ticks(value))
            self.spin.setValue(value)

    def set_range(self, minimum: float, maximum: float) -> None:
        """Another range (typed values are held to it, too)."""
        self.minimum, self.maximum = minimum, maximum
        with blocked(self.track, self.spin):
            self.track.setRange(0, max(1, round((maximum - minimum) / self.step)))
            self.spin.setRange(minimum, maximum)
        self._place_origin()
        self._show(min(maximum, max(minimum, self._value)))

    def reset(self) -> None:
        """Back to the default, as an edit of its own."""
        self._change(self.default)
        self.edit_finished.emit()

    def _set_up_parts(self, decimals: int, limits: tuple[float, float]) -> None:
        self.track.setRange(0, max(1, round((self.maximum - self.minimum) / self.step)))
        self.track.setSingleStep(1)
        self.track.setPageStep(max(1, self.track.maximum() // 20))
        self._place_origin()
        self.spin.setDecimals(decimals)
        self.spin.setRange(*limits)
        self.spin.setSingleStep(self.step)
        self.spin.setKeyboardTracking(False)
        self.spin.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.spin.setFixedWidth(VALUE_WIDTH)
        self.spin.setProperty("role", "value")

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.label)
        row.addWidget(self.track, 1)
        row.addWidget(self.spin)

    def _name(self, label: str, tooltip: str) -> None:
        hint = tr("Drag, or type a value; double-click resets.")
        text = f"{label}: {tooltip}\n{hint}" if tooltip else f"{label}\n{hint}"
        for part in (self.label, self.track, self.spin):
            part.setToolTip(text)
        self.track.setAccessibleName(label)
        self.spin.setAccessibleName(tr("{label}, value", label=label))
        self.setAccessibleName(label)

    def _connect(self) -> None:
        self.track.valueChanged.connect(self._on_track)
        self.track.sliderReleased.connect(self.edit_finished)
        self.track.reset_requested.connect(self.reset)
        self.spin.valueChanged.connect(self._on_spin)

    def _on_track(self, ticks: int) -> None:
        self._change(self.minimum + ticks * self.step)

    def _on_spin(self, value: float) -> None:
        self._change(value)
        self.edit_finished.emit()

    def _change(self, value: float) -> None:
        value = round(value, 10)
        if value == self._value:
            return
        self._show(value)
        self.value_changed.emit(value)

    def _ticks(self, value: float) -> int:
        return round((value - self.minimum) / self.step)

    def _place_origin(self) -> None:
        span = (self.maximum - self.minimum) or 1.0
        origin = (min(self.maximum, max(self.minimum, self.default)) - self.minimum) / span
        self.track.origin = origin if self.minimum < 0 else 0.0

    def mouseDoubleClickEvent(self, event: object) -> None:
        self.reset()
