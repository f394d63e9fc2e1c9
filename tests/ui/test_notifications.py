"""Messages: from any thread, counted, kept, shown without a dialog."""

import threading

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from latent_studio.errors import ModelError
from latent_studio.events import Notice, Progress
from latent_studio.ui.notifications import MAX_KEPT, Notifications
from latent_studio.ui.widgets.notification_bar import MOST_WIDTH, NotificationBar


def test_equal_messages_in_a_row_are_counted(qapp) -> None:
    notifications = Notifications()
    for text in ("a", "a", "b", "a"):
        notifications.error(text)
    assert [(n.message, n.count) for n in notifications.history] == [("a", 2), ("b", 1), ("a", 1)]


def test_messages_from_a_thread_arrive_on_the_main_one(qapp, qtbot) -> None:
    notifications, seen = Notifications(), []
    notifications.added.connect(lambda n: seen.append((n.message, threading.current_thread())))
    worker = threading.Thread(target=lambda: notifications.warning("from afar"))
    worker.start()
    worker.join()
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [("from afar", threading.main_thread())]


def test_studio_errors_speak_for_themselves_and_others_bring_their_trace(qapp) -> None:
    notifications = Notifications()
    notifications.show_error(ModelError("It is no model. Choose another.", "header"))
    try:
        raise ZeroDivisionError("by zero")
    except ZeroDivisionError as error:
        notifications.show_error(error)
    first, second = notifications.history
    assert (first.message, first.detail) == ("It is no model. Choose another.", "header")
    assert "by zero" in second.message and "Traceback" in second.detail


def test_notices_are_messages_and_progress_is_not(qapp) -> None:
    notifications = Notifications()
    notifications.handle(Progress(1, 2))
    notifications.handle(Notice("warning", "careful"))
    assert [(n.level, n.message) for n in notifications.history] == [("warning", "careful")]


def test_the_log_has_an_end(qapp) -> None:
    notifications = Notifications()
    for number in range(MAX_KEPT + 20):
        notifications.info(str(number))
    assert len(notifications.history) == MAX_KEPT
    assert notifications.history[-1].message == str(MAX_KEPT + 19)


def test_the_bar_shows_errors_copies_them_and_runs_their_buttons(qapp, qtbot) -> None:
    notifications, pressed = Notifications(), []
    parent = QWidget()
    qtbot.addWidget(parent)
    bar = NotificationBar(notifications, parent)
    notifications.info("quiet")
    assert bar.isHidden()
    notifications.error("loud", "why")
    assert not bar.isHidden() and bar.text.text() == "loud"
    bar.copy.click()
    assert QGuiApplication.clipboard().text().endswith("error: loud\nwhy")
    bar.close_button.click()
    assert bar.isHidden()
    notifications.notify("info", "offer", actions=[("Do it", lambda: pressed.append(1))])
    assert not bar.isHidden()
    bar._buttons[0].click()
    assert pressed == [1] and bar.isHidden()


def test_only_the_first_of_several_buttons_stands_out(qapp, qtbot) -> None:
    notifications, parent = Notifications(), QWidget()
    qtbot.addWidget(parent)
    bar = NotificationBar(notifications, parent)
    offers = [("Restore", lambda: None), ("Discard", lambda: None)]
    notifications.notify("info", "a session was kept", actions=offers)
    roles = {button.text(): button.property("role") for button in bar._buttons}
    assert roles == {"Restore": "primary", "Discard": None}


def test_a_message_is_as_wide_as_its_text_and_wraps_a_long_one(qapp, qtbot) -> None:
    notifications, parent = Notifications(), QWidget()
    qtbot.addWidget(parent)
    parent.resize(1000, 600)
    parent.show()
    bar = NotificationBar(notifications, parent)
    bar.place(600)
    notifications.warning("Short.")
    short = bar.size()
    assert short.width() < 200 and bar.geometry().bottom() < 600
    notifications.warning("The file could not be read; choose another one. " * 4)
    assert bar.width() == MOST_WIDTH and short.height() < bar.height() < 160
    needed = bar.text.heightForWidth(bar.text.width())
    assert bar.text.height() >= needed, "some of the text is cut off"
    notifications.error("Short.", "why")
    assert bar.width() < MOST_WIDTH and not bar.copy.isHidden()
    assert bar.rect().contains(bar.copy.geometry())
    notifications.notify("info", "Short.", actions=[("Restore", lambda: None)])
    button = bar._buttons[0]
    assert button.height() >= button.sizeHint().height()
    assert bar.rect().contains(button.geometry())
    parent.resize(300, 600)
    notifications.warning("The file could not be read; choose another one. " * 4)
    assert bar.width() <= 300 and parent.rect().contains(bar.geometry())
