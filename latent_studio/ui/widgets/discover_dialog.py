"""*Discover*: look at candidate directions, search by labels, label by hand, take differences."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QRadioButton,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latent_studio.ui.context import Context
from latent_studio.ui.discover.candidates_page import CandidatesPage
from latent_studio.ui.discover.difference_page import DifferencePage
from latent_studio.ui.discover.hand_page import HandPage
from latent_studio.ui.discovery import COMPONENTS, SAMPLES, Search, read_attributes
from latent_studio.ui.docks.data_choice import ask_file, ask_folder
from latent_studio.ui.export.page import whole_number
from latent_studio.ui.i18n import tr
from latent_studio.ui.training_request import PROCEDURAL, data_title

CHECKED, UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked


class DiscoverDialog(QDialog):
    """Its pages find directions; the sliders appear in the directions dock. The page *Search*,
    which is this class's own, starts a search in the background.
    """

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.setWindowTitle(tr("Discover directions"))
        self.pages = QTabWidget()
        self.pages.setAccessibleName(tr("Ways to find directions"))
        self.candidates = CandidatesPage(context)
        self.hand = HandPage(context)
        self.difference = DifferencePage(context)
        self.search_page = QWidget()
        self.data = ""
        self.ask_folder: Callable[[QWidget, str, str], str] = ask_folder
        self.ask_file: Callable[[QWidget, str, str], str] = ask_file
        self.by_components = QRadioButton(tr("Principal components"))
        self.by_components.setToolTip(tr("What the model varies most, in order; needs no labels"))
        self.by_attributes = QRadioButton(tr("Attributes from labelled pictures"))
        self.by_attributes.setToolTip(
            tr("Learns e.g. smile or glasses from pictures with an attributes.csv")
        )
        self._kinds = QButtonGroup(self)
        for button in (self.by_components, self.by_attributes):
            self._kinds.addButton(button)
        self.by_components.setChecked(True)
        self.components = whole_number(1, 100, COMPONENTS)
        self.components.setToolTip(tr("Number of components"))
        self.samples = whole_number(100, 100_000, SAMPLES)
        self.source = self._make_source()
        self.attributes = QListWidget()
        self.note = QLabel()
        self._make_rest()
        self._lay_out()
        self._kinds.buttonToggled.connect(lambda *_: self._show())
        self.attributes.itemChanged.connect(lambda _item: self._show())
        context.state.model_changed.connect(lambda _model: self._show())
        self._show()

    def search(self) -> Search:
        """What is chosen."""
        if self.by_components.isChecked():
            return Search(self.components.value(), samples=self.samples.value())
        return Search(0, self.data, self.chosen(), self.samples.value())

    def chosen(self) -> tuple[str, ...]:
        """Names of the checked attributes."""
        items = (self.attributes.item(row) for row in range(self.attributes.count()))
        return tuple(item.text() for item in items if item.checkState() is CHECKED)

    def set_data(self, data: str) -> None:
        """Choose labelled pictures; their attributes are read in the background."""
        if not data:
            return
        self.data = data
        self.by_attributes.setChecked(True)
        self.source.setText(data_title(data))
        self.source.setToolTip(data)
        self.attributes.clear()
        self._say(tr("Reading the attributes…"))
        self._context.jobs.start(
            tr("Reading attributes of {name}", name=data_title(data)),
            read_attributes,
            data,
            done=lambda names: self._on_attributes(data, names),
            failed=lambda error: self._on_failed(data, error),
        )
        self._show()

    def accept(self) -> None:
        self._context.models.discover_directions(self.search())
        super().accept()

    # -- parts ------------------------------------------------------------------------------------

    def _make_source(self) -> QToolButton:
        button = QToolButton()
        button.setText(tr("Choose…"))
        button.setProperty("role", "chip")
        button.setToolTip(tr("Pictures with an attributes.csv"))
        button.setAccessibleName(tr("Labelled pictures"))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(button)
        folder, file = tr("Folder of images"), tr("Zip file")
        menu.addAction(tr("Procedural faces (built in)"), lambda: self.set_data(PROCEDURAL))
        menu.addAction(tr("Folder…"), lambda: self.set_data(self.ask_folder(self, folder, "")))
        menu.addAction(tr("Zip file…"), lambda: self.set_data(self.ask_file(self, file, "")))
        button.setMenu(menu)
        return button

    def _make_rest(self) -> None:
        self.attributes.setAccessibleName(tr("Attributes"))
        self.attributes.setToolTip(tr("Each checked one becomes a slider"))
        self.attributes.setMinimumHeight(140)
        self.components.setAccessibleName(tr("Number of components"))
        self.samples.setAccessibleName(tr("Samples"))
        self.samples.setToolTip(tr("Generated samples to judge by: more are slower and surer"))
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)

    def _lay_out(self) -> None:
        self._component_rows, self._attribute_rows = QWidget(), QWidget()
        form = QFormLayout(self._component_rows)
        form.setContentsMargins(22, 0, 0, 6)
        form.addRow(tr("Number"), self.components)
        below = QFormLayout(self._attribute_rows)
        below.setContentsMargins(22, 0, 0, 6)
        line = QHBoxLayout()
        line.addWidget(self.source)
        line.addStretch(1)
        below.addRow(tr("Pictures"), line)
        below.addRow(self.attributes)
        samples = QFormLayout()
        samples.addRow(tr("Samples"), self.samples)
        standard = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(standard.Cancel)
        self.start = QPushButton(tr("Search"))
        self.start.setProperty("role", "primary")
        self.start.setAutoDefault(False)  # Return in a field ends its edit and begins no search
        self.start.setToolTip(tr("Search in the background"))
        cancel = buttons.button(standard.Cancel)
        cancel.setToolTip(tr("Close this window (Esc)"))
        cancel.setAutoDefault(False)
        buttons.addButton(self.start, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self.search_page)
        column.setContentsMargins(14, 14, 14, 12)
        column.addWidget(self.by_components)
        column.addWidget(self._component_rows)
        column.addWidget(self.by_attributes)
        column.addWidget(self._attribute_rows, 1)
        column.addLayout(samples)
        column.addWidget(self.note)
        column.addWidget(buttons)
        for page, title, tooltip in (
            (self.candidates, tr("Candidates"), tr("What the model varies by itself, as pictures")),
            (self.search_page, tr("Search"), tr("Components, or attributes of labelled pictures")),
            (self.hand, tr("By hand"), tr("Say yes or no to samples")),
            (self.difference, tr("Difference"), tr("From one picture to another")),
        ):
            self.pages.setTabToolTip(self.pages.addTab(page, title), tooltip)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 8, 8, 8)
        whole.addWidget(self.pages)
        self.resize(760, 640)

    # -- showing ----------------------------------------------------------------------------------

    def _show(self) -> None:
        by_attributes = self.by_attributes.isChecked()
        self._component_rows.setEnabled(not by_attributes)
        self._attribute_rows.setEnabled(by_attributes)
        ready = not by_attributes or bool(self.chosen())
        self.start.setEnabled(ready and self._context.state.model is not None)

    def _say(self, text: str) -> None:
        self.note.setText(text)

    def _on_attributes(self, data: str, names: tuple[str, ...]) -> None:
        if data != self.data:
            return
        for name in names:
            item = QListWidgetItem(name)
            item.setFlags(Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEnabled)
            item.setCheckState(CHECKED)
            self.attributes.addItem(item)
        self._say(tr("Takes some minutes; it can be cancelled, and the window stays usable."))
        self._show()

    def _on_failed(self, data: str, error: BaseException) -> None:
        if data == self.data:
            self._say(str(getattr(error, "message", error)))
            self._context.notifications.show_error(error)
