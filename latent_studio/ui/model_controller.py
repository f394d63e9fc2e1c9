"""Which model renders: opens models on worker threads and hands them to state and renderer."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from latent_studio.latent.classes import fits
from latent_studio.recipe import ModelRef, Recipe, Scene
from latent_studio.ui import discovery
from latent_studio.ui import model_loading as loading
from latent_studio.ui.direction_edits import DirectionEdits
from latent_studio.ui.discovery import Found, Search
from latent_studio.ui.i18n import tr
from latent_studio.ui.state import DEFAULT_PSI, LoadedModel, start_recipe

if TYPE_CHECKING:
    from latent_studio.latent.direction import Direction
    from latent_studio.ui.job_controller import JobController
    from latent_studio.ui.notifications import Notifications
    from latent_studio.ui.settings import Settings
    from latent_studio.ui.state import ExplorerState
    from latent_studio.ui.threads.job_thread import JobThread

KEPT_MODELS = 3


class ModelController(QObject):
    """``loading_changed(bool)`` follows the opening of models, ``first_failed()`` tells that there
    is none to begin with.
    """

    loading_changed = Signal(bool)
    first_failed = Signal()

    def __init__(
        self,
        state: "ExplorerState",
        jobs: "JobController",
        notifications: "Notifications",
        settings: "Settings",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._state, self._jobs = state, jobs
        self._notifications, self._settings = notifications, settings
        self._kept: OrderedDict[ModelRef, LoadedModel] = OrderedDict()
        # Models whose files stay as they are, with the directions that those have.
        self._given: dict[ModelRef, tuple[Direction, ...]] = {}
        self._job: JobThread | None = None
        self._search: JobThread | None = None
        self._warns = True
        self.ask_copy: Callable[[str], str] = lambda _title: ""
        """Asks where a copy of a model goes; the window sets it."""
        self.direction_edits = DirectionEdits(
            state,
            jobs,
            notifications,
            lambda model, directions: self._on_directions(model, directions),
            self,
        )
        self.direction_edits.offer_copy = self._offer_copy
        state.model_requested.connect(self._on_requested)

    @property
    def loading(self) -> bool:
        return self._job is not None

    # -- intents ----------------------------------------------------------------------------------

    def open_first(self, wanted: str = "") -> None:
        """Open the model that the window starts with; not an undoable step."""
        self._start(
            tr("Opening the model"),
            loading.load_first,
            wanted,
            done=self._on_first,
            failed=self._on_first_failed,
        )

    def open_path(self, path: str, *, keep_recipe: bool = False) -> None:
        """Open a file, a run's folder or a library name, as an undoable step.

        ``keep_recipe`` keeps even an explicit vector (a snapshot of the same run).
        """

        def done(model: LoadedModel) -> None:
            self.adopt(model, keep_recipe=keep_recipe)
            if model.ref.kind == "file":
                self._settings.remember_model(model.ref.name)

        self._start(tr("Opening the model"), loading.load_path, path, done=done)

    def open_picture(self, path: str) -> None:
        """Restore the scene that an exported picture carries."""
        self._start(
            tr("Reading the picture"), loading.read_dropped_scene, path, done=self.open_scene
        )

    def open_scene(self, scene: Scene) -> None:
        """Go to a scene, opening its model if another one is loaded."""
        if self._same_weights(scene.model):
            assert self._state.model is not None
            scene = replace(scene, model=self._state.scene.model)
            self._state.set_scene(scene, tr("Open scene"))
            self._warn_of_inactive(self._state.model)
            return

        def done(model: LoadedModel) -> None:
            self._keep(model)
            self._state.set_scene(scene, tr("Open scene"))

        self._start(tr("Opening the model"), loading.load_ref, scene.model, done=done)

    def adopt(self, model: LoadedModel, *, keep_recipe: bool = False, merge_key: str = "") -> None:
        """Let a loaded model render from now on, as an undoable step (one with those before it
        that carry the same ``merge_key``).
        """
        self._keep(model)
        recipe = self._state.recipe if keep_recipe else self._fitting_recipe(model)
        scene = Scene(model.ref, recipe)
        if scene.model == self._state.scene.model:
            self._on_requested(model.ref)
        self._state.set_scene(scene, tr("Open {name}", name=model.title), merge_key)

    def discover_directions(self, search: Search | None = None, quiet: bool = False) -> None:
        """Search directions of the loaded model in the background; a newer search ends an older
        one. ``quiet`` says nothing of it and gives way to a search that runs.
        """
        model = self._state.model
        if model is None or (quiet and self._search is not None):
            return
        if self._search is not None:
            self._search.cancel()
        job: JobThread

        def forget() -> None:
            if self._search is job:
                self._search = None

        def done(found: Found) -> None:
            forget()
            self._on_directions(model, found.merged)
            if not quiet:
                self._tell_found(model, found)

        def failed(error: BaseException) -> None:
            forget()
            self._notifications.show_error(error)

        job = self._jobs.start(
            tr("Searching directions"),
            discovery.find_directions,
            model,
            search or Search(),
            done=done,
            failed=failed,
            cancelled=forget,
            quiet=quiet,
        )
        self._search = job

    # -- what comes back --------------------------------------------------------------------------

    def _start(
        self,
        title: str,
        function: Callable[..., object],
        argument: object,
        *,
        done: Callable[..., None],
        failed: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Run one opening; a newer one makes an older one void."""
        if self._job is not None:
            self._job.cancel()
        job: JobThread

        def finish(then: Callable[..., None], *values: object) -> None:
            if self._job is not job:
                return
            self._job = None
            self.loading_changed.emit(False)
            then(*values)

        def on_failed(error: BaseException) -> None:
            self._notifications.show_error(error)
            if failed is not None:
                failed(error)
            self._settle()

        job = self._jobs.start(
            title,
            function,
            argument,
            done=lambda value: finish(done, value),
            failed=lambda error: finish(on_failed, error),
            cancelled=lambda: finish(self._settle),
        )
        self._job = job
        self.loading_changed.emit(True)

    def _on_first(self, model: LoadedModel | None) -> None:
        if model is None:
            self.first_failed.emit()
            return
        self._keep(model)
        self._warns = False  # the program's own choice
        self._state.apply(Scene(model.ref, start_recipe(model.capabilities)))
        self._warns = True
        self._state.undo_stack.clear()

    def _on_first_failed(self, error: BaseException) -> None:
        self.first_failed.emit()

    def _on_requested(self, ref: ModelRef) -> None:
        """The scene names another model: from memory, or from disk."""
        kept = self._kept.get(ref)
        if kept is not None:
            self._kept.move_to_end(ref)
            self._render(kept)
        elif ref.name:
            self._start(tr("Opening the model"), loading.load_ref, ref, done=self._on_reloaded)

    def _on_reloaded(self, model: LoadedModel) -> None:
        self._keep(model)
        if self._state.scene.model == model.ref:
            self._render(model)

    def _render(self, model: LoadedModel) -> None:
        self._state.set_model(model)
        if not model.directions and model.path is not None:
            self.discover_directions(quiet=True)
        if self._warns:
            self._warn_of_inactive(model)

    def _warn_of_inactive(self, model: LoadedModel) -> None:
        """Say once which fields of the scene the model has no use for."""
        from latent_studio.latent.sampling import recipe_warnings

        recipe = self._state.recipe
        if not model.directions and self._search is not None:  # components are on their way
            recipe = replace(recipe, directions=())
        names = {direction.name for direction in model.directions}
        found = recipe_warnings(recipe, model.capabilities, names)
        if found:
            self._notifications.info(" ".join(found))

    def _on_directions(self, model: LoadedModel, found: "Sequence[Direction]") -> None:
        kept = self._kept.get(model.ref)
        if kept is not None:
            self._kept[model.ref] = replace(kept, directions=tuple(found))
        current = self._state.model
        if current is not None and current.ref == model.ref:
            self._state.set_directions(found)

    def _tell_found(self, model: LoadedModel, found: Found) -> None:
        message = tr("New directions: {names}", names=", ".join(found.names))
        if found.kept:
            self._notifications.info(message)
            return
        if model.path is None:
            self._notifications.notify("info", message)
        else:
            self._offer_copy(model, message)

    def _offer_copy(self, model: LoadedModel, message: str) -> None:
        """Say that a model's own file stays as it is."""
        self._given.setdefault(model.ref, tuple(model.directions))
        message = tr(
            "{message}. The model’s own file stays as it is; they last until it is closed.",
            message=message,
        )
        save = (tr("Save a copy…"), lambda: self._save_copy(model))
        self._notifications.notify("info", message, actions=[save])

    def unkept_directions(self) -> list[str]:
        """Names of directions that end with the window: of models whose files stay as they are."""
        found = []
        for ref, before in self._given.items():
            kept = self._kept.get(ref)
            lines = {id(direction) for direction in before}
            found += [d.name for d in (kept.directions if kept else ()) if id(d) not in lines]
        return found

    def save_copy(self) -> None:
        """Ask where the shown model goes with all of its directions, and write it."""
        if self._state.model is not None:
            self._save_copy(self._state.model)

    def _save_copy(self, model: LoadedModel) -> None:
        kept = self._kept.get(model.ref, model)
        target = self.ask_copy(model.title)
        if target:
            self._jobs.start(
                tr("Saving a copy"),
                discovery.save_copy,
                model.path,
                target,
                tuple(kept.directions),
                done=lambda path: self._on_copy(model.ref, str(path)),
            )

    def _on_copy(self, ref: ModelRef, path: str) -> None:
        self._given.pop(ref, None)
        self.open_path(path, keep_recipe=True)

    def _settle(self) -> None:
        """An opening failed: the scene goes back to the model that still renders."""
        model, scene = self._state.model, self._state.scene
        if model is not None and model.ref != scene.model:
            self._state.apply(replace(scene, model=model.ref))

    def _keep(self, model: LoadedModel) -> None:
        self._kept[model.ref] = model
        self._kept.move_to_end(model.ref)
        while len(self._kept) > KEPT_MODELS:
            self._kept.popitem(last=False)

    def _same_weights(self, ref: ModelRef) -> bool:
        model = self._state.model
        if model is None:
            return False
        return model.ref == ref or bool(ref.sha256 and ref.sha256 == model.ref.sha256)

    def _fitting_recipe(self, model: LoadedModel) -> Recipe:
        """The present recipe as far as another model can take it."""
        old, new = self._state.capabilities, model.capabilities
        recipe = self._state.recipe
        if not fits(recipe.label, new.classes):
            recipe = replace(recipe, label=None)
        if old is None or recipe.source.vector is not None:
            return start_recipe(new)
        if old.truncation == "none" and new.truncation != "none" and recipe.psi == 1.0:
            return replace(recipe, psi=DEFAULT_PSI)
        untouched = recipe.psi == DEFAULT_PSI and recipe.cutoff is None
        if new.truncation == "none" and old.truncation != "none" and untouched:
            return replace(recipe, psi=1.0)
        return recipe
