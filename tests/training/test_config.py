import json
from typing import Any

import pytest
from tiny_runs import tiny_config, tiny_dataset

from latent_studio.errors import OptionError, StudioError
from latent_studio.models.registry import build_discriminator, build_generator
from latent_studio.training.config import TrainConfig
from latent_studio.training.device import resolve, resolve_device
from latent_studio.training.presets import PRESETS, find_preset
from latent_studio.training.start import run_training


@pytest.mark.parametrize("name", PRESETS)
def test_presets_build_and_survive_json(name: str) -> None:
    preset = find_preset(name)
    assert preset.title and preset.summary.endswith(".")
    config = preset.config("somewhere")
    assert TrainConfig.from_json(json.loads(json.dumps(config.to_json()))) == config
    generator = build_generator(config.generator)
    build_discriminator(config.discriminator)
    assert generator.capabilities.resolution == preset.resolution
    assert generator.capabilities.channels == preset.channels


@pytest.mark.parametrize("name", [name for name, p in PRESETS.items() if p.conditional])
def test_presets_take_size_and_classes(name: str) -> None:
    config = find_preset(name).config("x", resolution=32, channels=1, classes=10, batch=8)
    what = build_generator(config.generator).capabilities
    assert (what.resolution, what.channels, what.classes) == (32, 1, 10)
    assert config.batch == 8


def test_network_options_and_the_settings_of_an_objective() -> None:
    preset = find_preset("dcgan-64")
    config = preset.config("x", objective="wgan-gp", **{"generator.z_dim": 7})
    assert config.generator.config["z_dim"] == 7
    assert config.discriminator.config["norm"] == "layer"
    assert (config.gp_weight, config.n_critic, config.r1_gamma) == (10.0, 5, 0.0)
    assert preset.config("x", objective="wgan-gp", n_critic=2).n_critic == 2
    assert preset.config("x", objective="non-saturating") == preset.config("x")
    with pytest.raises(OptionError, match=r"generator\."):
        preset.config("x", **{"critic.z_dim": 7})


def test_unknown_preset_lists_the_known() -> None:
    with pytest.raises(OptionError, match="stylegan2-64-cpu"):
        find_preset("nope")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"batch": 0}, "batch"),
        ({"batch": 2.5}, "whole number"),
        ({"batch": True}, "whole number"),
        ({"g_lr": float("nan")}, "finite"),
        ({"g_lr": "fast"}, "finite"),
        ({"total_kimg": -1}, "total_kimg"),
        ({"betas": (0.5, 1.0)}, "betas"),
        ({"betas": 3}, "betas"),
        ({"objective": "wobbly"}, "objective"),
        ({"precision": "fp8"}, "precision"),
        ({"mirror": "yes"}, "mirror"),
        ({"style_mixing": 1.5}, "style_mixing"),
        ({"generator": "dcgan"}, "generator"),
        ({"warp": 9}, "warp"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_senseless_options_are_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        tiny_config("mlp").with_changes(**changes)


def test_json_errors_are_named() -> None:
    good = tiny_config("mlp").to_json()
    with pytest.raises(OptionError, match="version 99"):
        TrainConfig.from_json({**good, "version": 99})
    with pytest.raises(OptionError, match="data"):
        TrainConfig.from_json({k: v for k, v in good.items() if k != "data"})
    with pytest.raises(OptionError, match="object"):
        TrainConfig.from_json([])


def test_unknown_devices_are_refused() -> None:
    for name in ("gpu", "cuda:99", "meta"):
        with pytest.raises(OptionError, match="device"):
            resolve_device(name)


def test_resolving_leaves_nothing_automatic() -> None:
    config = resolve(tiny_config("dcgan", precision="auto", channels_last=None, threads=0))
    assert config.precision in ("fp32", "bf16")
    assert config.threads >= 1 and config.channels_last is not None
    assert resolve(config) == config


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (tiny_config("stylegan2", batch=6), "multiple of 4"),
        (tiny_config("mlp", classes=3), "no labels"),
        (tiny_config("mlp", resolution=16), "same resolution"),
    ],
    ids=["batch", "classes", "resolution"],
)
def test_what_does_not_fit_is_said_before_the_first_step(
    config: TrainConfig, message: str, run_path: Any
) -> None:
    with pytest.raises(StudioError, match=message):
        run_training(config, run_path, dataset=tiny_dataset())
