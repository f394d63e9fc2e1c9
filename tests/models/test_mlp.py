"""The classic dense networks."""

import pytest
import torch

from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator

SIZES = {"resolution": 8, "channels": 1, "z_dim": 16, "hidden": [24, 32]}


def test_pictures_of_a_fresh_normalised_generator_differ() -> None:
    z = torch.randn(64, 16, generator=torch.Generator().manual_seed(0))
    spreads = []
    for batch_norm in (False, True):
        generator = build_generator(ModelSpec("mlp", {**SIZES, "batch_norm": batch_norm}))
        with torch.no_grad():
            spreads.append(float(generator.train()(z).std(dim=0).mean()))
    assert spreads[1] > 2 * spreads[0]


def test_a_normalised_layer_does_not_see_scale_while_training_and_keeps_it_afterwards() -> None:
    generator = build_generator(ModelSpec("mlp", {**SIZES, "batch_norm": True})).train()
    z = torch.randn(32, 16, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        before = generator(z)
        generator.layers[0].weight.mul_(5)
        torch.testing.assert_close(generator(z), before, rtol=1e-3, atol=1e-4)
        alone = generator.eval()(z[:1])
        torch.testing.assert_close(generator(z)[:1], alone)


def test_files_from_before_the_option_open() -> None:
    generator = build_generator(ModelSpec("mlp", SIZES))
    assert generator.spec.config["batch_norm"] is False
    assert not any("norms" in name for name in generator.state_dict())


@pytest.mark.parametrize("batch_norm", [False, True])
def test_pictures_are_in_range_and_of_the_asked_size(batch_norm: bool) -> None:
    generator = build_generator(ModelSpec("mlp", {**SIZES, "batch_norm": batch_norm}))
    with torch.no_grad():
        pictures = generator.eval()(
            10 * torch.randn(3, 16, generator=torch.Generator().manual_seed(2))
        )
    assert pictures.shape == (3, 1, 8, 8)
    assert pictures.abs().max() <= 1
