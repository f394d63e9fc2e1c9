"""Every control of every dock and dialog has a tooltip, a name, and is reached by the keyboard."""

from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QGraphicsView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMessageBox,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QTabWidget,
    QToolBar,
    QWidget,
)

from latent_studio.ui.canvas.canvas import Canvas

# They hold others, or show what can be copied: they need no words of their own.
HOLDERS = (QHeaderView, QLabel, QScrollArea, QScrollBar, QTabWidget)
INPUTS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QScrollArea,
    QTabBar,
)


def controls(root: QWidget) -> Iterator[QWidget]:
    """What a person can work with below ``root`` now; not the parts that Qt makes of it."""
    for widget in root.findChildren(QWidget):
        if not (widget.isVisible() and widget.isEnabled()) or isinstance(widget, HOLDERS):
            continue
        own = isinstance(widget, INPUTS) or widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        if own and not widget.objectName().startswith("qt_") and not _is_part(widget):
            yield widget


def _is_part(widget: QWidget) -> bool:
    """Whether another control holds it: the field of a spin box, the buttons of a tab bar."""
    if widget.metaObject().className() == "QTableCornerButton":
        return True
    holders = QAbstractSpinBox | QComboBox | QTabBar | QHeaderView | QLineEdit
    parent = widget.parentWidget()
    if isinstance(parent, QAbstractScrollArea) and parent.viewport() is widget:
        return True
    while parent is not None and not parent.isWindow():
        if isinstance(parent, holders):
            return True
        parent = parent.parentWidget()
    return False


def name_of(widget: QWidget) -> str:
    """What a screen reader says: set, given by a label with a buddy, or the text of a button."""
    interface = QAccessible.queryAccessibleInterface(widget)
    return interface.text(QAccessible.Text.Name) if interface is not None else ""


def tip_of(widget: QWidget) -> str:
    """Its own tooltip, or that of what it is a part of: Qt shows the parent's where none is."""
    at: QWidget | None = widget
    while at is not None and not at.isWindow():
        if at.toolTip():
            return at.toolTip()
        at = at.parentWidget()
    return ""


def describe(widget: QWidget) -> str:
    chain = []
    at: QWidget | None = widget
    while at is not None:
        chain.append(at.objectName() or type(at).__name__)
        at = at.parentWidget()
    text = widget.text() if isinstance(widget, QAbstractButton) else ""
    return f"{type(widget).__name__} {text!r} in {' < '.join(chain[1:6])}"


def faults(root: QWidget) -> list[str]:
    """What the controls below ``root`` lack."""
    found = []
    for widget in controls(root):
        if not name_of(widget).strip():
            found.append(f"no name: {describe(widget)}")
        # a tab says by its text what it is; nothing should hang over pictures and curves
        needless = isinstance(widget, QTabBar | QGraphicsView | Canvas)
        if not needless and not tip_of(widget).strip():
            found.append(f"no tooltip: {describe(widget)}")
        if not _takes_tab(widget):
            found.append(f"not by Tab: {describe(widget)}")
    return found


def _takes_tab(widget: QWidget) -> bool:
    group = widget.group() if isinstance(widget, QAbstractButton) else None
    alike = [widget] if group is None else group.buttons()
    return any(bool(one.focusPolicy() & Qt.FocusPolicy.TabFocus) for one in alike)


def _is_one_of(widget: QWidget) -> bool:
    """Whether arrows lead to it from another one of a group, to which Tab comes."""
    if not isinstance(widget, QAbstractButton):
        return False
    return widget.autoExclusive() or widget.group() is not None


def pages(root: QWidget) -> Iterator[None]:
    """Show each page of the tabs below ``root`` in turn; once if there are none."""
    tabs = [tab for tab in root.findChildren(QTabWidget) if tab.isVisible()]
    if isinstance(root, QTabWidget):
        tabs.append(root)
    for tab in tabs:
        before = tab.currentIndex()
        for index in range(tab.count()):
            tab.setCurrentIndex(index)
            QApplication.processEvents()
            yield
        tab.setCurrentIndex(before)
    if not tabs:
        yield


def unreached(root: QWidget) -> list[str]:
    """Controls that the Tab key does not come to, from the first one on."""
    wanted = [w for w in controls(root) if w.focusPolicy() & Qt.FocusPolicy.TabFocus]
    wanted = [w for w in wanted if not _is_one_of(w)]
    if not wanted:
        return []
    wanted[0].setFocus(Qt.FocusReason.TabFocusReason)
    visited = {QApplication.focusWidget()}
    for _ in range(3 * len(wanted) + 60):
        QTest.keyClick(QApplication.focusWidget() or root, Qt.Key.Key_Tab)
        visited.add(QApplication.focusWidget())
        if visited.issuperset(wanted):
            break
    seen = [w for w in visited if w is not None]
    return [
        describe(w)
        for w in wanted
        if not any(v in (w, w.focusProxy()) or w.isAncestorOf(v) for v in seen)
    ]


def test_every_dock_can_be_used_without_a_mouse_or_sight(window, qtbot) -> None:
    window.resize(1600, 1100)
    found = {}
    for name, dock in window.host.docks.items():
        window.host.show(name)
        qtbot.waitUntil(lambda dock=dock: not dock.visibleRegion().isEmpty(), timeout=3000)
        QApplication.processEvents()
        found[name] = []
        for _ in pages(dock.widget()):
            found[name] += faults(dock.widget())
            found[name] += [f"not reached: {line}" for line in unreached(dock.widget())]
    found["bars"] = [f for bar in window.findChildren(QToolBar) for f in faults(bar)]
    found["bars"] += faults(window.status)
    found["canvas"] = faults(window.centralWidget())
    report = [f"{place}: {fault}" for place, all_ in found.items() for fault in dict.fromkeys(all_)]
    assert not report, "\n".join(dict.fromkeys(report))


def test_every_menu_entry_has_words(window) -> None:
    for action in window.menuBar().actions():
        assert "&" in action.text()
        for entry in action.menu().actions():
            assert entry.isSeparator() or entry.text().strip()


def open_dialogs(window) -> dict[str, Callable[[], object]]:
    """By name what opens them."""
    dialogs = window.dialogs
    return {
        "settings": dialogs.show_settings,
        "guide": dialogs.show_guide,
        "keys": dialogs.show_keys,
        "messages": dialogs.show_messages,
        "about": dialogs.show_about,
        "discover": dialogs.show_discover,
        "photos": dialogs.show_photos,
        "get_models": dialogs.show_get_models,
        **{
            f"export {page}": (lambda page=page: dialogs.show_export(page))
            for page in ("image", "grid", "video")
        },
    }


def test_every_dialog_can_be_used_without_a_mouse_or_sight(window, qtbot) -> None:
    report = []
    for name, show in open_dialogs(window).items():
        show()
        QApplication.processEvents()
        for dialog in window.findChildren(QDialog):
            if not dialog.isVisible():
                continue
            for _ in pages(dialog) if not isinstance(dialog, QMessageBox) else ():
                report += [f"{name}: {fault}" for fault in faults(dialog)]
            dialog.hide()
    assert not report, "\n".join(dict.fromkeys(report))


def ring(window, forward: bool) -> list[QWidget]:
    """Where Tab goes, from the canvas until it is back."""
    window.canvas.setFocus()
    found: list[QWidget] = []
    while not found or found[-1] is not window.canvas:
        assert window.focusNextPrevChild(forward) and len(found) < 1000, "Tab does not come back"
        found.append(window.focusWidget())
    return found[:-1]


def test_tab_goes_through_what_came_with_the_model_where_it_is_seen(
    window, models, qtbot, settled
) -> None:
    for name in (None, "other"):  # rows are built anew with each model
        if name is not None:
            window.context.models.open_path(str(models[name]))
            settled(window)
        directions, mixing = (window.host.widgets[one] for one in ("directions", "mixing"))
        rows = directions.listed.values()
        rows_stops = [
            stop for row in rows for stop in (row.slider.track, row.slider.spin, row.fold)
        ]
        layers = [mixing.table.button(layer, 0) for layer in range(mixing._layers())]
        forward = ring(window, True)
        assert len(forward) == len(set(forward)), "something is come to twice"
        assert ring(window, False) == forward[::-1]
        at = forward.index(directions.more)
        assert forward[at + 1 : at + 1 + len(rows_stops)] == rows_stops
        chosen = [mixing.tiles[0], mixing.add, mixing.seed, mixing.presets["all"], *layers]
        places = [forward.index(one) for one in chosen]
        assert places == sorted(places) and places[0] > at + len(rows_stops)
        assert places[-1] < forward.index(window.host.widgets["training"].bar.start)


def test_tab_goes_on_to_the_layers_that_a_direction_acts_on(window, qtbot) -> None:
    first, second, *_ = window.host.widgets["directions"].listed.values()
    qtbot.mouseClick(first.fold, Qt.MouseButton.LeftButton)
    forward = ring(window, True)
    at = forward.index(first.fold)
    assert forward[at : at + 4] == [first.fold, first.first, first.last, second.slider.track]
