"""Videos are decoded back: frames, times, colours, tags."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from latent_studio.errors import Cancelled, ExportError, OptionError
from latent_studio.storage import atomic, video
from latent_studio.storage.video import VideoWriter
from latent_studio.storage.yuv import pad_to_even, rgb_to_yuv420

SUFFIXES = (".mp4", ".webm", ".gif")
COLOURS = [(200, 30, 40), (20, 200, 60), (30, 40, 220), (255, 255, 255), (0, 0, 0), (128, 128, 128)]


def picture(index: int, height: int = 32, width: int = 48) -> np.ndarray:
    """Two fields of one colour each; the right one changes with ``index``."""
    image = np.empty((height, width, 3), np.uint8)
    image[:, : width // 2] = COLOURS[0]
    image[:, width // 2 :] = COLOURS[index % len(COLOURS)]
    return image


def write(path: Path, count: int = 12, fps: Any = 25, **options: Any) -> None:
    with VideoWriter(path, 48, 32, fps, **options) as writer:
        for index in range(count):
            writer.add(picture(index))


def decode(path: Path) -> tuple[list[np.ndarray], list[float], Any]:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        stream = container.streams.video[0]
        assert container.duration is not None
        facts = {
            "seconds": container.duration / 1e6,
            "rate": stream.average_rate,
            "pix_fmt": stream.codec_context.pix_fmt,
            "codec": stream.codec_context.name,
            "tags": [
                stream.codec_context.color_range,
                stream.codec_context.color_primaries,
                stream.codec_context.color_trc,
                stream.codec_context.colorspace,
            ],
        }
        pixels = [_rgb(frame) for frame in frames]
        return pixels, [float(frame.time) for frame in frames], facts


def _rgb(frame: Any) -> np.ndarray:
    if frame.format.name != "yuv420p":
        return frame.to_ndarray(format="rgb24")
    # The inverse by hand: PyAV releases differ in which matrix they take.
    y, u, v = np.split(
        frame.to_ndarray().reshape(-1).astype(float),
        [frame.width * frame.height, frame.width * frame.height * 5 // 4],
    )
    y = (y.reshape(frame.height, frame.width) - 16) * 255 / 219
    u, v = (
        ((c.reshape(frame.height // 2, -1) - 128) * 255 / 224).repeat(2, 0).repeat(2, 1)
        for c in (u, v)
    )
    rgb = [y + 1.5748 * v, y - 0.187324 * u - 0.468124 * v, y + 1.8556 * u]
    return np.clip(np.stack(rgb, -1).round(), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_frames_times_and_colours(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"wälk{suffix}"
    write(path)
    pixels, times, facts = decode(path)
    assert len(pixels) == 12
    assert times == pytest.approx([index / 25 for index in range(12)], abs=0.006)
    assert facts["seconds"] == pytest.approx(12 / 25, abs=0.05)
    for index, found in enumerate(pixels):
        wanted = picture(index).astype(int)
        for x in (10, 38):
            assert np.abs(found[16, x].astype(int) - wanted[16, x]).max() <= 6, (index, x)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize(("suffix", "codec"), [(".mp4", "h264"), (".webm", "vp9")])
def test_bt709_is_tagged(tmp_path: Path, suffix: str, codec: str) -> None:
    write(tmp_path / f"x{suffix}")
    facts = decode(tmp_path / f"x{suffix}")[2]
    assert codec in facts["codec"]
    assert facts["pix_fmt"] == "yuv420p"
    assert facts["tags"] == [1, 1, 1, 1]
    assert facts["rate"] == 25


def test_index_stands_in_front(tmp_path: Path) -> None:
    write(tmp_path / "x.mp4")
    data = (tmp_path / "x.mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


def test_odd_sizes_become_even(tmp_path: Path) -> None:
    image = np.zeros((5, 7, 3), np.uint8)
    image[-1], image[:, -1] = 10, 20
    padded = pad_to_even(image)
    assert padded.shape == (6, 8, 3)
    assert np.array_equal(padded[5], padded[4]) and np.array_equal(padded[:, 7], padded[:, 6])
    for suffix in (".mp4", ".webm"):
        with VideoWriter(tmp_path / f"x{suffix}", 33, 17, 10) as writer:
            writer.add(np.full((17, 33, 3), 90, np.uint8))
        assert decode(tmp_path / f"x{suffix}")[0][0].shape == (18, 34, 3)


@pytest.mark.parametrize(
    ("rgb", "yuv"),
    [  # Recommendation ITU-R BT.709-6: white, black and the 100 % bars in 8 bits
        ((255, 255, 255), (235, 128, 128)),
        ((0, 0, 0), (16, 128, 128)),
        ((255, 0, 0), (63, 102, 240)),
        ((0, 255, 0), (173, 42, 26)),
        ((0, 0, 255), (32, 240, 118)),
        ((255, 255, 0), (219, 16, 138)),
    ],
)
def test_the_matrix_is_bt709(rgb: tuple[int, ...], yuv: tuple[int, ...]) -> None:
    planes = rgb_to_yuv420(np.full((4, 6, 3), rgb, np.uint8))
    assert planes.shape == (6, 6)
    flat = planes.reshape(-1)
    for values, wanted in zip(np.split(flat, [24, 30]), yuv, strict=True):
        assert np.abs(values.astype(int) - wanted).max() <= 1


def test_png_sequence(tmp_path: Path) -> None:
    folder = tmp_path / "frames"
    write(folder)
    assert sorted(p.name for p in folder.iterdir()) == [f"{i:06d}.png" for i in range(12)]
    for index in range(12):
        with Image.open(folder / f"{index:06d}.png") as image:
            assert np.array_equal(np.asarray(image), picture(index))
    with pytest.raises(ExportError, match="not empty"):
        write(folder)
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty", 2)
    assert len(list((tmp_path / "empty").iterdir())) == 2
    assert len(list(tmp_path.iterdir())) == 2


def test_scaling_and_grey(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "x.mp4", 16, 16, 10, scale=4, upscaling="nearest") as writer:
        writer.add(np.full((16, 16), 100, np.uint8))
        writer.add(np.full((16, 16, 1), 100, np.uint8))
    pixels = decode(tmp_path / "x.mp4")[0]
    assert len(pixels) == 2 and pixels[0].shape == (64, 64, 3)
    assert np.abs(pixels[1].astype(int) - 100).max() <= 2


def test_fractional_rates(tmp_path: Path) -> None:
    write(tmp_path / "x.mp4", 10, Fraction(30000, 1001))
    _, times, facts = decode(tmp_path / "x.mp4")
    assert facts["rate"] == Fraction(30000, 1001)
    assert times[9] == pytest.approx(9 * 1001 / 30000, abs=1e-3)


@pytest.mark.parametrize("name", ["x.mp4", "x.webm", "x.gif", "frames"])
@pytest.mark.parametrize("error", [Cancelled, RuntimeError, KeyboardInterrupt])
def test_cancelled_leaves_nothing(tmp_path: Path, name: str, error: type[BaseException]) -> None:
    if "." in name:
        (tmp_path / name).write_bytes(b"old")
    with pytest.raises(error), VideoWriter(tmp_path / name, 48, 32, 25) as writer:
        for index in range(5):
            writer.add(picture(index))
        raise error
    assert [p.name for p in tmp_path.iterdir()] == ([name] if "." in name else [])
    if "." in name:
        assert (tmp_path / name).read_bytes() == b"old"


@pytest.mark.parametrize("name", ["x.mp4", "x.gif"])
def test_full_disk_at_the_end(tmp_path: Path, name: str, full_disk: Callable[[], None]) -> None:
    (tmp_path / name).write_bytes(b"old")
    full_disk()
    with pytest.raises(ExportError, match="disk is full"):
        write(tmp_path / name)
    assert (tmp_path / name).read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
import numpy as np
from latent_studio.errors import ExportError
from latent_studio.storage.video import VideoWriter
rng = np.random.default_rng(0)
try:
    with VideoWriter(sys.argv[1], 64, 64, 25) as writer:
        for _ in range(40):
            writer.add(rng.integers(0, 256, (64, 64, 3), np.uint8))
except ExportError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on file sizes there")
@pytest.mark.parametrize("name", ["x.mp4", "x.webm", "x.gif"])
def test_a_disk_that_fills_while_writing(tmp_path: Path, name: str) -> None:
    root = Path(video.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / name)],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Cannot write {tmp_path / name}: ")
    assert done.stdout.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"fps": 0}, "frames a second"),
        ({"fps": float("nan")}, "must be a number"),
        ({"fps": 1000}, "up to 240"),
        ({"scale": 0}, "scale"),
        ({"scale": 400}, "scale"),
        ({"upscaling": "magic"}, "lanczos"),
    ],
)
def test_impossible_options(tmp_path: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        VideoWriter(tmp_path / "x.mp4", 8, 8, **options)
    assert list(tmp_path.iterdir()) == []


def test_impossible_targets(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"\.mp4, \.webm, \.gif"):
        VideoWriter(tmp_path / "x.avi", 8, 8)
    with pytest.raises(ExportError, match="folder does not exist"):
        VideoWriter(tmp_path / "no" / "x.mp4", 8, 8)
    with pytest.raises(ExportError, match="folder does not exist"):
        VideoWriter(tmp_path / "no" / "frames", 8, 8)
    with pytest.raises(OptionError, match="up to 50"):
        VideoWriter(tmp_path / "x.gif", 8, 8, 60)
    with pytest.raises(OptionError, match="pixels a side"):
        VideoWriter(tmp_path / "x.mp4", 0, 8)
    assert list(tmp_path.iterdir()) == []


def test_wrong_frames_and_no_frames(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no frame"), VideoWriter(tmp_path / "x.mp4", 8, 8):
        pass
    for bad in (np.zeros((8, 9, 3), np.uint8), np.zeros((8, 8, 4), np.uint8), np.zeros((8, 8, 3))):
        with pytest.raises(OptionError), VideoWriter(tmp_path / "x.mp4", 8, 8) as writer:
            writer.add(bad)
    assert list(tmp_path.iterdir()) == []


def test_finished_writers_take_no_frames(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "x.mp4", 48, 32)
    writer.add(picture(0))
    writer.close()
    writer.close()
    with pytest.raises(ExportError, match="finished"):
        writer.add(picture(0))
    writer.abort()
    assert (tmp_path / "x.mp4").is_file()


def test_writing_goes_to_a_temporary_name(tmp_path: Path) -> None:
    writer = VideoWriter(tmp_path / "x.mp4", 48, 32)
    writer.add(picture(0))
    assert all(p.name.startswith(atomic.TEMP_PREFIX) for p in tmp_path.iterdir())
    writer.abort()
    assert list(tmp_path.iterdir()) == []


def _resident() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs Linux' /proc")
@pytest.mark.parametrize("name", ["x.mp4", "x.gif"])
def test_memory_does_not_grow_with_length(tmp_path: Path, name: str) -> None:
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 256, (1, 32, 3), np.uint8).repeat(32, 0) for _ in range(8)]
    with contextlib.ExitStack() as stack:
        writer = stack.enter_context(VideoWriter(tmp_path / name, 32, 32, 30))
        for index in range(60):
            writer.add(frames[index % 8])
        early = _resident()
        for index in range(300):
            writer.add(frames[index % 8])
        assert _resident() - early < 8
