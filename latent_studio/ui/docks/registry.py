"""The docks: one entry here makes one appear in the window and in the View menu."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from latent_studio.models.base import Capabilities

LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


@dataclass(frozen=True)
class DockSpec:
    """One dock.

    Parameters
    ----------
    name
        Stable identifier (layouts are stored under it).
    title
        Gives the translated title.
    factory
        ``module:class`` of the widget, called with ``(context, parent)``.
    area
        Where it starts.
    needs
        Whether a model has what the dock controls; None: always.
    visible
        Shown in the first layout.
    tab_with
        Name of the dock that it shares its place with at first.
    lazy
        Its widget is made when it is first seen (or asked for), not with the window.
    """

    name: str
    title: Callable[[], str]
    factory: str
    area: Qt.DockWidgetArea
    needs: "Callable[[Capabilities], bool] | None" = None
    visible: bool = True
    tab_with: str | None = None
    lazy: bool = False

    def create(self, context: Context, parent: QWidget | None = None) -> QWidget:
        module, _, name = self.factory.partition(":")
        widget: QWidget = getattr(import_module(module), name)(context, parent)
        return widget


_HERE = "latent_studio.ui.docks"

DOCKS: tuple[DockSpec, ...] = (
    DockSpec("latent", lambda: tr("Latent"), f"{_HERE}.latent_dock:LatentDock", LEFT),
    DockSpec(
        "directions", lambda: tr("Directions"), f"{_HERE}.directions_dock:DirectionsDock", LEFT
    ),
    DockSpec(
        "components",
        lambda: tr("Components"),
        f"{_HERE}.components_dock:ComponentsDock",
        LEFT,
        tab_with="directions",
    ),
    DockSpec(
        "mixing",
        lambda: tr("Style mixing"),
        f"{_HERE}.mixing_dock:MixingDock",
        RIGHT,
        needs=lambda capabilities: capabilities.has_w and (capabilities.num_ws or 0) > 1,
    ),
    DockSpec(
        "drag",
        lambda: tr("Drag"),
        f"{_HERE}.drag_dock:DragDock",
        RIGHT,
        needs=lambda capabilities: capabilities.has_w,
        visible=False,
        tab_with="mixing",
        lazy=True,
    ),
    DockSpec(
        "training",
        lambda: tr("Training"),
        f"{_HERE}.training_dock:TrainingDock",
        BOTTOM,
    ),
    DockSpec(
        "gallery",
        lambda: tr("Gallery"),
        f"{_HERE}.gallery_dock:GalleryDock",
        RIGHT,
        needs=lambda _capabilities: True,
        tab_with="mixing",
        lazy=True,
    ),
    DockSpec(
        "timeline",
        lambda: tr("Timeline"),
        f"{_HERE}.timeline_dock:TimelineDock",
        BOTTOM,
        tab_with="training",
        lazy=True,
    ),
    DockSpec(
        "map",
        lambda: tr("Map"),
        f"{_HERE}.map_dock:MapDock",
        RIGHT,
        needs=lambda _capabilities: True,
        visible=False,
        tab_with="mixing",
        lazy=True,
    ),
    DockSpec(
        "layers",
        lambda: tr("Layers"),
        f"{_HERE}.layers_dock:LayersDock",
        RIGHT,
        needs=lambda _capabilities: True,
        visible=False,
        tab_with="mixing",
        lazy=True,
    ),
    DockSpec(
        "history",
        lambda: tr("History"),
        f"{_HERE}.history_dock:HistoryDock",
        LEFT,
        visible=False,
        tab_with="directions",
        lazy=True,
    ),
)
