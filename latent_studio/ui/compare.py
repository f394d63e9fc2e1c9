"""A/B: a pinned picture, or the unedited one, beside or instead of the present picture."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from latent_studio.recipe import Recipe, Transform
from latent_studio.ui.canvas.canvas import Canvas
from latent_studio.ui.canvas.picture import Picture

if TYPE_CHECKING:
    from latent_studio.ui.context import Context

OWNER = "compare"


def unedited(recipe: Recipe) -> Recipe:
    """The picture as its source gives it: no directions, offsets, mixing or transform."""
    return replace(recipe, directions=(), offsets=(), mixing=(), transform=Transform())


class Compare(QObject):
    """Split view with a pinned A; while the key is held, A alone (unpinned: the unedited one)."""

    def __init__(self, context: "Context", canvas: Canvas, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._canvas = context, canvas
        canvas.compare_held.connect(self._on_held)

    def set_split(self, split: bool) -> None:
        """Pin what is shown as A and compare with it from now on; or end that."""
        self._canvas.set_reference(self._canvas.picture if split else None)
        self._canvas.set_split(split)

    def _on_held(self, held: bool) -> None:
        self._canvas.set_holding(held)
        if self._canvas.split:
            return
        if not held:
            self._context.render.cancel_tiles(OWNER)
            self._canvas.set_reference(None)
            return
        recipe = unedited(self._context.state.recipe)

        def put(_key: object, picture: Picture) -> None:
            self._canvas.set_reference(picture)

        self._context.render.request_tiles(OWNER, [("A", recipe)], put)
