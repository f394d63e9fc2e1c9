"""By what the next run measures itself, and how often."""

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QWidget

from latent_studio.ui.bind import blocked
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.widgets.many_choice import ManyChoice
from latent_studio.ui.widgets.section import inset

_EVERY_WIDTH = 130


class MetricsChoice(QWidget):
    """The settings ``train/metrics`` and ``train/metrics_every``."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.names = ManyChoice(
            tr("Metrics"),
            tr("What the run measures its model by while it learns"),
            tr("none"),
            150,
        )
        self.names.values_changed.connect(
            lambda names: context.settings.set("train/metrics", names)
        )
        self.every = QSpinBox()
        inset(self.every)
        self.every.setRange(1, 10_000)
        self.every.setFixedWidth(_EVERY_WIDTH)
        self.every.setPrefix(tr("every "))
        self.every.setSuffix(tr(" models"))
        self.every.setSpecialValueText(tr("every model"))
        self.every.setAccessibleName(tr("Measure at every so many saved models"))
        self.every.setToolTip(
            tr("How often to measure: at each model file that the run saves, or at every so many")
        )
        self.every.valueChanged.connect(
            lambda value: context.settings.set("train/metrics_every", value)
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self.names, 1)
        row.addWidget(self.every)
        context.settings.changed.connect(self._on_setting)
        context.training.presets_loaded.connect(self._on_presets)
        self._fill()

    def _on_presets(self, _presets: object) -> None:
        # a method, unlike a function, is let go with the widget
        self._fill()

    def _on_setting(self, key: str, _value: Any) -> None:
        if key in ("train/metrics", "train/metrics_every", "train/preset"):
            self._fill()

    def _fill(self) -> None:
        training, get = self._context.training, self._context.settings.get
        chosen = [preset for preset in training.presets if preset.name == training.preset]
        usual = chosen[0].metrics if chosen else ""
        self.names.set_nothing(tr("as preset ({names})", names=usual) if usual else tr("none"))
        if self.names.titles() != training.metrics:
            self.names.set_titles(training.metrics)
        if self.names.values() != get("train/metrics"):
            self.names.set_values(get("train/metrics"))
        with blocked(self.every):
            self.every.setValue(get("train/metrics_every"))
        self.every.setEnabled(bool(get("train/metrics")))
