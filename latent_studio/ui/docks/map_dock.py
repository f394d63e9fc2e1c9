"""The map: many latents of the model at once, coloured by what they are like."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from latent_studio.events import Emit
from latent_studio.mailbox import StopToken
from latent_studio.recipe import LatentSource, Recipe
from latent_studio.ui.canvas.latent_map_view import LatentMapView
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.context import Context
from latent_studio.ui.docks.directions_dock import direction_title
from latent_studio.ui.docks.latent_dock import go_to_seed
from latent_studio.ui.i18n import tr
from latent_studio.ui.widgets.section import MARGIN, SPACING, Choice, icon_button

if TYPE_CHECKING:
    from latent_studio.latent.latent_map import LatentMap
    from latent_studio.ui.state import LoadedModel
    from latent_studio.ui.threads.job_thread import JobThread

OWNER = "map"
SETTLE_MS = 120


class MapDock(QWidget):
    """The plane with a choice of colours. It is computed when it is looked at, once a model."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._state = context, context.state
        self._job: JobThread | None = None
        self._made_for: object = None
        self.view = LatentMapView()
        self.colour = Choice([("", tr("One colour"))], tr("Colour"), tr("Colour points by this"))
        self.fit = icon_button("fit", tr("The whole map"))
        self.facts = QLabel()
        self.facts.setProperty("role", "muted")
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._want_pictures)
        self._lay_out()
        self._connect()
        self._show_key(self._state.recipe)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.colour, 1)
        row.addWidget(self.fit)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(SPACING)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        column.addWidget(self.facts)

    def _connect(self) -> None:
        self.colour.value_changed.connect(lambda _value: self._show_colours())
        self.fit.clicked.connect(self._on_fit)
        self.view.seed_picked.connect(self._on_picked)
        self.view.pictures_wanted.connect(self._settle.start)
        self._state.recipe_changed.connect(self._show_key)
        self._state.model_changed.connect(lambda _model: self._begin())
        self._state.directions_changed.connect(self._on_directions)

    # -- the job ----------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Compute the map of the model and class at hand, if somebody looks; ends an older one."""
        model = self._state.model
        wanted = None if model is None else (model.ref, self._label(), _names(model))
        if wanted == self._made_for:
            return
        self._end()
        self.view.set_map(None)
        if model is None or not self.isVisible() or self._context.jobs.closed:
            return
        self._made_for = wanted
        label = self._label()

        def work(emit: Emit, token: StopToken) -> "LatentMap":
            from latent_studio.latent.latent_map import latent_map

            chosen = {"label": label, "emit": emit, "token": token}
            return latent_map(model.generator, model.directions, **chosen)

        job: JobThread

        def done(found: "LatentMap") -> None:
            if self._job is job:
                self._job = None
                self._show(found)

        def failed(error: BaseException) -> None:
            if self._job is job:
                self._job = None
                self.view.set_map(None, str(error))
            self._context.notifications.show_error(error)

        self.view.set_map(None, tr("Mapping latents of {name}…", name=model.title))
        job = self._context.jobs.start(tr("Map of latents"), work, done=done, failed=failed)
        self._job = job

    def _end(self) -> None:
        job, self._job = self._job, None
        self._made_for = None
        if job is not None:
            job.cancel()

    def _label(self) -> Any:
        capabilities = self._state.capabilities
        return (
            self._state.recipe.label if capabilities is not None and capabilities.classes else None
        )

    def _on_directions(self) -> None:
        """New names to colour by need another look at the same latents."""
        self._begin()

    # -- what is shown ----------------------------------------------------------------------------

    def _show(self, found: "LatentMap") -> None:
        kept = self.colour.value()
        options = [
            ("", tr("One colour")),
            *((name, direction_title(name)) for name in found.values),
        ]
        self.colour.set_options(options)
        names = list(found.values)
        self.colour.set_value(kept if kept in names else names[0] if names else "")
        self.view.set_map(found)
        first, second = found.explained
        facts = {"count": len(found.seeds), "first": first, "second": second}
        text = tr("{count} seeds; across {first:.0%}, up {second:.0%} of the variance", **facts)
        self.facts.setText(text)
        self._show_colours()
        self._show_key(self._state.recipe)
        self._want_pictures()

    def _show_colours(self) -> None:
        found = self.view.latents
        if found is not None:
            self.view.set_colours(found.values.get(self.colour.value() or ""))

    def _show_key(self, recipe: Recipe) -> None:
        model = self._state.model
        ref = model.ref if model is not None else None
        self.view.set_key((ref, _base(recipe)))
        self.view.set_current(recipe.source.seed)
        if self._made_for is not None and self._label() != self._made_for[1]:  # type: ignore[index]
            self._begin()

    def _want_pictures(self) -> None:
        if self._state.model is None or not self.isVisible() or self.view.latents is None:
            return
        base, key = _base(self._state.recipe), self.view._key
        wanted = [
            (seed, replace(base, source=LatentSource.from_seed(seed)))
            for seed in self.view.missing()
        ]

        def put(seed: Any, picture: Picture) -> None:
            self.view.put_picture(key, int(seed), picture)

        self._context.render.request_tiles(OWNER, wanted, put)

    def _on_picked(self, seed: int) -> None:
        go_to_seed(self._state, seed, tr("Map: seed {seed}", seed=seed))

    def _on_fit(self) -> None:
        self.view.zoom = 1.0
        self.view._look(0.0, 0.0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._begin()
        self._want_pictures()


def _base(recipe: Recipe) -> Recipe:
    """What the pictures of the map share with the canvas."""
    return Recipe(psi=recipe.psi, cutoff=recipe.cutoff, label=recipe.label)


def _names(model: "LoadedModel") -> tuple[str, ...]:
    return tuple(f"{d.name}/{d.kind}" for d in model.directions)
