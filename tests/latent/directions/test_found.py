"""SeFa, style channels, differences and conditional directions on a tiny StyleGAN2."""

import numpy as np
import pytest
import torch

from latent_studio.errors import Cancelled, OptionError
from latent_studio.latent.classifier import AttributeClassifier
from latent_studio.latent.direction import Direction
from latent_studio.latent.directions import (
    channel_directions,
    conditional_direction,
    difference_direction,
    sefa_directions,
)
from latent_studio.latent.resolve import LatentResolver
from latent_studio.mailbox import StopToken
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.models.style_space import StyleSpace
from latent_studio.recipe import LatentSource, LayerMix, Recipe

SPEC = ModelSpec(
    "stylegan2",
    {"z_dim": 12, "w_dim": 12, "img_resolution": 16, "channel_base": 64, "channel_max": 8},
)


@pytest.fixture(scope="module")
def generator():
    return build_generator(SPEC, torch.Generator().manual_seed(0)).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def space(generator):
    return StyleSpace(generator.synthesis)


class Brightness(AttributeClassifier):
    """Says ``bright`` by the mean of the picture."""

    def __init__(self):
        super().__init__(["dark", "bright"], 3, 16, torch.Generator().manual_seed(0))

    def forward(self, pictures):
        mean = pictures.mean(dim=(1, 2, 3))
        return torch.stack([-mean, mean], dim=1)


# -- SeFa -----------------------------------------------------------------------------------------


def test_no_direction_changes_the_styles_of_its_layers_more(generator, space):
    first, second = sefa_directions(generator, 2, "middle", samples=200)
    rows = range(first.first, first.last)
    chosen = [a for a in space.layers if a.row in rows and a.kind == "features"]
    channels = np.concatenate([np.arange(a.start, a.start + a.size) for a in chosen])

    def change(vector):
        step = torch.tensor(np.asarray(vector, np.float32)).expand(1, 6, 12)
        with torch.no_grad():
            styles = space.styles(step) - space.styles(torch.zeros(1, 6, 12))
        return float(styles[0, channels].norm())

    draw = np.random.default_rng(0)
    others = [draw.normal(size=12) for _ in range(200)]
    most = max(change(other / np.linalg.norm(other)) for other in others)
    assert change(first.vector) > most and change(first.vector) > change(second.vector)
    assert abs(first.vector @ second.vector) < 1e-5
    assert first.name == "SeFa middle 1" and first.kind == "sefa"
    assert first.info["share"] > second.info["share"] > 0


def test_each_group_gets_its_own(generator):
    found = sefa_directions(generator, 1, samples=200)
    assert [(d.info["group"], d.first, d.last) for d in found] == [
        ("coarse", 0, 2),
        ("middle", 2, 4),
        ("fine", 4, None),
    ]
    (everywhere,) = sefa_directions(generator, 1, "all", samples=200)
    assert (everywhere.first, everywhere.last) == (0, None)
    assert len(sefa_directions(generator, 99, "fine", samples=200)) <= 12


def test_sigma_is_that_of_the_model(generator):
    (one,) = sefa_directions(generator, 1, "all", samples=2000)
    w = generator.mapping(torch.randn(2000, 12, generator=torch.Generator().manual_seed(5)))
    assert one.sigma == pytest.approx(float((w @ torch.tensor(one.vector)).std()), rel=0.1)


def test_models_without_styles_are_told(plain, styled, generator):
    for model in (plain, styled):
        with pytest.raises(OptionError, match="no styles"):
            sefa_directions(model)
        with pytest.raises(OptionError, match="no styles"):
            channel_directions(model)
    with pytest.raises(OptionError, match="coarse, middle, fine or all"):
        sefa_directions(generator, 1, "rough")


# -- style channels -------------------------------------------------------------------------------


def test_channels_are_ranked_by_the_change_they_make(generator, space):
    found = channel_directions(generator, 40, samples=16, psi=1.0)
    ws = generator.broadcast(
        generator.mapping(torch.randn(16, 12, generator=torch.Generator().manual_seed(0)))
    )

    def change(direction):
        small = torch.tensor(direction.vector[None] * direction.sigma * 0.05)
        with torch.no_grad():
            moved = space.pictures(ws, small) - space.pictures(ws, -small)
        return float(moved.square().mean().sqrt()) / 0.1

    measured = [change(direction) for direction in found]
    told = [direction.info["change"] for direction in found]
    assert told == sorted(told, reverse=True)
    assert np.corrcoef(measured, told)[0, 1] > 0.9
    assert measured[0] == pytest.approx(told[0], rel=0.5)
    assert found[0].space == "s" and found[0].dim == space.size and found[0].strength == 3


def test_channels_for_an_attribute_are_measured_and_turned(generator, space):
    judge = Brightness()
    found = channel_directions(generator, 5, judge=judge, attribute="bright", samples=16)
    effects = [direction.info["effect"] for direction in found]
    assert effects == sorted(effects, reverse=True) and effects[-1] > 0
    resolver = LatentResolver(generator, found)
    for direction in found:
        pictures = []
        for amount in (-1.0, 1.0):
            recipe = Recipe.from_seed(3).with_direction(direction.name, amount)
            shift = resolver.style_shift(recipe)
            with torch.no_grad():
                pictures.append(float(space.pictures(resolver.ws(recipe), shift).mean()))
        assert pictures[1] > pictures[0]
    only = channel_directions(generator, 3, "fine", samples=8)
    assert all(direction.info["layer"].startswith(("b16.conv1", "b16.torgb")) for direction in only)


def test_channels_refuse_what_the_judge_does_not_know(generator):
    with pytest.raises(OptionError, match="dark, bright"):
        channel_directions(generator, judge=Brightness(), attribute="age")
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        channel_directions(generator, samples=8, token=token)


# -- differences ----------------------------------------------------------------------------------


def pictures(generator, resolver, recipe):
    ws, shift = resolver.ws(recipe), resolver.style_shift(recipe)
    with torch.no_grad():
        if shift is None:
            return generator.synthesis(ws)
        return StyleSpace(generator.synthesis).pictures(ws, shift)


@pytest.mark.parametrize(
    ("end", "space"),
    [
        (Recipe.from_seed(7, psi=0.7), "w"),
        (Recipe.from_seed(7, psi=0.5, cutoff=3), "w+"),
        (Recipe(mixing=(LayerMix(2, LatentSource.from_seed(9)),), psi=0.7), "w+"),
        (Recipe.from_seed(7, psi=0.7).with_direction("channel", 2.0), "s"),
    ],
)
def test_one_goes_from_a_to_b(generator, end, space):
    (channel,) = channel_directions(generator, 1, samples=8)
    known = [Direction("channel", channel.vector, channel.sigma, "channel", "s")]
    start = Recipe.from_seed(3, psi=0.7)
    found = difference_direction(generator, known, start, end, "way", samples=200)
    assert (found.space, found.kind) == (space, "difference")
    resolver = LatentResolver(generator, [*known, found])
    there = pictures(generator, resolver, start.with_direction("way", 1.0))
    torch.testing.assert_close(there, pictures(generator, resolver, end), atol=2e-3, rtol=1e-3)


def test_no_difference_is_an_error(generator):
    same = Recipe.from_seed(3)
    with pytest.raises(OptionError, match="same latent"):
        difference_direction(generator, [], same, same, "nothing")


def test_without_w_the_difference_is_in_z(plain):
    start, end = Recipe.from_seed(1), Recipe.from_seed(2)
    found = difference_direction(plain, [], start, end, "way", samples=100)
    resolver = LatentResolver(plain, [found])
    assert found.space == "z"
    torch.testing.assert_close(
        resolver.z(start.with_direction("way", 1.0)), resolver.z(end), atol=1e-5, rtol=1e-5
    )


# -- conditional ----------------------------------------------------------------------------------


def test_a_conditional_direction_keeps_the_others(generator):
    draw = np.random.default_rng(0)
    smile, gender, age = (
        Direction(name, draw.normal(size=12), 1.0, "attribute")
        for name in ("smile", "gender", "age")
    )
    found = conditional_direction(generator, smile, [gender, age], samples=300)
    assert abs(found.vector @ gender.vector) < 1e-5 and abs(found.vector @ age.vector) < 1e-5
    assert found.vector @ smile.vector > 0.5
    assert found.name == "smile (keeps gender, age)" and found.info["keeps"] == ["gender", "age"]
    assert found.sigma != 1.0
    with pytest.raises(OptionError, match="at least one other"):
        conditional_direction(generator, smile, [smile])
    style = Direction("s", np.ones(5), 1.0, "channel", "s")
    with pytest.raises(OptionError, match="in s"):
        conditional_direction(generator, smile, [style])
