"""Alarms of a training: one card a kind, applied or dismissed, and a log of all of them."""

import pytest
from PySide6.QtCore import Qt

from latent_studio.events import Alarm, AlarmCleared, TrainTick
from latent_studio.storage.alarm_log import CLEARED, AlarmRow
from latent_studio.ui.alarms import AlarmBook
from latent_studio.ui.docks.alarm_cards import MAX_HEIGHT, AlarmCards
from latent_studio.ui.training_controller import RunState

LEFT = Qt.MouseButton.LeftButton


def alarm(kind="d-strong", message="D wins.", evidence="score gap 9 (over 8)", **proposal):
    return Alarm("r", kind, message, evidence, proposal)


@pytest.fixture
def book(qtbot):
    return AlarmBook()


@pytest.fixture
def cards(qtbot, book):
    made = AlarmCards(book)
    qtbot.addWidget(made)
    made.resize(700, 100)
    return made


def test_one_card_a_kind_updated_in_place(book, cards):
    assert cards.isHidden()
    assert book.add(alarm(), 1.0)
    assert not book.add(alarm(evidence="score gap 12 (over 8)"), 2.0)
    assert book.add(alarm("collapse", "All pictures look alike."), 2.5)
    assert set(cards.views) == {"d-strong", "collapse"} and not cards.isHidden()
    text = cards.views["d-strong"].evidence.full_text()
    assert "score gap 12" in text and "since 1.0 kimg" in text
    assert [entry.what for entry in book.log] == ["raised"] * 3


def test_cards_take_the_room_they_need_and_one_line_where_there_is_little(qtbot, book, cards):
    book.add(alarm(), 1.0)
    book.add(alarm("collapse"), 1.0)
    cards.resize(1400, cards.sizeHint().height())
    cards.show()
    view = cards.views["d-strong"]
    qtbot.waitUntil(lambda: view.evidence.height() > 8 and view.message.height() > 8)
    tall = cards.sizeHint().height()
    assert 30 < tall <= MAX_HEIGHT and "over 8" in view.toolTip()
    cards.set_compact(True)
    assert view.evidence.isHidden() and not view.message.isHidden()
    qtbot.waitUntil(lambda: 20 < cards.sizeHint().height() < tall)


def test_apply_asks_for_the_proposal_and_closes_the_card(qtbot, book, cards):
    book.add(alarm(d_lr=1e-4, r1_gamma=2.0), 1.0)
    view = cards.views["d-strong"]
    assert "0.0001" in view.evidence.full_text() and "R1" in view.evidence.full_text()
    cards.show()
    with qtbot.waitSignal(book.proposed) as proposed:
        qtbot.mouseClick(view.apply, LEFT)
    assert proposed.args == [{"d_lr": 1e-4, "r1_gamma": 2.0}]
    assert not cards.views and cards.isHidden()
    assert book.add(alarm(d_lr=5e-5), 5.0)  # it was not enough


def test_a_dismissed_alarm_is_closed_until_it_is_raised_again(qtbot, book, cards):
    book.add(alarm(), 1.0)
    cards.show()
    qtbot.mouseClick(cards.views["d-strong"].dismiss, LEFT)
    assert not cards.views
    assert book.add(alarm(evidence="score gap 20"), 2.0)
    assert "since 2.0 kimg" in cards.views["d-strong"].evidence.full_text()
    assert [entry.what for entry in book.log] == ["raised", "dismissed", "raised"]
    book.clear()
    assert not book.log and not cards.views


def test_without_a_proposal_there_is_nothing_to_apply(book, cards):
    book.add(alarm(), 1.0)
    view = cards.views["d-strong"]
    assert view.apply.isHidden() and view.accessibleName() == "D wins."
    assert view.dismiss.accessibleName() and view.dismiss.toolTip()


def test_what_has_passed_closes_its_card(book, cards):
    book.add(alarm(), 1.0)
    book.cleared("d-strong", 4.0)
    book.cleared("collapse", 4.0)  # not there
    assert not cards.views
    assert [(entry.what, entry.kimg) for entry in book.log] == [("raised", 1.0), ("cleared", 4.0)]


def test_what_came_before_a_resume_comes_before(book, cards):
    book.cleared("d-strong", 6.0)
    book.add(alarm("collapse"), 7.0)
    book.put_before(
        [AlarmRow(1, 1.0, alarm(kind)) for kind in ("d-strong", "collapse")]
        + [AlarmRow(2, 2.0, alarm("d-strong"), CLEARED), AlarmRow(3, 3.0, alarm("stagnation"))]
    )
    assert set(cards.views) == {"collapse", "stagnation"}
    assert book.cards[0].since == 1.0 and book.cards[0].count == 2


def test_alarms_of_a_training_become_cards_and_one_message(qtbot, training_context, monkeypatch):
    training, sent = training_context.training, []
    monkeypatch.setattr(type(training), "running", property(lambda self: True))
    monkeypatch.setattr(training._link, "send", lambda name, value: sent.append((name, value)))
    training._on_events([TrainTick("r", 5, 1.5, 10.0, 1.0, 9.0, None, {})])
    training._on_events([alarm(d_lr=1e-4), alarm(evidence="score gap 11", d_lr=5e-5)])
    (message,) = training_context.notifications.history
    assert message.level == "warning" and message.message == "D wins."
    (card,) = training.alarms.cards
    assert card.count == 2 and card.since == 1.5
    _, act = message.actions[0]
    act()  # the message's button takes the newest proposal
    assert sent == [("d_lr", 5e-5)] and not training.alarms.cards
    act()
    assert len(sent) == 1
    training._on_events([alarm()])
    training._on_events([AlarmCleared("r", "d-strong")])
    assert not training.alarms.cards
    assert training.state is RunState.IDLE
    monkeypatch.undo()
