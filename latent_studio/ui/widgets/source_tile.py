"""A source of styles: its letter, its thumbnail, its seed."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from latent_studio.ui import theme
from latent_studio.ui.canvas.picture import Picture
from latent_studio.ui.i18n import tr

SIDE = 52


class SourceTile(QAbstractButton):
    """Checkable; the checked one is the source that the presets and the seed field act on."""

    def __init__(self, letter: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.letter = letter
        self.picture: Picture | None = None
        self.seed: int | None = None
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Source {letter}", letter=letter))
        self.setToolTip(
            tr("Source A: the picture itself")
            if letter == "A"
            else tr("Source {letter}: layers can take their styles from it", letter=letter)
        )

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE + 18)

    def show_source(self, seed: int | None, picture: Picture | None) -> None:
        if (self.seed, self.picture) != (seed, picture):
            self.seed, self.picture = seed, picture
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colors()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(2, 2, SIDE - 4, SIDE - 4)
        if self.picture is not None:
            self.picture.paint(painter, box, True)
        else:
            painter.fillRect(box, QColor(colours.field))
        marked = self.isChecked() or self.hasFocus()
        painter.setPen(QPen(QColor(colours.accent if marked else colours.border), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box.adjusted(-1, -1, 1, 1), 4, 4)
        badge = QRectF(5, 5, 16, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawRoundedRect(badge, 4, 4)
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, self.letter)
        painter.setPen(QColor(colours.text if self.isChecked() else colours.muted))
        text = tr("vector") if self.seed is None else str(self.seed)
        label = QRectF(0, SIDE, SIDE, 18)
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, SIDE)
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, elided)
        painter.end()
