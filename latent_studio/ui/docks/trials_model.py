"""The trials of a study as rows that can be sorted by any column."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QColor, QFont

from latent_studio.ui import theme
from latent_studio.ui.i18n import tr
from latent_studio.ui.plots.numbers import duration

if TYPE_CHECKING:
    from latent_studio.jobs.study import TrialRow
    from latent_studio.jobs.trials import TrialTable

SORT = Qt.ItemDataRole.UserRole
NUMBER = Qt.ItemDataRole.UserRole + 1
_NO_PARENT = QModelIndex()

Index: TypeAlias = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class _Column:
    """``value`` gives what is sorted by (None: unknown), ``text`` what is read."""

    title: str
    value: "Callable[[TrialRow], Any]"
    text: "Callable[[Any], str]" = str
    tip: str = ""


class TrialsModel(QAbstractTableModel):
    """One row a trial; role ``NUMBER`` is its number, ``SORT`` what its column is sorted by."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._trials: tuple[TrialRow, ...] = ()
        self._columns: list[_Column] = []
        self._best: frozenset[int] = frozenset()

    def show_table(self, table: "TrialTable | None") -> None:
        """Show other trials, or none."""
        self.beginResetModel()
        self._trials = () if table is None else table.trials
        self._best = frozenset(() if table is None else table.best)
        self._columns = [] if table is None else _columns(table)
        self.endResetModel()

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._trials)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        return column.tip or column.title if role == Qt.ItemDataRole.ToolTipRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        trial, column = self._trials[index.row()], self._columns[index.column()]
        value = column.value(trial)
        if role == NUMBER:
            return trial.number
        if role == SORT:
            return value
        if role == Qt.ItemDataRole.DisplayRole:
            return "" if value is None else column.text(value)
        if role == Qt.ItemDataRole.ToolTipRole:
            return trial.reason or (tr("One of the best") if trial.number in self._best else None)
        return self._look(trial, role)

    def _look(self, trial: "TrialRow", role: int) -> Any:
        """The best are bold, what came to nothing is faint."""
        if role == Qt.ItemDataRole.FontRole and trial.number in self._best:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ForegroundRole and trial.state in ("failed", "pruned"):
            return QColor(theme.colors().muted)
        return None


class TrialOrder(QSortFilterProxyModel):
    """Sorts by numbers where there are numbers; what is unknown comes last either way."""

    def lessThan(self, left: Index, right: Index) -> bool:
        a, b = left.data(SORT), right.data(SORT)
        if a is None or b is None:
            up = self.sortOrder() == Qt.SortOrder.AscendingOrder
            return (b is None and a is not None) if up else (a is None and b is not None)
        if _is_number(a) and _is_number(b):
            return bool(a < b)
        return str(a) < str(b)


def value_text(value: Any) -> str:
    """A setting or a measurement in a few characters."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _columns(table: "TrialTable") -> list[_Column]:
    values = [
        _Column(name, _value(place), value_text, _aim_text(up))
        for place, (name, up) in enumerate(zip(table.metrics, table.maximize, strict=False))
    ]
    return [
        _Column(tr("Trial"), lambda trial: trial.number),
        _Column(tr("State"), lambda trial: trial.state, _state_text),
        *values,
        *(_Column(name, _param(name), value_text) for name in table.params),
        _Column("kimg", lambda trial: trial.kimg or None, lambda kimg: f"{kimg:,.4g}"),
        _Column(tr("Time"), lambda trial: trial.seconds or None, duration, tr("Spent training")),
        _Column(
            tr("Pruned at"),
            lambda trial: trial.step if trial.state == "pruned" else None,
            tip=tr("The measurement after which it was given up"),
        ),
    ]


def _aim_text(maximize: bool) -> str:
    return tr("higher is better") if maximize else tr("lower is better")


def _value(place: int) -> "Callable[[TrialRow], Any]":
    return lambda trial: trial.values[place] if place < len(trial.values) else None


def _param(name: str) -> "Callable[[TrialRow], Any]":
    return lambda trial: trial.params.get(name)


def _state_text(state: str) -> str:
    return {
        "waiting": tr("waiting"),
        "running": tr("running"),
        "done": tr("done"),
        "pruned": tr("pruned"),
        "failed": tr("failed"),
    }.get(state, state)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
