"""Every command of the window with its key: menus, tool bar and the list of keys are made of it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from latent_studio.ui import theme
from latent_studio.ui.i18n import tr


@dataclass(frozen=True)
class Command:
    """One command.

    ``keys`` are portable key sequences; with ``on_canvas`` they act only while the canvas has the
    focus, so that letters can be typed elsewhere.
    """

    name: str
    text: Callable[[], str]
    tip: Callable[[], str]
    keys: tuple[str, ...] = ()
    icon: str = ""
    on_canvas: bool = False
    checkable: bool = False


COMMANDS: tuple[Command, ...] = (
    Command(
        "open", lambda: tr("Open model…"), lambda: tr("Open a model file"), ("Ctrl+O",), "open"
    ),
    Command(
        "get_models",
        lambda: tr("Get models…"),
        lambda: tr("Get published models from the web"),
        ("Ctrl+Shift+O",),
        "download",
    ),
    Command(
        "open_picture",
        lambda: tr("Open picture’s scene…"),
        lambda: tr("Restore the scene that an exported PNG carries"),
    ),
    Command(
        "open_session",
        lambda: tr("Open session…"),
        lambda: tr("Open a scene with its timeline and layout"),
    ),
    Command(
        "save_session",
        lambda: tr("Save session"),
        lambda: tr("Save scene, timeline and layout as a document"),
        ("Ctrl+S",),
        "save",
    ),
    Command(
        "save_session_as",
        lambda: tr("Save session as…"),
        lambda: tr("Save the session as another document"),
        ("Ctrl+Shift+S",),
    ),
    Command(
        "photos",
        lambda: tr("Find photographs…"),
        lambda: tr("Find own photographs in the model, to edit them"),
        ("Ctrl+I",),
        "photo",
    ),
    Command(
        "copy",
        lambda: tr("Copy picture"),
        lambda: tr("Copy the picture to the clipboard"),
        ("Ctrl+Shift+C",),
        "copy",
    ),
    Command(
        "export",
        lambda: tr("Export…"),
        lambda: tr("Export an image, a grid or a video"),
        ("E",),
        "export",
        on_canvas=True,
    ),
    Command("quit", lambda: tr("Quit"), lambda: tr("Close the program"), ("Ctrl+Q",)),
    Command(
        "reset",
        lambda: tr("Reset sliders"),
        lambda: tr("Every direction and component back to zero"),
        ("0",),
        "reset",
        on_canvas=True,
    ),
    Command("settings", lambda: tr("Settings…"), lambda: tr("Settings"), ("Ctrl+,",), "settings"),
    Command(
        "random",
        lambda: tr("Random"),
        lambda: tr("A random seed"),
        ("Space",),
        "random",
        on_canvas=True,
    ),
    Command(
        "previous",
        lambda: tr("Previous seed"),
        lambda: tr("The seed before"),
        ("Left",),
        on_canvas=True,
    ),
    Command(
        "next", lambda: tr("Next seed"), lambda: tr("The seed after"), ("Right",), on_canvas=True
    ),
    Command(
        "bookmark",
        lambda: tr("Bookmark"),
        lambda: tr("Keep what is shown in the gallery"),
        ("B",),
        "bookmark",
        on_canvas=True,
    ),
    Command(
        "keyframe",
        lambda: tr("Add keyframe"),
        lambda: tr("Add what is shown to the timeline"),
        ("K",),
        "keyframe",
        on_canvas=True,
    ),
    Command(
        "play",
        lambda: tr("Play / pause timeline"),
        lambda: tr("Play the timeline on the canvas, or rest"),
        ("P",),
        "play",
        on_canvas=True,
    ),
    Command(
        "walk",
        lambda: tr("Random walk"),
        lambda: tr("Walk on and on through the model’s latents; again to stop there"),
        ("W",),
        "walk",
        on_canvas=True,
        checkable=True,
    ),
    Command(
        "walk_faster",
        lambda: tr("Walk faster"),
        lambda: tr("Walk half as fast again"),
        ("]",),
        on_canvas=True,
    ),
    Command(
        "walk_slower",
        lambda: tr("Walk slower"),
        lambda: tr("Walk at two thirds of the speed"),
        ("[",),
        on_canvas=True,
    ),
    Command(
        "discover",
        lambda: tr("Discover directions"),
        lambda: tr("Search the principal components of this model"),
    ),
    Command(
        "train",
        lambda: tr("Start / pause training"),
        lambda: tr("Start a training, pause it, or go on"),
        ("T",),
        "train",
        on_canvas=True,
    ),
    Command(
        "stop_training",
        lambda: tr("Stop training"),
        lambda: tr("Save and end the training"),
        (),
        "stop",
    ),
    Command(
        "live",
        lambda: tr("Live"),
        lambda: tr("Live: the picture follows the model in training"),
        ("L",),
        "live",
        on_canvas=True,
        checkable=True,
    ),
    Command(
        "grid",
        lambda: tr("Grid"),
        lambda: tr("Several seeds side by side"),
        ("G",),
        "grid",
        on_canvas=True,
        checkable=True,
    ),
    Command(
        "compare",
        lambda: tr("Compare"),
        lambda: tr("Pin this picture as A and compare (hold C: the picture unedited)"),
        ("Shift+C",),
        "compare",
        on_canvas=True,
        checkable=True,
    ),
    Command(
        "move",
        lambda: tr("Move"),
        lambda: tr(
            "Drag the picture to move what it shows; drag its handle, or hold Shift, to turn it"
        ),
        ("M",),
        "move",
        on_canvas=True,
        checkable=True,
    ),
    Command(
        "drag",
        lambda: tr("Drag points"),
        lambda: tr("Drag points of the picture to where they should be"),
        ("D",),
        "drag",
        on_canvas=True,
        checkable=True,
    ),
    Command(
        "fit",
        lambda: tr("Fit"),
        lambda: tr("Fit the picture into the window"),
        ("Ctrl+0",),
        "fit",
    ),
    Command("one_to_one", lambda: tr("Actual size"), lambda: tr("One to one"), ("Ctrl+1",)),
    Command("zoom_in", lambda: tr("Zoom in"), lambda: tr("Zoom in"), ("Ctrl++", "Ctrl+=")),
    Command("zoom_out", lambda: tr("Zoom out"), lambda: tr("Zoom out"), ("Ctrl+-",)),
    Command(
        "fullscreen",
        lambda: tr("Full screen"),
        lambda: tr("The picture alone on the whole screen"),
        ("F",),
        "fullscreen",
        on_canvas=True,
        checkable=True,
    ),
    Command("reset_layout", lambda: tr("Reset layout"), lambda: tr("Docks back to their places")),
    Command("messages", lambda: tr("Messages…"), lambda: tr("All messages of this session")),
    Command(
        "guide",
        lambda: tr("User guide…"),
        lambda: tr("What the window can do, and how"),
        ("Shift+F1",),
        "info",
    ),
    Command("keys", lambda: tr("Keys…"), lambda: tr("All keys"), ("F1",), "keyboard"),
    Command("about", lambda: tr("About Latent Studio"), lambda: tr("Version and licence")),
)


class Actions(QObject):
    """The commands as ``QAction``; ``actions["grid"]``."""

    def __init__(self, window: QWidget, canvas: QWidget) -> None:
        super().__init__(window)
        self._made: dict[str, QAction] = {}
        for command in COMMANDS:
            self._made[command.name] = self._make(command, canvas if command.on_canvas else window)
        theme.notifier().changed.connect(self._dress)
        self._dress()

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def connect_all(self, handlers: dict[str, Callable[..., object]]) -> None:
        """Every command needs its handler (checkable ones get the state)."""
        missing = self._made.keys() - handlers.keys()
        assert not missing, f"commands without a handler: {sorted(missing)}"
        for name, handler in handlers.items():
            action = self._made[name]
            if action.isCheckable():
                action.toggled.connect(handler)
            else:
                action.triggered.connect(lambda _checked=False, handler=handler: handler())

    def trigger_key(self, keys: QKeySequence) -> bool:
        """Run the canvas command of ``keys``; False if there is none, or it cannot act now."""
        for command in COMMANDS:
            action = self._made[command.name]
            if command.on_canvas and action.isEnabled() and keys in action.shortcuts():
                action.trigger()
                return True
        return False

    def set_checked(self, name: str, checked: bool) -> None:
        """Show a state without acting."""
        action = self._made[name]
        action.blockSignals(True)
        action.setChecked(checked)
        action.blockSignals(False)

    def _make(self, command: Command, owner: QWidget) -> QAction:
        action = QAction(command.text(), owner)
        action.setObjectName(command.name)
        action.setCheckable(command.checkable)
        action.setShortcuts([QKeySequence(keys) for keys in command.keys])
        context = Qt.ShortcutContext
        action.setShortcutContext(
            context.WidgetShortcut if command.on_canvas else context.WindowShortcut
        )
        action.setAutoRepeat(command.name in ("previous", "next", "zoom_in", "zoom_out"))
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{command.tip()} ({keys})" if keys else command.tip())
        action.setStatusTip("")
        owner.addAction(action)
        return action

    def _dress(self) -> None:
        for command in COMMANDS:
            if command.icon:
                self._made[command.name].setIcon(theme.icon(command.icon))
