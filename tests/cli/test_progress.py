import io
import os
import signal
import sys

import pytest

from latent_studio.cli.progress import running, stop_on_signal
from latent_studio.cli.reporter import Reporter, duration
from latent_studio.events import Alarm, Notice, Progress, RunStarted, TrainTick
from latent_studio.mailbox import StopToken

TICK = TrainTick("r", 8, 1.5, 10.0, 3.0, 120.0, 65.0, {"loss/G": 0.7, "score/real": 1.0})


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_without_a_terminal_ticks_are_lines(capsys):
    report = Reporter()
    report(RunStarted("r", "runs/r", "p", 0, 10, False))
    report(Progress(1, 2, "work"))
    report(TICK)
    out, err = capsys.readouterr()
    assert err == ""
    assert "Training runs/r" in out and "1.5 kimg" in out and "120.0 img/s" in out
    assert "1 m 05 s left" in out and "G 0.700" in out


def test_quiet_says_warnings_only(capsys):
    report = Reporter(quiet=True)
    for event in (TICK, Notice("info", "fine"), Notice("warning", "odd"), Alarm("r", "k", "bad")):
        report(event)
    assert capsys.readouterr() == ("", "Warning: odd\nWarning: bad\n")


def test_bars_on_a_terminal(monkeypatch, capsys):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    report = Reporter()
    for done in range(4):
        report(Progress(done, 3, "Rendering"))
    report(TICK)
    report.close()
    assert "Rendering" in terminal.getvalue() and "Training" in terminal.getvalue()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59.6, "1 m 00 s"), (3600, "1 h 00 m"), (4000, "1 h 06 m")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text


@pytest.mark.skipif(os.name == "nt", reason="os.kill ends the process there")
def test_first_signal_stops_the_second_interrupts():
    token = StopToken()
    # A process started in the background may ignore the signal from its beginning.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), stop_on_signal(token):
            os.kill(os.getpid(), signal.SIGINT)
            assert token.stopped
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_handlers_are_given_back():
    before = signal.getsignal(signal.SIGINT)
    with running() as link:
        assert signal.getsignal(signal.SIGINT) is not before
        assert not link["token"].stopped
    assert signal.getsignal(signal.SIGINT) is before
