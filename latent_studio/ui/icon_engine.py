"""Icons drawn from SVG when they are looked at.

A window has some dozens of them, each in three colours and as many sizes as there are screens; to
draw all of that ahead took a quarter of the time in which the window was built.
"""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer


@dataclass(frozen=True)
class Tints:
    """Colours of an icon, as ``#rrggbb``."""

    normal: str
    checked: str
    disabled: str

    def of(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        if mode == QIcon.Mode.Disabled:
            return self.disabled
        return self.checked if state == QIcon.State.On else self.normal


_clones: list[QIconEngine] = []


class SvgIconEngine(QIconEngine):
    """The shape of ``path`` in ``tints``, at exactly the pixels that are asked for."""

    def __init__(self, path: Path, tints: Tints) -> None:
        super().__init__()
        self._path, self._tints = path, tints
        self._drawn: dict[tuple[int, int, str], QPixmap] = {}

    def clone(self) -> QIconEngine:
        """For an icon that is about to be changed, which nobody does here."""
        copy = SvgIconEngine(self._path, self._tints)
        _clones.append(copy)  # Qt owns it without telling Python
        return copy

    def key(self) -> str:
        return "latent-studio-svg"

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """``size`` is in pixels of the screen."""
        what = (size.width(), size.height(), self._tints.of(mode, state))
        if what not in self._drawn:
            self._drawn[what] = self._draw(size, what[2])
        return self._drawn[what]

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        scale = painter.device().devicePixelRatioF()
        painter.drawPixmap(rect, self.pixmap(rect.size() * scale, mode, state))

    def _draw(self, size: QSize, colour: str) -> QPixmap:
        shape = QSvgRenderer(QByteArray(self._path.read_bytes().replace(b"currentColor", b"black")))
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)  # a colour would leave it without transparency
        if not size.isEmpty():
            painter = QPainter(pixmap)
            shape.render(painter)
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
            painter.fillRect(pixmap.rect(), QColor(colour))
            painter.end()
        return pixmap
