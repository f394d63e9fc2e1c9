"""The window: puts the parts together, remembers the layout, takes what is dropped on it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QSize, Qt, QTimer
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QLineEdit,
    QMainWindow,
)

from latent_studio.ui import drops, theme
from latent_studio.ui.actions import Actions
from latent_studio.ui.awake import AwakeLock
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.canvas.stage import Stage
from latent_studio.ui.chrome import build_menus, build_tool_bar, make_model_button
from latent_studio.ui.compare import Compare
from latent_studio.ui.context import Context
from latent_studio.ui.desk import Desk
from latent_studio.ui.dialogs import Dialogs, ask_about_directions, ask_about_training
from latent_studio.ui.dock_host import DockHost
from latent_studio.ui.docks.directions_dock import reset_sliders
from latent_studio.ui.docks.latent_dock import neighbour_seed, random_seed
from latent_studio.ui.drag_controller import DragController
from latent_studio.ui.grid_view import GridView
from latent_studio.ui.i18n import tr
from latent_studio.ui.live_link import LiveLink
from latent_studio.ui.model_menu import ModelMenu
from latent_studio.ui.placement import Placement
from latent_studio.ui.widgets.status import Status

if TYPE_CHECKING:
    from latent_studio.recipe import Scene
    from latent_studio.ui.state import LoadedModel

LAYOUT_VERSION = 3
FIRST_SIZE = QSize(1440, 900)


class MainWindow(QMainWindow):
    """Composes; what happens is in the controllers of ``context``."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.setWindowTitle(tr("Latent Studio"))
        self.setAcceptDrops(True)
        self.setDockOptions(
            QMainWindow.DockOption.AnimatedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.AllowNestedDocks
        )
        self.stage = Stage(context.notifications, context.jobs, self)
        self.canvas = self.stage.canvas
        self._drawn = False
        self.setCentralWidget(self.stage)
        self.actions_ = Actions(self, self.canvas)
        self.grid = GridView(context, self.canvas, self)
        self.compare = Compare(context, self.canvas, self)
        self.placement = Placement(context, self.canvas, self.actions_["move"], self)
        self.drag = DragController(context, self.canvas, self.actions_["drag"], self)
        self.live_link = LiveLink(context, self)
        self.desk = Desk(context, self)
        self.host = DockHost(self, context)
        opening = (self.actions_["open"], self.actions_["get_models"])
        self.model_menu = ModelMenu(context, opening, self)
        self.status = Status(context, self)
        self.setStatusBar(self.status)
        self.awake = AwakeLock()
        self.dialogs = Dialogs(context, self)
        self.dialogs.library_changed = self.model_menu.refresh
        context.models.ask_copy = self.dialogs.ask_copy
        self.host.widgets["directions"].discover_requested.connect(self.dialogs.show_discover)
        self._before_fullscreen: QByteArray | None = None
        self._closing = False
        self._document = ("", False)
        self._make_undo_actions()
        self.model_button = make_model_button(self.model_menu)
        self.tools = build_tool_bar(self)
        self._dress()
        build_menus(self)
        self._connect()
        self._show_model(context.state.model)
        self._restore_layout()
        self.canvas.setFocus()

    # -- parts ------------------------------------------------------------------------------------

    def _make_undo_actions(self) -> None:
        stack = self.context.state.undo_stack
        self.undo = stack.createUndoAction(self, tr("Undo"))
        self.redo = stack.createRedoAction(self, tr("Redo"))
        self.undo.setShortcut(QKeySequence("Ctrl+Z"))
        self.redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        self.addActions([self.undo, self.redo])

    def _dress(self) -> None:
        self.undo.setIcon(theme.icon("undo"))
        self.redo.setIcon(theme.icon("redo"))
        self.model_button.setIcon(theme.icon("model"))

    def _connect(self) -> None:
        context = self.context
        self.actions_.connect_all(self._handlers())
        context.render.frame_shown.connect(self._on_frame)
        context.render.hand_moved.connect(context.training.set_yielding)
        context.state.model_changed.connect(self._show_model)
        context.state.scene_changed.connect(self._on_scene)
        context.state.live_changed.connect(lambda on: self.actions_.set_checked("live", on))
        context.models.loading_changed.connect(self._on_loading)
        context.models.first_failed.connect(lambda: self._show_empty(True))
        context.training.running_changed.connect(self.awake.set_held)
        context.training.running_changed.connect(self.actions_["stop_training"].setEnabled)
        context.settings.changed.connect(self._on_setting)
        self.canvas.view_changed.connect(self._show_facts)
        self.stage.empty.open_requested.connect(self.dialogs.open_model)
        self.stage.empty.get_requested.connect(self.dialogs.show_get_models)
        self.stage.empty.train_requested.connect(self._train)
        self.status.messages_requested.connect(self.dialogs.show_messages)
        theme.notifier().changed.connect(self._dress)
        self.actions_["stop_training"].setEnabled(context.training.running)
        self.actions_.set_checked("live", context.state.live)
        self.canvas.set_scaling(context.settings.get("scaling"))

    def _handlers(self) -> dict[str, Callable[..., object]]:
        state, canvas = self.context.state, self.canvas
        return {
            "open": self.dialogs.open_model,
            "get_models": self.dialogs.show_get_models,
            "open_picture": self.dialogs.open_picture,
            "photos": self.dialogs.show_photos,
            "copy": self._copy,
            "export": self._export,
            "quit": self.close,
            "reset": lambda: reset_sliders(state.edit),
            "settings": self.dialogs.show_settings,
            "random": lambda: random_seed(state),
            "previous": lambda: neighbour_seed(state, -1),
            "next": lambda: neighbour_seed(state, 1),
            "discover": self.dialogs.show_discover,
            "train": self._train,
            "stop_training": self.context.training.stop,
            "live": state.set_live,
            "grid": self.grid.set_shown,
            "compare": self.compare.set_split,
            "move": self._set_moving,
            "drag": self._set_dragging,
            "fit": lambda: canvas.set_zoom(None),
            "one_to_one": lambda: canvas.set_zoom(1.0),
            "zoom_in": lambda: canvas.zoom_by(1.25),
            "zoom_out": lambda: canvas.zoom_by(0.8),
            "fullscreen": self._set_fullscreen,
            "reset_layout": self.host.place,
            "messages": self.dialogs.show_messages,
            "guide": self.dialogs.show_guide,
            "keys": self.dialogs.show_keys,
            "about": self.dialogs.show_about,
            **self.desk.handlers(),
        }

    # -- what is shown ----------------------------------------------------------------------------

    def show_stored(self, picture: Picture | None) -> None:
        """Show a picture from disk until the engine has drawn the first one."""
        if picture is not None and not self._drawn:
            self.canvas.show_picture(picture)

    def _on_frame(self, frame: Any, picture: Picture) -> None:
        self._show_empty(False)
        first, self._drawn = not self._drawn, True
        self.canvas.show_picture(picture, frame.model_resolution)
        if first and not self.context.settings.get("hint_seen"):
            self.stage.show_hint(tr("Drag a slider, press Space for another face, T to train"))

    def _on_scene(self, _scene: "Scene") -> None:
        """The first edits show that the hint has been understood."""
        if self.context.state.undo_stack.count() >= 3 and self.stage.hint.text():
            self.stage.show_hint("")
            self.context.settings.set("hint_seen", True)

    def _show_model(self, model: "LoadedModel | None") -> None:
        title = model.title if model is not None else tr("No model")
        self.model_button.setText(f"{title}  ▾")
        self.model_button.setAccessibleName(tr("Model: {title}", title=title))
        for name in ("random", "previous", "next", "grid", "compare", "copy", "export", "discover"):
            self.actions_[name].setEnabled(model is not None)
        self._show_title()

    def show_document(self, name: str, modified: bool) -> None:
        """Name the session in the title, and mark it where it is not saved."""
        self._document = (name, modified)
        self._show_title()

    def _show_title(self) -> None:
        model, (document, modified) = self.context.state.model, self._document
        parts = [f"{document}[*]" if document else "", model.title if model is not None else ""]
        self.setWindowTitle(" – ".join([*filter(None, parts), tr("Latent Studio")]))
        self.setWindowModified(modified)

    def _show_facts(self) -> None:
        capabilities = self.context.state.capabilities
        if capabilities is None or self.canvas.picture is None or self.canvas.grid_shown:
            self.stage.show_facts("")
            return
        zoom = self.canvas.zoom() * self.devicePixelRatioF()
        size = capabilities.resolution
        self.stage.show_facts(f"{size} × {size}   {zoom:.0%}")

    def _on_loading(self, loading: bool) -> None:
        if self.canvas.picture is None:
            self.canvas.show_message(tr("Opening the model…") if loading else "")

    def _show_empty(self, empty: bool) -> None:
        self.stage.empty.setVisible(empty)
        if empty:
            self.canvas.show_message("")
            if not self._drawn:
                self.canvas.show_picture(None)
            self.status.render.set_full_text(tr("No model"))
            self.stage.empty.raise_()

    def _on_setting(self, key: str, value: Any) -> None:
        if key == "scaling":
            self.canvas.set_scaling(value)
        elif key == "theme":
            app = QApplication.instance()
            assert isinstance(app, QApplication)
            theme.apply_theme(app, value)

    # -- commands ---------------------------------------------------------------------------------

    def _copy(self) -> None:
        image = self.canvas.shown_image
        if image is not None:
            QGuiApplication.clipboard().setImage(image)
            self.context.notifications.info(tr("The picture is in the clipboard."))

    def _export(self) -> None:
        self.dialogs.show_export("grid" if self.canvas.grid_shown else "image")

    def _train(self) -> None:
        self.host.show("training")
        self.context.training.toggle()

    def _set_moving(self, on: bool) -> None:
        if on:
            self.actions_["drag"].setChecked(False)
        self.placement.set_active(on)

    def _set_dragging(self, on: bool) -> None:
        if on:
            self.actions_["move"].setChecked(False)
            self.host.show("drag")
        self.drag.set_active(on)

    def _set_fullscreen(self, on: bool) -> None:
        bars = (self.menuBar(), self.tools, self.status)
        if on:
            self._before_fullscreen = self.saveState(LAYOUT_VERSION)
            for dock in self.host.docks.values():
                dock.hide()
            for bar in bars:
                bar.hide()
            self.showFullScreen()
        elif self._before_fullscreen is not None:
            for bar in bars:
                bar.show()
            self.showNormal()
            self.restoreState(self._before_fullscreen, LAYOUT_VERSION)
            self._before_fullscreen = None
        self.canvas.setFocus()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes by what is behind other tabs: keys would change what nobody sees."""
        first = self.focusWidget()
        while super().focusNextPrevChild(forward):
            now = self.focusWidget()
            if now is first or not self.host.is_behind(now):
                return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that the control with the focus has no use for are the canvas's."""
        if event.key() == Qt.Key.Key_Escape:
            for name in ("fullscreen", "grid", "compare", "move", "drag"):
                if self.actions_[name].isChecked():
                    self.actions_[name].setChecked(False)
                    return
        elif not self._types() and not event.isAutoRepeat():
            if self.actions_.trigger_key(QKeySequence(event.keyCombination())):
                return
            if self.canvas.hold_key(event, True):
                return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat() or not self.canvas.hold_key(event, False):
            super().keyReleaseEvent(event)

    def _types(self) -> bool:
        """Whether the focus is in a field; what it refuses must not become a command."""
        return isinstance(self.focusWidget(), QLineEdit | QAbstractSpinBox)

    # -- drops ------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.open_dropped(*paths)

    def open_dropped(self, path: str, *others: str) -> None:
        """Open a model or session, restore a picture's scene, find photographs (several at once),
        or take a folder or zip as data.
        """

        def go(kind: drops.Drop) -> None:
            if kind == "picture":
                self.context.models.open_picture(path)
            elif kind == "photo":
                self.dialogs.show_photos((path, *others))
            elif kind == "session":
                self.desk.open_session(path)
            elif kind == "data":
                self.host.show("training")
                self.context.training.set_data(path)
            else:
                self.context.models.open_path(path)

        self.context.jobs.start(
            tr("Looking at the file"), drops.classify, path, plain=True, quiet=True, done=go
        )

    # -- layout and end ---------------------------------------------------------------------------

    def _restore_layout(self) -> None:
        store = self.context.settings.store
        geometry, layout = store.value("window/geometry"), store.value("window/state")
        available = self.screen().availableGeometry().size()
        self.resize(FIRST_SIZE.boundedTo(available))
        if isinstance(geometry, QByteArray) and not geometry.isEmpty():
            self.restoreGeometry(geometry)
        if isinstance(layout, QByteArray) and self.restoreState(layout, LAYOUT_VERSION):
            closed = store.value("window/closed_docks") or []
            self.host.restore([closed] if isinstance(closed, str) else list(closed))
        else:
            QTimer.singleShot(0, self.host.place)  # once the window has its real size

    def _save_layout(self) -> None:
        if self.actions_["fullscreen"].isChecked():
            self.actions_["fullscreen"].setChecked(False)
        store = self.context.settings.store
        store.setValue("window/geometry", self.saveGeometry())
        store.setValue("window/state", self.saveState(LAYOUT_VERSION))
        store.setValue("window/closed_docks", self.host.save())
        store.sync()

    def ask_about_training(self) -> str:
        """``save``, ``quit`` or ``stay``."""
        return ask_about_training(self)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._closing:
            event.accept()
            return
        save = True
        if self.context.training.running:
            answer = self.ask_about_training()
            if answer == "stay":
                event.ignore()
                return
            save = answer == "save"
        if not (self.desk.may_close() and self._may_lose_directions()):
            event.ignore()
            return
        if not self._shut_down(save):
            event.ignore()
            self.context.notifications.warning(
                tr("The training is still being saved. Close the window again in a moment.")
            )
            return
        self._closing = True
        event.accept()

    def _may_lose_directions(self) -> bool:
        """Ask about directions that no file has; a copy is written before another try to close."""
        names = self.context.models.unkept_directions()
        answer = self.ask_about_directions(names) if names else "discard"
        if answer == "save":
            self.context.models.save_copy()
        return answer == "discard"

    def ask_about_directions(self, names: list[str]) -> str:
        """``save``, ``discard`` or ``stay``."""
        return ask_about_directions(self, names)

    def _shut_down(self, save: bool) -> bool:
        """End every thread. Returns False if the training did not end in time."""
        self._save_layout()
        QGuiApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)
        try:
            if not self.context.training.shut_down(save):
                return False
            self.awake.set_held(False)
            self.desk.shut_down()
            self.context.jobs.shut_down()
            self.context.render.shut_down()
        finally:
            QGuiApplication.restoreOverrideCursor()
        return True
