"""Menus and tool bar of the window."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolBar, QToolButton, QWidget

from latent_studio.ui import looks
from latent_studio.ui.actions import Actions
from latent_studio.ui.context import Context
from latent_studio.ui.docks.run_menu import RunMenu
from latent_studio.ui.i18n import chosen_language, running_language, tr

if TYPE_CHECKING:
    from latent_studio.ui.main_window import MainWindow


def build_menus(window: "MainWindow") -> None:
    """Fill the menu bar from the table of commands."""
    menu, made = window.menuBar().addMenu, window.actions_
    file = menu(tr("&File"))
    _fill(file, made, "open get_models open_picture photos | open_session")
    file.addMenu(_recent_sessions(window, file))
    _fill(file, made, "save_session save_session_as | copy export | quit")
    edit = menu(tr("&Edit"))
    edit.addActions([window.undo, window.redo])
    _fill(edit, made, "| reset | settings")
    window.model_menu.setTitle(tr("&Model"))
    window.menuBar().addMenu(window.model_menu)
    _fill(
        menu(tr("&Latent")),
        made,
        "random previous next | bookmark keyframe | play walk walk_faster walk_slower | discover",
    )
    train = menu(tr("&Train"))
    _fill(train, made, "train stop_training live |")
    runs = RunMenu(window.context, train)
    runs.setTitle(tr("Runs"))
    train.addMenu(runs)
    view = menu(tr("&View"))
    _fill(view, made, "grid compare move drag | fit one_to_one zoom_in zoom_out")
    context = window.context
    view.addMenu(_choice_menu(context, tr("Scaling"), "scaling", looks.scalings(), view))
    view.addSeparator()
    view.addActions(window.host.actions())
    view.addSeparator()
    view.addMenu(_choice_menu(context, tr("Theme"), "theme", looks.themes(), view))
    view.addMenu(_language_menu(context, view))
    _fill(view, made, "| fullscreen reset_layout")
    _fill(menu(tr("&Help")), made, "guide keys messages | about")


def build_tool_bar(window: "MainWindow") -> QToolBar:
    """The tool bar, with the button of models first."""
    bar = QToolBar(tr("Tools"), window)
    bar.setObjectName("tools")
    bar.setMovable(False)
    bar.setIconSize(QSize(18, 18))
    bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    bar.addWidget(window.model_button)
    bar.addSeparator()
    bar.addAction(window.actions_["random"])
    bar.addActions([window.undo, window.redo])
    _fill(bar, window.actions_, "| grid compare move drag live | export")
    for action in (window.undo, window.redo):
        button = bar.widgetForAction(action)
        assert isinstance(button, QToolButton)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
    for button in bar.findChildren(QToolButton):
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    window.addToolBar(bar)
    return bar


def make_model_button(menu: QMenu) -> QToolButton:
    button = QToolButton()
    button.setProperty("role", "chip")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(menu)
    button.setToolTip(tr("The model: click to open another one"))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    return button


def _recent_sessions(window: "MainWindow", parent: QWidget) -> QMenu:
    menu = QMenu(tr("Recent sessions"), parent)
    menu.setToolTipsVisible(True)

    def fill() -> None:
        menu.clear()
        for path in window.context.settings.get("recent_sessions"):
            action = menu.addAction(
                Path(path).stem, lambda path=path: window.desk.open_session(path)
            )
            action.setToolTip(path)
        if menu.isEmpty():
            menu.addAction(tr("None yet")).setEnabled(False)

    menu.aboutToShow.connect(fill)
    return menu


def _choice_menu(
    context: Context, title: str, key: str, choices: list[tuple[str, str]], parent: QWidget
) -> QMenu:
    """One of ``choices`` (text, value) for the setting ``key``."""
    menu = QMenu(title, parent)
    for text, value in choices:
        action = menu.addAction(text, partial(context.settings.set, key, value))
        action.setCheckable(True)
        action.setData(value)

    def mark() -> None:
        for action in menu.actions():
            action.setChecked(action.data() == context.settings.get(key))

    menu.aboutToShow.connect(mark)
    return menu


def _language_menu(context: Context, parent: QWidget) -> QMenu:
    menu = _choice_menu(context, tr("Language"), "language", looks.languages(), parent)

    def tell(action: QAction) -> None:
        if chosen_language(action.data()) != running_language():
            context.notifications.info(tr("The language changes at the next start."))

    menu.triggered.connect(tell)
    return menu


def _fill(menu: Any, actions: Actions, names: str) -> None:
    """Add commands by name; ``|`` is a separator."""
    for name in names.split():
        if name == "|":
            menu.addSeparator()
        else:
            menu.addAction(actions[name])
