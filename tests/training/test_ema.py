import pytest
import torch
from tiny_runs import tiny_config

from latent_studio.models.base import StyledGenerator
from latent_studio.models.registry import build_generator
from latent_studio.training.ema import WeightAverage, draw_latents, ema_decay, refresh_statistics


def test_half_life() -> None:
    assert ema_decay(10**9, 1000, 1.0, None) == pytest.approx(0.5)
    assert ema_decay(10**9, 16, 5.0, 0.1) == pytest.approx(0.5 ** (16 / 5000))


def test_rampup_limits_the_half_life() -> None:
    assert ema_decay(1000, 100, 5.0, 0.1) == pytest.approx(0.5)
    assert ema_decay(50_000, 16, 5.0, 0.1) == pytest.approx(ema_decay(10**9, 16, 5.0, 0.1))
    assert ema_decay(1000, 100, 5.0, None) == pytest.approx(0.5 ** (100 / 5000))
    assert ema_decay(16, 16, 0.0, 0.1) == 0.0


def test_constant_source_is_approached_by_the_closed_form() -> None:
    source, average = torch.nn.Linear(3, 2), torch.nn.Linear(3, 2)
    ema = WeightAverage(source, average)
    start = average.weight.clone()
    for _ in range(7):
        ema.update(0.9)
    expected = source.weight + (start - source.weight) * 0.9**7
    torch.testing.assert_close(average.weight, expected)


def test_buffers_are_copied_but_measured_ones_left_alone() -> None:
    source = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    average = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    for network in (source, average):
        network.register_buffer("pattern", torch.randn(3))
    source[1].running_mean.fill_(5.0)
    WeightAverage(source, average).update(0.5)
    assert torch.equal(average.pattern, source.pattern)
    assert torch.equal(average[1].running_mean, torch.zeros(2))
    assert not average.training and source.training


def test_batch_norm_is_measured_for_the_present_weights() -> None:
    generator = build_generator(tiny_config("dcgan").generator)
    generator.eval()
    with torch.no_grad():
        generator.stem.weight.mul_(30)
    refresh_statistics(generator, seed=3)
    z, _ = draw_latents(generator, 256, torch.Generator().manual_seed(9))
    with torch.no_grad():
        x = generator.stem(z[:, :, None, None])
        y = generator.stem_norm(x)
    norm = generator.stem_norm
    assert not norm.training and norm.momentum == 0.1
    wanted = norm.weight.detach().abs()
    torch.testing.assert_close(y.std(dim=(0, 2, 3)), wanted, rtol=0.2, atol=0.05)


def test_centre_of_w_is_the_mean_of_w() -> None:
    generator = build_generator(tiny_config("stylegan2").generator)
    assert isinstance(generator, StyledGenerator)
    refresh_statistics(generator, seed=0)
    z, _ = draw_latents(generator, 20_000, torch.Generator().manual_seed(5))
    with torch.no_grad():
        mean = generator.mapping(z).mean(0)
    torch.testing.assert_close(generator.w_avg, mean, rtol=0, atol=0.05)


@pytest.mark.parametrize("architecture", ["dcgan", "stylegan2"])
def test_refreshing_depends_on_the_weights_alone(architecture: str) -> None:
    generator = build_generator(tiny_config(architecture).generator).eval()
    refresh_statistics(generator, seed=1)
    first = {name: value.clone() for name, value in generator.state_dict().items()}
    refresh_statistics(generator, seed=1)
    for name, value in generator.state_dict().items():
        assert torch.equal(first[name], value), name
