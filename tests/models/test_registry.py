"""Every registered architecture keeps the protocol of ``models/base.py``."""

import math
from dataclasses import replace

import pytest
import torch

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec, StyledGenerator, one_hot
from latent_studio.models.progressive import Progressive
from latent_studio.models.registry import (
    ARCHITECTURES,
    architectures,
    build_discriminator,
    build_generator,
    empty_generator,
    register,
    trainable_architectures,
)
from latent_studio.models.snapshot import load_snapshot, take_snapshot

SMALL_G = {
    "mlp": {"resolution": 16, "channels": 1, "z_dim": 8, "hidden": [16, 16]},
    "dcgan": {"resolution": 16, "channels": 3, "z_dim": 8, "base_channels": 4},
    "biggan-deep": {
        "output_dim": 8,
        "z_dim": 8,
        "channel_width": 4,
        "num_classes": 3,
        "layers": [[False, 16, 8], [True, 8, 1]],
        "attention_layer_position": 1,
        "n_stats": 3,
    },
    "pggan": {"z_dim": 8, "img_resolution": 16, "channel_base": 128, "channel_max": 8},
    "stylegan1": {
        "z_dim": 8,
        "w_dim": 8,
        "img_resolution": 16,
        "channel_base": 128,
        "channel_max": 8,
        "mapping_kwargs": {"num_layers": 2},
    },
    "stylegan2": {
        "z_dim": 8,
        "w_dim": 8,
        "img_resolution": 16,
        "img_channels": 3,
        "channel_base": 128,
        "channel_max": 8,
        "mapping_kwargs": {"num_layers": 2},
    },
    "stylegan3": {
        "z_dim": 8,
        "w_dim": 8,
        "img_resolution": 16,
        "channel_base": 128,
        "channel_max": 8,
        "num_layers": 4,
    },
    "r3gan": {
        "resolution": 16,
        "z_dim": 8,
        "channel_base": 128,
        "channel_max": 8,
        "group_size": 4,
        "blocks": 1,
    },
}
SMALL_D = {
    "mlp": {"resolution": 16, "channels": 1, "hidden": [16, 16]},
    "dcgan": {"resolution": 16, "channels": 3, "base_channels": 4},
    "pggan": {"img_resolution": 16, "channel_base": 128, "channel_max": 8},
    "stylegan1": {"img_resolution": 16, "channel_base": 128, "channel_max": 8},
    "stylegan2": {
        "img_resolution": 16,
        "img_channels": 3,
        "channel_base": 128,
        "channel_max": 8,
    },
    "stylegan3": {"img_resolution": 16, "channel_base": 128, "channel_max": 8},
    "r3gan": {
        "resolution": 16,
        "channel_base": 128,
        "channel_max": 8,
        "group_size": 4,
        "blocks": 1,
    },
}
CLASSES_KEY = {
    "mlp": "classes",
    "dcgan": "classes",
    "r3gan": "classes",
    "pggan": "c_dim",
    "stylegan1": "c_dim",
    "stylegan2": "c_dim",
    "stylegan3": "c_dim",
}

every = pytest.mark.parametrize("name", architectures())
trained = pytest.mark.parametrize("name", trainable_architectures())


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def latents(g, n=4):
    return torch.randn(n, g.capabilities.z_dim, generator=seeded(1))


@trained
def test_pictures_and_scores_have_the_promised_shapes(name):
    g = build_generator(ModelSpec(name, SMALL_G[name]), seeded())
    d = build_discriminator(ModelSpec(name, SMALL_D[name]), seeded())
    img = g(latents(g), generator=seeded())
    side = g.capabilities.resolution
    assert img.shape == (4, g.capabilities.channels, side, side)
    assert img.dtype == torch.float32
    assert d(img, generator=seeded()).shape == (4, 1)


@every
def test_building_draws_from_the_given_generator_alone(name):
    before = torch.get_rng_state()
    one = build_generator(ModelSpec(name, SMALL_G[name]), seeded(3)).state_dict()
    two = build_generator(ModelSpec(name, SMALL_G[name]), seeded(3)).state_dict()
    other = build_generator(ModelSpec(name, SMALL_G[name]), seeded(4)).state_dict()
    if name in trainable_architectures():
        build_discriminator(ModelSpec(name, SMALL_D[name]), seeded(3))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(one[key], two[key]) for key in one)
    assert any(not torch.equal(one[key], other[key]) for key in one)
    assert all(value.isfinite().all() for value in one.values())


def stages(*networks):
    """Let growing networks pass through stages that together use all of their layers."""
    yield
    for stage in range(
        len(networks[0].resolutions) - 1 if isinstance(networks[0], Progressive) else 0
    ):
        for network in networks:
            network.set_progress(stage + 0.5)
        yield


@trained
def test_a_training_pass_leaves_the_default_random_state_alone(name):
    g = build_generator(ModelSpec(name, SMALL_G[name]), seeded()).train()
    d = build_discriminator(ModelSpec(name, SMALL_D[name]), seeded()).train()
    before = torch.get_rng_state()
    for _ in stages(g, d):
        d(g(latents(g), generator=seeded()), generator=seeded()).sum().backward()
    assert torch.equal(before, torch.get_rng_state())
    for network in (g, d):
        assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())


@trained
def test_second_derivatives_for_gradient_penalties(name):
    d = build_discriminator(ModelSpec(name, SMALL_D[name]), seeded()).train()
    side = d.spec.config.get("resolution", 16)
    channels = SMALL_D[name].get("channels", 3)
    img = torch.randn(4, channels, side, side, generator=seeded()).requires_grad_(True)
    (grad,) = torch.autograd.grad(d(img, generator=seeded()).sum(), img, create_graph=True)
    grad.square().sum().backward()
    assert any(p.grad is not None and p.grad.abs().sum() > 0 for p in d.parameters())


@every
def test_the_spec_rebuilds_the_network(name):
    g = build_generator(ModelSpec(name, SMALL_G[name]), seeded(5)).eval()
    again = build_generator(ModelSpec(g.spec.architecture, g.spec.config)).eval()
    again.load_state_dict(g.state_dict())
    z = latents(g)
    c = one_hot(torch.arange(len(z)) % 3, 3) if g.capabilities.classes else None
    assert torch.equal(g(z, c, generator=seeded()), again(z, c, generator=seeded()))


@every
def test_a_snapshot_is_a_copy_and_loads_back(name):
    g = build_generator(ModelSpec(name, SMALL_G[name]), seeded(5))
    snapshot = take_snapshot(g, g.spec, "run", 1.5, 7)
    kept = {key: value.clone() for key, value in snapshot.tensors.items()}
    with torch.no_grad():
        for parameter in g.parameters():
            parameter.add_(1)
    assert all(torch.equal(kept[key], snapshot.tensors[key]) for key in kept)
    load_snapshot(snapshot, g)
    assert all(torch.equal(kept[key], value) for key, value in g.state_dict().items())


@every
def test_a_foreign_snapshot_is_refused(name):
    g = build_generator(ModelSpec(name, SMALL_G[name]))
    snapshot = take_snapshot(g, g.spec, "run", 0, 0)
    snapshot.tensors.popitem()
    with pytest.raises(KeyError, match="does not fit"):
        load_snapshot(snapshot, g)


@pytest.mark.parametrize("name", sorted(CLASSES_KEY))
def test_the_class_changes_the_picture(name):
    g = build_generator(ModelSpec(name, {**SMALL_G[name], CLASSES_KEY[name]: 3}), seeded()).eval()
    z = latents(g, 1)
    images = [g(z, one_hot(torch.tensor([k]), 3), generator=seeded()) for k in range(3)]
    assert g.capabilities.classes == 3
    assert not torch.equal(images[0], images[1])
    with pytest.raises(ValueError, match="class"):
        g(z, generator=seeded())


@pytest.mark.parametrize("name", sorted(CLASSES_KEY))
def test_the_class_changes_the_score(name):
    config = {**SMALL_D[name], CLASSES_KEY[name]: 3}
    d = build_discriminator(ModelSpec(name, config), seeded()).eval()
    img = torch.randn(4, SMALL_D[name]["channels"] if name == "mlp" else 3, 16, 16)
    zero, one = (d(img, one_hot(torch.full((4,), k), 3)) for k in (0, 1))
    assert not torch.equal(zero, one)


def test_half_precision_stays_near():
    g = build_generator(ModelSpec("stylegan2", SMALL_G["stylegan2"]), seeded()).eval()
    assert isinstance(g, StyledGenerator)
    ws = g.broadcast(g.mapping(latents(g)))
    whole, half = g.synthesis(ws), g.synthesis(ws, dtype=torch.bfloat16)
    assert half.dtype == torch.float32
    error = (whole - half).square().mean() / whole.square().mean()
    assert 0 < error < 1e-3


def test_w_avg_follows_training_batches_only():
    g = build_generator(ModelSpec("stylegan2", SMALL_G["stylegan2"]), seeded())
    assert isinstance(g, StyledGenerator)
    g.eval()(latents(g), generator=seeded())
    assert g.w_avg.abs().sum() == 0
    g.train()(latents(g), generator=seeded())
    w = g.mapping(latents(g)).mean(dim=0)
    assert torch.allclose(g.w_avg, w * (1 - g.mapping.w_avg_beta), atol=1e-6)


def test_style_mixing_swaps_late_layers_now_and_then():
    g = build_generator(ModelSpec("stylegan2", SMALL_G["stylegan2"]), seeded()).eval()
    z = latents(g)
    plain = g(z, generator=seeded(9), mixing_prob=0.0)
    assert torch.equal(plain, g(z, generator=seeded(9), mixing_prob=0.0))
    ws = g.broadcast(g.mapping(z))
    mixed = [g._mix(ws, z, None, 1.0, seeded(i)) for i in range(20)]
    starts = {int((m[0] != ws[0]).any(dim=1).nonzero()[0]) for m in mixed}
    assert min(starts) >= 1
    assert len(starts) > 2
    assert torch.equal(g._mix(ws, z, None, 1e-9, seeded()), ws)


def test_an_architecture_without_a_discriminator_is_for_rendering(monkeypatch):
    entry = replace(ARCHITECTURES["mlp"], name="seen", title="Seen only", discriminator=None)
    monkeypatch.setitem(ARCHITECTURES, "seen", entry)
    assert "seen" in architectures()
    assert "seen" not in trainable_architectures()
    build_generator(ModelSpec("seen", SMALL_G["mlp"]))
    with pytest.raises(ModelError, match=r"Seen only has no discriminator .* Train one of mlp"):
        build_discriminator(ModelSpec("seen", SMALL_D["mlp"]))


def test_errors_name_what_is_wrong():
    with pytest.raises(ModelError, match="knows mlp"):
        build_generator(ModelSpec("vqgan", {}))
    with pytest.raises(ModelError, match="do not fit"):
        build_generator(ModelSpec("stylegan2", {"no_such": 1}))
    with pytest.raises(ModelError, match="power of two"):
        build_generator(ModelSpec("stylegan2", {"img_resolution": 48}))
    with pytest.raises(ModelError, match="power of two"):
        build_discriminator(ModelSpec("dcgan", {"resolution": 28}))
    with pytest.raises(ValueError, match="registered already"):
        register(ARCHITECTURES["mlp"])


def test_half_precision_can_be_kept_to_the_highest_resolutions():
    g = build_generator(ModelSpec("stylegan2", {**SMALL_G["stylegan2"], "num_fp16_res": 1}))
    assert isinstance(g, StyledGenerator)
    synthesis = g.eval().requires_grad_(False).synthesis
    ws = g.broadcast(g.mapping(latents(g)))
    for network in (synthesis, synthesis.frozen(torch.bfloat16)):
        states = [network.run(ws, last_block=k, dtype=torch.bfloat16) for k in range(3)]
        assert [state.x.dtype for state in states] == [torch.float32] * 2 + [torch.bfloat16]
    d = build_discriminator(ModelSpec("stylegan2", {**SMALL_D["stylegan2"], "num_fp16_res": 1}))
    img = torch.randn(4, 3, 16, 16, generator=seeded())
    whole, half = d(img), d(img, dtype=torch.bfloat16)
    assert not torch.equal(whole, half)
    assert torch.allclose(whole, half, atol=0.05)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("stylegan3", {"num_layers": 10**9}),
        ("stylegan3", {"filter_size": 4096}),
        ("stylegan3", {"lrelu_upsampling": 1000}),
        ("stylegan2", {"mapping_kwargs": {"num_layers": 10**9}}),
        ("stylegan2", {"img_resolution": 2**400}),
        ("stylegan2", {"resample_filter": [1] * 2000}),
        ("r3gan", {"blocks": [2, 10**9, 2, 2, 2]}),
        ("mlp", {"hidden": [8] * 10**5}),
    ],
)
def test_a_network_beyond_all_measure_is_refused_at_once(name: str, config: dict) -> None:
    with pytest.raises(ModelError, match="at most"):
        empty_generator(ModelSpec(name, config))


def test_a_long_filter_may_have_large_values() -> None:
    taps = [math.comb(11, k) for k in range(12)]
    empty_generator(ModelSpec("stylegan2", {**SMALL_G["stylegan2"], "resample_filter": taps}))
