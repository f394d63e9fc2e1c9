"""Tiny networks with lively weights."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from latent_studio.latent.directions import Direction
from latent_studio.models.base import Generator, ModelSpec
from latent_studio.models.registry import build_generator


def make_styled(seed: int = 0, **config: Any) -> Generator:
    base: dict[str, Any] = {
        "z_dim": 8,
        "w_dim": 8,
        "img_resolution": 32,
        "img_channels": 3,
        "mapping_kwargs": {"num_layers": 2},
        "channel_base": 64,
        "channel_max": 8,
        "architecture": "skip",
    }
    generator = build_generator(
        ModelSpec("stylegan2", base | config), torch.Generator().manual_seed(seed)
    )
    # Zero at the start: noise would never show.
    draw = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        for name, value in generator.named_parameters():
            if name.endswith("noise_strength"):
                value.fill_(0.5)
            if name.endswith("torgb.weight"):
                value.copy_(torch.randn(value.shape, generator=draw))
        w_avg = generator.mapping.w_avg
        w_avg.copy_(torch.randn(w_avg.shape, generator=draw))
    return generator


def make_plain() -> Generator:
    spec = ModelSpec("mlp", {"resolution": 8, "channels": 1, "z_dim": 6})
    return build_generator(spec, torch.Generator().manual_seed(0))


def make_directions() -> list[Direction]:
    rng = np.random.default_rng(0)
    return [
        Direction("smile", rng.standard_normal(8).astype(np.float32), 0.7),
        Direction("late", rng.standard_normal(8).astype(np.float32), 0.7, first=6),
    ]


def make_watched(seed: int = 0, **config: Any) -> Generator:
    """A network that runs its own blocks, so that hooks on them are called."""
    generator = make_styled(seed, **config)
    generator.synthesis.frozen = lambda dtype: generator.synthesis
    return generator


@pytest.fixture
def watched() -> Callable[..., Generator]:
    return make_watched


@pytest.fixture(scope="session")
def styled() -> Callable[..., Generator]:
    return make_styled


@pytest.fixture
def plain() -> Callable[[], Generator]:
    return make_plain


@pytest.fixture
def directions() -> list[Direction]:
    return make_directions()
