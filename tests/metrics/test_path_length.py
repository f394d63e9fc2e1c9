import numpy as np
import pytest
import torch

from latent_studio.errors import OptionError
from latent_studio.metrics.path_length import (
    central_crop,
    lerp,
    path_length,
    path_pair,
    slerp,
    slerp_any,
)

PATHS = ["ppl_w_full_linear", "ppl_w_full_tanh", "ppl_w_end_tanh", "ppl_z_full_tanh"]
PATHS += ["ppl_w_full_tanh_crop", "ppl_w_full_tanh_large_step"]
STEPS = ["ppl_z_step_lerp", "ppl_z_step_lerp_no_discard", "ppl_z_step_lerp_5_90"]
STEPS += ["ppl_z_step_slerp_any", "ppl_z_step_slerp_unit"]


class Toy:
    """The toy generator and distance of the fixture."""

    def __init__(self, oracle):
        names = ("z0", "z1", "t", "map", "G", "b")
        parts = (torch.from_numpy(oracle[f"in/ppl_{name}"]) for name in names)
        self.z0, self.z1, self.t, self.matrix, self.weight, self.bias = parts

    def pictures(self, w, f):
        return f(w @ self.weight.T + self.bias).view(-1, 3, 8, 8)


def squared(a, b):
    return (a - b).square().sum(dim=(1, 2, 3))


@pytest.mark.parametrize("case", PATHS)
def test_paths_agree(oracle, case):
    run, toy = oracle.cases[case], Toy(oracle)
    options = run["options"]
    t = toy.t if run["t"] else torch.zeros_like(toy.t)
    ends = path_pair(
        toy.z0,
        toy.z1,
        t,
        lambda z: z @ toy.matrix.T,
        space=options["space"],
        epsilon=options["epsilon"],
    )
    f = torch.tanh if options["f"] == "tanh" else torch.nn.Identity()
    images = [toy.pictures(w, f) for w in ends]
    if options["crop"]:
        images = [central_crop(image) for image in images]
    distances = squared(images[0] / 2, images[1] / 2) / options["epsilon"] ** 2
    # A difference over a step of 1e-4, squared: float64 itself keeps some ten digits.
    np.testing.assert_allclose(distances.numpy(), oracle[run["per_sample"]], rtol=1e-7)
    found = path_length(distances.numpy())
    assert (found.mean, found.kept) == (pytest.approx(run["value"], rel=1e-9), run["kept"])
    everything = path_length(distances.numpy(), None, None)
    assert everything.mean == pytest.approx(run["mean_without_discard"], rel=1e-9)


@pytest.mark.parametrize("case", STEPS)
def test_single_steps_agree(oracle, case):
    run, toy = oracle.cases[case], Toy(oracle)
    options = run["options"]
    kind, epsilon = options["interpolation"], options["epsilon"]
    way = lerp if kind == "lerp" else slerp_any
    z0, z1 = toy.z0, toy.z1
    if "divided by their length" in kind:
        z0, z1 = (z / z.norm(dim=1, keepdim=True) for z in (z0, z1))
    near = way(z0, z1, epsilon)
    if "divided by its length" in kind:
        near = near / near.norm(dim=1, keepdim=True)
    pair = [toy.pictures(z, torch.tanh) for z in (z0, near)]
    distances = squared(*pair) / epsilon**2
    found = path_length(distances.numpy(), *options["discard_percentiles"])
    assert found.kept == run["kept"]
    assert found.mean == pytest.approx(run["value"], rel=1e-9)
    assert found.std == pytest.approx(run["std"], rel=1e-9)


def test_spherical_paths_stay_on_the_sphere():
    generator = torch.Generator().manual_seed(0)
    a, b = torch.randn(2, 5, 7, generator=generator, dtype=torch.float64)
    halfway = slerp(a, b, 0.5)
    unit_a, unit_b = (v / v.norm(dim=1, keepdim=True) for v in (a, b))
    torch.testing.assert_close(halfway.norm(dim=1), torch.ones(5, dtype=torch.float64))
    torch.testing.assert_close((halfway * unit_a).sum(1), (halfway * unit_b).sum(1))
    torch.testing.assert_close(slerp(a, b, 0.0), unit_a)
    torch.testing.assert_close(slerp(a, b, 1.0), unit_b)
    torch.testing.assert_close(slerp(a, b, 0.3), slerp_any(unit_a, unit_b, 0.3))


def test_a_constant_has_no_length_and_nan_is_told():
    assert path_length(np.zeros(20)).mean == 0
    with pytest.raises(OptionError, match="at least one"):
        path_length(np.zeros(0))
    with pytest.raises(OptionError, match="not a number"):
        path_length(np.full(3, np.nan))
