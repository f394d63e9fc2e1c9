"""Files are the old one or the new one."""

import errno
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from latent_studio.errors import ExportError, RunError
from latent_studio.storage import atomic


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "ä file.txt"
    atomic.write_text(target, "one\n")
    atomic.write_text(target, "zwei ö\n")
    assert target.read_bytes() == "zwei ö\n".encode()
    assert names(tmp_path) == [target.name]


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not synced there")
def test_file_and_rename_reach_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []

    def sync(handle: int) -> None:
        kind = "folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file"
        synced.append(f"{kind}, {'renamed' if (tmp_path / 'x').exists() else 'temporary'}")

    monkeypatch.setattr(os, "fsync", sync)
    atomic.write_bytes(tmp_path / "x", b"data")
    assert synced == ["file, temporary", "folder, renamed"]


def test_target_is_untouched_until_the_end(tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.write_bytes(b"old")
    with atomic.atomic_write(target) as file:
        file.write(b"new")
        file.flush()
        assert target.read_bytes() == b"old"
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_exception_keeps_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "x"
    target.write_bytes(b"old")
    with pytest.raises(error), atomic.atomic_write(target) as file:
        file.write(b"half")
        raise error
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["x"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "no permission"),
        (errno.EIO, "Try another folder"),
    ],
)
def test_system_errors_name_cause_and_cure(tmp_path: Path, number: int, words: str) -> None:
    target = tmp_path / "x"
    target.write_bytes(b"old")
    with (
        pytest.raises(RunError, match=words) as caught,
        atomic.atomic_write(target, error=RunError),
    ):
        raise OSError(number, os.strerror(number))
    assert "\n" not in caught.value.message
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["x"]


def test_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="folder does not exist"):
        atomic.write_bytes(tmp_path / "no" / "x", b"")


def test_folder_as_target(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="it is a folder"):
        atomic.write_bytes(tmp_path, b"")


def test_impossible_name(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="not a valid file name"):
        atomic.write_bytes(tmp_path / "a\0b", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="no such device")
def test_devices_are_not_replaced() -> None:
    with pytest.raises(ExportError, match="a device"):
        atomic.write_bytes(os.devnull, b"x")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_links_are_followed(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_bytes(b"old")
    link = tmp_path / "link"
    link.symlink_to(real)
    atomic.write_bytes(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


@pytest.mark.skipif(sys.platform == "win32", reason="no such modes")
def test_modes_are_the_usual_ones(tmp_path: Path) -> None:
    atomic.write_bytes(tmp_path / "new", b"")
    (tmp_path / "plain").write_bytes(b"")
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode
    (tmp_path / "new").chmod(0o640)
    atomic.write_bytes(tmp_path / "new", b"x")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o640


def test_long_names_fit(tmp_path: Path) -> None:
    name = "n" * 250 + ".png"
    atomic.write_bytes(tmp_path / name, b"x")
    assert names(tmp_path) == [name]


def test_many_writers_never_mix(tmp_path: Path) -> None:
    target = tmp_path / "x"
    texts = [bytes([65 + i]) * 50_000 for i in range(4)]

    def write(data: bytes) -> None:
        for _ in range(10):
            atomic.write_bytes(target, data)

    threads = [threading.Thread(target=write, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for _ in range(50):
        if target.exists():
            assert target.read_bytes() in texts
    for thread in threads:
        thread.join()
    assert names(tmp_path) == ["x"]


def test_replace_waits_for_a_busy_file_on_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def busy(source: Path, target: Path) -> None:
        calls.append(source)
        if len(calls) < 3:
            raise PermissionError(13, "busy")

    monkeypatch.setattr(atomic, "_WINDOWS", True)
    monkeypatch.setattr(atomic, "_REPLACE_WAIT_S", 0.0)
    monkeypatch.setattr(atomic.os, "replace", busy)
    atomic.replace(tmp_path / "a", tmp_path / "b")
    assert len(calls) == 3


KILLED = """
import os, sys
from latent_studio.storage import atomic
with atomic.atomic_write(sys.argv[1]) as file:
    file.write(b"half of the new")
    file.flush()
    os._exit(9)
"""


def test_a_killed_writer_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.write_bytes(b"old")
    root = Path(atomic.__file__).parents[2]
    subprocess.run([sys.executable, "-c", KILLED, str(target)], cwd=root, check=False)
    assert target.read_bytes() == b"old"
    assert len(names(tmp_path)) == 2
    atomic.remove_leftovers(tmp_path)
    assert names(tmp_path) == ["x"]
