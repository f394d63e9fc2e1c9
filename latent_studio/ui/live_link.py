"""The canvas follows a training: its newest weights under the recipe in the user's hands."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from latent_studio.recipe import ModelRef
from latent_studio.ui.model_loading import load_snapshot_model, title_of
from latent_studio.ui.state import LoadedModel

if TYPE_CHECKING:
    from latent_studio.events import RunFinished, RunStarted
    from latent_studio.ui.context import Context

POLL_MS = 50


class LiveLink(QObject):
    """While live is on and a training runs, its first snapshot becomes the model of the scene; the
    render loop follows the later ones. Opening another model ends the following, the toggle goes
    back to it.
    """

    def __init__(self, context: "Context", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._state = context, context.state
        self._run: RunStarted | None = None
        self._loading = False
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._look)
        context.training.run_started.connect(self._on_started)
        context.training.run_finished.connect(self._on_finished)
        self._state.live_changed.connect(lambda _live: self._on_live())
        self._state.model_changed.connect(lambda _model: self._on_model())
        self._state.set_live(context.settings.get("live"))

    @property
    def following(self) -> bool:
        """Whether the model on the canvas is the one in training."""
        return self._state.live and self._shows_run()

    def _shows_run(self) -> bool:
        model = self._state.model
        return model is not None and self._run is not None and model.ref == self._ref()

    def _ref(self) -> ModelRef:
        assert self._run is not None
        return ModelRef("run", self._run.folder)

    def _on_started(self, event: "RunStarted") -> None:
        self._run = event
        self._context.render.snapshots.take_nowait()  # what an earlier run has left
        self._on_live()

    def _on_finished(self, event: "RunFinished") -> None:
        self._poll.stop()

    def _on_live(self) -> None:
        self._context.settings.set("live", self._state.live)
        self._context.render.set_following(self.following)
        wanted = self._state.live and self._run is not None and not self._shows_run()
        if wanted and self._context.training.running:
            self._poll.start()
        else:
            self._poll.stop()

    def _on_model(self) -> None:
        """Another model renders: go on following only if it is the run's."""
        self._context.render.set_following(self.following)
        if self._shows_run():
            self._poll.stop()

    def _look(self) -> None:
        """Wait for the run's first weights."""
        if self._loading:
            return
        snapshot: Any = self._context.render.snapshots.take_nowait()
        if snapshot is None or self._run is None:
            return
        self._loading = True
        self._context.jobs.start(
            "live link",
            load_snapshot_model,
            snapshot,
            title_of(self._ref()),
            self._run.folder,
            done=self._on_loaded,
            failed=self._on_failed,
            plain=True,
            quiet=True,
        )

    def _on_loaded(self, model: LoadedModel) -> None:
        self._loading = False
        self._poll.stop()
        if self._state.live and self._run is not None and model.ref == self._ref():
            self._context.models.adopt(model)

    def _on_failed(self, error: BaseException) -> None:
        self._loading = False
        self._poll.stop()
        self._context.notifications.show_error(error)
