"""Tiny models, and a disk that is full."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from latent_studio.latent.direction import Direction
from latent_studio.models.base import Generator, ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.storage import atomic
from latent_studio.storage.model_file import ModelBundle

STYLEGAN2 = ModelSpec(
    "stylegan2",
    {
        "z_dim": 8,
        "c_dim": 0,
        "w_dim": 8,
        "img_resolution": 8,
        "img_channels": 3,
        "channel_base": 64,
        "channel_max": 8,
    },
)
MLP = ModelSpec("mlp", {"resolution": 8, "channels": 1, "z_dim": 4, "hidden": [8]})
DCGAN = ModelSpec("dcgan", {"resolution": 16, "channels": 3, "z_dim": 8, "base_channels": 4})


@pytest.fixture(autouse=True)
def _no_syncing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of small files need not reach the disk, which may be slow."""
    monkeypatch.setattr(os, "fsync", lambda handle: None)


@pytest.fixture(params=[STYLEGAN2, MLP, DCGAN], ids=lambda spec: spec.architecture)
def any_generator(request: pytest.FixtureRequest) -> Generator:
    return build_generator(request.param, torch.Generator().manual_seed(1)).eval()


@pytest.fixture
def generator() -> Generator:
    return build_generator(STYLEGAN2, torch.Generator().manual_seed(1)).eval()


@pytest.fixture
def directions() -> list[Direction]:
    rng = np.random.default_rng(0)
    return [
        Direction("smile", rng.normal(size=8), 1.5, "attribute", info={"accuracy": 0.9}),
        Direction("PC 1", rng.normal(size=8), 0.25, "pca", "w", 2, 5),
    ]


@pytest.fixture
def bundle(generator: Generator, directions: list[Direction]) -> ModelBundle:
    return ModelBundle.from_generator(
        generator,
        directions=directions,
        card={"title": "Gesichter, 顔", "samples": [1, 2]},
        training={"kimg": 12.5},
    )


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it, and from then on the disk turns out to be full when a file is synced."""

    def fill() -> None:
        def fail(path: Path) -> None:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

        monkeypatch.setattr(atomic, "fsync_file", fail)

    return fill


def leftovers(folder: Path) -> list[str]:
    """Temporary files in ``folder`` and below."""
    return [path.name for path in folder.rglob(f"{atomic.TEMP_PREFIX}*")]
