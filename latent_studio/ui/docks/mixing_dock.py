"""Style mixing: several sources, every layer its own source and strength."""

import random
from dataclasses import replace

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from latent_studio.recipe import LatentSource, LayerMix, Recipe
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.context import Context
from latent_studio.ui.docks.latent_dock import RANDOM_SEEDS
from latent_studio.ui.docks.mixing_sources import Listed, MixingSources, chosen_after
from latent_studio.ui.i18n import tr
from latent_studio.ui.render_controller import INTERACTIVE_MS
from latent_studio.ui.widgets.layer_table import LayerTable
from latent_studio.ui.widgets.section import Column, icon_button
from latent_studio.ui.widgets.seed_field import SeedField
from latent_studio.ui.widgets.sideways import Sideways
from latent_studio.ui.widgets.source_tile import SourceTile
from latent_studio.ui.widgets.tab_order import follow

LETTERS = "ABCDEFGH"


def replace_source(recipe: Recipe, old: LatentSource, new: LatentSource) -> Recipe:
    """Every layer that takes its style from ``old`` takes it from ``new``."""
    mixing = tuple(replace(mix, source=new) if mix.source == old else mix for mix in recipe.mixing)
    return replace(recipe, mixing=mixing)


class MixingDock(Column):
    """Source A is the picture itself; the others live here until a layer uses them.

    The recipe only knows layers and their sources; sources that come with a recipe (undo, a dropped
    picture) and are not listed yet are added.
    """

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._state = context, context.state
        self._listed = MixingSources(self._state, self)
        self._built: Listed = ()
        self.tiles: list[SourceTile] = []
        self._pictures: dict[LatentSource, Picture] = {}
        self._thumbnail_key: tuple[object, ...] = ()
        self._rest = QTimer(self, singleShot=True, interval=INTERACTIVE_MS)
        self._rest.timeout.connect(self._want_thumbnails)
        self._shown_layers: object = None
        self.seed = SeedField(tr("Seed of the source"))
        self.random = icon_button("random", tr("Random seed for this source"))
        self.remove = icon_button("close", tr("Remove this source"))
        self.add = icon_button("plus", tr("Add a source"))
        self.active_label = QLabel()
        self.table = LayerTable()
        tiles = QWidget()
        self._tile_row = QHBoxLayout(tiles)
        self._tile_row.setContentsMargins(0, 0, 0, 0)
        self._tile_row.setSpacing(4)
        self._tile_row.addWidget(self.add)
        self._tile_row.addStretch(1)
        self.tile_scroll, self.table_scroll = Sideways(tiles), Sideways(self.table)
        self.presets = self._make_presets()
        self._lay_out()
        self._connect()
        self._fit_model()

    @property
    def sources(self) -> Listed:
        return self._listed.listed

    @property
    def active(self) -> int:
        """Index of the checked source; 0 is A."""
        return next((i for i, tile in enumerate(self.tiles) if tile.isChecked()), 0)

    # -- parts ------------------------------------------------------------------------------------

    def _make_presets(self) -> dict[str, QPushButton]:
        texts = {
            "coarse": (tr("Coarse"), tr("Pose and shape from the chosen source")),
            "middle": (tr("Middle"), tr("Features from the chosen source")),
            "fine": (tr("Fine"), tr("Colours and details from the chosen source")),
            "all": (tr("All"), tr("Every layer from the chosen source")),
        }
        buttons = {}
        for name, (text, tooltip) in texts.items():
            buttons[name] = QPushButton(text)
            buttons[name].setToolTip(tooltip)
            buttons[name].setMinimumWidth(30)
        return buttons

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(4)
        for widget in (self.active_label, self.seed, self.random, self.remove):
            line.addWidget(widget, 1 if widget is self.seed else 0)
        presets = QHBoxLayout()
        presets.setSpacing(4)
        for button in self.presets.values():
            presets.addWidget(button, 1)
        self.rows.addWidget(self.tile_scroll)
        self.rows.addLayout(line)
        self.rows.addLayout(presets)
        self.rows.addSpacing(4)
        self.rows.addWidget(self.table_scroll)
        self.rows.addStretch(1)

    def _connect(self) -> None:
        self.add.clicked.connect(self._on_add)
        self.remove.clicked.connect(self._on_remove)
        row = self.tile_scroll.horizontalScrollBar()
        later = Qt.ConnectionType.QueuedConnection  # once the tiles have their places
        row.rangeChanged.connect(self._show_active_tile, later)
        self.random.clicked.connect(lambda: self._on_seed(random.randrange(RANDOM_SEEDS)))
        self.seed.value_changed.connect(self._on_seed)
        self.table.source_chosen.connect(self._on_source)
        self.table.strength_changed.connect(self._on_strength)
        self.table.edit_finished.connect(self._state.end_merge)
        for name, button in self.presets.items():
            button.clicked.connect(lambda _checked=False, name=name: self._on_preset(name))
        self._state.recipe_changed.connect(self._show)
        self._listed.changed.connect(lambda: self._show(self._state.recipe))
        self._state.model_changed.connect(lambda _model: self._fit_model())

    # -- edits ------------------------------------------------------------------------------------

    def _on_source(self, layer: int, source: int) -> None:
        chosen = None if source == 0 else self.sources[source - 1]
        self._state.edit(
            lambda recipe: recipe.with_layer(layer, chosen, _strength(recipe, layer)),
            text=tr("Layer {layer} from {letter}", layer=layer, letter=LETTERS[source]),
        )

    def _on_strength(self, layer: int, strength: float) -> None:
        def change(recipe: Recipe) -> Recipe:
            mix = next((mix for mix in recipe.mixing if mix.layer == layer), None)
            return recipe if mix is None else recipe.with_layer(layer, mix.source, strength)

        self._state.edit(
            change, merge_key=f"mixing/{layer}", text=tr("Strength of layer {layer}", layer=layer)
        )

    def _on_preset(self, name: str) -> None:
        from latent_studio.latent.mixing import layer_groups  # torch is there once a model is

        layers = range(self._layers())
        if name != "all":
            layers = layer_groups(self._layers())[name]  # type: ignore[index]
        source = None if self.active == 0 else self.sources[self.active - 1]

        def change(recipe: Recipe) -> Recipe:
            for layer in layers:
                recipe = recipe.with_layer(layer, source)
            return recipe

        text = tr(
            "{group} from {letter}", group=self.presets[name].text(), letter=LETTERS[self.active]
        )
        self._state.edit(change, text=text)

    def _on_seed(self, seed: int) -> None:
        new = LatentSource.from_seed(seed)
        if self.active == 0:
            self._state.edit(
                lambda r: replace(r, source=new),
                merge_key="seed",
                text=tr("Seed {seed}", seed=seed),
            )
            return
        index = self.active - 1
        old = self.sources[index]
        self._listed.edit(
            [*self.sources[:index], new, *self.sources[index + 1 :]],
            lambda recipe: replace_source(recipe, old, new),
            merge_key=f"source/{index}",
            text=tr("Seed of source {letter}", letter=LETTERS[index + 1]),
        )

    def _on_add(self) -> None:
        used = {source.seed for source in self.sources}
        seed = next(number for number in range(1, 100) if number not in used)
        letter = LETTERS[len(self.sources) + 1]
        self._listed.edit(
            [*self.sources, LatentSource.from_seed(seed)],
            text=tr("Add source {letter}", letter=letter),
        )

    def _on_remove(self) -> None:
        index = self.active - 1
        if index < 0:
            return
        old = self.sources[index]

        def change(recipe: Recipe) -> Recipe:
            return replace(recipe, mixing=tuple(m for m in recipe.mixing if m.source != old))

        self._listed.edit(
            [*self.sources[:index], *self.sources[index + 1 :]],
            change,
            text=tr("Remove source {letter}", letter=LETTERS[index + 1]),
        )

    # -- from the scene ---------------------------------------------------------------------------

    def _layers(self) -> int:
        capabilities = self._state.capabilities
        return (capabilities.num_ws or 0) if capabilities is not None else 0

    def _fit_model(self) -> None:
        self.setEnabled(self._layers() > 0)
        self._pictures.clear()
        self._build(active=1)

    def _build(self, active: int) -> None:
        """Make tiles and rows for the present sources and layers."""
        self._built = self.sources
        for tile in self.tiles:
            self._tile_row.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        letters = LETTERS[: len(self.sources) + 1]
        self.tiles = [SourceTile(letter, self) for letter in letters]
        for index, tile in enumerate(self.tiles):
            self._tile_row.insertWidget(index, tile)
            tile.show()  # now: hidden ones take no room, and the rows below would jump
            tile.clicked.connect(lambda _checked=False: self._show(self._state.recipe))
        self.tiles[min(active, len(self.tiles) - 1)].setChecked(True)
        self.add.setVisible(len(letters) < len(LETTERS))
        capabilities = self._state.capabilities
        resolution = capabilities.resolution if capabilities is not None else 0
        self.table.build(self._layers(), letters, resolution)
        follow(self.add, *self.tiles, self.add)  # behind them in the end
        follow(self.presets["all"], self.table)
        self._shown_layers = None
        self._show(self._state.recipe)

    def _show_active_tile(self, *_: int) -> None:
        self.tile_scroll.ensureWidgetVisible(self.tiles[self.active], 8, 0)

    def _show(self, recipe: Recipe) -> None:
        if self._adopt(recipe.mixing):
            return
        if len(self._built) != len(self.sources):
            self._build(chosen_after(self._built, self.sources, self.active))
            return
        self._built = self.sources
        self._show_layers(recipe.mixing)
        self._show_sources(recipe)

    def _show_layers(self, mixing: tuple[LayerMix, ...]) -> None:
        shown = (mixing, self.sources, self._layers())
        if shown == self._shown_layers:
            return
        self._shown_layers = shown
        entries = {mix.layer: mix for mix in mixing}
        for layer in range(self._layers()):
            mix = entries.get(layer)
            known = mix is not None and mix.source in self.sources
            source = self.sources.index(mix.source) + 1 if mix is not None and known else 0
            self.table.show_layer(layer, source, 1.0 if mix is None else mix.strength)

    def _adopt(self, mixing: tuple[LayerMix, ...]) -> bool:
        """List sources of a recipe that are not here yet. Returns whether it built anew."""
        layers = self._layers()
        new = list(
            dict.fromkeys(
                m.source for m in mixing if m.layer < layers and m.source not in self.sources
            )
        )
        if not new:
            return False
        used, listed = {mix.source for mix in mixing}, list(self.sources)
        for source in new:
            free = [i for i, old in enumerate(listed) if old not in used]
            if len(listed) + 1 < len(LETTERS):
                listed.append(source)
            elif free:
                listed[free[-1]] = source
            else:
                return False
        self._listed.listed = tuple(listed)
        self._build(active=self.active)
        return True

    def _show_sources(self, recipe: Recipe) -> None:
        active = self.active
        everything = [recipe.source, *self.sources]
        for tile, source in zip(self.tiles, everything, strict=True):
            tile.show_source(source.seed, self._pictures.get(source))
        self.active_label.setText(tr("Source {letter}", letter=LETTERS[active]))
        self.seed.set_value(everything[active].seed)
        self.remove.setEnabled(active > 0)
        self._follow()

    # -- thumbnails -------------------------------------------------------------------------------

    def _key(self) -> tuple[object, ...]:
        model, recipe = self._state.model, self._state.recipe
        return () if model is None else (model.ref, recipe.psi, recipe.cutoff, recipe.label)

    def _follow(self) -> None:
        """New thumbnails once the hand rests: until then the old ones are better than none."""
        old, new = self._thumbnail_key, self._key()
        if old and new and old != new and old[0] == new[0]:
            self._rest.start()
        else:
            self._want_thumbnails()

    def _want_thumbnails(self) -> None:
        self._rest.stop()
        key = self._key()
        if not key or not self.isVisible():
            return
        recipe = self._state.recipe
        if key != self._thumbnail_key:
            self._thumbnail_key = key
            self._pictures.clear()
        base = Recipe(psi=recipe.psi, cutoff=recipe.cutoff, label=recipe.label)
        wanted = [
            (source, replace(base, source=source))
            for source in dict.fromkeys([recipe.source, *self.sources])
            if source not in self._pictures
        ]

        def put(source: object, picture: Picture) -> None:
            if key == self._thumbnail_key and isinstance(source, LatentSource):
                self._pictures[source] = picture
                self._show_pictures()

        self._context.render.request_tiles("mixing", wanted, put)

    def _show_pictures(self) -> None:
        everything = [self._state.recipe.source, *self.sources]
        for tile, source in zip(self.tiles, everything, strict=False):
            if source in self._pictures:
                tile.show_source(source.seed, self._pictures[source])

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # type: ignore[arg-type]
        self._show(self._state.recipe)


def _strength(recipe: Recipe, layer: int) -> float:
    return next((mix.strength for mix in recipe.mixing if mix.layer == layer), 1.0)
