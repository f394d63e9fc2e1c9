"""PGGAN gives the numbers of the public reference, and takes its checkpoints' names."""

import pytest
import torch

from latent_studio.errors import ModelError
from latent_studio.models.pggan_zoo import zoo_names, zoo_spec, zoo_state
from latent_studio.models.registry import build_generator

FIXTURES = ["pggan_32", "pggan_8_one_scale"]


def zoo_options(fixture):
    given = fixture.info["init_kwargs"]
    return {key: given[key] for key in ("leakyReluLeak",) if key in given}


@pytest.mark.parametrize("name", FIXTURES)
def test_generator(parity, name):
    fixture = parity(name)
    state = fixture.state()
    g = build_generator(zoo_spec(state, zoo_options(fixture))).eval().requires_grad_(False)
    assert len(fixture.info["runs"]) == 2
    for run in fixture.info["runs"]:
        g.load_state_dict(zoo_state(state, run["alpha"]))
        actual = g(fixture[run["z"]])
        error = (actual - fixture[run["output"]]).abs().max().item()
        assert error <= fixture.tolerance(run["output"]), (run["output"], error)


def test_the_spec_is_read_from_the_weights(parity):
    config = zoo_spec(parity("pggan_32").state()).config
    assert (config["z_dim"], config["img_resolution"], config["img_channels"]) == (32, 32, 3)
    assert config["widths"] == [24, 24, 16, 12]
    assert config["output"] == "linear"
    small = zoo_spec(parity("pggan_8_one_scale").state(), {"lossCriterion": "DCGAN"}).config
    assert (small["img_resolution"], small["img_channels"], small["output"]) == (8, 1, "tanh")


def test_names_of_older_files(parity):
    state = parity("pggan_32").state()
    older = {name.replace(".module", ""): tensor for name, tensor in state.items()}
    new, old = zoo_state(state), zoo_state(older)
    assert new.keys() == old.keys() == zoo_names(4).keys() | {"scale.progress"}
    assert all(torch.equal(new[key], old[key]) for key in new)
    assert zoo_spec(older) == zoo_spec(state)


def test_other_weights_are_refused_by_name(parity):
    state = parity("pggan_32").state()
    with pytest.raises(ModelError, match="no toRGB layer"):
        zoo_spec({"b4.const": torch.zeros(3)})
    lacking = {name: t for name, t in state.items() if name != "groupScale0.0.module.bias"}
    with pytest.raises(ModelError, match=r"groupScale0\.0\.module\.bias"):
        zoo_state(lacking)
    headless = {name: t for name, t in state.items() if not name.startswith("formatLayer")}
    with pytest.raises(ModelError, match="formatLayer"):
        zoo_spec(headless)
