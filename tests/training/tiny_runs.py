"""Tiny runs: networks that step in milliseconds on a data set in memory."""

from typing import Any

import numpy as np

from latent_studio.data.dataset import ImageDataset
from latent_studio.training.config import TrainConfig
from latent_studio.training.presets import Preset

SPECS: dict[str, dict[str, Any]] = {
    "mlp": {
        "resolution": 8,
        "generator": {"z_dim": 8, "hidden": [16]},
        "discriminator": {"hidden": [16], "dropout": 0.3},
    },
    "dcgan": {
        "resolution": 8,
        "generator": {"z_dim": 8, "base_channels": 8, "max_channels": 8},
        "discriminator": {"base_channels": 8, "max_channels": 8},
    },
    "stylegan2": {
        "resolution": 8,
        "generator": {
            "z_dim": 8,
            "w_dim": 8,
            "channel_base": 64,
            "channel_max": 8,
            "mapping_kwargs": {"num_layers": 2},
        },
        "discriminator": {"channel_base": 64, "channel_max": 8},
    },
}
# Families that only some tests go through.
MORE_SPECS: dict[str, dict[str, Any]] = {
    "pggan": {
        "resolution": 8,
        "generator": {"z_dim": 8, "widths": [8, 8]},
        "discriminator": {"widths": [8, 8]},
    },
    "stylegan1": {
        "resolution": 8,
        "generator": {
            "z_dim": 8,
            "w_dim": 8,
            "widths": [8, 8],
            "mapping_kwargs": {"num_layers": 2},
        },
        "discriminator": {"widths": [8, 8]},
    },
}


def tiny_dataset(classes: int = 0, channels: int = 3, resolution: int = 8) -> ImageDataset:
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (40, channels, resolution, resolution)).astype(np.uint8)
    return ImageDataset(
        images=images,
        labels=np.arange(40, dtype=np.int64) % classes if classes else None,
        classes=[str(i) for i in range(classes)],
        name="noise",
        fingerprint=f"noise-{classes}",
    )


def tiny_config(architecture: str, **options: Any) -> TrainConfig:
    """Batch 4, a tick every 5 steps, everything else only at the end."""
    preset = Preset(
        architecture, architecture, "", architecture, **(SPECS | MORE_SPECS)[architecture]
    )
    settings = {
        "batch": 4,
        "total_kimg": 0.04,
        "r1_gamma": 1.0,
        "r1_interval": 4,
        "tick_kimg": 0.02,
        "grid_kimg": 0.0,
        "snapshot_kimg": 0.0,
        "checkpoint_seconds": 0.0,
        "grid_count": 4,
        "precision": "fp32",
        "device": "cpu",
        "threads": 1,
        "channels_last": False,
    }
    return preset.config("noise", **{**settings, **options})
