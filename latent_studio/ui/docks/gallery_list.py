"""The view of the bookmarks: thumbnails that can be dragged out as PNG files."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDrag, QGuiApplication, QKeyEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from latent_studio.latent.timeline import same_weights
from latent_studio.recipe import Scene
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.docks.gallery_model import BOOKMARK, GalleryModel, TileDelegate
from latent_studio.ui.i18n import tr
from latent_studio.ui.item_views import ListView

if TYPE_CHECKING:
    from latent_studio.storage.gallery import Bookmark
    from latent_studio.ui.context import Context

OWNER = "drag-out"
KEPT_S = 24 * 3600.0  # who takes a file may copy it later
_AWKWARD = re.compile(r"[^\w.\- ]+")


class GalleryList(ListView):
    """``restored(Bookmark)`` follows a double click or Enter, ``delete_pressed()`` the key."""

    restored = Signal(object)
    delete_pressed = Signal()

    def __init__(self, context: "Context", model: GalleryModel, parent: QWidget | None = None):
        super().__init__(parent)
        self._context = context
        self._dragging: DragOut | None = None
        self.setModel(model)
        self.setItemDelegate(TileDelegate(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragEnabled(True)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("Bookmarks"))
        self.setToolTip(tr("Double click a bookmark to go there"))
        self.activated.connect(lambda index: self.restored.emit(index.data(BOOKMARK)))

    def sizeHint(self) -> QSize:
        return QSize(280, 220)

    def chosen(self) -> "list[Bookmark]":
        """The selected bookmarks in the order of the list."""
        indexes = sorted(self.selectionModel().selectedIndexes(), key=lambda index: index.row())
        return [index.data(BOOKMARK) for index in indexes]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_pressed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self.restored.emit(self.currentIndex().data(BOOKMARK))
        else:
            super().keyPressEvent(event)

    def startDrag(self, _actions: Qt.DropAction) -> None:
        chosen = self.chosen()
        if chosen:
            model = self.model()
            assert isinstance(model, GalleryModel)
            picture = model.picture(chosen[0].id)
            self._dragging = DragOut(self, self._context, chosen, picture)
            self._dragging.begin()


class DragOut:
    """Bookmarks on their way out of the window, as files.

    Those of the open model are rendered in full, others are their thumbnails; each PNG carries its
    scene. The drag itself begins when the files are there, if the button is still down.
    """

    def __init__(
        self,
        view: QWidget,
        context: "Context",
        chosen: "Sequence[Bookmark]",
        picture: Picture | None,
    ) -> None:
        self._view, self._context = view, context
        self._chosen = {bookmark.id: bookmark for bookmark in chosen}
        self._picture = picture
        self._pixels: dict[str, np.ndarray] = {}

    def begin(self) -> None:
        model = self._context.state.model
        mine = [
            bookmark
            for bookmark in self._chosen.values()
            if model is not None and same_weights(bookmark.scene.model, model.ref)
        ]
        others = [one for one in self._chosen if one not in {b.id for b in mine}]
        if mine:
            wanted = [(bookmark.id, bookmark.scene.recipe) for bookmark in mine]
            self._context.render.request_tiles(OWNER, wanted, self._put)
        if others:
            self._context.desk.gallery.read(lambda g: g.thumbnails(others), self._on_thumbnails)

    def _on_thumbnails(self, found: dict[str, bytes]) -> None:
        from latent_studio.ui.gallery_controller import thumbnail_pixels

        for one, data in found.items():
            pixels = thumbnail_pixels(data)
            if pixels is None:
                self._chosen.pop(one)
            else:
                self._put(one, Picture(pixels))

    def _put(self, one: Any, picture: Picture) -> None:
        self._pixels[one] = np.ascontiguousarray(picture.pixels[..., 2::-1])
        if self._pixels.keys() == self._chosen.keys():
            files = [(b.title, b.id, b.scene, self._pixels[b.id]) for b in self._chosen.values()]
            self._context.desk.gallery.read(lambda _gallery: write_files(files), self._drag)

    def _drag(self, paths: list[str]) -> None:
        if not QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            return
        drag = QDrag(self._view)
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in paths])
        drag.setMimeData(data)
        if self._picture is not None:
            pixmap = QPixmap.fromImage(self._picture.copy_image())
            small = pixmap.scaled(72, 72, Qt.AspectRatioMode.KeepAspectRatio)
            drag.setPixmap(small)
            drag.setHotSpot(QPoint(small.width() // 2, small.height() // 2))
        drag.exec(Qt.DropAction.CopyAction)


def write_files(files: Sequence[tuple[str, str, Scene, np.ndarray]]) -> list[str]:
    """Write ``(title, id, scene, pixels)`` as PNG files into the cache; returns their paths.

    Files of earlier drags go when they are a day old.
    """
    from latent_studio.storage import paths
    from latent_studio.storage.images import write_image

    folder = paths.cache_dir() / "dragged"
    folder.mkdir(exist_ok=True)
    remove_old(folder)
    written = []
    for title, one, scene, pixels in files:
        name = _AWKWARD.sub("_", title).strip(" ._")[:60] or "picture"
        path = folder / f"{name}-{one[:6]}.png"
        write_image(path, pixels, scene)
        written.append(str(path))
    return written


def remove_old(folder: Path, now: float | None = None) -> None:
    """Delete files that were dragged out more than a day ago."""
    limit = (time.time() if now is None else now) - KEPT_S
    for path in folder.glob("*.png"):
        try:
            if path.stat().st_mtime < limit:
                path.unlink()
        except OSError:
            continue  # somebody has it open
