"""One candidate direction: five pictures along it, and a field to name it."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from latent_studio.ui import theme
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from latent_studio.latent.direction import Direction

STEPS = (-3.0, -1.5, 0.0, 1.5, 3.0)
SIDE = 72
GAP = 2


class PictureStrip(QWidget):
    """Paints one picture a step; places are empty until theirs comes."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures: list[Picture | None] = [None] * len(STEPS)
        self.setAccessibleName(tr("Pictures along {title}", title=title))
        self.setToolTip(tr("From −3 to +3, the present picture in the middle"))
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(len(STEPS) * (SIDE + GAP) - GAP, SIDE)

    def put(self, place: int, picture: Picture) -> None:
        self.pictures[place] = picture
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for place, picture in enumerate(self.pictures):
            box = QRectF(place * (SIDE + GAP), 0, SIDE, SIDE)
            if picture is None:
                painter.fillRect(box, QColor(theme.colors().field))
            else:
                picture.paint(painter, box, True)
        painter.end()


class CandidateRow(QWidget):
    """``keep_requested(name)``: the user wants it as a slider; the name may be empty."""

    keep_requested = Signal(str)

    def __init__(self, direction: "Direction", about: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.direction = direction
        self.strip = PictureStrip(direction.name)
        self.title = QLabel(direction.name)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.about = QLabel(about)
        self.about.setProperty("role", "muted")
        self.name = QLineEdit()
        self.name.setPlaceholderText(tr("Name it to keep it"))
        self.name.setAccessibleName(tr("Name of {title}", title=direction.name))
        self.name.setToolTip(tr("What the slider is called; Enter keeps it"))
        self.keep = QPushButton(tr("Keep"))
        self.keep.setToolTip(tr("Make it a slider"))
        self.keep.setAutoDefault(False)  # else Return in any field of the window presses it
        self.keep.setAccessibleName(tr("Keep {title}", title=direction.name))
        self._lay_out()
        self.name.returnPressed.connect(self._ask)
        self.keep.clicked.connect(self._ask)

    def show_kept(self, name: str) -> None:
        """Say that it is a slider now."""
        self.about.setText(tr("kept as “{name}”", name=name))
        self.name.clear()

    def _ask(self) -> None:
        self.keep_requested.emit(self.name.text().strip())

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.name, 1)
        line.addWidget(self.keep)
        side = QVBoxLayout()
        side.setSpacing(3)
        side.addWidget(self.title)
        side.addWidget(self.about)
        side.addLayout(line)
        side.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 6)
        row.setSpacing(10)
        row.addWidget(self.strip)
        row.addLayout(side, 1)
