"""Directions in the style channels, rendered."""

import numpy as np
import pytest
import torch

from latent_studio.engine.backends.torch_eager import TorchEager
from latent_studio.engine.renderer import Renderer
from latent_studio.latent.direction import Direction
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.models.style_space import StyleSpace
from latent_studio.recipe import Recipe

SPEC = ModelSpec(
    "stylegan2",
    {"z_dim": 8, "w_dim": 8, "img_resolution": 32, "channel_base": 128, "channel_max": 8},
)


@pytest.fixture(scope="module")
def generator():
    return build_generator(SPEC, torch.Generator().manual_seed(0)).eval()


@pytest.fixture(scope="module")
def directions(generator):
    space = StyleSpace(generator.synthesis)
    late = np.zeros(space.size)
    late[space.layers[-2].start] = 1  # the last convolution
    broad = np.random.default_rng(0).normal(size=space.size)
    return [
        Direction("late", late, 2.0, "channel", "s"),
        Direction("broad", broad, 1.0, "channel", "s"),
    ]


@pytest.fixture
def renderer(generator, directions):
    return Renderer(generator, directions, "cpu")


def picture(generator, recipe, shift):
    from latent_studio.latent.resolve import LatentResolver

    with torch.no_grad():
        ws = LatentResolver(generator).ws(recipe)
        return StyleSpace(generator.synthesis).pictures(ws, shift).numpy()


def test_a_channel_moves_in_the_picture(renderer, generator, directions):
    base = Recipe.from_seed(3)
    shift = torch.tensor(1.5 * directions[0].step[None])
    got = renderer.render_float(base.with_direction("late", 1.5))
    np.testing.assert_allclose(got, picture(generator, base, shift), atol=1e-4)
    assert np.abs(got - renderer.render_float(base)).max() > 0.002


def test_layers_limit_it(renderer, generator, directions):
    base = Recipe.from_seed(3)
    space = StyleSpace(generator.synthesis)
    kept = np.repeat(
        [layer.row in (1, 2) for layer in space.layers], [layer.size for layer in space.layers]
    )
    shift = torch.tensor((directions[1].step * kept)[None])
    got = renderer.render_float(base.with_direction("broad", 1.0, 1, 3))
    np.testing.assert_allclose(got, picture(generator, base, shift), atol=1e-4)


def test_a_dragged_slider_gives_what_a_fresh_picture_gives(renderer, generator, directions):
    """Activations kept between frames are only used where they are right."""
    base = Recipe.from_seed(5)
    amounts = [("late", 0.5), ("late", 1.0), ("broad", 0.3), ("late", 0.0), ("late", 2.0)]
    recipe = base
    for name, amount in amounts:
        recipe = recipe.with_direction(name, amount)
        fresh = Renderer(generator, directions, "cpu").render_float(recipe)
        np.testing.assert_allclose(renderer.render_float(recipe), fresh, atol=1e-5)
    seeded = Recipe.from_seed(6).with_direction("late", 2.0)
    fresh = Renderer(generator, directions, "cpu").render_float(seeded)
    np.testing.assert_allclose(renderer.render_float(seeded), fresh, atol=1e-5)


def test_previews_and_batches_have_it_too(renderer):
    recipes = [Recipe.from_seed(s).with_direction("broad", a) for s, a in ((1, 0), (2, 1), (3, -1))]
    together = renderer.render_batch(recipes)
    for recipe, pixels in zip(recipes, together, strict=True):
        alone = renderer.render_batch([recipe])[0]
        assert np.abs(alone.astype(int) - pixels.astype(int)).max() <= 1
    small = renderer.render(recipes[1], max_resolution=16)
    assert small is not None and small.preview and small.pixels.shape[0] == 16


def test_a_frame_says_what_moved_its_styles(renderer, generator):
    """A graph has no styles to move: the network itself draws, and the status bar says so."""

    class Graph(TorchEager):
        label = "graph fp32"

    renderer.adopt(Graph(generator))
    base = Recipe.from_seed(1)
    assert renderer.render(base).backend == "graph fp32"
    assert renderer.render(base.with_direction("late", 1.0)).backend == "cpu fp32"
    assert renderer.render(base.with_direction("late", 0.0)).backend == "graph fp32"
