import pytest
import torch

from latent_studio.errors import OptionError
from latent_studio.latent.mixing import (
    group_layers,
    layer_groups,
    mix_layers,
    parse_layers,
    with_layers,
)
from latent_studio.recipe import LatentSource, Recipe


@pytest.mark.parametrize("num_ws", range(1, 19))
def test_groups_part_the_layers(num_ws):
    groups = layer_groups(num_ws)
    assert [n for layers in groups.values() for n in layers] == list(range(num_ws))
    assert num_ws < 3 or all(len(layers) for layers in groups.values())


def test_groups_of_the_paper():
    assert [next(iter(layers)) for layers in layer_groups(18).values()] == [0, 4, 8]


def test_strengths():
    ws = torch.zeros(1, 3, 2)
    other = torch.ones(1, 3, 2)
    mixed = mix_layers(ws, [(0, 0.25), (2, 1.0)], [other, other])
    assert mixed[0, :, 0].tolist() == [0.25, 0, 1]
    assert ws.sum() == 0
    twice = mix_layers(ws, [(0, 0.5), (0, 0.5)], [other, other])
    assert twice[0, 0, 0] == 0.75
    assert mix_layers(ws, [(0, 2.0)], [other])[0, 0, 0] == 2


def test_parse_layers():
    assert parse_layers("0-3", 10) == (0, 1, 2, 3)
    assert parse_layers(" 7, 0,2-3 ", 10) == (0, 2, 3, 7)
    assert parse_layers("coarse,9", 10) == (0, 1, 2, 3, 9)


@pytest.mark.parametrize("text", ["", "x", "3-1", "10", "0-10", "-1", "1-", "1-2-3", "1.5"])
def test_bad_layers(text):
    with pytest.raises(OptionError):
        parse_layers(text, 10)


def test_unknown_group():
    with pytest.raises(OptionError, match="coarse, middle, fine"):
        group_layers("huge", 10)


def test_with_layers_sets_and_gives_back():
    source = LatentSource.from_seed(3)
    recipe = with_layers(Recipe(), (1, 0), source, 0.5)
    assert [(m.layer, m.strength) for m in recipe.mixing] == [(0, 0.5), (1, 0.5)]
    assert with_layers(recipe, range(2), None) == Recipe()
