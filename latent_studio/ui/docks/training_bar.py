"""The top line of the training dock: what to train, start, pause, stop, how far it is.

Two lines where one would be too narrow.
"""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QToolButton,
    QWidget,
)

from latent_studio.ui import theme
from latent_studio.ui.bind import blocked
from latent_studio.ui.context import Context
from latent_studio.ui.docks.data_choice import DataChoice
from latent_studio.ui.docks.run_menu import RunMenu
from latent_studio.ui.i18n import tr
from latent_studio.ui.plots.numbers import duration, kimg_text
from latent_studio.ui.training_controller import RunState
from latent_studio.ui.training_request import PresetInfo
from latent_studio.ui.widgets.section import inset
from latent_studio.ui.widgets.slider import ElidedLabel

ONE_LINE = 900  # pixels that choices, buttons and progress need side by side


class TrainingBar(QWidget):
    """Choices on the left, buttons, progress of the run, and a menu of rarer actions."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.preset = self._make_preset()
        self.data = DataChoice(context)
        self.name = self._make_name()
        self.kimg = self._make_kimg()
        self.start = self._button(QPushButton(), tr("Start training (T)"), self._on_start)
        self.start.setProperty("role", "primary")
        self.pause = self._button(QToolButton(), tr("Pause or go on (T)"), context.training.toggle)
        self.stop = self._button(
            QToolButton(), tr("Stop; everything is saved"), context.training.stop
        )
        self.status = ElidedLabel("")
        self.status.setAccessibleName(tr("Progress of the training"))
        self.more = QToolButton()
        self.more.setToolTip(tr("Resume a run, open its model, save, settings…"))
        self.more.setAccessibleName(tr("More about the run"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = RunMenu(context, self)
        self.more.setMenu(self.menu)
        self._lay_out()
        training = context.training
        training.state_changed.connect(self._show_state)
        training.status_changed.connect(self._show_progress)
        training.history_changed.connect(self._show_progress)
        training.presets_loaded.connect(self._fill_presets)
        training.data_changed.connect(self._show_name)
        context.settings.changed.connect(self._on_setting)
        theme.notifier().changed.connect(self._show_icons)
        self._fill_presets(training.presets)
        self._show_icons()
        self._show_state()

    # making

    def _make_preset(self) -> QComboBox:
        combo = QComboBox()
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(14)
        combo.setMinimumWidth(140)
        combo.setMaximumWidth(220)
        combo.setAccessibleName(tr("Preset"))
        combo.currentIndexChanged.connect(self._on_preset)
        return combo

    def _make_name(self) -> QLineEdit:
        edit = QLineEdit()
        edit.setMinimumWidth(110)
        edit.setMaximumWidth(260)
        edit.setAccessibleName(tr("Name of the run"))
        edit.setClearButtonEnabled(True)
        edit.editingFinished.connect(
            lambda: self._context.settings.set("train/name", edit.text().strip())
        )
        edit.setText(self._context.settings.get("train/name"))
        return edit

    def _make_kimg(self) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        inset(box)
        box.setFixedWidth(104)
        box.setRange(0, 1_000_000)
        box.setDecimals(0)
        box.setSingleStep(100)
        box.setGroupSeparatorShown(True)
        box.setSuffix(tr(" kimg"))
        box.setSpecialValueText(tr("as preset"))
        box.setAccessibleName(tr("Length of the run in thousands of images"))
        box.setToolTip(tr("How long to train, in thousands of images; 0: as the preset says"))
        box.setValue(self._context.settings.get("train/kimg"))
        box.valueChanged.connect(lambda value: self._context.settings.set("train/kimg", value))
        return box

    def _button(self, button: QPushButton | QToolButton, tip: str, slot: object) -> QWidget:
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda: slot())
        return button

    def _lay_out(self) -> None:
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._lines.setContentsMargins(8, 6, 8, 2)
        self._lines.setSpacing(6)
        choices, actions = QHBoxLayout(), QHBoxLayout()
        for row in (choices, actions):
            row.setSpacing(6)
        for widget, share in ((self.preset, 3), (self.data, 0), (self.name, 3), (self.kimg, 0)):
            choices.addWidget(widget, share)
        for widget in (self.start, self.pause, self.stop):
            actions.addWidget(widget)
        actions.addSpacing(2)
        actions.addWidget(self.status, 1)
        actions.addWidget(self.more)
        self._lines.addLayout(choices, 5)
        self._lines.addLayout(actions, 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        one, two = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._lines.setDirection(one if self.width() >= ONE_LINE else two)
        self._show_choices()

    def minimumSizeHint(self) -> QSize:
        """Of two lines: a narrow window must not be widened by the line that would break."""
        return QSize(430, super().minimumSizeHint().height())

    # showing

    def _show_icons(self) -> None:
        colors = theme.colors()
        self.start.setIcon(theme.icon("play", colors.accent_text))
        paused = self._context.training.paused
        self.pause.setIcon(theme.icon("play" if paused else "pause"))
        self.stop.setIcon(theme.icon("stop"))
        self.more.setIcon(theme.icon("more"))

    def _show_state(self, *_: object) -> None:
        state = self._context.training.state
        running = self._context.training.running
        for widget in (self.preset, self.data, self.name, self.kimg, self.start):
            widget.setEnabled(not running)
        self._show_choices()
        self._show_preset()
        self.start.setText(_START_TEXT[running]())
        self.pause.setEnabled(state in (RunState.RUNNING, RunState.PAUSED))
        watching = state is RunState.WATCHING
        self.stop.setEnabled(watching or (running and state is not RunState.STOPPING))
        self._show_icons()
        self._show_name()
        self._show_progress()

    def _show_choices(self) -> None:
        """They can't be changed while a training runs: then they take no line of their own."""
        hidden = self._context.training.running and self.width() < ONE_LINE
        for widget in (self.preset, self.data, self.name, self.kimg):
            widget.setHidden(hidden)

    def _show_name(self, *_: object) -> None:
        training = self._context.training
        running = training.request if training.running else None
        self.name.setPlaceholderText(running.name if running else training.suggested_name())
        folder = running.folder if running else str(training.runs_folder())
        self.name.setToolTip(tr("Name of the run; its folder is in {folder}", folder=folder))

    def _show_progress(self, *_: object) -> None:
        text = progress_text(self._context)
        self.status.set_full_text(text)
        self.status.setToolTip(text)

    def _fill_presets(self, presets: list[PresetInfo]) -> None:
        chosen = self._context.training.preset
        with blocked(self.preset):
            self.preset.clear()
            for index, preset in enumerate(presets):
                self.preset.addItem(preset.title, preset.name)
                role = Qt.ItemDataRole.ToolTipRole
                self.preset.setItemData(index, preset.summary, role)
            if not presets:
                self.preset.addItem(chosen, chosen)
        self._show_preset()

    def _show_preset(self) -> None:
        preset, _ = self._context.training.shown()
        with blocked(self.preset):
            self.preset.setCurrentIndex(max(0, self.preset.findData(preset)))
        self._show_preset_tip()

    def _show_preset_tip(self) -> None:
        role = Qt.ItemDataRole.ToolTipRole
        summary = self.preset.itemData(self.preset.currentIndex(), role) or ""
        self.preset.setToolTip(summary or tr("How to train"))

    # acting

    def _on_start(self) -> None:
        self._context.training.start()

    def _on_preset(self, index: int) -> None:
        self._context.training.set_preset(self.preset.itemData(index))
        self._show_preset_tip()
        self._show_name()

    def _on_setting(self, key: str, value: object) -> None:
        if key == "train/out":
            self._show_name()
        elif key == "train/preset":
            self._show_preset()


_START_TEXT = {False: lambda: tr("Start"), True: lambda: tr("Training")}


def progress_text(context: Context) -> str:
    """``312 of 1,000 kimg · 104 img/s · 1 h 12 min left``; the state before the first tick."""
    training, last = context.training, context.training.history.last
    if training.state is RunState.PREPARING:
        return tr("preparing…")
    if last is None:
        words = {RunState.RUNNING: lambda: tr("first steps…"), **_STATE_WORDS}
        active = training.running or training.state is RunState.WATCHING
        return words[training.state]() if active else ""
    parts = [tr("{done:,.1f} of {total} kimg", done=last.kimg, total=kimg_text(last.total_kimg))]
    if training.state is RunState.RUNNING:
        parts.append(tr("{speed:,.0f} img/s", speed=last.images_per_second))
        left = duration(last.eta_s)
        parts += [tr("{time} left", time=left)] if left else []
    elif training.state in _STATE_WORDS:
        parts.append(_STATE_WORDS[training.state]())
    return " · ".join(parts)


_STATE_WORDS = {
    RunState.PAUSED: lambda: tr("paused"),
    RunState.WATCHING: lambda: tr("watching"),
    RunState.STOPPING: lambda: tr("saving…"),
    RunState.FINISHED: lambda: tr("stopped, saved"),
    RunState.FAILED: lambda: tr("failed"),
}
