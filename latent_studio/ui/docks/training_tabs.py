"""The tabs of the training dock: curves, samples, settings and the list of runs."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QTabWidget, QWidget

from latent_studio.events import TrainTick
from latent_studio.ui.context import Context
from latent_studio.ui.docks.metrics_page import MetricsPage
from latent_studio.ui.docks.plot_page import (
    CurveView,
    GrowingPage,
    PlotPage,
    health_specs,
    plot_tabs,
)
from latent_studio.ui.docks.runs_page import RunsPage
from latent_studio.ui.docks.sample_history import SampleHistory
from latent_studio.ui.docks.setup_page import SetupPage
from latent_studio.ui.docks.trials_page import TrialsPage
from latent_studio.ui.i18n import tr
from latent_studio.ui.settings import DEFAULTS
from latent_studio.ui.widgets.section import Choice
from latent_studio.ui.widgets.track import Track


class TrainingTabs(QTabWidget):
    """Curves and samples of the run, with smoothing and log scale in the corner."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._ready = False
        self.setDocumentMode(True)
        self.pages: list[PlotPage] = []
        self._tabs: dict[QWidget, PlotPage] = {}
        for title, specs in plot_tabs():
            self._add_page(PlotPage(context, specs), title)
        nothing = tr("What tells of the health of a run appears here while it trains.")
        self.health = GrowingPage(context, health_specs, nothing)
        self._add_page(self.health, tr("Health"))
        self.metrics = MetricsPage(context)
        self._add_page(self.metrics.curves, tr("Metrics"), self.metrics)
        self.samples = SampleHistory(context)
        self.addTab(self.samples, tr("Samples"))
        self.setup = SetupPage(context)
        self.addTab(self.setup, tr("Settings"))
        self.runs = RunsPage(context)
        self.addTab(self.runs, tr("Runs"))
        self.trials = TrialsPage(context)
        self.addTab(self.trials, tr("Trials"))
        self._corner = self._make_corner()
        self.setCornerWidget(self._corner)
        self.currentChanged.connect(self._on_tab)
        training = context.training
        training.event_received.connect(self._on_event)
        training.history_changed.connect(self._on_history)
        training.compared.changed.connect(self.ensure_page)
        training.compared.updated.connect(self.ensure_page)

    def _add_page(self, page: PlotPage, title: str, tab: QWidget | None = None) -> None:
        self.pages.append(page)
        self._tabs[tab or page] = page
        self.addTab(tab or page, title)

    def _page(self) -> PlotPage | None:
        """The curves of the open tab, if it has any."""
        return self._tabs.get(self.currentWidget())

    def allow_plots(self) -> None:
        """From now on the plots' library may be loaded."""
        self._ready = True
        self.ensure_page()

    def ensure_page(self) -> None:
        """Build the plots of the open tab."""
        page = self._page()
        if self._ready and page is not None and not page.built:
            page.build(self._view())

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
        self.smoothing = Track()
        self.smoothing.setRange(0, 99)
        self.smoothing.setFixedWidth(90)
        self.smoothing.setAccessibleName(tr("Smoothing of the curves"))
        self.smoothing.setToolTip(tr("Smoothing of the curves: the trend over the faint values"))
        self.smoothing.setValue(settings.get("train/smoothing"))
        self.smoothing.valueChanged.connect(lambda v: self._change("train/smoothing", v))
        self.smoothing.reset_requested.connect(
            lambda: self.smoothing.setValue(DEFAULTS["train/smoothing"])
        )
        self.log_scale = QCheckBox(tr("log"))
        self.log_scale.setToolTip(tr("Logarithmic scale"))
        self.log_scale.setAccessibleName(tr("Logarithmic scale"))
        self.log_scale.setChecked(settings.get("train/log_scale"))
        self.log_scale.toggled.connect(lambda on: self._change("train/log_scale", on))
        self.axis = Choice(
            [("kimg", tr("over kimg")), ("step", tr("over steps")), ("seconds", tr("over time"))],
            tr("Horizontal axis of the curves"),
            tr("What the curves run over: thousands of images, steps, or training time"),
        )
        self.axis.setMinimumContentsLength(9)
        self.axis.set_value(settings.get("train/axis"))
        self.axis.value_changed.connect(lambda value: self._change("train/axis", value))
        for widget in (self.axis, label, self.smoothing, self.log_scale):
            row.addWidget(widget)
        return corner

    def _change(self, key: str, value: object) -> None:
        self._context.settings.set(key, value)
        for page in self.pages:
            page.set_view(self._view())

    def _view(self) -> CurveView:
        log, axis = self.log_scale.isChecked(), self.axis.value()
        return CurveView(self.smoothing.value() / 100, log, axis)

    def _on_tab(self, _index: int) -> None:
        self._corner.setVisible(self._page() is not None)
        if self.isVisible():
            self.allow_plots()

    def _on_event(self, event: object) -> None:
        if isinstance(event, TrainTick):
            if self.isVisible():
                self.allow_plots()
            for page in self.pages:
                page.refresh()

    def _on_history(self) -> None:
        if self._ready and self.isVisible():
            self.ensure_page()
        for page in self.pages:
            page.show_all()
