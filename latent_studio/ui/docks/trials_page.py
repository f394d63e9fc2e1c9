"""The trials of a search: which settings did best, and what to make of them."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QSize, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latent_studio.ui import theme
from latent_studio.ui.context import Context
from latent_studio.ui.docks.data_choice import ask_folder
from latent_studio.ui.docks.runs_page import ask_text
from latent_studio.ui.docks.trials_model import NUMBER, TrialOrder, TrialsModel
from latent_studio.ui.i18n import tr
from latent_studio.ui.item_views import TableView
from latent_studio.ui.study_watch import StudyWatch
from latent_studio.ui.widgets.section import Choice

if TYPE_CHECKING:
    from latent_studio.jobs.study import TrialRow
    from latent_studio.jobs.trials import TrialTable

_ROW_HEIGHT = 24
_SOURCE = 230


def ask_study(parent: QWidget, title: str, start: str) -> str:
    """The platform's dialog for a study's file; an empty text when cancelled."""
    kinds = tr("Studies (*.db *.sqlite *.sqlite3);;All files (*)")
    return QFileDialog.getOpenFileName(parent, title, start, kinds)[0]


def keep(source: str, study: str, number: int, name: str) -> str:
    """For a worker; returns the preset's name."""
    from latent_studio.jobs.trials import keep_trial

    keep_trial(source, study, number, name)
    return name


class TrialsPage(QWidget):
    """A table of trials, read on a worker for as long as it is looked at.

    The study is the setting ``train/study``: a folder, a file or a storage URL.
    """

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.ask_study: Callable[[QWidget, str, str], str] = ask_study
        self.ask_folder: Callable[[QWidget, str, str], str] = ask_folder
        self.ask_text: Callable[[QWidget, str, str, str], str | None] = ask_text
        self.found: TrialTable | None = None
        self.watch = StudyWatch(context.jobs, self)
        self.model = TrialsModel(self)
        self.order = TrialOrder(self)
        self.order.setSourceModel(self.model)
        self.table = self._make_table()
        self.message = QLabel()
        self.message.setProperty("role", "muted")
        self.message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.message)
        self._stack.addWidget(self.table)
        self.source = self._make_source()
        self.study = Choice([], tr("Study"), tr("Which study of this storage"))
        self.study.value_changed.connect(lambda name: self.watch.choose(self._source(), name))
        self.buttons: dict[str, QPushButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 2)
        column.setSpacing(4)
        column.addLayout(self._make_row())
        column.addWidget(self._stack, 1)
        self.watch.news.connect(self._on_news)
        self.watch.failed.connect(self._on_failed)
        self.watch.choose(self._source())
        context.training.state_changed.connect(lambda _state: self._show_buttons())
        theme.notifier().changed.connect(self._dress)
        self._dress()
        self._say(self._invitation())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.watch.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self.watch.stop()
        super().hideEvent(event)

    def minimumSizeHint(self) -> QSize:
        """No tab makes the dock wider than it must be."""
        return QSize(200, super().minimumSizeHint().height())

    def open(self, source: str) -> None:
        """Show the study in ``source``: a search's folder, its file, or a storage URL."""
        self._context.settings.set("train/study", source)
        self.found = None
        self._show_source()
        self._say(tr("Reading the trials…") if source else self._invitation())
        self.watch.choose(source)

    def selected(self) -> "TrialRow | None":
        """The trial that the buttons act on."""
        number = self.table.currentIndex().data(NUMBER)
        trials = () if self.found is None else self.found.trials
        return next((trial for trial in trials if trial.number == number), None)

    def choose_file(self) -> None:
        self._take(self.ask_study(self, tr("File of a study"), self._start()))

    def choose_folder(self) -> None:
        self._take(self.ask_folder(self, tr("Folder of a search"), self._start()))

    def choose_url(self) -> None:
        known = self._source() if "://" in self._source() else "postgresql://user@host/studies"
        title = tr("Storage that machines share")
        self._take(self.ask_text(self, title, tr("Optuna storage URL"), known) or "")

    # making

    def _make_table(self) -> TableView:
        table = TableView()
        table.setModel(self.order)
        table.setAccessibleName(tr("Trials"))
        table.setToolTip(tr("Trials of the search; a click on a title sorts them"))
        table.setSortingEnabled(True)
        table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        table.horizontalHeader().setHighlightSections(False)
        table.selectionModel().currentChanged.connect(lambda *_: self._show_buttons())
        table.doubleClicked.connect(lambda _index: self._on_fill())
        return table

    def _make_source(self) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "chip")
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setMaximumWidth(_SOURCE)
        menu = QMenu(button)
        menu.addAction(tr("Folder of a search…"), self.choose_folder)
        menu.addAction(tr("File of a study…"), self.choose_file)
        menu.addAction(tr("Storage URL…"), self.choose_url)
        button.setMenu(menu)
        return button

    def _make_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(5)
        row.addWidget(self.source)
        row.addWidget(self.study)
        row.addStretch(1)
        for name, text, tip, slot in (
            (
                "fill",
                tr("Use for a new run"),
                tr("Fill the settings of the next run with those of this trial"),
                self._on_fill,
            ),
            (
                "keep",
                tr("Make a preset…"),
                tr("Keep the settings of this trial as a preset of yours"),
                self._on_keep,
            ),
            ("show", tr("Show its run"), tr("Show the curves of this trial"), self._on_show),
        ):
            button = QPushButton(text)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.setProperty("role", "compact")
            button.clicked.connect(lambda *_, slot=slot: slot())
            row.addWidget(button)
            self.buttons[name] = button
        return row

    # showing

    def _on_news(self, found: "TrialTable") -> None:
        chosen = self.selected()
        fresh = self.found is None or self.found.study != found.study
        self.found = found
        self.model.show_table(found)
        if fresh:
            self.table.resizeColumnsToContents()
        self.study.set_options([(name, name) for name in found.studies])
        self.study.set_value(found.study)
        self.study.setVisible(len(found.studies) > 1)
        best = found.best[0] if found.best else None
        self._select(best if chosen is None else chosen.number)
        if found.trials:
            self._stack.setCurrentWidget(self.table)
        else:
            self._say(tr("The study has no trials yet."))
        self._show_buttons()

    def _on_failed(self, error: BaseException) -> None:
        self.found = None
        self.model.show_table(None)
        self._say(getattr(error, "message", str(error)))

    def _select(self, number: int | None) -> None:
        for row in range(self.order.rowCount()):
            index = self.order.index(row, 0)
            if index.data(NUMBER) == number:
                flags = QItemSelectionModel.SelectionFlag
                how = flags.ClearAndSelect | flags.Rows
                self.table.selectionModel().setCurrentIndex(index, how)

    def _say(self, text: str) -> None:
        self.message.setText(text)
        self._stack.setCurrentWidget(self.message)
        self.study.hide()
        self._show_buttons()

    def _invitation(self) -> str:
        return tr(
            "Open the folder of a search, or the database that its machines share: its trials are "
            "listed here, also while it goes on. “latent-studio tune” begins one."
        )

    def _show_buttons(self) -> None:
        trial, found, training = self.selected(), self.found, self._context.training
        ours = trial is not None and found is not None and bool(found.request)
        self.buttons["keep"].setEnabled(ours)
        self.buttons["fill"].setEnabled(ours and not training.running)
        there = trial is not None and found is not None and trial.number in found.runs
        self.buttons["show"].setEnabled(there and not training.running)

    def _dress(self) -> None:
        self.source.setIcon(theme.icon("search"))
        self._show_source()

    def _show_source(self) -> None:
        source = self._source()
        name = _title(source) or tr("Open a study")
        text = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _SOURCE - 50)
        self.source.setText(text)
        self.source.setToolTip(_hidden(source) or tr("Which search to show"))
        self.source.setAccessibleName(tr("Study: {name}", name=name))

    # acting

    def _source(self) -> str:
        return str(self._context.settings.get("train/study"))

    def _start(self) -> str:
        source = self._source()
        if source and "://" not in source:
            return str(Path(source).parent)
        return str(self._context.training.runs_folder())

    def _take(self, source: str) -> None:
        if source:
            self.open(source)

    def _on_fill(self) -> None:
        trial, found = self.selected(), self.found
        if trial is None or found is None or not self.buttons["fill"].isEnabled():
            return
        request, training = found.request, self._context.training
        options = found.settings(trial)
        training.fill(request["preset"], request["data"], options, bool(request["conditional"]))
        training.setup_requested.emit()

    def _on_keep(self) -> None:
        trial, found = self.selected(), self.found
        if trial is None or found is None:
            return
        wish = f"{found.request['preset']}-trial-{trial.number}"
        name = self.ask_text(self, tr("Make a preset"), tr("Name of the preset"), wish)
        if name:
            title, where = tr("Keep the preset"), (found.source, found.study, trial.number, name)
            self._context.jobs.start(title, keep, *where, plain=True, done=self._on_kept)

    def _on_kept(self, name: str) -> None:
        training = self._context.training
        training.load_presets()
        message = tr("The preset “{name}” is among the presets now.", name=name)
        choose = (tr("Choose it"), lambda: training.set_preset(name))
        self._context.notifications.notify("info", message, actions=[choose])

    def _on_show(self) -> None:
        trial, found = self.selected(), self.found
        if trial is not None and found is not None:
            self._context.training.watch(found.runs[trial.number])


def _title(source: str) -> str:
    return _hidden(source).rpartition("@")[2] if "://" in source else Path(source).name


def _hidden(source: str) -> str:
    """A URL without its password."""
    scheme, found, rest = source.partition("://")
    return f"{scheme}://…@{rest.rpartition('@')[2]}" if found and "@" in rest else source
