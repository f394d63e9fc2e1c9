import errno
import os
import shutil
import stat
import tempfile

import pytest

from latent_studio.errors import ExportError, OptionError
from latent_studio.jobs.targets import check_target


def test_a_good_target_is_left_alone(tmp_path):
    target = tmp_path / "x.PNG"
    target.write_bytes(b"old")
    assert check_target(str(target), (".png",)) == target
    assert [p.name for p in tmp_path.iterdir()] == ["x.PNG"]
    assert target.read_bytes() == b"old"


def test_unknown_ending(tmp_path):
    with pytest.raises(OptionError, match=r"'x.tga'; end it in one of .jpg, .png"):
        check_target(tmp_path / "x.tga", (".png", ".jpg"))


def test_a_name_that_no_system_takes(tmp_path):
    with pytest.raises(ExportError, match=r"too long|Cannot write"):
        check_target(tmp_path / ("n" * 300 + ".png"), (".png",))


def test_missing_folder(tmp_path):
    with pytest.raises(ExportError, match="does not exist; create it"):
        check_target(tmp_path / "no" / "x.png", (".png",))


def test_file_in_place_of_a_folder(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ExportError, match="is a file, not a folder"):
        check_target(tmp_path / "file" / "x.png", (".png",))


def test_folder_in_place_of_a_file(tmp_path):
    (tmp_path / "x.png").mkdir()
    with pytest.raises(ExportError, match="is a folder; give the name of a file"):
        check_target(tmp_path / "x.png", (".png",))


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_folder_that_cannot_be_written(tmp_path, monkeypatch, number):
    def refuse(*args, **kwargs):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(ExportError, match="Cannot write") as caught:
        check_target(tmp_path / "x.png", (".png",))
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(
    os.name == "nt" or getattr(os, "geteuid", lambda: 1)() == 0,
    reason="needs a user whom permissions stop",
)
def test_read_only_folder(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(ExportError, match="no permission"):
            check_target(tmp_path / "x.png", (".png",))
    finally:
        tmp_path.chmod(stat.S_IRWXU)


def test_full_disk(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=5 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    check_target(tmp_path / "x.png", (".png",))
    with pytest.raises(ExportError, match="full"):
        check_target(tmp_path / "x.png", (".png",), needed_bytes=10 << 20)
