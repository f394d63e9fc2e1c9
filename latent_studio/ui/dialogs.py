"""The dialogs that commands open; each is made once. None of them reports an error."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog, QFileDialog, QMessageBox, QWidget

from latent_studio.errors import StudioError
from latent_studio.ui.context import Context
from latent_studio.ui.i18n import chosen_language, tr
from latent_studio.ui.widgets.keys_dialog import KeysDialog
from latent_studio.ui.widgets.notification_bar import MessagesDialog


class Dialogs(QObject):
    """``dialogs.show_keys()`` and so on."""

    def __init__(self, context: Context, window: QWidget) -> None:
        super().__init__(window)
        self._context, self._window = context, window
        self.made: dict[str, Any] = {}
        self.library_changed: Callable[[], object] = lambda: None
        """Called when a model has come into the library; the window sets it."""

    def open_model(self) -> None:
        pattern = tr("Models (*.safetensors *.pkl *.pt *.pth *.bin);;All files (*)")
        path, _ = QFileDialog.getOpenFileName(self._window, tr("Open a model"), "", pattern)
        if path:
            self._context.models.open_path(path)

    def open_picture(self) -> None:
        pattern = tr("Pictures (*.png)")
        title = tr("Open a picture’s scene")
        path, _ = QFileDialog.getOpenFileName(self._window, title, "", pattern)
        if path:
            self._context.models.open_picture(path)

    def show_get_models(self) -> None:
        self._get("get_models", self._make_get_models).show()

    def _make_get_models(self) -> QDialog:
        from latent_studio.ui.get_models.dialog import GetModelsDialog
        from latent_studio.ui.get_models.fetching import Fetching

        fetching = Fetching(self._context, self)
        fetching.library_changed = self.library_changed
        return GetModelsDialog(fetching, self._window)

    def show_export(self, page: str) -> None:
        """``image``, ``grid`` or ``video``."""
        from latent_studio.ui.widgets.export_dialog import ExportDialog

        if self._context.state.model is not None:
            make = lambda: ExportDialog(self._context, self._window)  # noqa: E731
            self._get("export", make).open_page(page)

    def show_photos(self, paths: Sequence[str] = ()) -> None:
        """Find photographs in the model; without ``paths`` the dialog asks for them."""
        from latent_studio.ui.photos.dialog import PhotosDialog

        if self._context.state.model is None:
            self._context.notifications.info(tr("Open a model first; photographs are found in it."))
            return

        def make() -> PhotosDialog:
            dialog = PhotosDialog(self._context, self._window)
            dialog.shown.connect(
                lambda photo, scene: self._context.desk.pin(
                    photo, tr("Photo"), tr("Found"), scene.recipe
                )
            )
            return dialog

        dialog = self._get("photos", make)
        dialog.show()
        dialog.raise_()
        dialog.add_paths(paths)

    def show_discover(self) -> None:
        from latent_studio.ui.widgets.discover_dialog import DiscoverDialog

        if self._context.state.model is not None:
            self._get("discover", lambda: DiscoverDialog(self._context, self._window)).show()

    def ask_copy(self, title: str) -> str:
        """Where a copy of a model goes; empty when cancelled."""
        name = str(self._models_folder() / f"{title}-copy.safetensors")
        pattern = tr("Models (*.safetensors)")
        path, _ = QFileDialog.getSaveFileName(self._window, tr("Save a copy"), name, pattern)
        return path if not path or path.endswith(".safetensors") else f"{path}.safetensors"

    def _models_folder(self) -> Path:
        """The library of the user's own models; where that cannot be, the home folder."""
        from latent_studio.storage import paths

        try:
            return paths.models_dir()
        except StudioError as error:
            self._context.notifications.show_error(error)
            return Path.home()

    def show_settings(self) -> None:
        from latent_studio.ui.widgets.settings_dialog import SettingsDialog

        self._get("settings", lambda: SettingsDialog(self._context, self._window)).show()

    def show_guide(self) -> None:
        from latent_studio.ui.widgets.guide_dialog import GuideDialog

        language = chosen_language(self._context.settings.get("language"))
        self._get("guide", lambda: GuideDialog(language, self._window)).show()

    def show_keys(self) -> None:
        self._get("keys", lambda: KeysDialog(self._window)).show()

    def show_messages(self) -> None:
        make = lambda: MessagesDialog(self._context.notifications, self._window)  # noqa: E731
        self._get("messages", make).show()

    def show_about(self) -> None:
        self._get("about", self._make_about).show()

    def _make_about(self) -> QMessageBox:
        text = tr(
            "Latent Studio explores and trains generative adversarial networks.\n"
            "Apache License 2.0. Not for identifying or imitating real people."
        )
        none, title = QMessageBox.Icon.NoIcon, tr("About Latent Studio")
        box = QMessageBox(none, title, text, parent=self._window)
        box.setModal(False)
        return box

    def _get(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]


def ask_about_training(window: QWidget) -> str:
    """``save``, ``quit`` or ``stay``: what becomes of a training when the window closes."""
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(tr("A training is running"))
    box.setText(tr("A training is running. Stop it and quit?"))
    box.setInformativeText(
        tr(
            "Saved runs go on later from where they were. Quitting without saving goes back to "
            "the last checkpoint."
        )
    )
    return _answer(box, tr("Save and quit"), tr("Quit without saving"), "quit")


def ask_about_directions(window: QWidget, names: Sequence[str]) -> str:
    """``save``, ``discard`` or ``stay``: what becomes of directions that are in no file."""
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(tr("New directions are in no file"))
    few, more = ", ".join(names[:5]), len(names) - 5
    listed = few if more <= 0 else tr("{names} and {count} more", names=few, count=more)
    box.setText(tr("New directions end with the window: {names}", names=listed))
    box.setInformativeText(tr("Save a copy of the model with them?"))
    return _answer(box, tr("Save a copy…"), tr("Close without saving"), "discard")


def _answer(box: QMessageBox, save: str, leave: str, left: str) -> str:
    """``save``, ``left`` for the button ``leave``, or ``stay``, which Esc means, too."""
    role = QMessageBox.ButtonRole
    first = box.addButton(save, role.AcceptRole)
    second = box.addButton(leave, role.DestructiveRole)
    box.setDefaultButton(first)
    box.setEscapeButton(box.addButton(tr("Stay"), role.RejectRole))
    box.exec()
    return {first: "save", second: left}.get(box.clickedButton(), "stay")
