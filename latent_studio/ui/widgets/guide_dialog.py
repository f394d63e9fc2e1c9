"""The user guide: a page of text and pictures from the program's own folder."""

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, QUrl
from PySide6.QtGui import (
    QGuiApplication,
    QPixmap,
    QResizeEvent,
    QTextCursor,
    QTextDocument,
    QTextFragment,
)
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from latent_studio.storage.resources import resource_path
from latent_studio.ui.i18n import tr

_MARGIN = 24
_REST_MS = 60
_IMAGE = QTextDocument.ResourceType.ImageResource.value


class GuidePage(QTextBrowser):
    """A page whose pictures are never wider than it is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: dict[str, QPixmap] = {}
        self._fitted = 0
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self.fit_pictures)

    def show_page(self, path: Path) -> None:
        """Read a file of Markdown; its first line is on top."""
        document = self.document()
        document.setUndoRedoEnabled(False)
        document.setBaseUrl(QUrl.fromLocalFile(str(path)))
        document.setDocumentMargin(_MARGIN)
        features = QTextDocument.MarkdownFeature.MarkdownDialectGitHub
        document.setMarkdown(path.read_text(encoding="utf-8"), features)
        self._pictures, self._fitted = {}, 0
        self.fit_pictures()
        self.moveCursor(QTextCursor.MoveOperation.Start)  # Qt leaves it behind the last word

    def picture_widths(self) -> list[float]:
        """How wide the pictures are drawn."""
        return [part.charFormat().toImageFormat().width() for part in self._picture_parts()]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._rest.isActive():  # not with every pixel under the hand
            self.fit_pictures()
            self._rest.start()

    def fit_pictures(self) -> None:
        """Draw each as wide as it is, or as the page where that is less."""
        room = self.viewport().width() - 2 * _MARGIN
        if room == self._fitted or room <= 0:
            return
        self._fitted = room
        bar, first = self.verticalScrollBar(), self.cursorForPosition(QPoint(0, 0))
        for part in self._picture_parts():
            self._fit_picture(part, room)
        if bar.value():
            bar.setValue(bar.value() + self.cursorRect(first).top())

    def _fit_picture(self, part: QTextFragment, room: int) -> None:
        document, look = self.document(), part.charFormat().toImageFormat()
        url = document.baseUrl().resolved(QUrl(look.name()))
        if look.name() not in self._pictures:
            self._pictures[look.name()] = QPixmap(url.toLocalFile())
        picture = self._pictures[look.name()]
        if picture.isNull():
            return
        width = min(room, picture.width())
        look.setWidth(width)
        look.setHeight(round(picture.height() * width / picture.width()))
        # scaled here: the page itself would leave out pixels, and with them parts of letters
        sharp, smooth = self.devicePixelRatioF(), Qt.TransformationMode.SmoothTransformation
        drawn = picture.scaledToWidth(min(round(width * sharp), picture.width()), smooth)
        drawn.setDevicePixelRatio(drawn.width() / width)
        document.addResource(_IMAGE, url, drawn)
        cursor = QTextCursor(document)
        cursor.setPosition(part.position())
        cursor.setPosition(part.position() + part.length(), QTextCursor.MoveMode.KeepAnchor)
        cursor.setCharFormat(look)

    def _picture_parts(self) -> list[QTextFragment]:
        parts, block = [], self.document().begin()
        while block.isValid():
            at = block.begin()
            while not at.atEnd():
                if at.fragment().charFormat().isImageFormat():
                    parts.append(at.fragment())
                at += 1
            block = block.next()
        return parts


class GuideDialog(QDialog):
    """Shows ``guide.<language>.md``, English where there is no other; links open in a browser."""

    def __init__(self, language: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("User guide"))
        self.page = GuidePage()
        self.page.setOpenExternalLinks(True)
        self.page.setAccessibleName(tr("User guide"))
        self.page.setToolTip(tr("What the window can do, and how"))
        self.page.setSearchPaths([str(resource_path("docs"))])
        path = resource_path("docs", f"guide.{language}.md")
        if not path.is_file():
            path = resource_path("docs", "guide.en.md")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        self._fit_screen()
        self.page.show_page(path)

    def _fit_screen(self) -> None:
        """Wide enough for the pictures, where the screen is."""
        screen = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(min(1060, screen.width() - 80), min(860, screen.height() - 80))
