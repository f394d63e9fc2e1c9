"""A line across a plot that says from which value on something is wrong."""

import math

import pyqtgraph as pg
from PySide6.QtCore import Qt

from latent_studio.ui import theme

_Z = -10  # behind the curves


class LimitLine:
    """A dashed line at ``value`` with a few words at its left end.

    Parameters
    ----------
    below
        Values below it are wrong, so the words stand above the line, where the good ones are; else
        below it.
    """

    def __init__(self, value: float, text: str, below: bool) -> None:
        self.value, self.text = value, text
        options = {"position": 0.01, "anchors": [(0, 1), (0, 1)] if below else [(0, 0), (0, 0)]}
        self.item = pg.InfiniteLine(value, angle=0, label=text, labelOpts=options)
        self.item.setZValue(_Z)
        self.dress()

    def drawn(self, log: bool) -> float | None:
        """Where it is on the axis; None where a logarithmic one has no place for it."""
        if not log:
            return self.value
        return math.log10(self.value) if self.value > 0 else None

    def place(self, log: bool) -> None:
        """Go there."""
        where = self.drawn(log)
        self.item.setVisible(where is not None)
        if where is not None:
            self.item.setPos(where)

    def dress(self) -> None:
        """Take the colours of the theme."""
        color = theme.colors().warning
        self.item.setPen(pg.mkPen(color, width=1, style=Qt.PenStyle.DashLine))
        self.item.label.setColor(color)
