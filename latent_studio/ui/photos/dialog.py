"""Find photographs in the model: align, search, watch, compare."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from latent_studio.events import Preview, Progress
from latent_studio.latent.alignment import FacePoints, crop, reference_for
from latent_studio.recipe import Scene
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.drops import PHOTO_SUFFIXES
from latent_studio.ui.i18n import tr
from latent_studio.ui.photos.photo_view import PhotoView
from latent_studio.ui.photos.search import PhotoFound, PhotoRead, find_photos, read_photos
from latent_studio.ui.photos.thumbnail import Thumbnail, as_bgra
from latent_studio.ui.plots.numbers import duration
from latent_studio.ui.widgets.section import Choice, icon_button, labelled
from latent_studio.ui.widgets.slider import FloatSlider

if TYPE_CHECKING:
    from latent_studio.ui.context import Context
    from latent_studio.ui.state import LoadedModel
    from latent_studio.ui.threads.job_thread import JobThread

CROP_AFTER_MS = 40


@dataclass(eq=False)
class Entry:
    """A photograph of the queue: its guide, and what was found."""

    photo: PhotoRead
    face: FacePoints | None = None
    aligned: bool = True
    found: Any = None


class PhotosDialog(QDialog):
    """``shown(Picture, Scene)`` asks to compare an aligned photograph with what was found, which
    has become the scene.
    """

    shown = Signal(object, object)

    def __init__(self, context: "Context", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.entries: list[Entry] = []
        self._job: JobThread | None = None
        self._running: list[Entry] = []
        self.setWindowTitle(tr("Find photographs in the model"))
        self.setAcceptDrops(True)
        self.view = PhotoView()
        self.target = Thumbnail(tr("The photograph as the model sees it"))
        self.result = Thumbnail(tr("What was found so far"))
        self._crop_timer = QTimer(self, singleShot=True, interval=CROP_AFTER_MS)
        self._crop_timer.timeout.connect(self._show_crop)
        self._make_list()
        self._make_options()
        self._make_end()
        self._lay_out()
        self._connect()
        self._show_state()

    # -- parts ------------------------------------------------------------------------------------

    def _make_list(self) -> None:
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Photographs"))
        self.list.setToolTip(tr("Double-click, or Enter: show what was found as the scene"))
        self.list.setMaximumHeight(110)
        self.add = icon_button("plus", tr("Add photographs"))
        self.remove = icon_button("trash", tr("Take the chosen photograph out of the list"))

    def _make_options(self) -> None:
        self.align = QCheckBox(tr("Align the face"))
        self.align.setChecked(True)
        self.align.setToolTip(
            tr("By eyes and mouth, as the model’s own pictures are; else the middle is taken")
        )
        self.space = Choice(
            [
                ("w", tr("W: the most editable")),
                ("w+", tr("W+: closer")),
                ("noise", tr("W+ and noise maps: closer still")),
                ("pti", tr("Tuned weights: a model of its own")),
            ],
            tr("Search in"),
            tr("What may be changed until the photograph appears"),
        )
        self.space.set_value("w+")
        self.effort = FloatSlider(
            tr("Effort"), 0.2, 4.0, 0.1, 1.0, decimals=1, tooltip=tr("multiplies the steps")
        )

    def _make_end(self) -> None:
        self.start = QPushButton(tr("Start"))
        self.start.setProperty("role", "primary")
        self.start.setToolTip(tr("Search the listed photographs; stopping keeps the best so far"))
        self.start.setAutoDefault(False)  # Enter in a field or on the list is for that alone
        self.close_button = QPushButton(tr("Close"))
        self.close_button.setAutoDefault(False)
        self.close_button.setToolTip(tr("A search that runs goes on"))
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName(tr("Progress of the search"))
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setProperty("role", "muted")

    def _lay_out(self) -> None:
        pictures = QGridLayout()
        for column, (title, widget) in enumerate(
            ((tr("As the model sees it"), self.target), (tr("Found"), self.result))
        ):
            label = QLabel(title)
            label.setProperty("role", "muted")
            pictures.addWidget(label, 0, column)
            pictures.addWidget(widget, 1, column)
        head = QHBoxLayout()
        head.addWidget(self.list, 1)
        buttons = QVBoxLayout()
        buttons.addWidget(self.add)
        buttons.addWidget(self.remove)
        buttons.addStretch(1)
        head.addLayout(buttons)
        side = QVBoxLayout()
        side.addLayout(pictures)
        side.addWidget(self.align)
        side.addWidget(labelled(tr("Search in"), self.space))
        side.addWidget(self.effort)
        side.addLayout(head)
        side.addStretch(1)
        side.addWidget(self.note)
        side.addWidget(self.bar)
        ends = QHBoxLayout()
        ends.addStretch(1)
        ends.addWidget(self.close_button)
        ends.addWidget(self.start)
        side.addLayout(ends)
        row = QHBoxLayout(self)
        row.addWidget(self.view, 1)
        row.addLayout(side)
        self.resize(860, 560)

    def _connect(self) -> None:
        self.view.guide_changed.connect(self._on_guide)
        self.align.toggled.connect(self.view.set_aligned)
        self.list.currentRowChanged.connect(self._show_entry)
        self.list.itemActivated.connect(lambda _item: self._use(self.current))
        self.add.clicked.connect(self._ask)
        self.remove.clicked.connect(self._on_remove)
        self.start.clicked.connect(self.toggle)
        self.close_button.clicked.connect(self.close)
        self._context.state.model_changed.connect(lambda _model: self._show_state())

    # -- the queue --------------------------------------------------------------------------------

    @property
    def current(self) -> Entry | None:
        row = self.list.currentRow()
        return self.entries[row] if 0 <= row < len(self.entries) else None

    @property
    def running(self) -> bool:
        return self._job is not None

    def add_paths(self, paths: Sequence[str]) -> None:
        """Read photographs and list them."""
        if paths:
            self._say(tr("Reading…"))
            self._context.jobs.start(
                tr("Reading photographs"),
                read_photos,
                list(paths),
                done=self._on_read,
                failed=self._on_unreadable,
                quiet=True,
            )

    def _on_unreadable(self, error: BaseException) -> None:
        self._context.notifications.show_error(error)
        self._say(tr("It cannot be read; the message says why."))

    def _on_read(self, photos: list[PhotoRead]) -> None:
        for photo in photos:
            self.entries.append(Entry(photo))
            self.list.addItem(QListWidgetItem(photo.path.name))
        if photos:
            self.list.setCurrentRow(len(self.entries) - len(photos))
        self._say(tr("Put the points on eyes and mouth, then start."))
        self._show_state()

    def _on_remove(self) -> None:
        row = self.list.currentRow()
        if row >= 0 and not self.running:
            self.entries.pop(row)
            self.list.takeItem(row)
            self._show_entry(self.list.currentRow())
            self._show_state()

    def _ask(self) -> None:
        patterns = " ".join(f"*{suffix}" for suffix in PHOTO_SUFFIXES)
        title, kinds = tr("Photographs"), tr("Pictures ({patterns})", patterns=patterns)
        paths, _ = QFileDialog.getOpenFileNames(self, title, "", kinds)
        self.add_paths(paths)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.add_paths([u.toLocalFile() for u in event.mimeData().urls() if u.isLocalFile()])

    # -- the guide --------------------------------------------------------------------------------

    def _reference(self) -> FacePoints:
        model = self._context.state.model
        return reference_for("" if model is None else str(model.card.get("data", "")))

    def _show_entry(self, _row: int = -1) -> None:
        entry = self.current
        self.align.blockSignals(True)
        self.align.setChecked(entry is None or entry.aligned)
        self.align.blockSignals(False)
        self.view.aligned = entry is None or entry.aligned
        if entry is None:
            self.view.show_photo(None, self._reference(), None)
            self.target.show_pixels(None)
            self.result.show_pixels(None)
            return
        self.view.show_photo(entry.photo, self._reference(), entry.face)
        found = entry.found
        self.result.show_pixels(None if found is None else found.picture)
        if found is not None:
            self._say(_figures(found))

    def _on_guide(self) -> None:
        entry = self.current
        if entry is not None and self.view.photo is entry.photo:
            entry.aligned = self.view.aligned
            if entry.aligned:
                entry.face = self.view.face()
        self._crop_timer.start()

    def _show_crop(self) -> None:
        capabilities, photo = self._context.state.capabilities, self.view.photo
        if capabilities is None or photo is None:
            return
        transform = self.view.transform(capabilities.resolution)
        if transform is not None:
            self.target.show_pixels(crop(photo.pixels, transform, capabilities.resolution))

    # -- the search -------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Start, or stop what runs (the best so far stays)."""
        if self._job is not None:
            self._job.cancel()
            self._say(tr("Stopping…"))
            return
        model = self._context.state.model
        waiting = [entry for entry in self.entries if entry.found is None] or self.entries
        if model is not None and waiting:
            self._begin(model, list(waiting))

    def _begin(self, model: "LoadedModel", entries: list[Entry]) -> None:
        from latent_studio.jobs.photos import Photo
        from latent_studio.latent.inversion.settings import InversionSettings

        settings = InversionSettings(self.space.value(), self.effort.value())
        photos = [Photo(e.photo.path, e.face if e.aligned else None) for e in entries]
        label = self._context.state.recipe.label
        self._running = entries
        self._job = self._context.jobs.start(
            tr("Finding photographs"),
            find_photos,
            model,
            photos,
            settings,
            label if isinstance(label, int) and model.capabilities.classes else None,
            done=lambda _all: self._end(),
            failed=self._on_failed,
            cancelled=self._end,
        )
        self._job.event_emitted.connect(lambda event: self._on_event(model, event))
        self._say(tr("Looking at random pictures…"))
        self._show_state()

    def _on_event(self, model: "LoadedModel", event: object) -> None:
        if isinstance(event, Preview):
            self.result.show_pixels(event.image)
        elif isinstance(event, Progress):
            self.bar.setValue(round(1000 * event.done / event.total) if event.total else 0)
            left = duration(event.eta_s)
            text = event.message
            self._say(f"{text} · {tr('{time} left', time=left)}" if left else text)
        elif isinstance(event, PhotoFound):
            self._on_found(model, self._running[event.index], event.found)

    def _on_found(self, model: "LoadedModel", entry: Entry, found: Any) -> None:
        entry.found = found
        row = self.entries.index(entry) if entry in self.entries else -1
        if row >= 0:
            self.list.item(row).setText(f"{entry.photo.path.name}   {_figures(found)}")
        if found.bundle is None:
            found = replace(found, scene=replace(found.scene, model=model.ref))
            entry.found = found
        if entry is self._running[0]:
            self._use(entry)
        if entry is self.current:
            self.result.show_pixels(found.picture)

    def _use(self, entry: Entry | None) -> None:
        """Make what was found the scene, as one step, and compare it with the photograph."""
        if entry is None or entry.found is None:
            return
        found, state = entry.found, self._context.state
        if found.scene.model == state.scene.model:
            text = tr("Photograph {name}", name=entry.photo.path.name)
            state.set_scene(Scene(state.scene.model, found.scene.recipe), text)
        else:
            self._context.models.open_scene(found.scene)
        self.shown.emit(Picture(as_bgra(found.target)), found.scene)

    def _on_failed(self, error: BaseException) -> None:
        self._context.notifications.show_error(error)
        self._end()
        self._say(tr("It did not work; the message says why."))

    def _end(self) -> None:
        self._job = None
        self.bar.setValue(0)
        found = next((e.found for e in self._running if e.found is not None), None)
        self._say(tr("Stopped.") if found is None else _figures(found))
        self._running = []
        self._show_state()

    # -- state ------------------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        self.note.setText(text)

    def _show_state(self) -> None:
        able = self._context.state.model is not None and bool(self.entries)
        self.start.setText(tr("Stop") if self.running else tr("Start"))
        self.start.setEnabled(self.running or able)
        for widget in (self.add, self.remove, self.align, self.space, self.effort, self.view):
            widget.setEnabled(not self.running)
        capabilities = self._context.state.capabilities
        noisy = capabilities is not None and capabilities.noise
        item = self.space.model().item(2)  # type: ignore[attr-defined]
        item.setEnabled(noisy)
        if not noisy and self.space.value() == "noise":
            self.space.set_value("w+")
        if not self.entries:
            self._say(tr("Add photographs, or drop them here."))
        self._crop_timer.start()


def _figures(found: Any) -> str:
    figures = found.figures
    text = tr("PSNR {psnr:.1f} dB, SSIM {ssim:.2f}", psnr=figures.psnr, ssim=figures.ssim)
    return f"{text} ({tr('stopped')})" if found.stopped else text
