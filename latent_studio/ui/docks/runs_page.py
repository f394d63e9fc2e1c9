"""The runs there are: compare, watch, open, go on, rename, note, delete."""

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QInputDialog,
    QLabel,
    QMessageBox,
    QPushButton,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from latent_studio.ui import theme
from latent_studio.ui.bind import blocked
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.item_views import TableWidget
from latent_studio.ui.plots.legend import dot_icon
from latent_studio.ui.plots.numbers import kimg_text, size_text

if TYPE_CHECKING:
    from latent_studio.jobs.runs import RunSummary

_ROW_HEIGHT = 24
_NAME_WIDTH = 170  # contents do not count the box and the colour
_THREE_ROWS = 106  # pixels that three rows of buttons need
_NAME, _STATE, _PRESET, _KIMG, _METRICS, _ALARMS, _CHANGED, _NOTE = range(8)


def load_runs(folder: str) -> "list[RunSummary]":
    """The runs in ``folder``, the newest first; for a worker."""
    from latent_studio.jobs.runs import list_runs

    return list_runs(folder)


def rename(path: str, name: str) -> str:
    """For a worker; returns the new folder."""
    from latent_studio.jobs.runs import rename_run

    return str(rename_run(path, name))


def annotate(path: str, note: str) -> None:
    """For a worker."""
    from latent_studio.jobs.runs import annotate_run

    annotate_run(path, note)


def delete(path: str) -> None:
    """For a worker."""
    from latent_studio.jobs.runs import delete_run

    delete_run(path)


def ask_text(parent: QWidget, title: str, label: str, text: str) -> str | None:
    """A line of text; None when cancelled."""
    answer, accepted = QInputDialog.getText(parent, title, label, text=text)
    return answer.strip() if accepted else None


def ask_delete(parent: QWidget, name: str, size: str) -> bool:
    """Whether a run may be deleted."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle(tr("Delete a run"))
    box.setText(tr("Delete the run “{name}” with its models ({size})?", name=name, size=size))
    box.setInformativeText(tr("This cannot be undone."))
    delete_button = box.addButton(tr("Delete"), QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
    box.exec()
    return box.clickedButton() is delete_button


class RunsPage(QWidget):
    """A table of the runs in the runs folder, read on a worker whenever it is looked at."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.ask_text: Callable[[QWidget, str, str, str], str | None] = ask_text
        self.ask_delete: Callable[[QWidget, str, str], bool] = ask_delete
        self.runs: list[RunSummary] = []
        self._reading = self._again = False
        self.table = self._make_table()
        self.nothing = self._make_nothing()
        self.buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(10)
        row.addWidget(self.table, 1)
        self._grid = self._make_buttons()
        row.addLayout(self._grid)
        training = context.training
        training.compared.changed.connect(self._mark)
        training.state_changed.connect(lambda _state: self.renew())
        theme.notifier().changed.connect(self._mark)
        self._show_buttons()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.renew()

    def renew(self) -> None:
        """Read the list again, if anybody can see it."""
        if not self.isVisible() or self._context.jobs.closed:
            return
        if self._reading:
            self._again = True
            return
        self._reading, self._again = True, False
        self._context.jobs.start(
            tr("Read the list of runs"),
            load_runs,
            str(self._context.training.runs_folder()),
            plain=True,
            quiet=True,
            done=self._on_read,
            failed=lambda _error: self._on_read([]),
        )

    def selected(self) -> "RunSummary | None":
        """The run that the buttons act on."""
        row = self.table.currentRow()
        return self.runs[row] if 0 <= row < len(self.runs) else None

    # making

    def _make_table(self) -> TableWidget:
        table = TableWidget(0, 8)
        table.setAccessibleName(tr("Runs"))
        table.setToolTip(tr("Tick a run to draw its curves beside those of the run that is shown"))
        table.setHorizontalHeaderLabels(
            [
                tr("Run"),
                tr("State"),
                tr("Preset"),
                tr("kimg"),
                tr("Metrics"),
                tr("Alarms"),
                tr("Changed"),
                tr("Note"),
            ]
        )
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(_NAME, _NAME_WIDTH)
        header.setStretchLastSection(True)
        table.setIconSize(QSize(10, 10))
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        table.setShowGrid(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setTabKeyNavigation(False)
        table.itemChanged.connect(self._on_item)
        table.currentCellChanged.connect(lambda *_: self._show_buttons())
        table.itemDoubleClicked.connect(lambda _item: self._on_watch())
        return table

    def _make_nothing(self) -> QLabel:
        """What an empty table says, once it is known to be empty."""
        label = QLabel(tr("There are no runs yet. Start a training; it is listed here then."))
        label.setProperty("role", "muted")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setWordWrap(True)
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        label.hide()
        QVBoxLayout(self.table.viewport()).addWidget(label)
        return label

    def _make_buttons(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(5)
        for index, (name, text, tip, slot) in enumerate(
            (
                ("watch", tr("Show"), tr("Show its curves; follow it if it runs"), self._on_watch),
                ("resume", tr("Go on"), tr("Go on training this run"), self._on_resume),
                ("open", tr("Open model"), tr("Open its newest model"), self._on_open),
                ("rename", tr("Rename…"), tr("Give the run another name"), self._on_rename),
                ("note", tr("Note…"), tr("Write a note about the run"), self._on_note),
                ("delete", tr("Delete…"), tr("Delete the run with its models"), self._on_delete),
            )
        ):
            button = QPushButton(text)
            button.setToolTip(tip)
            button.setAccessibleName(tip)
            button.clicked.connect(partial(self._press, slot))
            grid.addWidget(button, index // 2, index % 2)
            button.setProperty("role", "compact")
            self.buttons[name] = button
        self.buttons["delete"].setProperty("role", "danger")
        grid.setRowStretch(len(self.buttons), 1)
        return grid

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        across = 2 if self.height() >= _THREE_ROWS else 3
        for index, button in enumerate(self.buttons.values()):
            self._grid.addWidget(button, index // across, index % across)

    def _press(self, slot: Callable[[], object], *_: object) -> None:
        slot()

    # showing

    def _on_read(self, runs: "list[RunSummary]") -> None:
        self._reading = False
        chosen = self.selected()
        self.runs = runs
        with blocked(self.table):
            self.table.setRowCount(len(runs))
            for row, run in enumerate(runs):
                self._fill_row(row, run)
        self.nothing.setVisible(not runs)
        self._mark()
        paths = [run.path for run in runs]
        if chosen is not None and chosen.path in paths:
            self.table.setCurrentCell(paths.index(chosen.path), 0)
        elif runs:
            self.table.setCurrentCell(0, 0)
        self._show_buttons()
        if self._again:
            self.renew()

    def _fill_row(self, row: int, run: "RunSummary") -> None:
        metrics = ", ".join(f"{name} {value:.4g}" for name, value in run.metrics.items())
        total = f" / {kimg_text(run.total_kimg)}" if run.total_kimg else ""
        changed = time.strftime("%Y-%m-%d %H:%M", time.localtime(run.changed))
        texts = {
            _NAME: run.name,
            _STATE: _STATES.get(run.state, lambda: run.state)(),
            _PRESET: run.preset,
            _KIMG: f"{run.kimg:,.1f}{total}",
            _METRICS: metrics,
            _ALARMS: alarms_text(run.alarms, len(run.standing)),
            _CHANGED: changed,
            _NOTE: run.note,
        }
        for column, text in texts.items():
            item = QTableWidgetItem(text)
            item.setToolTip(run.message or text)
            if column == _ALARMS:
                item.setToolTip(", ".join(run.standing) or tr("None of them is open"))
            if column == _NAME:
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(Qt.CheckState.Unchecked)
                item.setToolTip(str(run.path))
            self.table.setItem(row, column, item)

    def _mark(self) -> None:
        """Tick the runs that are compared and give them their colours."""
        compared, plot = self._context.training.compared, theme.colors().plot
        with blocked(self.table):
            for row, run in enumerate(self.runs):
                item = self.table.item(row, _NAME)
                color = compared.color(str(run.path))
                if item is not None:
                    on, off = Qt.CheckState.Checked, Qt.CheckState.Unchecked
                    item.setCheckState(off if color is None else on)
                    icon = QIcon() if color is None else dot_icon(plot[color % len(plot)])
                    item.setIcon(icon)

    def _show_buttons(self) -> None:
        run, training = self.selected(), self._context.training
        there = run is not None and run.state != "damaged"
        idle = run is not None and run.state != "running"
        self.buttons["watch"].setEnabled(there and not training.running)
        self.buttons["resume"].setEnabled(there and idle and not training.running)
        self.buttons["open"].setEnabled(there)
        self.buttons["note"].setEnabled(there)
        self.buttons["rename"].setEnabled(there and idle)
        self.buttons["delete"].setEnabled(idle)

    # acting

    def _on_item(self, item: QTableWidgetItem) -> None:
        if item.column() == _NAME and item.row() < len(self.runs):
            on = item.checkState() == Qt.CheckState.Checked
            run = self.runs[item.row()]
            self._context.training.compared.set_compared(str(run.path), on)
            self._mark()

    def _on_watch(self) -> None:
        run = self.selected()
        if run is not None and self.buttons["watch"].isEnabled():
            self._context.training.watch(str(run.path))

    def _on_resume(self) -> None:
        run = self.selected()
        if run is not None:
            self._context.training.resume_run(str(run.path))

    def _on_open(self) -> None:
        run = self.selected()
        if run is not None:
            self._context.models.open_path(str(run.path), keep_recipe=True)

    def _on_rename(self) -> None:
        run = self.selected()
        if run is None:
            return
        name = self.ask_text(self, tr("Rename a run"), tr("New name"), run.path.name)
        if name and name != run.path.name:
            self._let_go(str(run.path))
            self._do(tr("Rename the run"), rename, str(run.path), name)

    def _on_note(self) -> None:
        run = self.selected()
        if run is None:
            return
        note = self.ask_text(self, tr("Note about a run"), run.name, run.note)
        if note is not None and note != run.note:
            self._do(tr("Write the note"), annotate, str(run.path), note)

    def _on_delete(self) -> None:
        run = self.selected()
        if run is not None and self.ask_delete(self, run.name, size_text(run.bytes)):
            self._let_go(str(run.path))
            self._do(tr("Delete the run"), delete, str(run.path))

    def _let_go(self, folder: str) -> None:
        """Nothing reads a run that is moved or deleted."""
        training = self._context.training
        training.compared.remove(folder)
        if training.history.folder == folder:
            training.unwatch()

    def _do(self, title: str, function: Callable[..., Any], *args: object) -> None:
        self._context.jobs.start(
            title, function, *args, plain=True, done=lambda _result: self.renew()
        )


def alarms_text(raised: int, standing: int) -> str:
    """``3``, or ``3, 1 open``; an empty text without any."""
    if not raised:
        return ""
    return (
        tr("{raised}, {standing} open", raised=raised, standing=standing)
        if standing
        else str(raised)
    )


_STATES = {
    "running": lambda: tr("running"),
    "stopped": lambda: tr("stopped"),
    "done": lambda: tr("done"),
    "failed": lambda: tr("failed"),
    "damaged": lambda: tr("damaged"),
}
