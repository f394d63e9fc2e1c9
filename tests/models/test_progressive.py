"""Stages of progressively grown networks, and what of them is kept where."""

import copy
import pickle

import numpy as np
import pytest
import torch
from torch import nn

from latent_studio.engine.pixels import to_uint8
from latent_studio.engine.renderer import Renderer
from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec, one_hot
from latent_studio.models.progressive import (
    Fade,
    Growth,
    Progressive,
    enlarge,
    fade_at,
    fade_reals,
    shrink,
)
from latent_studio.models.registry import build_discriminator, build_generator
from latent_studio.models.remembered import Remembered
from latent_studio.models.snapshot import take_snapshot
from latent_studio.recipe import Recipe
from latent_studio.storage.model_file import ModelBundle, load_generator, save_model
from latent_studio.training.ema import WeightAverage

SIZES = (4, 8, 16)


class Grown(Progressive):
    def __init__(self):
        super().__init__()
        self.scale = Growth(SIZES)

    @property
    def growth(self):
        return self.scale


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_integer_part_is_on_and_the_fraction_fades_in():
    assert fade_at(0, 3) == Fade(0, 0, 1.0)
    assert fade_at(0.25, 3) == Fade(0, 1, 0.25)
    assert fade_at(1, 3) == Fade(1, 1, 1.0)
    assert fade_at(1.5, 3) == Fade(1, 2, 0.5)
    assert fade_at(2, 3) == Fade(2, 2, 1.0)
    assert fade_at(1 + 1e-12, 3).steady, "less than the buffer can hold"


@pytest.mark.parametrize("progress", [-0.1, 2.1, float("nan"), float("inf")])
def test_positions_off_the_scale_are_refused(progress):
    with pytest.raises(ValueError, match="within 0 and 2"):
        fade_at(progress, 3)
    network = Grown()
    with pytest.raises(ValueError, match="within 0 and 2"):
        network.set_progress(progress)
    assert network.progress == 2


def test_networks_start_fully_grown_and_keep_their_stage_with_the_weights():
    network = Grown()
    assert network.resolutions == SIZES
    assert network.training_resolution == 16
    assert list(network.state_dict()) == ["scale.progress"]
    assert network.progress.dtype == torch.float32
    assert network.progress.shape == ()
    for value, side in [(0, 4), (0.01, 8), (1, 8), (1.7, 16), (2, 16)]:
        network.set_progress(value)
        assert network.training_resolution == side
        again = Grown()
        again.load_state_dict(network.state_dict())
        assert again.training_resolution == side
        assert again.growth.fade == network.growth.fade


def test_the_stage_is_that_of_the_buffer_whoever_wrote_it():
    network = Grown()
    assert network.training_resolution == 16
    network.progress.copy_(torch.tensor(0.5))  # a checkpoint, a snapshot
    assert network.growth.fade == Fade(0, 1, 0.5)
    with torch.no_grad():
        torch._foreach_copy_([network.progress], [torch.tensor(0.0)])  # a weight average
    assert network.training_resolution == 4
    with torch.inference_mode():
        assert network.training_resolution == 4
    network.progress.fill_(1)
    # A copy must not take the value known of its original for its own.
    twin = copy.deepcopy(network)
    assert twin.training_resolution == 8
    twin.set_progress(0)
    assert network.training_resolution == 8
    assert pickle.loads(pickle.dumps(network.growth)).resolution == 8


def test_reading_the_stage_asks_the_device_once(monkeypatch):
    network, reads = Grown(), []
    read = Growth._read
    monkeypatch.setattr(Growth, "_read", lambda self: reads.append(1) or read(self))
    network.set_progress(1.5)
    assert [network.training_resolution for _ in range(3)] == [16] * 3
    assert not reads
    network.progress.fill_(0)
    assert [network.training_resolution for _ in range(3)] == [4] * 3
    assert len(reads) == 1


@pytest.mark.parametrize(("value", "side"), [(-3.0, 4), (9.0, 16), (float("nan"), 16)])
def test_a_damaged_buffer_means_an_end_of_the_scale(value, side):
    network = Grown()
    network.progress.fill_(value)
    assert network.training_resolution == side


def test_reals_are_shown_as_the_generator_shows_fakes():
    images = torch.rand(2, 3, 16, 16, generator=seeded())
    assert torch.equal(fade_reals(images, 2, SIZES), images)
    by_hand = images.reshape(2, 3, 4, 4, 4, 4).mean(dim=(3, 5))
    assert torch.allclose(fade_reals(images, 0, SIZES), by_hand, atol=1e-6)
    eight, sixteen = (fade_reals(images, p, SIZES) for p in (1.0, 1.25))
    assert sixteen.shape[-1] == 16
    expected = 0.75 * eight.repeat_interleave(2, 2).repeat_interleave(2, 3) + 0.25 * images
    assert torch.allclose(sixteen, expected, atol=1e-6)


def test_reals_change_without_a_jump():
    images = torch.rand(2, 3, 16, 16, generator=seeded())
    for stage in (0.0, 1.0):
        before, after = (fade_reals(images, p, SIZES) for p in (stage, stage + 1e-6))
        assert torch.allclose(enlarge(before), after, atol=1e-5)
    before, after = (fade_reals(images, p, SIZES) for p in (2 - 1e-6, 2.0))
    assert torch.allclose(before, after, atol=1e-5)


def test_reals_of_the_stages_own_size_are_taken_as_they_are():
    images = torch.rand(2, 3, 16, 16, generator=seeded())
    small = shrink(images, 2)
    assert torch.allclose(fade_reals(small, 0.5, SIZES), fade_reals(images, 0.5, SIZES))
    with pytest.raises(ValueError, match="8 x 8 do not fit a network that is at 16"):
        fade_reals(small, 1.5, SIZES)


def test_what_is_remembered_ends_with_a_write():
    calls, tensor = [], nn.Parameter(torch.ones(3))
    kept: Remembered[float] = Remembered()

    def total():
        calls.append(1)
        return float(tensor.detach().sum())

    assert kept.of(total, tensor) == kept.of(total, tensor) == 3
    assert len(calls) == 1
    with torch.no_grad():
        tensor.add_(1)
    assert kept.of(total, tensor) == 6
    with torch.inference_mode():
        uncounted = torch.ones(3)
        kept.of(total, uncounted)
        kept.of(total, uncounted)
    assert len(calls) == 4, "tensors whose writes torch does not count are read each time"


# -- the networks that grow ------------------------------------------------------------------------

G_CONFIGS = {
    "pggan": {"z_dim": 8, "img_resolution": 16, "channel_base": 128, "channel_max": 8},
    "stylegan1": {
        "z_dim": 8,
        "w_dim": 8,
        "img_resolution": 16,
        "channel_base": 128,
        "channel_max": 8,
        "mapping_kwargs": {"num_layers": 2, "lr_multiplier": 1.0},
    },
}
D_CONFIGS = {
    "pggan": {"img_resolution": 16, "channel_base": 128, "channel_max": 8},
    "stylegan1": {"img_resolution": 16, "channel_base": 128, "channel_max": 8},
}
grows = pytest.mark.parametrize("name", sorted(G_CONFIGS))


def pair(name, **changes):
    g = build_generator(ModelSpec(name, {**G_CONFIGS[name], **changes}), seeded())
    d = build_discriminator(ModelSpec(name, {**D_CONFIGS[name], **changes}), seeded())
    for parameter in (*g.parameters(), *d.parameters()):  # biases and noise begin at zero
        with torch.no_grad():
            parameter += 0.1 * torch.randn(parameter.shape, generator=seeded(1))
    return g, d


def latents(g, n=4):
    return torch.randn(n, g.capabilities.z_dim, generator=seeded(2))


def picture(g):
    return g(latents(g), generator=seeded(3))


@grows
def test_a_stage_has_pictures_of_its_size_in_training_and_full_ones_else(name):
    g, d = pair(name)
    assert g.resolutions == d.resolutions == SIZES
    for progress, side in [(0, 4), (0.5, 8), (1, 8), (1.5, 16), (2, 16)]:
        g.set_progress(progress)
        d.set_progress(progress)
        img = picture(g.train())
        assert img.shape == (4, 3, side, side)
        assert d.train()(img).shape == (4, 1)
        full = picture(g.eval())
        assert full.shape == (4, 3, 16, 16)
        assert torch.equal(full, enlarge(img, 16 // side))
        assert torch.allclose(d.eval()(full), d(img), atol=1e-4), "larger ones are averaged down"
    with pytest.raises(ValueError, match="do not fit a network that is at 16"):
        d(torch.zeros(4, 3, 8, 8))


@grows
def test_every_weight_learns_at_some_stage(name):
    g, d = pair(name)
    for stage in range(len(SIZES) - 1):
        for network in (g.train(), d.train()):
            network.set_progress(stage + 0.5)
        (d(picture(g)) * torch.arange(4.0)[:, None]).sum().backward()
    for network in (g, d):
        for key, parameter in network.named_parameters():
            assert parameter.grad is not None, key
            assert parameter.grad.isfinite().all()
            assert parameter.grad.abs().sum() > 0, key


@grows
def test_growth_is_continuous(name):
    g, d = pair(name)
    g.eval()
    d.eval()
    img = torch.rand(4, 3, 16, 16, generator=seeded(4))
    seen = []
    for stage in (1.0, 2.0):
        for progress in (stage - 1 + 1e-6, stage - 1, stage - 1e-6, stage):
            g.set_progress(progress)
            d.set_progress(progress)
            # What D is shown of real pictures changes as little.
            scores = d(fade_reals(img, progress, SIZES))
            seen.append((picture(g), scores))
    for (pic, score), (next_pic, next_score) in zip(seen[::2], seen[1::2], strict=True):
        assert torch.allclose(pic, next_pic, atol=1e-4)
        assert torch.allclose(score, next_score, atol=1e-4)
    assert not torch.allclose(seen[0][0], seen[2][0], atol=1e-2)
    assert not torch.allclose(seen[0][1], seen[2][1], atol=1e-2)


@grows
def test_a_half_grown_model_is_saved_and_rendered(name, tmp_path):
    g, _ = pair(name)
    g.set_progress(0.5)
    bundle = ModelBundle.from_generator(g)
    for half in (False, True):
        path = tmp_path / f"{half}.safetensors"
        save_model(path, bundle, half=half)
        again = load_generator(path)
        assert isinstance(again, Progressive)
        assert again.training_resolution == 8
        assert torch.allclose(picture(again), picture(g.eval()), atol=0.1 if half else 0)
    frame = Renderer(again, device="cpu").render(Recipe.from_seed(5))
    assert frame is not None
    assert frame.pixels.shape[:2] == (16, 16)
    assert (frame.pixels[::2, ::2] == frame.pixels[1::2, 1::2]).all()
    assert len({tuple(pixel) for pixel in frame.pixels[::2, ::2].reshape(64, -1).tolist()}) > 8


@grows
def test_a_renderer_follows_the_training_through_its_stages(name):
    g, _ = pair(name)
    g.set_progress(0)
    recipe = Recipe.from_seed(5)
    renderer = Renderer(copy.deepcopy(g), device="cpu")
    for progress in (0.0, 0.5, 1.0, 2.0):
        g.set_progress(progress)
        renderer.load_weights(take_snapshot(g, g.spec, "run", progress, 0))
        expected = Renderer(copy.deepcopy(g), device="cpu").render_float(recipe)
        assert np.array_equal(renderer.render_float(recipe), expected)
        many = renderer.render_batch([recipe, recipe])[1].astype(int)
        assert np.abs(many - to_uint8(torch.from_numpy(expected))[0]).max() <= 1


@grows
def test_the_average_is_at_the_stage_of_what_it_averages(name):
    g, _ = pair(name)
    average = build_generator(g.spec)
    ema = WeightAverage(g, average)
    assert average.training_resolution == 16
    g.set_progress(0.5)
    ema.update(0.9)
    assert average.training_resolution == 8


@grows
def test_classes_change_pictures_and_scores(name):
    g, d = pair(name, c_dim=3)
    zero, one = (one_hot(torch.full((4,), label), 3) for label in (0, 1))
    z, img = latents(g), torch.rand(4, 3, 16, 16, generator=seeded(4))
    assert not torch.allclose(g.eval()(z, zero), g(z, one), atol=1e-3)
    assert not torch.allclose(d.eval()(img, zero), d(img, one), atol=1e-3)
    for network, given in ((g, z), (d, img)):
        with pytest.raises(ValueError, match="class labels"):
            network(given)
    with pytest.raises(ModelError, match="3 positive widths"):
        build_generator(ModelSpec(name, {**G_CONFIGS[name], "widths": [4, 4]}))


@grows
def test_half_precision_stays_near(name):
    g, d = pair(name)
    g.eval()
    d.eval()
    whole, half = (
        g(latents(g), generator=seeded(), dtype=t) for t in (torch.float32, torch.bfloat16)
    )
    assert half.dtype == torch.float32
    assert 0 < (whole - half).square().mean() / whole.square().mean() < 1e-2
    scores = d(whole, dtype=torch.bfloat16)
    assert scores.dtype == torch.float32
    assert torch.allclose(scores, d(whole), atol=0.3)


@grows
def test_layers_of_a_discriminator_come_in_the_order_of_their_use(name):
    """Freezing the first layers counts them from the picture on."""
    _, d = pair(name)
    names = list(dict.fromkeys(key.rpartition(".")[0] for key, _ in d.named_parameters()))
    assert names[:3] == ["from_rgb16", "b16.conv0", "b16.conv1"]
    assert names[-2:] == ["from_rgb8", "from_rgb4"], "those that a grown network no longer uses"
