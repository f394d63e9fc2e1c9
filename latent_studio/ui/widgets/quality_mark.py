"""How good a direction is, in the width of an icon."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from latent_studio.ui import theme
from latent_studio.ui.i18n import tr

if TYPE_CHECKING:
    from latent_studio.latent.directions.quality import Quality

WIDTH, HEIGHT = 18, 15
_BAR = 4


class QualityMark(QWidget):
    """Three bars: effect on its own attribute, leakage onto the others, distance of the picture.

    Long and accented is much effect; the others are better short. The tooltip says it in words.
    """

    def __init__(self, quality: "Quality", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.quality = quality
        self.setFixedSize(QSize(WIDTH, HEIGHT))
        said = describe_quality(quality)
        self.setToolTip(said)
        self.setAccessibleName(said)

    def bars(self) -> list[float]:
        """Lengths of the bars, 0 to 1."""
        quality = self.quality
        return [
            min(1.0, abs(quality.effect)),
            min(1.0, quality.mean_leakage),
            min(1.0, quality.distance),
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colors()
        painter = QPainter(self)
        for row, (length, colour) in enumerate(
            zip(self.bars(), (colours.accent, colours.warning, colours.muted), strict=True)
        ):
            top = row * (_BAR + 1.5)
            painter.fillRect(QRectF(0, top, WIDTH, _BAR), QColor(colours.groove))
            painter.fillRect(QRectF(0, top, max(1.0, length * WIDTH), _BAR), QColor(colour))
        painter.end()


def describe_quality(quality: "Quality") -> str:
    """What was measured, in words."""
    lines = []
    own = quality.attribute
    if own:
        lines.append(
            tr(
                "Effect: from −{amount:g} to +{amount:g}, {low:.0%} to {high:.0%} of the pictures "
                "have “{own}” ({middle:.0%} at 0)",
                amount=quality.amount,
                low=quality.low[own],
                high=quality.high[own],
                middle=quality.middle[own],
                own=own,
            )
        )
        leaks = ", ".join(
            f"{name} {share:.0%}" for name, share in list(quality.leakage.items())[:4]
        )
        lines.append(tr("Leakage onto others: {leaks}", leaks=leaks or tr("none known")))
    lines.append(
        tr(
            "Distance: the pictures change by {distance:.0%} of the way to another seed",
            distance=quality.distance,
        )
    )
    lines.append(
        tr("Measured on {seeds} pictures at psi {psi:g}", seeds=quality.seeds, psi=quality.psi)
    )
    return "\n".join(lines)
