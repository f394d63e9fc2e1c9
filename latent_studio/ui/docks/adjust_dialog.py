"""Change a running training: learning rates and the weight of R1."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr

NAMES = ("g_lr", "d_lr", "r1_gamma")
_CURVES = {"g_lr": "lr/G", "d_lr": "lr/D"}


class AdjustDialog(QDialog):
    """Applies only what was changed; the trainer logs it with its step."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Change the running training"))
        titles = {
            "g_lr": tr("Learning rate of G"),
            "d_lr": tr("Learning rate of D"),
            "r1_gamma": tr("Weight of R1 (gamma)"),
        }
        form = QFormLayout()
        self.fields: dict[str, QDoubleSpinBox] = {}
        for name in NAMES:
            self.fields[name] = self._field(name, titles[name])
            form.addRow(titles[name], self.fields[name])
        note = QLabel(tr("Takes effect at the next step and is noted in the run’s folder."))
        note.setProperty("role", "muted")
        note.setWordWrap(True)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Apply | QDialogButtonBox.StandardButton.Close
        )
        buttons.button(QDialogButtonBox.StandardButton.Apply).clicked.connect(self.apply)
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.addLayout(form)
        column.addWidget(note)
        column.addWidget(buttons)

    def apply(self) -> None:
        """Send the values that differ from what is running."""
        for name, field in self.fields.items():
            if field.value() != field.property("running"):
                self._context.training.command(name, field.value())
                field.setProperty("running", field.value())

    def _field(self, name: str, title: str) -> QDoubleSpinBox:
        field = QDoubleSpinBox()
        field.setAccessibleName(title)
        field.setDecimals(6 if name != "r1_gamma" else 3)
        field.setRange(0, 10 if name != "r1_gamma" else 1e6)
        field.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        series = self._context.training.history.series(_CURVES.get(name, name))
        if len(series):
            field.setValue(float(series.y[-1]))
        elif name == "r1_gamma":
            field.setSpecialValueText(tr("as it is"))
        field.setProperty("running", field.value())
        return field
