"""The page of published models: choose, read the licence, download, open."""

from collections.abc import Callable
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from latent_studio.ui.get_models.fetching import Fetching, Row
from latent_studio.ui.get_models.table import (
    NAME,
    STATE,
    PublishedOrder,
    PublishedTable,
    StateDelegate,
    size_of,
)
from latent_studio.ui.i18n import tr
from latent_studio.ui.plots.numbers import size_text
from latent_studio.ui.widgets.section import SearchField

if TYPE_CHECKING:
    from latent_studio.storage.catalogue import CatalogueEntry

_ROW_HEIGHT = 28
_BUSY = ("running", "paused")


def ask_licence(parent: QWidget, entry: "CatalogueEntry") -> bool:
    """Whether the person takes a model that is not for commercial use."""
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle(tr("Not for commercial use"))
    box.setText(tr("The licence of “{title}” forbids commercial use.", title=entry.title))
    box.setInformativeText(f"{entry.licence.note}\n\n{entry.licence.title}\n{entry.licence.url}")
    role = QMessageBox.ButtonRole
    yes = box.addButton(tr("Download for research"), role.AcceptRole)
    box.setDefaultButton(box.addButton(tr("Cancel"), role.RejectRole))
    box.exec()
    return box.clickedButton() is yes


def ask_remove(parent: QWidget, row: Row) -> bool:
    """Whether the fetched files are to be deleted."""
    text = tr("Delete the downloaded files ({size})?", size=size_text(row.bytes))
    if row.state == "ready":
        text += " " + tr("The model in your library stays.")
    answer = QMessageBox.question(parent, tr("Delete files"), text)
    return answer == QMessageBox.StandardButton.Yes


class GetModelsDialog(QDialog):
    """Lists the catalogue. Nothing is asked of the network before *Download* is pressed."""

    def __init__(self, fetching: Fetching, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Get models"))
        self.resize(920, 640)
        self._fetching = fetching
        self._unreadable = ""
        self.ask_licence: Callable[[QWidget, CatalogueEntry], bool] = ask_licence
        self.ask_remove: Callable[[QWidget, Row], bool] = ask_remove
        self.search = SearchField(tr("Filter: what it shows, architecture, licence …"))
        self.model = PublishedTable(self)
        self.order = PublishedOrder(self)
        self.order.setSourceModel(self.model)
        self.table = self._make_table()
        self.details = QLabel()
        self.buttons: dict[str, QPushButton] = {}
        self._lay_out()
        self._connect()
        self.model.show_rows(fetching.rows())
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fetching.refresh()

    def selected(self) -> Row | None:
        """The model that the buttons act on."""
        return self._fetching.row(str(self.table.currentIndex().data(NAME)))

    def select(self, name: str) -> bool:
        """Choose a model by name; False if it is not listed now."""
        for place in range(self.order.rowCount()):
            index = self.order.index(place, 0)
            if index.data(NAME) == name:
                self.table.setCurrentIndex(index)
                return True
        return False

    # -- parts ------------------------------------------------------------------------------------

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.order)
        table.setItemDelegateForColumn(STATE, StateDelegate(table))
        table.setAccessibleName(tr("Published models"))
        table.setToolTip(tr("Published models; a click on a title sorts them"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        for column, width in enumerate((300, 110, 56, 120, 80)):
            header.resizeSection(column, width)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.resizeSection(STATE, 236)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)
        return table

    def _lay_out(self) -> None:
        intro = QLabel(
            tr("Models that others have published. Nothing is fetched before you press Download.")
        )
        intro.setProperty("role", "muted")
        self.details.setWordWrap(True)
        self.details.setTextFormat(Qt.TextFormat.RichText)
        self.details.setOpenExternalLinks(True)
        self.details.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.details.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.details.setAccessibleName(tr("About this model"))
        self.details.setMargin(8)
        about = QScrollArea()
        about.setWidgetResizable(True)
        about.setFrameShape(QFrame.Shape.NoFrame)
        about.setFixedHeight(180)
        about.setWidget(self.details)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 14, 14, 12)
        column.addWidget(self.search)
        column.addWidget(intro)
        column.addWidget(self.table, 1)
        column.addWidget(about)
        column.addLayout(self._make_buttons())

    def _make_buttons(self) -> QHBoxLayout:
        line = QHBoxLayout()
        ending = tr("End the download; what has come is kept")
        for name, text, tip, slot in (
            ("main", tr("Download"), "", self._on_main),
            ("cancel", tr("Cancel"), ending, self._on_cancel),
            ("remove", tr("Delete files…"), tr("Delete the downloaded files"), self._on_remove),
        ):
            button = QPushButton(text)
            button.setToolTip(tip)
            button.setAutoDefault(False)
            button.clicked.connect(partial(_press, slot))
            line.addWidget(button)
            self.buttons[name] = button
        self.buttons["main"].setProperty("role", "primary")
        self.buttons["remove"].setProperty("role", "danger")
        line.addStretch(1)
        close = QPushButton(tr("Close"))
        close.setToolTip(tr("Downloads go on"))
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        line.addWidget(close)
        return line

    def _connect(self) -> None:
        self.search.textChanged.connect(self._on_search)
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._show())
        self.table.activated.connect(lambda _index: self._on_activated())
        self._fetching.listed.connect(self._on_listed)
        self._fetching.changed.connect(self._on_changed)
        self._fetching.failed.connect(self._on_unreadable)

    # -- showing ----------------------------------------------------------------------------------

    def _on_listed(self) -> None:
        row = self.selected()
        self._unreadable = ""
        self.model.show_rows(self._fetching.rows())
        if row is None or not self.select(row.entry.name):
            self.table.setCurrentIndex(self.order.index(0, 0))
        self._show()

    def _on_changed(self, name: str) -> None:
        row, chosen = self._fetching.row(name), self.selected()
        if row is not None:
            self.model.show_row(row)
        if chosen is not None and chosen.entry.name == name:
            self._show()

    def _on_unreadable(self, message: str) -> None:
        self._unreadable = message
        self._show()

    def _on_search(self, text: str) -> None:
        self.order.set_words(text)
        if not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.order.index(0, 0))
        self._show()

    def _show(self) -> None:
        row = self.selected()
        self.details.setText(self._unreadable or (_details(row) if row else self._nothing()))
        main, tip = _main_action(row)
        self.buttons["main"].setText(main)
        self.buttons["main"].setToolTip(tip)
        self.buttons["main"].setAccessibleName(tip)
        self.buttons["main"].setEnabled(row is not None)
        self.buttons["cancel"].setVisible(row is not None and row.state in _BUSY)
        deletable = row is not None and row.bytes > 0 and row.state not in _BUSY
        self.buttons["remove"].setVisible(deletable)

    def _nothing(self) -> str:
        return tr("No model matches.") if self.search.text() else tr("Reading the catalogue…")

    # -- commands ---------------------------------------------------------------------------------

    def _on_main(self) -> None:
        row = self.selected()
        if row is None:
            return
        name = row.entry.name
        if row.state == "running":
            self._fetching.pause(name)
        elif row.state == "paused":
            self._fetching.resume(name)
        elif row.state in ("ready", "downloaded"):
            self._fetching.open(name)
        elif row.entry.licence.commercial != "forbidden" or self.ask_licence(self, row.entry):
            self._fetching.start(name)

    def _on_activated(self) -> None:
        """A double click or Enter opens what is here; a download takes its button."""
        row = self.selected()
        if row is not None and row.state in ("ready", "downloaded"):
            self._fetching.open(row.entry.name)

    def _on_cancel(self) -> None:
        row = self.selected()
        if row is not None:
            self._fetching.cancel(row.entry.name)

    def _on_remove(self) -> None:
        row = self.selected()
        if row is not None and self.ask_remove(self, row):
            self._fetching.remove(row.entry.name)


def _press(slot: Callable[[], object], *_: object) -> None:
    slot()


def _main_action(row: Row | None) -> tuple[str, str]:
    """What the first button does, and its tooltip."""
    actions = {
        "absent": (tr("Download"), tr("Download it into your library")),
        "partial": (tr("Continue"), tr("Go on with the download where it stopped")),
        "running": (tr("Pause"), tr("Let the download rest")),
        "paused": (tr("Resume"), tr("Go on with the download")),
        "downloaded": (tr("Open"), tr("Import the downloaded files and open the model")),
        "ready": (tr("Open"), tr("Open the model")),
    }
    return actions["absent" if row is None else row.state]


def _details(row: Row) -> str:
    """All that is known of a model, as rich text; what the catalogue says is quoted."""
    entry = row.entry
    licence = entry.licence
    verdict = {
        "forbidden": tr("Commercial use is forbidden."),
        "unclear": tr("Whether commercial use is allowed is not clear."),
        "allowed": tr("Commercial use is allowed."),
    }[licence.commercial]
    check = tr("checked by SHA-256") if entry.verified else tr("no published SHA-256")
    facts = [
        entry.name,
        entry.data,
        f"{entry.resolution} × {entry.resolution}",
        size_of(row),
        check,
    ]
    if entry.class_count:
        facts.insert(3, tr("%n class(es)", n=entry.class_count))
    addresses = [file.source.urls[0] for file in entry.files]
    lines = [
        f"<b>{escape(entry.title)}</b> &nbsp; {escape(' · '.join(facts))}",
        f"<b>{escape(verdict)}</b> {escape(licence.note)} {_link(licence.url, licence.title)}",
        f"{escape(tr('About it:'))} {_link(entry.page, entry.page)}",
        escape(tr("Comes from: {addresses}", addresses=", ".join(addresses))),
        escape(tr("Facts from: {sources}", sources="; ".join(entry.sources))),
    ]
    if row.error:
        hint = tr(
            "All else works without the web. You can also fetch the file from its address below "
            "with a browser, and drop it on the window."
        )
        lines.insert(0, f"<b>{escape(row.error)}</b> {escape(hint)}")
    return "".join(f'<p style="margin: 0 0 5px 0">{line}</p>' for line in lines)


def _link(url: str, text: str) -> str:
    return f'<a href="{escape(url, quote=True)}">{escape(text)}</a>'
