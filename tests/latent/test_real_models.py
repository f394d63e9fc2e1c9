"""The resolver and the components with the program's own networks, made tiny."""

import os
from pathlib import Path

import pytest
import torch

from latent_studio.latent.classifier_training import ClassifierSettings, train_classifier
from latent_studio.latent.noise import noise_input
from latent_studio.latent.pca import principal_components
from latent_studio.latent.population import pictures_of
from latent_studio.latent.resolve import LatentResolver
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.recipe import LatentSource, LayerMix, Recipe

STYLEGAN2 = ModelSpec(
    "stylegan2",
    {
        "z_dim": 16,
        "c_dim": 2,
        "w_dim": 16,
        "img_resolution": 16,
        "channel_base": 64,
        "channel_max": 8,
        "mapping_kwargs": {"num_layers": 2},
    },
)
PLAIN = [
    ModelSpec("mlp", {"resolution": 8, "channels": 1, "z_dim": 12}),
    ModelSpec("dcgan", {"resolution": 16, "channels": 3, "z_dim": 12, "base_channels": 4}),
]


def test_stylegan2_resolves_and_renders():
    generator = build_generator(STYLEGAN2).eval()
    directions = principal_components(generator, samples=200, count=3)
    resolver = LatentResolver(generator, directions)
    recipe = Recipe.from_seed(
        3, psi=0.7, cutoff=2, label=1, mixing=(LayerMix(3, LatentSource.from_seed(4), 0.5),)
    ).with_direction("PC 1", 2.0)
    assert resolver.warnings(recipe) == []
    ws = resolver.many([recipe, Recipe(label=0)])
    (pictures,) = pictures_of(generator, ws, None)
    assert pictures.shape == (2, 3, 16, 16) and pictures.isfinite().all()
    torch.testing.assert_close(ws[:1], resolver.ws(recipe))


def test_random_noise_fits_stylegan2():
    generator = build_generator(STYLEGAN2).eval()
    ws = LatentResolver(generator).ws(Recipe())
    shapes = generator.synthesis.noise_shapes
    noises = [noise_input(Recipe(noise_mode="random", noise_seed=s), shapes) for s in (1, 1, 2)]
    with torch.no_grad():
        first, again, other = (generator.synthesis(ws, noise) for noise in noises)
    assert torch.equal(first, again)
    assert other.shape == first.shape


@pytest.mark.parametrize("spec", PLAIN, ids=lambda spec: spec.architecture)
def test_models_without_w_have_components_and_pictures(spec):
    generator = build_generator(spec).eval()
    directions = principal_components(generator, samples=256, count=4)
    assert len(directions) == 4 and all(d.space == "z" and d.dim == 12 for d in directions)
    resolver = LatentResolver(generator, directions)
    recipes = [Recipe.from_seed(1), Recipe.from_seed(1).with_direction("PC 1", 2.0)]
    pictures = torch.cat(list(pictures_of(generator, resolver.many(recipes), None, batch=1)))
    assert not torch.equal(pictures[0], pictures[1])


@pytest.mark.data
def test_smiles_of_real_photographs_are_learnt():
    folder = os.environ.get("LATENT_STUDIO_DATA")
    if not folder:
        pytest.skip("LATENT_STUDIO_DATA does not name the folder of the photographs")
    from latent_studio.data.dataset import open_dataset

    dataset = open_dataset(Path(folder) / "lfw-faces-64.zip", resolution=32, limit=1500)
    settings = ClassifierSettings(epochs=6, batch=32)
    _, report = train_classifier(dataset, ["smiling"], settings=settings)
    assert report.accuracy["smiling"] > 0.7, report
