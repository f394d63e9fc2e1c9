"""The plain formulation gives the published numbers, and trains as our step does."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from latent_studio.data.dataset import open_dataset
from latent_studio.models.base import ModelSpec, NoiseInput
from latent_studio.models.registry import build_discriminator, build_generator
from latent_studio.training.config import TrainConfig
from latent_studio.training.ema import ema_decay
from latent_studio.training.state import TrainState
from latent_studio.training.stats import Statistics
from latent_studio.training.step import Stepper

HERE = Path(__file__).parent
PARITY = HERE.parent / "fixtures" / "parity"
GENERATORS = ["sg2_skip_uncond_64", "sg2_cond_32", "sg2_resnet_32", "sg2_orig_32"]
DISCRIMINATORS = ["sg2_d_resnet_32", "sg2_d_resnet_cond_32", "sg2_d_skip_32", "sg2_d_orig_32"]
SMALL = {"img_resolution": 16, "channel_base": 128, "channel_max": 16}


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    return load("reference")


@pytest.fixture(scope="module")
def training() -> ModuleType:
    return load("reference_training")


def read(name):
    info = json.loads((PARITY / f"{name}.json").read_text("utf-8"))
    with np.load(PARITY / f"{name}.npz", allow_pickle=False) as arrays:
        values = {key: torch.from_numpy(arrays[key]) for key in arrays.files}
    state = {
        key.removeprefix("state/"): value
        for key, value in values.items()
        if key.startswith("state/") and not key.endswith("resample_filter")
    }
    return info, values, state


def allowed(info, output):
    stated = info.get("float32_vs_float64", {}).get(output, {}).get("max_abs", 0.0)
    return max(1e-4, 10 * stated)


@pytest.mark.parametrize("name", GENERATORS)
def test_generator_has_the_published_numbers(reference, name):
    info, values, state = read(name)
    g = reference.PlainGenerator(info["init_kwargs"], state).requires_grad_(False)
    compared = 0
    for run in info["runs"]:
        if run["call"] == "mapping":
            if run["truncation_psi"] != 1:
                continue
            w = g.mapping(values[run["z"]], values.get(run["c"]))
            actual = w[:, None].repeat(1, g.synthesis.num_ws, 1)
        elif run["noise_mode"] in ("const", "none"):
            actual = g.synthesis(values[run["ws"]], run["noise_mode"])
        else:
            continue
        error = (actual - values[run["output"]]).abs().max().item()
        assert error <= allowed(info, run["output"]), (run["output"], error)
        compared += 1
    assert compared >= 2


@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_discriminator_has_the_published_numbers(reference, name):
    info, values, state = read(name)
    d = reference.PlainDiscriminator(info["init_kwargs"], state).requires_grad_(False)
    for run in info["runs"]:
        actual = d(values[run["img"]], values.get(run["c"]))
        error = (actual - values[run["output"]]).abs().max().item()
        assert error <= allowed(info, run["output"]), (run["output"], error)


@pytest.mark.parametrize("architecture", ["skip", "resnet", "orig"])
def test_equals_our_generator_with_noise_and_a_batch(reference, architecture):
    config = {**SMALL, "architecture": architecture, "w_dim": 8, "z_dim": 8, "conv_clamp": 0.7}
    ours = build_generator(ModelSpec("stylegan2", config), torch.Generator().manual_seed(1))
    with torch.no_grad():
        for name, value in ours.named_parameters():
            if name.endswith("noise_strength"):
                value.fill_(0.3)
    plain = reference.PlainGenerator(config, ours.state_dict())
    z = torch.randn(3, 8, generator=torch.Generator().manual_seed(2))
    ws = ours.broadcast(ours.mapping(z, None))
    expected = ours.synthesis(ws, NoiseInput("random", generator=torch.Generator().manual_seed(3)))
    actual = plain.synthesis(ws, torch.Generator().manual_seed(3))
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-5)


def settings():
    generator = {**SMALL, "z_dim": 8, "w_dim": 8, "mapping_kwargs": {"num_layers": 2}}
    return TrainConfig(
        generator=ModelSpec("stylegan2", generator),
        discriminator=ModelSpec("stylegan2", SMALL),
        data="procedural-faces",
        resolution=16,
        limit=16,
        batch=4,
        r1_gamma=0.5,
        r1_interval=2,
        precision="fp32",
        device="cpu",
        threads=1,
    )


def test_trains_as_our_step_does(reference, training, tmp_path):
    """Same start, same pictures, same chance: after four steps the same weights."""
    torch.set_num_threads(1)
    config = settings()
    dataset = open_dataset(config.data, resolution=16, channels=3, limit=16, cache_dir=tmp_path)
    state, other = TrainState(config, dataset), TrainState(config, dataset)
    g = reference.PlainGenerator(config.generator.config, state.generator.state_dict())
    d = reference.PlainDiscriminator(config.discriminator.config, state.discriminator.state_dict())
    rates = (config.g_lr, config.d_lr)
    loop = training.PlainLoop(
        g, d, 8, rates, config.betas, config.eps, config.r1_gamma, config.r1_interval, fresh=False
    )
    stepper = Stepper(config, state, Statistics())
    for step in range(1, 5):
        stepper.run()
        images, _ = other.stream.next(config.batch)
        real = torch.from_numpy(images).float() / 127.5 - 1
        decay = ema_decay(step * config.batch, config.batch, config.ema_kimg, config.ema_rampup)
        losses = loop.step(real, other.random["latents"], other.random["noise"], decay)
        assert ("R1" in losses) == (step % 2 == 1)
    pairs = [(g, state.generator), (d, state.discriminator), (loop.average, state.average)]
    for plain, ours in pairs:
        for name, value in plain.named_parameters():
            expected = dict(ours.named_parameters())[name]
            torch.testing.assert_close(value, expected, rtol=0, atol=2e-4, msg=name)


def test_fresh_pictures_are_drawn_for_the_generator(reference, training):
    spec = ModelSpec("stylegan2", {**SMALL, "z_dim": 8, "w_dim": 8})
    start = build_generator(spec, torch.Generator().manual_seed(1)).state_dict()
    critic = ModelSpec("stylegan2", SMALL)
    score = build_discriminator(critic, torch.Generator().manual_seed(2)).state_dict()
    real = torch.zeros(4, 3, 16, 16)
    ends = []
    for fresh in (False, True):
        g = reference.PlainGenerator(spec.config, start)
        d = reference.PlainDiscriminator(critic.config, score)
        loop = training.PlainLoop(g, d, 8, (1e-3, 1e-3), (0.0, 0.99), 1e-8, 0.0, 16, fresh=fresh)
        latents = torch.Generator().manual_seed(5)
        loop.step(real, latents, torch.Generator().manual_seed(6), 0.9)
        ends.append(latents.get_state())
    assert not torch.equal(*ends)
