"""The timeline under the user's hands: observable, undoable together with the scene."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand

from latent_studio.latent.timeline import Keyframe, Timeline
from latent_studio.recipe import Scene
from latent_studio.ui.i18n import tr
from latent_studio.ui.state import MERGE_SECONDS

if TYPE_CHECKING:
    from latent_studio.ui.state import ExplorerState

STEP_ID = 2  # scenes' steps are 1: each kind merges with its own only


class TimelineStep(QUndoCommand):
    """From one timeline to another."""

    def __init__(
        self, state: "TimelineState", before: Timeline, after: Timeline, key: str, text: str
    ) -> None:
        super().__init__(text)
        self._state, self._before, self._after = state, before, after
        self._key, self._when = key, time.monotonic()

    def id(self) -> int:
        return STEP_ID if self._key else -1

    def redo(self) -> None:
        self._state.apply(self._after)

    def undo(self) -> None:
        self._state.end_merge()
        self._state.apply(self._before)

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, TimelineStep) or other._key != self._key:
            return False
        if not self._state.merges(other._when - self._when):
            return False
        self._after, self._when = other._after, other._when
        self.setText(other.text())
        self.setObsolete(self._after == self._before)
        return True


class TimelineState(QObject):
    """``changed(Timeline)`` follows every change, ``selected(index)`` the chosen keyframe (-1:
    none).
    """

    changed = Signal(object)
    selected = Signal(int)

    def __init__(self, state: "ExplorerState", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._explorer = state
        self.timeline = Timeline()
        self.selection = -1
        self._merge_open = False

    # -- edits ------------------------------------------------------------------------------------

    def edit(
        self, change: Callable[[Timeline], Timeline], *, merge_key: str = "", text: str = ""
    ) -> None:
        """Change the timeline as an undoable step; nothing happens if it stays equal."""
        timeline = change(self.timeline)
        if timeline == self.timeline:
            return
        if not merge_key:
            self.end_merge()
        step = TimelineStep(self, self.timeline, timeline, merge_key, text)
        self._explorer.undo_stack.push(step)
        self._merge_open = bool(merge_key)

    def add_scenes(self, scenes: Sequence[Scene]) -> None:
        """New keyframes behind the chosen one (else at the end), as one step."""
        if not scenes:
            return
        keys = self.timeline.keyframes
        place = self.selection + 1 if 0 <= self.selection < len(keys) else len(keys)
        like = keys[place - 1] if keys else Keyframe(scenes[0])
        new = [replace(like, scene=scene) for scene in scenes]
        text = tr("Add keyframe") if len(new) == 1 else tr("Add %n keyframes", n=len(new))
        self.edit(lambda timeline: timeline.inserted(place, *new), text=text)
        self.select(place + len(new) - 1)

    def duplicate(self, index: int) -> None:
        key = self.timeline.keyframes[index]
        self.edit(lambda timeline: timeline.inserted(index + 1, key), text=tr("Duplicate keyframe"))
        self.select(index + 1)

    def remove(self, index: int) -> None:
        self.edit(lambda timeline: timeline.removed([index]), text=tr("Remove keyframe"))

    def move(self, old: int, new: int) -> None:
        if old != new:
            self.edit(lambda timeline: timeline.moved(old, new), text=tr("Move keyframe"))
            self.select(new)

    def set_scene(self, index: int, scene: Scene) -> None:
        self.edit(
            lambda timeline: timeline.changed(index, lambda key: replace(key, scene=scene)),
            text=tr("Replace keyframe"),
        )

    def set_seconds(self, index: int, seconds: float) -> None:
        """How long the way from a keyframe takes; one drag is one step."""
        self.edit(
            lambda timeline: timeline.changed(index, lambda key: replace(key, seconds=seconds)),
            merge_key=f"seconds/{index}",
            text=tr("Length of a way"),
        )

    def set_easing(self, index: int, easing: str) -> None:
        self.edit(
            lambda timeline: timeline.changed(index, lambda key: replace(key, easing=easing)),
            text=tr("Pace of a way"),
        )

    def select(self, index: int) -> None:
        index = index if index < len(self.timeline.keyframes) else -1
        if index != self.selection:
            self.selection = index
            self.selected.emit(index)

    # -- of the steps -----------------------------------------------------------------------------

    def end_merge(self) -> None:
        """The hand has let go: the next edit is a step of its own."""
        self._merge_open = False

    def merges(self, seconds_between: float) -> bool:
        return self._merge_open and seconds_between <= MERGE_SECONDS

    def apply(self, timeline: Timeline) -> None:
        """Make ``timeline`` the present one without a step."""
        self.timeline = timeline
        if self.selection >= len(timeline.keyframes):
            self.select(len(timeline.keyframes) - 1)
        self.changed.emit(timeline)
