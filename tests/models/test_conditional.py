"""Classes in MLP and DCGAN, and the discriminators' options that go with them."""

import pytest
import torch
import torch.nn.functional as F

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec, one_hot
from latent_studio.models.conditional import (
    DISCRIMINATOR_CONDITIONING,
    GENERATOR_CONDITIONING,
    ClassEmbedding,
    LabelledInput,
    Projection,
)
from latent_studio.models.plain import GroupNorm, normalisation, seeded_dropout
from latent_studio.models.registry import build_discriminator, build_generator

SIZE = {"resolution": 8, "channels": 2, "classes": 3}
G = {
    "mlp": {**SIZE, "z_dim": 5, "hidden": [16]},
    "dcgan": {**SIZE, "z_dim": 5, "base_channels": 4},
}
D = {"mlp": {**SIZE, "hidden": [16, 8]}, "dcgan": {**SIZE, "base_channels": 4}}

family = pytest.mark.parametrize("name", ["mlp", "dcgan"])
judged = pytest.mark.parametrize("conditioning", DISCRIMINATOR_CONDITIONING)
drawn = pytest.mark.parametrize("conditioning", GENERATOR_CONDITIONING)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def discriminator(name, **options):
    return build_discriminator(ModelSpec(name, {**D[name], **options}), seeded())


def generator(name, **options):
    return build_generator(ModelSpec(name, {**G[name], **options}), seeded())


def images(n=6):
    return torch.randn(n, 2, 8, 8, generator=seeded(1))


def labels(*which):
    return one_hot(torch.tensor(which), 3)


@family
@drawn
def test_the_class_changes_the_picture(name, conditioning):
    g = generator(name, conditioning=conditioning).eval()
    z = torch.randn(1, 5, generator=seeded(1)).expand(3, 5)
    pictures = g(z, labels(0, 1, 2))
    assert g.capabilities.classes == 3
    assert pictures.shape == (3, 2, 8, 8)
    assert not torch.allclose(pictures[0], pictures[1], atol=1e-4)
    assert not torch.allclose(pictures[1], pictures[2], atol=1e-4)
    with pytest.raises(ValueError, match="needs class labels"):
        g(z)
    with pytest.raises(ValueError, match=r"not \[N, 3\]"):
        g(z, torch.eye(4)[:3])


@family
@judged
def test_the_class_changes_the_score(name, conditioning):
    d = discriminator(name, conditioning=conditioning).eval()
    one = images(1).expand(3, -1, -1, -1)
    scores = d(one, labels(0, 1, 2)).flatten()
    assert len({round(score, 6) for score in scores.tolist()}) == 3
    with pytest.raises(ValueError, match="needs class labels"):
        d(one)


@family
@judged
def test_all_parameters_learn_and_second_derivatives_exist(name, conditioning):
    d = discriminator(name, conditioning=conditioning, norm="layer") if name == "dcgan" else None
    d = (d or discriminator(name, conditioning=conditioning)).train()
    real = images().requires_grad_(True)
    scores = d(real, labels(0, 1, 2, 0, 1, 2), generator=seeded())
    (slope,) = torch.autograd.grad(scores.sum(), real, create_graph=True)
    (slope.square().sum() + scores.square().sum()).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in d.parameters())


@family
@drawn
def test_all_parameters_of_the_generator_learn(name, conditioning):
    g = generator(name, conditioning=conditioning).train()
    z = torch.randn(6, 5, generator=seeded(1))
    weights = torch.randn(6, 2, 8, 8, generator=seeded(2))
    (g(z, labels(0, 1, 2, 0, 1, 2)) * weights).sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in g.parameters())


@family
def test_half_a_class_lies_between_the_classes(name):
    g = generator(name, conditioning="embedding").eval()
    z = torch.randn(1, 5, generator=seeded(1))
    ends = [g(z, labels(k)) for k in (0, 1)]
    between = g(z, torch.tensor([[0.5, 0.5, 0.0]]))
    assert not any(torch.equal(between, end) for end in ends)


def test_the_projection_is_the_inner_product_of_features_and_class():
    d = build_discriminator(
        ModelSpec("dcgan", {**D["dcgan"], "conditioning": "projection", "norm": "none"}), seeded()
    ).double()
    plain = build_discriminator(
        ModelSpec("dcgan", {**D["dcgan"], "classes": 0, "norm": "none"}), seeded()
    ).double()
    plain.load_state_dict({k: v for k, v in d.state_dict().items() if "projection" not in k})
    x, c = images().double(), labels(0, 1, 2, 0, 1, 2).double()
    features = x
    for conv in d.convs:
        features = F.leaky_relu(F.conv2d(features, conv.weight, conv.bias, 2, 1), 0.2)
    embedded = d.projection.embed.weight.t()[c.argmax(1)]
    expected = plain(x) + (features.sum((2, 3)) * embedded).sum(1, keepdim=True)
    assert d(x, c).dtype == torch.float64
    assert torch.allclose(d(x, c), expected, atol=1e-12)


def test_an_embedding_picks_its_rows():
    embed = ClassEmbedding(3, 4)
    embed.initialise(seeded())
    assert torch.equal(embed(labels(2, 0)), embed.weight.t()[[2, 0]])


def test_classes_join_pictures_as_planes():
    x = images(2)
    joined = LabelledInput(3, "concat", 0, side=8)(x, labels(1, 2))
    assert torch.equal(joined[:, :2], x)
    assert torch.equal(joined[:, 2:].amin((2, 3)), labels(1, 2))
    assert torch.equal(joined[:, 2:].amax((2, 3)), labels(1, 2))
    learned = LabelledInput(3, "embedding", 0, side=8)
    learned.embed.initialise(seeded())
    planes = learned(x, labels(1, 2))
    assert planes.shape == (2, 3, 8, 8)
    assert torch.equal(planes[1, 2].flatten(), learned.embed.weight[:, 2])


def test_a_fresh_projection_is_about_one_wide():
    projection = Projection(10, 256)
    projection.embed.initialise(seeded())
    features = torch.randn(2000, 256, generator=seeded(1))
    c = one_hot(torch.arange(2000) % 10, 10)
    assert 0.8 < projection(features, c).std().item() < 1.2


@family
def test_files_from_before_these_options_load(name):
    """Their specs lack the new arguments, their tensors have the old names."""
    if name == "mlp":
        old = {"resolution": 8, "channels": 2, "classes": 3, "hidden": [16, 8], "dropout": 0.3}
        names = {f"layers.{i}.{part}" for i in range(3) for part in ("weight", "bias")}
        first = (16, 2 * 64 + 3)
        key = "layers.0.weight"
    else:
        old = {"resolution": 8, "channels": 2, "base_channels": 4, "max_channels": 8}
        old["batch_norm"] = False
        names = {"convs.0.weight", "head.weight"}
        first, key = (4, 2, 4, 4), "convs.0.weight"
    state = build_discriminator(ModelSpec(name, old)).state_dict()
    assert set(state) == names
    assert tuple(state[key].shape) == first


def test_old_generators_keep_their_tensors():
    state = build_generator(ModelSpec("mlp", G["mlp"])).state_dict()
    assert set(state) == {f"layers.{i}.{part}" for i in range(2) for part in ("weight", "bias")}
    assert state["layers.0.weight"].shape == (16, 5 + 3)
    plain = {**G["dcgan"], "classes": 0}
    assert not any(
        "label" in key for key in build_generator(ModelSpec("dcgan", plain)).state_dict()
    )


@pytest.mark.parametrize("kind", ["batch", "layer", "instance", "none"])
def test_norms_are_what_their_names_say(kind):
    layer = normalisation(kind, 4).double()
    x = 3 + 2 * torch.randn(5, 4, 6, 6, generator=seeded(), dtype=torch.float64)
    dims = {"batch": (0, 2, 3), "layer": (1, 2, 3), "instance": (2, 3)}.get(kind)
    if kind in ("layer", "instance"):
        layer.initialise(seeded())
    y = layer(x)
    if dims is None:
        assert torch.equal(x, y)
        return
    mean, var = x.mean(dims, keepdim=True), x.var(dims, correction=0, keepdim=True)
    assert torch.allclose(y, (x - mean) / (var + 1e-5).sqrt(), atol=1e-9)


@pytest.mark.parametrize("norm", ["layer", "instance", "none"])
def test_without_batch_norm_a_score_depends_on_its_own_picture(norm):
    options = {"resolution": 16, "classes": 0, "norm": norm}
    d = build_discriminator(ModelSpec("dcgan", {**D["dcgan"], **options}), seeded()).train()
    x = torch.randn(4, 2, 16, 16, generator=seeded(1))
    assert torch.allclose(d(x)[:1], d(x[:1]), atol=1e-6)
    batch = {**options, "norm": "batch"}
    d = build_discriminator(ModelSpec("dcgan", {**D["dcgan"], **batch}), seeded()).train()
    assert not torch.allclose(d(x)[:1], d(x[:1]), atol=1e-3)
    assert not any(isinstance(part, GroupNorm) for part in d.modules())


def test_dropout_draws_from_the_given_source_in_training_only():
    d = discriminator("dcgan", classes=0, dropout=0.4, norm="none").train()
    x, before = images(), torch.get_rng_state()
    assert torch.equal(d(x, generator=seeded(1)), d(x, generator=seeded(1)))
    assert not torch.equal(d(x, generator=seeded(1)), d(x, generator=seeded(2)))
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(d.eval()(x), d(x))


def test_dropout_keeps_the_mean():
    x = torch.ones(400, 100, dtype=torch.float64)
    dropped = seeded_dropout(x, 0.25, seeded())
    assert set(dropped.unique().tolist()) == {0.0, 1 / 0.75}
    assert dropped.mean().item() == pytest.approx(1.0, abs=0.01)


def test_what_does_not_fit_is_named():
    with pytest.raises(ModelError, match="known: concat, embedding, projection"):
        discriminator("dcgan", conditioning="film")
    with pytest.raises(ModelError, match="known: concat, embedding"):
        generator("mlp", conditioning="projection")
    with pytest.raises(ModelError, match="known: batch, layer, instance, none"):
        discriminator("dcgan", norm="group")
    with pytest.raises(ModelError, match="share from 0"):
        discriminator("mlp", dropout=1.0)
