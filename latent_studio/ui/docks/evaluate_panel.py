"""Measure the model on the canvas now: what to compute, a button, and a table of the numbers."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from latent_studio.ui import evaluation
from latent_studio.ui.bind import blocked
from latent_studio.ui.context import Context
from latent_studio.ui.evaluation import INCEPTION, RANDOM, EvaluationRequest
from latent_studio.ui.i18n import tr
from latent_studio.ui.item_views import TableWidget
from latent_studio.ui.spoken import spoken
from latent_studio.ui.training_request import data_title
from latent_studio.ui.widgets.many_choice import ManyChoice
from latent_studio.ui.widgets.section import Choice, icon_button, inset

if TYPE_CHECKING:
    from latent_studio.jobs.evaluate import Evaluation
    from latent_studio.ui.threads.job_thread import JobThread

_WIDTH = 118
_METRICS_WIDTH = 142  # it shows an arrow, too
_LEAST_WIDTH = 70
_ROW_HEIGHT = 22
_MIDDLE = Qt.TextElideMode.ElideMiddle


class EvaluatePanel(QWidget):
    """A job of the window: its progress is shown, and it can be cancelled, there and here."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._job: JobThread | None = None
        self.result: Evaluation | None = None
        self.metrics = self._make_metrics()
        self.samples = self._make_samples()
        self.features = self._make_features()
        self.start = QPushButton()
        self.start.setProperty("role", "compact")
        self.start.setFixedWidth(_WIDTH)
        self.start.clicked.connect(lambda *_: self._on_start())
        self.about = QLabel()
        self.about.setProperty("role", "muted")
        self.about.setWordWrap(True)
        self.about.setTextFormat(Qt.TextFormat.PlainText)
        self.about.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        self.copy = icon_button("copy", tr("Copy the numbers"))
        self.copy.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.copy.clicked.connect(lambda *_: self._on_copy())
        self.table = self._make_table()
        self._lay_out()
        context.settings.changed.connect(self._on_setting)
        context.state.model_changed.connect(lambda _model: self._show())
        context.training.presets_loaded.connect(self._on_presets)
        context.training.event_received.connect(lambda _event: self._show())
        self._fill()
        self._show()

    def sizeHint(self) -> QSize:
        return QSize(590, 150)

    # making

    def _make_metrics(self) -> ManyChoice:
        made = ManyChoice(
            tr("Metrics to compute"), tr("What to compute"), tr("usual metrics"), _METRICS_WIDTH
        )
        made.values_changed.connect(lambda names: self._set("metrics", names))
        return made

    def _make_samples(self) -> QSpinBox:
        box = QSpinBox()
        inset(box)
        box.setRange(2, 100_000)
        box.setSingleStep(500)
        box.setGroupSeparatorShown(True)
        box.setSuffix(tr(" pictures"))
        box.setAccessibleName(tr("Pictures to make"))
        box.setToolTip(tr("Pictures to make, and real ones to hold against them"))
        box.valueChanged.connect(lambda value: self._set("samples", value))
        return box

    def _make_features(self) -> Choice:
        choice = Choice(
            [(RANDOM, tr("random features")), (INCEPTION, tr("Inception-v3 (FID)"))],
            tr("Features"),
            tr("Who looks: a random network, which needs no file, or Inception-v3 as for FID"),
        )
        choice.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToContents)
        choice.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        choice.value_changed.connect(lambda value: self._set("features", value))
        return choice

    def _make_table(self) -> TableWidget:
        table = TableWidget(0, 4)
        table.setAccessibleName(tr("Numbers of the model"))
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setMinimumWidth(220)
        return table

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(5)
        for widget, most in ((self.metrics, _METRICS_WIDTH), (self.samples, _WIDTH)):
            widget.setMinimumWidth(_LEAST_WIDTH)
            widget.setMaximumWidth(most)
        for widget in (self.start, self.metrics, self.samples, self.features, self.copy):
            row.addWidget(widget)
        row.addStretch(1)
        self._stack.addWidget(self.about)
        self._stack.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 2)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._stack, 1)

    # showing

    def _on_presets(self, _presets: object) -> None:
        self._fill()

    def _on_setting(self, key: str, _value: object) -> None:
        if key.startswith("evaluate/"):
            self._fill()
        elif key == "train/data":
            self._show()

    def _fill(self) -> None:
        get, titles = self._context.settings.get, self._context.training.metrics
        if self.metrics.titles() != titles:
            self.metrics.set_titles(titles)
        if self.metrics.values() != get("evaluate/metrics"):
            self.metrics.set_values(get("evaluate/metrics"))
        with blocked(self.samples):
            self.samples.setValue(get("evaluate/samples"))
        self.features.set_value(get("evaluate/features"))

    def _show(self) -> None:
        title, path = evaluation.subject(self._context)
        busy = self._job is not None
        self.start.setText(tr("Cancel") if busy else tr("Evaluate now"))
        self.start.setEnabled(busy or bool(path))
        data = data_title(self._context.training.data)
        if path:
            tip = tr("Compare {model} with {data}", model=title, data=data)
        else:
            tip = tr("There is no model with a file on the canvas")
        self.start.setToolTip(tip)
        self.start.setAccessibleName(tip)
        self.copy.setEnabled(self.result is not None)
        if self.result is None and not busy:
            self._say(tip)

    def _say(self, text: str) -> None:
        self.about.setText(text)
        self._stack.setCurrentWidget(self.about)

    def _show_result(self, found: "Evaluation") -> None:
        rows = evaluation.table_rows(found)
        self.table.setRowCount(len(rows))
        for row, (*numbers, better, meaning) in enumerate(rows):
            for column, text in enumerate((*numbers, spoken(better))):
                item = QTableWidgetItem(text)
                item.setToolTip(spoken(meaning))
                self.table.setItem(row, column, item)
        about = tr(
            "{model} against {data}: {made:,} made, {real:,} real",
            model=found.model,
            data=found.data,
            made=found.samples,
            real=found.real,
        )
        heads = (tr("Metric"), found.model, tr("real: {data}", data=found.data), tr("Better"))
        for column, text in enumerate(heads):
            head = QTableWidgetItem(self.fontMetrics().elidedText(text, _MIDDLE, _WIDTH))
            head.setToolTip(about)
            self.table.setHorizontalHeaderItem(column, head)
        self._stack.setCurrentWidget(self.table)

    # acting

    def _set(self, name: str, value: object) -> None:
        self._context.settings.set(f"evaluate/{name}", value)

    def _on_start(self) -> None:
        if self._job is not None:
            self._job.cancel()
            return
        title, path = evaluation.subject(self._context)
        get = self._context.settings.get
        self._begin(
            EvaluationRequest(
                title,
                path,
                self._context.training.data,
                tuple(get("evaluate/metrics")),
                get("evaluate/samples"),
                get("evaluate/features"),
                get("device"),
            )
        )

    def _begin(self, request: EvaluationRequest) -> None:
        if self._job is not None:
            return
        self._say(tr("Evaluating {model}…", model=request.title))
        self._job = self._context.jobs.start(
            tr("Evaluate {model}", model=request.title),
            evaluation.carry_out,
            request,
            done=self._on_done,
            failed=partial(self._on_failed, request),
            cancelled=self._on_cancelled,
        )
        self._show()

    def _on_done(self, found: "Evaluation") -> None:
        self._job, self.result = None, found
        self._show_result(found)
        self._show()

    def _on_cancelled(self) -> None:
        self._job = None
        if self.result is not None:
            self._show_result(self.result)
        self._show()

    def _on_failed(self, request: EvaluationRequest, error: BaseException) -> None:
        self._on_cancelled()
        if isinstance(error, evaluation.WeightsMissingError):
            again = partial(self._begin, replace(request, download=True))
            actions = [(tr("Download them"), again)]
            self._context.notifications.notify("warning", error.message, actions=actions)
        else:
            self._context.notifications.show_error(error)

    def _on_copy(self) -> None:
        if self.result is not None:
            QGuiApplication.clipboard().setText(evaluation.as_text(self.result))
            self._context.notifications.info(tr("The numbers are in the clipboard."))
