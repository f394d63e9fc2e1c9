"""Tiny models for the command line: made once, with random weights."""

import shutil
from pathlib import Path

import pytest

from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.storage.model_file import ModelBundle, save_model, update_card

STYLED = {
    "z_dim": 8,
    "c_dim": 0,
    "w_dim": 8,
    "img_resolution": 16,
    "img_channels": 3,
    "mapping_kwargs": {"num_layers": 2},
    "channel_base": 128,
    "channel_max": 8,
}


def save(path: Path, architecture: str, config: dict) -> Path:
    generator = build_generator(ModelSpec(architecture, config))
    save_model(path, ModelBundle.from_generator(generator))
    return path


@pytest.fixture(scope="session")
def styled_file(tmp_path_factory) -> Path:
    """StyleGAN2, 16², 6 layers, z and w of 8 numbers. Not to be changed."""
    return save(tmp_path_factory.mktemp("styled") / "styled.safetensors", "stylegan2", STYLED)


@pytest.fixture(scope="session")
def movable_file(tmp_path_factory) -> Path:
    """StyleGAN3 of four layers, 16²."""
    config = {**STYLED, "num_layers": 4}
    return save(tmp_path_factory.mktemp("movable") / "movable.safetensors", "stylegan3", config)


@pytest.fixture(scope="session")
def digits_file(tmp_path_factory) -> Path:
    """MLP, 8² grey, no w."""
    config = {"resolution": 8, "channels": 1, "z_dim": 5}
    return save(tmp_path_factory.mktemp("digits") / "digits.safetensors", "mlp", config)


@pytest.fixture(scope="session")
def classes_file(tmp_path_factory) -> Path:
    """StyleGAN2 with 3 classes."""
    path = tmp_path_factory.mktemp("classes") / "classes.safetensors"
    save(path, "stylegan2", {**STYLED, "c_dim": 3})
    update_card(path, {"classes": ["cat", "dog, hound", "fox"]})
    return path


@pytest.fixture
def own_file(styled_file, tmp_path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copy(styled_file, tmp_path / "own.safetensors"))
