"""The scene under the user's hands, observable and undoable.

Everything that the window edits is the scene; every edit is a :class:`SceneCommand` on one
``QUndoStack``. Edits with the same key merge until :meth:`ExplorerState.end_merge` (the mouse is
released) or until the hand has rested for :data:`MERGE_SECONDS` (keys, wheel).
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from latent_studio.recipe import ModelRef, Recipe, Scene

if TYPE_CHECKING:
    from latent_studio.latent.direction import Direction
    from latent_studio.models.base import Capabilities

MERGE_SECONDS = 0.8
UNDO_LIMIT = 500
DEFAULT_PSI = 0.7
START_SEED = 230  # a clear face, low, yet with neighbours on every side of the seed map


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A model that can render: made on a worker, then only handed on.

    ``generator`` is frozen (eval, no gradients). ``path`` is None for a run's latest snapshot.
    """

    ref: ModelRef
    title: str
    capabilities: "Capabilities"
    directions: "Sequence[Direction]" = ()
    generator: Any = field(default=None, repr=False)
    path: str | None = None
    card: dict[str, Any] = field(default_factory=dict, repr=False)
    spec: Any = None


def start_recipe(capabilities: "Capabilities | None") -> Recipe:
    """What a model shows first: an ordinary seed, mildly truncated where that exists."""
    truncated = capabilities is not None and capabilities.truncation != "none"
    return Recipe.from_seed(START_SEED, psi=DEFAULT_PSI if truncated else 1.0)


class SceneCommand(QUndoCommand):
    """From one scene to another."""

    def __init__(
        self, state: "ExplorerState", before: Scene, after: Scene, key: str, text: str
    ) -> None:
        super().__init__(text)
        self._state, self._before, self._after = state, before, after
        self._key, self._when = key, time.monotonic()

    @property
    def key(self) -> str:
        return self._key

    @property
    def before(self) -> Scene:
        return self._before

    @property
    def after(self) -> Scene:
        return self._after

    def id(self) -> int:
        return 1 if self._key else -1

    def redo(self) -> None:
        self._state.apply(self._after)

    def undo(self) -> None:
        self._state.end_merge()
        self._state.apply(self._before)

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, SceneCommand) or other._key != self._key:
            return False
        if not self._state.merges(other._when - self._when):
            return False
        self._after, self._when = other._after, other._when
        self.setText(other.text())
        self.setObsolete(self._after == self._before)
        return True


class ExplorerState(QObject):
    """Scene, model and live flag.

    ``scene_changed(Scene)`` and ``recipe_changed(Recipe)`` follow every change of the scene;
    ``model_requested(ModelRef)`` asks for a model that is not the loaded one;
    ``model_changed(LoadedModel or None)`` tells that another one renders from now on;
    ``directions_changed()`` tells that the loaded model got other directions;
    ``live_changed(bool)`` follows the live toggle.
    """

    scene_changed = Signal(object)
    recipe_changed = Signal(object)
    model_requested = Signal(object)
    model_changed = Signal(object)
    directions_changed = Signal()
    live_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scene = Scene(ModelRef(), Recipe.from_seed(START_SEED))
        self._model: LoadedModel | None = None
        self._live = False
        self._merge_open = False
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_LIMIT)

    @property
    def scene(self) -> Scene:
        return self._scene

    @property
    def recipe(self) -> Recipe:
        return self._scene.recipe

    @property
    def model(self) -> LoadedModel | None:
        """What renders now; it may lag behind ``scene.model`` while another one is loading."""
        return self._model

    @property
    def capabilities(self) -> "Capabilities | None":
        return self._model.capabilities if self._model else None

    @property
    def directions(self) -> "Sequence[Direction]":
        return self._model.directions if self._model else ()

    @property
    def live(self) -> bool:
        return self._live

    def edit(
        self, change: Callable[[Recipe], Recipe], *, merge_key: str = "", text: str = ""
    ) -> None:
        """Change the recipe as an undoable step; nothing happens if it stays equal.

        Parameters
        ----------
        change
            From the present recipe to the new one.
        merge_key
            Steps of one drag carry the same key and become one.
        text
            What the undo menu calls it.
        """
        recipe = change(self.recipe)
        if recipe == self.recipe:
            return
        self._push(replace(self._scene, recipe=recipe), merge_key, text)

    def set_scene(self, scene: Scene, text: str = "", merge_key: str = "") -> None:
        """Go to another scene, model included, as one step; steps of one drag carry the same
        ``merge_key`` and become one.
        """
        if scene != self._scene:
            if not merge_key:
                self.end_merge()
            self._push(scene, merge_key, text)

    def before_last_step(self) -> Scene | None:
        """The scene before the last step that changed it; None if there is no such step."""
        for index in range(self.undo_stack.index() - 1, -1, -1):
            command = self.undo_stack.command(index)
            if isinstance(command, SceneCommand) and command.before != command.after:
                return command.before
        return None

    def end_merge(self) -> None:
        """The hand has let go: the next edit is a step of its own."""
        self._merge_open = False

    def merges(self, seconds_between: float) -> bool:
        return self._merge_open and seconds_between <= MERGE_SECONDS

    def apply(self, scene: Scene) -> None:
        """Make ``scene`` the present one without a step (undo commands and live link do)."""
        before, self._scene = self._scene, scene
        if before.model != scene.model:
            self.model_requested.emit(scene.model)
        if before.recipe != scene.recipe:
            self.recipe_changed.emit(scene.recipe)
        self.scene_changed.emit(scene)

    def set_model(self, model: LoadedModel | None) -> None:
        """Another model renders from now on (the scene already names it)."""
        if model is not self._model:
            self._model = model
            self.model_changed.emit(model)

    def set_directions(self, directions: "Sequence[Direction]") -> None:
        """The loaded model got other directions."""
        if self._model is not None:
            self._model = replace(self._model, directions=tuple(directions))
            self.directions_changed.emit()

    def set_live(self, live: bool) -> None:
        if live != self._live:
            self._live = live
            self.live_changed.emit(live)

    def push(self, step: SceneCommand) -> None:
        """Take a step; one of a subclass may change more than the scene."""
        self.undo_stack.push(step)
        self._merge_open = bool(step.key)

    def _push(self, scene: Scene, key: str, text: str) -> None:
        self.push(SceneCommand(self, self._scene, scene, key, text))
