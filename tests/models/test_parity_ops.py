"""Operators give the numbers of the public reference, every stored case."""

import pytest
import torch

from latent_studio.models.layers import bias_act
from latent_studio.models.resample import conv2d_resample, setup_filter, upfirdn2d, upsample2d
from latent_studio.models.stylegan2_layers import modulated_conv2d


def apply(fixture, run):
    args, name = dict(run["args"]), run["fn"]
    if name == "bias_act":
        return bias_act(fixture[run["x"]], fixture.get(run["b"]), **args)
    if name == "upfirdn2d":
        return upfirdn2d(fixture[run["x"]], fixture.get(run["f"]), **args)
    if name == "conv2d_resample":
        f = fixture.get(run["f"])
        return conv2d_resample(fixture[run["x"]], fixture[run["w"]], f, **args)
    if name == "sg2.modulated_conv2d":
        args.pop("fused_modconv", None)  # we have one formulation for both
        return modulated_conv2d(
            fixture[run["x"]],
            fixture[run["weight"]],
            fixture[run["styles"]],
            fixture.get(run["noise"]),
            resample_filter=fixture.get(run["resample_filter"]),
            **args,
        )
    return None


@pytest.mark.parametrize(
    "name", ["ops_bias_act", "ops_upfirdn2d", "ops_conv2d_resample", "ops_modconv"]
)
def test_operator(parity, name):
    fixture = parity(name)
    compared = 0
    for run in fixture.info["runs"]:
        actual = apply(fixture, run)
        if actual is None:
            continue
        expected = fixture[run["output"]]
        assert actual.shape == expected.shape, run
        assert (actual - expected).abs().max().item() <= fixture.tolerance(run["output"]), run
        compared += 1
    assert compared >= 5


def test_setup_filter(parity):
    fixture = parity("ops_upfirdn2d")
    assert (setup_filter((1, 3, 3, 1)) - fixture["filter/f1331"]).abs().max() < 1e-7


@pytest.mark.parametrize("side", [1, 5])
def test_doubling_by_phases_is_zero_stuffing_and_filtering(side):
    draw = torch.Generator().manual_seed(side)
    x = torch.randn(2, 3, side, side + 1, generator=draw, dtype=torch.float64).requires_grad_(True)
    f = torch.randn(4, 4, generator=draw, dtype=torch.float64)  # neither symmetric nor separable
    wanted = upfirdn2d(x, f, up=2, padding=(2, 1, 2, 1), gain=4.0)
    torch.testing.assert_close(upsample2d(x, f), wanted)
    weights = torch.randn(wanted.shape, generator=draw, dtype=torch.float64)
    (got,) = torch.autograd.grad((upsample2d(x, f) * weights).sum(), x)
    (slope,) = torch.autograd.grad((wanted * weights).sum(), x)
    torch.testing.assert_close(got, slope)
