"""Plays a path of recipes on the canvas in real time, and lets a hand go along it.

The path is followed on a job's thread; here a timer asks for the present place and shows what has
come. Both mailboxes hold one thing, so a path or a renderer that is slower than the clock drops
frames, and nothing ever queues.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from latent_studio.mailbox import LatestSlot
from latent_studio.recipe import Recipe

if TYPE_CHECKING:
    from latent_studio.ui.context import Context
    from latent_studio.ui.threads.job_thread import JobThread

MakePath: TypeAlias = Callable[[], Callable[[float], Any]]


class PathPlayer(QObject):
    """``place_changed(place)`` follows what is shown, ``landed(place, found)`` tells where it came
    to rest and what the path holds there, ``playing_changed(bool)`` its moving by itself.

    Parameters
    ----------
    context
        Of the window.
    title
        What the job is called.
    change
        Makes a recipe to show of the scene's and of what the path gives.
    clock
        Seconds; tests give their own.
    """

    place_changed = Signal(float)
    landed = Signal(float, object)
    playing_changed = Signal(bool)

    def __init__(
        self,
        context: "Context",
        title: str,
        change: Callable[[Recipe, Any], Recipe],
        parent: QObject | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(parent)
        self._context, self._title, self._change = context, title, change
        self._clock = clock
        self._make_path: MakePath | None = None
        self._job: JobThread | None = None
        self._wanted: LatestSlot[float] = LatestSlot()
        self._found: LatestSlot[tuple[float, Any]] = LatestSlot()
        self._target = 0.0
        self._landing = self._playing = False
        self._began = (0.0, 0.0)  # clock and place
        self.speed = 1.0
        self.end: float | None = None
        """Where playing ends; None: never."""
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self.set_fps(30.0)

    @property
    def playing(self) -> bool:
        return self._playing

    @property
    def active(self) -> bool:
        """Whether the canvas shows its path and not the scene."""
        return self._timer.isActive()

    @property
    def target(self) -> float:
        """The place that is on its way to the canvas."""
        return self._target

    def set_fps(self, fps: float) -> None:
        self._timer.setInterval(max(4, round(1000 / fps)))

    def set_speed(self, speed: float) -> None:
        """Places a second from now on."""
        now = self._clock()
        if self._playing:  # what was to come until now was at the old speed
            began, start = self._began
            self._began = (now, start + (now - began) * self.speed)
        self.speed = speed

    def set_path(self, make_path: MakePath | None) -> None:
        """Follow another path from the next place on; ``make_path`` runs on the job's thread."""
        self._close()
        self._make_path = make_path
        if self._timer.isActive():
            self._want(self._target)

    # -- moving -----------------------------------------------------------------------------------

    def play(self, start: float) -> None:
        """Move by itself from ``start`` on."""
        self._began = (self._clock(), start)
        self._landing = False
        self._want(start)
        self._set_playing(True)

    def seek(self, place: float) -> None:
        """Show one place; the hand moves."""
        self._landing = False
        self._set_playing(False)
        self._want(place)

    def land(self) -> None:
        """Come to rest at the last place; ``landed`` follows when it is known."""
        if not self._timer.isActive() or self._landing:
            return
        self._set_playing(False)
        self._landing = True
        self._want(self._target)

    def stop(self) -> None:
        """End without landing: the canvas goes back to the scene's picture."""
        self._end()
        self._context.render.request()

    def _end(self) -> None:
        self._close()
        self._timer.stop()
        self._landing = False
        self._set_playing(False)

    # -- inside -----------------------------------------------------------------------------------

    def _want(self, place: float) -> None:
        self._target = place
        self._open()
        self._wanted.put(place)
        self._timer.start()

    def _tick(self) -> None:
        if self._playing:
            began, start = self._began
            place = start + (self._clock() - began) * self.speed
            if self.end is not None and place >= self.end:
                self._want(self.end)
                self.land()
            else:
                self._want(place)
        answer = self._found.take_nowait()
        if answer is None:
            return
        place, found = answer
        self._context.render.show_instead(lambda recipe: self._change(recipe, found))
        self.place_changed.emit(place)
        if self._landing and place == self._target:
            self._end()
            self.landed.emit(place, found)
            self._context.render.request()  # the scene is what is shown, or nobody took it over

    def _open(self) -> None:
        if self._job is not None or self._make_path is None or self._context.jobs.closed:
            return
        from latent_studio.jobs.timeline import follow  # torch is there once a model is

        wanted: LatestSlot[float] = LatestSlot()
        found: LatestSlot[tuple[float, Any]] = LatestSlot()
        self._wanted, self._found = wanted, found

        def failed(error: BaseException) -> None:
            if self._wanted is wanted:
                self.stop()
            self._context.notifications.show_error(error)

        self._job = self._context.jobs.start(
            self._title, follow, self._make_path, wanted, found, quiet=True, failed=failed
        )

    def _close(self) -> None:
        self._wanted.close()
        self._job = None

    def _set_playing(self, playing: bool) -> None:
        if playing != self._playing:
            self._playing = playing
            self.playing_changed.emit(playing)
