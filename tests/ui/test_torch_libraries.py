"""Torch's libraries are loaded early, where they can be."""

import pytest

from latent_studio.ui import torch_libraries


def test_the_installed_libraries_load(monkeypatch) -> None:
    folder = torch_libraries.torch_library_folder()
    assert folder is not None
    assert all((folder / name).is_file() for name in torch_libraries.torch_libraries())
    assert torch_libraries.preload_torch_libraries()


def test_what_cannot_be_loaded_is_left_to_torch(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(torch_libraries, "torch_library_folder", lambda: tmp_path)
    assert not torch_libraries.preload_torch_libraries()
    with pytest.raises(OSError, match="nothing"):
        torch_libraries._load(tmp_path / "nothing.so")
    monkeypatch.setattr(torch_libraries, "torch_library_folder", lambda: None)
    assert not torch_libraries.preload_torch_libraries()
