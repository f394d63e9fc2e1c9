"""Published models as rows that can be sorted and filtered, a download as a bar in its row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSortFilterProxyModel,
    Qt,
)
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from latent_studio.ui import theme
from latent_studio.ui.get_models.fetching import Row
from latent_studio.ui.i18n import tr
from latent_studio.ui.plots.numbers import duration, size_text

SORT = Qt.ItemDataRole.UserRole
NAME = Qt.ItemDataRole.UserRole + 1
SHARE = Qt.ItemDataRole.UserRole + 2
_NO_PARENT = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ORDER = ("running", "paused", "ready", "downloaded", "partial", "absent")

Index: TypeAlias = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class _Column:
    """``text`` is what is read, ``value`` what is sorted by."""

    title: Callable[[], str]
    text: Callable[[Row], str]
    value: Callable[[Row], Any]


def commercial_text(row: Row) -> str:
    """Whether the licence allows commercial use, in a word or two."""
    words = {
        "forbidden": tr("Not commercial"),
        "unclear": tr("Unclear"),
        "allowed": tr("Commercial, too"),
    }
    return words[row.entry.licence.commercial]


def size_of(row: Row) -> str:
    return "?" if row.entry.bytes is None else size_text(row.entry.bytes)


def state_text(row: Row) -> str:
    """What is here, or how far the download is."""
    if row.state in ("running", "paused") and row.progress is not None:
        return _progress_text(row)
    words = {
        "absent": "",
        "partial": tr("{size} of it is here", size=size_text(row.bytes)),
        "running": tr("Connecting…"),
        "paused": tr("Paused"),
        "downloaded": tr("Downloaded"),
        "ready": tr("In your library"),
    }
    return words[row.state]


def _progress_text(row: Row) -> str:
    progress = row.progress
    assert progress is not None
    if progress.unit != "B":
        return tr("Importing…")
    done = size_text(progress.done)
    text = f"{done} / {size_text(progress.total)}" if progress.total else done
    if row.state == "paused":
        return tr("Paused · {done}", done=text)
    left = duration(progress.eta_s)
    return tr("{done} · {time} left", done=text, time=left) if left else text


COLUMNS = (
    _Column(lambda: tr("Pictures"), lambda r: r.entry.title, lambda r: r.entry.title.lower()),
    _Column(lambda: tr("Architecture"), lambda r: r.entry.architecture, lambda r: r.entry.name),
    _Column(lambda: tr("Side"), lambda r: str(r.entry.resolution), lambda r: r.entry.resolution),
    _Column(
        lambda: tr("Licence"),
        commercial_text,
        lambda r: ("allowed", "unclear", "forbidden").index(r.entry.licence.commercial),
    ),
    _Column(lambda: tr("Size"), size_of, lambda r: r.entry.bytes or 0),
    _Column(lambda: tr("Here"), state_text, lambda r: _ORDER.index(r.state)),
)
_NUMBERS = (2, 4)
STATE = len(COLUMNS) - 1


class PublishedTable(QAbstractTableModel):
    """Role ``NAME`` is the model's name, ``SORT`` what a column is sorted by, ``SHARE`` how much of
    a running download has come (None: unknown or none runs).
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Show another list."""
        self.beginResetModel()
        self._rows = list(rows)
        self.endResetModel()

    def show_row(self, row: Row) -> None:
        """Show the change of one."""
        for place, old in enumerate(self._rows):
            if old.entry.name == row.entry.name:
                self._rows[place] = row
                self.dataChanged.emit(self.index(place, 0), self.index(place, STATE))

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and section in _NUMBERS:
            return _RIGHT
        return COLUMNS[section].title() if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self._rows[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return row.error or f"{row.entry.name} · {row.entry.data} · {row.entry.licence.title}"
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._colour(row, index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() in _NUMBERS:
            return _RIGHT
        if role == SORT:
            return column.value(row)
        if role == SHARE:
            return _share(row)
        return row.entry.name if role == NAME else None

    def _colour(self, row: Row, column: int) -> QColor | None:
        colours = theme.colors()
        if column == 3 and row.entry.licence.commercial == "forbidden":
            return QColor(colours.warning)
        if column == STATE and row.state == "ready":
            return QColor(colours.good)
        return QColor(colours.muted) if column in (1, 2, 4) else None


class PublishedOrder(QSortFilterProxyModel):
    """Sorts by ``SORT``; filters by words that may be in any column."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setSortRole(SORT)
        self._words: list[str] = []

    def set_words(self, text: str) -> None:
        self._words = text.lower().split()
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: Index) -> bool:
        model = self.sourceModel()
        texts = [str(model.index(row, column).data() or "") for column in range(len(COLUMNS))]
        texts.append(str(model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) or ""))
        text = " ".join(texts).lower()
        return all(word in text for word in self._words)


class StateDelegate(QStyledItemDelegate):
    """Draws a bar under the text of a running download."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        share = index.data(SHARE)
        if share is None:
            return
        colours = theme.colors()
        area = QRectF(option.rect).adjusted(4, option.rect.height() - 5, -6, -2)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.groove))
        painter.drawRoundedRect(area, 1.5, 1.5)
        area.setWidth(area.width() * share)
        painter.setBrush(QColor(colours.accent))
        painter.drawRoundedRect(area, 1.5, 1.5)
        painter.restore()


def _share(row: Row) -> float | None:
    progress = row.progress
    if row.state not in ("running", "paused") or progress is None or not progress.total:
        return None
    return min(1.0, progress.done / progress.total)
