"""The grid of seeds: which ones, and their pictures."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from latent_studio.recipe import MAX_SEED, LatentSource, Recipe
from latent_studio.ui.canvas.canvas import Canvas
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.docks.latent_dock import go_to_seed
from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from latent_studio.ui.context import Context

OWNER = "grid"
SETTLE_MS = 60


def with_seed(recipe: Recipe, seed: int) -> Recipe:
    """The same edits on another seed."""
    space = recipe.source.space if recipe.source.space == "w" else "z"
    return replace(recipe, source=LatentSource.from_seed(seed, space))


class GridView(QObject):
    """Shows the seeds from the present one on with the present edits; a click goes to a seed."""

    def __init__(self, context: "Context", canvas: Canvas, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._canvas = context, canvas
        self._first = 0
        self._timer = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._timer.timeout.connect(self._request)
        canvas.seed_picked.connect(self._on_picked)
        context.state.scene_changed.connect(lambda _scene: self._later())
        context.state.model_changed.connect(lambda _model: self._later())
        context.render.frame_shown.connect(self._on_frame)
        self._shown_kimg: float | None = None

    @property
    def count(self) -> int:
        return int(self._context.settings.get("grid/columns")) ** 2

    def set_shown(self, shown: bool) -> None:
        self._canvas.show_grid(shown)
        if shown:
            self._first = self._context.state.recipe.source.seed or 0
            self._request()
        else:
            self._context.render.cancel_tiles(OWNER)

    def _later(self) -> None:
        if self._canvas.grid_shown and not self._timer.isActive():
            self._timer.start()

    def _on_frame(self, frame: object, _picture: Picture) -> None:
        """New weights of a training: new tiles."""
        kimg = getattr(frame, "kimg", None)
        if kimg != self._shown_kimg:
            self._shown_kimg = kimg
            self._later()

    def _request(self) -> None:
        if not self._canvas.grid_shown:
            return
        recipe = self._context.state.recipe
        current = recipe.source.seed or 0
        seeds = [(self._first + index) % (MAX_SEED + 1) for index in range(self.count)]
        if current not in seeds:
            self._first = current
            seeds = [(current + index) % (MAX_SEED + 1) for index in range(self.count)]
        self._canvas.set_tiles(seeds, seeds.index(current))
        wanted = [(seed, with_seed(recipe, seed)) for seed in seeds]
        self._context.render.request_tiles(OWNER, wanted, self._canvas.put_tile)

    def _on_picked(self, seed: int) -> None:
        go_to_seed(self._context.state, seed, tr("Pick seed {seed}", seed=seed))
