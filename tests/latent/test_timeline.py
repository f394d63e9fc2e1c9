import json
from dataclasses import replace

import numpy as np
import pytest

from latent_studio.errors import OptionError
from latent_studio.latent.resolve import LatentResolver
from latent_studio.latent.timeline import Keyframe, Timeline, same_weights
from latent_studio.latent.timeline_path import TimelinePath
from latent_studio.recipe import LatentSource, ModelRef, Recipe, Scene

MODEL = ModelRef("file", "a.safetensors", "a" * 64)


def key(seed: int, seconds: float = 1.0, easing: str = "linear", **recipe) -> Keyframe:
    return Keyframe(Scene(MODEL, Recipe.from_seed(seed, **recipe)), seconds, easing)


def seeds(timeline: Timeline) -> list[int | None]:
    return [recipe.source.seed for recipe in timeline.recipes]


TIMELINE = Timeline((key(1), key(2, 2.0, "smooth", psi=0.5), key(3, 4.0)), fps=10)


def test_times():
    assert TIMELINE.seconds == 3.0 and TIMELINE.starts == (0.0, 1.0, 3.0)
    looping = replace(TIMELINE, loop=True)
    assert looping.seconds == 7.0 and looping.frames == 70
    times = TIMELINE.frame_times()
    assert len(times) == 30 and times[0] == 0 and times[-1] == 3.0
    assert looping.frame_times()[-1] == pytest.approx(6.9)
    assert TIMELINE.at_keyframe(1.0) == 1 and TIMELINE.at_keyframe(1.5) is None


def test_places():
    assert TIMELINE.place(-1) == (0, 0.0)
    assert TIMELINE.place(0.25) == (0, 0.25)
    assert TIMELINE.place(1.5) == (1, pytest.approx(0.15625))  # smooth at a quarter
    assert TIMELINE.place(99) == (1, 1.0)
    looping = replace(TIMELINE, loop=True)
    assert looping.place(5.0) == (2, 0.5)
    assert looping.place(7.25) == (0, 0.25)
    assert Timeline((key(1),), loop=True).place(3.0) == (0, 0.0)
    with pytest.raises(OptionError, match="no keyframes"):
        Timeline().place(0)


def test_edits():
    assert seeds(TIMELINE.moved(0, 2)) == [2, 3, 1]
    assert seeds(TIMELINE.moved(2, 0)) == [3, 1, 2]
    assert TIMELINE.moved(1, 0).keyframes[0].seconds == 2.0
    assert seeds(TIMELINE.inserted(1, key(8), key(9))) == [1, 8, 9, 2, 3]
    assert seeds(TIMELINE.removed([0, 2])) == [2]
    longer = TIMELINE.changed(0, lambda k: replace(k, seconds=5.0))
    assert longer.starts == (0.0, 5.0, 7.0) and TIMELINE.starts[1] == 1.0


def test_one_model():
    other = ModelRef("bundled", "b", "b" * 64)
    mixed = TIMELINE.inserted(1, Keyframe(Scene(other, Recipe())))
    with pytest.raises(OptionError, match="Keyframe 2 belongs to another model"):
        mixed.model()
    assert mixed.with_model(MODEL).model() == MODEL == TIMELINE.model()
    assert same_weights(MODEL, ModelRef("bundled", "other name", "a" * 64))
    assert not same_weights(ModelRef("file", "x"), ModelRef("file", "y"))


def test_json_round_trip():
    vector = LatentSource.from_vector("w", np.arange(3, dtype=np.float32))
    timeline = replace(
        TIMELINE.inserted(1, Keyframe(Scene(MODEL, Recipe(source=vector)), 0.5, "sine")),
        interpolation="spline",
        loop=True,
        fps=24.0,
    )
    assert Timeline.from_json(json.loads(json.dumps(timeline.to_json()))) == timeline
    assert Timeline.from_json({}) == Timeline()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ([], "JSON object"),
        ({"version": 9}, "version 9"),
        ({"speed": 1}, "speed"),
        ({"interpolation": "jump"}, "jump"),
        ({"fps": 0}, "frames a second"),
        ({"keyframes": [{"scene": {}}]}, "model"),
        ({"keyframes": [{"scene": Scene(MODEL, Recipe()).to_json(), "seconds": 0}]}, "seconds"),
        (
            {"keyframes": [{"scene": Scene(MODEL, Recipe()).to_json(), "easing": "wobble"}]},
            "wobble",
        ),
        ({"keyframes": 3}, "list"),
    ],
)
def test_what_is_no_timeline(value, message):
    with pytest.raises(OptionError, match=message):
        Timeline.from_json(value)


@pytest.mark.parametrize("interpolation", ["slerp", "lerp", "spline"])
@pytest.mark.parametrize("loop", [False, True])
def test_paths_visit_the_keys_and_are_smooth(styled, interpolation, loop):
    resolver = LatentResolver(styled)
    timeline = replace(TIMELINE, interpolation=interpolation, loop=loop)
    path = TimelinePath(timeline, resolver)
    for index, start in enumerate(timeline.starts[: len(timeline.ways) + (not loop)]):
        assert path.at(start) == timeline.recipes[index]
    times = np.linspace(0, timeline.seconds, 400)
    ws = np.stack([resolver.ws(path.at(t)).numpy().ravel() for t in times])
    steps = np.linalg.norm(np.diff(ws, axis=0), axis=1)
    assert steps.max() < 12 * np.median(steps) + 1e-6
    ends = resolver.ws(timeline.recipes[0 if loop else -1]).numpy().ravel()
    assert np.allclose(ws[-1], ends, atol=1e-5)


def test_lerp_is_straight_with_and_without_w(styled, plain):
    for generator, points in ((styled, "source_ws"), (plain, "z")):
        resolver = LatentResolver(generator)
        path = TimelinePath(Timeline((key(1), key(2))), resolver)
        at = getattr(resolver, points)
        a, b, middle = (at(path.at(t)).numpy() for t in (0.0, 1.0, 0.5))
        assert np.allclose(middle, (a + b) / 2, atol=1e-6)
    slerp = TimelinePath(Timeline((key(1), key(2)), "slerp"), LatentResolver(plain))
    z = [np.linalg.norm(LatentResolver(plain).z(slerp.at(t)).numpy()) for t in (0, 0.5, 1)]
    assert z[1] == pytest.approx((z[0] + z[2]) / 2, rel=1e-5)


def test_frames_are_the_same_each_time(styled):
    runs = [list(TimelinePath(TIMELINE, LatentResolver(styled)).frames()) for _ in range(2)]
    assert runs[0] == runs[1] and len(runs[0]) == 30
    assert runs[0][0] == TIMELINE.recipes[0] and runs[0][-1] == TIMELINE.recipes[-1]


def test_an_empty_timeline_has_no_path(styled):
    with pytest.raises(OptionError, match="no keyframes"):
        TimelinePath(Timeline(), LatentResolver(styled))
