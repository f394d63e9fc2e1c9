"""Settings that may change while a training runs: the present values, and since which step."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.item_views import ListWidget
from latent_studio.ui.plots.numbers import short_number
from latent_studio.ui.run_settings import Change

_FIELD_WIDTH = 110


def setting_title(name: str) -> str:
    """What a person calls a setting of :data:`latent_studio.training.commands.HOT`."""
    return {
        "g_lr": tr("Learning rate of G"),
        "d_lr": tr("Learning rate of D"),
        "lr": tr("Learning rates"),
        "r1_gamma": tr("R1 weight (gamma)"),
        "r2_gamma": tr("R2 weight (gamma)"),
        "gp_weight": tr("Gradient penalty"),
        "weight_clip": tr("Clip of D’s weights"),
        "pl_weight": tr("Path length"),
        "ada_target": tr("ADA target"),
        "style_mixing": tr("Style mixing"),
        "accumulate": tr("Parts of a batch"),
    }.get(name, name)


def setting_tip(name: str) -> str:
    """One sentence about it."""
    return {
        "g_lr": tr("Step size of the generator"),
        "d_lr": tr("Step size of the discriminator"),
        "r1_gamma": tr("Holds D back on real pictures; more is steadier, less is sharper"),
        "r2_gamma": tr("Holds D back on generated pictures"),
        "gp_weight": tr("Keeps the critic’s slope near 1"),
        "weight_clip": tr("Bound on D’s weights; a wider one lets the critic say more"),
        "pl_weight": tr("Evens out how far pictures move when the style does"),
        "ada_target": tr("How much overfitting the augmentation allows before it grows"),
        "style_mixing": tr("Chance that a training picture mixes two styles"),
        "accumulate": tr("Parts that a batch is worked off in, for lack of memory"),
    }.get(name, name)


class HotField(QDoubleSpinBox):
    """A small or large number, typed or stepped by a tenth of its size; Enter applies it."""

    def __init__(self, name: str, low: float, high: float) -> None:
        super().__init__()
        self.name = name
        self.setDecimals(7)
        self.setRange(low, high)
        self.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        self.setKeyboardTracking(False)
        self.setFixedWidth(_FIELD_WIDTH)
        self.setAccessibleName(setting_title(name))
        hint = tr("Takes effect at the next step and is noted in the run’s folder.")
        self.setToolTip(f"{setting_tip(name)}.\n{hint}")

    def textFromValue(self, value: float) -> str:
        return f"{value:.7f}".rstrip("0").rstrip(".") if value else "0"

    def show_value(self, value: float) -> None:
        """What is running; nothing is sent, and what is being typed stays."""
        typing = self.hasFocus() and self.lineEdit().isModified()
        if not typing and value != self.value():
            blocker = QSignalBlocker(self)
            self.setValue(value)
            blocker.unblock()


class HotForm(QScrollArea):
    """A field for each setting that means something for the run, and the changes so far."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.fields: dict[str, HotField] = {}
        self.since: dict[str, QLabel] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(5)
        self.log = ListWidget()
        self.log.setAccessibleName(tr("Changes of this run"))
        self.log.setToolTip(tr("What was changed while the run went on, newest first"))
        self.log.setMinimumHeight(70)
        self._empty = QLabel(tr("Settings appear here when the training begins."))
        self._empty.setProperty("role", "muted")
        self._lay_out()
        context.training.settings.changed.connect(self._show)
        context.training.state_changed.connect(lambda _state: self._show())
        self._show()

    def _lay_out(self) -> None:
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(10, 8, 10, 8)
        row.setSpacing(18)
        left = QVBoxLayout()
        left.addWidget(self._empty)
        left.addLayout(self._grid)
        left.addStretch(1)
        row.addLayout(left, 0)
        row.addWidget(self.log, 1)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _show(self) -> None:
        settings, running = self._context.training.settings, self._context.training.running
        if tuple(self.fields) != settings.read.used:
            self._make_fields()
        self._empty.setVisible(not self.fields)
        for name, entry in self.fields.items():
            entry.setEnabled(running)
            entry.show_value(settings.pending.get(name, settings.read.values[name]))
            self.since[name].setText(self._since(name))
        self.log.clear()
        self.log.addItems([change_text(one) for one in reversed(settings.read.changes)])
        if not settings.read.changes:
            self.log.addItem(tr("Nothing has been changed in this run."))

    def _since(self, name: str) -> str:
        settings = self._context.training.settings
        if name in settings.pending:
            return tr("at the next step…")
        change = settings.last_change(name)
        return tr("since step {step:,}", step=change.step) if change else tr("from the start")

    def _make_fields(self) -> None:
        for box in (*self.fields.values(), *self.since.values()):
            box.deleteLater()
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.fields.clear()
        self.since.clear()
        settings = self._context.training.settings.read
        for index, name in enumerate(settings.used):
            self._add_field(index, name, *settings.ranges[name])

    def _add_field(self, index: int, name: str, low: float, high: float) -> None:
        entry, since = HotField(name, low, high), QLabel()
        title = QLabel(setting_title(name))
        title.setBuddy(entry)
        title.setToolTip(entry.toolTip())
        since.setProperty("role", "muted")
        since.setMinimumWidth(110)
        entry.valueChanged.connect(lambda value: self._apply(name, value))
        row, column = index // 2, index % 2 * 3
        for offset, widget in enumerate((title, entry, since)):
            self._grid.addWidget(widget, row, column + offset)
        self.fields[name], self.since[name] = entry, since

    def _apply(self, name: str, value: float) -> None:
        settings = self._context.training.settings
        if value != settings.pending.get(name, settings.read.values.get(name)):
            self._context.training.command(name, value)


def change_text(change: Change) -> str:
    """``step 1,200: R1 weight (gamma) 1 → 2``."""
    title, value = setting_title(change.name), short_value(change.value)
    if change.before is None:
        return tr("step {step:,}: {what} {to}", step=change.step, what=title, to=value)
    before = short_value(change.before)
    return tr(
        "step {step:,}: {what} {old} → {to}", step=change.step, what=title, old=before, to=value
    )


def short_value(value: float) -> str:
    """A setting's value without zeros at its end."""
    return f"{value:g}" if abs(value) < 1e6 else short_number(value)
