"""Puts the registered docks into the window, shows those that the model has a use for, and
remembers which the user closed.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QMainWindow, QWidget

from latent_studio.ui.context import Context
from latent_studio.ui.docks.registry import BOTTOM, DOCKS, LEFT, RIGHT, DockSpec
from latent_studio.ui.i18n import tr
from latent_studio.ui.widgets.section import MARGIN, icon_button

if TYPE_CHECKING:
    from latent_studio.models.base import Capabilities

SIDE_WIDTH = 312
RIGHT_WIDTH = 300
BOTTOM_HEIGHT = 308  # of which a plot has half; the tabs below take 28
LOW_BOTTOM_HEIGHT = 266
LOW_WINDOW = 820
FULL_WIDTH_FROM = 1100  # below this height the docks at the left need all of it
LEFT_HEIGHTS = (400, 320)  # relative


class DockTitle(QWidget):
    """A quiet title; the mouse goes through to the dock, so that it can be dragged."""

    def __init__(self, text: str, dock: QDockWidget) -> None:
        super().__init__(dock)
        self.setObjectName("dock-title")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.label = QLabel(text)
        self.float_button = icon_button("float", tr("Float or dock {name}", name=text))
        self.close_button = icon_button("close", tr("Close {name}", name=text))
        for button in (self.float_button, self.close_button):
            button.setIconSize(QSize(12, 12))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.float_button.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        self.close_button.clicked.connect(dock.close)
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 3, 4, 3)
        row.setSpacing(0)
        row.addWidget(self.label)
        row.addStretch(1)
        row.addWidget(self.float_button)
        row.addWidget(self.close_button)


class DockBody(QWidget):
    """What a dock holds. ``seen()`` is called once, soon after it has first been painted: a dock
    behind another tab is not, so what is made then is made only when it is looked at.
    """

    def __init__(self, dock: QDockWidget, seen: Callable[[], object] | None = None) -> None:
        super().__init__(dock)
        self._seen = seen
        self.setObjectName("dock-body")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)

    def fill(self, widget: QWidget) -> None:
        self._seen = None
        self._row.addWidget(widget)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._seen is not None:
            seen, self._seen = self._seen, None
            QTimer.singleShot(0, self, seen)


class DockHost(QObject):
    """All docks of a window, by name; :meth:`place` once it is shown, or a restored state, makes
    the tabs (bars of tabs made before stay where they were then).

    ``dock_built(name, widget)`` tells that a lazy one has got its widget; until then it is not in
    ``widgets``.
    """

    dock_built = Signal(str, object)

    def __init__(self, window: QMainWindow, context: Context) -> None:
        super().__init__(window)
        self._window, self._context = window, context
        self.docks: dict[str, QDockWidget] = {}
        self.widgets: dict[str, QWidget] = {}
        self._toggles: dict[str, QAction] = {}
        window.setDockNestingEnabled(True)
        for spec in DOCKS:
            self._add(spec)
            window.addDockWidget(spec.area, self.docks[spec.name])
            self.docks[spec.name].setVisible(not spec.tab_with and self._is_wanted(spec))
        context.state.model_changed.connect(lambda _model: self.fit_model())

    def actions(self) -> list[QAction]:
        """One entry a dock for the View menu."""
        return list(self._toggles.values())

    def show(self, name: str) -> None:
        """Bring a dock to the front."""
        self._toggles[name].setChecked(True)
        self.docks[name].raise_()
        self.widget(name)

    def widget(self, name: str) -> QWidget:
        """The widget of a dock, made now if nobody has seen it yet."""
        if name not in self.widgets:
            dock = self.docks[name]
            body = dock.widget()
            assert isinstance(body, DockBody)
            spec = next(spec for spec in DOCKS if spec.name == name)
            self.widgets[name] = spec.create(self._context, dock)
            body.fill(self.widgets[name])
            self.dock_built.emit(name, self.widgets[name])
        return self.widgets[name]

    def place(self) -> None:
        """Every dock to its first place."""
        window = self._window
        low = window.height() < FULL_WIDTH_FROM
        window.setCorner(Qt.Corner.BottomLeftCorner, LEFT if low else BOTTOM)
        window.setCorner(Qt.Corner.BottomRightCorner, BOTTOM)
        self._take_out()
        for spec in DOCKS:
            dock = self.docks[spec.name]
            dock.setFloating(False)
            window.addDockWidget(spec.area, dock)
            if spec.tab_with:
                window.tabifyDockWidget(self.docks[spec.tab_with], dock)
            self._toggles[spec.name].setChecked(spec.visible)
        for spec in DOCKS:
            if spec.tab_with:
                self.docks[spec.tab_with].raise_()
        self.fit_model()
        window.layout().activate()  # docks have sizes only from here on
        self._size()

    def _take_out(self) -> None:
        """Every dock out of the window: of those that only change places Qt leaves bars of tabs
        behind, which lie about on other docks.
        """
        for dock in self.docks.values():
            self._window.removeDockWidget(dock)
        self._window.layout().activate()

    def _size(self) -> None:
        horizontal, vertical = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        left = [self.docks[s.name] for s in DOCKS if s.area == LEFT and not s.tab_with]
        right = [self.docks[s.name] for s in DOCKS if s.area == RIGHT and not s.tab_with]
        bottom = [self.docks[s.name] for s in DOCKS if s.area == BOTTOM and not s.tab_with]
        self._window.resizeDocks(
            [*left[:1], *right[:1]],
            [SIDE_WIDTH, RIGHT_WIDTH][: len(left[:1] + right[:1])],
            horizontal,
        )
        low = self._window.height() < LOW_WINDOW
        height = LOW_BOTTOM_HEIGHT if low else BOTTOM_HEIGHT
        self._window.resizeDocks(bottom, [height] * len(bottom), vertical)
        self._window.resizeDocks(left, LEFT_HEIGHTS[: len(left)], vertical)

    def fit_model(self) -> None:
        """Show the docks that the user wants and the model has a use for."""
        capabilities = self._context.state.capabilities
        appeared = set()
        for spec in DOCKS:
            self._toggles[spec.name].setEnabled(is_useful(spec, capabilities))
            wanted = self._is_wanted(spec)
            if wanted and self.docks[spec.name].isHidden():
                appeared.add(spec.name)
            self.docks[spec.name].setVisible(wanted)
        for spec in DOCKS:
            if spec.name in appeared and spec.tab_with in appeared:
                self.docks[spec.tab_with].raise_()

    def is_behind(self, widget: QWidget | None) -> bool:
        """Whether a widget is in a dock that is covered by another tab: Qt calls it visible."""
        while widget is not None and not isinstance(widget, QDockWidget):
            widget = widget.parentWidget()
        return widget is not None and widget.visibleRegion().isEmpty()

    def save(self) -> list[str]:
        """Names of the docks that the user closed."""
        return sorted(name for name, toggle in self._toggles.items() if not toggle.isChecked())

    def restore(self, closed: list[str]) -> None:
        for name, toggle in self._toggles.items():
            toggle.setChecked(name not in closed)
        self.fit_model()

    def _add(self, spec: DockSpec) -> None:
        title = spec.title()
        dock = QDockWidget(title, self._window)
        dock.setObjectName(f"dock-{spec.name}")
        dock.setTitleBarWidget(DockTitle(title, dock))
        body = DockBody(dock, (lambda: self.widget(spec.name)) if spec.lazy else None)
        dock.setWidget(body)
        toggle = QAction(title, self._window, checkable=True)
        toggle.setChecked(spec.visible)
        toggle.toggled.connect(lambda _on, spec=spec: self._on_toggled(spec))
        toggle.triggered.connect(lambda on, name=spec.name: on and self.show(name))
        dock.installEventFilter(self)
        self.docks[spec.name] = dock
        self._toggles[spec.name] = toggle
        if not spec.lazy:
            self.widget(spec.name)

    def _on_toggled(self, spec: DockSpec) -> None:
        self.docks[spec.name].setVisible(self._is_wanted(spec))

    def _is_wanted(self, spec: DockSpec) -> bool:
        """Whether the user wants a dock and the model has a use for it."""
        wanted = self._toggles[spec.name].isChecked()
        return wanted and is_useful(spec, self._context.state.capabilities)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Close:
            for name, dock in self.docks.items():
                if dock is watched:
                    self._toggles[name].setChecked(False)
        return False


def is_useful(spec: DockSpec, capabilities: "Capabilities | None") -> bool:
    """Whether a dock has something to control; without a model only what needs none."""
    if spec.needs is None:
        return True
    return capabilities is not None and spec.needs(capabilities)
