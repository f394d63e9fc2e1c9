"""The tabs of the training dock: curves and samples. Plots are made when first looked at."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QSlider, QTabWidget, QWidget

from latent_studio.events import TrainTick
from latent_studio.ui.context import Context
from latent_studio.ui.docks.sample_history import SampleHistory
from latent_studio.ui.docks.setup_page import SetupPage
from latent_studio.ui.i18n import tr
from latent_studio.ui.training_history import SPEED


@dataclass(frozen=True)
class PlotSpec:
    """One plot: its title and the values it shows, ``(name in a tick, text)``."""

    title: str
    curves: tuple[tuple[str, str], ...]


def plot_tabs() -> tuple[tuple[str, tuple[PlotSpec, ...]], ...]:
    """Title of each tab and the plots side by side in it."""
    return (
        (tr("Losses"), (PlotSpec(tr("Losses"), (("loss/G", "G"), ("loss/D", "D"))),)),
        (
            tr("D scores"),
            (PlotSpec(tr("Scores"), (("score/real", tr("real")), ("score/fake", tr("fake")))),),
        ),
        (
            tr("R1, gradients, lr"),
            (
                PlotSpec(tr("Penalty"), (("loss/R1", "R1"),)),
                PlotSpec(tr("Gradient norm"), (("grad/G", "G"), ("grad/D", "D"))),
                PlotSpec(tr("Learning rate"), (("lr/G", "G"), ("lr/D", "D"))),
            ),
        ),
        (tr("Speed"), (PlotSpec(tr("Speed"), ((SPEED, tr("images/s")),)),)),
    )


class PlotPage(QWidget):
    """Plots side by side; they (and pyqtgraph) come into being when the page is first shown."""

    def __init__(self, context: Context, specs: tuple[PlotSpec, ...]) -> None:
        super().__init__()
        self._context = context
        self._specs = specs
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(4, 4, 8, 2)
        self._row.setSpacing(8)
        self.plots: list[QWidget] = []

    def build(self, smoothing: float, log_scale: bool) -> None:
        from latent_studio.ui.plots.curve_plot import CurvePlot

        history = self._context.training.history
        for spec in self._specs:
            plot = CurvePlot(spec.title)
            for name, text in spec.curves:
                plot.add_curve(history.series(name), text)
            self.plots.append(plot)
            self._row.addWidget(plot, 1)
        self.set_view(smoothing, log_scale)

    def set_view(self, smoothing: float, log_scale: bool) -> None:
        for plot in self.plots:
            if plot.smoothing != smoothing:
                plot.set_smoothing(smoothing)
            if plot.log_scale != log_scale:
                plot.set_log_scale(log_scale)

    def refresh(self) -> None:
        for plot in self.plots:
            plot.refresh()

    def show_all(self) -> None:
        for plot in self.plots:
            plot.show_all()


class TrainingTabs(QTabWidget):
    """Curves and samples of the run, with smoothing and log scale in the corner."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.setDocumentMode(True)
        self.pages = [PlotPage(context, specs) for _, specs in plot_tabs()]
        for page, (title, _) in zip(self.pages, plot_tabs(), strict=True):
            self.addTab(page, title)
        self.samples = SampleHistory(context)
        self.addTab(self.samples, tr("Samples"))
        self.setup = SetupPage(context)
        self.addTab(self.setup, tr("Settings"))
        self._corner = self._make_corner()
        self.setCornerWidget(self._corner)
        self.currentChanged.connect(self._on_tab)
        training = context.training
        training.event_received.connect(self._on_event)
        training.history_changed.connect(self._on_history)

    def ensure_page(self) -> None:
        """Build the plots of the open tab."""
        page = self.currentWidget()
        if isinstance(page, PlotPage) and not page.plots:
            page.build(*self._view())

    def _make_corner(self) -> QWidget:
        settings = self._context.settings
        corner = QWidget()
        corner.setObjectName("tab-corner")
        corner.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, 10, 2)
        row.setSpacing(8)
        label = QLabel(tr("smoothing"))
        label.setProperty("role", "muted")
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, 99)
        self.smoothing.setFixedWidth(90)
        self.smoothing.setAccessibleName(tr("Smoothing of the curves"))
        self.smoothing.setToolTip(tr("Smoothing of the curves: the trend over the faint values"))
        self.smoothing.setValue(settings.get("train/smoothing"))
        self.smoothing.valueChanged.connect(lambda v: self._change("train/smoothing", v))
        self.log_scale = QCheckBox(tr("log"))
        self.log_scale.setToolTip(tr("Logarithmic scale"))
        self.log_scale.setAccessibleName(tr("Logarithmic scale"))
        self.log_scale.setChecked(settings.get("train/log_scale"))
        self.log_scale.toggled.connect(lambda on: self._change("train/log_scale", on))
        for widget in (label, self.smoothing, self.log_scale):
            row.addWidget(widget)
        return corner

    def _change(self, key: str, value: object) -> None:
        self._context.settings.set(key, value)
        for page in self.pages:
            page.set_view(*self._view())

    def _view(self) -> tuple[float, bool]:
        return self.smoothing.value() / 100, self.log_scale.isChecked()

    def _on_tab(self, _index: int) -> None:
        self._corner.setVisible(isinstance(self.currentWidget(), PlotPage))
        if self.isVisible():
            self.ensure_page()

    def _on_event(self, event: object) -> None:
        if isinstance(event, TrainTick):
            if self.isVisible():
                self.ensure_page()
            for page in self.pages:
                page.refresh()

    def _on_history(self) -> None:
        for page in self.pages:
            page.show_all()
