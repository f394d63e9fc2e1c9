"""A walk that goes on by itself through the model's latents, with the scene's other settings."""

import random
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from latent_studio.recipe import LatentSource, Recipe
from latent_studio.ui.i18n import tr
from latent_studio.ui.path_player import MakePath, PathPlayer

if TYPE_CHECKING:
    from latent_studio.ui.context import Context

SEEDS = 1_000_000
DEFAULT_SPEED = 0.25  # random latents a second
MIN_SPEED, MAX_SPEED = 0.02, 4.0
FPS = 60.0


class RandomWalkController(QObject):
    """``walking_changed(bool)`` follows start and stop. Each stop is one step of the scene.

    Sliders go on working while it walks; another latent (a seed, a bookmark) ends it there.
    """

    walking_changed = Signal(bool)

    def __init__(self, context: "Context", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context, self._state = context, context.state
        self.speed = DEFAULT_SPEED
        self.seed = 0
        self._source: LatentSource | None = None  # where the scene was when it began
        self.player = PathPlayer(context, tr("Random walk"), _with_source, self)
        self.player.set_fps(FPS)
        self.player.landed.connect(self._on_landed)
        self._state.recipe_changed.connect(self._on_recipe)
        self._state.model_changed.connect(lambda _model: self._end())

    @property
    def walking(self) -> bool:
        return self._source is not None

    def set_walking(self, walking: bool, seed: int | None = None) -> None:
        """Begin at the scene with a walk of ``seed`` (None: any), or come to rest."""
        if walking and not self.walking:
            self._begin(random.randrange(SEEDS) if seed is None else seed)
        elif not walking and self.walking:
            self.player.land()

    def set_speed(self, speed: float) -> None:
        """Random latents a second."""
        self.speed = min(MAX_SPEED, max(MIN_SPEED, speed))
        if self.walking:
            self.player.set_speed(self.speed)
            self._context.desk.set_walking(True)

    def _begin(self, seed: int) -> None:
        model, recipe = self._state.model, self._state.recipe
        if model is None:
            self._context.desk.set_walking(False)
            return
        self.seed, self._source = seed, recipe.source
        wants_w = model.capabilities.has_w and recipe.source.space != "z"
        self.player.set_path(self._path(recipe, seed, "w" if wants_w else "z"))
        self.player.set_speed(self.speed)
        self.player.play(0.0)
        self.walking_changed.emit(True)
        self._context.desk.set_walking(True)

    def _path(self, recipe: Recipe, seed: int, space: str) -> MakePath:
        model = self._state.model
        assert model is not None

        def make():  # type: ignore[no-untyped-def]
            from latent_studio.latent.resolve import LatentResolver
            from latent_studio.latent.walk import RandomWalk

            resolver = LatentResolver(model.generator, model.directions)
            return RandomWalk(recipe, resolver, seed, space).at  # type: ignore[arg-type]

        return make

    def _on_recipe(self, recipe: Recipe) -> None:
        if self.walking and recipe.source != self._source:
            self._end()

    def _on_landed(self, _place: float, source: LatentSource) -> None:
        self._end()
        text = tr("Random walk {seed}", seed=self.seed)
        self._state.edit(lambda recipe: replace(recipe, source=source), text=text)

    def _end(self) -> None:
        if self.walking:
            self._source = None
            if self.player.active:
                self.player.stop()
            self.walking_changed.emit(False)
            self._context.desk.set_walking(False)


def _with_source(recipe: Recipe, source: LatentSource) -> Recipe:
    """The scene as it is edited now, at the walk's place."""
    return replace(recipe, source=source)
