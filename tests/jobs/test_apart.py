"""Work in another process: what it returns, what it refuses, and its end."""

import multiprocessing
import os
import threading

import pytest

from latent_studio.errors import Cancelled, OptionError
from latent_studio.jobs.apart import ProcessLostError, call_apart
from latent_studio.mailbox import StopToken


def test_a_result_comes_back_from_another_process():
    assert call_apart("os:getpid") not in (os.getpid(), None)
    assert call_apart("operator:add", [1], [2.5]) == [1, 2.5]


def test_an_answer_is_json():
    """The pickles of a connection are for nobody here."""
    assert call_apart("builtins:dict", [["a", None]]) == {"a": None}
    assert call_apart("builtins:tuple", [1, "é"]) == [1, "é"]
    with pytest.raises(ProcessLostError, match="not JSON serializable"):
        call_apart("builtins:set", [1])


def test_a_refusal_keeps_its_words():
    with pytest.raises(OptionError, match="no preset 'x'"):
        call_apart("latent_studio.jobs.presets:find_preset", "x")


@pytest.mark.parametrize(
    ("target", "args"),
    [("operator:truediv", (1, 0)), ("nowhere:x", ()), ("os:_exit", (3,)), ("os:nothing", ())],
)
def test_other_failures_are_one_error(target, args):
    with pytest.raises(ProcessLostError):
        call_apart(target, *args)


def test_a_stop_ends_the_process():
    token = StopToken()
    threading.Timer(0.2, token.stop).start()
    with pytest.raises(Cancelled):
        call_apart("time:sleep", 600, token=token)
    assert not multiprocessing.active_children()
    with pytest.raises(Cancelled):
        call_apart("os:getpid", token=token)
