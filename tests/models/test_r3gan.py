"""R3GAN: its start, its shapes, its options."""

import math

import pytest
import torch

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec, one_hot
from latent_studio.models.r3gan_layers import (
    ACTIVATION_GAIN,
    DiscriminativeBasis,
    GenerativeBasis,
    ResidualBlock,
    Stage,
    stage_widths,
)
from latent_studio.models.registry import build_discriminator, build_generator, empty_generator

TINY = {"resolution": 16, "channel_base": 256, "channel_max": 16, "group_size": 8, "blocks": 1}


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def pair(**options):
    config = {**TINY, **options}
    g = build_generator(ModelSpec("r3gan", {**config, "z_dim": 12}), seeded())
    d = build_discriminator(ModelSpec("r3gan", config), seeded(1))
    return g, d


def latents(n=4):
    return torch.randn(n, 12, generator=seeded(2))


def unsettle(*networks):
    """Give the zeros of the start values, as a first step of the optimiser does."""
    with torch.no_grad():
        for network in networks:
            for part in network.modules():
                if isinstance(part, ResidualBlock):
                    torch.nn.init.normal_(part.conv2.weight, std=0.1, generator=seeded(3))


def test_the_defaults_are_the_papers_64_pixel_network():
    assert stage_widths(64, 24576, 768, None) == [768, 768, 768, 768, 384]
    assert stage_widths(256, 24576, 768, None) == [768, 768, 768, 768, 384, 192, 96]
    g = empty_generator(ModelSpec("r3gan", {}))
    assert [len(getattr(g, f"b{r}").blocks) for r in (4, 8, 16, 32, 64)] == [2] * 5
    assert g.b4.blocks[0].conv1.groups == 96
    assert g.b64.blocks[0].conv1.groups == 48
    assert g.b4.blocks[0].conv0.weight.shape == (1536, 768, 1, 1)
    assert g.b4.blocks[0].conv1.weight.shape == (1536, 16, 3, 3)


def test_blocks_start_as_the_identity_and_the_rest_by_their_number():
    block = ResidualBlock(64, 2, 16, num_blocks=16).double()
    for conv in (block.conv0, block.conv1, block.conv2):
        conv.initialise(seeded())
    x = torch.randn(2, 64, 4, 4, generator=seeded(), dtype=torch.float64)
    assert torch.equal(block(x), x)
    gain = ACTIVATION_GAIN * 16**-0.25
    assert gain == pytest.approx(math.sqrt(2 / 1.04) / 2)
    assert block.conv0.weight.std().item() == pytest.approx(gain / 8, rel=0.05)
    assert block.conv1.weight.std().item() == pytest.approx(gain / 12, rel=0.05)


def test_a_block_is_what_the_paper_draws():
    block = ResidualBlock(4, 2, 4, num_blocks=2).double()
    for i, conv in enumerate((block.conv0, block.conv1, block.conv2)):
        conv.gain = 1.0
        conv.initialise(seeded(i))
        if conv.bias is not None:
            torch.nn.init.normal_(conv.bias, generator=seeded(i))
    x = torch.randn(1, 4, 5, 5, generator=seeded(9), dtype=torch.float64)
    inner = torch.einsum("oi,nihw->nohw", block.conv0.weight[:, :, 0, 0], x)
    inner = inner + block.conv0.bias[:, None, None]
    inner = torch.where(inner > 0, inner, 0.2 * inner)
    padded = torch.nn.functional.pad(inner, (1, 1, 1, 1)).unfold(2, 3, 1).unfold(3, 3, 1)
    mixed = torch.zeros_like(inner)
    for o in range(8):
        group = slice(4 * (o // 4), 4 * (o // 4) + 4)
        mixed[0, o] = torch.einsum("ihwkl,ikl->hw", padded[0, group], block.conv1.weight[o])
        mixed[0, o] += block.conv1.bias[o]
    mixed = torch.where(mixed > 0, mixed, 0.2 * mixed)
    expected = x + torch.einsum("oi,nihw->nohw", block.conv2.weight[:, :, 0, 0], mixed)
    assert torch.allclose(block(x), expected, atol=1e-12)


def test_stages_resample_bilinearly():
    settings = {"expansion": 2, "group_size": 4, "num_blocks": 1}
    up = Stage(4, 4, 2, 0, settings, (1, 2, 1))
    ramp = torch.arange(6.0).expand(1, 4, 6, 6)
    row = up(ramp)[0, 0, 4]
    assert torch.allclose(row.diff()[2:-1], torch.full((8,), 0.5))
    down = Stage(4, 4, 0.5, 0, settings, (1, 2, 1))
    assert torch.allclose(down(ramp)[0, 0, 1].diff()[1:], torch.tensor(2.0))
    flat = torch.ones(1, 4, 8, 8)
    assert torch.allclose(up(flat)[:, :, 2:-2, 2:-2], torch.tensor(1.0))
    assert torch.allclose(down(flat)[:, :, 1:-1, 1:-1], torch.tensor(1.0))


def test_bases_are_each_others_mirror_image():
    make, judge = GenerativeBasis(3, 5).double(), DiscriminativeBasis(5, 3).double()
    make.initialise(seeded())
    with torch.no_grad():
        judge.basis.copy_(make.basis)
        judge.weight.copy_(make.weight.t())
    z = torch.randn(2, 3, generator=seeded(1), dtype=torch.float64)
    x = torch.randn(2, 5, 4, 4, generator=seeded(2), dtype=torch.float64)
    assert torch.allclose((make(z) * x).sum((1, 2, 3)), (z * judge(x)).sum(1))


def test_pictures_start_about_one_wide():
    g, d = pair()
    pictures = g(torch.randn(64, 12, generator=seeded(2)))
    assert pictures.shape == (64, 3, 16, 16)
    assert 0.3 < pictures.std().item() < 3
    assert 0.05 < d(pictures).std().item() < 5


@pytest.mark.parametrize("classes", [0, 3])
def test_all_parameters_learn(classes):
    g, d = pair(classes=classes)
    unsettle(g, d)
    c = one_hot(torch.tensor([0, 1, 2, 0]), 3) if classes else None
    d(g(latents(), c), c).square().sum().backward()
    for network in (g, d):
        assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())


def test_the_class_changes_picture_and_score():
    g, d = pair(classes=3)
    z = latents(1).expand(3, -1)
    pictures = g(z, torch.eye(3))
    assert g.capabilities.classes == 3
    assert not torch.allclose(pictures[0], pictures[1], atol=1e-3)
    scores = d(pictures[:1].expand(3, -1, -1, -1), torch.eye(3)).flatten().tolist()
    assert len({round(score, 5) for score in scores}) == 3
    with pytest.raises(ValueError, match="class labels"):
        g(z)
    with pytest.raises(ValueError, match="class labels"):
        d(pictures)


def test_a_score_depends_on_its_own_picture_alone():
    g, d = pair()
    unsettle(g, d)
    x = g(latents())
    assert torch.allclose(d(x)[:1], d(x[:1]), atol=1e-5)


def test_second_derivatives_agree_with_differences():
    _, d = pair(resolution=4, channel_max=8, channels=1)
    unsettle(d)
    d.double()
    x = torch.randn(2, 1, 4, 4, generator=seeded(5), dtype=torch.float64).requires_grad_(True)
    assert torch.autograd.gradcheck(d, (x,))
    assert torch.autograd.gradgradcheck(d, (x,))


def test_half_precision_stays_near():
    g, d = pair()
    unsettle(g, d)
    whole, half = g(latents()), g(latents(), dtype=torch.bfloat16)
    assert half.dtype == torch.float32
    assert (whole - half).square().mean() < 1e-3 * whole.square().mean()
    assert d(whole, dtype=torch.bfloat16).dtype == torch.float32


def test_widths_and_blocks_can_be_given_one_by_one():
    g = build_generator(
        ModelSpec("r3gan", {**TINY, "widths": [24, 16, 8], "blocks": [2, 0, 1]}), seeded()
    )
    assert [len(getattr(g, f"b{r}").blocks) for r in (4, 8, 16)] == [2, 0, 1]
    assert g.b16.blocks[0].conv0.weight.shape[1] == 8
    assert g(torch.randn(1, 64, generator=seeded())).shape == (1, 3, 16, 16)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"widths": [8, 8]}, "'widths' are 2"),
        ({"blocks": [1, 1]}, "one for each of 3"),
        ({"blocks": 0}, "one number from 1"),
        ({"group_size": 7}, "does not divide"),
        ({"resolution": 24}, "power of two"),
    ],
)
def test_what_does_not_fit_is_named(options, said):
    with pytest.raises(ModelError, match=said):
        build_generator(ModelSpec("r3gan", {**TINY, **options}))
    with pytest.raises(ModelError, match=said):
        build_discriminator(ModelSpec("r3gan", {**TINY, **options}))
