"""The models of the run that is shown, on the canvas: any of its snapshots, or the newest."""

from collections import OrderedDict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from latent_studio.events import Event, SnapshotSaved
from latent_studio.recipe import ModelRef
from latent_studio.ui.i18n import tr
from latent_studio.ui.model_loading import load_path, load_ref
from latent_studio.ui.state import LoadedModel

if TYPE_CHECKING:
    from latent_studio.ui.context import Context

KEPT = 6
_MERGE = "history"


def load_snapshot(path: str) -> LoadedModel:
    """A snapshot of a run; for a worker.

    It has no file of its own for the window, so that no directions are searched in every model
    that the slider passes.
    """
    return replace(load_path(path), path=None)


def load_newest(folder: str) -> LoadedModel:
    """The newest snapshot of a run, called as the live model is; for a worker."""
    return replace(load_ref(ModelRef("run", folder)), path=None)


class RunModels(QObject):
    """Shows snapshots under the recipe that is there. ``shown(kimg)`` tells which one is.

    Models are read on a worker, the wanted one next; those passed meanwhile are left out.
    While *live* is on and the run is trained by another process, its newest snapshot is followed.
    """

    shown = Signal(object)
    """Its kimg; None: the newest."""

    def __init__(self, context: "Context", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._kept: OrderedDict[str, LoadedModel] = OrderedDict()
        self._wanted: tuple[float, str] | None = None
        self._loading = self._following = False
        training = context.training
        training.event_received.connect(self._on_event)
        training.history_changed.connect(self._on_history)
        context.state.live_changed.connect(lambda _live: self._on_history())

    @property
    def snapshots(self) -> list[tuple[float, str]]:
        """kimg and path of those there are, oldest first."""
        return self._context.training.history.snapshots

    @property
    def busy(self) -> bool:
        """Whether a snapshot is on its way."""
        return self._wanted is not None or self._loading

    def show(self, kimg: float, path: str) -> None:
        """Put a snapshot on the canvas, soon."""
        self._wanted = (kimg, path)
        self._go_on()

    def show_latest(self) -> None:
        """Back to the model in training (or the last one of a run that has ended)."""
        self._wanted = None
        folder = self._context.training.history.folder
        if not folder:
            return
        state = self._context.state
        scene = replace(state.scene, model=ModelRef("run", folder))
        state.set_scene(scene, tr("Latest model of the run"), _MERGE)
        self.shown.emit(None)

    def end_drag(self) -> None:
        """The hand has let go of the slider."""
        self._context.state.end_merge()

    def _go_on(self) -> None:
        if self._wanted is None or self._loading or self._context.jobs.closed:
            return
        kimg, path = self._wanted
        model = self._kept.get(path)
        if model is not None:
            self._kept.move_to_end(path)
            self._wanted = None
            self._context.models.adopt(model, keep_recipe=True, merge_key=_MERGE)
            self.shown.emit(kimg)
            return
        self._loading = True
        self._context.jobs.start(
            tr("Opening the model"),
            load_snapshot,
            path,
            plain=True,
            quiet=True,
            done=lambda model: self._on_loaded(path, model),
            failed=self._on_failed,
        )

    def _on_loaded(self, path: str, model: LoadedModel) -> None:
        self._loading = False
        self._kept[path] = model
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self._go_on()

    def _on_failed(self, error: BaseException) -> None:
        self._loading, self._wanted = False, None
        self._context.notifications.show_error(error)

    # the newest snapshot of a run that another process writes

    def _on_event(self, event: Event) -> None:
        if isinstance(event, SnapshotSaved) and self._follows():
            self._load_newest()

    def _on_history(self) -> None:
        """A watched run is there, or live was turned on: its model comes onto the canvas."""
        if self._context.state.live and self._context.training.watching and self.snapshots:
            self._load_newest()

    def _follows(self) -> bool:
        """Whether the newest snapshot belongs on the canvas: it is there, or it is the first."""
        training, state = self._context.training, self._context.state
        first = len(self.snapshots) == 1
        shown = state.scene.model == ModelRef("run", training.history.folder)
        return training.watching and state.live and (first or shown)

    def _load_newest(self) -> None:
        if self._following or self._context.jobs.closed:
            return
        self._following = True
        folder = self._context.training.history.folder
        self._context.jobs.start(
            tr("Opening the model"),
            load_newest,
            folder,
            plain=True,
            quiet=True,
            done=lambda model: self._on_newest(folder, model),
            failed=lambda _error: self._on_newest(folder, None),  # it comes again with the next
        )

    def _on_newest(self, folder: str, model: LoadedModel | None) -> None:
        self._following = False
        training = self._context.training
        same = Path(training.history.folder) == Path(folder)
        if model is not None and same and training.watching and self._context.state.live:
            self._context.models.adopt(model, keep_recipe=True)
            self.shown.emit(None)
