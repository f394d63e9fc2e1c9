import threading

import av
import numpy as np
import pytest
from PIL import Image

from latent_studio.errors import Cancelled, ExportError, OptionError
from latent_studio.events import Progress
from latent_studio.jobs.opened import open_model
from latent_studio.jobs.video import count_frames, export_video
from latent_studio.mailbox import StopToken
from latent_studio.recipe import Recipe
from latent_studio.storage.video import VideoWriter


@pytest.fixture(scope="module")
def styled(styled_file):
    return open_model(styled_file, device="cpu")


KEYS = [Recipe.from_seed(seed, psi=0.7) for seed in (1, 2, 3)]


@pytest.mark.parametrize("space", ["z", "w", None])
def test_mp4(styled, tmp_path, space):
    events = []
    path = export_video(
        styled,
        KEYS,
        tmp_path / "w.mp4",
        seconds=0.5,
        fps=20,
        space=space,
        scale=2,
        emit=events.append,
    )
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        frames = list(file.decode(stream))
        assert (stream.codec_context.name, stream.width, stream.height) == ("h264", 32, 32)
        assert stream.average_rate == 20
    assert len(frames) == 10
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done[-1] == 10


def test_frames_are_the_pictures_of_the_keys(styled, tmp_path):
    folder = export_video(styled, KEYS[:2], tmp_path / "frames", seconds=1, fps=5, space="w")
    files = sorted(folder.iterdir())
    assert len(files) == 5
    ends = styled.pixels(KEYS[:2]).astype(int)
    for file, expected in ((files[0], ends[0]), (files[-1], ends[1])):
        assert np.abs(np.asarray(Image.open(file)).astype(int) - expected).max() <= 1


def test_loop_does_not_show_the_first_key_twice(styled, tmp_path):
    folder = export_video(styled, KEYS[:2], tmp_path / "loop", seconds=1, fps=4, loop=True)
    frames = [np.asarray(Image.open(f)).astype(int) for f in sorted(folder.iterdir())]
    assert np.abs(frames[0] - frames[-1]).max() > 1
    assert np.abs(frames[1] - frames[3]).max() <= 1  # there and back again, linear


def test_grey_model_in_z(digits_file, tmp_path):
    path = export_video(digits_file, KEYS[:2], tmp_path / "d.gif", seconds=0.2, fps=10)
    with Image.open(path) as image:
        assert image.size == (8, 8)


def test_cancel_leaves_no_half_file(styled, tmp_path):
    token = StopToken()

    def stop_soon(event):
        if isinstance(event, Progress) and event.done:
            token.stop()

    with pytest.raises(Cancelled):
        export_video(styled, KEYS, tmp_path / "w.mp4", seconds=60, emit=stop_soon, token=token)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seconds": 0}, "more than 0 seconds"),
        ({"seconds": float("nan")}, "more than 0 seconds"),
        ({"seconds": 1e5, "fps": 200}, "a video has 2 to"),
        ({"fps": 0}, "Frames per second"),
        ({"easing": "wobble"}, "wobble"),
        ({"scale": 0}, "scale"),
        ({"space": "q"}, "runs in z or in w"),
        ({"curve": "knot"}, "line or a spline"),
    ],
)
def test_impossible_options(styled, tmp_path, options, message):
    with pytest.raises(OptionError, match=message):
        export_video(styled, KEYS, tmp_path / "w.mp4", **options)
    assert list(tmp_path.iterdir()) == []


def test_one_key_is_no_walk(styled, tmp_path):
    with pytest.raises(OptionError, match="at least two seeds"):
        export_video(styled, KEYS[:1], tmp_path / "w.mp4")


def test_w_needs_a_model_with_w(digits_file, tmp_path):
    with pytest.raises(OptionError, match="no w space"):
        export_video(digits_file, KEYS, tmp_path / "w.mp4", space="w")


def test_bad_targets(tmp_path):
    with pytest.raises(OptionError, match="end it in one of"):
        export_video("no model", KEYS, tmp_path / "w.avi")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").write_text("", encoding="utf-8")
    with pytest.raises(ExportError, match="exists already"):
        export_video("no model", KEYS, tmp_path / "full")


def test_frame_count():
    assert count_frames(10, 30) == 300
    assert count_frames(0.5, 29.97) == 15


def test_frames_are_written_beside_the_rendering(styled, tmp_path, monkeypatch):
    threads = set()
    add = VideoWriter.add

    def watched(self, image):
        threads.add(threading.current_thread())
        add(self, image)

    monkeypatch.setattr(VideoWriter, "add", watched)
    export_video(styled, KEYS[:2], tmp_path / "w.mp4", seconds=0.2, fps=20)
    assert len(threads) == 1
    assert threading.current_thread() not in threads


def test_a_frame_that_cannot_be_written_leaves_nothing(styled, tmp_path, monkeypatch):
    def full(self, image, index):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("latent_studio.storage.video._PngSink.add", full)
    with pytest.raises(ExportError, match="full"):
        export_video(styled, KEYS[:2], tmp_path / "frames", seconds=3, fps=20)
    assert list(tmp_path.iterdir()) == []
