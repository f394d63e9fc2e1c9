"""The alias-free generator through the rest of the house: files, recipes, kept activations."""

import copy
import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from latent_studio.engine.renderer import Renderer
from latent_studio.models.base import ModelSpec, one_hot
from latent_studio.models.registry import build_generator
from latent_studio.models.snapshot import take_snapshot
from latent_studio.recipe import LatentSource, Recipe, Transform
from latent_studio.storage.model_file import ModelBundle, load_generator, save_model

CONFIG = {
    "z_dim": 8,
    "w_dim": 8,
    "img_resolution": 16,
    "channel_base": 256,
    "channel_max": 8,
    "num_layers": 4,
}


def make(seed=0, **config):
    g = build_generator(
        ModelSpec("stylegan3", {**CONFIG, **config}), torch.Generator().manual_seed(seed)
    )
    draw = torch.Generator().manual_seed(seed + 1)
    with torch.no_grad():
        g.w_avg.copy_(torch.randn(g.w_avg.shape, generator=draw))
        for i in range(g.synthesis.num_blocks - 1):
            g.synthesis.layer(i).magnitude_ema.fill_(0.2 + 0.1 * i)
            g.synthesis.layer(i).bias.normal_(generator=draw)
    return g


@pytest.mark.parametrize("config", [{}, {"conv_kernel": 1, "use_radial_filters": True, "c_dim": 3}])
@pytest.mark.parametrize("half", [False, True])
def test_a_model_file_keeps_the_network(tmp_path, config, half):
    g = make(**config).eval()
    g.set_transform((0.1, 0.2), 30)
    path = tmp_path / "model.safetensors"
    save_model(path, ModelBundle.from_generator(g), half)
    again = load_generator(path)
    z = torch.randn(2, 8, generator=torch.Generator().manual_seed(2))
    c = one_hot(torch.tensor([0, 2]), 3) if g.c_dim else None
    with torch.no_grad():
        wanted = g(z, c)
        difference = (wanted - again(z, c)).abs().max() / wanted.abs().max()
    assert 0 < difference < 0.02 if half else difference == 0
    assert again.spec == g.spec
    own = g.state_dict()
    for name, buffer in again.named_buffers():
        assert torch.equal(buffer, own[name]), name


EDITS = [
    Recipe(),
    Recipe(psi=0.4),
    Recipe(psi=0.4, cutoff=2),
    Recipe(psi=0.4, cutoff=2).with_layer(3, LatentSource.from_seed(5)),
    Recipe(psi=0.4, cutoff=2).with_layer(3, LatentSource.from_seed(6), 0.5),
    Recipe(psi=0.4, cutoff=2).with_layer(5, LatentSource.from_seed(6), 0.5),
    Recipe(psi=0.4, cutoff=2).with_offset("w", 1, 2.0),
    Recipe(LatentSource.from_seed(9)),
    Recipe(LatentSource.from_seed(9), transform=Transform(0.1, -0.05)),
    Recipe(LatentSource.from_seed(9), transform=Transform(0.1, -0.05, 40.0)),
    Recipe(LatentSource.from_seed(9), transform=Transform(0.1, -0.05, 40.0)).with_layer(
        5, LatentSource.from_seed(6), 0.5
    ),
]


def test_edits_one_after_another_equal_fresh_pictures():
    kept = Renderer(make())
    pictures = []
    for recipe in EDITS:
        fresh = Renderer(make()).render_float(recipe)
        np.testing.assert_array_equal(kept.render_float(recipe), fresh)
        pictures.append(fresh)
    assert all(not np.array_equal(a, b) for a, b in itertools.pairwise(pictures))
    np.testing.assert_array_equal(kept.render_float(EDITS[0]), pictures[0])


def test_psi_and_cutoff_pull_the_rows_before_it():
    g = make().eval()
    recipe = Recipe(psi=0.4, cutoff=2)
    renderer = Renderer(copy.deepcopy(g))
    ws = renderer.resolver.ws(Recipe())
    expected = ws.clone()
    expected[:, :2] = g.w_avg.lerp(ws[:, :2], 0.4)
    with torch.no_grad():
        wanted = g.synthesis(expected).numpy()
    np.testing.assert_allclose(renderer.render_float(recipe), wanted, atol=1e-5)


def test_an_edit_of_a_late_layer_runs_late_layers_alone():
    g = make()
    ran = []
    for i in range(g.synthesis.num_blocks - 1):
        g.synthesis.layer(i).register_forward_hook(lambda *_, i=i: ran.append(i))
    g.synthesis.frozen = lambda dtype: g.synthesis
    renderer = Renderer(g)
    renderer.render(Recipe())
    for seed in (5, 6):
        ran.clear()
        renderer.render(Recipe().with_layer(4, LatentSource.from_seed(seed)))
    assert ran == [3, 4]


def test_broken_off_and_batched_pictures_are_the_same():
    wanted = Renderer(make()).render(EDITS[3]).pixels
    renderer = Renderer(make())
    left = iter([False, False, True])
    assert renderer.render(EDITS[3], cancelled=lambda: next(left, True)) is None
    np.testing.assert_array_equal(renderer.render(EDITS[3]).pixels, wanted)
    assert renderer.preview_resolution(EDITS[4], 0.001) is None
    batch = renderer.render_batch(EDITS, batch=3)
    assert batch.shape == (len(EDITS), 16, 16, 3)
    assert np.abs(batch[3].astype(int) - wanted[..., 2::-1]).max() <= 1


def test_a_transform_is_the_picture_of_a_network_that_was_moved():
    g = make().eval()
    recipe = Recipe(transform=Transform(0.2, -0.1, 30.0))
    renderer = Renderer(copy.deepcopy(g))
    still = renderer.render_float(Recipe())
    moved = renderer.render_float(recipe)
    assert torch.equal(renderer.generator.synthesis.input.transform, torch.eye(3))
    g.set_transform((0.2, -0.1), 30.0)
    np.testing.assert_allclose(moved, Renderer(g).render_float(Recipe()), atol=1e-5)
    assert np.abs(moved - still).max() > 0.01
    np.testing.assert_array_equal(renderer.render_float(Recipe()), still)


def test_each_picture_of_a_batch_has_its_own_transform():
    renderer = Renderer(make())
    recipes = [replace(Recipe(), transform=Transform(0.1 * i, 0, 20 * i)) for i in range(4)]
    batch = renderer.render_batch(recipes, batch=4)
    for recipe, pixels in zip(recipes, batch, strict=True):
        one = renderer.render(recipe).pixels[..., 2::-1]
        assert np.abs(one.astype(int) - pixels).max() <= 1
    assert len({pixels.tobytes() for pixels in batch}) == 4


def test_new_weights_show():
    renderer = Renderer(make())
    before = renderer.render(Recipe()).pixels.copy()
    other = make(seed=7)
    renderer.load_weights(take_snapshot(other, other.spec, "run", 1.0, 1))
    after = renderer.render(Recipe()).pixels
    np.testing.assert_array_equal(after, Renderer(make(seed=7)).render(Recipe()).pixels)
    assert not np.array_equal(before, after)


def test_noise_settings_change_nothing():
    renderer = Renderer(make())
    still = renderer.render_float(Recipe())
    for mode in ("none", "random"):
        recipe = replace(Recipe(), noise_mode=mode, noise_seed=3)
        np.testing.assert_array_equal(renderer.render_float(recipe), still)
