"""A slider for each named direction of the model."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from latent_studio.recipe import DirectionAmount, Recipe
from latent_studio.ui.bind import blocked
from latent_studio.ui.context import Context
from latent_studio.ui.docks.direction_menu import DirectionMenus
from latent_studio.ui.gradually import Gradually
from latent_studio.ui.i18n import tr
from latent_studio.ui.widgets.quality_mark import QualityMark
from latent_studio.ui.widgets.section import Column, SearchField, icon_button, section_label
from latent_studio.ui.widgets.slider import LABEL_WIDTH, FloatSlider
from latent_studio.ui.widgets.tab_order import follow

if TYPE_CHECKING:
    from latent_studio.latent.direction import Direction

REACH = 3.0  # standard deviations on the track
LIMIT = 20.0  # what may be typed


def direction_title(name: str) -> str:
    """A direction's name for people: ``mouth_open`` becomes *Mouth open*."""
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:]


class LayerRange(QWidget):
    """From which layer to which a direction acts; ``changed()`` follows the user only."""

    changed = Signal()

    def __init__(self, title: str, layers: int) -> None:
        super().__init__()
        self.first, self.last = QSpinBox(), QSpinBox()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(LABEL_WIDTH + 6, 0, 0, 2)
        layout.setSpacing(6)
        label = QLabel(tr("layers"))
        label.setProperty("role", "muted")
        layout.addWidget(label)
        for spin, name in ((self.first, tr("first layer")), (self.last, tr("last layer"))):
            spin.setRange(0, max(0, layers - 1))
            spin.setKeyboardTracking(False)
            spin.setFixedWidth(40)
            spin.setAccessibleName(f"{title}: {name}")
            spin.setToolTip(name)
        layout.addWidget(self.first)
        layout.addWidget(QLabel("–"))
        layout.addWidget(self.last)
        layout.addStretch(1)
        self.last.setValue(max(0, layers - 1))
        for spin in (self.first, self.last):
            spin.valueChanged.connect(lambda _value: self.changed.emit())

    def show_range(self, first: int, last: int) -> None:
        with blocked(self.first, self.last):
            self.first.setValue(first)
            self.last.setValue(last)


class DirectionRow(QWidget):
    """One direction: how far, how good, and (folded) on which layers. ``changed(amount, first,
    last)``, ``edit_finished()`` and ``menu_requested(QPoint)`` (of what can be done to it) follow
    the user only.

    What is folded is built when it is unfolded: a model may have many directions.
    """

    changed = Signal(float, int, object)
    edit_finished = Signal()
    menu_requested = Signal(QPoint)

    def __init__(self, direction: "Direction", layers: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self.layers = direction.name, layers
        self.slider = FloatSlider(
            direction_title(direction.name),
            -REACH,
            REACH,
            0.05,
            0.0,
            limits=(-LIMIT, LIMIT),
            tooltip=tr("{about}; right click or Menu key for more", about=describe(direction)),
        )
        self._range: LayerRange | None = None
        self.fold = icon_button("layers", tr("Choose the layers it acts on"))
        self.fold.setCheckable(True)
        self.mark = _mark_of(direction)
        self._lay_out()
        # With a parent: what has none would be shown as a window and take the focus.
        self.fold.setVisible(layers > 1 and direction.space != "z")
        self._connect()

    def show_entry(self, entry: DirectionAmount | None) -> None:
        """Show the recipe's entry silently; None is zero on every layer."""
        entry = entry or DirectionAmount(self.name, 0.0)
        limited = entry.first > 0 or entry.last is not None
        if limited or self._range is not None:
            last = self.layers if entry.last is None else min(entry.last, self.layers)
            self.range_row.show_range(min(entry.first, self.layers - 1), max(0, last - 1))
        self.slider.set_value(entry.amount)
        if limited and not self.fold.isChecked():
            self.fold.setChecked(True)

    @property
    def range_row(self) -> LayerRange:
        if self._range is None:
            self._range = LayerRange(direction_title(self.name), self.layers)
            self._range.setVisible(self.fold.isChecked())
            self._range.changed.connect(self._emit)
            self._column.addWidget(self._range)
            follow(self.fold, self._range)
        return self._range

    @property
    def first(self) -> QSpinBox:
        return self.range_row.first

    @property
    def last(self) -> QSpinBox:
        return self.range_row.last

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(2)
        line.addWidget(self.slider, 1)
        if self.mark is not None:
            line.addWidget(self.mark)
        line.addWidget(self.fold)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addLayout(line)

    def _connect(self) -> None:
        self.fold.toggled.connect(lambda on: self.range_row.setVisible(on))
        self.slider.value_changed.connect(lambda _value: self._emit())
        self.slider.edit_finished.connect(self.edit_finished)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(event.globalPos())

    def _emit(self) -> None:
        if self._range is None:
            self.changed.emit(self.slider.value(), 0, None)
            return
        first, last = self.first.value(), self.last.value()
        end = None if last >= self.layers - 1 else max(first, last) + 1
        self.changed.emit(self.slider.value(), first, end)


def describe(direction: "Direction") -> str:
    """What a tooltip says about it."""
    facts = direction.info or {}
    share = facts.get("explained")
    auc = facts.get("auc")
    if direction.kind == "pca" and isinstance(share, int | float):
        return tr("principal component, {share:.1%} of the variance", share=share)
    if direction.kind == "hand" and isinstance(auc, int | float):
        return tr("from {count} labels by hand, AUC {auc:.0%}", count=facts.get("labels"), auc=auc)
    said = {
        "pca": tr("principal component, in standard deviations"),
        "sefa": tr("what changes these layers most (SeFa), in standard deviations"),
        "channel": tr("a single style channel"),
        "difference": tr("1 leads from one picture to the other"),
    }
    return said.get(direction.kind, tr("in standard deviations"))


def _mark_of(direction: "Direction") -> QWidget | None:
    """What shows its quality, if that was measured."""
    if "quality" not in direction.info:
        return None
    from latent_studio.latent.directions.quality import Quality

    quality = Quality.of(direction)
    return None if quality is None else QualityMark(quality)


def _groups() -> list[tuple[str, tuple[str, ...]]]:
    """Headings, and the kinds of directions under them."""
    return [
        (tr("Attributes"), ("attribute", "hand")),
        (tr("Differences"), ("difference",)),
        (tr("Style channels"), ("channel",)),
        (tr("Layers’ strongest"), ("sefa",)),
        (tr("Principal components"), ("pca",)),
    ]


class DirectionsDock(Column):
    """Named attributes first, then the principal components; searchable. ``discover_requested()``
    asks for a search of more.
    """

    discover_requested = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._state = context, context.state
        self._listed: dict[str, DirectionRow] = {}
        self._rest = Gradually(self)
        self._shown: tuple[DirectionAmount, ...] | None = None
        self._headers: list[QLabel] = []
        self.search = SearchField(tr("Search directions"))
        self.reset = icon_button("reset", tr("Set every slider to zero (0)"))
        self.reset.clicked.connect(lambda: reset_sliders(self._state.edit))
        self.discover = icon_button("plus", tr("Discover directions in this model"))
        self.discover.clicked.connect(self.discover_requested)
        self.menus = DirectionMenus(context, self)
        self.more = icon_button("more", tr("Measure, import or export directions"))
        self.more.clicked.connect(self._pop_up_all)
        self.empty = QLabel()
        self.empty.setProperty("role", "hint")
        self.empty.setWordWrap(True)
        head = QHBoxLayout()
        head.setSpacing(4)
        for widget in (self.search, self.discover, self.reset, self.more):
            head.addWidget(widget)
        self.rows.addLayout(head)
        self.rows.addWidget(self.empty)
        self._body = QVBoxLayout()
        self._body.setSpacing(3)
        self.rows.addLayout(self._body)
        self.rows.addStretch(1)
        self.search.textChanged.connect(self._filter)
        self._state.recipe_changed.connect(self._show)
        self._state.model_changed.connect(lambda _model: self._build())
        self._state.directions_changed.connect(self._build_at_once)
        self._build()

    @property
    def listed(self) -> dict[str, DirectionRow]:
        """The rows by their directions' names."""
        self._rest.finish()
        return self._listed

    def _build(self) -> None:
        """Forget the rows, and make new ones while other things go on: a model's first picture."""
        for widget in (*self._listed.values(), *self._headers):
            self._body.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._listed, self._headers = {}, []
        self.discover.setEnabled(self._state.capabilities is not None)
        self._say_why_empty()
        self._rest.start(self._building())

    def _build_at_once(self) -> None:
        self._build()
        self._rest.finish()

    def _building(self) -> Iterator[None]:
        """Row by row."""
        capabilities = self._state.capabilities
        layers = (capabilities.num_ws or 1) if capabilities is not None else 1
        before: QWidget = self.more
        for title, kinds in _groups():
            chosen = [d for d in self._state.directions if d.kind in kinds]
            if not chosen:
                continue
            header = section_label(title)
            self._headers.append(header)
            self._body.addWidget(header)
            header.setVisible(not self.search.text().split())
            for direction in chosen:
                row = self._add(direction, layers)
                follow(before, row)
                before = row.fold
                yield

    def _add(self, direction: "Direction", layers: int) -> DirectionRow:
        row = DirectionRow(direction, layers)
        row.changed.connect(self._edit(direction.name))
        row.edit_finished.connect(self._state.end_merge)
        row.menu_requested.connect(lambda place: self._pop_up(place, direction))
        self._listed[direction.name] = row
        row.show_entry(_entries(self._state.recipe).get(direction.name))
        self._body.addWidget(row)  # before it is shown, or it would be a window for a moment
        row.setVisible(_matches(direction.name, self.search.text()))
        return row

    def _pop_up(self, place: QPoint, direction: "Direction") -> None:
        menu = self.menus.for_direction(direction)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def _pop_up_all(self) -> None:
        menu = self.menus.for_all()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def _edit(self, name: str) -> Callable[[float, int, object], None]:
        def edit(amount: float, first: int, last: object) -> None:
            self._state.edit(
                lambda recipe: recipe.with_direction(name, amount, first, last),  # type: ignore[arg-type]
                merge_key=f"direction/{name}",
                text=direction_title(name),
            )

        return edit

    def _show(self, recipe: Recipe) -> None:
        if recipe.directions == self._shown:
            return
        self._shown = recipe.directions
        entries = _entries(recipe)
        for name, row in self._listed.items():
            row.show_entry(entries.get(name))

    def _filter(self, text: str) -> None:
        for name, row in self._listed.items():
            row.setVisible(_matches(name, text))
        for header in self._headers:
            header.setVisible(not text.split())

    def _say_why_empty(self) -> None:
        self.empty.setVisible(not self._state.directions)
        if self._state.capabilities is None:
            self.empty.setText(tr("Open a model to see its directions."))
        else:
            self.empty.setText(
                tr("This model has no directions yet. They are searched for in the background.")
            )


def _entries(recipe: Recipe) -> dict[str, DirectionAmount]:
    return {entry.name: entry for entry in recipe.directions}


def _matches(name: str, searched: str) -> bool:
    """Whether a direction's title has all the words that are searched for."""
    title = direction_title(name).lower()
    return all(word in title for word in searched.lower().split())


def reset_sliders(edit: Callable[..., None]) -> None:
    """Every direction and component back to zero, as one step."""
    edit(lambda r: replace(r, directions=(), offsets=()), text=tr("Reset sliders"))
