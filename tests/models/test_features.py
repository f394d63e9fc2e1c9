"""Features of discriminators and of LPIPS."""

import pytest
import torch

from latent_studio.errors import ModelError
from latent_studio.models.base import ModelSpec
from latent_studio.models.features import _VGG_CONVS, _VGG_WIDTHS, DiscriminatorFeatures, Lpips
from latent_studio.models.registry import build_discriminator


def vgg(prefix: str) -> dict[str, torch.Tensor]:
    draw = torch.Generator().manual_seed(0)
    weights, channels = {}, 3
    for slice_, indices in enumerate(_VGG_CONVS):
        for index in indices:
            name = prefix.format(slice=slice_ + 1, index=index)
            width = _VGG_WIDTHS[slice_]
            values = torch.randn(width, channels, 3, 3, generator=draw) / (3 * channels**0.5)
            weights[f"{name}.weight"], weights[f"{name}.bias"] = values, torch.zeros(width)
            channels = width
    return weights


@pytest.fixture(scope="module")
def picture():
    return torch.rand(1, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1


@pytest.mark.parametrize(
    ("architecture", "config"),
    [
        ("stylegan2", {"img_resolution": 16, "channel_base": 64, "channel_max": 8}),
        ("stylegan2", {"img_resolution": 16, "channel_base": 64, "channel_max": 8, "c_dim": 2}),
        ("dcgan", {"resolution": 16, "channels": 3}),
    ],
)
def test_a_discriminator_gives_maps_with_gradients(picture, architecture, config) -> None:
    network = build_discriminator(ModelSpec(architecture, config))
    c = torch.eye(2)[:1] if config.get("c_dim") else None
    features = DiscriminatorFeatures(network, c)
    images = picture.clone().requires_grad_(True)
    maps = features(images)
    assert len(maps) >= 2 and all(m.ndim == 4 for m in maps)
    assert torch.allclose(maps[0].square().sum(1), torch.ones(1), atol=1e-3)
    sum(m.sum() for m in maps).backward()
    assert float(images.grad.abs().sum()) > 0
    assert not any(p.requires_grad for p in network.parameters())
    assert not any(part._forward_hooks for part in network.modules())


def test_lpips_weighs_channels(picture) -> None:
    weights = vgg("net.slice{slice}.{index}")
    even = Lpips(weights)
    other = picture.flip(3)

    def distance(network):
        return [
            float((a - b).square().sum(1).mean())
            for a, b in zip(network(picture), network(other), strict=True)
        ]

    assert all(value > 0 for value in distance(even))
    twice = {
        f"lin{i}.model.1.weight": torch.full((1, w, 1, 1), 2.0) for i, w in enumerate(_VGG_WIDTHS)
    }
    assert distance(Lpips({**weights, **twice})) == pytest.approx([2 * v for v in distance(even)])
    assert distance(Lpips(vgg("features.{index}"))) == pytest.approx(distance(even))


def test_other_weights_are_refused() -> None:
    with pytest.raises(ModelError, match="layer 0 is missing"):
        Lpips({})
    weights = vgg("features.{index}")
    weights["features.28.weight"] = torch.zeros(4, 512, 3, 3)
    with pytest.raises(ModelError, match="Layer 28"):
        Lpips(weights)
