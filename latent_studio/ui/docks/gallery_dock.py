"""The gallery: what was worth keeping, to be found again, compared and mixed."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QMenu, QVBoxLayout, QWidget

from latent_studio.latent.timeline import same_weights
from latent_studio.storage.gallery import Bookmark, Gallery, clean_tags
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.context import Context
from latent_studio.ui.docks.gallery_list import GalleryList
from latent_studio.ui.docks.gallery_model import BOOKMARK, GalleryModel
from latent_studio.ui.i18n import tr
from latent_studio.ui.widgets.section import (
    MARGIN,
    SPACING,
    Choice,
    SearchField,
    icon_button,
    labelled,
)

if TYPE_CHECKING:
    from latent_studio.latent.direction import Direction
    from latent_studio.recipe import Recipe

OWNER = "gallery-compare"
SETTLE_MS = 150


class GalleryDock(QWidget):
    """Search, thumbnails, and what can be done with those that are chosen."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._state = context, context.state
        self._gallery = context.desk.gallery
        self._reading = self._stale = self._filling = False
        self._edited: list[Bookmark] = []  # what the two fields are about
        self.model = GalleryModel(self._gallery, self)
        self.list = GalleryList(context, self.model)
        self._make_head()
        self._make_editor()
        self._make_buttons()
        self._lay_out()
        self._connect()
        self._on_selection()
        self.refresh()

    # -- parts ------------------------------------------------------------------------------------

    def _make_head(self) -> None:
        self.search = SearchField(tr("Search bookmarks"))
        self.search.setToolTip(tr("Words in a bookmark’s name, tags or model"))
        self.tag = Choice([("", tr("All tags"))], tr("Tag"), tr("Only bookmarks with this tag"))
        sorts = [
            ("newest", tr("Newest first")),
            ("oldest", tr("Oldest first")),
            ("name", tr("By name")),
            ("model", tr("By model")),
        ]
        self.sort = Choice(sorts, tr("Order"), tr("Order of the bookmarks"))
        self.empty = QLabel(tr("Press B to keep what you see, with everything that made it."))
        self.empty.setProperty("role", "hint")
        self.empty.setWordWrap(True)
        self.count = QLabel()
        self.count.setProperty("role", "muted")

    def _make_editor(self) -> None:
        self.name, self.tags = QLineEdit(), QLineEdit()
        self.name.setAccessibleName(tr("Name"))
        self.name.setToolTip(tr("Name of the bookmark; Enter keeps it"))
        self.tags.setAccessibleName(tr("Tags"))
        self.tags.setToolTip(tr("Tags of what is chosen, with commas between; Enter keeps them"))
        self.tags.setPlaceholderText(tr("smile, keep"))
        self.name_row = labelled(tr("Name"), self.name)
        self.tags_row = labelled(tr("Tags"), self.tags)

    def _make_buttons(self) -> None:
        self.add = icon_button("plus", tr("Bookmark what is shown (B)"))
        self.go = icon_button("open", tr("Go to the chosen bookmark (Enter)"))
        self.compare = icon_button("compare", tr("Compare the two that are chosen: A and B"))
        self.average = icon_button("mix", tr("Go to the average of those that are chosen"))
        tip = tr("Make a direction of the way from one to the other (the one chosen last)")
        self.difference = icon_button("sliders", tip)
        self.keyframes = icon_button("keyframe", tr("Add those that are chosen to the timeline"))
        self.delete = icon_button("trash", tr("Delete what is chosen (Del); can be undone"))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(SPACING)
        column.addWidget(self.search)
        choices = QHBoxLayout()
        choices.addWidget(self.tag, 1)
        choices.addWidget(self.sort, 1)
        column.addLayout(choices)
        column.addWidget(self.empty)
        column.addWidget(self.list, 1)
        column.addWidget(self.name_row)
        column.addWidget(self.tags_row)
        row = QHBoxLayout()
        row.setSpacing(2)
        for button, _text, _act in self._acts()[:-1]:
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.count)
        row.addWidget(self.delete)
        column.addLayout(row)

    def _connect(self) -> None:
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self.search.textChanged.connect(lambda _text: self._settle.start())
        for choice in (self.tag, self.sort):
            choice.value_changed.connect(lambda _value: self.refresh())
        self._gallery.changed.connect(self.refresh)
        self._gallery.bookmarked.connect(self._on_bookmarked)
        self._gallery.closing.connect(self._store_typed)
        self._state.model_changed.connect(lambda _model: self._on_selection())
        self.list.restored.connect(self.restore)
        self.list.delete_pressed.connect(self._on_delete)
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._on_selection())
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._show_menu)
        for field, store in ((self.name, self._store_name), (self.tags, self._store_tags)):
            field.returnPressed.connect(store)
            field.returnPressed.connect(lambda: self.list.setFocus())
            field.editingFinished.connect(self._store_typed)  # also when the focus goes elsewhere
        for button, _text, act in self._acts():
            button.clicked.connect(lambda _checked=False, act=act: act())

    def _acts(self) -> tuple[tuple[Any, str, Callable[[], object]], ...]:
        """Buttons, what they are called in a menu, and what they do."""
        return (
            (self.add, tr("Bookmark"), self._gallery.bookmark),
            (self.go, tr("Go there"), self._on_go),
            (self.compare, tr("Compare"), self.compare_chosen),
            (self.average, tr("Average"), self.average_chosen),
            (self.difference, tr("Make a direction"), self.difference_chosen),
            (self.keyframes, tr("Add to the timeline"), self._on_keyframes),
            (self.delete, tr("Delete"), self._on_delete),
        )

    # -- the list ---------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the list again; while one is being read, once more after it."""
        if self._reading:
            self._stale = True
            return
        self._reading, self._stale = True, False
        search, tag, sort = self.search.text(), self.tag.value() or "", self.sort.value()

        def question(gallery: Gallery) -> tuple[list[Bookmark], list[tuple[str, int]]]:
            wanted = (tag,) if tag else ()
            return gallery.entries(search, wanted, sort=sort), gallery.tags()

        def fail(error: BaseException) -> None:
            self._context.notifications.show_error(error)
            self._end_reading()

        self._gallery.read(question, self._show, fail)

    def _end_reading(self) -> None:
        self._reading = False
        if self._stale:
            self.refresh()

    def _show(self, found: tuple[list[Bookmark], list[tuple[str, int]]]) -> None:
        entries, tags = found
        chosen = {bookmark.id for bookmark in self.list.chosen()}
        self._filling = True  # between the old list and the choice in the new one nothing is chosen
        if self.model.set_entries(entries):
            self._choose(chosen)
        self._filling = False
        options = [("", tr("All tags")), *((tag, f"{tag}  ({count})") for tag, count in tags)]
        kept = self.tag.value()
        self.tag.set_options(options)
        self.tag.set_value(kept if kept in dict(tags) else "")
        looking = bool(self.search.text() or self.tag.value())
        self.empty.setVisible(not entries)
        self.empty.setText(
            tr("No bookmark has all of these words.")
            if looking
            else tr("Press B to keep what you see, with everything that made it.")
        )
        self.list.setVisible(bool(entries))
        self._on_selection()
        self._end_reading()

    def _choose(self, ids: set[str]) -> None:
        selection = self.list.selectionModel()
        for row, entry in enumerate(self.model.entries):
            if entry.id in ids:
                index = self.model.index(row)
                selection.select(index, QItemSelectionModel.SelectionFlag.Select)

    def _on_bookmarked(self, bookmark: Bookmark) -> None:
        self._context.notifications.info(tr("Kept in the gallery: {name}", name=bookmark.title))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._gallery.watch(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._gallery.watch(False)

    # -- what is chosen ---------------------------------------------------------------------------

    def _on_selection(self) -> None:
        if self._filling:
            return
        chosen = self.list.chosen()
        if [b.id for b in chosen] != [b.id for b in self._edited]:
            self._store_typed()  # it was meant for those that were chosen before
        self._edited = chosen
        self.name_row.setVisible(len(chosen) == 1)
        self.tags_row.setVisible(bool(chosen))
        if chosen and not self.name.isModified():
            self._put_text(self.name, chosen[0].name)
            self.name.setPlaceholderText(chosen[0].title)
        if chosen and not self.tags.isModified():
            self._put_text(self.tags, ", ".join(sorted(_common_tags(chosen))))
        mine = self._of_open_model(chosen)
        self.add.setEnabled(self._state.model is not None)
        self.go.setEnabled(len(chosen) == 1)
        self.compare.setEnabled(len(chosen) == 2 and self._state.model is not None)
        self.average.setEnabled(len(mine) > 1 and len(mine) == len(chosen))
        self.difference.setEnabled(len(mine) == 2 and len(chosen) == 2)
        self.keyframes.setEnabled(bool(chosen))
        self.delete.setEnabled(bool(chosen))
        total = len(self.model.entries)
        self.count.setText(f"{len(chosen)} / {total}" if chosen else str(total) if total else "")

    def _of_open_model(self, chosen: list[Bookmark]) -> list[Bookmark]:
        model = self._state.model
        if model is None:
            return []
        return [b for b in chosen if same_weights(b.scene.model, model.ref)]

    def restore(self, bookmark: Bookmark) -> None:
        """Go to a bookmark, opening its model if need be."""
        self._context.models.open_scene(bookmark.scene)

    def _on_go(self) -> None:
        chosen = self.list.chosen()
        if chosen:
            self.restore(chosen[0])

    def compare_chosen(self) -> None:
        """The first as A beside the second, which becomes the scene."""
        chosen = self.list.chosen()
        if len(chosen) != 2:
            return
        first, second = chosen
        if self._of_open_model([first]):
            wanted = [("A", first.scene.recipe)]
            self._context.render.request_tiles(
                OWNER, wanted, lambda _key, p: self._pin(p, first, second)
            )
        else:  # its model is not at hand: the thumbnail has to do
            picture = self.model.picture(first.id)
            if picture is not None:
                self._pin(picture, first, second)

    def _pin(self, picture: Picture, first: Bookmark, second: Bookmark) -> None:
        self._context.desk.pin(picture, first.title, second.title, second.scene.recipe)
        self.restore(second)

    def average_chosen(self) -> None:
        """Go to the middle of what is chosen."""
        model, chosen = self._state.model, self._of_open_model(self.list.chosen())
        if model is None or len(chosen) < 2:
            return
        recipes = [bookmark.scene.recipe for bookmark in chosen]

        def work() -> "Recipe":
            from latent_studio.latent.average import average_recipe
            from latent_studio.latent.resolve import LatentResolver

            return average_recipe(recipes, LatentResolver(model.generator, model.directions))

        text = tr("Average of %n bookmarks", n=len(recipes))

        def done(recipe: "Recipe") -> None:
            if self._state.model is not None and self._state.model.ref == model.ref:
                self._state.edit(lambda _recipe: recipe, text=text)

        self._context.jobs.start(text, work, plain=True, quiet=True, done=done)

    def difference_chosen(self) -> None:
        """A direction that leads from one of two bookmarks to the one chosen last."""
        model, chosen = self._state.model, self._of_open_model(self.list.chosen())
        if model is None or len(chosen) != 2:
            return
        last = self.list.currentIndex().data(BOOKMARK)
        start, end = chosen if chosen[1] == last else (chosen[1], chosen[0])
        taken = {direction.name for direction in model.directions}
        name = free_name(f"{end.title} − {start.title}", taken)

        def work() -> "Direction":
            from latent_studio.latent.directions.difference import difference_direction

            recipes = start.scene.recipe, end.scene.recipe
            return difference_direction(model.generator, model.directions, *recipes, name)

        def done(found: "Direction") -> None:
            now = self._state.model
            if now is not None and now.ref == model.ref:
                text = tr("Direction {name}", name=name)
                self._context.models.direction_edits.apply([*now.directions, found], text)

        title = tr("Making a direction")
        self._context.jobs.start(title, work, plain=True, quiet=True, done=done)

    def _on_keyframes(self) -> None:
        self._context.desk.timeline.add_scenes([b.scene for b in self.list.chosen()])

    def _on_delete(self) -> None:
        if self._edited:
            self._gallery.delete([bookmark.id for bookmark in self._edited])

    # -- the fields -------------------------------------------------------------------------------

    @staticmethod
    def _put_text(field: QLineEdit, text: str) -> None:
        """Show a stored text; the place of the cursor stays where nothing differs."""
        if field.text() != text:
            field.setText(text)

    def _store_typed(self) -> None:
        """Keep what was typed and not stored yet, for the bookmarks it was typed for."""
        if self.name.isModified():
            self._store_name()
        if self.tags.isModified():
            self._store_tags()

    def _store_name(self) -> None:
        self.name.setModified(False)
        if len(self._edited) != 1:
            return
        (bookmark,), name = self._edited, " ".join(self.name.text().split())
        if name != bookmark.name:
            self._edited = [replace(bookmark, name=name)]
            self._gallery.rename(bookmark.id, name)

    def _store_tags(self) -> None:
        self.tags.setModified(False)
        common = _common_tags(self._edited)
        typed = set(clean_tags(self.tags.text().split(",")))
        if self._edited and typed != common:
            add, remove = typed - common, common - typed
            ids = [bookmark.id for bookmark in self._edited]
            self._edited = [
                replace(bookmark, tags=tuple(sorted({*bookmark.tags, *add} - remove)))
                for bookmark in self._edited
            ]
            self._gallery.tag(ids, sorted(add), sorted(remove))

    def _show_menu(self, place: QPoint) -> None:
        if not self.list.indexAt(place).isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for button, text, act in self._acts()[1:]:
            action = menu.addAction(button.icon(), text, act)
            action.setToolTip(button.toolTip())
            action.setEnabled(button.isEnabled())
        menu.popup(self.list.viewport().mapToGlobal(place))


def _common_tags(chosen: list[Bookmark]) -> set[str]:
    """Tags that all of them have."""
    return set.intersection(*(set(bookmark.tags) for bookmark in chosen)) if chosen else set()


def free_name(name: str, taken: set[str]) -> str:
    """``name``, or with the first number behind it that nothing is called by, in any case."""
    folded = {one.casefold() for one in taken}
    numbers = (f"{name} ({number})" for number in range(2, len(folded) + 3))
    return next(one for one in (name, *numbers) if one.casefold() not in folded)
