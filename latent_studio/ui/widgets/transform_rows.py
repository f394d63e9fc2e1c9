"""Numbers of the transform: how far what is shown is moved, and how it is turned."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from latent_studio.recipe import Transform
from latent_studio.ui.bind import bind
from latent_studio.ui.i18n import tr
from latent_studio.ui.placement import MERGE_KEY, edit_transform
from latent_studio.ui.widgets.section import SPACING, icon_button, section_label
from latent_studio.ui.widgets.slider import FloatSlider

if TYPE_CHECKING:
    from latent_studio.recipe import Recipe
    from latent_studio.ui.state import ExplorerState


class TransformRows(QWidget):
    """Three sliders and a button that puts everything back; for models with a transform."""

    def __init__(self, state: "ExplorerState", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = state
        limits = (-100.0, 100.0)
        self.right = FloatSlider(
            tr("Move right"),
            *(-0.5, 0.5, 0.01, 0.0),
            limits=limits,
            tooltip=tr("in widths of the picture; M moves it by hand"),
        )
        self.down = FloatSlider(
            tr("Move down"),
            *(-0.5, 0.5, 0.01, 0.0),
            limits=limits,
            tooltip=tr("in heights of the picture; M moves it by hand"),
        )
        self.turn = FloatSlider(
            tr("Turn"),
            *(-180.0, 180.0, 1.0, 0.0),
            decimals=1,
            limits=(-3600.0, 3600.0),
            tooltip=tr("degrees counter-clockwise; videos turn from one key to the next"),
        )
        self.reset = icon_button("reset", tr("Put the picture back"))
        self.reset.clicked.connect(self._put_back)
        self._lay_out()
        for name, slider in (("x", self.right), ("y", self.down), ("rotate", self.turn)):
            self._bind(name, slider)
        state.recipe_changed.connect(self._show)
        self._show(state.recipe)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(section_label(tr("Placement")))
        head.addStretch(1)
        head.addWidget(self.reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        column.addLayout(head)
        for slider in (self.right, self.down, self.turn):
            column.addWidget(slider)

    def _bind(self, name: str, slider: FloatSlider) -> None:
        bind(
            self._state,
            slider,
            key=MERGE_KEY,
            text=tr("Turn the picture") if name == "rotate" else tr("Move the picture"),
            read=lambda recipe: getattr(recipe.transform, name),
            write=lambda recipe, value: replace(
                recipe, transform=replace(recipe.transform, **{name: value})
            ),
        )

    def _put_back(self) -> None:
        self._state.end_merge()
        edit_transform(self._state, Transform(), tr("Put the picture back"))
        self._state.end_merge()

    def _show(self, recipe: "Recipe") -> None:
        self.reset.setEnabled(bool(recipe.transform))
