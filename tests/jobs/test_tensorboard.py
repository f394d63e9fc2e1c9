import sys

import pytest

from latent_studio.errors import OptionError
from latent_studio.events import RunFinished, TrainTick
from latent_studio.jobs import runs
from latent_studio.jobs.tensorboard import TensorBoardLog
from latent_studio.jobs.train import train

pytest.importorskip("tensorboard")
OPTIONS = {
    "resolution": 8,
    "batch": 4,
    "total_kimg": 0.016,
    "tick_kimg": 0.004,
    "grid_kimg": 0.0,
    "limit": 16,
    "threads": 1,
    "device": "cpu",
    "precision": "fp32",
    "grid_count": 4,
    "generator.hidden": [8],
    "discriminator.hidden": [8],
}


def read(folder):
    """All events as TensorBoard's own reader finds them, oldest first."""
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    files = sorted(folder.glob("events.out.tfevents.*"))
    return [event for file in files for event in EventFileLoader(str(file)).Load()]


def scalars(events, tag):
    return [
        (event.step, value.tensor.float_val[0])
        for event in events
        for value in event.summary.value
        if value.tag == tag
    ]


def test_what_is_told_is_written(tmp_path):
    folder, told = tmp_path / "run", []
    train(folder, data="procedural-faces", preset="mlp-mnist", options=OPTIONS,
          emit=TensorBoardLog(told.append))  # fmt: skip
    events = read(folder)
    ticks = [event for event in told if isinstance(event, TrainTick)]
    assert len(ticks) == 4 and isinstance(told[-1], RunFinished)
    for name, value in [item for item in ticks[0].values.items() if item[0].startswith("loss/")]:
        found = scalars(events, name)
        assert [step for step, _ in found] == [4, 8, 12, 16]
        assert found[0][1] == pytest.approx(value, rel=1e-6)
    pictures = [value for event in events for value in event.summary.value if "sample" in value.tag]
    assert pictures and b"\x89PNG" in pictures[0].tensor.string_val[2]
    # resumed: a file of its own, which ends what the first had beyond the checkpoint
    train(folder, resume=True, options={"total_kimg": 0.02}, emit=TensorBoardLog(told.append))
    events = read(folder)
    assert [step for step, _ in scalars(events, "loss/G")] == [4, 8, 12, 16, 20]
    starts = [event.step for event in events if event.HasField("session_log")]
    assert starts == [0, 16]
    assert "tensorflow" not in sys.modules
    assert runs.delete_run(folder) == [] and not folder.exists()


def test_without_the_package(monkeypatch):
    for name in ("tensorboard.compat.proto", "tensorboard.summary.writer.record_writer"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(OptionError, match=r"pip install 'latent-studio\[tensorboard\]'"):
        TensorBoardLog(lambda event: None)
