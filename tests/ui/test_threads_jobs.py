"""Jobs on threads: results, failures and events come back on the main thread."""

import threading

import pytest
from PySide6.QtCore import QThread

from latent_studio.errors import DataError
from latent_studio.events import Notice, Progress, ignore
from latent_studio.mailbox import StopToken
from latent_studio.ui.threads.event_relay import EventRelay
from latent_studio.ui.threads.job_thread import JobThread


def count_to(total, *, emit=ignore, token=None):
    for done in range(total):
        emit(Progress(done + 1, total, "counting"))
        if token is not None:
            token.checkpoint()
    emit(Notice("info", "counted"))
    return total


def wait_for_stop(*, emit=ignore, token: StopToken):
    token.wait(30)
    token.checkpoint()


@pytest.fixture
def start(qtbot):
    """Start a job; all threads are cancelled and joined after the test."""
    threads = []

    def begin(function, *args, **kwargs):
        thread = JobThread("a job", function, *args, **kwargs)
        threads.append(thread)
        thread.start()
        return thread

    yield begin
    for thread in threads:
        thread.cancel()
        assert thread.wait(10_000)


def on_main(seen):
    return lambda *values: seen.append((QThread.currentThread().isMainThread(), *values))


def test_a_result_returns_on_the_main_thread(qtbot, start):
    seen = []
    thread = start(count_to, 7)
    thread.succeeded.connect(on_main(seen))
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [(True, 7)]
    assert thread.title == "a job"
    assert not thread.isRunning()


def test_progress_is_thinned_and_the_last_one_always_arrives(qtbot, start):
    seen = []
    gate = threading.Event()

    def job(*, emit, token):
        gate.wait(5)
        return count_to(20_000, emit=emit, token=token)

    thread = start(job)
    thread.event_emitted.connect(seen.append)
    gate.set()
    with qtbot.waitSignal(thread.succeeded):
        pass
    progress = [event for event in seen if isinstance(event, Progress)]
    assert progress[-1].done == 20_000
    assert len(progress) < 200
    assert [event.message for event in seen if isinstance(event, Notice)] == ["counted"]


def test_a_failure_returns_as_the_exception(qtbot, start):
    def job(*, emit, token):
        raise DataError("The folder is empty; choose another.", "scanned 0 files")

    seen = []
    thread = start(job)
    thread.failed.connect(on_main(seen))
    qtbot.waitUntil(lambda: bool(seen))
    ((main, error),) = seen
    assert main and isinstance(error, DataError)
    assert error.__traceback__ is not None


def test_any_exception_ends_the_thread_and_not_the_program(qtbot, start):
    with qtbot.waitSignal(start(lambda: 1 // 0, plain=True).failed) as failed:
        pass
    assert isinstance(failed.args[0], ZeroDivisionError)


def test_cancelling_is_not_an_error(qtbot, start):
    failures = []
    thread = start(wait_for_stop)
    thread.failed.connect(failures.append)
    with qtbot.waitSignal(thread.cancelled):
        thread.cancel()
    assert failures == []


def test_plain_functions_get_neither_emit_nor_token(qtbot, start):
    with qtbot.waitSignal(start(pow, 2, 10, plain=True).succeeded) as done:
        pass
    assert done.args == [1024]


def test_exactly_one_end_is_told_per_job(qtbot, start):
    ends = []
    for function in (count_to, wait_for_stop):
        thread = start(function, *([3] if function is count_to else []))
        for signal in (thread.succeeded, thread.failed, thread.cancelled):
            signal.connect(lambda *_, thread=thread: ends.append(id(thread)))
        thread.cancel()
        qtbot.waitUntil(lambda thread=thread: ends.count(id(thread)) == 1)
    assert len(ends) == 2


def test_a_relay_loses_nothing_and_does_not_flood(qtbot):
    relay, batches = EventRelay(), []
    relay.received.connect(batches.append)

    def post(first):
        for number in range(first, first + 5000):
            relay.post(Progress(number, 0))

    workers = [threading.Thread(target=post, args=(5000 * n,)) for n in range(3)]
    for worker in workers:
        worker.start()
    qtbot.waitUntil(lambda: sum(map(len, batches)) == 15_000)
    for worker in workers:
        worker.join()
    numbers = [event.done for batch in batches for event in batch]
    assert sorted(numbers) == list(range(15_000))
    assert len(batches) < 60


def test_threads_have_room_for_deep_graphs(qtbot, start):
    def depth(level):
        return 0 if level == 0 else 1 + depth(level - 1)

    thread = start(depth, 900, plain=True)
    assert thread.stackSize() == 16 * 1024 * 1024
    with qtbot.waitSignal(thread.succeeded):
        pass


def test_a_job_that_is_over_is_freed(qtbot):
    import weakref

    from latent_studio.ui.job_controller import JobController
    from latent_studio.ui.notifications import Notifications

    jobs, ended = JobController(Notifications()), []
    jobs.job_finished.connect(lambda _thread: ended.append(1))

    def begin():
        thread = jobs.start(
            "Sum", sum, [1, 2], plain=True, done=lambda _: ended.append(thread.title)
        )
        return weakref.ref(thread)

    gone = begin()
    qtbot.waitUntil(lambda: len(ended) == 2)
    qtbot.waitUntil(lambda: gone() is None)
    assert jobs.running == ()


def test_a_closing_window_is_not_called_any_more(qtbot):
    from PySide6.QtCore import QCoreApplication

    from latent_studio.ui.job_controller import JobController
    from latent_studio.ui.notifications import Notifications

    jobs, told, ended = JobController(Notifications()), [], []
    jobs.job_finished.connect(lambda _thread: ended.append(1))
    jobs.start("Sum", sum, [1, 2], plain=True, done=told.append)
    jobs.start("Wait", wait_for_stop, cancelled=lambda: told.append("cancelled"))
    # the first has told its end to a queue that is emptied after the window has gone
    assert jobs.running[0].wait(10_000) and jobs.shut_down()
    qtbot.waitUntil(lambda: not jobs.running)
    QCoreApplication.processEvents()
    assert told == []
