"""Where the picture comes from: seed, space, truncation, class and noise."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from PySide6.QtCore import QEvent, QObject, QSize, QTimer
from PySide6.QtWidgets import QWidget

from latent_studio.latent.classes import class_names
from latent_studio.recipe import MAX_SEED, Label, LatentSource, ModelRef, Recipe
from latent_studio.ui.bind import bind
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.canvas.seed_map import COLUMNS, SeedMap
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.render_controller import INTERACTIVE_MS
from latent_studio.ui.widgets.class_picker import ClassPicker
from latent_studio.ui.widgets.section import Choice, Column, Segments, icon_button, labelled
from latent_studio.ui.widgets.seed_field import SeedField
from latent_studio.ui.widgets.slider import FloatSlider
from latent_studio.ui.widgets.transform_rows import TransformRows

if TYPE_CHECKING:
    from latent_studio.ui.state import ExplorerState

MOST_HEIGHT = 420  # that it insists on; a model with every kind of control needs more
RANDOM_SEEDS = 1_000_000  # short enough to tell somebody
THUMBNAIL = 64


MapKey: TypeAlias = tuple[ModelRef | None, float, int | None, Label]


def go_to_seed(state: "ExplorerState", seed: int, text: str = "", merge_key: str = "") -> None:
    """Take another seed in the present space and keep every other edit."""

    def change(recipe: Recipe) -> Recipe:
        return replace(recipe, source=LatentSource.from_seed(seed, _blend_space(recipe)))

    state.edit(change, merge_key=merge_key, text=text or tr("Seed {seed}", seed=seed))


def random_seed(state: "ExplorerState") -> None:
    go_to_seed(state, random.randrange(RANDOM_SEEDS), tr("Random seed"))


def neighbour_seed(state: "ExplorerState", step: int) -> None:
    seed = state.recipe.source.seed or 0
    go_to_seed(state, (seed + step) % (MAX_SEED + 1))


def map_position(source: LatentSource) -> tuple[float, float] | None:
    """Where a blend of neighbouring seeds lies on the seed map; None for an explicit vector."""
    if source.vector is not None or not source.seeds:
        return None
    corner = min(seed for seed, _ in source.seeds)
    steps = {0: (0, 0), 1: (1, 0), COLUMNS: (0, 1), COLUMNS + 1: (1, 1)}
    total = sum(weight for _, weight in source.seeds)
    known = all(seed - corner in steps for seed, _ in source.seeds) and total
    if not known:
        seed = source.seed or 0
        return float(seed % COLUMNS), float(seed // COLUMNS)
    x = sum(weight * steps[seed - corner][0] for seed, weight in source.seeds) / total
    y = sum(weight * steps[seed - corner][1] for seed, weight in source.seeds) / total
    return corner % COLUMNS + x, corner // COLUMNS + y


def _blend_space(recipe: Recipe) -> str:
    return "w" if recipe.source.space == "w" and recipe.source.vector is None else "z"


class LatentDock(Column):
    """The left dock's first part. It keeps its rows in sight; the lists below it scroll."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._state = context, context.state
        self.seed_map = SeedMap()
        self._rest = QTimer(self, singleShot=True, interval=INTERACTIVE_MS)
        self._rest.timeout.connect(lambda: self._set_map_key(self._state.recipe))
        self._make_source_controls()
        self._make_truncation()
        self._make_noise()
        self._lay_out()
        self._bind()
        self._state.recipe_changed.connect(self._show)
        self._state.model_changed.connect(lambda _model: self._fit_model())
        self.seed_map.thumbnails_wanted.connect(self._want_thumbnails)
        self._fit_model()

    # -- parts ------------------------------------------------------------------------------------

    def _make_source_controls(self) -> None:
        self.seed = SeedField(tr("Seed"), tr("Seed: any whole number; arrow keys step"))
        self.random = icon_button("random", tr("Random seed (Space)"))
        self.random.clicked.connect(lambda: random_seed(self._state))
        self.space = Segments(
            [
                ("z", "Z", tr("Blend seeds in z, keeping the norm")),
                ("w", "W", tr("Blend seeds in w: straighter changes")),
            ],
            tr("Space"),
        )
        self.classes = ClassPicker()

    def _make_truncation(self) -> None:
        self.psi = FloatSlider(
            tr("Psi"),
            0.0,
            1.5,
            0.01,
            1.0,
            limits=(-2.0, 3.0),
            tooltip=tr("truncation: below 1 pictures are more typical, above 1 more unusual"),
        )
        self.cutoff = FloatSlider(
            tr("Cutoff"),
            0,
            1,
            1,
            1,
            decimals=0,
            tooltip=tr("truncate only the layers before this one"),
        )

    def _make_noise(self) -> None:
        self.noise_mode = Choice(
            [("const", tr("Constant")), ("random", tr("Random")), ("none", tr("None"))],
            tr("Noise"),
            tr("Noise: the learned maps, random ones from the seed, or none"),
        )
        self.noise_seed = SeedField(tr("Noise seed"))
        self.noise_strength = FloatSlider(
            tr("Strength"),
            0.0,
            2.0,
            0.01,
            1.0,
            limits=(0.0, 10.0),
            tooltip=tr("multiplies the learned strength of the noise"),
        )

    def _lay_out(self) -> None:
        self.transform = TransformRows(self._state)
        self.seed_row = labelled(tr("Seed"), self.seed, self.random)
        self.space_row = labelled(tr("Space"), self.space)
        self.noise_row = labelled(tr("Noise"), self.noise_mode)
        self.noise_seed_row = labelled(tr("Noise seed"), self.noise_seed)
        self.rows.addWidget(self.seed_map, 1)
        for row in (
            self.seed_row,
            self.classes,
            self.space_row,
            self.psi,
            self.cutoff,
            self.noise_row,
            self.noise_seed_row,
            self.noise_strength,
            self.transform,
        ):
            self.rows.addWidget(row)

    def _bind(self) -> None:
        state = self._state
        self.seed.value_changed.connect(lambda seed: go_to_seed(state, seed, merge_key="seed"))
        self.seed_map.moved.connect(self._on_map)
        self.seed_map.edit_finished.connect(state.end_merge)
        self.space.value_changed.connect(self._on_space)
        self.classes.class_chosen.connect(self._on_class)
        self.classes.share_changed.connect(lambda label: self._on_class(label, "class"))
        self.classes.edit_finished.connect(state.end_merge)
        self.noise_mode.value_changed.connect(
            lambda mode: state.edit(lambda r: replace(r, noise_mode=mode), text=tr("Noise"))
        )
        self.noise_seed.value_changed.connect(
            lambda seed: state.edit(
                lambda r: replace(r, noise_seed=seed), merge_key="noise_seed", text=tr("Noise seed")
            )
        )
        self.cutoff.value_changed.connect(self._on_cutoff)
        self.cutoff.edit_finished.connect(state.end_merge)
        bind(
            state,
            self.psi,
            key="psi",
            text=tr("Psi"),
            read=lambda r: r.psi,
            write=lambda r, v: replace(r, psi=v),
        )
        bind(
            state,
            self.noise_strength,
            key="noise_strength",
            text=tr("Noise strength"),
            read=lambda r: r.noise_strength,
            write=lambda r, v: replace(r, noise_strength=v),
        )

    def minimumSizeHint(self) -> QSize:
        needed = self.widget().minimumSizeHint().height()
        return QSize(super().minimumSizeHint().width(), min(needed, MOST_HEIGHT))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A row has come or gone: the window gives the dock another height."""
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    # -- edits ------------------------------------------------------------------------------------

    def _on_map(self, x: float, y: float) -> None:
        from latent_studio.latent.sampling import seed_blend  # torch is there once a model is

        blend = seed_blend(x, y)

        def change(recipe: Recipe) -> Recipe:
            return replace(recipe, source=LatentSource(blend, _blend_space(recipe)))

        self._state.edit(change, merge_key="seed_map", text=tr("Seed map"))

    def _on_space(self, space: str) -> None:
        def change(recipe: Recipe) -> Recipe:
            if recipe.source.vector is not None:
                return recipe
            return replace(recipe, source=replace(recipe.source, space=space))

        self._state.edit(change, text=tr("Space {space}", space=space.upper()))
        self._show(self._state.recipe)

    def _on_class(self, label: Label, merge_key: str = "") -> None:
        self._state.edit(lambda r: replace(r, label=label), merge_key=merge_key, text=tr("Class"))

    def _on_cutoff(self, value: float) -> None:
        layers = self._layers()
        cutoff = None if value >= layers else int(value)
        self._state.edit(lambda r: replace(r, cutoff=cutoff), merge_key="cutoff", text=tr("Cutoff"))

    # -- from the scene ---------------------------------------------------------------------------

    def _show(self, recipe: Recipe) -> None:
        self.seed.set_value(recipe.source.seed)
        self.space.set_value(recipe.source.space)
        self.classes.set_value(recipe.label)
        self.noise_mode.set_value(recipe.noise_mode)
        self.noise_seed.set_value(recipe.noise_seed)
        layers = self._layers()
        self.cutoff.set_value(layers if recipe.cutoff is None else min(recipe.cutoff, layers))
        random_noise = recipe.noise_mode == "random" and self._has(lambda c: c.noise)
        self.noise_seed_row.setVisible(random_noise)
        self.noise_strength.setVisible(recipe.noise_mode != "none" and self._has(lambda c: c.noise))
        position = map_position(recipe.source)
        if position is None:
            self.seed_map.set_inactive()
        elif not self._same_place(position):
            self.seed_map.set_position(*position)
        self._follow_key(recipe)

    def _same_place(self, position: tuple[float, float]) -> bool:
        """Whether the map already shows that blend (its own position may lie across an edge)."""
        seeds = self._state.recipe.source.seeds
        if self._state.model is None or not self.seed_map.active:
            return False
        from latent_studio.latent.sampling import seed_blend

        return seed_blend(self.seed_map.x, self.seed_map.y) == seeds

    def _fit_model(self) -> None:
        capabilities = self._state.capabilities
        self.setEnabled(capabilities is not None)
        self.space_row.setVisible(self._has(lambda c: c.has_w))
        self.classes.setVisible(self._has(lambda c: c.classes > 0))
        truncated = self._has(lambda c: c.truncation != "none")
        self.psi.setVisible(truncated)
        self.cutoff.setVisible(truncated and self._layers() > 1)
        self.cutoff.default = float(self._layers())
        self.cutoff.set_range(0, max(1, self._layers()))
        self.noise_row.setVisible(self._has(lambda c: c.noise))
        self.transform.setVisible(self._has(lambda c: c.transform))
        if capabilities is not None and capabilities.classes:
            card = getattr(self._state.model, "card", None) or {}
            names = class_names(card, capabilities.classes)
            self.classes.set_classes(names, capabilities.classes)
        self._show(self._state.recipe)

    def _has(self, test: object) -> bool:
        capabilities = self._state.capabilities
        return capabilities is not None and bool(test(capabilities))  # type: ignore[operator]

    def _layers(self) -> int:
        capabilities = self._state.capabilities
        return (capabilities.num_ws or 0) if capabilities is not None else 0

    # -- thumbnails -------------------------------------------------------------------------------

    def _map_key(self, recipe: Recipe) -> MapKey:
        model = self._state.model
        return model.ref if model is not None else None, recipe.psi, recipe.cutoff, recipe.label

    def _follow_key(self, recipe: Recipe) -> None:
        """New thumbnails once the hand rests: until then the old ones are better than none."""
        old, new = self.seed_map.key, self._map_key(recipe)
        if new == old:
            self._rest.stop()
        elif old is None or new[0] != old[0]:
            self._set_map_key(recipe)
        else:
            self._rest.start()

    def _set_map_key(self, recipe: Recipe) -> None:
        self._rest.stop()
        self.seed_map.set_key(self._map_key(recipe))

    def _want_thumbnails(self) -> None:
        if self._state.model is None or not self.isVisible():
            return
        key = self.seed_map.key
        if key is None:
            return
        base = Recipe(psi=key[1], cutoff=key[2], label=key[3])
        wanted: Sequence[tuple[int, Recipe]] = [
            (seed, replace(base, source=LatentSource.from_seed(seed)))
            for seed in self.seed_map.missing_seeds()
        ]

        def put(seed: object, picture: Picture) -> None:
            self.seed_map.put_thumbnail(key, int(seed), picture)  # type: ignore[call-overload]

        self._context.render.request_tiles("seed-map", wanted, put)

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._want_thumbnails()
