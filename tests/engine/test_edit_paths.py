"""Whatever was shown before, a picture is that of a renderer that was not used before."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from latent_studio.engine.renderer import Renderer
from latent_studio.latent.directions import Direction
from latent_studio.models.base import Generator, ModelSpec, NoiseInput
from latent_studio.models.registry import build_generator
from latent_studio.recipe import LatentSource, Recipe, Transform

Make = Callable[..., Generator]
Edits = st.SearchStrategy[Callable[[Recipe], Recipe]]
ARCHITECTURES = ("skip", "resnet", "orig")
NETWORKS = ("conditional skip", "resnet", "orig", "stylegan3", "plain")

seeds = st.integers(0, 3)
amounts = st.sampled_from([-1.5, 0.0, 0.5, 2.0])
steps_of_8 = st.integers(0, 7)


def put(**values: st.SearchStrategy[Any]) -> Edits:
    """An edit that sets fields."""
    return st.fixed_dictionaries(values).map(lambda found: lambda r: replace(r, **found))


def offset(space: Any) -> Edits:
    return st.builds(lambda i, a: lambda r: r.with_offset(space, i, a), steps_of_8, amounts)


anywhere = [put(source=seeds.map(LatentSource.from_seed)), offset("z")]
styles = [
    put(psi=st.sampled_from([0.0, 0.5, 1.0])),
    put(psi=st.just(0.5), cutoff=st.sampled_from([None, 0, 3, 7])),
    offset("w"),
    st.builds(
        lambda n, a, f: lambda r: r.with_direction(n, a, f),
        st.sampled_from(["smile", "late"]),
        amounts,
        st.integers(0, 8),
    ),
    # StyleGAN3 of this size has fewer rows
    st.builds(
        lambda layer, s, a: lambda r: r.with_layer(layer, LatentSource.from_seed(s), a),
        st.integers(0, 5),
        seeds,
        st.sampled_from([0.3, 1.0]),
    ),
    st.builds(lambda layer: lambda r: r.with_layer(layer, None), st.integers(0, 5)),
]
noises = [
    put(
        noise_mode=st.sampled_from(["const", "random", "none"]),
        noise_seed=seeds,
        noise_strength=st.sampled_from([0.5, 1.0]),
    ),
    st.builds(
        lambda layer, f: lambda r: r.with_noise_layer(layer, f),
        st.integers(0, 6),
        st.sampled_from([0.0, 1.0, 3.0]),
    ),
]
late_layers = [
    st.builds(
        lambda layer, s: lambda r: r.with_layer(layer, LatentSource.from_seed(s), 0.6),
        st.integers(6, 7),
        seeds,
    )
]
classes = [put(label=st.sampled_from([None, 0, 1, (0.25, 0.75)]))]
moves = [
    put(
        transform=st.builds(
            Transform, st.sampled_from([0.0, 0.1]), st.just(0.0), st.sampled_from([0.0, 30.0])
        )
    )
]
styled_edits = [*anywhere, *styles, *noises, *late_layers]
EDITS: dict[str, Edits] = {
    **{name: st.one_of(styled_edits) for name in ("resnet", "orig")},
    "conditional skip": st.one_of(*styled_edits, *classes),
    "stylegan3": st.one_of(*anywhere, *styles, *moves),
    "plain": st.one_of(*anywhere),
}
# How a frame is asked for: in full, as a preview, broken off, or in full in steps; or what else
# people look at between frames.
manners = st.sampled_from(
    ["full", "preview8", "preview16", "cut", "steps", "batch", "activations0", "activations2"]
)
limits = st.sampled_from([2**28, 1500])


@pytest.fixture(scope="module")
def networks(styled: Make) -> dict[str, Generator]:
    tiny = {"z_dim": 8, "w_dim": 8, "img_resolution": 16, "num_layers": 4}
    movable = ModelSpec("stylegan3", {**tiny, "channel_base": 256, "channel_max": 8})
    plain = ModelSpec("dcgan", {"resolution": 32, "z_dim": 8, "base_channels": 4})
    random = torch.Generator().manual_seed(0)
    return {
        **{name: styled(architecture=name) for name in ("resnet", "orig")},
        "conditional skip": styled(c_dim=2),
        "stylegan3": build_generator(movable, random),
        "plain": build_generator(plain, random),
    }


def show(renderer: Renderer, recipe: Recipe, manner: str) -> np.ndarray | None:
    """Ask for a frame; its pixels, if it comes in full."""
    if manner.startswith("preview"):
        renderer.render(recipe, max_resolution=int(manner.removeprefix("preview")))
        return None
    if manner == "cut":
        left = iter([False, True])
        renderer.render(recipe, cancelled=lambda: next(left, True))
        return None
    frame = renderer.render(recipe, cancelled=(lambda: False) if manner == "steps" else None)
    assert frame is not None
    return frame.pixels


def check(renderer: Renderer, fresh: Renderer, recipe: Recipe, manner: str) -> None:
    """Compare what is shown in one manner."""
    if manner == "batch":
        got, wanted = renderer.render_batch([recipe] * 2), fresh.render(recipe).rgb()
        # Products of other shapes round in other ways.
        assert np.abs(got.astype(int) - wanted[None]).max() <= 1
    elif manner.startswith("activations"):
        block = int(manner.removeprefix("activations"))
        both = (each.activations(recipe, block) for each in (renderer, fresh))
        np.testing.assert_array_equal(*both)
    else:
        shown = show(renderer, recipe, manner)
        if shown is not None:
            np.testing.assert_array_equal(shown, fresh.render(recipe).pixels)


@pytest.mark.parametrize("name", NETWORKS)
@settings(max_examples=12)
@given(data=st.data(), ways=st.lists(manners, min_size=2, max_size=8), limit=limits)
def test_any_path_of_edits_ends_in_the_picture_of_a_fresh_renderer(
    name: str,
    data: st.DataObject,
    ways: list[str],
    limit: int,
    networks: dict[str, Generator],
    directions: list[Direction],
) -> None:
    generator = networks[name]
    named = directions if generator.capabilities.has_w else ()
    renderer, recipe = Renderer(generator, named, "cpu"), Recipe()
    if renderer._synthesis is not None:
        renderer._synthesis._cache.limit = limit
    for manner in ways:
        recipe = data.draw(EDITS[name])(recipe)
        check(renderer, Renderer(generator, named, "cpu"), recipe, manner)
    fresh = Renderer(generator, named, "cpu")
    np.testing.assert_array_equal(renderer.render_float(recipe), fresh.render_float(recipe))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_pair_of_layers_edited_in_turn(architecture: str, styled: Make) -> None:
    generator = styled(architecture=architecture)
    fresh = Renderer(generator, (), "cpu")
    source = LatentSource.from_seed(2)
    for first in range(8):
        for second in range(8):
            renderer = Renderer(generator, (), "cpu")
            dragged = Recipe().with_layer(first, source, 0.5)
            for recipe in (Recipe(), dragged, dragged.with_layer(first, source)):
                renderer.render(recipe)
            last = dragged.with_layer(second, source, 0.8)
            ws = fresh.resolver.ws(last)
            wanted = fresh.backend.run(ws, NoiseInput()).img.numpy()
            np.testing.assert_array_equal(renderer.render_float(last), wanted)


@pytest.mark.parametrize("limit", [0, 800, 3000, 8000])
def test_little_memory_for_activations_costs_time_only(styled: Make, limit: int) -> None:
    generator = styled()
    renderer, fresh = Renderer(generator, (), "cpu"), Renderer(generator, (), "cpu")
    assert renderer._synthesis is not None
    cache = renderer._synthesis._cache
    cache.limit = limit
    kept: list[int] = []
    source, recipe = LatentSource.from_seed(2), Recipe()
    for layer in (7, 7, 4, 6, 0, 2, 7):
        for strength in (0.3, 0.6, 0.9):
            recipe = recipe.with_layer(layer, source, strength)
            for manner in ("preview8", "cut", "steps"):
                shown = show(renderer, recipe, manner)
                kept.append(cache.kept_bytes)
            ws = fresh.resolver.ws(recipe)
            assert shown is not None
            wanted = fresh.backend.run(ws, NoiseInput()).img
            np.testing.assert_array_equal(renderer.render_float(recipe), wanted.numpy())
    assert max(kept) <= limit and (max(kept) > 0) == (limit > 0)
    for strength in (0.1, 0.2, 0.3):
        renderer.render(recipe.with_layer(7, source, strength))
    # A cut that is too large for the limit gives way to an earlier one.
    assert cache.boundary == {0: None, 800: 0, 3000: 1, 8000: 2}[limit]
