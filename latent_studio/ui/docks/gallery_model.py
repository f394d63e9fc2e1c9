"""The bookmarks as a list that views can show; thumbnails come when they are looked at."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from latent_studio.ui import theme
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from latent_studio.storage.gallery import Bookmark
    from latent_studio.ui.gallery_controller import GalleryController

BOOKMARK = Qt.ItemDataRole.UserRole
PICTURE = BOOKMARK + 1
MAX_PICTURES = 2000  # some 64 KB each
SIDE, TEXT = 76, 18

_Index = QModelIndex | QPersistentModelIndex


class GalleryModel(QAbstractListModel):
    """Entries of one query, in their order."""

    def __init__(self, controller: "GalleryController", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.entries: list[Bookmark] = []
        self._pictures: dict[str, Picture | None] = {}
        self._asked: set[str] = set()
        self._wanted: list[str] = []
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._ask)

    def set_entries(self, entries: "Sequence[Bookmark]") -> bool:
        """Show others; returns whether anything differs."""
        if list(entries) == self.entries:
            return False
        self.beginResetModel()
        self.entries = list(entries)
        known = {entry.id for entry in entries}
        if len(self._pictures) > MAX_PICTURES:
            self._pictures = {one: p for one, p in self._pictures.items() if one in known}
            self._asked &= self._pictures.keys()
        self.endResetModel()
        return True

    def row_of(self, one: str) -> int:
        return next((row for row, entry in enumerate(self.entries) if entry.id == one), -1)

    def picture(self, one: str) -> Picture | None:
        return self._pictures.get(one)

    # -- Qt's questions ---------------------------------------------------------------------------

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.entries):
            return None
        entry = self.entries[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return entry.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return describe(entry)
        if role == BOOKMARK:
            return entry
        if role == PICTURE:
            self._want(entry.id)
            return self._pictures.get(entry.id)
        return None

    def flags(self, index: _Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    # -- thumbnails -------------------------------------------------------------------------------

    def _want(self, one: str) -> None:
        if one not in self._asked:
            self._asked.add(one)
            self._wanted.append(one)
            self._later.start()

    def _ask(self) -> None:
        from latent_studio.ui.gallery_controller import thumbnail_pixels

        wanted, self._wanted = self._wanted, []

        def read(gallery: Any) -> dict[str, Any]:
            found = gallery.thumbnails(wanted)
            return {one: thumbnail_pixels(data) for one, data in found.items()}

        self._controller.read(read, self._put)

    def _put(self, found: dict[str, Any]) -> None:
        for one, pixels in found.items():
            self._pictures[one] = None if pixels is None else Picture(pixels)
            row = self.row_of(one)
            if row >= 0:
                index = self.index(row)
                self.dataChanged.emit(index, index, [PICTURE])


def describe(entry: "Bookmark") -> str:
    """What a tooltip says of a bookmark."""
    from PySide6.QtCore import QDateTime, QLocale

    when = QDateTime.fromSecsSinceEpoch(int(entry.created))
    moment = QLocale.system().toString(when, QLocale.FormatType.ShortFormat)
    lines = [entry.title, tr("Model: {name}", name=entry.model_name), moment]
    if entry.tags:
        lines.append(tr("Tags: {tags}", tags=", ".join(entry.tags)))
    lines.append(tr("Double click: go there. Drag: a PNG file that carries its scene."))
    return "\n".join(lines)


class TileDelegate(QStyledItemDelegate):
    """A thumbnail with its title; chosen ones are framed."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(SIDE + 8, SIDE + TEXT + 8)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        colours = theme.colors()
        cell: QRect = option.rect  # type: ignore[attr-defined]
        state: QStyle.StateFlag = option.state  # type: ignore[attr-defined]
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        box = QRectF(cell.topLeft() + QPoint(4, 4), QSize(SIDE, SIDE))
        painter.save()
        picture = index.data(PICTURE)
        if isinstance(picture, Picture):
            picture.paint(painter, _fitted(picture, box), True)
        else:
            painter.fillRect(box, QColor(colours.field))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if chosen or focused or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(QColor(colours.accent if chosen else colours.muted), 2))
            painter.drawRect(box.adjusted(-1, -1, 1, 1))
        label = QRectF(box.left(), box.bottom() + 2, SIDE, TEXT)
        painter.setPen(QColor(colours.text if chosen else colours.muted))
        elide = Qt.TextElideMode.ElideRight
        text = painter.fontMetrics().elidedText(str(index.data()), elide, SIDE)
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()


def _fitted(picture: Picture, box: QRectF) -> QRectF:
    """The place of a picture inside ``box``, its sides in proportion."""
    scale = min(box.width() / picture.width, box.height() / picture.height)
    width, height = picture.width * scale, picture.height * scale
    return QRectF(box.center().x() - width / 2, box.center().y() - height / 2, width, height)
