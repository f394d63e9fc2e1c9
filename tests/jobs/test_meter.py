import pytest

from latent_studio.errors import Cancelled
from latent_studio.jobs.meter import Meter
from latent_studio.mailbox import StopToken


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_first_and_last_are_told_and_not_too_much_between():
    clock, events = Clock(), []
    meter = Meter(1000, "work", emit=events.append, clock=clock)
    for _ in range(1000):
        clock.now += 0.001
        meter.step()
    assert events[0].done == 0
    assert events[-1].done == events[-1].total == 1000
    assert 8 <= len(events) <= 12  # one second


def test_time_left_is_estimated():
    clock, events = Clock(), []
    meter = Meter(4, "work", emit=events.append, clock=clock)
    clock.now = 2.0
    meter.step()
    assert events[-1].eta_s == pytest.approx(6.0)


def test_a_stopped_token_ends_the_work():
    token = StopToken()
    meter = Meter(4, "work", token=token)
    meter.step()
    token.stop()
    with pytest.raises(Cancelled):
        meter.step()
