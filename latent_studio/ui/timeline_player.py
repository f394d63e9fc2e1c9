"""Plays the timeline on the canvas, and goes along it by hand."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from latent_studio.errors import OptionError, StudioError
from latent_studio.latent.timeline import Timeline, same_weights
from latent_studio.recipe import Recipe
from latent_studio.ui.i18n import tr
from latent_studio.ui.path_player import MakePath, PathPlayer

if TYPE_CHECKING:
    from latent_studio.ui.context import Context
    from latent_studio.ui.timeline_state import TimelineState


class TimelinePlayer(QObject):
    """``place_changed(seconds)`` follows the playhead, ``playing_changed(bool)`` its moving.

    While it moves, the scene stays; where it comes to rest, what is shown becomes the scene, as one
    step. An edit of the scene meanwhile ends it.
    """

    place_changed = Signal(float)
    playing_changed = Signal(bool)

    def __init__(
        self, context: "Context", state: "TimelineState", parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._context, self._state = context, state
        self.place = 0.0
        self.player = PathPlayer(context, tr("Timeline"), lambda _scene, found: found, self)
        self.player.place_changed.connect(self._on_place)
        self.player.landed.connect(self._on_landed)
        self.player.playing_changed.connect(self.playing_changed)
        state.changed.connect(self._on_timeline)
        context.state.scene_changed.connect(lambda _scene: self._stop())
        context.state.model_changed.connect(lambda _model: self._stop())

    @property
    def playing(self) -> bool:
        return self.player.playing

    def toggle(self) -> None:
        """Play from the playhead (from the beginning, if it is at the end), or rest."""
        if self.player.playing:
            self.player.land()
            return
        if not self._prepare():
            return
        timeline = self._state.timeline
        at_end = not timeline.loops and self.place >= timeline.seconds - 1e-6
        self.player.end = None if timeline.loops else timeline.seconds
        self.player.set_fps(timeline.fps)
        self.player.play(0.0 if at_end else self.place)

    def seek(self, seconds: float) -> None:
        """Put the playhead somewhere; call :meth:`release` when the hand lets go."""
        if self.player.active or self._prepare():
            self.player.seek(min(max(0.0, seconds), self._state.timeline.seconds))

    def release(self) -> None:
        self.player.land()

    def go_to(self, index: int) -> None:
        """Make a keyframe the scene, opening its model if need be."""
        self._stop()
        timeline = self._state.timeline
        self._state.select(index)
        self._set_place(timeline.starts[index])
        self._context.models.open_scene(timeline.keyframes[index].scene)

    def rewind(self) -> None:
        if self._state.timeline.keyframes:
            self.go_to(0)

    def model_path(self, open_model: Callable[[], str]) -> str:
        """The file that a video of the timeline is made with: the open model's, if it is of that.

        Raises
        ------
        OptionError
            The keyframes are of another model, or it has no file yet.
        """
        model = self._context.state.model
        ref = self._state.timeline.model()
        if model is not None and same_weights(ref, model.ref):
            return open_model()
        raise OptionError(
            tr(
                "The timeline is of another model ({name}). Double click a keyframe to open it.",
                name=ref.name,
            )
        )

    def _prepare(self) -> bool:
        """Whether the timeline can be played with the open model; says why not."""
        timeline = self._state.timeline
        try:
            self.model_path(lambda: "")
        except StudioError as error:
            self._context.notifications.info(error.message)
            return False
        if not timeline.ways:
            self._context.notifications.info(
                tr("A timeline needs two keyframes; press K to add what is shown.")
            )
            return False
        self.player.set_path(self._path(timeline))
        return True

    def _path(self, timeline: Timeline) -> MakePath:
        model = self._context.state.model
        assert model is not None

        def make():  # type: ignore[no-untyped-def]
            from latent_studio.latent.resolve import LatentResolver
            from latent_studio.latent.timeline_path import TimelinePath

            return TimelinePath(timeline, LatentResolver(model.generator, model.directions)).at

        return make

    def _on_place(self, seconds: float) -> None:
        timeline = self._state.timeline
        wraps = timeline.loops and self.player.playing and timeline.seconds > 0
        self._set_place(seconds % timeline.seconds if wraps else seconds)

    def _on_landed(self, seconds: float, recipe: Recipe) -> None:
        self._on_place(seconds)
        text = tr("Timeline at {seconds:.1f} s", seconds=self.place)
        self._context.state.edit(lambda _recipe: recipe, text=text)

    def _stop(self) -> None:
        if self.player.active:
            self.player.stop()

    def _on_timeline(self, timeline: Timeline) -> None:
        if self.player.active and timeline.ways:
            self.player.end = None if timeline.loops else timeline.seconds
            self.player.set_path(self._path(timeline))
        elif self.player.active:
            self.player.stop()
        self._set_place(min(self.place, timeline.seconds))

    def _set_place(self, seconds: float) -> None:
        if seconds != self.place:
            self.place = seconds
            self.place_changed.emit(seconds)
