import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from latent_studio.engine.frame import Frame
from latent_studio.engine.loop import RenderLoop, RenderRequest
from latent_studio.engine.renderer import Renderer
from latent_studio.errors import OptionError
from latent_studio.latent.directions import Direction
from latent_studio.mailbox import LatestSlot, StopToken, Turn
from latent_studio.models.base import Generator
from latent_studio.models.snapshot import WeightSnapshot, take_snapshot
from latent_studio.recipe import LatentSource, Recipe

Make = Callable[..., Generator]
PATIENCE = 20.0


class Bench:
    """A loop on a thread, and everything that came out of it."""

    def __init__(self, **options: Any) -> None:
        self.requests: LatestSlot[RenderRequest] = LatestSlot()
        self.frames: LatestSlot[Frame] = LatestSlot()
        self.weights: LatestSlot[WeightSnapshot] = LatestSlot()
        self.seen: list[Frame] = []
        self.errors: list[BaseException] = []
        self.models: list[Renderer] = []
        self.token = StopToken()
        self._changed = threading.Condition()
        self.loop = RenderLoop(
            self.requests,
            self.frames,
            self.weights,
            self._on_frame,
            self._note(self.errors),
            self._note(self.models),
            **{"device": "cpu", "precision": "fp32"} | options,
        )
        self.thread = threading.Thread(target=self.loop.run, args=(self.token,), daemon=True)

    def _note(self, into: list) -> Callable[[Any], None]:
        def note(value: Any) -> None:
            with self._changed:
                into.append(value)
                self._changed.notify_all()

        return note

    def _on_frame(self) -> None:
        frame = self.frames.take_nowait()
        assert frame is not None
        self._note(self.seen)(frame)

    def ask(self, recipe: Recipe, number: int, epoch: int = 1, interactive: bool = False) -> None:
        self.requests.put(RenderRequest(recipe, number, epoch, interactive))

    def until(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE), "it never happened"

    def until_full(self, number: int) -> Frame:
        self.until(lambda: any(f.request_id == number and not f.preview for f in self.seen))
        return next(f for f in self.seen if f.request_id == number and not f.preview)


@pytest.fixture
def bench() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(**options: Any) -> Bench:
        made.append(Bench(**options))
        made[-1].thread.start()
        return made[-1]

    yield make
    for one in made:
        one.token.stop()
        one.thread.join(PATIENCE)
        assert not one.thread.is_alive()


def test_the_last_of_many_requests_is_always_rendered_in_full(
    bench: Callable[..., Bench], styled: Make
) -> None:
    b, generator = bench(), styled()
    b.loop.set_model(generator, (), 1)
    for number in range(300):
        b.ask(Recipe.from_seed(number), number, interactive=number < 299)
    frame = b.until_full(299)
    wanted = Renderer(generator, (), "cpu").render(Recipe.from_seed(299))
    np.testing.assert_array_equal(frame.pixels, wanted.pixels)
    numbers = [f.request_id for f in b.seen]
    assert numbers == sorted(numbers)
    assert len(numbers) < 300


def test_a_drag_shows_previews_and_the_rest_the_full_picture(
    bench: Callable[..., Bench], styled: Make
) -> None:
    b, generator = bench(budget_ms=0.0), styled(img_resolution=128, channel_base=256)
    b.loop.set_model(generator, (), 1)
    b.ask(Recipe.from_seed(0), 0)
    b.until_full(0)
    for number in range(1, 4):
        b.ask(Recipe.from_seed(number), number, interactive=True)
        b.until(lambda number=number: any(f.request_id == number for f in b.seen))
    full = b.until_full(3)
    first = next(f for f in b.seen if f.request_id == 3)
    assert first.preview and first.resolution == 64 and first.model_resolution == 128
    fresh = Renderer(generator, (), "cpu")
    wanted = fresh.render(Recipe.from_seed(3), max_resolution=64)
    np.testing.assert_array_equal(first.pixels, wanted.pixels)
    wanted = Renderer(generator, (), "cpu").render(Recipe.from_seed(3))
    np.testing.assert_array_equal(full.pixels, wanted.pixels)


def test_a_request_can_refuse_previews(bench: Callable[..., Bench], styled: Make) -> None:
    b = bench(budget_ms=0.0)
    b.loop.set_model(styled(img_resolution=128, channel_base=256), (), 1)
    for number in range(4):
        b.requests.put(RenderRequest(Recipe.from_seed(number), number, 1, number < 3, False))
        b.until_full(number)
    assert not any(f.preview for f in b.seen)


def test_a_fast_network_needs_no_previews(bench: Callable[..., Bench], styled: Make) -> None:
    b = bench(budget_ms=1e9)
    b.loop.set_model(styled(img_resolution=128, channel_base=256), (), 1)
    for number in range(5):
        b.ask(Recipe.from_seed(number), number, interactive=True)
        b.until_full(number)
    assert not any(f.preview for f in b.seen)


def test_a_refinement_gives_way_to_a_newer_request(
    bench: Callable[..., Bench], watched: Make
) -> None:
    generator = watched(img_resolution=256, channel_base=512)
    b = bench(budget_ms=0.0, settle_s=0.0)
    entered, go_on = threading.Event(), threading.Event()

    def gate(*_: object) -> None:
        entered.set()
        assert go_on.wait(PATIENCE)

    b.loop.set_model(generator, (), 1)
    b.ask(Recipe.from_seed(0), 0)
    b.until_full(0)
    last: list[None] = []
    # Previews end at block 4 (64 pixels); the refinement of request 1 is held in block 5.
    generator.synthesis.block(5).register_forward_hook(gate)
    generator.synthesis.block(6).register_forward_hook(lambda *_: last.append(None))
    b.ask(Recipe.from_seed(1), 1, interactive=True)
    assert entered.wait(PATIENCE)
    b.ask(Recipe.from_seed(2), 2, interactive=True)
    go_on.set()
    b.until_full(2)
    assert any(f.request_id == 1 for f in b.seen)
    assert not any(f.request_id == 1 and not f.preview for f in b.seen)
    assert len(last) == 1


def test_questions_are_answered_when_nothing_is_to_be_drawn(
    bench: Callable[..., Bench], styled: Make
) -> None:
    b = bench()
    answers: list[Any] = []

    def ask(work: Callable[..., Any]) -> None:
        b.loop.ask(work, b._note(answers))

    ask(lambda renderer, _cancelled: renderer.resolution)  # waits for a model
    b.loop.set_model(styled(), (), 1)
    b.until(lambda: answers == [32])
    b.ask(Recipe.from_seed(1), 1)
    b.until_full(1)
    entered, go_on = threading.Event(), threading.Event()

    def look(renderer: Renderer, cancelled: Callable[[], bool]) -> object:
        entered.set()
        assert go_on.wait(PATIENCE)
        return renderer.activations(Recipe.from_seed(1), 2, cancelled)

    ask(look)
    assert entered.wait(PATIENCE)
    b.ask(Recipe.from_seed(2), 2)  # somebody wants a picture: the answer is None
    go_on.set()
    b.until_full(2)
    b.until(lambda: len(answers) == 2)
    assert answers[1] is None
    ask(look)
    b.until(lambda: len(answers) == 3)
    assert answers[2].shape == (4, 16, 16)


def test_errors_are_told_and_the_loop_lives(bench: Callable[..., Bench], styled: Make) -> None:
    b = bench()
    b.loop.set_model(styled(c_dim=2), (), 1)
    b.ask(Recipe(label=9), 1)
    b.until(lambda: len(b.errors) == 1)
    assert isinstance(b.errors[0], OptionError)
    b.ask(Recipe(label=1), 2)
    b.until_full(2)
    b.loop.set_model(styled(), (), 2, device="no such device")
    b.until(lambda: len(b.errors) == 2)
    b.ask(Recipe(), 3, epoch=3)
    b.loop.set_model(styled(), (), 3)
    b.until_full(3)
    assert len(b.errors) == 2


def test_requests_of_an_old_model_are_dropped_and_early_ones_wait(
    bench: Callable[..., Bench], styled: Make
) -> None:
    b, generator = bench(), styled(3)
    b.ask(Recipe.from_seed(1), 1, epoch=2)
    b.loop.set_model(styled(), (), 1)
    b.until(lambda: len(b.models) == 1)
    time.sleep(0.05)
    assert not b.seen
    b.loop.set_model(generator, (), 2)
    frame = b.until_full(1)
    assert frame.model_epoch == 2
    b.ask(Recipe.from_seed(5), 2, epoch=1)
    b.ask(Recipe.from_seed(6), 3, epoch=2)
    b.until_full(3)
    assert {f.model_epoch for f in b.seen} == {2}
    assert not any(f.request_id == 2 for f in b.seen)


def test_a_frame_of_a_replaced_model_never_shows(
    bench: Callable[..., Bench], watched: Make
) -> None:
    b, slow = bench(), watched()
    inside, go_on = threading.Event(), threading.Event()

    def gate(*_: object) -> None:
        inside.set()
        assert go_on.wait(PATIENCE)

    slow.synthesis.block(3).register_forward_hook(gate)
    b.loop.set_model(slow, (), 1)
    b.ask(Recipe(), 1, epoch=1, interactive=True)
    assert inside.wait(PATIENCE)
    b.loop.set_model(watched(1), (), 2)
    b.ask(Recipe(), 2, epoch=2)
    go_on.set()
    b.until_full(2)
    assert {f.model_epoch for f in b.seen} == {2}


def test_snapshots_swap_in_between_frames_and_the_last_recipe_shows_them(
    bench: Callable[..., Bench], styled: Make
) -> None:
    b = bench()
    b.loop.set_model(styled(0), (), 1)
    recipe = Recipe.from_seed(2)
    b.ask(recipe, 7)
    b.until_full(7)
    trained = styled(5)
    b.weights.put(take_snapshot(trained, trained.spec, "run", 1.5, 1))
    b.until(lambda: any(f.kimg == 1.5 for f in b.seen))
    frame = b.seen[-1]
    assert (frame.request_id, frame.run, frame.model_epoch) == (7, "run", 1)
    wanted = Renderer(trained, (), "cpu").render(recipe)
    np.testing.assert_array_equal(frame.pixels, wanted.pixels)
    other = styled(w_dim=4)
    b.weights.put(take_snapshot(other, other.spec, "other", 9.0, 2))
    b.ask(Recipe.from_seed(3), 8)
    assert b.until_full(8).kimg == 1.5
    assert b.weights.empty and not b.errors


def test_without_live_link_snapshots_stay_in_their_slot(
    bench: Callable[..., Bench], styled: Make
) -> None:
    b = bench()
    b.loop.set_live(False)
    b.loop.set_model(styled(0), (), 1)
    trained = styled(5)
    b.weights.put(take_snapshot(trained, trained.spec, "run", 1.5, 1))
    b.ask(Recipe(), 1)
    assert b.until_full(1).kimg is None
    assert not b.weights.empty
    b.loop.set_live(True)
    b.until(lambda: b.seen[-1].kimg == 1.5)


def test_directions_of_the_shown_model_can_arrive_late(
    bench: Callable[..., Bench], styled: Make, directions: list[Direction]
) -> None:
    b = bench()
    b.loop.set_directions(directions, 1)
    b.loop.set_model(styled(), (), 1)
    recipe = Recipe().with_direction("smile", 2.0)
    b.ask(recipe, 1)
    b.until_full(1)
    b.loop.set_directions(directions, 0)
    b.loop.set_directions(directions, 1)
    wanted = Renderer(styled(), directions, "cpu").render(recipe).pixels
    b.until(lambda: (b.seen[-1].pixels == wanted).all())


def test_closing_the_requests_ends_the_loop_after_the_last_one(
    bench: Callable[..., Bench], styled: Make
) -> None:
    b = bench()
    b.loop.set_model(styled(), (), 1)
    b.until(lambda: len(b.models) == 1)
    b.ask(Recipe.from_seed(4), 4)
    b.requests.close()
    b.thread.join(PATIENCE)
    assert not b.thread.is_alive()
    assert b.seen[-1].request_id == 4


def test_stopping_wakes_a_loop_that_waits(bench: Callable[..., Bench]) -> None:
    b = bench()
    b.token.stop()
    b.thread.join(PATIENCE)
    assert not b.thread.is_alive()


def test_nothing_of_an_old_model_is_kept(bench: Callable[..., Bench], styled: Make) -> None:
    import gc
    import weakref

    b = bench()
    b.loop.set_model(styled(), (), 1)
    b.ask(Recipe().with_layer(7, LatentSource.from_seed(1)), 1)
    b.until_full(1)
    old = weakref.ref(b.models.pop())
    b.loop.set_model(styled(1), (), 2)
    b.ask(Recipe(), 2, epoch=2)
    b.until_full(2)
    gc.collect()
    assert old() is None


def test_the_turn_is_held_while_the_hand_moves(bench: Callable[..., Bench], watched: Make) -> None:
    turn = Turn()
    b, generator = bench(turn=turn), watched()
    taken: list[bool] = []
    generator.synthesis.block(0).register_forward_pre_hook(lambda *_: taken.append(turn.taken))
    b.loop.set_model(generator, (), 1)
    b.ask(Recipe.from_seed(1), 1, interactive=True)
    b.until_full(1)
    assert taken and all(taken)
    assert turn.give_way(PATIENCE) < PATIENCE / 2
