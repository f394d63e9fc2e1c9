"""F1: every key."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QVBoxLayout, QWidget

from latent_studio.ui.actions import COMMANDS
from latent_studio.ui.i18n import tr


def key_rows() -> list[tuple[str, str]]:
    """``(keys, what they do)``, those of the canvas first."""
    rows = []
    for command in sorted(COMMANDS, key=lambda c: not c.on_canvas):
        if command.keys:
            texts = [
                QKeySequence(k).toString(QKeySequence.SequenceFormat.NativeText)
                for k in command.keys
            ]
            rows.append((" , ".join(texts), command.tip()))
    undo = QKeySequence("Ctrl+Z").toString(QKeySequence.SequenceFormat.NativeText)
    redo = QKeySequence("Ctrl+Shift+Z").toString(QKeySequence.SequenceFormat.NativeText)
    return [
        *rows,
        ("C", tr("Hold: the picture unedited, or A")),
        (undo, tr("Undo")),
        (redo, tr("Redo")),
    ]


class KeysDialog(QDialog):
    """A table; single letters act while the picture has the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Keys"))
        note = QLabel(tr("Single keys act unless a field or button with the focus uses them."))
        note.setProperty("role", "muted")
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(5)
        rows = key_rows()
        half = (len(rows) + 1) // 2
        for index, (keys, text) in enumerate(rows):
            label = QLabel(keys)
            label.setProperty("role", "title")
            label.setAlignment(Qt.AlignmentFlag.AlignRight)
            row, side = index % half, 2 * (index // half)
            grid.addWidget(label, row, side)
            grid.addWidget(QLabel(text), row, side + 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 18)
        column.setSpacing(12)
        column.addWidget(note)
        column.addLayout(grid)
