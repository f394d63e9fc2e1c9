"""The gallery as the window sees it: read and written on a thread of its own, undoable."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoCommand

from latent_studio.recipe import Scene
from latent_studio.storage.gallery import Bookmark, Gallery, make_thumbnail, read_thumbnail
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.i18n import tr
from latent_studio.ui.threads.serial_thread import SerialThread

if TYPE_CHECKING:
    from latent_studio.ui.context import Context

OWNER = "bookmark"
POLL_MS = 1500


class GalleryStep(QUndoCommand):
    """A change of the gallery that can be taken back.

    ``do`` is called with the gallery on its thread and returns what ``undo`` needs: the bookmarks
    as they were.
    """

    def __init__(
        self, controller: "GalleryController", text: str, do: Callable[[Gallery], list[Bookmark]]
    ) -> None:
        super().__init__(text)
        self._controller, self._do = controller, do
        self._before: list[Bookmark] = []

    def redo(self) -> None:
        def work(gallery: Gallery) -> None:
            self._before = self._do(gallery)

        self._controller.write(work)

    def undo(self) -> None:
        self._controller.write(lambda gallery: gallery.put(self._before))


class KeepStep(QUndoCommand):
    """A new bookmark; the thumbnail is made of ``pixels`` uint8 ``[H, W, 3]``."""

    def __init__(
        self, controller: "GalleryController", bookmark: Bookmark, pixels: np.ndarray
    ) -> None:
        super().__init__(tr("Bookmark"))
        self._controller, self._bookmark, self._pixels = controller, bookmark, pixels

    def redo(self) -> None:
        def work(gallery: Gallery) -> Bookmark:
            kept = replace(self._bookmark, thumbnail=make_thumbnail(self._pixels))
            gallery.put([kept])
            return kept

        self._controller.write(work, self._controller.bookmarked.emit)

    def undo(self) -> None:
        self._controller.write(lambda gallery: gallery.remove([self._bookmark.id]))


class GalleryController(QObject):
    """``changed()`` tells that the bookmarks are others now, by this window or another one;
    ``bookmarked(Bookmark)`` that what was shown is kept; ``closing()`` comes last, for what is not
    stored yet.
    """

    changed = Signal()
    bookmarked = Signal(object)
    closing = Signal()

    def __init__(self, context: "Context", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._thread = SerialThread(self._open, Gallery.close, "gallery", self)
        self._told = ""
        self._version: int | None = None
        self._polling = self._closed = False
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)

    # -- life -------------------------------------------------------------------------------------

    def watch(self, watching: bool) -> None:
        """Look for what other windows change, while somebody looks at the list."""
        if watching:
            self._timer.start()
            self._poll()
        else:
            self._timer.stop()

    def shut_down(self) -> bool:
        self._timer.stop()
        self.closing.emit()
        self._closed = True  # an answer that is still on its way must not start the thread again
        return self._thread.shut_down()

    # -- reading ----------------------------------------------------------------------------------

    def read(
        self,
        question: Callable[[Gallery], Any],
        done: Callable[[Any], object],
        failed: Callable[[BaseException], object] | None = None,
    ) -> None:
        """Ask the gallery something on its thread; ``done`` gets the answer here, ``failed`` an
        exception (else it is told).
        """
        failed = failed or self._context.notifications.show_error
        self._call(question, done, failed)

    def write(
        self, work: Callable[[Gallery], Any], done: Callable[[Any], object] | None = None
    ) -> None:
        """Change the gallery on its thread; ``changed`` follows."""

        def finish(result: Any) -> None:
            if done is not None:
                done(result)
            self.changed.emit()

        def fail(error: BaseException) -> None:
            self._context.notifications.show_error(error)
            self.changed.emit()  # a list may show what has not come about

        self._call(work, finish, fail)

    # -- intents ----------------------------------------------------------------------------------

    def bookmark(self) -> None:
        """Keep what the canvas shows, also while it plays."""
        state, render = self._context.state, self._context.render
        model = state.model
        if model is None:
            return
        scene = Scene(model.ref, render.shown_recipe)
        kept = Bookmark(scene, model_name=model.title)
        frame = render.frame_of(scene.recipe)
        if frame is not None:
            self._keep(kept, frame.pixels)
            return

        def put(_key: object, picture: Picture) -> None:
            self._keep(kept, picture.pixels)

        render.request_tiles(OWNER, [(kept.id, scene.recipe)], put)

    def add(self, scene: Scene, pixels: np.ndarray, name: str = "") -> None:
        """Keep another scene; ``pixels`` uint8 ``[H, W, 4]`` (B, G, R, X)."""
        model = self._context.state.model
        title = model.title if model is not None else ""
        self._keep(Bookmark(scene, name, model_name=title), pixels)

    def delete(self, ids: Sequence[str]) -> None:
        """Delete bookmarks as one undoable step."""
        chosen = list(ids)
        one = len(chosen) == 1
        text = tr("Delete bookmark") if one else tr("Delete %n bookmarks", n=len(chosen))
        self._push(text, lambda gallery: gallery.remove(chosen))

    def rename(self, one: str, name: str) -> None:
        name = " ".join(name.split())
        self._push(
            tr("Rename bookmark"),
            lambda gallery: gallery.change([one], lambda b: replace(b, name=name)),
        )

    def tag(self, ids: Sequence[str], add: Sequence[str], remove: Sequence[str] = ()) -> None:
        """Add tags to bookmarks and take others off, as one undoable step."""
        chosen, gone = list(ids), set(remove)

        def edit(bookmark: Bookmark) -> Bookmark:
            kept = [tag for tag in bookmark.tags if tag not in gone]
            return replace(bookmark, tags=(*kept, *add))

        self._push(tr("Tag bookmarks"), lambda gallery: gallery.change(chosen, edit))

    # -- inside -----------------------------------------------------------------------------------

    def _push(self, text: str, do: Callable[[Gallery], list[Bookmark]]) -> None:
        self._context.state.undo_stack.push(GalleryStep(self, text, do))

    def _keep(self, bookmark: Bookmark, pixels: np.ndarray) -> None:
        step = KeepStep(self, bookmark, pixels[..., 2::-1])
        self._context.state.undo_stack.push(step)

    def _call(
        self,
        work: Callable[[Gallery], Any],
        done: Callable[[Any], object],
        failed: Callable[[BaseException], object],
    ) -> None:
        if not self._closed:
            self._thread.call(work, done=done, failed=failed)

    def _open(self) -> Gallery:
        gallery = Gallery()
        self._tell(gallery)
        return gallery

    def _tell(self, gallery: Gallery) -> None:
        if gallery.notice and gallery.notice != self._told:
            self._told = gallery.notice
            self._context.notifications.warning(gallery.notice)

    def _poll(self) -> None:
        if not self._polling:
            self._polling = True
            self._call(self._look, self._on_version, self._on_blind)

    def _look(self, gallery: Gallery) -> int:
        version = gallery.version
        self._tell(gallery)
        return version

    def _on_version(self, version: int) -> None:
        self._polling = False
        if self._version is not None and version != self._version:
            self.changed.emit()
        self._version = version

    def _on_blind(self, _error: BaseException) -> None:
        self._polling = False  # whoever reads or writes will tell


def thumbnail_pixels(data: bytes) -> np.ndarray | None:
    """uint8 ``[H, W, 4]`` (B, G, R, 255) of a stored thumbnail, to paint."""
    rgb = read_thumbnail(data)
    if rgb is None:
        return None
    pixels = np.full((*rgb.shape[:2], 4), 255, np.uint8)
    pixels[..., :3] = rgb[..., ::-1]
    return pixels
