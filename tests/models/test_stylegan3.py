"""The alias-free generator: what its paper promises, and that it trains."""

import math

import pytest
import torch
import torch.nn.functional as F

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_discriminator, build_generator, empty_generator
from latent_studio.models.stylegan3_filters import design_lowpass, downsample, filtered_lrelu

SMALL = {
    "z_dim": 16,
    "w_dim": 16,
    "img_resolution": 16,
    "channel_base": 256,
    "channel_max": 16,
    "num_layers": 5,
}
ROTATING = {"conv_kernel": 1, "use_radial_filters": True}


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def make(**config):
    return build_generator(ModelSpec("stylegan3", {**SMALL, **config}), seeded())


def latents(g, n=2, seed=1):
    return torch.randn(n, g.z_dim, generator=seeded(seed))


def lively(g):
    """``g`` with trained-looking scales: unit activations in every layer."""
    g.train()
    for i in range(g.synthesis.num_blocks - 1):
        g.synthesis.layer(i).magnitude_ema_beta = 0.0
    with torch.no_grad():
        g(latents(g, 8))
    return g.eval().requires_grad_(False)


def ws_of(g, n=2):
    return g.broadcast(g.mapping(latents(g, n)))


def psnr(a, b):
    span = (b.max() - b.min()).item()
    return 20 * math.log10(span) - 10 * math.log10((a - b).square().mean().item())


# -- filters ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("radial", [False, True])
def test_filters_pass_low_and_stop_high_frequencies(radial):
    taps, cutoff, width, rate = 24, 8.0, 7.5, 64.0
    f = design_lowpass(taps, cutoff, width, rate, radial)
    assert f.shape == ((taps, taps) if radial else (taps,))
    assert abs(f.sum().item() - 1) < 1e-5
    line = (f.sum(0) if radial else f).double()
    places = (torch.arange(taps) - (taps - 1) / 2) / rate
    gain = {
        hz: abs((line * torch.exp(-2j * math.pi * hz * places)).sum()).item()
        for hz in (2, cutoff, 14, 20, 30)
    }
    assert abs(gain[2] - 1) < 0.03
    assert abs(gain[cutoff] - 0.5) < 0.06
    assert max(gain[14], gain[20], gain[30]) < 0.02


def test_radial_filters_are_round_and_odd_ones_have_a_centre():
    f = design_lowpass(13, 3.0, 4.0, 16.0, radial=True)
    assert f.isfinite().all()
    assert torch.allclose(f, f.rot90())
    assert f.argmax() == 6 * 13 + 6
    assert design_lowpass(1, 3.0, 4.0, 16.0) is None


def test_filtered_lrelu_has_both_derivatives():
    f = design_lowpass(4, 2.0, 3.0, 8.0).double()
    x = torch.randn(1, 2, 4, 3, generator=seeded(), dtype=torch.float64) * 2
    b = torch.randn(2, generator=seeded(1), dtype=torch.float64)
    x.requires_grad_(), b.requires_grad_()

    def call(x, b):
        return filtered_lrelu(x, f, f, b, up=2, down=2, padding=(3, 2, 3, 2), clamp=1.5)

    assert torch.autograd.gradcheck(call, (x, b), fast_mode=True)
    assert torch.autograd.gradgradcheck(call, (x, b), fast_mode=True)


def test_filtered_lrelu_leaves_its_input_alone():
    x = torch.randn(1, 2, 4, 4, generator=seeded())
    kept = x.clone()
    with torch.no_grad():
        filtered_lrelu(x, clamp=0.1)
    assert torch.equal(x, kept)
    assert downsample(x, None, 2).shape == (1, 2, 2, 2)


# -- what the paper is about -----------------------------------------------------------------------


def mean_level(images):
    return images - images.mean(dim=[2, 3], keepdim=True)


def test_moving_the_input_moves_the_picture():
    g = lively(make(img_resolution=32))
    ws = ws_of(g)
    still = g.synthesis(ws)
    g.set_transform(translate=(3 / 32, -2 / 32))
    moved = g.synthesis(ws)
    inner = psnr(moved[:, :, 4:-4, 4:-4], still.roll((-2, 3), (2, 3))[:, :, 4:-4, 4:-4])
    assert inner > 40
    assert psnr(moved, still) < 25
    g.set_transform()
    assert torch.equal(g.synthesis(ws), still)


def test_turning_the_input_turns_the_picture_of_configuration_r():
    pictures = {}
    for name, config in {"r": ROTATING, "t": {}}.items():
        g = lively(make(img_resolution=32, **config))
        ws = ws_of(g)
        still = g.synthesis(ws)
        g.set_transform(rotate=90)
        pictures[name] = psnr(g.synthesis(ws), still.rot90(1, (2, 3)))
    assert pictures["r"] > 40
    assert pictures["t"] < 25


def test_zooming_far_out_fades_waves_instead_of_aliasing():
    g = lively(make())
    w = ws_of(g)[:, 0]
    g.set_transform(zoom=1 / 64)
    assert g.synthesis.input(w).abs().max() == 0


# -- training --------------------------------------------------------------------------------------


def descend(network, loss):
    """Adam's first step: by the sign of the gradient. (Its import takes seconds.)"""
    network.zero_grad()
    loss.backward()
    with torch.no_grad():
        for p in network.parameters():
            p -= 2e-3 * p.grad.sign()


@pytest.mark.parametrize("config", [{}, ROTATING, {"conv_clamp": None, "c_dim": 3}])
def test_a_few_steps_with_r1_move_every_weight(config):
    g = make(**config).train()
    classes = g.c_dim
    size = {"img_resolution": 16, "channel_base": 256, "channel_max": 16, "c_dim": classes}
    d = build_discriminator(ModelSpec("stylegan3", size), seeded()).train()
    labels = F.one_hot(torch.arange(4) % classes, classes).float() if classes else None
    real = torch.randn(4, 3, 16, 16, generator=seeded(5))
    before = [[p.detach().clone() for p in n.parameters()] for n in (g, d)]
    for step in range(3):
        z = latents(g, 4, seed=step)
        loss = F.softplus(-d(g(z, labels), labels)).mean()
        descend(g, loss)
        image = real.clone().requires_grad_()
        score = d(image, labels)
        (slope,) = torch.autograd.grad(score.sum(), image, create_graph=True)
        loss = F.softplus(-score).mean() + F.softplus(d(g(z, labels).detach(), labels)).mean()
        loss = loss + slope.square().sum([1, 2, 3]).mean() * 5
        descend(d, loss)
    for network, old in zip((g, d), before, strict=True):
        for (name, p), was in zip(network.named_parameters(), old, strict=True):
            assert p.isfinite().all(), name
            assert p.grad.abs().sum() > 0, name
            assert not torch.equal(p, was), name


def test_path_length_reaches_every_synthesis_weight():
    g = make(**ROTATING).train()
    ws = ws_of(g).detach().requires_grad_()
    img = g.synthesis(ws)
    noise = torch.randn(img.shape, generator=seeded(3)) / 16
    (slope,) = torch.autograd.grad((img * noise).sum(), ws, create_graph=True)
    slope.square().sum(2).mean(1).sqrt().mean().backward()
    for name, p in g.synthesis.named_parameters():
        if not name.endswith("bias") or "affine" in name:
            assert p.grad is not None, name
            assert p.grad.isfinite().all(), name
            assert p.grad.abs().sum() > 0, name


def test_magnitudes_are_measured_in_training_alone():
    g = make()
    first = g.synthesis.layer(0)
    g.eval()(latents(g))
    assert first.magnitude_ema == 1
    g.train()(latents(g, 4))
    w = g.mapping(latents(g, 4))
    mean_square = g.synthesis.input(w).square().mean()
    expected = 1 + (mean_square - 1) * (1 - first.magnitude_ema_beta)
    assert torch.allclose(first.magnitude_ema, expected, atol=1e-6)
    assert g.w_avg.abs().sum() > 0


def test_pictures_do_not_depend_on_the_rest_of_the_batch():
    g = lively(make())
    ws = ws_of(g, 3)
    assert torch.allclose(g.synthesis(ws)[1:2], g.synthesis(ws[1:2]), atol=1e-5)


def test_style_mixing_swaps_late_rows():
    g = make().eval()
    z = latents(g)
    assert torch.equal(g(z, mixing_prob=1e-9, generator=seeded()), g(z))
    assert not torch.equal(g(z, mixing_prob=1.0, generator=seeded()), g(z))


# -- options ---------------------------------------------------------------------------------------


def test_fourier_features_fill_the_disk_below_the_first_cutoff():
    g = make(channel_max=512, channel_base=32768)
    radii = g.synthesis.input.freqs.norm(dim=1)
    assert radii.max() <= 2
    assert abs((radii < math.sqrt(2)).float().mean() - 0.5) < 0.07
    assert g.synthesis.input.phases.abs().max() <= 0.5


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_stays_near(dtype):
    g = lively(make())
    ws = ws_of(g)
    whole, half = g.synthesis(ws), g.synthesis(ws, dtype=dtype)
    assert half.dtype == torch.float32
    error = (whole - half).square().mean() / whole.square().mean()
    assert 0 < error < 1e-3


def test_half_precision_can_be_kept_to_the_highest_resolutions():
    g = lively(make(img_resolution=64, num_fp16_res=1))
    states = [g.synthesis.run(ws_of(g, 1), last_block=k, dtype=torch.bfloat16) for k in range(7)]
    rates = [16, 16, 32, 64, 64, 64, 64]
    assert [g.synthesis.block_resolution(k) for k in range(7)] == rates
    kinds = [state.x.dtype == torch.bfloat16 for state in states]
    assert kinds == [False, *(rate == 64 for rate in rates[1:])]
    assert g.synthesis.block_dtype(1, torch.float16) == torch.float32
    every = make(num_fp16_res=None).synthesis
    assert every.block_dtype(1, torch.float16) == torch.float16
    assert every.block_dtype(0, torch.float16) == torch.float32


@pytest.mark.parametrize(
    "config",
    [
        {"lrelu_upsampling": 1},
        {"lrelu_upsampling": 4, "filter_size": 3},
        {"conv_kernel": 5, "margin_size": 3},
        {"conv_kernel": 2, "filter_size": 5, "use_radial_filters": True},
        {"num_critical": 0, "first_cutoff": 1.5, "img_channels": 1},
        {"img_resolution": 8, "num_layers": 3},
        {"img_resolution": 128, "num_layers": 3, "channel_base": 128, "channel_max": 4},
    ],
)
def test_other_options_give_pictures_of_the_right_size(config):
    g = make(**config).eval()
    what = g.capabilities
    shape = (1, what.channels, what.resolution, what.resolution)
    assert g(latents(g, 1)).shape == shape
    assert what.num_ws == g.synthesis.num_ws == g.synthesis.num_blocks
    assert what.transform
    assert not what.noise
    meta = empty_generator(g.spec).state_dict()
    assert {k: v.shape for k, v in meta.items()} == {k: v.shape for k, v in g.state_dict().items()}


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"img_resolution": 48}, "power of two"),
        ({"num_layers": 2}, "above num_critical"),
        ({"first_cutoff": 9.0}, "half the resolution"),
        ({"first_stopband": 1.9, "first_cutoff": 4.0}, "first_stopband"),
        ({"last_stopband_rel": 0.5, "num_layers": 9}, "last_stopband_rel"),
        ({"no_such": 1}, "do not fit"),
    ],
)
def test_impossible_options_are_refused_by_name(config, said):
    with pytest.raises(ModelError, match=said):
        make(**config)
