"""Small Qt-free or nearly Qt-free parts."""

import pytest
from PySide6.QtCore import QSettings

from latent_studio.ui import awake, drops
from latent_studio.ui.settings import DEFAULTS, Settings


def test_settings_keep_their_types_in_the_file(qapp, tmp_path) -> None:
    path = str(tmp_path / "s.ini")
    store = QSettings(path, QSettings.Format.IniFormat)
    settings = Settings(store=store)
    settings.set("live", False)
    settings.set("grid/columns", 7)
    settings.remember_model("/a")
    settings.remember_model("/b")
    settings.remember_model("/a")
    store.sync()
    again = Settings(store=QSettings(path, QSettings.Format.IniFormat))
    assert again.get("live") is False
    assert again.get("grid/columns") == 7
    assert again.get("recent_models") == ["/a", "/b"]


def test_nonsense_in_the_file_falls_back(qapp, tmp_path) -> None:
    store = QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat)
    store.setValue("grid/columns", "many")
    store.setValue("recent_models", "")
    settings = Settings(store=store)
    assert settings.get("grid/columns") == DEFAULTS["grid/columns"]
    assert settings.get("recent_models") == []
    with pytest.raises(KeyError):
        settings.set("no such", 1)


def test_changes_are_told_once(qapp, qtbot, tmp_path) -> None:
    settings = Settings(store=QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat))
    with qtbot.waitSignal(settings.changed) as told:
        settings.set("scaling", "nearest")
    assert told.args == ["scaling", "nearest"]
    with qtbot.assertNotEmitted(settings.changed):
        settings.set("scaling", "nearest")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.safetensors", "model"),
        ("a.PNG", "photo"),
        ("a.jpg", "photo"),
        ("faces.zip", "data"),
        ("train-images-idx3-ubyte.gz", "data"),
        ("train-images-idx3-ubyte", "data"),
        ("notes.txt", "model"),
    ],
)
def test_files_are_known_by_their_names(tmp_path, name: str, kind: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert drops.classify(str(tmp_path / name)) == kind


def test_a_folder_is_data_unless_it_is_a_run(tmp_path) -> None:
    from latent_studio.storage.run_folder import RunFolder

    assert drops.classify(str(tmp_path)) == "data"
    with RunFolder.create(tmp_path / "run", {}) as run:
        assert drops.classify(str(run.path)) == "model"


def test_commands_that_keep_a_computer_awake(monkeypatch) -> None:
    monkeypatch.setattr(awake.shutil, "which", lambda name: f"/bin/{name}")
    assert awake.inhibit_command("darwin", 7) == ["caffeinate", "-i", "-w", "7"]
    linux = awake.inhibit_command("linux", 7)
    assert linux is not None and linux[0] == "systemd-inhibit" and "--pid=7" in linux
    monkeypatch.setattr(awake.shutil, "which", lambda name: None)
    assert awake.inhibit_command("linux", 7) is None
    assert awake.inhibit_command("win32", 7) is None


def test_the_lock_ends_its_process(monkeypatch) -> None:
    import sys

    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(awake, "inhibit_command", lambda platform, pid: sleeper)
    monkeypatch.setattr(awake.sys, "platform", "linux")
    lock = awake.AwakeLock()
    lock.set_held(True)
    process = lock._process
    assert process is not None and process.poll() is None
    lock.set_held(False)
    assert process.poll() is not None


def test_a_lock_that_cannot_be_had_is_no_error(monkeypatch) -> None:
    monkeypatch.setattr(awake, "inhibit_command", lambda platform, pid: ["/no/such/program"])
    monkeypatch.setattr(awake.sys, "platform", "linux")
    lock = awake.AwakeLock()
    lock.set_held(True)
    lock.set_held(False)
