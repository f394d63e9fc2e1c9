import threading
import time

import pytest

from latent_studio.errors import Cancelled
from latent_studio.mailbox import LatestSlot, StopToken, Turn

PATIENCE = 10.0


def run(function) -> threading.Thread:
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    return thread


def test_the_latest_value_wins_and_is_taken_once() -> None:
    slot: LatestSlot[int] = LatestSlot()
    for value in range(5):
        assert slot.put(value)
    assert slot.peek() == 4 and not slot.empty
    assert slot.take() == 4
    assert slot.empty and slot.take_nowait() is None
    assert slot.take(timeout=0.01) is None


def test_take_wakes_for_a_value_and_for_the_end() -> None:
    for finish, wanted in ((lambda slot: slot.put(7), 7), (lambda slot: slot.close(), None)):
        slot: LatestSlot[int] = LatestSlot()
        got: list[int | None] = []
        thread = run(lambda slot=slot, got=got: got.append(slot.take(PATIENCE)))
        finish(slot)
        thread.join(PATIENCE)
        assert got == [wanted]


def test_a_closed_slot_refuses_but_gives_what_it_holds() -> None:
    slot: LatestSlot[int] = LatestSlot()
    slot.put(1)
    slot.close()
    assert slot.closed and not slot.put(2)
    assert slot.take() == 1 and slot.take() is None


def test_listeners_hear_puts_and_the_end_and_may_use_the_slot() -> None:
    slot: LatestSlot[int] = LatestSlot()
    heard: list[int | None] = []
    slot.listen(lambda: heard.append(slot.peek()))
    slot.put(1)
    slot.put(2)
    slot.take()
    slot.close()
    slot.put(3)
    assert heard == [1, 2, None]


def test_every_last_value_arrives_under_fire() -> None:
    slot: LatestSlot[int] = LatestSlot()
    seen: list[int] = []

    def consume() -> None:
        while (value := slot.take()) is not None:
            seen.append(value)

    thread = run(consume)
    for value in range(1, 5001):
        slot.put(value)
    slot.close()
    thread.join(PATIENCE)
    assert seen[-1] == 5000 and seen == sorted(set(seen))


def test_checkpoint_waits_while_paused_and_raises_when_stopped() -> None:
    token = StopToken()
    token.checkpoint()
    token.pause()
    assert token.paused
    passed = threading.Event()

    def work() -> None:
        token.checkpoint()
        passed.set()

    thread = run(work)
    assert not passed.wait(0.05)
    token.resume()
    assert passed.wait(PATIENCE)
    thread.join(PATIENCE)
    token.stop()
    with pytest.raises(Cancelled):
        token.checkpoint()


def test_stop_wakes_the_paused_and_the_sleeping() -> None:
    token = StopToken()
    token.pause()
    results: list[bool] = []
    threads = [
        run(lambda: results.append(token.wait_while_paused())),
        run(lambda: results.append(token.wait(PATIENCE))),
    ]
    token.stop()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(results) == [False, True]
    assert token.stopped and not token.paused


def test_stop_callbacks_run_once_and_at_once_when_late() -> None:
    token = StopToken()
    calls: list[str] = []
    token.on_stop(lambda: calls.append("early"))
    token.stop()
    token.stop()
    token.on_stop(lambda: calls.append("late"))
    assert calls == ["early", "late"]


def test_a_free_turn_costs_nothing() -> None:
    assert Turn().give_way(PATIENCE) == 0.0


def test_work_gives_way_until_the_turn_is_released() -> None:
    turn = Turn()
    turn.hold()
    turn.hold()
    waited: list[float] = []
    thread = run(lambda: waited.append(turn.give_way(PATIENCE)))
    turn.release()
    thread.join(0.05)
    assert thread.is_alive()
    turn.release()
    thread.join(PATIENCE)
    assert waited and 0 < waited[0] < PATIENCE
    assert not turn.taken


def test_nobody_starves() -> None:
    turn = Turn()
    turn.hold()
    began = time.monotonic()
    assert turn.give_way(0.05) >= 0.05
    assert time.monotonic() - began < PATIENCE
    assert turn.taken


def test_the_turn_lingers_for_the_next_move_of_the_hand() -> None:
    turn = Turn()
    turn.hold()
    turn.release(linger=0.08)
    assert turn.taken
    assert turn.give_way(PATIENCE) <= PATIENCE / 2
    assert not turn.taken
