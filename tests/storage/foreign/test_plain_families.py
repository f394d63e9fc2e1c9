"""State dicts of our own architectures, without settings beside them."""

import json

import pytest
import torch
from foreign_files import check_same, lively

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import architectures, build_discriminator
from latent_studio.storage.foreign.entrance import describe, open_model, open_networks
from latent_studio.storage.model_file import load_generator

pytestmark = pytest.mark.usefixtures("one_thread")

MLP = {"resolution": 12, "channels": 1, "z_dim": 8, "hidden": [16, 12]}
DCGAN = {"resolution": 16, "channels": 3, "z_dim": 8, "base_channels": 4}
EMBEDDED = {"classes": 3, "conditioning": "embedding", "embed_dim": 5}
GROWN = {"z_dim": 8, "img_resolution": 16, "channel_base": 128, "channel_max": 16}
STYLED = {"w_dim": 8, "mapping_kwargs": {"num_layers": 2}, **GROWN}
R3GAN = {"resolution": 16, "z_dim": 8, "channel_base": 128, "channel_max": 16, "group_size": 4}
NETWORKS = {
    "mlp": [
        MLP,
        {**MLP, "channels": 3, "batch_norm": True},
        {**MLP, **EMBEDDED},
        {**MLP, "hidden": []},
    ],
    "dcgan": [
        DCGAN,
        {**DCGAN, **EMBEDDED, "channels": 1},
        {**DCGAN, "resolution": 8},
        {**DCGAN, "resolution": 64, "base_channels": 3, "max_channels": 7},
    ],
    "pggan": [
        GROWN,
        {**GROWN, "img_resolution": 4, "img_channels": 1},
        {**GROWN, "widths": [8, 12, 5]},
    ],
    "stylegan1": [
        STYLED,
        {**STYLED, "c_dim": 3, "w_dim": 12, "use_noise": False},
        {**STYLED, "mapping_kwargs": {"num_layers": 3, "layer_features": 6}, "img_channels": 1},
        {**STYLED, "c_dim": 2, "mapping_kwargs": {"num_layers": 1, "embed_features": 5}},
    ],
    "stylegan2": [STYLED, {**STYLED, "c_dim": 3, "architecture": "resnet"}],
    "stylegan3": [
        {**STYLED, "num_layers": 4},
        {**STYLED, "num_layers": 4, "c_dim": 3, "conv_kernel": 1, "use_radial_filters": True},
    ],
    "r3gan": [
        R3GAN,
        {**R3GAN, "classes": 3, "embed_dim": 5, "expansion": 3},
        {**R3GAN, "classes": 2, "blocks": [0, 2, 1], "channels": 1},
        {**R3GAN, "widths": [8, 8, 12], "blocks": [1, 0, 0], "group_size": 8},
    ],
    "biggan-deep": [
        {
            "output_dim": 8,
            "z_dim": 8,
            "channel_width": 4,
            "num_classes": 3,
            "layers": [[False, 16, 8], [True, 8, 1]],
            "attention_layer_position": 1,
            "n_stats": 3,
        }
    ],
}
TRAINED = ("mlp", "dcgan", "pggan", "stylegan1", "r3gan")


def saved(path, state, kind, saved_by_torch):
    from safetensors.torch import save

    path.write_bytes(save(state) if kind == "safetensors" else saved_by_torch(state))
    return path


@pytest.mark.parametrize("kind", ["pt", "safetensors"])
@pytest.mark.parametrize(
    ("name", "index"),
    [(name, index) for name in architectures() for index in range(len(NETWORKS[name]))],
)
def test_every_architecture_opens(tmp_path, saved_by_torch, name, index, kind):
    generator = lively(name, NETWORKS[name][index])
    path = saved(tmp_path / f"a.{kind}", generator.state_dict(), kind, saved_by_torch)
    bundle = open_model(path)
    assert bundle.spec.architecture == name
    found = load_generator(bundle)
    assert found.capabilities == generator.capabilities
    check_same(generator, found, generator.capabilities.classes)
    assert "usual" in bundle.card["notes"][0]


@pytest.mark.parametrize("name", TRAINED)
def test_the_averaged_one_among_several(tmp_path, saved_by_torch, name):
    """The discriminator's names do not make it a generator."""
    average, raw = (lively(name, NETWORKS[name][0]) for _ in range(2))
    with torch.no_grad():
        next(raw.parameters()).add_(1)
    settings = {k: v for k, v in NETWORKS[name][0].items() if k in ("resolution", "channels")}
    judge = build_discriminator(ModelSpec(name, settings))
    content = {"D": judge, "G": raw, "G_ema": average}
    path = tmp_path / "a.pt"
    path.write_bytes(saved_by_torch({key: net.state_dict() for key, net in content.items()}))
    found = open_networks(path)
    first = next(iter(average.state_dict()))
    assert torch.equal(found.average[first], average.state_dict()[first])
    assert torch.equal(found.generator[first], raw.state_dict()[first])
    assert describe(path)["network"] == "G_ema"


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("mlp", {**MLP, "classes": 3}),
        ("dcgan", {**DCGAN, "classes": 3}),
        ("pggan", {**GROWN, "c_dim": 3, "leak": 0.1, "output": "tanh", "pixel_norm": False}),
        ("stylegan1", {**STYLED, "separate_blur": True}),
        ("r3gan", {**R3GAN, "resample_filter": [1, 3, 3, 1]}),
    ],
)
def test_settings_beside_it_are_used(tmp_path, saved_by_torch, name, settings):
    """Those that shapes do not tell; without them a one-hot class is a part of z."""
    generator = lively(name, settings)
    path = tmp_path / "pytorch_model.bin"
    path.write_bytes(saved_by_torch(generator.state_dict()))
    without = load_generator(open_model(path)).capabilities
    classes = generator.capabilities.classes
    assert without.z_dim == 8 + classes and without.classes == 0
    (tmp_path / "config.json").write_text(json.dumps(settings), encoding="utf-8")
    check_same(generator, load_generator(open_model(tmp_path)), classes)


def test_others_with_such_names_are_unknown_or_damaged(tmp_path, saved_by_torch):
    path = tmp_path / "a.pt"
    classifier = {"layers.0.weight": torch.zeros(10, 4), "layers.0.bias": torch.zeros(10)}
    attentive = {**lively("mlp", MLP).state_dict(), "layers.0.attention.weight": torch.zeros(2)}
    odd = lively("dcgan", DCGAN).state_dict() | {"stem.weight": torch.zeros(8, 9, 4, 4)}
    small = {**lively("r3gan", R3GAN).state_dict(), "b4096.blocks.0.conv0.weight": torch.zeros(1)}
    for state, said in [
        (classifier, "no architecture that this program knows"),
        (attentive, "no architecture that this program knows"),
        (odd, r"channels, \[9, 4\], do not halve"),
        (small, "r3gan generator"),
    ]:
        path.write_bytes(saved_by_torch(state))
        with pytest.raises(ModelError, match=said):
            open_model(path)
