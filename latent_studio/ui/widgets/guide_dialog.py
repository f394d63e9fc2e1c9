"""The user guide: a page of text and pictures from the program's own folder."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtWidgets import QDialog, QTextBrowser, QVBoxLayout, QWidget

from latent_studio.storage.resources import resource_path
from latent_studio.ui.i18n import tr


class GuideDialog(QDialog):
    """Shows ``guide.<language>.md``, English where there is no other; links open in a browser."""

    def __init__(self, language: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("User guide"))
        self.page = QTextBrowser()
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
        document = self.page.document()
        document.setBaseUrl(QUrl.fromLocalFile(str(path)))
        document.setDocumentMargin(24)
        features = QTextDocument.MarkdownFeature.MarkdownDialectGitHub
        document.setMarkdown(path.read_text(encoding="utf-8"), features)

    def _fit_screen(self) -> None:
        """Wide enough for the pictures, where the screen is."""
        screen = QGuiApplication.primaryScreen().availableGeometry()
        self.resize(min(1060, screen.width() - 80), min(860, screen.height() - 80))
