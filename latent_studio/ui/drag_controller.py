"""Drags points of the scene's picture: one run, one step of undo; live frames in between."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction, QUndoCommand

from latent_studio.events import Emit, Preview, ignore
from latent_studio.mailbox import StopToken
from latent_studio.recipe import Recipe
from latent_studio.ui.canvas.canvas import Canvas
from latent_studio.ui.canvas.drag_tool import DragTool, Marks, Pair
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.i18n import tr
from latent_studio.ui.photos.thumbnail import as_bgra

if TYPE_CHECKING:
    from latent_studio.ui.context import Context
    from latent_studio.ui.state import LoadedModel
    from latent_studio.ui.threads.job_thread import JobThread

REMEMBERED = 100


@dataclass
class DragOptions:
    """What the panel chooses; see :class:`latent_studio.latent.drag.DragSettings`."""

    space: str = "w+"
    first: int = 0
    last: int | None = None
    radius: float | None = None
    rate: float = 0.015
    hold: float = 2.0

    def key(self) -> tuple[Any, ...]:
        return self.space, self.first, self.last, self.radius, self.rate, self.hold


class MarksStep(QUndoCommand):
    """Points or the mask of a drag, set by hand."""

    def __init__(self, tool: DragTool, before: Marks, after: Marks) -> None:
        super().__init__(tr("Mask of a drag") if before.pairs == after.pairs else tr("Drag points"))
        self._tool, self._before, self._after = tool, before, after

    def redo(self) -> None:
        if not self._tool.marks().same(self._after):
            self._tool.set_marks(self._after)

    def undo(self) -> None:
        self._tool.set_marks(self._before)


class DragController(QObject):
    """``running_changed(bool)`` follows the runs, ``status_changed(str)`` says how far one is,
    ``active_changed(bool)`` whether the tool is on the canvas.
    """

    running_changed = Signal(bool)
    status_changed = Signal(str)
    active_changed = Signal(bool)

    def __init__(
        self, context: "Context", canvas: Canvas, action: QAction, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._context, self._state, self._canvas = context, context.state, canvas
        self._action = action
        self.tool = DragTool(self)
        self.options = DragOptions()
        self._job: JobThread | None = None
        self._work: Any = None
        self._work_key: object = None
        self._known: OrderedDict[Recipe, list[Pair]] = OrderedDict()
        self.active = False
        context.drag = self
        self.tool.repaint_wanted.connect(canvas.update)
        self.tool.points_changed.connect(lambda: self.status_changed.emit(self.hint()))
        self.tool.edited.connect(self._on_edited)
        self._state.recipe_changed.connect(self._on_recipe)
        self._state.model_changed.connect(lambda _model: self._fit_model())
        self._fit_model()

    @property
    def running(self) -> bool:
        return self._job is not None

    @property
    def can_start(self) -> bool:
        return self._state.model is not None and bool(self.tool.complete) and not self.running

    @property
    def _lone(self) -> bool:
        """Whether a point has no target."""
        return len(self.tool.complete) < len(self.tool.pairs)

    def hint(self) -> str:
        """What to do next."""
        if self.tool.complete and self._lone:
            return tr(
                "Click where the last point should go; without a target it stays out of the drag."
            )
        if self.tool.complete:
            return tr("Start the drag, or set more points.")
        if self.tool.pairs:
            return tr("Click where the point should go.")
        return tr("Pull a point of the picture to where it should go, or click both places.")

    # -- intents ----------------------------------------------------------------------------------

    def set_active(self, active: bool) -> None:
        """Put the tool on the canvas, or take it off (a run goes on to its end)."""
        self.active = active
        self._canvas.set_overlay(self.tool if active else None)
        self.active_changed.emit(active)

    def toggle(self) -> None:
        """Start, or stop what runs."""
        if self.running:
            self.stop()
        else:
            self.start()

    def start(self) -> None:
        """Drag from the picture as it is now; goes on with an interrupted run where it can."""
        model = self._state.model
        if model is None or not self.can_start:
            return
        if self._lone:
            self._context.notifications.info(
                tr("A point without a target was left out of the drag.")
            )
        recipe, pairs = self._state.recipe, self.tool.complete
        self._remember(recipe)
        key = (model.ref, recipe, self.options.key(), _mask_key(self.tool.mask), len(pairs))
        work = self._work if self._work_key == key else None
        self.tool.locked = True
        self._job = self._context.jobs.start(
            tr("Dragging"),
            run_drag,
            model,
            recipe,
            pairs,
            self.options,
            None if self.tool.mask is None else self.tool.mask.copy(),
            work,
            done=lambda result: self._on_done(model, recipe, result),
            failed=self._on_failed,
            cancelled=lambda: self._end(tr("Stopped.")),
        )
        self._job.event_emitted.connect(self._on_event)
        self.status_changed.emit(tr("Preparing…"))
        self.running_changed.emit(True)

    def stop(self) -> None:
        """End the run; what it has come to stays."""
        if self._job is not None:
            self._job.cancel()

    def reset_points(self) -> None:
        if not self.running:
            self.tool.edit_pairs([])

    def clear_mask(self) -> None:
        self.tool.clear_mask()
        self.tool.finish_edit()

    # -- what comes back --------------------------------------------------------------------------

    def _on_event(self, event: object) -> None:
        if isinstance(event, Preview) and self._job is not None:
            self.tool.move_handles(event.points)
            if not self._canvas.grid_shown:
                self._canvas.show_picture(Picture(as_bgra(event.image)), self.tool.side)
            self.status_changed.emit(tr("{left:.1f} pixels left", left=event.value))

    def _on_done(self, model: "LoadedModel", before: Recipe, result: tuple[Any, Any]) -> None:
        work, found = result
        left = max(found.distances)
        if found.arrived:
            text = tr("Arrived after {steps} steps.", steps=found.iterations)
        else:
            text = tr("{left:.1f} pixels left; start again to go on.", left=left)
        same = self._state.model is not None and self._state.model.ref == model.ref
        if same and self._state.recipe == before:
            self.tool.move_handles(found.points)
            self._work = work
            pairs = self.tool.complete
            self._work_key = (
                *(model.ref, found.recipe, self.options.key()),
                *(_mask_key(self.tool.mask), len(pairs)),
            )
            self._remember(found.recipe)
            self._end(text)
            self._state.edit(lambda _recipe: found.recipe, text=tr("Drag"))
            self.status_changed.emit(text)  # the edit has shown the points once more
        else:
            # Somebody has gone on with another picture: the drag's is not wanted any more.
            self._end(tr("The picture was changed meanwhile; the drag was left out."))
        self._context.render.request()

    def _on_failed(self, error: BaseException) -> None:
        self._context.notifications.show_error(error)
        self._end(self.hint())
        self._context.render.request()

    def _end(self, text: str) -> None:
        self._job = None
        self.tool.locked = False
        self.running_changed.emit(False)
        self.status_changed.emit(text)

    def _on_edited(self, before: Marks, after: Marks) -> None:
        self._state.undo_stack.push(MarksStep(self.tool, before, after))

    def _remember(self, recipe: Recipe) -> None:
        """Where the points were with a picture, so that undo brings them back."""
        self._known[recipe] = [Pair(pair.handle, pair.target) for pair in self.tool.pairs]
        self._known.move_to_end(recipe)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def _on_recipe(self, recipe: Recipe) -> None:
        pairs = self._known.get(recipe)
        if pairs is not None and not self.running:
            self.tool.set_pairs([Pair(pair.handle, pair.target) for pair in pairs])

    def _fit_model(self) -> None:
        capabilities = self._state.capabilities
        able = capabilities is not None and capabilities.has_w
        self._action.setEnabled(able)
        if not able:
            self._action.setChecked(False)
        if capabilities is not None:
            self.tool.set_side(capabilities.resolution)


def run_drag(
    model: "LoadedModel",
    recipe: Recipe,
    pairs: Sequence[tuple[tuple[float, float], tuple[float, float]]],
    options: DragOptions,
    mask: np.ndarray | None,
    work: Any = None,
    *,
    emit: Emit = ignore,
    token: StopToken | None = None,
) -> tuple[Any, Any]:
    """On a worker: the drag (``work`` goes on, None begins one) and what it has come to."""
    from latent_studio.jobs.drag import RecipeDrag
    from latent_studio.latent.drag import DragPair, DragSettings
    from latent_studio.latent.population import device_of
    from latent_studio.latent.resolve import LatentResolver

    if work is None:
        resolver = LatentResolver(model.generator, model.directions, device_of(model.generator))
        settings = DragSettings(
            options.space,  # type: ignore[arg-type]
            options.first,
            options.last,
            options.radius,
            rate=options.rate,
            mask_weight=options.hold,
        )
        wanted = [DragPair(handle, target) for handle, target in pairs]
        work = RecipeDrag(model.generator, resolver, recipe, wanted, settings, mask)
    else:
        work.drag.retarget([target for _, target in pairs])
    return work, work.run(emit=emit, token=token)


def _mask_key(mask: np.ndarray | None) -> bytes:
    return b"" if mask is None else np.packbits(mask).tobytes()
