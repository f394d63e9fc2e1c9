"""What comes and goes over the canvas: running jobs, messages, the hint."""

import pytest
from PySide6.QtCore import QRect

from latent_studio.events import Progress

PATIENCE_MS = 20_000


def long_job(*, emit, token):
    emit(Progress(1, 4, "reading", 90.0))
    token.wait(30)
    token.checkpoint()


@pytest.fixture
def stage(window, qtbot):
    """The stage with the job of opening the model gone."""
    qtbot.waitUntil(lambda: window.stage.progress.isHidden(), timeout=PATIENCE_MS)
    return window.stage


def test_the_picture_keeps_its_place_when_jobs_come_and_go(window, stage, qtbot) -> None:
    canvas, strip = window.canvas, stage.progress
    sizes: list[QRect] = []
    canvas.view_changed.connect(lambda: sizes.append(canvas.rect()))
    before, box = canvas.geometry(), canvas.picture_rect()
    jobs = [window.context.jobs.start(name, long_job) for name in ("Video", "Search")]
    qtbot.waitUntil(lambda: all(strip.row(job).isVisible() for job in jobs), timeout=PATIENCE_MS)
    two = 2 * strip.row(jobs[0]).sizeHint().height()
    qtbot.waitUntil(lambda: strip.height() >= two, timeout=PATIENCE_MS)
    assert strip.geometry().bottom() == stage.rect().bottom() and strip.width() == stage.width()
    window.context.notifications.error("loud")
    assert stage.bar.geometry().bottom() < strip.y()
    jobs[0].cancel()
    qtbot.waitUntil(lambda: strip.height() < two, timeout=PATIENCE_MS)
    assert strip.geometry().bottom() == stage.rect().bottom()
    jobs[1].cancel()
    qtbot.waitUntil(strip.isHidden, timeout=PATIENCE_MS)
    assert (canvas.geometry(), canvas.picture_rect()) == (before, box) and not sizes
