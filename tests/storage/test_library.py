"""Paths, resources and the names of models."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from latent_studio.errors import ModelError, OptionError, StudioError
from latent_studio.recipe import ModelRef
from latent_studio.storage import library, paths, resources
from latent_studio.storage.library import model_ref, resolve_model, resolve_ref
from latent_studio.storage.model_file import ModelBundle, save_model
from latent_studio.storage.run_folder import RunFolder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def shelf(
    tmp_path: Path, home: Path, bundle: ModelBundle, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Resources with the bundled models ``faces`` and ``procedural-faces``."""
    root = tmp_path / "resources"
    (root / "models").mkdir(parents=True)
    for name in ("faces", "procedural-faces"):
        save_model(root / "models" / f"{name}.safetensors", bundle, half=name == "faces")
    monkeypatch.setattr(resources, "resources_root", lambda: root)
    yield root / "models"


def test_home_variable_holds_everything(home: Path) -> None:
    folders = [
        paths.data_dir(),
        paths.config_dir(),
        paths.cache_dir(),
        paths.log_dir(),
        paths.runs_dir(),
        paths.models_dir(),
    ]
    assert len(set(folders)) == 6
    assert all(folder.is_dir() and home in folder.parents for folder in folders)


def test_system_folders_without_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(paths.HOME_VARIABLE)
    import platformdirs

    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path / "own")
    assert paths.data_dir() == tmp_path / "own"
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    with pytest.raises(OptionError, match=paths.HOME_VARIABLE):
        paths.cache_dir()


def test_impossible_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "file"))
    with pytest.raises(StudioError, match="Cannot create the folder"):
        paths.data_dir()


def test_resources_of_checkout_and_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "latent_studio"
    package.mkdir()
    find = resources.resources_root.__wrapped__
    (package / "storage").mkdir()
    monkeypatch.setattr(resources, "__file__", str(package / "storage" / "resources.py"))
    with pytest.raises(StudioError, match="Install it again"):
        find()
    (tmp_path / "resources").mkdir()
    assert find() == tmp_path / "resources"
    (package / "_resources").mkdir()
    assert find() == package / "_resources"


def test_this_installation_has_resources() -> None:
    assert resources.resource_path().is_dir()


def test_names_and_paths(shelf: Path, tmp_path: Path, bundle: ModelBundle) -> None:
    assert [entry.name for entry in library.bundled_models()] == ["faces", "procedural-faces"]
    assert resolve_model("faces") == shelf / "faces.safetensors"
    assert resolve_model(str(shelf / "faces.safetensors")) == shelf / "faces.safetensors"
    mine = paths.models_dir() / "mine.safetensors"
    save_model(mine, bundle)
    assert resolve_model("mine") == mine
    assert [(entry.name, entry.kind) for entry in library.user_models()] == [("mine", "user")]


def test_unknown_names_get_help(shelf: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"Did you mean faces\?.*faces, procedural-faces"):
        resolve_model("facs")
    with pytest.raises(ModelError, match="no training run"):
        resolve_model(tmp_path)
    shutil.rmtree(shelf)
    with pytest.raises(ModelError, match="none is installed"):
        resolve_model("faces")


def test_runs(shelf: Path, tmp_path: Path, bundle: ModelBundle) -> None:
    with RunFolder.create(tmp_path / "run", {}) as run:
        with pytest.raises(ModelError, match="no snapshot yet"):
            resolve_model(run.path)
        first, last = run.save_snapshot(bundle, 1.5), run.save_snapshot(bundle, 20.0)
    assert resolve_model(run.path) == last
    ref = model_ref(first)
    assert (ref.kind, ref.name, ref.kimg) == ("run", str(run.path), 1.5)
    assert resolve_ref(ref) == first
    with pytest.raises(ModelError, match=r"nearest is at 1\.5"):
        library.run_snapshot(run.path, 5.0)


def test_references(shelf: Path, tmp_path: Path, bundle: ModelBundle) -> None:
    ref = model_ref(shelf / "faces.safetensors")
    assert (ref.kind, ref.name, len(ref.sha256)) == ("bundled", "faces", 64)
    assert resolve_ref(ref) == shelf / "faces.safetensors"
    path = tmp_path / "own.safetensors"
    save_model(path, bundle)
    ref = model_ref(path)
    assert ref == ModelRef("file", str(path), ref.sha256)
    assert resolve_ref(ref) == path
    path.unlink()  # the same weights are on the shelf
    assert resolve_ref(ref) == shelf / "procedural-faces.safetensors"


def test_references_to_what_is_gone(shelf: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"not here: .*gone\.safetensors"):
        resolve_ref(ModelRef("file", str(tmp_path / "gone.safetensors"), "0" * 64))
    with pytest.raises(ModelError, match="weights have changed"):
        resolve_ref(ModelRef("bundled", "faces", "0" * 64))
    with pytest.raises(ModelError, match="not here"):
        resolve_ref(ModelRef("run", str(tmp_path / "no-run")))
    with pytest.raises(ModelError, match="not here"):
        resolve_ref(ModelRef("bundled", "../../etc/passwd"))


def test_what_training_needs_imports_neither_av_nor_platformdirs() -> None:
    import subprocess

    code = (
        "import sys, latent_studio.storage.run_folder, latent_studio.storage.video\n"
        "import latent_studio.storage.library\n"
        "assert not {'av', 'platformdirs', 'PySide6'} & set(sys.modules)"
    )
    root = Path(library.__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)
