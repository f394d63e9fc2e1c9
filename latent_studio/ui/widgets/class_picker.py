"""Choose the class of a conditional model by name or number, or mix several."""

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QModelIndex, QPoint, QSortFilterProxyModel, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from latent_studio.latent.classes import mixed_in, shares, with_share, without
from latent_studio.recipe_values import Label
from latent_studio.ui.i18n import tr
from latent_studio.ui.item_views import ListView
from latent_studio.ui.widgets.section import SPACING, SearchField, icon_button, labelled
from latent_studio.ui.widgets.slider import FloatSlider

MOST_SHOWN = 8  # of a mixture's classes, the heaviest
_POPUP_WIDTH, _POPUP_HEIGHT = 260, 320
_TO_LIST = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp)


class ClassList(QFrame):
    """A list that pops up with a field to search in it; ``chosen(number)`` and it is gone."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("card")
        self.search = SearchField(tr("Search: name or number"))
        self._titles = QStringListModel(self)
        self._order = _Words(self)
        self._order.setSourceModel(self._titles)
        self.view = ListView()
        self.view.setModel(self._order)
        self.view.setUniformItemSizes(True)
        self.view.setEditTriggers(ListView.EditTrigger.NoEditTriggers)
        self.view.setAccessibleName(tr("Classes"))
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self.search)
        column.addWidget(self.view, 1)
        self.search.textChanged.connect(self._on_search)
        self.search.returnPressed.connect(lambda: self._choose(self.view.currentIndex()))
        self.view.clicked.connect(self._choose)
        self.search.installEventFilter(self)
        self.setFocusProxy(self.search)

    def set_titles(self, titles: Sequence[str]) -> None:
        self._titles.setStringList(list(titles))

    def numbers(self) -> list[int]:
        """The classes that are listed now."""
        places = (self._order.index(row, 0) for row in range(self._order.rowCount()))
        return [self._order.mapToSource(place).row() for place in places]

    def pop_up(self, below: QWidget, current: int) -> None:
        """Show it under a widget with a class marked."""
        self.search.clear()
        self._mark(current)
        self.resize(max(_POPUP_WIDTH, below.width()), _POPUP_HEIGHT)
        corner = below.mapToGlobal(QPoint(0, below.height() + 2))
        room = below.screen().availableGeometry()
        corner.setX(max(room.left(), min(corner.x(), room.right() - self.width())))
        corner.setY(max(room.top(), min(corner.y(), room.bottom() - self.height())))
        self.move(corner)
        self.show()
        self.search.setFocus()

    def eventFilter(self, watched: object, event: object) -> bool:
        """Arrows move in the list while the field keeps the focus."""
        if isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            if event.key() in _TO_LIST:
                self.view.keyPressEvent(event)
                return True
            if event.key() == Qt.Key.Key_Escape and not self.search.text():
                self.hide()
                return True
        return super().eventFilter(watched, event)  # type: ignore[arg-type]

    def _on_search(self, text: str) -> None:
        self._order.set_text(text)
        number = text.strip()
        exact = int(number) if number.isdecimal() and len(number) < 10 else -1
        if exact not in self.numbers():
            self.view.setCurrentIndex(self._order.index(0, 0))
        else:
            self._mark(exact)

    def _mark(self, number: int) -> None:
        index = self._order.mapFromSource(self._titles.index(number, 0))
        self.view.setCurrentIndex(index)
        self.view.scrollTo(index, ListView.ScrollHint.PositionAtCenter)

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self.hide()
            self.chosen.emit(self._order.mapToSource(index).row())


class ClassPicker(QWidget):
    """A button with the class's name, and for a mixture one slider a class.

    ``class_chosen(label)`` follows a choice, ``share_changed(label)`` the move of a slider and
    ``edit_finished()`` its end; labels are as in a recipe. :meth:`set_value` is silent.
    """

    class_chosen = Signal(object)
    share_changed = Signal(object)
    edit_finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._titles: list[str] = []
        self._label: Label = 0
        self._base: Label = None  # what a drag began with: its proportions are kept all along
        self._dragged = -1
        self._shown: list[int] = []
        self.sliders: dict[int, FloatSlider] = {}
        self.popup = ClassList(self)
        self.popup.chosen.connect(self._on_chosen)
        self._take: Callable[[int], Label] = lambda number: number
        self.button = QToolButton()
        self.button.setProperty("role", "chip")
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.button.clicked.connect(self._on_choose)
        self.add = icon_button("plus", tr("Mix in another class"))
        self.add.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.add.clicked.connect(self._on_add)
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(SPACING)
        self._rows.addWidget(labelled(tr("Class"), self.button, self.add))
        self._mixture: list[QWidget] = []

    def set_classes(self, names: Sequence[str], count: int) -> None:
        """Offer ``count`` classes; ``names`` of all of them, or none."""
        titles = [f"{number}  {names[number]}" if names else str(number) for number in range(count)]
        if titles != self._titles:
            self._titles = titles
            self.popup.set_titles(titles)
            self._shown = []
        self.add.setEnabled(count > 1)
        self.set_value(self._label)

    def titles(self) -> list[str]:
        """What is offered, in the order of the numbers."""
        return list(self._titles)

    def set_value(self, label: Label) -> None:
        """Show a label silently."""
        if label != self._label:
            self._dragged = -1
        self._label = label
        parts = shares(label)
        known = isinstance(label, tuple) and parts.keys() <= set(self._shown)
        if not known:  # a row whose class has come down to nothing stays while it is dragged
            heaviest = sorted(parts, key=lambda number: -abs(parts[number]))[:MOST_SHOWN]
            self._show_rows(sorted(heaviest))
        for number, slider in self.sliders.items():
            slider.set_value(parts.get(number, 0.0))
        self._show_button(parts)

    # -- showing ----------------------------------------------------------------------------------

    def _show_button(self, parts: dict[int, float]) -> None:
        names = [self._title(number) for number in parts]
        mixed = len(self._shown) > 1
        text = tr("Mix of %n classes", n=len(parts)) if mixed else names[0]
        self.button.setText(text)
        tip = tr("Class of a conditional model: click to search")
        self.button.setToolTip(f"{tip}\n{', '.join(names[:MOST_SHOWN])}")
        self.button.setAccessibleName(f"{tr('Class')}: {text}")

    def _show_rows(self, numbers: list[int]) -> None:
        if numbers == self._shown:
            return
        self._shown = numbers
        for row in self._mixture:
            self._rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._mixture, self.sliders = [], {}
        if len(numbers) > 1:
            for number in numbers:
                self._add_row(number)

    def _add_row(self, number: int) -> None:
        title = self._title(number)
        slider = FloatSlider(
            title, 0.0, 1.0, 0.01, 0.5, tooltip=tr("share of this class; the others give way")
        )
        slider.value_changed.connect(partial(self._on_share, number))
        slider.edit_finished.connect(self._on_end)
        remove = icon_button("close", tr("Take {title} out of the mix", title=title))
        remove.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        remove.clicked.connect(partial(self._on_remove, number))
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2)
        line.addWidget(slider, 1)
        line.addWidget(remove)
        self._rows.addWidget(row)
        self._mixture.append(row)
        self.sliders[number] = slider

    def _title(self, number: int) -> str:
        return self._titles[number] if number < len(self._titles) else str(number)

    # -- edits ------------------------------------------------------------------------------------

    def _on_choose(self) -> None:
        self._take = lambda number: number
        self.popup.pop_up(self.button, self._heaviest())

    def _on_add(self) -> None:
        self._take = lambda number: mixed_in(self._label, len(self._titles), number)
        self.popup.pop_up(self.button, self._heaviest())

    def _heaviest(self) -> int:
        parts = shares(self._label)
        return max(parts, key=lambda number: parts[number])

    def _on_chosen(self, number: int) -> None:
        self.class_chosen.emit(self._take(number))

    def _on_share(self, number: int, share: float) -> None:
        if self._dragged != number:
            self._dragged, self._base = number, self._label
        count = len(self._titles)
        self._label = with_share(self._base, count, number, share, self._shown)
        self.share_changed.emit(self._label)

    def _on_end(self) -> None:
        self._dragged = -1
        self.edit_finished.emit()

    def _on_remove(self, number: int, *_: object) -> None:
        self.class_chosen.emit(without(self._label, len(self._titles), number))


class _Words(QSortFilterProxyModel):
    """Keeps what has every word in it."""

    _words: tuple[str, ...] = ()

    def set_text(self, text: str) -> None:
        self._words = tuple(text.lower().split())
        self.invalidate()

    def filterAcceptsRow(self, row: int, parent: QModelIndex) -> bool:  # type: ignore[override]
        text = str(self.sourceModel().index(row, 0).data()).lower()
        return all(word in text for word in self._words)
