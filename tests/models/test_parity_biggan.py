"""BigGAN-deep gives the numbers of the public reference; psi does what its tools do."""

import numpy as np
import pytest
import torch

from latent_studio.engine.renderer import Renderer
from latent_studio.errors import ModelError
from latent_studio.jobs.inspect import list_models
from latent_studio.latent.population import draw_latents, make_pictures, pictures_of
from latent_studio.latent.resolve import LatentResolver
from latent_studio.latent.sampling import blend_z, recipe_warnings, seed_z
from latent_studio.models.base import ModelSpec, one_hot
from latent_studio.models.biggan_layers import level_weights
from latent_studio.models.registry import build_discriminator, build_generator
from latent_studio.recipe import LatentSource, Recipe
from latent_studio.storage.model_file import ModelBundle, load_generator, save_model

SMALL = {
    "output_dim": 16,
    "z_dim": 8,
    "channel_width": 8,
    "num_classes": 3,
    "layers": [[False, 16, 8], [True, 8, 2], [True, 2, 1]],
    "attention_layer_position": 2,
    "n_stats": 5,
}


@pytest.fixture(scope="module")
def small():
    """A network whose statistics differ from level to level."""
    draw = torch.Generator().manual_seed(0)
    g = build_generator(ModelSpec("biggan-deep", SMALL), draw)
    with torch.no_grad():
        for name, buffer in g.named_buffers():
            if name.endswith("running_means"):
                buffer.copy_(0.3 * torch.randn(buffer.shape, generator=draw))
            if name.endswith("running_vars"):
                buffer.copy_(0.5 + torch.rand(buffer.shape, generator=draw))
        for name, parameter in g.named_parameters():
            if name.endswith("gamma"):
                parameter.fill_(0.7)
    return g.eval().requires_grad_(False)


def test_generator(parity):
    fixture = parity("biggan_deep_32")
    g = build_generator(ModelSpec("biggan-deep", fixture.info["init_kwargs"])).eval()
    g.load_state_dict(fixture.state())
    assert len(fixture.info["runs"]) == 5
    for frozen in (False, True):  # with the norms' gradients, and with the norms kept
        g.requires_grad_(not frozen)
        for run in fixture.info["runs"]:
            z, c = fixture[run["z"]], fixture[run["class_label"]]
            actual = g.synthesise(z, c, [run["truncation"]])
            error = (actual.detach() - fixture[run["output"]]).abs().max().item()
            assert error <= fixture.tolerance(run["output"]), (run["output"], error)


def test_rows_of_a_batch_have_their_own_truncation(parity):
    fixture = parity("biggan_deep_32")
    g = build_generator(ModelSpec("biggan-deep", fixture.info["init_kwargs"])).eval()
    g.load_state_dict(fixture.state())
    z, c = fixture["in/z"], fixture["in/class_onehot"]
    mixed = g.synthesise(z, c, [0.5, 0.43])
    expected = torch.stack([fixture["img/t0.5"][0], fixture["img/t0.43"][1]])
    assert torch.allclose(mixed, expected, atol=1e-4)


def test_levels_are_weighted_as_published():
    weights = level_weights([1.0, 0.5, 0.43, 0.58, 0.0], 51)
    assert weights[0, 50] == weights[1, 25] == weights[4, 0] == 1
    assert weights[2, 21].item() == pytest.approx(0.5)
    assert weights[2, 22].item() == pytest.approx(0.5)
    assert weights[3, 28].item() == pytest.approx(1)
    # Between 1/4 and 2/4, near the lower level: the upper one counts more.
    assert level_weights([0.275], 5)[0].tolist() == pytest.approx([0, 0.1, 0.9, 0, 0])
    assert torch.equal(weights.sum(1), torch.ones(5, dtype=torch.float64))
    assert level_weights([-1.0, 2.0], 5).argmax(1).tolist() == [0, 4]
    assert level_weights([0.3], 1).tolist() == [[1.0]]


def test_a_seed_is_the_published_tools_noise():
    # scipy.stats.truncnorm.rvs(-2, 2, size=(1, 4), random_state=RandomState(42)), scipy 1.17
    expected = np.array([[-0.304828, 1.4773321, 0.58711916, 0.23828377]], np.float32)
    assert np.allclose(seed_z(42, 4, "cut"), expected, atol=1e-6)
    many = seed_z(0, 20_000, "cut")
    assert np.abs(many).max() <= 2
    assert abs(many.mean()) < 0.02
    assert abs(many.std() - 0.8796) < 0.01  # of a normal distribution cut at two
    blend = blend_z([(1, 1.0), (2, 1.0)], 20_000, "cut")
    assert np.abs(blend).max() == 2
    assert abs(blend.std() - 0.8796) < 0.02


def test_psi_scales_z_and_selects_statistics(small):
    renderer = Renderer(small, device="cpu")
    z = torch.from_numpy(seed_z(3, 8, "cut"))
    c = one_hot(torch.tensor([1]), 3)
    for psi in (1.0, 0.5, 0.3):
        expected = small.synthesise(z * np.float32(psi), c, [psi])
        actual = renderer.render_float(Recipe.from_seed(3, label=1, psi=psi))
        assert np.allclose(actual, expected, atol=1e-6)
    fixed = small.synthesise(z, c, [1.0]), small.synthesise(z, c, [0.5])
    assert not torch.allclose(*fixed, atol=1e-2), "the statistics act by themselves"


def test_pictures_of_many_psis_and_classes_at_once(small):
    renderer = Renderer(small, device="cpu")
    recipes = [Recipe.from_seed(seed, label=seed % 3, psi=0.2 + 0.2 * seed) for seed in range(4)]
    many = renderer.render_batch(recipes, batch=3)
    for recipe, pixels in zip(recipes, many, strict=True):
        frame = renderer.render(recipe)
        assert frame is not None
        one = frame.pixels[..., 2::-1]
        assert np.abs(one.astype(int) - pixels.astype(int)).max() <= 1
    mixture = renderer.render_float(Recipe.from_seed(0, label=(0.5, 0.25, 0.25)))
    assert not np.allclose(mixture, renderer.render_float(Recipe.from_seed(0, label=0)), atol=1e-2)


def test_explicit_vectors_and_offsets_are_truncated_as_seeds_are(small):
    renderer = Renderer(small, device="cpu")
    vector = LatentSource.from_vector("z", seed_z(3, 8, "cut"))
    seed = renderer.render_float(Recipe.from_seed(3, label=1, psi=0.4))
    assert np.array_equal(renderer.render_float(Recipe(source=vector, label=1, psi=0.4)), seed)
    assert np.abs(LatentResolver(small).z(Recipe.from_seed(3, psi=0.4)).numpy()).max() > 0.8


def test_latents_drawn_for_directions_are_cut_and_truncated(small):
    latents = draw_latents(small, 500, torch.Generator().manual_seed(0))
    assert 1.9 < latents.z.abs().max() <= 2
    some = type(latents)(latents.z[:2], latents.c[:2], None)
    expected = small.render(some.z, some.c, 0.5)
    assert torch.allclose(make_pictures(small, some, 0.5), expected, atol=0.05)
    (pictures,) = pictures_of(small, some.z, some.c, psi=0.5)
    assert torch.allclose(pictures, expected, atol=0.05)
    assert not torch.allclose(expected, small.render(some.z, some.c), atol=0.05)


def test_what_a_recipe_has_and_this_model_lacks_is_said(small):
    warn = recipe_warnings(Recipe(label=0, psi=0.5, cutoff=3), small.capabilities)
    assert warn == ["This model has no layers to truncate singly; the cutoff is inactive."]
    assert recipe_warnings(Recipe(label=0, psi=0.5), small.capabilities) == []


def test_saved_and_loaded(small, tmp_path):
    for half in (False, True):
        path = tmp_path / f"{half}.safetensors"
        save_model(path, ModelBundle.from_generator(small), half=half)
        again = load_generator(path)
        z, c = torch.from_numpy(seed_z(0, 8, "cut")), one_hot(torch.tensor([2]), 3)
        assert torch.allclose(again(z, c), small(z, c), atol=0.02 if half else 0)
        assert again.capabilities == small.capabilities


def test_its_size_is_listed(small, tmp_path, monkeypatch):
    monkeypatch.setattr("latent_studio.jobs.inspect.user_models_folder", lambda: tmp_path)
    save_model(tmp_path / "classes.safetensors", ModelBundle.from_generator(small))
    (listing,) = [model for model in list_models() if model.architecture == "biggan-deep"]
    assert (listing.name, listing.resolution) == ("classes", 16)


def test_norms_are_found_again_when_weights_change(small):
    g = build_generator(ModelSpec("biggan-deep", SMALL)).eval().requires_grad_(False)
    z, c = torch.from_numpy(seed_z(0, 8, "cut")), one_hot(torch.tensor([2]), 3)
    first = g(z, c)
    assert not torch.equal(first, small(z, c))
    g.load_state_dict(small.state_dict())
    assert torch.equal(g(z, c), small(z, c))
    # The norm is part of the weight: ten times the stored weight is the same layer.
    for name, parameter in g.named_parameters():
        if name.endswith("weight_orig"):
            parameter.mul_(10)
    assert torch.allclose(g(z, c), small(z, c), atol=1e-4)


def test_gradients_reach_every_weight(small):
    g = build_generator(ModelSpec("biggan-deep", SMALL))
    g.load_state_dict(small.state_dict())
    z = torch.from_numpy(seed_z(0, 16, "cut")).reshape(2, 8).requires_grad_(True)
    for _ in range(2):
        g(z, one_hot(torch.tensor([2, 0]), 3)).square().sum().backward()
    assert z.grad is not None
    for name, parameter in g.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_half_precision_stays_near(small):
    z, c = torch.from_numpy(seed_z(0, 8, "cut")), one_hot(torch.tensor([2]), 3)
    whole, half = small(z, c), small(z, c, dtype=torch.bfloat16)
    assert half.dtype == torch.float32
    assert 0 < (whole - half).square().mean() / whole.square().mean() < 1e-2


def test_it_is_for_rendering_and_its_arguments_must_fit(small):
    with pytest.raises(ModelError, match=r"BigGAN-deep has no discriminator .* rendered"):
        build_discriminator(ModelSpec("biggan-deep", {}))
    with pytest.raises(ValueError, match="class labels"):
        small(torch.zeros(1, 8))
    for wrong, message in [
        ({"output_dim": 32}, "pictures of 16 pixels, not of 32"),
        ({"layers": [[True, 8, 8], [True, 8, 1]]}, "takes 16 times"),
        ({"layers": [[True, 16, 8], [True, 4, 1]]}, "gives 8 channel widths, the next takes 4"),
        ({"layers": [[True, 16, 8], [True, 8, 16]]}, "no more than its input"),
        ({"class_embed_dim": 4}, "must have z's length, 8"),
    ]:
        with pytest.raises(ModelError, match=message):
            build_generator(ModelSpec("biggan-deep", {**SMALL, **wrong}))
