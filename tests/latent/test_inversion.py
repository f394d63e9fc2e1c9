"""Photographs to latents, on networks so small that a search takes a second."""

import math

import numpy as np
import pytest
import torch

from latent_studio.errors import OptionError
from latent_studio.latent.inversion.losses import LossWeights, PhotoLoss
from latent_studio.latent.inversion.noise import noise_penalty, normalise_noise
from latent_studio.latent.inversion.search import Inverter, schedule
from latent_studio.latent.inversion.settings import InversionSettings, StageSettings
from latent_studio.latent.noise import learned_maps
from latent_studio.latent.whitening import w_whitening, z_whitening
from latent_studio.mailbox import StopToken
from latent_studio.metrics.ssim import ssim
from latent_studio.models.base import ModelSpec, NoiseInput
from latent_studio.models.registry import build_generator

STYLED = {
    "z_dim": 8,
    "w_dim": 8,
    "img_resolution": 16,
    "mapping_kwargs": {"num_layers": 2},
    "channel_base": 128,
    "channel_max": 8,
}
QUICK = {
    "samples": 32,
    "starts": 2,
    "trial": 4,
    "w": StageSettings(20, 0.1),
    "plus": StageSettings(20, 0.12),
    "noise": StageSettings(15, 0.05),
    "tuning": StageSettings(15, 0.01),
}


@pytest.fixture(scope="module")
def styled():
    draw = torch.Generator().manual_seed(1)
    network = build_generator(ModelSpec("stylegan2", STYLED), draw).eval().requires_grad_(False)
    for name, value in network.named_parameters():
        if name.endswith("noise_strength"):
            value.fill_(0.1)
    return network


@pytest.fixture(scope="module")
def plain():
    config = {"resolution": 8, "channels": 1, "z_dim": 4}
    draw = torch.Generator().manual_seed(1)
    return build_generator(ModelSpec("mlp", config), draw).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def photo(styled):
    """One of the network's own pictures, with something that it can't draw."""
    z = torch.randn(1, 8, generator=torch.Generator().manual_seed(5))
    picture = styled.synthesis(styled.broadcast(styled.mapping(z)))
    spot = torch.zeros_like(picture)
    spot[:, :, 5:9, 5:9] = 0.6
    return (picture + spot).clamp(-1, 1)


@pytest.fixture(scope="module")
def found(styled, photo):
    """Of each space, and the PSNR over the steps."""
    results = {}
    for space in ("w", "w+", "noise", "pti"):
        trace = []
        inverter = Inverter(styled, InversionSettings(space, **QUICK))
        result = inverter.invert(photo, lambda step, trace=trace: trace.append(step.psnr))
        results[space] = result, trace
    return results


def test_more_freedom_comes_closer(styled, photo, found) -> None:
    loss = PhotoLoss(photo, LossWeights())
    distance = {space: float(loss(shown(styled, result))) for space, (result, _) in found.items()}
    # what a stage keeps is the nearest by this distance, the one before it included
    assert distance["noise"] < distance["w+"] < distance["w"] * 0.98
    assert distance["pti"] < distance["w"] * 0.9
    assert found["w"][0].psnr + 0.3 < found["pti"][0].psnr


@torch.no_grad()
def shown(styled, result) -> torch.Tensor:
    network = result.generator or styled
    ws = torch.from_numpy(result.latent)
    ws = styled.broadcast(ws[None]) if result.space == "w" else ws[None]
    noise = NoiseInput("const")
    if result.noise is not None:
        maps = [torch.from_numpy(values)[None, None] for values in result.noise]
        noise = NoiseInput("random", maps=maps)
    return network.synthesis(ws, noise)


def test_own_pictures_are_found(styled) -> None:
    z = torch.randn(1, 8, generator=torch.Generator().manual_seed(7))
    picture = styled.synthesis(styled.broadcast(styled.mapping(z)))
    settings = InversionSettings("w", samples=32, w=StageSettings(80, 0.1))
    assert Inverter(styled, settings).invert(picture).psnr > 30


def test_each_space_gives_what_a_recipe_takes(found) -> None:
    shapes = {space: result.latent.shape for space, (result, _) in found.items()}
    assert shapes == {"w": (8,), "w+": (6, 8), "noise": (6, 8), "pti": (8,)}
    assert [result.space for result, _ in found.values()] == ["w", "w+", "w+", "w"]
    assert all((result.noise is not None) == (s == "noise") for s, (result, _) in found.items())
    assert all((result.generator is not None) == (s == "pti") for s, (result, _) in found.items())


def test_the_result_shows_the_picture_that_it_claims(styled, photo, found) -> None:
    result, _ = found["noise"]
    picture = shown(styled, result).clamp(-1, 1)
    squared = float((picture - photo).square().mean())
    assert 10 * math.log10(4 / squared) == pytest.approx(result.psnr, abs=1e-3)


def test_equal_seeds_give_equal_results(styled, photo, found) -> None:
    torch.randn(3)  # what others draw has no influence
    again = Inverter(styled, InversionSettings("w+", **QUICK)).invert(photo)
    assert np.array_equal(again.latent, found["w+"][0].latent)


def test_a_stop_keeps_the_best_so_far(styled, photo, found) -> None:
    token, trace = StopToken(), []

    def watch(step) -> None:
        trace.append(step.psnr)
        if step.done == 30:
            token.stop()

    result = Inverter(styled, InversionSettings("w+", **QUICK), token=token).invert(photo, watch)
    assert result.stopped and result.steps == 30
    assert result.space == "w+"
    assert result.psnr > found["w+"][1][0] + 0.5


def test_a_worse_guess_may_lead_to_the_better_place(styled, photo) -> None:
    def search(**changes) -> tuple[list[float], float]:
        trace: list[float] = []
        settings = InversionSettings("w", **{**QUICK, "w": StageSettings(5, 0.1), **changes})
        inverter = Inverter(styled, settings)
        result = inverter.invert(photo, lambda step: trace.append(float(step.psnr)))
        assert len(trace) == inverter.total_steps == result.steps
        return trace, float(PhotoLoss(photo, LossWeights())(shown(styled, result)))

    alone, distance = search(starts=1)
    tried, chosen = search(starts=4, trial=8)
    assert len(alone) == 5 and len(tried) == 4 * 8 + 5
    # what follows begins where the best of the four has ended
    ends = [max(tried[first : first + 8]) for first in range(0, 32, 8)]
    assert tried[32] > min(ends) + 0.1 and abs(tried[32] - max(ends)) < 0.5
    assert chosen < distance


def test_tuning_leaves_the_network_alone_and_others_nearly(styled, photo, found) -> None:
    tuned = found["pti"][0].generator
    assert not any(p.requires_grad for p in tuned.parameters())
    names = dict(styled.named_parameters())
    moved = {n for n, p in tuned.named_parameters() if not torch.equal(p, names[n])}
    assert moved and all(name.startswith("synthesis.") for name in moved)


def test_networks_without_w_are_searched_in_z(plain) -> None:
    z = torch.randn(1, 4, generator=torch.Generator().manual_seed(2))
    picture = plain.render(z)
    settings = InversionSettings("w+", samples=32, w=StageSettings(80, 0.1))
    result = Inverter(plain, settings).invert(picture)
    assert result.space == "z" and result.latent.shape == (4,)
    assert result.psnr > 25
    tuned = Inverter(plain, InversionSettings("pti", **QUICK)).invert(picture)
    assert tuned.generator is not None


def test_wishes_that_cannot_be_met_are_refused(styled) -> None:
    with pytest.raises(OptionError, match="must be"):
        Inverter(styled, InversionSettings("w", **QUICK)).invert(torch.zeros(1, 3, 8, 8))
    silent = build_generator(ModelSpec("stylegan2", {**STYLED, "use_noise": False}))
    with pytest.raises(OptionError, match="no noise maps"):
        Inverter(silent, InversionSettings("noise"))
    with pytest.raises(OptionError, match="not in 'x'"):
        InversionSettings("x")
    with pytest.raises(OptionError, match="effort"):
        InversionSettings("w", effort=0)


def test_whitening_is_a_map_and_back(styled, plain) -> None:
    whitening = w_whitening(styled, samples=500)
    w = styled.mapping(torch.randn(400, 8, generator=torch.Generator().manual_seed(3)))
    u = whitening.whiten(w)
    assert torch.allclose(whitening.unwhiten(u), w, atol=1e-4)
    assert torch.allclose(u.std(0), torch.ones(8), atol=0.25)
    assert torch.equal(z_whitening(plain).whiten(torch.ones(1, 4)), torch.ones(1, 4))


def test_structure_is_ssim(photo) -> None:
    other = photo.flip(3)
    loss = PhotoLoss(photo, LossWeights(0, 1, 0))
    inside = slice(5, -5)
    from latent_studio.metrics.ssim import Window, _similarity

    full, _ = _similarity(
        other.double(), photo.double(), Window(), (0.01 * 2) ** 2, (0.03 * 2) ** 2
    )
    wanted = 1 - float(full[..., inside, inside].mean())
    assert float(loss(other)) == pytest.approx(wanted, abs=1e-5)
    assert float(loss(photo)) == pytest.approx(0, abs=1e-6)
    assert ssim(other, photo) < 1


def test_features_are_compared_where_they_are_given(photo) -> None:
    loss = PhotoLoss(photo, LossWeights(0, 0, 1), lambda x: [x])
    assert float(loss(photo + 0.5)) == pytest.approx(3 * 0.25, rel=1e-4)
    assert float(PhotoLoss(photo, LossWeights(0, 0, 1))(photo + 0.5)) == 0


def test_white_noise_is_not_penalised_and_pictures_are() -> None:
    white = torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    smooth = torch.nn.functional.avg_pool2d(white, 5, 1, 2)
    maps = [smooth]
    normalise_noise(maps)
    assert float(maps[0].mean()) == pytest.approx(0, abs=1e-5)
    assert float(maps[0].var()) == pytest.approx(1, abs=1e-2)
    assert float(noise_penalty([white])) < 0.1 < 1 < float(noise_penalty(maps))


def test_found_noise_stays_noise(styled, found) -> None:
    shapes = [tuple(m.shape[2:]) for m in learned_maps(styled.synthesis)]
    noise = found["noise"][0].noise
    assert [values.shape for values in noise] == shapes
    for values in noise:
        assert abs(values.mean()) < 1e-4 and values.std() == pytest.approx(1, abs=1e-2)


def test_rates_rise_and_fall() -> None:
    rates = [schedule(step / 100) for step in range(100)]
    assert rates[0] < 0.2 and max(rates) == 1 and rates[-1] < 0.01
    assert rates[10:50] == [1.0] * 40
