"""Rows of running jobs: only for what takes longer than half a second."""

from PySide6.QtCore import Qt

from latent_studio.events import Progress
from latent_studio.ui.widgets.progress import APPEAR_AFTER_MS, ProgressRow, ProgressStrip


def long_job(*, emit, token):
    emit(Progress(1, 4, "reading", 90.0))
    token.wait(30)
    token.checkpoint()


def test_a_long_job_gets_a_row_that_cancels_it(qtbot, training_context):
    jobs = training_context.jobs
    strip = ProgressStrip(jobs)
    qtbot.addWidget(strip)
    thread = jobs.start("Discover", long_job)
    assert strip.isHidden()
    qtbot.waitUntil(lambda: strip.isVisible(), timeout=10 * APPEAR_AFTER_MS)
    row = strip.row(thread)
    qtbot.waitUntil(lambda: row.bar.value() == 250)
    assert row._left.text() == "1 min 30 s left"
    assert "reading" in row._text.full_text()
    qtbot.mouseClick(row.cancel_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: strip.isHidden())
    assert jobs.running == () and strip.row(thread) is None


def test_short_and_quiet_jobs_show_nothing(qtbot, training_context):
    jobs = training_context.jobs
    strip = ProgressStrip(jobs)
    qtbot.addWidget(strip)
    shown = []
    strip.showEvent = lambda event: shown.append(event)
    with qtbot.waitSignal(jobs.job_finished):
        jobs.start("short", pow, 2, 2, plain=True)
    quiet = jobs.start("quiet", long_job, quiet=True)
    assert strip.row(quiet) is None
    qtbot.wait(APPEAR_AFTER_MS + 100)  # the time after which a row would have come
    assert shown == [] and strip.isHidden()
    quiet.cancel()


def test_a_long_text_ends_in_an_ellipsis_and_is_whole_in_the_tooltip(qtbot):
    row = ProgressRow("Making a video")
    qtbot.addWidget(row)
    row.resize(420, 30)
    row.show()
    message = "looking at picture 17 of 480 of a timeline with many keyframes"
    row.show_event(Progress(1, 2, message))
    text = row._text
    assert text.text().endswith("…") and len(text.text()) < len(message)
    assert text.toolTip() == text.full_text() == f"Making a video · {message}"
    row.reset()
    assert text.toolTip() == text.full_text() == "Making a video"
