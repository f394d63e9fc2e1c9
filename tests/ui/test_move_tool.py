"""The arithmetic of the canvas's move tool."""

import math

import pytest
from PySide6.QtCore import QPointF, QRectF

from latent_studio.recipe import Transform
from latent_studio.ui.canvas.move_tool import dragged, grip_at, knob, middle, on_knob

BOX = QRectF(100, 50, 400, 400)
STARTS = [Transform(), Transform(0.25, -0.1, 30.0), Transform(-1.0, 2.0, -400.0)]


@pytest.mark.parametrize("start", STARTS)
def test_a_drag_keeps_what_lies_under_the_hand(start: Transform) -> None:
    at = QPointF(150, 420)
    grip = grip_at(at, BOX, start)
    assert grip.kind == "move"
    for step in (QPointF(3, 0), QPointF(30, -50), QPointF(200, -100)):
        grip, moved = dragged(grip, at + step, BOX)
        away = middle(BOX, moved) - middle(BOX, start)
        assert (away.x(), away.y()) == pytest.approx((step.x(), step.y()))
        assert moved.rotate == start.rotate
    _, back = dragged(grip, at, BOX)
    assert (back.x, back.y) == pytest.approx((start.x, start.y))


@pytest.mark.parametrize("start", STARTS)
def test_the_knob_stays_under_the_hand_that_turns_it(start: Transform) -> None:
    centre, at = middle(BOX, start), knob(BOX, start)
    assert on_knob(at + QPointF(5, 5), BOX, start) and not on_knob(centre, BOX, start)
    grip = grip_at(at, BOX, start)
    assert grip.kind == "turn"
    away = at - centre
    reach = math.hypot(away.x(), away.y())
    first = math.atan2(-away.y(), away.x())
    for degrees in range(10, 760, 10):  # twice around: turns count on
        angle = first + math.radians(degrees)
        point = centre + QPointF(reach * math.cos(angle), -reach * math.sin(angle))
        grip, turned = dragged(grip, point, BOX)
        assert turned.rotate == pytest.approx(start.rotate + degrees, abs=0.01)
        assert (turned.x, turned.y) == (start.x, start.y)
        gap = knob(BOX, turned) - point
        assert math.hypot(gap.x(), gap.y()) < 0.1


def test_a_quarter_turn_to_the_left_is_counter_clockwise() -> None:
    grip = grip_at(QPointF(300, 60), BOX, Transform(), turning=True)
    _, turned = dragged(grip, QPointF(110, 250), BOX)
    assert turned.rotate == pytest.approx(90.0)
    _, snapped = dragged(grip, QPointF(115, 220), BOX, snap=True)
    assert snapped.rotate == 75.0


def test_nothing_is_lost_far_away() -> None:
    grip = grip_at(QPointF(300, 250), BOX, Transform())
    _, moved = dragged(grip, QPointF(1e9, -1e9), BOX)
    assert (moved.x, moved.y) == (100.0, -100.0)
    grip = grip_at(QPointF(300, 250), QRectF(), Transform(), turning=True)
    assert dragged(grip, QPointF(300, 251), QRectF())[1].rotate is not None
