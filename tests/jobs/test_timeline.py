import threading
from dataclasses import replace

import av
import numpy as np
import pytest

from latent_studio.errors import Cancelled, OptionError
from latent_studio.events import Progress
from latent_studio.jobs.opened import open_model
from latent_studio.jobs.timeline import check_timeline, export_timeline, follow
from latent_studio.latent.timeline import Keyframe, Timeline
from latent_studio.mailbox import LatestSlot, StopToken
from latent_studio.recipe import LatentSource, ModelRef, Recipe, Scene


@pytest.fixture(scope="module")
def styled(styled_file):
    return open_model(styled_file, device="cpu")


def ten_keys(model) -> Timeline:
    """Ten keyframes with all that can change between them."""
    easings = ("linear", "smooth", "ease-in", "sine", "ease-in-out")
    recipes = [Recipe.from_seed(seed, psi=0.5 + seed / 20) for seed in range(10)]
    recipes[2] = recipes[2].with_layer(1, LatentSource.from_seed(77), 0.5)
    recipes[4] = replace(recipes[4], noise_mode="random", noise_seed=5)
    recipes[6] = recipes[6].with_offset("w", 3, 1.5)
    keys = tuple(
        Keyframe(model.scene(recipe), 0.1 + 0.05 * (index % 3), easings[index % 5])
        for index, recipe in enumerate(recipes)
    )
    return Timeline(keys, "spline", loop=True, fps=20)


def decoded(path) -> list[np.ndarray]:
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]


def test_ten_keyframes_exported_twice_give_identical_frames(styled_file, tmp_path):
    videos = []
    for name in ("a.mp4", "b.mp4"):
        model = open_model(styled_file, device="cpu")  # nothing kept from the other time
        timeline = ten_keys(model)
        path = export_timeline(model, timeline, tmp_path / name, scale=2)
        videos.append(decoded(path))
    assert len(videos[0]) == timeline.frames == 29
    for first, second in zip(*videos, strict=True):
        assert np.array_equal(first, second)
    assert any(not np.array_equal(videos[0][0], frame) for frame in videos[0][1:])


def test_the_frames_are_the_timeline_s(styled, tmp_path):
    from PIL import Image

    timeline = replace(ten_keys(styled), loop=False, interpolation="slerp")
    folder = export_timeline(styled, timeline, tmp_path / "frames")
    files = sorted(folder.iterdir())
    assert len(files) == timeline.frames
    first, last = (np.asarray(Image.open(file)).astype(int) for file in (files[0], files[-1]))
    ends = styled.pixels([timeline.recipes[0], timeline.recipes[-1]]).astype(int)
    assert np.abs(first - ends[0]).max() <= 1 and np.abs(last - ends[1]).max() <= 1


def test_a_model_without_w(digits_file, tmp_path):
    model = open_model(digits_file, device="cpu")
    keys = tuple(Keyframe(model.scene(seed), 0.2) for seed in (1, 2))
    for interpolation in ("slerp", "lerp", "spline"):
        timeline = Timeline(keys, interpolation, fps=20)
        export_timeline(model, timeline, tmp_path / f"{interpolation}.gif")


def test_cancel_leaves_no_half_file(styled, tmp_path):
    token = StopToken()

    def stop_soon(event):
        if isinstance(event, Progress) and event.done:
            token.stop()

    long = ten_keys(styled)
    long = replace(long, keyframes=tuple(replace(key, seconds=0.48) for key in long.keyframes))
    with pytest.raises(Cancelled):
        export_timeline(styled, long, tmp_path / "w.mp4", emit=stop_soon, token=token)
    assert list(tmp_path.iterdir()) == []


def test_impossible_timelines_are_refused_before_a_model_is_opened(tmp_path):
    one = Keyframe(Scene(ModelRef("file", "x"), Recipe()))
    cases = (
        (Timeline(), "no keyframes"),
        (Timeline((one,)), "two keyframes"),
        (
            Timeline((one, replace(one, scene=Scene(ModelRef("file", "y"), Recipe())))),
            "another model",
        ),
        (Timeline((replace(one, seconds=600.0),) * 500, fps=240.0), "a video has"),
    )
    for timeline, message in cases:
        with pytest.raises(OptionError, match=message):
            check_timeline(timeline, tmp_path / "w.mp4")


def test_following_skips_what_nobody_waits_for():
    wanted, found = LatestSlot(), LatestSlot()
    asked, go_on, began = [], threading.Event(), threading.Event()

    def path(place: float) -> float:
        asked.append(place)
        began.set()
        assert go_on.wait(10)
        return 2 * place

    worker = threading.Thread(target=follow, args=(lambda: path, wanted, found))
    worker.start()
    wanted.put(0.5)
    assert began.wait(10)
    for place in range(1, 100):
        wanted.put(float(place))
    go_on.set()
    while found.peek() != (99.0, 198.0):
        assert worker.is_alive()
    wanted.close()
    worker.join(10)
    assert asked == [0.5, 99.0]


def test_a_stopped_token_ends_the_following():
    token, wanted = StopToken(), LatestSlot()
    worker = threading.Thread(
        target=follow, args=(lambda: float, wanted, LatestSlot()), kwargs={"token": token}
    )
    worker.start()
    token.stop()
    worker.join(10)
    assert not worker.is_alive()
