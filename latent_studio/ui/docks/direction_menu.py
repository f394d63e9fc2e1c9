"""What can be done to a direction, and to all of them: the menus of the directions dock."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QInputDialog, QMenu, QWidget

from latent_studio.ui.context import Context
from latent_studio.ui.docks.data_choice import ask_file, ask_folder
from latent_studio.ui.i18n import tr
from latent_studio.ui.training_request import PROCEDURAL

if TYPE_CHECKING:
    from latent_studio.latent.direction import Direction

MOST_STRENGTH = 50.0


class DirectionMenus:
    """Builds the menus. What asks the user can be exchanged (tests do)."""

    def __init__(self, context: Context, window: QWidget) -> None:
        self._context, self._window = context, window
        self.ask_text: Callable[[str, str, str], str | None] = self._ask_text
        self.ask_number: Callable[[str, str, float], float | None] = self._ask_number
        self.ask_open: Callable[[], str] = self._ask_open
        self.ask_save: Callable[[str], str] = self._ask_save
        self.ask_folder: Callable[[QWidget, str, str], str] = ask_folder
        self.ask_file: Callable[[QWidget, str, str], str] = ask_file

    def for_direction(self, direction: "Direction") -> QMenu:
        """The menu of one direction."""
        menu, name = QMenu(self._window), direction.name
        edits = self._context.models.direction_edits
        menu.addAction(tr("Rename…"), lambda: self._rename(name))
        menu.addAction(
            tr("Turn round"),
            lambda: edits.change(name, lambda d: d.flipped(), tr("Turn round {name}", name=name)),
        )
        menu.addAction(tr("Strength…"), lambda: self._strength(direction))
        layers = menu.addAction(tr("Keep these layers"), lambda: self._keep_layers(name))
        layers.setToolTip(tr("The layers chosen for the slider become the direction’s own"))
        layers.setEnabled(self._entry_has_layers(name))
        self._add_conditional(menu, direction)
        menu.addSeparator()
        self._add_measure(menu, (name,))
        menu.addAction(tr("Export…"), lambda: self._export((name,), name))
        menu.addSeparator()
        menu.addAction(tr("Delete"), lambda: edits.remove(name))
        return menu

    def for_all(self) -> QMenu:
        """The menu of the dock."""
        menu = QMenu(self._window)
        some = bool(self._context.state.directions)
        self._add_measure(menu, ())
        menu.addSeparator()
        menu.addAction(tr("Import…"), self._import).setEnabled(
            self._context.state.model is not None
        )
        menu.addAction(tr("Export all…"), lambda: self._export((), tr("directions"))).setEnabled(
            some
        )
        return menu

    # -- parts ------------------------------------------------------------------------------------

    def _add_measure(self, menu: QMenu, names: tuple[str, ...]) -> None:
        part = menu.addMenu(tr("Measure"))
        part.setToolTipsVisible(True)
        edits = self._context.models.direction_edits
        alone = part.addAction(tr("Distance only"), lambda: edits.measure("", names))
        alone.setToolTip(tr("How much the pictures change; needs no labelled pictures"))
        part.addSeparator()
        folder, file = tr("Folder of images"), tr("Zip file")
        part.addAction(
            tr("By procedural faces (built in)"), lambda: edits.measure(PROCEDURAL, names)
        )
        part.addAction(
            tr("By a labelled folder…"),
            lambda: self._measure_by(self.ask_folder(self._window, folder, ""), names),
        )
        part.addAction(
            tr("By a labelled zip file…"),
            lambda: self._measure_by(self.ask_file(self._window, file, ""), names),
        )
        part.setEnabled(bool(self._context.state.directions))

    def _add_conditional(self, menu: QMenu, direction: "Direction") -> None:
        others = [
            other
            for other in self._context.state.directions
            if other.name != direction.name
            and other.space == direction.space
            and other.kind in ("attribute", "hand")
        ]
        part = menu.addMenu(tr("Without changing"))
        part.setToolTip(tr("A slider that leaves another attribute as it is"))
        edits = self._context.models.direction_edits
        for other in others:
            part.addAction(
                other.name, lambda other=other: edits.conditional(direction.name, (other.name,))
            )
        if len(others) > 1:
            part.addSeparator()
            names = tuple(other.name for other in others)
            part.addAction(tr("All of these"), lambda: edits.conditional(direction.name, names))
        part.setEnabled(bool(others))

    def _measure_by(self, data: str, names: tuple[str, ...]) -> None:
        if data:
            self._context.models.direction_edits.measure(data, names)

    def _rename(self, name: str) -> None:
        new = self.ask_text(tr("Rename direction"), tr("Name"), name)
        if new is not None and new.strip() and new.strip() != name:
            text = tr("Rename {name}", name=name)
            self._context.models.direction_edits.change(
                name, lambda d: replace(d, name=new.strip()), text
            )

    def _strength(self, direction: "Direction") -> None:
        title = tr("Strength of {name}", name=direction.name)
        value = self.ask_number(title, tr("Sigmas for an amount of one"), direction.strength)
        if value is not None:
            self._context.models.direction_edits.change(
                direction.name, lambda d: replace(d, strength=value), title
            )

    def _entry_has_layers(self, name: str) -> bool:
        return any(
            entry.name == name and (entry.first or entry.last is not None)
            for entry in self._context.state.recipe.directions
        )

    def _keep_layers(self, name: str) -> None:
        for entry in self._context.state.recipe.directions:
            if entry.name == name:
                self._context.models.direction_edits.change(
                    name,
                    lambda d, entry=entry: d.with_layers(entry.first, entry.last),
                    tr("Layers of {name}", name=name),
                )

    def _export(self, names: tuple[str, ...], title: str) -> None:
        path = self.ask_save(title)
        if path:
            self._context.models.direction_edits.give_away(path, names)

    def _import(self) -> None:
        path = self.ask_open()
        if path:
            self._context.models.direction_edits.take_in(path)

    # -- asking -----------------------------------------------------------------------------------

    def _ask_text(self, title: str, label: str, value: str) -> str | None:
        text, sure = QInputDialog.getText(self._window, title, label, text=value)
        return text if sure else None

    def _ask_number(self, title: str, label: str, value: float) -> float | None:
        number, sure = QInputDialog.getDouble(
            self._window, title, label, value, 0.01, MOST_STRENGTH, 2
        )
        return number if sure else None

    def _ask_open(self) -> str:
        pattern = tr("Directions (*.safetensors)")
        path, _ = QFileDialog.getOpenFileName(self._window, tr("Import directions"), "", pattern)
        return path

    def _ask_save(self, title: str) -> str:
        folder = Path(self._context.settings.get("export/folder"))
        pattern = tr("Directions (*.safetensors)")
        name = str(folder / f"{title}.safetensors")
        path, _ = QFileDialog.getSaveFileName(self._window, tr("Export directions"), name, pattern)
        return path if not path or path.endswith(".safetensors") else f"{path}.safetensors"
