"""The sources of style mixing. The recipe knows those in use; which are listed is a step, too."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand

from latent_studio.recipe import LatentSource, Recipe, Scene
from latent_studio.ui.state import SceneCommand

if TYPE_CHECKING:
    from latent_studio.ui.state import ExplorerState

Listed: TypeAlias = tuple[LatentSource, ...]
FIRST_SEEDS = (1, 2, 3)


class MixingSources(QObject):
    """``changed()`` follows every edit, and its undo and redo, once the scene is right, too."""

    changed = Signal()

    def __init__(self, state: "ExplorerState", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state
        self.listed: Listed = tuple(LatentSource.from_seed(seed) for seed in FIRST_SEEDS)

    def edit(
        self,
        listed: Sequence[LatentSource],
        change: Callable[[Recipe], Recipe] = lambda recipe: recipe,
        *,
        text: str,
        merge_key: str = "",
    ) -> None:
        """List other sources, with what follows for the recipe, as one step."""
        if tuple(listed) != self.listed:
            scene = replace(self._state.scene, recipe=change(self._state.recipe))
            step = SourcesStep(self, self._state, scene, tuple(listed), merge_key, text)
            self._state.push(step)


class SourcesStep(SceneCommand):
    """From one list of sources to another; the scene may stay as it is."""

    def __init__(
        self,
        sources: MixingSources,
        state: "ExplorerState",
        scene: Scene,
        listed: Listed,
        key: str,
        text: str,
    ) -> None:
        super().__init__(state, state.scene, scene, key, text)
        self._sources, self._from, self._to = sources, sources.listed, listed

    def redo(self) -> None:
        self._sources.listed = self._to
        super().redo()
        self._sources.changed.emit()

    def undo(self) -> None:
        self._sources.listed = self._from
        super().undo()
        self._sources.changed.emit()

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, SourcesStep) or not super().mergeWith(other):
            return False
        self._to = other._to
        self.setObsolete(self.isObsolete() and self._to == self._from)
        return True


def chosen_after(before: Listed, now: Listed, chosen: int) -> int:
    """The tile to choose when a source has come (that one) or gone (what was, or the one before).

    Tile 0 is the picture itself, so source ``i`` has tile ``i + 1``.
    """
    pairs = enumerate(zip(before, now, strict=False))
    place = next((i for i, (a, b) in pairs if a != b), min(len(before), len(now)))
    if len(now) > len(before):
        return place + 1
    return chosen - 1 if chosen > place else chosen
