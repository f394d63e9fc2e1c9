"""Feeds the render thread and takes its frames.

The picture under the hand always goes first: its request overwrites what waits. Tiles (grid,
thumbnails) are sent one at a time, only when the picture rests, and again if one got lost on the
way.
"""

import itertools
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from latent_studio.mailbox import LatestSlot, Turn
from latent_studio.recipe import Recipe, Scene
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.threads.render_thread import RenderThread

if TYPE_CHECKING:
    from latent_studio.ui.notifications import Notifications
    from latent_studio.ui.settings import Settings
    from latent_studio.ui.state import ExplorerState, LoadedModel

PutTile: TypeAlias = Callable[[Any, Picture], None]
INTERACTIVE_MS = 220  # no edit for so long: the hand rests
FPS_WINDOW_S = 1.0


class FrameMeter:
    """Frames a second over the last second in which something moved."""

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=240)
        self.fps = 0.0

    def add(self, now: float) -> None:
        self._times.append(now)
        while self._times and now - self._times[0] > FPS_WINDOW_S:
            self._times.popleft()
        if len(self._times) > 2:
            self.fps = (len(self._times) - 1) / max(1e-6, now - self._times[0])


class RenderController(QObject):
    """``frame_shown(Frame, Picture)`` brings each picture of the scene, ``failed(exception)`` what
    went wrong, ``hand_moved(bool)`` whether the user is dragging, ``label_changed(str)`` on what
    the pictures are made.
    """

    frame_shown = Signal(object, object)
    failed = Signal(object)
    hand_moved = Signal(bool)
    label_changed = Signal(str)
    _answered = Signal(object)

    def __init__(
        self,
        state: "ExplorerState",
        settings: "Settings",
        notifications: "Notifications",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._state, self._settings, self._notifications = state, settings, notifications
        self.requests: LatestSlot[Any] = LatestSlot()
        self.frames: LatestSlot[Any] = LatestSlot()
        self.snapshots: LatestSlot[Any] = LatestSlot()
        """Where a training puts its weights; they are taken from here while live is on."""
        self.turn = Turn()
        """Held while a picture is made, so that a training on the same processor gives way."""
        self.label = ""
        """What renders, for people: ``cpu fp32``."""
        self.last_frame: Any = None
        self.meter = FrameMeter()
        self._ids = itertools.count(1)
        self._epoch = 0
        self._loop: Any = None
        self._thread: RenderThread | None = None
        self._wanted = 0  # id of the latest request for the scene; 0 when its frame has come
        self._instead: Callable[[Recipe], Recipe] | None = None
        self._tiles: OrderedDict[str, tuple[deque[tuple[Hashable, Recipe]], PutTile]]
        self._tiles = OrderedDict()
        self._tile_sent: tuple[int, str, Hashable, Recipe] | None = None
        self._moving = self._following = False
        self._asked: tuple[int, Callable[[Any], None]] | None = None
        self._answered.connect(self._on_answer)
        self._candidates: tuple[Any, ...] = ()
        self._shown_model: Any = None
        self._rest = QTimer(self, singleShot=True, interval=INTERACTIVE_MS)
        self._rest.timeout.connect(self._on_rest)
        state.scene_changed.connect(self._on_scene)
        state.model_changed.connect(self._on_model)
        state.directions_changed.connect(self._on_directions)
        settings.changed.connect(self._on_setting)

    # -- life -------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the thread; it imports torch."""
        self._thread = RenderThread(self._make_loop)
        self._thread.frame_ready.connect(self._take)
        self._thread.loop_ready.connect(self._on_loop)
        self._thread.model_ready.connect(self._on_model_ready)
        self._thread.request_failed.connect(self._on_failed)
        self._thread.broken.connect(self._on_failed)
        self._thread.start()

    def shut_down(self, timeout_s: float = 30.0) -> bool:
        """Stop the thread and wait for it. Returns False if it did not end in time."""
        self._rest.stop()
        self._tiles.clear()
        if self._thread is None:
            return True
        self._thread.token.stop()
        for slot in (self.requests, self.snapshots):
            slot.close()
        return self._thread.wait(int(timeout_s * 1000))

    @property
    def busy(self) -> bool:
        """Whether the scene's picture is still to come."""
        return self._wanted != 0

    @property
    def ready(self) -> bool:
        """Whether torch is loaded and the loop runs."""
        return self._loop is not None

    # -- requests ---------------------------------------------------------------------------------

    def request(self) -> None:
        """Ask for the scene's picture."""
        self._instead = None
        self._request()

    def show_instead(self, change: Callable[[Recipe], Recipe]) -> None:
        """Show what ``change`` makes of the scene's recipe until :meth:`request` is called: what
        plays moves too fast to be a step each time.
        """
        self._instead = change
        self._request()

    @property
    def shown_recipe(self) -> Recipe:
        """What the canvas shows or is about to: the scene's recipe, or what plays in its place."""
        recipe = self._state.recipe
        return recipe if self._instead is None else self._instead(recipe)

    def frame_of(self, recipe: Recipe) -> Any:
        """The last frame, if it is the full picture of ``recipe`` by the present model."""
        frame = self.last_frame
        if frame is None or frame.preview or frame.model_epoch != self._epoch:
            return None
        return frame if frame.recipe == recipe else None

    def _request(self) -> None:
        model = self._state.model
        if self._loop is None or model is None or model.ref != self._state.scene.model:
            return
        self._wanted = next(self._ids)
        self._put(self.shown_recipe, self._wanted, self._moving or self._instead is not None)

    def request_tiles(
        self, owner: str, wanted: Iterable[tuple[Hashable, Recipe]], put: PutTile
    ) -> None:
        """Render ``(key, recipe)`` pairs when the picture rests; ``put(key, picture)`` brings each.

        What ``owner`` asked for before and has not come is forgotten.
        """
        self._tiles[owner] = (deque(wanted), put)
        self._send_tile()

    def ask(self, work: Callable[[Any, Any], Any], done: Callable[[Any], None]) -> None:
        """Have ``work(renderer, cancelled)`` done on the render thread when nothing is to be drawn.

        ``done(result)`` follows on this thread, if the model is still the same and nothing else has
        been asked since; with None where a picture came in between.
        """
        if self._loop is None:
            return
        number = next(self._ids)
        self._asked = number, done
        self._loop.ask(work, lambda result: self._answered.emit((number, result)))

    def _on_answer(self, answer: Any) -> None:
        number, result = answer
        if self._asked is not None and self._asked[0] == number:
            done, self._asked = self._asked[1], None
            done(result)

    def set_candidates(self, directions: Iterable[Any]) -> None:
        """Directions that tiles may use though they are none of the model's; another model has
        none of them.
        """
        self._candidates = tuple(directions)
        self._on_directions()

    def cancel_tiles(self, owner: str) -> None:
        self._tiles.pop(owner, None)

    def _put(self, recipe: Recipe, request_id: int, interactive: bool) -> None:
        from latent_studio.engine.loop import RenderRequest

        # A tile is shown as it comes: there is no full picture to follow a preview.
        previews = request_id > 0 and self._settings.get("drag_preview")
        request = RenderRequest(recipe, request_id, self._epoch, interactive, previews)
        self.requests.put(request)

    def _send_tile(self) -> None:
        if self._wanted or self._tile_sent or self._loop is None or self._state.model is None:
            return
        for owner, (queue, _put) in self._tiles.items():
            if queue:
                key, recipe = queue.popleft()
                self._tile_sent = (-next(self._ids), owner, key, recipe)
                self._put(recipe, self._tile_sent[0], False)
                return

    def _resend_lost_tile(self) -> None:
        if self._tile_sent is not None:
            _, owner, key, recipe = self._tile_sent
            self._tile_sent = None
            if owner in self._tiles:
                self._tiles[owner][0].appendleft((key, recipe))

    # -- frames -----------------------------------------------------------------------------------

    def _take(self) -> None:
        frame = self.frames.take_nowait()
        if frame is None or frame.model_epoch != self._epoch:
            return
        picture = Picture(frame.pixels)
        if frame.request_id > 0:
            self._show(frame, picture)
        elif self._tile_sent is not None and frame.request_id == self._tile_sent[0]:
            self._deliver_tile(picture)
        self._send_tile()

    def _deliver_tile(self, picture: Picture) -> None:
        assert self._tile_sent is not None
        _, owner, key, _ = self._tile_sent
        self._tile_sent = None
        if owner in self._tiles:
            self._tiles[owner][1](key, picture)
        if not any(queue for queue, _ in self._tiles.values()):
            self._request()  # the loop keeps to the scene again, not to the last tile

    def _show(self, frame: Any, picture: Picture) -> None:
        self.last_frame = frame
        self.meter.add(time.perf_counter())
        if frame.request_id >= self._wanted and not frame.preview:
            self._wanted = 0
            self._resend_lost_tile()
        self.frame_shown.emit(frame, picture)

    # -- what changes -----------------------------------------------------------------------------

    def _on_scene(self, scene: Scene) -> None:
        if not self._moving:
            self._moving = True
            self.hand_moved.emit(True)
        self._rest.start()
        self._request()

    def _on_rest(self) -> None:
        self._moving = False
        self.hand_moved.emit(False)

    def _on_model(self, model: "LoadedModel | None") -> None:
        self._epoch += 1
        self._instead = None
        self._wanted, self._tile_sent = 0, None
        self._tiles.clear()
        self._asked = None
        if model is None or model.ref != self._shown_model:
            self._candidates = ()
        self._shown_model = None if model is None else model.ref
        self._give_model(model)

    def _on_loop(self, loop: Any) -> None:
        self._loop = loop
        loop.set_live(self._following)
        self._give_model(self._state.model)

    def _give_model(self, model: "LoadedModel | None") -> None:
        if self._loop is None or model is None:
            return
        self._loop.set_model(
            model.generator,
            (*model.directions, *self._candidates),
            epoch=self._epoch,
            device=self._settings.get("device"),
            precision=self._settings.get("precision"),
            backend=self._settings.get("backend"),
        )
        self.request()

    def _on_directions(self) -> None:
        if self._loop is not None:
            known = (*self._state.directions, *self._candidates)
            self._loop.set_directions(known, epoch=self._epoch)
            self.request()

    def _on_setting(self, key: str, value: object) -> None:
        if key in ("device", "precision", "backend") and self._state.model is not None:
            self._on_model(self._state.model)

    def set_following(self, following: bool) -> None:
        """Whether the loop takes a training's weights into the model that it shows."""
        if self._following != following:
            self._following = following
            if self._loop is not None:
                self._loop.set_live(following)

    def _on_failed(self, error: BaseException) -> None:
        self._wanted, self._tile_sent = 0, None
        self._tiles.clear()
        self._notifications.show_error(error)
        self.failed.emit(error)

    def _on_model_ready(self, label: str) -> None:
        self.label = label
        self.label_changed.emit(label)

    def _make_loop(self, *callbacks: Callable[..., None]) -> Any:
        """On the render thread: the first import of torch."""
        from latent_studio.engine.fast_lane import prepare_apart
        from latent_studio.engine.loop import RenderLoop

        slots = self.requests, self.frames, self.snapshots
        return RenderLoop(*slots, *callbacks, turn=self.turn, prepare=prepare_apart)
