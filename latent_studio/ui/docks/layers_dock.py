"""What happens inside the network: feature maps, spectra, and the noise of each layer."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget
from shiboken6 import isValid

from latent_studio.latent.channel_maps import chosen_channels, scaled_maps, small_maps
from latent_studio.latent.spectrum import power_spectrum, radial_profile
from latent_studio.recipe import Recipe
from latent_studio.ui.canvas.layer_view import LayerView
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.widgets.section import (
    MARGIN,
    SPACING,
    Choice,
    Column,
    icon_button,
    section_label,
)
from latent_studio.ui.widgets.slider import FloatSlider

if TYPE_CHECKING:
    from latent_studio.ui.state import LoadedModel

SETTLE_MS = 150
PICTURE = -1
CHANNELS, SPECTRUM = "channels", "spectrum"


@dataclass(frozen=True, eq=False)
class Look:
    """What a layer looks like: maps from 0 to 1 and their channels, or a spectrum and its curve.

    ``side`` and ``count`` are the layer's own; ``sides`` those of all blocks.
    """

    sides: list[int]
    side: int
    count: int
    values: np.ndarray
    channels: list[int] = field(default_factory=list)
    curve: np.ndarray | None = None


def prepared(sides: list[int], maps: np.ndarray, kind: str) -> Look:
    """All that takes long, for the thread that renders: a large layer has many millions of values.

    ``maps`` is ``[C, h, w]``.
    """
    count, side = maps.shape[0], maps.shape[1]
    if kind == SPECTRUM:
        spectrum = power_spectrum(maps)
        return Look(sides, side, count, spectrum, curve=radial_profile(spectrum)[1])
    channels = chosen_channels(maps)
    return Look(sides, side, count, scaled_maps(small_maps(maps[channels])), channels)


class LayersDock(QWidget):
    """Maps of one layer at a time. They are worked out while the picture rests and only if somebody
    looks.
    """

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._state = context, context.state
        self.look: Look | None = None
        self._sides: list[int] = []
        self.sliders: list[FloatSlider] = []
        self.layer = Choice([(PICTURE, tr("Picture"))], tr("Layer"), tr("Look at this layer"))
        self.kind = Choice(
            [(CHANNELS, tr("Channels")), (SPECTRUM, tr("Spectrum"))],
            tr("View"),
            tr(
                "Channels: feature maps, each from its least to its greatest value. Spectrum: how "
                "much lies in which frequencies, in decibels; slow changes in the middle."
            ),
        )
        self.view = LayerView()
        self.view.setToolTip(tr("Click a channel to enlarge it, again to go back"))
        self.facts = QLabel()
        self.facts.setProperty("role", "muted")
        self.facts.setWordWrap(True)
        self.reset = icon_button("reset", tr("All layers' noise as learnt"))
        self.noise = Column()
        self.noise.rows.addStretch(1)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._look)
        self._lay_out()
        self._connect()
        self._fit_model(self._state.model)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(SPACING)
        row.addWidget(self.layer, 1)
        row.addWidget(self.kind, 1)
        top = QWidget()
        column = QVBoxLayout(top)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addLayout(row)
        column.addWidget(self.view, 1)
        column.addWidget(self.facts)
        head = QHBoxLayout()
        head.addWidget(section_label(tr("Noise by layer")), 1)
        head.addWidget(self.reset)
        self.bottom = QWidget()
        below = QVBoxLayout(self.bottom)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(SPACING)
        below.addLayout(head)
        below.addWidget(self.noise, 1)
        self.parts = QSplitter(Qt.Orientation.Vertical)
        self.parts.addWidget(top)
        self.parts.addWidget(self.bottom)
        self.parts.setStretchFactor(0, 2)
        self.parts.setStretchFactor(1, 1)
        self.parts.setChildrenCollapsible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        whole.addWidget(self.parts)

    def _connect(self) -> None:
        self.layer.value_changed.connect(lambda _block: self._settle.start())
        self.kind.value_changed.connect(lambda _kind: self._settle.start())
        self.reset.clicked.connect(self._reset_noise)
        self._state.model_changed.connect(self._fit_model)
        self._state.recipe_changed.connect(self._show_noise)
        self._context.render.frame_shown.connect(self._on_frame)
        dock = self.parent()
        if isinstance(dock, QDockWidget):
            dock.visibilityChanged.connect(lambda _shown: self._settle.start())

    # -- feature maps -----------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._settle.start()

    def _seen(self) -> bool:
        """Behind another tab it is visible to Qt, but nobody sees it."""
        return not self.visibleRegion().isEmpty()

    def _on_frame(self, frame: Any, _picture: object) -> None:
        if not frame.preview and self._seen():
            self._settle.start()

    def _look(self) -> None:
        """Have the chosen layer's maps worked out for what is shown, ready to be painted."""
        render, block, kind = self._context.render, self.layer.value(), self.kind.value()
        frame = render.last_frame
        if not self._seen() or frame is None or render.frame_of(frame.recipe) is None:
            return

        def look(renderer: Any, cancelled: Any) -> Look | None:
            sides = [side for _block, side in renderer.layers()]
            if block == PICTURE or not sides:
                maps = np.moveaxis(frame.rgb(), -1, 0)
            else:
                maps = renderer.activations(frame.recipe, min(block, len(sides) - 1), cancelled)
            return None if maps is None or cancelled() else prepared(sides, maps, kind)

        render.ask(look, self._on_looked)

    def _on_looked(self, look: Look | None) -> None:
        if not isValid(self):  # the window has gone
            return
        if look is None:  # a picture was wanted meanwhile
            self._settle.start()
            return
        self.look = look
        self._set_sides(look.sides)
        self._show()

    def _set_sides(self, sides: list[int]) -> None:
        if sides == self._sides:
            return
        self._sides = sides
        kept = self.layer.value()
        blocks = [
            (block, tr("Block {block}: {side}×{side}", block=block + 1, side=side))
            for block, side in enumerate(sides)
        ]
        self.layer.set_options([(PICTURE, tr("Picture")), *blocks])
        self.layer.set_value(kept)

    def _show(self) -> None:
        look = self.look
        if look is None:
            self.view.show_message(tr("Feature maps appear with the picture"))
            self.facts.clear()
        elif look.curve is not None:
            self.view.show_spectrum(look.values, look.curve)
            self.facts.setText(
                tr("{side}×{side}, mean of {count} channels", side=look.side, count=look.count)
            )
        else:
            self.view.show_maps(look.values, look.channels)
            shown, size = len(look.channels), tr("{side}×{side}", side=look.side)
            few = tr("{count} channels", count=look.count)
            many = tr(
                "The {shown} of {count} channels that vary most", shown=shown, count=look.count
            )
            self.facts.setText(f"{size} · {few if shown == look.count else many}")

    # -- noise ------------------------------------------------------------------------------------

    def _fit_model(self, model: "LoadedModel | None") -> None:
        self.look, self._sides = None, []
        self.layer.set_options([(PICTURE, tr("Picture"))])
        self._show()
        for slider in self.sliders:
            slider.setParent(None)
            slider.deleteLater()
        self.sliders = []
        synthesis = getattr(model.generator, "synthesis", None) if model is not None else None
        shapes = synthesis.noise_shapes if synthesis is not None else []
        for index, shape in enumerate(shapes):
            self._add_slider(index, int(shape[-1]))
        self.bottom.setVisible(bool(shapes))
        self._show_noise(self._state.recipe)
        self._settle.start()

    def _add_slider(self, index: int, side: int) -> None:
        name = tr("{layer}: {side}×{side}", layer=index + 1, side=side)
        slider = FloatSlider(
            name, 0.0, 3.0, 0.05, 1.0, limits=(-20.0, 20.0), tooltip=tr("Noise of this layer")
        )

        def edit(value: float) -> None:
            self._state.edit(
                lambda recipe: recipe.with_noise_layer(index, value),
                merge_key=f"noise layer {index}",
                text=tr("Noise of layer {layer}", layer=index + 1),
            )

        slider.value_changed.connect(edit)
        slider.edit_finished.connect(self._state.end_merge)
        self.noise.rows.insertWidget(index, slider)
        self.sliders.append(slider)

    def _reset_noise(self) -> None:
        self._state.edit(lambda r: replace(r, noise_layers=()), text=tr("Noise by layer"))

    def _show_noise(self, recipe: Recipe) -> None:
        used = recipe.noise_mode != "none"
        self.noise.setEnabled(used)
        for index, slider in enumerate(self.sliders):
            slider.set_value(recipe.noise_factor(index))
        self.reset.setEnabled(bool(recipe.noise_layers))
