"""Every step that can be taken back, to go to any of them."""

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from shiboken6 import isValid

from latent_studio.ui.context import Context
from latent_studio.ui.i18n import tr
from latent_studio.ui.item_views import UndoView
from latent_studio.ui.widgets.section import MARGIN, SPACING


class HistoryDock(QWidget):
    """The undo stack as a list: a click (or the arrow keys) goes to a step."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        stack = context.state.undo_stack
        self.view = UndoView(stack)
        self.view.setEmptyLabel(tr("Beginning"))
        self.view.setAccessibleName(tr("Steps"))
        self.view.setToolTip(tr("Click a step to go back to it, or forward again"))
        self.count = QLabel()
        self.count.setProperty("role", "muted")
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(SPACING)
        column.addWidget(self.view, 1)
        column.addWidget(self.count)

        def tell(index: int) -> None:
            if not isValid(stack):  # it tells of its own end, too
                return
            count = stack.count()
            self.count.setText(tr("Step {index} of {count}", index=index, count=count))

        stack.indexChanged.connect(tell)
        tell(stack.index())
