import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from latent_studio.engine.backends.choice import Prepared
from latent_studio.engine.backends.torch_eager import TorchEager
from latent_studio.engine.fast_lane import CHANGING, PREPARING
from latent_studio.engine.frame import Frame
from latent_studio.engine.loop import RenderLoop, RenderRequest
from latent_studio.mailbox import LatestSlot, StopToken
from latent_studio.models.base import Generator
from latent_studio.models.snapshot import take_snapshot
from latent_studio.recipe import Recipe

PATIENCE = 20.0
Make = Callable[..., Generator]


class Fast(TorchEager):
    takes_weights = False
    label = "fast fp32"


class Workshop:
    """Prepares backends when it is let."""

    def __init__(self) -> None:
        self.go, self.tokens = threading.Event(), list[StopToken]()
        self.result: Callable[[Generator], Prepared] = lambda g: Prepared(Fast(g))

    def __call__(self, generator: Generator, device: Any, name: str, precision: str, token):
        self.tokens.append(token)
        while not self.go.is_set() and not token.stopped:
            time.sleep(0.005)
        return self.result(generator)


class Canvas:
    def __init__(self, workshop: Workshop, **options: Any) -> None:
        self.requests: LatestSlot = LatestSlot()
        self.frames: LatestSlot = LatestSlot()
        self.weights: LatestSlot = LatestSlot()
        self.seen: list[Frame] = []
        self.labels: list[str] = []
        self.changed = threading.Condition()
        self.loop = RenderLoop(
            self.requests,
            self.frames,
            self.weights,
            self._take,
            on_model=lambda renderer: self.labels.append(renderer.label),
            device="cpu",
            precision="fp32",
            prepare=workshop,
            **options,
        )
        self.token = StopToken()
        self.thread = threading.Thread(target=self.loop.run, args=(self.token,))
        self.thread.start()

    def _take(self) -> None:
        with self.changed:
            self.seen.append(self.frames.take_nowait())
            self.changed.notify_all()

    def until(self, true: Callable[[Frame], bool]) -> Frame:
        with self.changed:
            assert self.changed.wait_for(lambda: any(map(true, self.seen)), PATIENCE)
            return next(filter(true, reversed(self.seen)))

    def ask(self, seed: int) -> None:
        self.requests.put(RenderRequest(Recipe.from_seed(seed), seed, 1))


@pytest.fixture
def workshop(monkeypatch) -> Workshop:
    monkeypatch.setattr(
        "latent_studio.engine.fast_lane.wants_preparation", lambda name, *_: name != "torch"
    )
    return Workshop()


@pytest.fixture
def canvas(workshop: Workshop) -> Iterator[Callable[..., Canvas]]:
    made: list[Canvas] = []

    def make(**options: Any) -> Canvas:
        made.append(Canvas(workshop, **options))
        return made[-1]

    yield make
    for each in made:
        each.token.stop()
        each.thread.join(PATIENCE)
        assert not each.thread.is_alive()
    assert all(token.stopped for token in workshop.tokens) or workshop.go.is_set()


def test_eager_serves_until_the_fast_one_is_ready(canvas, workshop, styled: Make) -> None:
    c = canvas()
    c.loop.set_live(False)
    c.loop.set_model(styled(), (), 1)
    c.ask(3)
    before = c.until(lambda f: f.note == PREPARING)
    assert before.backend == "cpu fp32"
    workshop.go.set()
    after = c.until(lambda f: f.backend == "fast fp32")
    assert after.request_id == 3 and after.note == ""
    np.testing.assert_array_equal(after.pixels, before.pixels)
    assert c.labels == ["cpu fp32", "fast fp32"]
    assert not any(frame.preview for frame in c.seen)


def test_why_there_is_no_fast_one_is_on_every_frame(canvas, workshop, styled: Make) -> None:
    workshop.go.set()
    workshop.result = lambda _: Prepared(note="it is not exact enough")
    c = canvas()
    c.loop.set_live(False)
    c.loop.set_model(styled(), (), 1)
    c.ask(1)
    c.until(lambda f: f.note == "it is not exact enough")
    c.ask(2)
    assert c.until(lambda f: f.request_id == 2).note == "it is not exact enough"


def test_a_preparation_that_breaks_leaves_eager(canvas, workshop, styled: Make) -> None:
    def fail(_: Generator) -> Prepared:
        raise ZeroDivisionError

    workshop.go.set()
    workshop.result = fail
    c = canvas()
    c.loop.set_live(False)
    c.loop.set_model(styled(), (), 1)
    c.ask(1)
    assert c.until(lambda f: "ZeroDivisionError" in f.note).backend == "cpu fp32"


def test_weights_in_training_stay_with_eager_and_rested_ones_do_not(
    canvas, workshop, styled: Make
) -> None:
    workshop.go.set()
    c = canvas(rest_s=0.4)
    c.loop.set_live(False)
    c.loop.set_model(styled(0), (), 1)
    c.ask(1)
    c.until(lambda f: f.backend == "fast fp32")
    c.loop.set_live(True)
    trained = styled(5)
    c.weights.put(take_snapshot(trained, trained.spec, "run", 1.0, 1))
    training = c.until(lambda f: f.kimg == 1.0)
    assert (training.backend, training.note) == ("cpu fp32", CHANGING)
    rested = c.until(lambda f: f.kimg == 1.0 and f.backend == "fast fp32")
    np.testing.assert_array_equal(rested.pixels, training.pixels)
    c.weights.put(take_snapshot(styled(6), trained.spec, "run", 2.0, 2))
    c.until(lambda f: f.kimg == 2.0)
    c.loop.set_live(False)  # nothing more will come: no need to wait
    began = time.monotonic()
    c.until(lambda f: f.kimg == 2.0 and f.backend == "fast fp32")
    assert time.monotonic() - began < PATIENCE


def test_weights_that_arrive_meanwhile_end_a_preparation(canvas, workshop, styled: Make) -> None:
    c = canvas(rest_s=0.0)
    c.loop.set_model(styled(0), (), 1)
    c.ask(1)
    c.until(lambda f: f.note == PREPARING)
    trained = styled(5)
    c.weights.put(take_snapshot(trained, trained.spec, "run", 1.0, 1))
    c.until(lambda f: f.kimg == 1.0)
    assert workshop.tokens[0].stopped
    workshop.go.set()
    after = c.until(lambda f: f.backend == "fast fp32")
    assert after.kimg == 1.0


def test_another_model_ends_what_was_prepared_for_the_old_one(
    canvas, workshop, styled: Make
) -> None:
    c = canvas()
    c.loop.set_live(False)
    c.loop.set_model(styled(0), (), 1)
    c.ask(1)
    c.until(lambda f: f.note == PREPARING)
    c.loop.set_model(styled(1), (), 2, backend="torch")
    c.requests.put(RenderRequest(Recipe.from_seed(2), 2, 2))
    frame = c.until(lambda f: f.model_epoch == 2)
    assert frame.backend == "cpu fp32" and workshop.tokens[0].stopped and not frame.note
