"""What the person keeps and tells: bookmarks, the timeline, the walk, the session.

Everything here is made when it is first used; a window that only looks at pictures has none of it.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer

from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from latent_studio.recipe import Recipe
    from latent_studio.ui.canvas.picture import Picture
    from latent_studio.ui.context import Context
    from latent_studio.ui.gallery_controller import GalleryController
    from latent_studio.ui.main_window import MainWindow
    from latent_studio.ui.random_walk import RandomWalkController
    from latent_studio.ui.sessions import Sessions
    from latent_studio.ui.timeline_player import TimelinePlayer
    from latent_studio.ui.timeline_state import TimelineState

COPIES_AFTER_MS = 2000  # the first picture has come: now there is time to look for copies
NEED_A_MODEL = ("bookmark", "keyframe", "play", "walk", "save_session", "save_session_as")


class Desk(QObject):
    """``context.desk``: docks and commands reach each other through it."""

    def __init__(self, context: "Context", window: "MainWindow") -> None:
        super().__init__(window)
        self._context, self._window = context, window
        context.desk = self
        context.state.model_changed.connect(lambda _model: self._fit_model())
        self._begin = QTimer(self, singleShot=True, interval=COPIES_AFTER_MS)
        self._begin.timeout.connect(lambda: self.sessions.offer_copies())
        once = Qt.ConnectionType.SingleShotConnection
        context.render.frame_shown.connect(lambda *_: self._begin.start(), once)
        self._fit_model()

    # -- parts ------------------------------------------------------------------------------------

    @cached_property
    def gallery(self) -> "GalleryController":
        from latent_studio.ui.gallery_controller import GalleryController

        return GalleryController(self._context, self)

    @cached_property
    def timeline(self) -> "TimelineState":
        from latent_studio.ui.timeline_state import TimelineState

        return TimelineState(self._context.state, self)

    @cached_property
    def player(self) -> "TimelinePlayer":
        from latent_studio.ui.timeline_player import TimelinePlayer

        return TimelinePlayer(self._context, self.timeline, self)

    @cached_property
    def walk(self) -> "RandomWalkController":
        from latent_studio.ui.random_walk import RandomWalkController

        return RandomWalkController(self._context, self)

    @cached_property
    def sessions(self) -> "Sessions":
        from latent_studio.ui.sessions import Sessions

        sessions = Sessions(self._context, self._window, self)
        sessions.changed.connect(self._show_document)
        return sessions

    def made(self, name: str) -> bool:
        """Whether a part has been used yet."""
        return name in self.__dict__

    # -- commands ---------------------------------------------------------------------------------

    def handlers(self) -> dict[str, Callable[..., object]]:
        """By the names of the window's commands."""
        return {
            "bookmark": lambda: self.gallery.bookmark(),
            "keyframe": self.add_keyframe,
            "play": lambda: self.player.toggle(),
            "walk": lambda on: self.walk.set_walking(on),
            "walk_faster": lambda: self.walk.set_speed(self.walk.speed * 1.5),
            "walk_slower": lambda: self.walk.set_speed(self.walk.speed / 1.5),
            "open_session": lambda: self.sessions.open(),
            "save_session": lambda: self.sessions.save(),
            "save_session_as": lambda: self.sessions.save_as(),
        }

    def add_keyframe(self) -> None:
        """What is shown becomes a keyframe behind the chosen one."""
        state = self._context.state
        if state.model is not None:
            recipe = self._context.render.shown_recipe
            self.timeline.add_scenes([replace(state.scene, recipe=recipe)])
            self._window.host.show("timeline")
            self._window.canvas.setFocus()

    def pin(self, picture: "Picture", first: str, second: str, recipe: "Recipe") -> None:
        """Compare the canvas with ``picture``; see :meth:`.Compare.pin` for the names."""
        self._window.compare.pin(picture, first, second, recipe)
        self._window.actions_.set_checked("compare", True)

    def export_timeline(self) -> None:
        self._window.dialogs.show_export("timeline")

    def open_session(self, path: str) -> None:
        """Open a document, once there is a model (the window has just been started with it)."""
        if self._context.state.model is not None:
            self.sessions.open(path)
            return
        once = Qt.ConnectionType.SingleShotConnection
        changed = self._context.state.model_changed
        changed.connect(lambda _model: QTimer.singleShot(0, lambda: self.sessions.open(path)), once)

    def ask_about_session(self) -> str:
        """``save``, ``discard`` or ``stay``."""
        from latent_studio.ui.sessions import ask_about_session

        return ask_about_session(self._window, self.sessions.name)

    def may_close(self) -> bool:
        """Whether nothing would be lost that somebody wants: asks about an unsaved session."""
        if not self.made("sessions") or not self.sessions.worth_asking:
            return True
        answer = self.ask_about_session()
        return answer == "discard" or (answer == "save" and self.sessions.save())

    def _show_document(self) -> None:
        sessions = self.sessions
        self._window.show_document(sessions.name, bool(sessions.path) and sessions.dirty)

    def _fit_model(self) -> None:
        for name in NEED_A_MODEL:
            self._window.actions_[name].setEnabled(self._context.state.model is not None)

    def set_walking(self, walking: bool) -> None:
        """Show in the menus and on the canvas whether the walk goes on, and how fast."""
        self._window.actions_.set_checked("walk", walking)
        speed = f"{self.walk.speed:.2g}" if walking else ""
        text = tr("Walking, {speed} latents a second. W stops, [ and ] change it", speed=speed)
        self._window.stage.show_hint(text if walking else "")

    def shut_down(self) -> bool:
        """End the threads of what was used."""
        if self.made("player"):
            self.player.player.stop()
        if self.made("walk"):
            self.walk.player.stop()
        self._begin.stop()
        ended = [
            getattr(self, name).shut_down() for name in ("gallery", "sessions") if self.made(name)
        ]
        return all(ended)
