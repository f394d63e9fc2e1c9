"""The way from one picture to another as a slider."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from latent_studio.recipe import Recipe
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.context import Context
from latent_studio.ui.discover.hand_page import SampleView
from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable

ENDS = ("start", "end")


class DifferencePage(QWidget):
    """Two pictures of the model: each is taken from the canvas."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._state = context, context.state
        self.ends: dict[str, Recipe | None] = dict.fromkeys(ENDS)
        self.views = {"start": SampleView(), "end": SampleView()}
        self.take = {
            "start": _take_button(tr("Take the present picture as start")),
            "end": _take_button(tr("Take the present picture as end")),
        }
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("Name of the slider"))
        self.name.setAccessibleName(tr("Name of the slider"))
        self.name.setToolTip(tr("0 is the first picture, 1 the second"))
        self.make = QPushButton(tr("Make slider"))
        self.make.setProperty("role", "primary")
        self.make.setToolTip(tr("Add the slider to the model"))
        self.make.setAutoDefault(False)
        self._lay_out()
        self._connect()
        self._show()

    def set_end(self, end: str, recipe: Recipe | None, picture: Picture | None = None) -> None:
        """Set ``start`` or ``end``; without its picture that is asked for."""
        self.ends[end] = recipe
        self.views[end].show_picture(picture)
        if recipe is not None and picture is None:
            self._context.render.request_tiles(f"difference/{end}", [(end, recipe)], self._put)
        self._show()

    def _put(self, end: object, picture: Picture) -> None:
        self.views[str(end)].show_picture(picture)

    def _lay_out(self) -> None:
        hint = QLabel(
            tr(
                "Set up a picture, take it as start; change it, take it as end. The slider leads "
                "from one to the other, on any picture."
            )
        )
        hint.setProperty("role", "muted")
        hint.setWordWrap(True)
        pair = QHBoxLayout()
        for end in ENDS:
            column = QVBoxLayout()
            self.views[end].setToolTip("")
            self.views[end].setFocusPolicy(Qt.FocusPolicy.NoFocus)  # nothing to answer here
            self.views[end].setAccessibleName(self.take[end].text())
            column.addWidget(self.views[end], 1)
            column.addWidget(self.take[end])
            pair.addLayout(column, 1)
        line = QHBoxLayout()
        line.addWidget(self.name, 1)
        line.addWidget(self.make)
        rows = QVBoxLayout(self)
        rows.addWidget(hint)
        rows.addLayout(pair, 1)
        rows.addLayout(line)

    def _connect(self) -> None:
        for end in ENDS:
            self.take[end].clicked.connect(self._taker(end))
        self.name.textChanged.connect(lambda _text: self._show())
        self.name.returnPressed.connect(self._make)
        self.make.clicked.connect(self._make)
        self._state.model_changed.connect(lambda _model: self._forget())

    def _taker(self, end: str) -> "Callable[[], None]":
        return lambda: self.set_end(end, self._state.recipe)

    def _forget(self) -> None:
        for end in ENDS:
            self.set_end(end, None)

    def _ready(self) -> bool:
        start, end = (self.ends[which] for which in ENDS)
        return start is not None and end is not None and start != end

    def _make(self) -> None:
        start, end = (self.ends[which] for which in ENDS)
        name = self.name.text().strip()
        if start is not None and end is not None and self._ready() and name:
            self._context.models.direction_edits.difference(start, end, name)

    def _show(self) -> None:
        present = self._state.model is not None
        for button in self.take.values():
            button.setEnabled(present)
        self.make.setEnabled(self._ready() and bool(self.name.text().strip()))


def _take_button(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(text)
    button.setAccessibleName(text)
    button.setAutoDefault(False)
    return button
