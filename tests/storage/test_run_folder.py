"""Run folders: one writer, nothing torn, cut back on resume."""

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from latent_studio.errors import RunError
from latent_studio.events import Alarm
from latent_studio.storage import run_folder
from latent_studio.storage.alarm_log import CLEARED, AlarmRow, open_alarms
from latent_studio.storage.file_lock import lock_owner
from latent_studio.storage.model_file import ModelBundle, load_model
from latent_studio.storage.run_folder import RunFolder, is_run
from latent_studio.storage.thinning import choose_kept

GRID = np.full((5, 4, 6, 3), 200, np.uint8)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[RunFolder]:
    with RunFolder.create(tmp_path / "run", {"preset": "tiny", "text": "ö"}) as run:
        yield run


def test_create_and_open(run: RunFolder) -> None:
    assert is_run(run.path)
    assert run.name == "run"
    run.close()
    with RunFolder.open(run.path) as again:
        assert again.config == {"preset": "tiny", "text": "ö"}
        again.write_config({"preset": "other"})
    assert RunFolder.open(run.path, write=False).config == {"preset": "other"}


def test_create_refuses_used_places(run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="--resume"):
        RunFolder.create(run.path, {})
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "holiday.jpg").write_bytes(b"")
    with pytest.raises(RunError, match="not empty"):
        RunFolder.create(tmp_path / "pictures", {})
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(RunError, match="is a file"):
        RunFolder.create(tmp_path / "file", {})
    with pytest.raises(RunError, match="Cannot write"):
        RunFolder.create(tmp_path / "file" / "below", {})
    with pytest.raises(RunError, match="plain JSON"):
        RunFolder.create(tmp_path / "new", {"x": float("nan")})
    assert not (tmp_path / "new").exists()


def test_open_refuses_what_is_no_run(run: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no config\.json"):
        RunFolder.open(tmp_path / "nowhere")
    run.close()
    for text in ("", "{", "[1]", "\xff"):
        (run.path / "config.json").write_text(text, encoding="latin-1")
        with pytest.raises(RunError, match="damaged"):
            RunFolder.open(run.path)


def test_one_writer_many_watchers(run: RunFolder) -> None:
    with pytest.raises(RunError, match=f"in use by process {os.getpid()}"):
        RunFolder.open(run.path)
    run.append_stats({"step": 1})
    watcher = RunFolder.open(run.path, write=False)
    assert watcher.read_stats() == [{"step": 1}]
    assert not watcher.writable
    with pytest.raises(RunError, match="reading only"):
        watcher.append_stats({})
    run.close()
    run.close()
    assert lock_owner(run.path / "lock") == {}
    RunFolder.open(run.path).close()


HOLDER = """
import pathlib, sys, time
from latent_studio.storage.file_lock import FileLock
lock = FileLock(pathlib.Path(sys.argv[1]) / "lock")
print("held", flush=True)
time.sleep(60)
"""


def test_lock_dies_with_its_process(run: RunFolder) -> None:
    run.close()
    root = Path(run_folder.__file__).parents[2]
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(run.path)], cwd=root, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RunError, match=f"in use by process {holder.pid}"):
            RunFolder.open(run.path)
        holder.kill()
    with RunFolder.open(run.path):
        assert lock_owner(run.path / "lock")["pid"] == os.getpid()


def test_stats_round_trip(run: RunFolder) -> None:
    entry = {
        "step": 3,
        "kimg": np.float64(0.5),
        "values": {"loss/G": float("nan"), "up": math.inf, "down": -math.inf, "n": np.int64(2)},
        "eta_s": None,
    }
    run.append_stats(entry)
    (found,) = run.read_stats()
    assert math.isnan(found["values"].pop("loss/G"))
    assert found["values"] == {"up": math.inf, "down": -math.inf, "n": 2}
    assert found["eta_s"] is None
    line = (run.path / "stats.jsonl").read_text(encoding="utf-8")
    json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def test_torn_last_line_is_dropped(run: RunFolder) -> None:
    run.append_stats({"step": 1})
    run.append_stats({"step": 2})
    run.close()
    path = run.path / "stats.jsonl"
    path.write_bytes(path.read_bytes()[:-4])
    assert RunFolder.open(run.path, write=False).read_stats() == [{"step": 1}]
    with RunFolder.open(run.path) as again:
        again.append_stats({"step": 3})
        assert again.read_stats() == [{"step": 1}, {"step": 3}]


def test_damaged_lines_do_not_hide_the_others(run: RunFolder) -> None:
    path = run.path / "stats.jsonl"
    path.write_bytes(b'{"step": 1}\n\xff\xfe\n[1]\n\n{"step": 2}\n')
    assert run.read_stats() == [{"step": 1}, {"step": 2}]


def test_leftovers_of_a_kill_are_cleared(run: RunFolder) -> None:
    run.close()
    for name in (".latent-studio-1.part", "snapshots/.latent-studio-2.part.safetensors"):
        (run.path / name).write_bytes(b"half")
    with RunFolder.open(run.path):
        assert not list(run.path.rglob(".latent-studio-*"))


def test_grids_and_snapshots(run: RunFolder, bundle: ModelBundle) -> None:
    run.save_grid(GRID, 3, 2.5)
    run.save_grid(GRID, 3, 1234.567)
    run.save_snapshot(bundle, 10.0)
    path = run.save_snapshot(bundle, 9.5, half=True)
    assert [grid.kimg for grid in run.grids()] == [2.5, 1234.567]
    assert [snapshot.kimg for snapshot in run.snapshots()] == [9.5, 10.0]
    assert run.snapshots()[0].path == path
    assert load_model(path).card == bundle.card
    with Image.open(run.grids()[0].path) as picture:
        assert picture.size == (18, 8)


def test_truncate_after(run: RunFolder, bundle: ModelBundle) -> None:
    for step in range(1, 6):
        run.append_stats({"step": step, "kimg": step / 10})
        run.append_command({"step": step, "set": "lr"})
        run.append_alarm(AlarmRow(step, step / 10, Alarm("run", "divergence", "Up.")))
        run.save_grid(GRID, 3, step / 10)
        run.save_snapshot(bundle, step / 10)
    run.truncate_after(3, 0.3)
    assert [entry["step"] for entry in run.read_stats()] == [1, 2, 3]
    assert [entry["step"] for entry in run.read_commands()] == [1, 2, 3]
    assert [row.step for row in run.read_alarms()] == [1, 2, 3]
    assert [grid.kimg for grid in run.grids()] == [0.1, 0.2, 0.3]
    assert [snapshot.kimg for snapshot in run.snapshots()] == [0.1, 0.2, 0.3]
    run.truncate_after(2)
    assert [grid.kimg for grid in run.grids()] == [0.1, 0.2]
    run.append_stats({"step": 3, "kimg": 0.3})
    assert [entry["step"] for entry in run.read_stats()] == [1, 2, 3]


def test_alarms_are_kept_with_what_they_say(run: RunFolder) -> None:
    strong = Alarm("run", "d-too-strong", "D wins.", "0.01 (alarm below 0.05)", {"d_lr": 1e-4})
    rows = [
        AlarmRow(3, 0.3, strong),
        AlarmRow(4, 0.4, Alarm("run", "stagnation", "No better.")),
        AlarmRow(7, 0.7, strong, CLEARED),
    ]
    for row in rows:
        run.append_alarm(row)
    assert run.read_alarms() == rows  # what has passed is told with what it was
    assert [row.alarm.kind for row in open_alarms(rows)] == ["stagnation"]
    run.close()
    path = run.path / "alarms.jsonl"
    path.write_bytes(b'{"kind": 3}\n{"kind": "x"}\n' + path.read_bytes()[:-4])
    with RunFolder.open(run.path) as again:
        assert again.read_alarms() == rows[:2]
        again.append_alarm(rows[2])
        assert again.read_alarms() == rows


def test_checkpoint(run: RunFolder) -> None:
    assert not run.has_checkpoint
    run.save_checkpoint({"w": torch.ones(2)})
    assert run.has_checkpoint
    assert torch.equal(run.load_checkpoint()["w"], torch.ones(2))


def test_snapshots_are_thinned_by_count(tmp_path: Path, bundle: ModelBundle) -> None:
    with RunFolder.create(tmp_path / "r", {"keep_snapshots": 4}) as run:
        for step in range(1, 13):
            run.save_snapshot(bundle, float(step))
        kimgs = [snapshot.kimg for snapshot in run.snapshots()]
    assert len(kimgs) == 4
    assert kimgs[0] == 1 and kimgs[-1] == 12


def test_snapshots_are_thinned_by_size(tmp_path: Path, bundle: ModelBundle) -> None:
    with RunFolder.create(tmp_path / "r", {"snapshot_cap_mb": 1e-6}) as run:
        for step in range(1, 4):
            run.save_snapshot(bundle, float(step))
        assert [snapshot.kimg for snapshot in run.snapshots()] == [3]


def test_thinning_is_even_on_a_logarithm() -> None:
    kimgs: list[float] = []
    for step in range(1, 1001):
        kimgs.append(float(step))
        kept = choose_kept(kimgs, [1] * len(kimgs), 16, math.inf)
        kimgs = [kimgs[index] for index in sorted(kept)]
        assert kimgs[-1] == step and kimgs[0] == 1
    gaps = np.diff(np.log1p(kimgs))
    assert len(kimgs) == 16
    assert gaps.max() < 6 * np.median(gaps)
    assert choose_kept([], [], 4, 0) == set()
    assert choose_kept([1.0], [10], 0, 0) == {0}


def test_full_disk_keeps_the_log_whole(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    run.append_stats({"step": 1})
    before = (run.path / "stats.jsonl").read_bytes()

    def tear(file: object, line: bytes) -> None:
        file.write(line[:3])  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("latent_studio.storage.run_log._write_line", tear)
    with pytest.raises(RunError, match="disk is full"):
        run.append_stats({"step": 2})
    assert (run.path / "stats.jsonl").read_bytes() == before


def test_reading_many_ticks_is_quick(run: RunFolder) -> None:
    line = json.dumps({"step": 1, "values": dict.fromkeys("abcdefgh", 0.123456)}) + "\n"
    (run.path / "stats.jsonl").write_text(line * 20_000, encoding="utf-8")
    start = time.perf_counter()
    assert len(run.read_stats()) == 20_000
    assert time.perf_counter() - start < 5
