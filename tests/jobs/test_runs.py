import json
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from latent_studio.errors import ModelError, OptionError, RunError
from latent_studio.events import Alarm, TrainTick
from latent_studio.jobs import runs
from latent_studio.jobs.compare import compare_runs
from latent_studio.jobs.train import train
from latent_studio.mailbox import StopToken
from latent_studio.storage.alarm_log import CLEARED, AlarmRow
from latent_studio.storage.file_lock import FileLock
from latent_studio.storage.run_folder import RunFolder

OPTIONS = {
    "resolution": 8,
    "batch": 4,
    "total_kimg": 0.024,
    "tick_kimg": 0.008,
    "grid_kimg": 0.0,
    "snapshot_kimg": 0.012,
    "limit": 16,
    "threads": 1,
    "device": "cpu",
    "precision": "fp32",
    "grid_count": 4,
    "generator.hidden": [8],
    "discriminator.hidden": [8],
}


def begin(out, emit=None, **options):
    more = {} if emit is None else {"emit": emit}
    return train(
        out, data="procedural-faces", preset="mlp-mnist", options={**OPTIONS, **options}, **more
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two finished runs, one of them in a sub-folder. Not to be changed."""
    root = tmp_path_factory.mktemp("runs")
    begin(root / "first")
    begin(root / "deep" / "second", g_lr=1e-3, channels=3, **{"generator.z_dim": 7})
    return root


@pytest.fixture
def own(tmp_path):
    begin(tmp_path / "own")
    return tmp_path / "own"


def test_a_list_tells_the_facts(made):
    (made / "foreign").mkdir(exist_ok=True)
    found = runs.list_runs(made)
    assert [run.name for run in found] == ["deep/second", "first"]
    second = found[0]
    assert (second.state, second.kimg, second.total_kimg) == ("done", 0.024, 0.024)
    assert (second.preset, second.architecture, second.resolution) == ("mlp-mnist", "mlp", 8)
    assert (second.objective, second.data) == ("non-saturating", "procedural-faces")
    assert set(second.losses) >= {"G", "D"}
    assert second.bytes == sum(
        path.stat().st_size for path in second.path.rglob("*") if path.is_file()
    )
    assert runs.list_runs(made / "first")[0].name == "first"
    assert runs.find_run("deep/second", made) == made / "deep" / "second"
    assert runs.find_run(made / "first") == made / "first"
    with pytest.raises(RunError, match="no folder"):
        runs.list_runs(made / "nowhere")
    with pytest.raises(RunError, match="no run second"):
        runs.find_run("second", made)


def test_without_a_folder_the_users_runs_are_meant(tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_STUDIO_HOME", str(tmp_path))
    assert runs.list_runs() == []
    begin(tmp_path / "data" / "runs" / "mine")
    assert [run.name for run in runs.list_runs()] == ["mine"]


def test_states(tmp_path, own):
    assert runs.describe_run(own).state == "done"
    token = StopToken()

    def stop(event):
        if isinstance(event, TrainTick):
            token.stop()

    stopped = tmp_path / "stopped"
    options = {**OPTIONS, "total_kimg": 5.0}
    train(
        stopped,
        data="procedural-faces",
        preset="mlp-mnist",
        options=options,
        emit=stop,
        token=token,
    )
    found = runs.describe_run(stopped)
    assert (found.state, found.total_kimg) == ("stopped", 5.0) and 0 < found.kimg < 5
    with RunFolder.open(stopped):
        assert runs.describe_run(stopped).state == "running"
    # killed: the owner's name stays in the file, but nobody holds the lock
    (stopped / "lock").write_text(json.dumps({"pid": 1}), encoding="utf-8")
    assert runs.describe_run(stopped).state == "stopped"
    (stopped / "config.json").write_text("{", encoding="utf-8")
    damaged = runs.describe_run(stopped)
    assert damaged.state == "damaged" and "damaged" in damaged.message


def test_a_failure_is_remembered_until_the_run_goes_on(tmp_path):
    def fail(event):
        if isinstance(event, TrainTick):
            raise ValueError("no room for a tick")

    folder = tmp_path / "bad"
    with pytest.raises(RunError, match="no room for a tick"):
        begin(folder, emit=fail)
    failed = runs.describe_run(folder)
    assert failed.state == "failed" and "no room for a tick" in failed.message
    train(folder, resume=True, options={"total_kimg": 0.004})
    again = runs.describe_run(folder)
    assert (again.state, again.message) == ("done", "")


def test_the_size_of_a_log_does_not_matter(own):
    line = json.dumps({"step": 1, "kimg": 0.5, "loss/G": 1.0, "loss/D": "NaN"}) + "\n"
    with (own / "stats.jsonl").open("a", encoding="utf-8") as file:
        file.write(line * 5000 + '{"torn": ')
    found = runs.describe_run(own)
    assert found.kimg == 0.5 and found.losses["G"] == 1.0 and np.isnan(found.losses["D"])


def test_alarms_are_counted(own):
    assert runs.describe_run(own).alarms == 0
    with RunFolder.open(own) as run:
        for step, kind in enumerate(("stagnation", "divergence", "stagnation")):
            run.append_alarm(AlarmRow(step, 0.1, Alarm("own", kind, "Bad.")))
        run.append_alarm(AlarmRow(3, 0.1, Alarm("own", "divergence", ""), CLEARED))
    found = runs.describe_run(own)
    assert (found.alarms, found.standing) == (3, ("stagnation",))
    assert runs.delete_run(own) == []


def test_rename(tmp_path, own):
    (tmp_path / "taken").mkdir()
    for name, words in (("taken", "exists already"), ("a/b", "can't name"), ("..", "can't name")):
        with pytest.raises(RunError, match=words):
            runs.rename_run(own, name)
    with RunFolder.open(own), pytest.raises(RunError, match="in use"):
        runs.rename_run(own, "other")
    moved = runs.rename_run(own, "An ügly name")
    assert moved == tmp_path / "An ügly name" and not own.exists()
    assert train(moved, resume=True, options={"total_kimg": 0.028}).kimg == 0.028


def test_notes(own):
    with RunFolder.open(own):  # also while it runs
        runs.annotate_run(own, "  the good one\nwith two lines ")
    assert runs.describe_run(own).note == "the good one\nwith two lines"
    with pytest.raises(RunError, match="at most"):
        runs.annotate_run(own, "x" * 10_001)
    runs.annotate_run(own, "")
    assert runs.describe_run(own).note == "" and not (own / "note.txt").exists()


def test_delete_takes_only_the_runs_own(tmp_path, own):
    mine = [own / "thesis.txt", own / "samples" / "favourite.png"]
    for path in mine:
        path.write_text("x", encoding="utf-8")
    assert runs.delete_run(own) == [own / "samples", own / "thesis.txt"]
    assert sorted(p for p in own.rglob("*") if p.is_file()) == sorted(mine)
    with pytest.raises(RunError, match="not a run"):
        runs.delete_run(own)
    begin(tmp_path / "clean")
    runs.annotate_run(tmp_path / "clean", "n")
    assert runs.delete_run(tmp_path / "clean") == []
    assert not (tmp_path / "clean").exists()


def test_what_is_no_run_is_not_deleted(tmp_path):
    for config in ("{}", "[1]", '{"name": "some program"}'):
        (tmp_path / "config.json").write_text(config, encoding="utf-8")
        (tmp_path / "stats.jsonl").write_text("x", encoding="utf-8")
        with pytest.raises(RunError):
            runs.delete_run(tmp_path)
        assert (tmp_path / "stats.jsonl").exists()


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_are_not_followed(tmp_path, own):
    album = tmp_path / "album"
    (own / "samples").rename(album)
    (own / "samples").symlink_to(album, target_is_directory=True)
    pictures = sorted(album.iterdir())
    assert runs.delete_run(own) == [own / "samples"]
    assert sorted(album.iterdir()) == pictures


HOLD = """
import sys
from pathlib import Path
from latent_studio.storage.file_lock import FileLock
lock = FileLock(Path(sys.argv[1]) / "lock")
print("held", flush=True)
sys.stdin.readline()
"""


def test_another_process_keeps_its_run(own):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(own)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout.readline().strip() == b"held"
        assert runs.describe_run(own).state == "running"
        for change in (runs.delete_run, lambda path: runs.rename_run(path, "x")):
            with pytest.raises(RunError, match="in use by process"):
                change(own)
        process.kill()
    assert runs.describe_run(own).state == "done"
    assert runs.delete_run(own) == []


def test_looking_at_a_lock_does_not_take_it(own):
    lock = FileLock(own / "lock")
    for _ in range(3):
        assert runs.describe_run(own).state == "running"
    lock.release()
    assert runs.describe_run(own).state == "done"


def test_compare(made, tmp_path):
    found = compare_runs(
        [made / "first", made / "deep" / "second"], count=3, out=tmp_path / "x.png"
    )
    assert set(found.settings) == {"g_lr", "channels", "generator.z_dim"} | {
        name for name in found.settings if name.endswith(".channels")
    }
    assert found.settings["g_lr"] == (5e-4, 1e-3)
    assert found.settings["generator.z_dim"] == (100, 7)
    assert all(len(values) == 2 for values in found.metrics.values()) and "loss/G" in found.metrics
    assert found.image.shape == (2 * 10 + 2, 3 * 10 + 2, 3)
    with Image.open(tmp_path / "x.png") as image:
        assert np.array_equal(np.asarray(image), found.image)
    assert compare_runs([made / "first"], count=0).image is None


def test_compare_snapshots_of_one_run(made):
    saved = [entry.kimg for entry in RunFolder.open(made / "first", write=False).snapshots()]
    assert saved == [0.012, 0.024]
    found = compare_runs([made / "first"], kimgs=saved, count=2)
    assert [path.stem for path in found.rows] == ["000000.012", "000000.024"]
    top, bottom = found.image[2:10, 2:10], found.image[12:20, 2:10]
    assert not np.array_equal(top, bottom)
    again = compare_runs([made / "first", made / "first"], count=1).image
    assert np.array_equal(again[2:10], again[12:20])
    with pytest.raises(ModelError, match="no snapshot at 7 kimg"):
        compare_runs([made / "first"], kimgs=[7.0])
    with pytest.raises(OptionError, match="one run or more"):
        compare_runs([])
