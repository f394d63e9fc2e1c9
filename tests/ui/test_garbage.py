import gc
import threading
import weakref

import pytest
from PySide6.QtCore import QObject

from latent_studio.ui.garbage import INTERVAL_MS, THRESHOLDS, GarbageCollector


class Knot(QObject):
    """What only a collection destroys; tells where that was."""

    def __init__(self, died: list[int]) -> None:
        super().__init__()
        self.me = self
        weakref.finalize(self, lambda: died.append(threading.get_ident()))


@pytest.fixture
def collector(qapp):
    made = GarbageCollector()
    yield made
    made.end()
    assert gc.isenabled()
    gc.disable()  # as these tests are


def on_another_thread(work) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_a_job_leaves_qts_objects_alone_and_the_main_thread_destroys_them(qtbot, collector) -> None:
    died: list[int] = []
    collector.begin()
    for _ in range(THRESHOLDS[0]):
        Knot(died)
    on_another_thread(lambda: [[] for _ in range(100_000)])
    assert not died
    qtbot.waitUntil(lambda: len(died) == THRESHOLDS[0])
    assert set(died) == {threading.get_ident()}


def test_without_it_the_job_would_have_destroyed_them(collector) -> None:
    died: list[int] = []
    gc.collect()
    Knot(died)
    collector.end()
    on_another_thread(lambda: [[] for _ in range(100_000)])
    assert died and threading.get_ident() not in died


def test_nothing_is_collected_before_it_begins(qtbot, collector) -> None:
    died: list[int] = []
    Knot(died)
    kept = [[] for _ in range(100_000)]
    qtbot.wait(2 * INTERVAL_MS)
    assert kept and not died
    collector.begin()  # and what is there by then is left alone
    kept = [[] for _ in range(100_000)]
    qtbot.wait(2 * INTERVAL_MS)
    assert kept and not died


def test_old_garbage_goes_in_its_time(qtbot, collector, monkeypatch) -> None:
    died: list[int] = []
    collector.begin()
    knot = Knot(died)
    gc.collect()  # it is old now
    del knot
    monkeypatch.setattr(gc, "get_count", lambda: (0, 0, THRESHOLDS[2] + 1))
    qtbot.waitUntil(lambda: bool(died))
