"""Where what is shown lies in the picture, moved by hand on the canvas (StyleGAN3)."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from latent_studio.recipe import Recipe, Transform
from latent_studio.ui.canvas.canvas import Canvas
from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from latent_studio.ui.context import Context
    from latent_studio.ui.state import ExplorerState

MERGE_KEY = "transform"


def edit_transform(state: "ExplorerState", transform: Transform, text: str = "") -> None:
    """Move what is shown, as a step that merges while one drag lasts."""

    def change(recipe: Recipe) -> Recipe:
        return replace(recipe, transform=transform)

    state.edit(change, merge_key=MERGE_KEY, text=text or tr("Move the picture"))


class Placement(QObject):
    """Ties the canvas's move tool to the scene; its command is there for models that have it."""

    def __init__(
        self, context: "Context", canvas: Canvas, action: QAction, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._state, self._canvas, self._action = context.state, canvas, action
        canvas.moved.connect(lambda transform: edit_transform(self._state, transform))
        canvas.move_finished.connect(self._state.end_merge)
        self._state.recipe_changed.connect(lambda recipe: canvas.set_transform(recipe.transform))
        self._state.model_changed.connect(lambda _model: self._fit_model())
        canvas.set_transform(self._state.recipe.transform)
        self._fit_model()

    def set_active(self, active: bool) -> None:
        """Whether a drag moves what is shown instead of the view."""
        self._canvas.set_moving(active)

    def _fit_model(self) -> None:
        capabilities = self._state.capabilities
        able = capabilities is not None and capabilities.transform
        self._action.setVisible(able)
        self._action.setEnabled(able)
        if not able:
            self._action.setChecked(False)
