"""Spectral normalisation against the singular values themselves, and when it moves."""

import copy

import pytest
import torch

from latent_studio.models.base import ModelSpec, one_hot
from latent_studio.models.layers import has_batch_statistics
from latent_studio.models.plain import PlainConv, PlainLinear
from latent_studio.models.registry import build_discriminator, build_generator
from latent_studio.models.spectral import SpectralNorm, follow_weights, has_spectral_norm

D_SPECS = [
    ModelSpec("mlp", {"resolution": 8, "hidden": [12, 8], "dropout": 0.2, "spectral_norm": True}),
    ModelSpec(
        "dcgan",
        {
            "resolution": 8,
            "channels": 1,
            "base_channels": 6,
            "norm": "none",
            "spectral_norm": True,
            "classes": 3,
            "conditioning": "projection",
            "dropout": 0.2,
        },
    ),
]
every = pytest.mark.parametrize("spec", D_SPECS, ids=lambda spec: spec.architecture)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def batch(spec, n=4):
    images = torch.randn(n, 1, 8, 8, generator=seeded(1))
    classes = spec.config.get("classes", 0)
    return images, one_hot(torch.arange(n) % classes, classes) if classes else None


def vectors(network):
    return {
        name: value.clone()
        for name, value in network.named_buffers()
        if name.endswith(("spectral.u", "spectral.v"))
    }


def same(one, two):
    return all(torch.equal(one[name], two[name]) for name in one)


def step(network, spec, seed):
    """A turn of the discriminator in two passes, then a plain descent step."""
    images, c = batch(spec)
    source = seeded(seed)
    loss = (
        network(images, c, generator=source).mean() - network(-images, c, generator=source).mean()
    )
    loss.backward()
    with torch.no_grad():
        for p in network.parameters():
            p.sub_(0.05 * p.grad)
            p.grad = None
    follow_weights(network)


@pytest.mark.parametrize("shape", [(7, 12), (6, 5, 4, 4)])
def test_the_norm_converges_to_the_largest_singular_value(shape):
    weight = torch.randn(shape, generator=seeded(), dtype=torch.float64).requires_grad_(True)
    norm = SpectralNorm(shape[0], weight[0].numel()).double()
    norm.start(weight, seeded(1))
    for _ in range(400):
        norm.iterate(weight)
    normalised = norm(weight)
    largest = torch.linalg.svdvals(weight.detach().flatten(1))[0]
    assert torch.allclose(norm.sigma(weight), largest, rtol=1e-10)
    assert torch.linalg.svdvals(normalised.detach().flatten(1))[0].item() == pytest.approx(1.0)


def test_the_gradient_is_that_of_the_weight_over_its_norm():
    """Equation 12 of the paper: (G - <G, W_sn> u v^T) / sigma."""
    weight = torch.randn(5, 9, generator=seeded(), dtype=torch.float64).requires_grad_(True)
    norm = SpectralNorm(5, 9).double().eval()
    u, _, vt = torch.linalg.svd(weight.detach())
    norm.u.copy_(u[:, 0])
    norm.v.copy_(vt[0])
    outer = torch.randn(5, 9, generator=seeded(2), dtype=torch.float64)
    u, v, sigma = norm.u, norm.v, norm.sigma(weight).detach()
    w_sn = weight.detach() / sigma
    expected = (outer - (outer * w_sn).sum() * torch.outer(u, v)) / sigma
    (norm(weight) * outer).sum().backward()
    assert torch.allclose(weight.grad, expected, atol=1e-12)
    again = weight.detach().clone().requires_grad_(True)
    assert torch.autograd.gradcheck(norm, (again,))
    assert torch.autograd.gradgradcheck(norm, (again,))


@pytest.mark.parametrize("layer", [PlainLinear(6, 4, True), PlainConv(3, 4, spectral_norm=True)])
def test_a_fresh_layer_has_norm_one_nearly(layer):
    layer.initialise(seeded(3))
    seen = layer.weight / layer.spectral.sigma(layer.weight)
    assert torch.linalg.svdvals(seen.detach().flatten(1))[0].item() == pytest.approx(1.0, abs=0.03)


@every
def test_the_start_comes_from_the_given_generator(spec):
    before = torch.get_rng_state()
    one, two, other = (vectors(build_discriminator(spec, seeded(s))) for s in (3, 3, 4))
    assert same(one, two) and not same(one, other)
    assert torch.equal(before, torch.get_rng_state())


@every
def test_vectors_follow_the_weights_when_asked_to(spec):
    network = build_discriminator(spec, seeded()).train()
    layer = (network.convs if spec.architecture == "dcgan" else network.layers)[0]
    with torch.no_grad():
        for p in network.parameters():
            p.add_(torch.randn(p.shape, generator=seeded(5)))

    def error():
        largest = torch.linalg.svdvals(layer.weight.detach().flatten(1))[0]
        return (1 - layer.spectral.sigma(layer.weight) / largest).item()

    stale = error()
    follow_weights(network)
    assert 0 <= error() < 0.5 * stale
    for _ in range(50):
        follow_weights(network)
    assert error() < 1e-3


@every
def test_no_pass_moves_the_vectors(spec):
    network = build_discriminator(spec, seeded()).train()
    images, c = batch(spec)
    start = vectors(network)
    first = network(images, c, generator=seeded())
    first.sum().backward()
    assert torch.equal(first, network(images, c, generator=seeded()))
    network.requires_grad_(False)
    fakes = images.requires_grad_(True)
    network(fakes, c, generator=seeded()).sum().backward()
    assert fakes.grad.abs().sum() > 0
    network.eval()(images, c)
    assert same(start, vectors(network))


@every
def test_vectors_may_move_between_a_pass_and_its_gradient(spec):
    """As when accumulated parts share one graph with a later step."""
    gradients = []
    for moved in (False, True):
        network = build_discriminator(spec, seeded()).train()
        images, c = batch(spec)
        loss = network(images, c, generator=seeded()).square().sum()
        if moved:
            follow_weights(network)
        loss.backward()
        gradients.append([p.grad for p in network.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*gradients, strict=True))


@every
def test_evaluation_sees_the_norm_of_training(spec):
    network = build_discriminator(ModelSpec(spec.architecture, {**spec.config, "dropout": 0.0}))
    images, c = batch(spec)
    training = network.train()(images, c)
    assert torch.equal(training, network.eval()(images, c))


@every
def test_a_resumed_training_is_bit_equal(spec):
    straight = build_discriminator(spec, seeded()).train()
    for i in range(3):
        step(straight, spec, i)
    saved = copy.deepcopy(straight.state_dict())
    for i in range(3, 6):
        step(straight, spec, i)
    resumed = build_discriminator(spec, seeded(9)).train()
    resumed.load_state_dict(saved)
    for i in range(3, 6):
        step(resumed, spec, i)
    assert same(straight.state_dict(), resumed.state_dict())


@every
def test_all_parameters_learn(spec):
    network = build_discriminator(spec, seeded()).train()
    images, c = batch(spec)
    network(images, c, generator=seeded()).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())


@every
def test_half_precision_keeps_the_norm_exact(spec):
    network = build_discriminator(spec, seeded()).eval()
    images, c = batch(spec)
    whole, half = network(images, c), network(images, c, dtype=torch.bfloat16)
    assert half.dtype == torch.float32
    assert torch.allclose(whole, half, atol=0.05 * whole.abs().max().item() + 1e-3)
    assert all(value.dtype == torch.float32 for value in vectors(network).values())


def test_networks_tell_what_they_normalise_with():
    plain = build_discriminator(ModelSpec("dcgan", {"resolution": 16, "base_channels": 4}))
    layered = build_discriminator(
        ModelSpec("dcgan", {"resolution": 16, "base_channels": 4, "norm": "layer"})
    )
    spectral = build_discriminator(D_SPECS[1])
    assert has_batch_statistics(plain) and not has_spectral_norm(plain)
    assert not has_batch_statistics(layered) and not has_batch_statistics(spectral)
    assert has_spectral_norm(spectral)
    style = {"img_resolution": 8, "channel_base": 64, "channel_max": 8}
    assert not has_batch_statistics(build_discriminator(ModelSpec("stylegan2", style)))
    assert has_batch_statistics(build_generator(ModelSpec("dcgan", {"resolution": 8})))
