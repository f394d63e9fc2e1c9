"""Stages of progressively grown networks, and what of them is kept where."""

import copy
import pickle

import pytest
import torch
from torch import nn

from latent_studio.models.progressive import (
    Fade,
    Growth,
    Progressive,
    enlarge,
    fade_at,
    fade_reals,
    shrink,
)
from latent_studio.models.remembered import Remembered

SIZES = (4, 8, 16)


class Grown(Progressive):
    def __init__(self):
        super().__init__()
        self.scale = Growth(SIZES)

    @property
    def growth(self):
        return self.scale


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def test_the_integer_part_is_on_and_the_fraction_fades_in():
    assert fade_at(0, 3) == Fade(0, 0, 1.0)
    assert fade_at(0.25, 3) == Fade(0, 1, 0.25)
    assert fade_at(1, 3) == Fade(1, 1, 1.0)
    assert fade_at(1.5, 3) == Fade(1, 2, 0.5)
    assert fade_at(2, 3) == Fade(2, 2, 1.0)
    assert fade_at(1 + 1e-12, 3).steady, "less than the buffer can hold"


@pytest.mark.parametrize("progress", [-0.1, 2.1, float("nan"), float("inf")])
def test_positions_off_the_scale_are_refused(progress):
    with pytest.raises(ValueError, match="within 0 and 2"):
        fade_at(progress, 3)
    network = Grown()
    with pytest.raises(ValueError, match="within 0 and 2"):
        network.set_progress(progress)
    assert network.progress == 2


def test_networks_start_fully_grown_and_keep_their_stage_with_the_weights():
    network = Grown()
    assert network.resolutions == SIZES
    assert network.training_resolution == 16
    assert list(network.state_dict()) == ["scale.progress"]
    assert network.progress.dtype == torch.float32
    assert network.progress.shape == ()
    for value, side in [(0, 4), (0.01, 8), (1, 8), (1.7, 16), (2, 16)]:
        network.set_progress(value)
        assert network.training_resolution == side
        again = Grown()
        again.load_state_dict(network.state_dict())
        assert again.training_resolution == side
        assert again.growth.fade == network.growth.fade


def test_the_stage_is_that_of_the_buffer_whoever_wrote_it():
    network = Grown()
    assert network.training_resolution == 16
    network.progress.copy_(torch.tensor(0.5))  # a checkpoint, a snapshot
    assert network.growth.fade == Fade(0, 1, 0.5)
    with torch.no_grad():
        torch._foreach_copy_([network.progress], [torch.tensor(0.0)])  # a weight average
    assert network.training_resolution == 4
    with torch.inference_mode():
        assert network.training_resolution == 4
    network.progress.fill_(1)
    # A copy must not take the value known of its original for its own.
    twin = copy.deepcopy(network)
    assert twin.training_resolution == 8
    twin.set_progress(0)
    assert network.training_resolution == 8
    assert pickle.loads(pickle.dumps(network.growth)).resolution == 8


def test_reading_the_stage_asks_the_device_once(monkeypatch):
    network, reads = Grown(), []
    read = Growth._read
    monkeypatch.setattr(Growth, "_read", lambda self: reads.append(1) or read(self))
    network.set_progress(1.5)
    assert [network.training_resolution for _ in range(3)] == [16] * 3
    assert not reads
    network.progress.fill_(0)
    assert [network.training_resolution for _ in range(3)] == [4] * 3
    assert len(reads) == 1


@pytest.mark.parametrize(("value", "side"), [(-3.0, 4), (9.0, 16), (float("nan"), 16)])
def test_a_damaged_buffer_means_an_end_of_the_scale(value, side):
    network = Grown()
    network.progress.fill_(value)
    assert network.training_resolution == side


def test_reals_are_shown_as_the_generator_shows_fakes():
    images = torch.rand(2, 3, 16, 16, generator=seeded())
    assert torch.equal(fade_reals(images, 2, SIZES), images)
    by_hand = images.reshape(2, 3, 4, 4, 4, 4).mean(dim=(3, 5))
    assert torch.allclose(fade_reals(images, 0, SIZES), by_hand, atol=1e-6)
    eight, sixteen = (fade_reals(images, p, SIZES) for p in (1.0, 1.25))
    assert sixteen.shape[-1] == 16
    expected = 0.75 * eight.repeat_interleave(2, 2).repeat_interleave(2, 3) + 0.25 * images
    assert torch.allclose(sixteen, expected, atol=1e-6)


def test_reals_change_without_a_jump():
    images = torch.rand(2, 3, 16, 16, generator=seeded())
    for stage in (0.0, 1.0):
        before, after = (fade_reals(images, p, SIZES) for p in (stage, stage + 1e-6))
        assert torch.allclose(enlarge(before), after, atol=1e-5)
    before, after = (fade_reals(images, p, SIZES) for p in (2 - 1e-6, 2.0))
    assert torch.allclose(before, after, atol=1e-5)


def test_reals_of_the_stages_own_size_are_taken_as_they_are():
    images = torch.rand(2, 3, 16, 16, generator=seeded())
    small = shrink(images, 2)
    assert torch.allclose(fade_reals(small, 0.5, SIZES), fade_reals(images, 0.5, SIZES))
    with pytest.raises(ValueError, match="8 x 8 do not fit a network that is at 16"):
        fade_reals(small, 1.5, SIZES)


def test_what_is_remembered_ends_with_a_write():
    calls, tensor = [], nn.Parameter(torch.ones(3))
    kept: Remembered[float] = Remembered()

    def total():
        calls.append(1)
        return float(tensor.detach().sum())

    assert kept.of(total, tensor) == kept.of(total, tensor) == 3
    assert len(calls) == 1
    with torch.no_grad():
        tensor.add_(1)
    assert kept.of(total, tensor) == 6
    with torch.inference_mode():
        uncounted = torch.ones(3)
        kept.of(total, uncounted)
        kept.of(total, uncounted)
    assert len(calls) == 4, "tensors whose writes torch does not count are read each time"
