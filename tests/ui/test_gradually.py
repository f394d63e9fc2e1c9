"""Work in helpings."""

from collections.abc import Iterator

from latent_studio.ui.gradually import Gradually


def counted(done: list[int], count: int) -> Iterator[None]:
    for number in range(count):
        done.append(number)
        yield


def test_it_ends_by_itself(qtbot) -> None:
    work, done = Gradually(), []
    work.start(counted(done, 50))
    assert work.busy and not done
    qtbot.waitUntil(lambda: not work.busy)
    assert done == list(range(50))


def test_the_rest_at_once(qtbot) -> None:
    work, done = Gradually(), []
    work.finish()
    work.start(counted(done, 5))
    work.finish()
    assert done == list(range(5)) and not work.busy


def test_the_later_work_counts(qtbot) -> None:
    work, first, second = Gradually(), [], []

    def begins_another() -> Iterator[None]:
        first.append(0)
        yield
        first.append(1)
        work.start(counted(second, 3))
        yield
        first.append(2)

    work.start(begins_another())
    work.finish()
    assert first == [0, 1] and second == [0, 1, 2] and not work.busy


def test_a_step_may_ask_for_the_rest(qtbot) -> None:
    work, done = Gradually(), []

    def asks() -> Iterator[None]:
        for number in range(3):
            work.finish()
            done.append(number)
            yield

    work.start(asks())
    work.finish()
    assert done == [0, 1, 2]
