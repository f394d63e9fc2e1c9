"""A button whose menu stays open while several things are ticked in it."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from latent_studio.ui.i18n import tr


class StayingMenu(QMenu):
    """Ticking an entry does not close it; Escape, Enter and a click beside it do."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = self.activeAction()
        if action is not None and action.isCheckable() and action.isEnabled():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self.activeAction()
        if event.key() == Qt.Key.Key_Space and action is not None and action.isCheckable():
            action.trigger()
        else:
            super().keyPressEvent(event)


class ManyChoice(QToolButton):
    """Some of several named things, in the order of the menu.

    ``values_changed(list)`` comes only from the user. What was chosen and is not offered (any more)
    stays chosen and is offered, too.
    """

    values_changed = Signal(list)

    def __init__(
        self, name: str, tip: str, nothing: str, width: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._name, self._tip, self._nothing, self._width = name, tip, nothing, width
        self._titles: dict[str, str] = {}
        self._values: list[str] = []
        self.setProperty("role", "many")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumWidth(width)
        menu = StayingMenu(self)
        menu.setToolTipsVisible(True)
        self.setMenu(menu)
        self._show()

    def values(self) -> list[str]:
        """What is ticked."""
        return list(self._values)

    def titles(self) -> dict[str, str]:
        """What is offered."""
        return dict(self._titles)

    def set_titles(self, titles: Mapping[str, str]) -> None:
        """What is offered: names with what they stand for."""
        self._titles = dict(titles)
        self._fill()

    def set_values(self, values: Sequence[str]) -> None:
        self._values = list(values)
        self._fill()

    def set_nothing(self, text: str) -> None:
        """What the button says while nothing is ticked."""
        self._nothing = text
        self._show()

    def sizeHint(self) -> QSize:
        return QSize(self._width, super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show()

    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        names = [*self._titles, *(name for name in self._values if name not in self._titles)]
        for name in names:
            title = self._titles.get(name, "")
            action = menu.addAction(f"{name}   {title}" if title else name)
            action.setData(name)
            action.setCheckable(True)
            action.setChecked(name in self._values)
            action.toggled.connect(lambda *_: self._on_toggled())
        if not names:
            menu.addAction(tr("They are being looked up…")).setEnabled(False)
        self._show()

    def _on_toggled(self) -> None:
        actions = self.menu().actions()
        self._values = [str(action.data()) for action in actions if action.isChecked()]
        self._show()
        self.values_changed.emit(self.values())

    def _show(self) -> None:
        text = ", ".join(self._values) or self._nothing
        room = self.width() - 38  # padding and arrow
        self.setText(self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room))
        self.setToolTip(f"{self._tip}\n{text}")
        self.setAccessibleName(f"{self._name}: {text}")
