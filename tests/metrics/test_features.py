import numpy as np
import pytest
import torch

from latent_studio.errors import Cancelled, OptionError
from latent_studio.mailbox import StopToken
from latent_studio.metrics.features import (
    ClassExtractor,
    Extractor,
    RandomConvExtractor,
    as_colour,
    extract,
    random_weights,
    rectified,
    resized,
)

# Published numbers would change with it: a new network needs a new name.
DIGEST = "154f2f4b7eef57bbc2c523267ac96f9c"


@pytest.fixture(scope="module")
def network():
    return RandomConvExtractor()


def noise(count, channels=3, side=64, seed=0):
    draw = torch.Generator().manual_seed(seed)
    return torch.randint(0, 256, (count, channels, side, side), generator=draw, dtype=torch.uint8)


def test_is_the_same_network_everywhere(network):
    assert network.digest == DIGEST
    assert network.digest == RandomConvExtractor().digest != RandomConvExtractor(seed=1).digest
    assert isinstance(network, Extractor) and not isinstance(network, ClassExtractor)
    assert (network.kind, network.dims) == ("random", 64)
    assert "fid" not in network.name.lower() and "inception" not in network.name.lower()


def test_weights_do_not_touch_the_global_generator():
    before = torch.random.get_rng_state()
    weights = random_weights()
    assert torch.equal(before, torch.random.get_rng_state())
    for name, weight in weights.items():
        gain = 16 if name == "out" else 1
        assert weight.var().item() * weight[0].numel() == pytest.approx(gain, rel=0.2)
        assert weight.mean().abs().item() < 0.05


def test_features_are_known_numbers(network):
    found = network(noise(2))
    assert (found.shape, found.dtype, found.device.type) == ((2, 64), torch.float32, "cpu")
    assert found[0, :3].tolist() == pytest.approx([4.0499, 3.9546, 1.9685], abs=2e-3)


def test_a_batch_is_its_pictures(network):
    pictures = noise(5, side=32)
    torch.testing.assert_close(
        network(pictures), torch.cat([network(p[None]) for p in pictures]), rtol=1e-3, atol=1e-4
    )
    found = extract(network, pictures.numpy())
    torch.testing.assert_close(torch.from_numpy(found), network(pictures), rtol=1e-3, atol=1e-4)


def test_grey_pictures_are_colour_pictures(network):
    grey = noise(2, channels=1)
    assert torch.equal(network(grey), network(grey.expand(-1, 3, -1, -1)))
    with pytest.raises(OptionError, match="1 or 3 channels"):
        network(noise(1, channels=2))
    with pytest.raises(OptionError, match="uint8"):
        network(noise(1).float())


def test_sees_content_through_size(network):
    # One scene at 64 and at 128 pixels is nearer than another scene of 64.
    draw = torch.Generator().manual_seed(0)
    coarse = torch.rand(2, 3, 8, 8, generator=draw) * 255
    small, large = (resized(coarse, side).round().byte() for side in (64, 128))
    a, b = network(small)
    assert (a - network(large)[0]).norm() < 0.2 * (a - b).norm()


def test_resizing_does_not_alias():
    stripes = torch.zeros(1, 1, 128, 128)
    stripes[..., ::2] = 255
    assert resized(stripes, 64)[..., 2:-2].std() < 1
    assert resized(stripes, 128) is stripes
    assert as_colour(stripes).shape == (1, 3, 128, 128)


def test_rectifier_keeps_a_standard_normal():
    x = torch.randn(200_000, generator=torch.Generator().manual_seed(0))
    y = rectified(x)
    assert y.mean().item() == pytest.approx(0, abs=0.01)
    assert y.var().item() == pytest.approx(1, abs=0.02)


def test_stages_are_differently_coarse(network):
    shapes = [tuple(maps.shape[1:]) for maps in network.stages(noise(1).float())]
    assert shapes == [(16, 32, 32), (32, 16, 16), (64, 8, 8), (128, 4, 4)]


def test_extraction_stops_when_asked(network):
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        extract(network, np.zeros((2, 3, 16, 16), np.uint8), token=token)
