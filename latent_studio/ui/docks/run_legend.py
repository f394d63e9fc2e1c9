"""Which colour is which run, while runs are compared; a click takes one away."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from latent_studio.ui import theme
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.plots.legend import dot_icon
from latent_studio.ui.widgets.slider import ElidedLabel

_NAME_WIDTH = 180


class RunLegend(QWidget):
    """Hidden while only one run is drawn."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.chips: list[QToolButton] = []
        self._dot = QLabel()
        self._own = ElidedLabel("")
        self._own.setMinimumWidth(60)
        self._own.setMaximumWidth(_NAME_WIDTH)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(9, 0, 9, 0)
        self._row.setSpacing(6)
        self._row.addWidget(self._dot)
        self._row.addWidget(self._own)
        self._row.addStretch(1)
        context.training.compared.changed.connect(self._show)
        context.training.history_changed.connect(self._show)
        context.training.run_started.connect(lambda _event: self._show())
        theme.notifier().changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        runs, plot = self._context.training.compared.runs, theme.colors().plot
        for chip in self.chips:
            self._row.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self.chips = []
        name = self._context.training.history.run
        own = dot_icon(plot[0]).pixmap(10, 10)
        self._dot.setPixmap(own)
        width = self.fontMetrics().horizontalAdvance(name) + 4
        self._own.setFixedWidth(min(_NAME_WIDTH, width))
        self._own.set_full_text(name)
        self._own.setToolTip(name)
        for shown in (self._dot, self._own):
            shown.setVisible(bool(name))
        for index, run in enumerate(runs):
            chip = self._make_chip(run.name, run.folder, plot[run.color % len(plot)])
            self._row.insertWidget(2 + index, chip)
            self.chips.append(chip)
        self.setVisible(bool(runs))

    def _make_chip(self, name: str, folder: str, color: str) -> QToolButton:
        chip = QToolButton()
        chip.setProperty("role", "legend")
        chip.setAutoRaise(True)
        chip.setCheckable(True)
        chip.setChecked(True)
        chip.setIcon(dot_icon(color))
        chip.setIconSize(QSize(10, 10))
        metrics, middle = self.fontMetrics(), Qt.TextElideMode.ElideMiddle
        chip.setText(metrics.elidedText(name, middle, _NAME_WIDTH))
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        chip.setToolTip(tr("{folder}\nA click takes this run out of the plots.", folder=folder))
        chip.setAccessibleName(tr("Take {name} out of the plots", name=name))
        chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        remove = self._context.training.compared.remove
        chip.clicked.connect(lambda *_: remove(folder))
        return chip
