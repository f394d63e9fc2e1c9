"""The canvas tool that moves and turns what a picture shows: its arithmetic and its handle."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from latent_studio.recipe import Transform

REACH = 0.3  # of the picture's height: from the middle of what is shown to the knob
KNOB = 6.0
GRAB = 14.0
SNAP = 15.0
LIMIT = 100.0  # widths of a picture that a hand may move it
MOST_TURNS = 10


@dataclass(frozen=True)
class Grip:
    """What a hand has taken hold of, where, and what the transform was then.

    ``last`` is where the hand was before; ``turned`` the degrees since it took hold, which may be
    several turns.
    """

    kind: Literal["move", "turn"]
    start: Transform
    at: QPointF
    last: QPointF
    turned: float = 0.0


def middle(box: QRectF, transform: Transform) -> QPointF:
    """Where the middle of what is shown lies on the canvas; ``box`` is the picture."""
    return box.center() + QPointF(transform.x * box.width(), transform.y * box.height())


def knob(box: QRectF, transform: Transform) -> QPointF:
    """The handle that turns: above the middle, turning with what is shown."""
    angle, reach = math.radians(transform.rotate), REACH * box.height()
    return middle(box, transform) - QPointF(reach * math.sin(angle), reach * math.cos(angle))


def grip_at(point: QPointF, box: QRectF, transform: Transform, turning: bool = False) -> Grip:
    """Take hold at ``point``; ``turning``: the key that turns from anywhere is down."""
    turning = turning or on_knob(point, box, transform)
    return Grip("turn" if turning else "move", transform, point, point)


def on_knob(point: QPointF, box: QRectF, transform: Transform) -> bool:
    away = point - knob(box, transform)
    return math.hypot(away.x(), away.y()) <= GRAB


def dragged(grip: Grip, point: QPointF, box: QRectF, snap: bool = False) -> tuple[Grip, Transform]:
    """The hand has gone on to ``point``: what follows for the grip and for the picture.

    What lies under the hand stays under it. ``snap`` turns in steps of :data:`SNAP` degrees.
    """
    start = grip.start
    if grip.kind == "move":
        x = start.x + (point.x() - grip.at.x()) / max(1.0, box.width())
        y = start.y + (point.y() - grip.at.y()) / max(1.0, box.height())
        moved = replace(start, x=_held(x, LIMIT), y=_held(y, LIMIT))
        return replace(grip, last=point), moved
    centre = middle(box, start)
    step = _angle(point - centre) - _angle(grip.last - centre)
    step = (step + 180.0) % 360.0 - 180.0
    grip = replace(grip, last=point, turned=grip.turned + step)
    angle = start.rotate + grip.turned
    angle = SNAP * round(angle / SNAP) if snap else round(angle, 2)
    return grip, replace(start, rotate=_held(angle, 360.0 * MOST_TURNS))


def paint_handle(painter: QPainter, box: QRectF, transform: Transform, colour: QColor) -> None:
    """A cross in the middle of what is shown and an arm that ends in the knob."""
    centre, end = middle(box, transform), knob(box, transform)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen in (QPen(QColor(0, 0, 0, 140), 3.5), QPen(QColor(255, 255, 255, 230), 1.5)):
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawLine(centre, end)
        painter.drawLine(centre - QPointF(7, 0), centre + QPointF(7, 0))
        painter.drawLine(centre - QPointF(0, 7), centre + QPointF(0, 7))
    painter.setPen(QPen(QColor(255, 255, 255, 230), 1.5))
    painter.setBrush(colour)
    painter.drawEllipse(end, KNOB, KNOB)
    painter.restore()


def _angle(away: QPointF) -> float:
    """Degrees counter-clockwise from the right, as seen on the screen."""
    return math.degrees(math.atan2(-away.y(), away.x()))


def _held(value: float, limit: float) -> float:
    return min(limit, max(-limit, value))
