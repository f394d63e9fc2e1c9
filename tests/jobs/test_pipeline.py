import threading
import time

import pytest

from latent_studio.jobs.pipeline import Pipeline

PATIENCE = 10


def test_everything_is_worked_off_in_order_on_another_thread():
    seen, threads = [], set()

    def work(item):
        seen.append(item)
        threads.add(threading.current_thread())

    with Pipeline(work, 2) as pipe:
        for item in range(20):
            pipe.put(item)
    assert seen == list(range(20))
    assert pipe.done == 20
    assert threading.current_thread() not in threads


def test_no_more_wait_than_may():
    go, high = threading.Event(), []

    def work(item):
        go.wait(PATIENCE)

    with Pipeline(work, 3) as pipe:
        for item in range(3):
            pipe.put(item)
        putter = threading.Thread(target=lambda: [pipe.put(i) for i in range(2)])
        putter.start()
        putter.join(0.1)
        high.append(putter.is_alive())
        go.set()
        putter.join(PATIENCE)
    assert high == [True]
    assert pipe.done == 5


def test_a_failure_reaches_who_puts_and_nothing_more_is_done():
    seen = []

    def work(item):
        seen.append(item)
        if item == 2:
            raise OSError("full")

    with pytest.raises(OSError, match="full"), Pipeline(work, 1) as pipe:
        for item in range(1000):
            pipe.put(item)
    assert seen == [0, 1, 2]


def test_a_failure_of_the_last_item_is_raised_at_the_end():
    def work(item):
        time.sleep(0.05)
        raise OSError("full")

    with pytest.raises(OSError, match="full"), Pipeline(work, 5) as pipe:
        pipe.put(1)


def test_what_waits_is_dropped_when_the_block_fails():
    go, seen = threading.Event(), []

    def work(item):
        seen.append(item)
        go.wait(PATIENCE)

    with pytest.raises(KeyError), Pipeline(work, 5) as pipe:
        for item in range(4):
            pipe.put(item)
        while not seen:
            time.sleep(0.001)
        threading.Timer(0.05, go.set).start()
        raise KeyError
    assert seen == [0]


def test_both_halves_work_at_once():
    """Twenty items of 10 ms on either side take little more than 200 ms, not 400."""
    began = time.perf_counter()
    with Pipeline(lambda item: time.sleep(0.01), 4) as pipe:
        for item in range(20):
            time.sleep(0.01)
            pipe.put(item)
    assert time.perf_counter() - began < 0.35
