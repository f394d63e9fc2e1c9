import numpy as np
import pytest

from latent_studio.latent.channel_maps import chosen_channels, scaled_maps, small_maps
from latent_studio.latent.spectrum import power_spectrum, radial_profile


def wave(size, fy, fx):
    y, x = np.mgrid[:size, :size] / size
    return np.cos(2 * np.pi * (fy * y + fx * x))


@pytest.mark.parametrize(("fy", "fx"), [(0, 5), (7, 0), (3, 4)])
def test_a_wave_is_a_pair_of_points(fy, fx):
    spectrum = power_spectrum(wave(32, fy, fx)[None])
    assert spectrum.max() == 0 and spectrum.shape == (32, 32)
    peak = np.unravel_index(spectrum.argmax(), spectrum.shape)
    assert tuple(abs(int(place) - 16) for place in peak) == (fy, fx)
    assert spectrum[16 + fy, 16 + fx] == pytest.approx(spectrum[16 - fy, 16 - fx], abs=1e-6)
    frequency, power = radial_profile(spectrum)
    assert frequency[0] == 0 and frequency[-1] == 0.5 and len(frequency) == 17
    assert frequency[power.argmax()] == pytest.approx(np.hypot(fy, fx) / 32, abs=0.5 / 32)


def test_brightness_does_not_matter_and_channels_are_averaged():
    low, high = wave(16, 0, 2), wave(16, 0, 6)
    both = power_spectrum(np.stack([low + 100, high - 3]))
    assert both[8, 10] == pytest.approx(0, abs=0.1) and both[8, 14] == pytest.approx(0, abs=0.1)


def test_noise_is_white_and_nothing_is_nothing():
    noise = np.random.default_rng(0).normal(size=(64, 32, 32))
    power = radial_profile(power_spectrum(noise))[1][2:]
    assert power.max() - power.min() < 1.5
    flat = power_spectrum(np.ones((2, 8, 8)))
    assert (flat == -120).all() and np.isfinite(radial_profile(flat)[1]).all()
    assert power_spectrum(np.ones((1, 1, 1))).shape == (1, 1)
    assert power_spectrum(wave(12, 1, 2)[None, :8]).shape == (8, 12)  # not square


def test_channels_that_vary_most_each_from_black_to_white():
    maps = np.stack([wave(8, 0, 1) * strength + 3 for strength in (1.0, 0.0, 5.0, 2.0)])
    assert chosen_channels(maps, 2) == [2, 3] and chosen_channels(maps) == [0, 1, 2, 3]
    scaled = scaled_maps(maps)
    assert (scaled[1] == 0).all()
    assert scaled[[0, 2, 3]].min() == 0 and scaled[[0, 2, 3]].max() == 1


def test_large_maps_are_made_small_by_means():
    maps = np.arange(2 * 8 * 12, dtype=np.float32).reshape(2, 8, 12)
    small = small_maps(maps, 4)
    assert small.shape == (2, 2, 4)
    assert small[0, 0, 0] == maps[0, :3, :3].mean() and small[1, 1, 3] == maps[1, 3:6, 9:].mean()
    assert small_maps(maps, 12) is maps
