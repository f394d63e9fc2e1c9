"""Export: the picture, a grid, a video. Stays open; the work is done in the background."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QTabWidget, QVBoxLayout, QWidget

from latent_studio.ui.context import Context
from latent_studio.ui.export.grid_page import GridPage
from latent_studio.ui.export.image_page import ImagePage
from latent_studio.ui.export.page import ExportPage
from latent_studio.ui.export.timeline_page import TimelinePage
from latent_studio.ui.export.video_page import VideoPage
from latent_studio.ui.i18n import tr


class ExportDialog(QDialog):
    """One page a kind of export; progress and cancel are in the window's progress strip."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.setWindowTitle(tr("Export"))
        self.setMinimumWidth(440)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.pages: dict[str, ExportPage] = {
            "image": ImagePage(context),
            "grid": GridPage(context),
            "video": VideoPage(context),
        }
        if context.desk is not None:
            self.pages["timeline"] = TimelinePage(context)
        titles = {
            "image": tr("Picture"),
            "grid": tr("Grid"),
            "video": tr("Video"),
            "timeline": tr("Timeline"),
        }
        for name, page in self.pages.items():
            self.tabs.addTab(page, titles[name])
        self.go = QPushButton(tr("Export…"))
        self.go.setProperty("role", "primary")
        self.go.setDefault(True)
        self.go.setToolTip(tr("Choose a file and write it in the background"))
        self.go.clicked.connect(self.export)
        close = QPushButton(tr("Close"))
        close.setToolTip(tr("Close this window (Esc)"))
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.setContentsMargins(12, 0, 12, 12)
        row.addStretch(1)
        row.addWidget(close)
        row.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)
        column.addLayout(row)
        context.state.model_changed.connect(self._show_model)
        self._show_model()

    def open_page(self, name: str) -> None:
        """Show the dialog with the page ``image``, ``grid``, ``video`` or ``timeline``."""
        self.tabs.setCurrentWidget(self.pages[name])
        self.show()
        self.raise_()
        self.activateWindow()

    def export(self) -> None:
        """Export the open page."""
        page = self.tabs.currentWidget()
        if isinstance(page, ExportPage):
            page.show_name()
            page.export()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.go.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_model()

    def _show_model(self, *_: object) -> None:
        for page in self.pages.values():
            page.show_model()
        self.go.setEnabled(self._context.state.model is not None)
