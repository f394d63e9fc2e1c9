"""The tab of metrics: their curves, and the numbers of the model on the canvas."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QWidget

from latent_studio.ui.context import Context
from latent_studio.ui.docks.evaluate_panel import EvaluatePanel
from latent_studio.ui.docks.plot_page import GrowingPage, metric_specs
from latent_studio.ui.i18n import tr


class MetricsPage(QWidget):
    """Curves on the left, numbers on the right."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        nothing = tr(
            "No run has been measured yet. Choose metrics in Settings before you start one, or "
            "evaluate the model on the canvas now."
        )
        self.curves = GrowingPage(context, metric_specs, nothing)
        self.panel = EvaluatePanel(context)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.curves)
        split.addWidget(self.panel)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(split)

    def minimumSizeHint(self) -> QSize:
        """No tab makes the dock wider than it must be."""
        return QSize(200, super().minimumSizeHint().height())
