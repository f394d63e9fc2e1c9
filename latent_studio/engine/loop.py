"""The thread that renders: latest request in, latest frame out. Knows no Qt.

Give :meth:`RenderLoop.run` a thread of its own. Everything else may be called from any thread.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch

from latent_studio.engine.device import Precision
from latent_studio.engine.fast_lane import REST_S, FastLane, Prepare
from latent_studio.engine.frame import Frame
from latent_studio.engine.renderer import Renderer
from latent_studio.latent.direction import Direction
from latent_studio.mailbox import LatestSlot, StopToken, Turn
from latent_studio.models.base import Generator
from latent_studio.models.snapshot import WeightSnapshot
from latent_studio.recipe import Recipe

log = logging.getLogger(__name__)

FRAME_BUDGET_MS = 25.0
PATIENCE = 4.0
SETTLE_S = 0.06
LINGER_S = 0.15


@dataclass(frozen=True)
class RenderRequest:
    """Ask for a picture.

    ``interactive`` says that the hand is moving and more will follow; ``model_epoch`` names the
    model that it is meant for (see :meth:`RenderLoop.set_model`); without ``previews`` it is
    rendered in full only.
    """

    recipe: Recipe
    request_id: int = 0
    model_epoch: int = 0
    interactive: bool = False
    previews: bool = True


Work: TypeAlias = Callable[[Renderer, Callable[[], bool]], Any]


@dataclass(frozen=True, eq=False)
class _Question:
    work: Work
    answer: Callable[[Any], None]


@dataclass(frozen=True, eq=False)
class _Model:
    generator: Generator
    directions: tuple[Direction, ...]
    epoch: int
    device: str | torch.device
    precision: Precision
    backend: str


def _nothing(*_: object) -> None:
    pass


class RenderLoop:
    """Serves one canvas.

    The newest request wins; the last one is always rendered in full. While requests come faster
    than full frames can follow, frames are previews of a lower resolution (skip architectures), and
    the full one follows when the hand rests; a newer request breaks that off between two blocks.

    A model is followed to its newest weights while :attr:`live` is set: snapshots that fit it are
    loaded between frames and the last recipe is rendered again. While it is not set they are left
    in their slot, so that the trainer does not make more. Clear it before a model from a file is
    opened, or a training of the same network would change what is shown.

    Parameters
    ----------
    requests, frames, weights
        The mailboxes. Closing ``requests`` ends the loop after what it still holds.
    on_frame
        Called after a frame was put, on the loop's thread.
    on_error
        Called with an exception of a request, a model or a snapshot; the loop goes on.
    on_model
        Called with the :class:`Renderer` after a model was taken over; read its label only.
    device, precision, backend
        Defaults for :meth:`set_model`.
    budget_ms
        A frame may take that long before previews stand in while the hand moves. A request that is
        not interactive waits :data:`PATIENCE` times as long before a preview is shown first.
    turn
        Held while rendering, so that a training on the same processor gives way.
    prepare
        Brings faster backends (see :mod:`latent_studio.engine.fast_lane`); without it eager serves.
    rest_s
        How long followed weights must rest before a faster backend is prepared for them.
    """

    def __init__(
        self,
        requests: LatestSlot[RenderRequest],
        frames: LatestSlot[Frame],
        weights: LatestSlot[WeightSnapshot] | None = None,
        on_frame: Callable[[], None] = _nothing,
        on_error: Callable[[BaseException], None] = _nothing,
        on_model: Callable[[Renderer], None] = _nothing,
        *,
        device: str | torch.device = "auto",
        precision: Precision = "auto",
        budget_ms: float = FRAME_BUDGET_MS,
        settle_s: float = SETTLE_S,
        turn: Turn | None = None,
        backend: str = "auto",
        prepare: Prepare | None = None,
        rest_s: float = REST_S,
    ) -> None:
        self._requests, self._frames = requests, frames
        self._weights: LatestSlot[WeightSnapshot] = weights or LatestSlot()
        self._on_frame, self._on_error, self._on_model = on_frame, on_error, on_model
        self._device, self._precision, self._backend = device, precision, backend
        self._budget_ms, self._settle_s = budget_ms, settle_s
        self._turn = turn or Turn()
        self._models: LatestSlot[_Model] = LatestSlot()
        self._directions: LatestSlot[tuple[tuple[Direction, ...], int]] = LatestSlot()
        self._live = threading.Event()
        self._live.set()
        self._bell = threading.Condition()
        self._lane = FastLane(prepare, self._ring, rest_s)
        self._renderer: Renderer | None = None
        self._current: RenderRequest | None = None  # the newest request seen
        self._due = False  # ... and it has not been rendered in full
        self._fresh = False  # ... nor has its preview been considered
        self._previewing = False  # what is shown of it is a preview
        self._questions: LatestSlot[_Question] = LatestSlot()
        slots = self._requests, self._weights, self._models, self._directions, self._questions
        for slot in slots:
            slot.listen(self._ring)

    # -- from any thread --------------------------------------------------------------------------

    def set_model(
        self,
        generator: Generator,
        directions: Sequence[Direction] = (),
        epoch: int = 0,
        *,
        device: str | torch.device | None = None,
        precision: Precision | None = None,
        backend: str | None = None,
    ) -> None:
        """Show another model from the next frame on; the last call wins.

        The loop takes ``generator`` over. Requests for an older epoch are dropped from now on, and
        those for a newer one wait for their model.
        """
        model = _Model(
            generator,
            tuple(directions),
            epoch,
            self._device if device is None else device,
            self._precision if precision is None else precision,
            self._backend if backend is None else backend,
        )
        self._models.put(model)

    def set_directions(self, directions: Sequence[Direction], epoch: int) -> None:
        """Replace the named directions of the model of that ``epoch``."""
        self._directions.put((tuple(directions), epoch))

    def ask(self, work: Work, answer: Callable[[Any], None]) -> None:
        """Have ``work(renderer, cancelled)`` done on the loop's thread when nothing is to be drawn.

        ``answer(result)`` is called there, too. A work that finds ``cancelled()`` true, because a
        picture is wanted, should give None at once. The last call wins. Errors go to ``on_error``.
        """
        self._questions.put(_Question(work, answer))

    @property
    def live(self) -> bool:
        """Whether snapshots from ``weights`` are shown."""
        return self._live.is_set()

    def set_live(self, live: bool) -> None:
        if live:
            self._live.set()
        else:
            self._live.clear()
        self._ring()

    # -- the loop ---------------------------------------------------------------------------------

    def run(self, token: StopToken) -> None:
        """Render until ``token`` stops or the request slot is closed and empty."""
        token.on_stop(self._ring)
        while self._wait(token):
            self._turn.hold()
            try:
                self._step()
            except Exception as error:  # noqa: BLE001 - reported; the loop lives
                self._fail(error)
            finally:
                self._turn.release(LINGER_S if self._interactive else 0.0)
        self._renderer = None
        self._lane.close()

    def _ring(self) -> None:
        with self._bell:
            self._bell.notify_all()

    def _wait(self, token: StopToken) -> bool:
        """Sleep until there is something to do. False: the end."""
        with self._bell:
            if self._refining and self._interactive:
                # More is about to come: a refinement begun now would only be in its way.
                self._bell.wait_for(lambda: token.stopped or self._urgent(), self._settle_s)
            else:
                self._bell.wait_for(
                    lambda: token.stopped or self._work() or self._requests.closed,
                    self._lane_wait_s,
                )
        if token.stopped:
            return False
        return self._work() or not self._requests.closed

    def _urgent(self) -> bool:
        """Something has arrived that makes the present picture out of date."""
        if not (self._models.empty and self._directions.empty):
            return True
        return self._renderer is not None and not self._requests.empty

    def _work(self) -> bool:
        weights = self._renderer is not None and self.live and not self._weights.empty
        due = self._due and self._servable
        return weights or self._urgent() or due or self._switching or self._asked

    @property
    def _asked(self) -> bool:
        """Something else is to be worked out."""
        return self._renderer is not None and not self._questions.empty

    @property
    def _switching(self) -> bool:
        """A faster backend is ready, or it is time to prepare one."""
        return self._renderer is not None and self._lane_wait_s == 0.0

    @property
    def _lane_wait_s(self) -> float | None:
        """A model is prepared for once it is asked for: its first picture comes before."""
        return None if self._current is None else self._lane.wait_s(self.live)

    @property
    def _interactive(self) -> bool:
        return self._current is not None and self._current.interactive

    @property
    def _refining(self) -> bool:
        """A preview is shown; its full picture comes next."""
        return self._due and self._previewing and self._servable

    @property
    def _servable(self) -> bool:
        """The newest request is for the model at hand."""
        request, renderer = self._current, self._renderer
        if request is None or renderer is None:
            return False
        return request.model_epoch == renderer.epoch

    def _step(self) -> None:
        model = self._models.take_nowait()
        if model is not None:
            self._take_model(model)
        directions = self._directions.take_nowait()
        renderer = self._renderer
        if renderer is None:
            return
        if directions is not None and directions[1] == renderer.epoch:
            renderer.set_directions(directions[0])
            self._begin()
        request = self._requests.take_nowait()
        if request is not None and request.model_epoch >= renderer.epoch:
            self._current = request
            self._begin(keep_preview=True)
        # New weights wait for a refinement, or a slow network would never show a full picture.
        if request is not None or not self._refining:
            self._take_weights(renderer)
            self._switch(renderer)
        if self._due and self._servable:
            assert self._current is not None
            self._serve(renderer, self._current)
        elif self._asked:
            self._answer(renderer)

    def _answer(self, renderer: Renderer) -> None:
        question = self._questions.take_nowait()
        if question is None:
            return
        question.answer(question.work(renderer, self._urgent))

    def _begin(self, keep_preview: bool = False) -> None:
        """The present request has to be rendered (again)."""
        self._due = self._current is not None
        self._fresh = True
        self._previewing = self._previewing and keep_preview

    def _take_model(self, model: _Model) -> None:
        # The old one goes first: two large models may not fit side by side.
        self._renderer = None
        if self._current is not None and self._current.model_epoch < model.epoch:
            self._current = None
        self._renderer = Renderer(
            model.generator, model.directions, model.device, model.precision, model.epoch
        )
        self._lane.begin(self._renderer, model.backend, model.precision, self.live)
        self._begin()
        self._on_model(self._renderer)

    def _take_weights(self, renderer: Renderer) -> None:
        snapshot = self._weights.take_nowait() if self.live else None
        if snapshot is None:
            return
        if not renderer.fits(snapshot):
            log.info("a snapshot of run %s is of another network; ignored", snapshot.run)
            return
        renderer.load_weights(snapshot)
        self._lane.weights_changed(renderer)
        self._begin()

    def _switch(self, renderer: Renderer) -> None:
        """Take over a faster backend; the picture is drawn again with it, and looks the same."""
        before = renderer.label
        # Nothing is begun before the picture that is asked for now.
        may_begin = self._current is not None and not (self._due and self._servable)
        if self._lane.step(renderer, self.live, may_begin):
            self._begin(keep_preview=True)
            if renderer.label != before:
                self._on_model(renderer)

    def _serve(self, renderer: Renderer, request: RenderRequest) -> None:
        """Render the request: a preview where a full frame would be late, else in full."""
        size = self._preview(renderer, request) if self._fresh else None
        # A drag on a network without previews must show something: its frames are not broken off.
        may_break = size is None and not (self._fresh and request.interactive)
        frame = renderer.render(
            request.recipe,
            max_resolution=size,
            request_id=request.request_id,
            cancelled=self._urgent if may_break else None,
        )
        self._fresh = False
        if frame is None:
            return
        self._due = self._previewing = frame.preview
        if not self._stale(renderer):
            self._frames.put(frame)
            self._on_frame()

    def _preview(self, renderer: Renderer, request: RenderRequest) -> int | None:
        if not request.previews:
            return None
        budget = self._budget_ms * (1.0 if request.interactive else PATIENCE)
        if self._previewing:
            budget *= 0.8  # so that neighbouring times do not make the picture flicker
        return renderer.preview_resolution(request.recipe, budget)

    def _stale(self, renderer: Renderer) -> bool:
        """A newer model has been set while this frame was made."""
        waiting = self._models.peek()
        return waiting is not None and waiting.epoch != renderer.epoch

    def _fail(self, error: Exception) -> None:
        """Report; do not try the same request again."""
        self._due = False
        self._previewing = False
        log.debug("rendering failed", exc_info=error)
        try:
            self._on_error(error)
        except Exception:  # a broken listener must not end the loop
            log.exception("the error handler failed")
