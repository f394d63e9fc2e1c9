import numpy as np
import pytest
import torch

from latent_studio.errors import Cancelled, OptionError
from latent_studio.mailbox import StopToken
from latent_studio.metrics.ssim import (
    Window,
    mean_pair_similarity,
    ms_ssim,
    ms_ssim_name,
    scales_for,
    ssim,
    weights_for,
)


def pictures(oracle, run):
    x = torch.from_numpy(oracle[run["x"]]).double()
    negative = run["y"].startswith("255 - ")
    y = 255 - x if negative else torch.from_numpy(oracle[run["y"]]).double()
    if run["input"] == "divided by 255":
        x, y = x / 255, y / 255
    elif run["input"] == "divided by 127.5 minus 1":
        x, y = x / 127.5 - 1, y / 127.5 - 1
    return x, y


SSIM = ["ssim_64", "ssim_192", "ssim_64_unit_range", "ssim_64_sym_range", "ssim_64_sigma_0.8"]
SSIM += ["ssim_64_uniform7", "ssim_64_negative"]
MS_SSIM = ["ms_ssim_192", "ms_ssim_192_unit_range", "ms_ssim_192_simple"]
MS_SSIM += ["ms_ssim_192_no_normalize", "ms_ssim_192_negative", "ms_ssim_192_negative_simple"]
MS_SSIM += ["ms_ssim_64_three_scales"]


def window(options):
    return Window(options["sigma"], None if options["gaussian_kernel"] else options["kernel_size"])


@pytest.mark.parametrize("case", SSIM)
def test_one_scale_agrees(oracle, case):
    run = oracle.cases[case]
    options = run["options"]
    x, y = pictures(oracle, run)
    found = ssim(
        x, y, options["data_range"], window=window(options), k1=options["k1"], k2=options["k2"]
    )
    np.testing.assert_allclose(found.numpy(), run["values"], rtol=1e-9)


@pytest.mark.parametrize("case", MS_SSIM)
def test_several_scales_agree(oracle, case):
    run = oracle.cases[case]
    options = run["options"]
    found = ms_ssim(
        *pictures(oracle, run),
        options["data_range"],
        weights=options["betas"],
        clamping=options["normalize"],
    )
    np.testing.assert_allclose(found.numpy(), run["values"], rtol=1e-9)


def test_too_many_scales_are_refused(oracle):
    x = torch.from_numpy(oracle["in/img_64_x"]).double()
    with pytest.raises(OptionError, match="more than 160 pixels, these have 64; take 3"):
        ms_ssim(x, x, weights=weights_for(5))


@pytest.mark.parametrize(
    ("side", "scales", "name"),
    [
        (161, 5, "ms-ssim"),
        (160, 4, "ms-ssim-4"),
        (91, 4, "ms-ssim-4"),
        (64, 3, "ms-ssim-3"),
        (40, 2, "ms-ssim-2"),
        (12, 2, "ms-ssim-2"),
        (11, 1, "ms-ssim-1"),
        (8, 1, "ms-ssim-1"),
    ],
)
def test_small_pictures_have_fewer_scales_and_say_so(side, scales, name):
    assert (scales_for(side), ms_ssim_name(side)) == (scales, name)
    assert sum(weights_for(scales)) == pytest.approx(1, abs=1e-3)
    x = torch.rand(1, 1, side, side, generator=torch.Generator().manual_seed(0)).double()
    assert ms_ssim(x, x, 1).item() == pytest.approx(1)


def test_similarity_within_a_set():
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (12, 3, 32, 32)).astype(np.uint8)
    same = np.repeat(noise[:1], 12, axis=0)
    assert mean_pair_similarity(same, 40) == pytest.approx(1)
    assert mean_pair_similarity(noise, 40) < 0.2
    assert mean_pair_similarity(noise, 40, seed=1) == mean_pair_similarity(noise, 40, seed=1)
    # Of two pictures there is one pair: none is compared with itself.
    pair = torch.from_numpy(noise[:2]).double()
    expected = ms_ssim(pair[:1], pair[1:]).item()
    assert mean_pair_similarity(noise[:2], 9) == pytest.approx(expected)
    at_one_scale = mean_pair_similarity(noise[:2], 9, measure=ssim)
    assert at_one_scale == pytest.approx(ssim(pair[:1], pair[1:]).item())


def test_what_does_not_work():
    x = torch.zeros(1, 1, 16, 16)
    with pytest.raises(OptionError, match="one size"):
        ssim(x, x[..., :8])
    with pytest.raises(OptionError, match="more than 5 pixels"):
        ssim(x[..., :5], x[..., :5])
    with pytest.raises(OptionError, match="at least 2"):
        mean_pair_similarity(np.zeros((1, 1, 16, 16), np.uint8), 3)
    token = StopToken()
    token.stop()
    with pytest.raises(Cancelled):
        mean_pair_similarity(np.zeros((3, 1, 16, 16), np.uint8), 3, token=token)
