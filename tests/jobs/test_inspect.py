import numpy as np
import pytest
from PIL import Image

from latent_studio.errors import DataError, ModelError, OptionError
from latent_studio.jobs import inspect
from latent_studio.storage import paths
from latent_studio.training.config import TrainConfig
from latent_studio.training.presets import PRESETS


def test_models_are_listed_from_their_headers(own_file, tmp_path, monkeypatch):
    folder = tmp_path / "resources" / "models"
    folder.mkdir(parents=True)
    own_file.rename(folder / "tiny.safetensors")
    (folder / "broken.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0not json at all")
    (folder / "huge.safetensors").write_bytes(b"\xff" * 20)
    monkeypatch.setattr(inspect, "resource_path", lambda *p: (tmp_path / "resources").joinpath(*p))
    (entry,) = inspect.list_models()
    assert (entry.name, entry.architecture, entry.resolution) == ("tiny", "stylegan2", 16)
    assert "tiny" in entry.line() and "16×16" in entry.line()
    assert inspect.is_listed("tiny") and not inspect.is_listed("broken")
    assert inspect.describe_model("tiny")["architecture"] == "stylegan2"


def test_own_models_are_listed(own_file):
    target = paths.models_dir() / "mine.safetensors"
    own_file.rename(target)
    try:
        assert "mine" in [entry.name for entry in inspect.list_models()]
    finally:
        target.unlink()


def test_a_file_says_what_it_holds(styled_file, tmp_path):
    facts = inspect.describe_model(styled_file)
    assert facts["config"]["w_dim"] == 8
    assert facts["bytes"] == styled_file.stat().st_size
    bad = tmp_path / "bad.safetensors"
    bad.write_text("hello", encoding="utf-8")
    with pytest.raises(ModelError):
        inspect.describe_model(bad)


def test_presets():
    assert [entry.name for entry in inspect.list_presets()] == list(PRESETS)
    settings = inspect.describe_preset("dcgan-64")
    assert TrainConfig.from_json({**settings, "data": "d"}).resolution == 64
    with pytest.raises(OptionError, match="no preset 'x'"):
        inspect.describe_preset("x")


def test_report(tmp_path):
    Image.fromarray(np.zeros((8, 9, 3), np.uint8)).save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes()[:40])
    report = inspect.report_data(tmp_path)
    assert report.count == 1
    assert [file for file, _ in report.problems] == ["b.png"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no images"):
        inspect.report_data(tmp_path / "empty")
