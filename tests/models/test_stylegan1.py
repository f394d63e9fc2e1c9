"""What is particular to StyleGAN: its layers, and its use by the engine and the latent tools."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from latent_studio.engine.renderer import Renderer
from latent_studio.latent.mixing import with_layers
from latent_studio.latent.resolve import LatentResolver
from latent_studio.models.base import ModelSpec, NoiseInput
from latent_studio.models.layers import initialise
from latent_studio.models.progressive import enlarge, shrink
from latent_studio.models.registry import build_discriminator, build_generator
from latent_studio.models.resample import setup_filter
from latent_studio.models.stylegan1 import StyledNorm
from latent_studio.models.stylegan2_layers import EqualConv
from latent_studio.recipe import LatentSource, Recipe

CONFIG = {
    "z_dim": 8,
    "w_dim": 8,
    "img_resolution": 32,
    "widths": [16, 12, 8, 6],
    "mapping_kwargs": {"num_layers": 2, "lr_multiplier": 1.0},
}


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture
def g():
    """A generator with noise, in eval mode."""
    network = build_generator(ModelSpec("stylegan1", CONFIG), seeded()).eval()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith(("noise_strength", "bias")):
                parameter.add_(0.2 * torch.randn(parameter.shape, generator=seeded(1)))
        network.w_avg.copy_(network.mapping(torch.randn(500, 8, generator=seeded(2))).mean(0))
    return network.requires_grad_(False)


def blur(x):
    taps = torch.tensor([1.0, 2.0, 1.0]) / 4
    kernel = torch.outer(taps, taps).expand(x.shape[1], 1, 3, 3)
    return F.conv2d(x, kernel, padding=1, groups=x.shape[1])


def resampling_conv(**options):
    conv = EqualConv(3, 5, 3, setup_filter(), bias=False, **options)
    initialise(conv, seeded())
    return conv.requires_grad_(False)


def test_one_filter_of_four_taps_is_the_papers_box_and_blur():
    x = torch.randn(2, 3, 12, 12, generator=seeded())
    inside = np.s_[:, :, 3:-3, 3:-3]  # at the edges the two orders see different zeros
    up = resampling_conv(up=2)
    mirrored = up.weight.flip(2, 3) * up.weight_gain  # a transposed convolution turns it round
    by_hand = blur(F.conv2d(enlarge(x), mirrored, padding=1))
    assert torch.allclose(up(x)[inside], by_hand[inside], atol=1e-5)
    down = resampling_conv(down=2)
    by_hand = shrink(F.conv2d(blur(x), down.weight * down.weight_gain, padding=1))
    assert torch.allclose(down(x)[:, :, 1:-1, 1:-1], by_hand[:, :, 1:-1, 1:-1], atol=1e-5)


def test_adain_gives_the_mean_and_deviation_of_the_style():
    norm = StyledNorm(6, 8, 16, use_noise=True)
    initialise(norm, seeded())
    x = 3 + 2 * torch.randn(4, 6, 16, 16, generator=seeded(1))
    w = torch.randn(4, 8, generator=seeded(2))
    y = norm(x, w, NoiseInput(), 0)
    scale, shift = norm.affine(w).chunk(2, dim=1)
    assert torch.allclose(y.mean((2, 3)), shift, atol=1e-5)
    assert torch.allclose(y.std((2, 3), correction=0), (1 + scale).abs(), atol=1e-4)


def test_noise_has_a_strength_for_each_channel():
    norm = StyledNorm(3, 8, 16, use_noise=True).requires_grad_(False)
    initialise(norm, seeded())
    norm.noise_strength[1] = 2.0
    norm.bias[2] = 0.5
    x = torch.zeros(1, 3, 16, 16)
    shift = norm._shift(x, NoiseInput("const", strength=0.5), 0)
    assert torch.equal(shift[0], torch.zeros(16, 16))
    assert torch.equal(shift[1], norm.noise_const)
    assert torch.equal(shift[2], torch.full((16, 16), 0.5))
    assert torch.equal(norm._shift(x, NoiseInput("none"), 0).flatten(), norm.bias)
    maps = [torch.ones(1, 1, 16, 16), 3 * torch.ones(1, 1, 16, 16)]
    given = norm._shift(x, NoiseInput("random", maps), 1)
    assert torch.equal(given[0, 1], torch.full((16, 16), 6.0))
    drawn = norm._shift(x.expand(2, -1, -1, -1), NoiseInput("random", generator=seeded()), 0)
    assert not torch.equal(drawn[0, 1], drawn[1, 1]), "every picture has noise of its own"


def test_the_number_of_layers_and_noise_maps(g):
    synthesis = g.synthesis
    assert (g.capabilities.num_ws, synthesis.num_blocks) == (8, 4)
    assert [list(synthesis.block_layers(b)) for b in range(4)] == [[0, 1], [2, 3], [4, 5], [6, 7]]
    assert [shape[-1] for shape in synthesis.noise_shapes] == [4, 4, 8, 8, 16, 16, 32, 32]
    silent = build_generator(ModelSpec("stylegan1", {**CONFIG, "use_noise": False}))
    assert silent.synthesis.noise_shapes == []
    assert not silent.capabilities.noise
    assert not [name for name in silent.state_dict() if "noise" in name]


@pytest.mark.parametrize("progress", [0.0, 0.5, 1.0, 1.25, 3.0])
def test_resuming_at_any_block_gives_the_same_picture(g, progress):
    g.set_progress(progress)
    ws = g.broadcast(g.mapping(torch.randn(2, 8, generator=seeded(3))))
    whole = g.synthesis(ws)
    assert whole.shape == (2, 3, 32, 32)
    for block in range(3):
        state = g.synthesis.run(ws, last_block=block)
        kept = [None if t is None else t.clone() for t in (state.x, state.img)]
        assert torch.equal(g.synthesis.run(ws, state=state).img, whole)
        for before, after in zip(kept, (state.x, state.img), strict=True):
            assert before is None or torch.equal(before, after), "a pass wrote into its state"


def test_each_layer_reads_its_own_style(g):
    ws = g.broadcast(g.mapping(torch.randn(1, 8, generator=seeded(3))))
    whole = g.synthesis(ws)
    for layer in range(8):
        other = ws.clone()
        other[:, layer] += 1
        assert not torch.allclose(g.synthesis(other), whole, atol=1e-3), layer
        state = None if layer < 2 else g.synthesis.run(ws, last_block=layer // 2 - 1)
        assert torch.equal(g.synthesis.run(other, state=state).img, g.synthesis(other))
    g.set_progress(1.0)
    other = torch.cat([ws[:, :4], ws[:, 4:] + 1], dim=1)
    assert torch.equal(g.synthesis(ws), g.synthesis(other)), "layers not grown yet are unused"


def test_recipes_render_with_truncation_mixing_noise_and_edits(g):
    renderer, resolver = Renderer(g, device="cpu"), LatentResolver(g)
    base = Recipe.from_seed(1, psi=0.7)
    seen = [renderer.render_float(base)]
    for change in (
        {"psi": 0.3},
        {"psi": 0.3, "cutoff": 2},
        {"noise_mode": "none"},
        {"noise_mode": "random", "noise_seed": 3},
        {"noise_strength": 0.0},
    ):
        seen.append(renderer.render_float(Recipe.from_seed(1, **{"psi": 0.7, **change})))
    seen.append(renderer.render_float(with_layers(base, [4, 5], LatentSource.from_seed(9))))
    seen.append(renderer.render_float(base.with_offset("w", 2, 1.0)))
    kinds = {picture.tobytes() for picture in seen}
    # No noise is the same whether switched off or of no strength.
    assert len(kinds) == len(seen) - 1
    # What the engine keeps between frames changes nothing.
    assert np.array_equal(renderer.render_float(base), seen[0])
    expected = g.synthesis(resolver.ws(base))
    assert np.allclose(seen[0], expected, atol=1e-5)
    centre = renderer.render_float(Recipe.from_seed(5, psi=0.0))
    assert np.allclose(centre, renderer.render_float(Recipe.from_seed(6, psi=0.0)), atol=1e-6)


def test_the_centre_of_w_follows_training_batches(g):
    g.w_avg.zero_()
    z = torch.randn(16, 8, generator=seeded(4))
    g.eval()(z, generator=seeded())
    assert g.w_avg.abs().sum() == 0
    g.train()(z, generator=seeded())
    expected = g.mapping(z).mean(0) * (1 - g.mapping.w_avg_beta)
    assert torch.allclose(g.w_avg, expected, atol=1e-6)


def test_mixing_swaps_late_layers_of_those_that_have_grown(g):
    g.train()
    z = torch.randn(2, 8, generator=seeded(4))
    for progress, used in [(0.0, 2), (0.5, 4), (3.0, 8)]:
        g.set_progress(progress)
        swapped = [_first_swapped(g, z, seed) for seed in range(30)]
        assert set(swapped) == set(range(1, used))
    plain = [g(z, generator=seeded(3), mixing_prob=p) for p in (0.0, 0.0)]
    assert torch.equal(*plain)


def _first_swapped(g, z, seed):
    """The first row of ws that a mixed batch takes from elsewhere."""
    seen = []
    handle = g.synthesis.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    try:
        g(z, generator=seeded(seed), mixing_prob=1.0)
    finally:
        handle.remove()
    plain = g.mapping(z).unsqueeze(1)
    return int((seen[0] != plain).any(2).any(0).nonzero()[0])


def test_second_derivatives_for_path_lengths_and_penalties(g):
    g.requires_grad_(True).train()
    ws = g.broadcast(g.mapping(torch.randn(2, 8, generator=seeded(3))))
    img = g.synthesis(ws)
    (grad,) = torch.autograd.grad(
        (img * torch.randn(img.shape, generator=seeded(5))).sum(), ws, create_graph=True
    )
    grad.square().sum().backward()
    assert g.synthesis.blocks[1].conv1.weight.grad.abs().sum() > 0
    assert g.mapping.fc0.weight.grad.abs().sum() > 0
    d = build_discriminator(ModelSpec("stylegan1", {"img_resolution": 32, "widths": [4] * 4}))
    real = torch.randn(4, 3, 32, 32, generator=seeded()).requires_grad_(True)
    (grad,) = torch.autograd.grad(d(real).sum(), real, create_graph=True)
    grad.square().sum().backward()
    assert all(b.conv1.weight.grad.abs().sum() > 0 for b in (d.b32, d.b16, d.b8))


def test_the_spec_is_json_and_rebuilds(g):
    again = build_generator(ModelSpec("stylegan1", {**CONFIG, "widths": (16, 12, 8, 6)}))
    assert again.spec == g.spec
    again.load_state_dict(g.state_dict())
    ws = torch.randn(1, 8, 8, generator=seeded())
    assert torch.equal(again.eval().synthesis(ws), g.synthesis(ws))
