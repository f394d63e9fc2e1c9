"""What comes and goes over the canvas: running jobs, messages, the hint."""

import pytest
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog
from shiboken6 import isValid

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


def test_a_message_lies_over_the_dialog_that_has_the_focus(window, stage, qtbot) -> None:
    bar, tell = stage.bar, window.context.notifications
    tell.warning("in the window")
    assert bar.parentWidget() is stage and bar.isVisible()
    window.dialogs.show_export("image")
    dialog = window.dialogs.made["export"]
    qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog, timeout=PATIENCE_MS)
    assert bar.parentWidget() is stage, "it has been seen"
    tell.error("over the dialog", "why")
    assert bar.parentWidget() is dialog and bar.isVisible()
    assert dialog.rect().contains(bar.geometry())
    qtbot.mouseClick(bar.copy, Qt.MouseButton.LeftButton)
    assert "over the dialog" in QGuiApplication.clipboard().text()
    dialog.resize(dialog.width() + 80, dialog.height())
    middle = dialog.rect().center().x()
    qtbot.waitUntil(lambda: abs(bar.geometry().center().x() - middle) <= 1, timeout=PATIENCE_MS)
    dialog.close()
    assert bar.parentWidget() is stage and bar.isVisible() and bar.text.text() == "over the dialog"
    assert stage.rect().contains(bar.geometry())


def test_a_message_that_came_while_nobody_looked_waits_where_one_comes_back_to(
    window, stage, qtbot, monkeypatch
) -> None:
    window.dialogs.show_export("image")
    dialog = window.dialogs.made["export"]
    qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog, timeout=PATIENCE_MS)
    with monkeypatch.context() as away:
        away.setattr(QApplication, "activeWindow", staticmethod(lambda: None))
        window.context.notifications.error("done in vain")
    assert stage.bar.parentWidget() is stage
    QApplication.instance().focusWindowChanged.emit(dialog.windowHandle())
    qtbot.waitUntil(lambda: stage.bar.parentWidget() is dialog, timeout=PATIENCE_MS)
    dialog.close()


def test_a_dialog_that_ends_takes_no_message_with_it(window, stage, qtbot) -> None:
    dialog = QDialog(window)
    dialog.setModal(True)
    dialog.resize(500, 300)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog, timeout=PATIENCE_MS)
    bar, tell = stage.bar, window.context.notifications
    tell.error("closed")
    assert bar.parentWidget() is dialog
    qtbot.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    assert bar.isHidden()
    with qtbot.waitSignal(dialog.destroyed):
        dialog.deleteLater()
    assert isValid(bar) and bar.parentWidget() is stage
    tell.error("later")
    assert bar.isVisible() and stage.rect().contains(bar.geometry())


def test_a_window_ends_while_a_message_lies_over_a_dialog(window, stage, qtbot) -> None:
    window.dialogs.show_export("image")
    dialog = window.dialogs.made["export"]
    qtbot.waitUntil(lambda: QApplication.activeWindow() is dialog, timeout=PATIENCE_MS)
    window.context.notifications.error("at the very end")
    assert stage.bar.parentWidget() is dialog and stage.bar.isVisible()
    # the fixture deletes the window, and with it stage and dialog, in this order
