"""A/B: a pinned picture, or what was before, beside or instead of the present picture."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from latent_studio.recipe import Recipe, Transform
from latent_studio.ui.canvas.canvas import PLAIN_NAMES, Canvas
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from latent_studio.ui.context import Context
    from latent_studio.ui.state import ExplorerState

OWNER = "compare"


def unedited(recipe: Recipe) -> Recipe:
    """The picture as its source gives it: no directions, offsets, mixing or transform."""
    return replace(recipe, directions=(), offsets=(), mixing=(), transform=Transform())


def before(state: "ExplorerState") -> Recipe:
    """What a present picture is compared with: the unedited one; where nothing has been edited,
    the one before the last step (a drag, an inversion, an average).
    """
    plain = unedited(state.recipe)
    if plain != state.recipe:
        return plain
    scene = state.before_last_step()
    return plain if scene is None or scene.model != state.scene.model else scene.recipe


class Compare(QObject):
    """Split view with a pinned A; while the key is held, A alone (unpinned: what was before)."""

    def __init__(self, context: "Context", canvas: Canvas, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._canvas = context, canvas
        self._pinned: tuple[str, str, Recipe] | None = None
        canvas.compare_held.connect(self._on_held)
        context.state.recipe_changed.connect(lambda _recipe: self._name())

    def set_split(self, split: bool) -> None:
        """Pin what is shown as A and compare with it from now on; or end that."""
        self._pinned = None
        self._canvas.set_names(*PLAIN_NAMES)
        self._canvas.set_reference(self._canvas.picture if split else None)
        self._canvas.set_split(split)

    def pin(self, picture: Picture, first: str, second: str, recipe: Recipe) -> None:
        """Compare with ``picture`` from now on: it is called ``first``, what is beside it
        ``second`` as long as it is ``recipe``.
        """
        self._pinned = first, second, recipe
        self._canvas.set_reference(picture)
        self._canvas.set_split(True)
        self._name()

    def _name(self) -> None:
        if self._pinned is not None:
            first, second, recipe = self._pinned
            found = self._context.state.recipe == recipe
            self._canvas.set_names(first, second if found else tr("Now"))

    def _on_held(self, held: bool) -> None:
        self._canvas.set_holding(held)
        if self._canvas.split:
            return
        if not held:
            self._context.render.cancel_tiles(OWNER)
            self._canvas.set_reference(None)
            return
        recipe = before(self._context.state)
        plain = recipe == unedited(self._context.state.recipe)
        name = tr("Unedited") if plain else tr("Before the last step")
        self._canvas.set_names(name, PLAIN_NAMES[1])

        def put(_key: object, picture: Picture) -> None:
            self._canvas.set_reference(picture)

        self._context.render.request_tiles(OWNER, [("A", recipe)], put)
