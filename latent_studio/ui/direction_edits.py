"""Edits of the loaded model's list of directions: undoable, and kept in the model's file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QUndoCommand

from latent_studio.recipe import ModelRef, Recipe
from latent_studio.ui import discovery
from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from latent_studio.latent.direction import Direction
    from latent_studio.ui.job_controller import JobController
    from latent_studio.ui.notifications import Notifications
    from latent_studio.ui.state import ExplorerState, LoadedModel
    from latent_studio.ui.threads.job_thread import JobThread

Directions = Sequence["Direction"]


class DirectionsCommand(QUndoCommand):
    """From one list of directions (and recipe) to another."""

    def __init__(
        self,
        edits: "DirectionEdits",
        ref: ModelRef,
        before: tuple[Directions, Recipe],
        after: tuple[Directions, Recipe],
        text: str,
    ) -> None:
        super().__init__(text)
        self._edits, self._ref = edits, ref
        self._before, self._after = before, after

    def redo(self) -> None:
        self._edits.show(self._ref, *self._after)

    def undo(self) -> None:
        self._edits.show(self._ref, *self._before)


class DirectionEdits(QObject):
    """``apply`` is the one door: docks, the *Discover* pages and the gallery come through it."""

    def __init__(
        self,
        state: "ExplorerState",
        jobs: "JobController",
        notifications: "Notifications",
        put: Callable[["LoadedModel", Directions], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._state, self._jobs, self._notifications = state, jobs, notifications
        self._put = put
        self._writing: JobThread | None = None
        self._waiting: tuple[str, Directions] | None = None
        self._told: set[ModelRef] = set()
        self.offer_copy: Callable[[LoadedModel, str], None] = lambda _model, _text: None
        """Says that a model's own file stays as it is, and offers a copy."""

    # -- edits ------------------------------------------------------------------------------------

    def apply(
        self, directions: Directions, text: str, renamed: Mapping[str, str] | None = None
    ) -> None:
        """Let the model have ``directions`` from now on, as an undoable step.

        ``renamed`` (old name → new) keeps the amounts of sliders that got another name.
        """
        model = self._state.model
        if model is None or tuple(directions) == tuple(model.directions):
            return
        before = model.directions, self._state.recipe
        after = tuple(directions), _with_names(self._state.recipe, renamed or {})
        self._state.end_merge()
        command = DirectionsCommand(self, model.ref, before, after, text)
        self._state.undo_stack.push(command)
        self._say_where(model, text)

    def add(self, new: Directions) -> None:
        """Add directions to the model; those of the same name are replaced."""
        from latent_studio.latent.direction import merge_directions

        if self._state.model is not None and new:
            merged = merge_directions(self._state.directions, new)
            names = ", ".join(direction.name for direction in new)
            self.apply(merged, tr("New direction {names}", names=names))

    def change(self, name: str, change: Callable[["Direction"], "Direction"], text: str) -> None:
        """Change one direction in its place; the slider keeps its amount, also by another name."""
        old = self.named(name)
        if old is None:
            return
        new = change(old)
        if new.name != name and self._is_taken(new.name, but=name):
            self._notifications.warning(
                tr("There is a direction called “{name}” already.", name=new.name)
            )
            return
        listed = [new if direction is old else direction for direction in self._state.directions]
        self.apply(listed, text, {name: new.name})

    def remove(self, name: str) -> None:
        """Take a direction from the model."""
        kept = [direction for direction in self._state.directions if direction.name != name]
        self.apply(kept, tr("Delete direction {name}", name=name))

    def named(self, name: str) -> "Direction | None":
        """The model's direction of a name."""
        return next((d for d in self._state.directions if d.name == name), None)

    def free_name(self, name: str) -> str:
        """``name``, or with a number behind if it is taken, in whatever case."""
        number, free = 2, name
        while self._is_taken(free):
            behind = f"({number})" if name[-1:].isdecimal() else str(number)
            number, free = number + 1, f"{name} {behind}"
        return free

    def numbered_name(self) -> str:
        """What a direction is called that nobody has named."""
        number = 1
        while self._is_taken(tr("Direction {number}", number=number)):
            number += 1
        return tr("Direction {number}", number=number)

    def _is_taken(self, name: str, but: str = "") -> bool:
        """Whether another direction than ``but`` is shown by that name (see direction_title)."""
        from latent_studio.latent.direction import name_key

        names = (direction.name for direction in self._state.directions)
        return name_key(name) in (name_key(one) for one in names if one != but)

    # -- background -------------------------------------------------------------------------------

    def difference(self, start: Recipe, end: Recipe, name: str) -> None:
        """Add the way from one picture to another as a slider: 0 is ``start``, 1 ``end``."""
        self._find(
            tr("Difference of two pictures"), discovery.difference, start, end, self.free_name(name)
        )

    def conditional(self, name: str, keep: Sequence[str]) -> None:
        """Add ``name`` without what it shares with the directions ``keep``."""
        self._find(tr("Conditional direction"), discovery.conditional, name, tuple(keep))

    def measure(self, data: str = "", names: Sequence[str] = ()) -> None:
        """Measure directions (all, or those named), with ``data`` by a judge, and keep it."""
        model = self._state.model
        if model is None:
            return

        def done(found: Directions) -> None:
            if self._is_shown(model):
                self.apply(_updated(self._state.directions, found), tr("Measure directions"))

        self._jobs.start(
            tr("Measuring directions"), discovery.measure, model, data, tuple(names), done=done
        )

    def take_in(self, path: str) -> None:
        """Add the directions of a file."""
        self._find(tr("Importing directions"), discovery.take_in, path)

    def give_away(self, path: str, names: Sequence[str] = ()) -> None:
        """Write directions (all, or those named) to a file."""
        model = self._state.model
        if model is not None:
            message = tr("The directions are in {path}", path=path)
            self._jobs.start(
                tr("Exporting directions"),
                discovery.give_away,
                model,
                path,
                tuple(names),
                done=lambda _found: self._notifications.info(message),
            )

    def _find(self, title: str, function: Callable[..., Directions], *arguments: Any) -> None:
        model = self._state.model
        if model is None:
            return

        def done(found: Directions) -> None:
            if self._is_shown(model):
                self.add(found)

        self._jobs.start(title, function, model, *arguments, done=done)

    def _is_shown(self, model: "LoadedModel") -> bool:
        return self._state.model is not None and self._state.model.ref == model.ref

    # -- what a step does -------------------------------------------------------------------------

    def show(self, ref: ModelRef, directions: Directions, recipe: Recipe) -> None:
        """Go to a list of directions (undo commands do)."""
        model = self._state.model
        if model is None or model.ref != ref:
            return
        self._put(model, directions)
        self._state.apply(replace(self._state.scene, recipe=recipe))
        if model.path is not None and ref.kind == "file":
            self._write(model.path, tuple(directions))

    def _write(self, path: str, directions: Directions) -> None:
        """One at a time; of those that come meanwhile the last is written."""
        if self._writing is not None:
            self._waiting = path, directions
            return

        def ended(*_: object) -> None:
            self._writing = None
            waiting, self._waiting = self._waiting, None
            if waiting is not None and not self._jobs.closed:
                self._write(*waiting)

        def failed(error: BaseException) -> None:
            ended()
            self._notifications.show_error(error)

        self._writing = self._jobs.start(
            tr("Saving directions"),
            discovery.keep,
            path,
            directions,
            done=ended,
            failed=failed,
            cancelled=ended,
            quiet=True,
        )

    def _say_where(self, model: "LoadedModel", text: str) -> None:
        """Once a model: its own file stays as it is."""
        if model.path is not None and model.ref.kind != "file" and model.ref not in self._told:
            self._told.add(model.ref)
            self.offer_copy(model, text)


def _with_names(recipe: Recipe, renamed: Mapping[str, str]) -> Recipe:
    entries = tuple(
        replace(entry, name=renamed.get(entry.name, entry.name)) for entry in recipe.directions
    )
    return recipe if entries == recipe.directions else replace(recipe, directions=entries)


def _updated(directions: Directions, fresh: Directions) -> list["Direction"]:
    """``directions`` with those of the same name and line replaced: others were edited since."""
    import numpy as np

    known = {direction.name: direction for direction in fresh}
    return [
        known[d.name] if d.name in known and np.array_equal(known[d.name].vector, d.vector) else d
        for d in directions
    ]
