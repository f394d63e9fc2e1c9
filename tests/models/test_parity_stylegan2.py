"""StyleGAN2 gives the numbers of the public reference, every stored case."""

import pytest
import torch

from latent_studio.models.base import ModelSpec, NoiseInput
from latent_studio.models.registry import build_discriminator, build_generator

GENERATORS = ["sg2_skip_uncond_64", "sg2_cond_32", "sg2_resnet_32", "sg2_orig_32"]
DISCRIMINATORS = ["sg2_d_resnet_32", "sg2_d_resnet_cond_32", "sg2_d_skip_32", "sg2_d_orig_32"]


def load(network, state):
    missing, unexpected = network.load_state_dict(state, strict=False)
    assert not missing
    assert not unexpected
    return network.eval().requires_grad_(False)


@pytest.mark.parametrize("name", GENERATORS)
def test_generator(parity, name):
    fixture = parity(name)
    config = fixture.info["init_kwargs"]
    g = load(build_generator(ModelSpec("stylegan2", config)), fixture.state())
    for run in fixture.info["runs"]:
        expected = fixture[run["output"]]
        if run["call"] == "mapping":
            ws = g.broadcast(g.mapping(fixture[run["z"]], fixture.get(run["c"])))
            actual = g.truncate(ws, run["truncation_psi"], run["truncation_cutoff"])
        else:
            actual = g.synthesis(fixture[run["ws"]], NoiseInput(run["noise_mode"]))
        error = (actual - expected).abs().max().item()
        assert error <= fixture.tolerance(run["output"]), (run["output"], error)


@pytest.mark.parametrize("name", DISCRIMINATORS)
def test_discriminator(parity, name):
    fixture = parity(name)
    config = fixture.info["init_kwargs"]
    d = load(build_discriminator(ModelSpec("stylegan2", config)), fixture.state())
    for run in fixture.info["runs"]:
        actual = d(fixture[run["img"]], fixture.get(run["c"]))
        error = (actual - fixture[run["output"]]).abs().max().item()
        assert error <= fixture.tolerance(run["output"]), (run["output"], error)


@pytest.mark.parametrize("name", GENERATORS)
def test_resuming_at_any_block_gives_the_same_picture(parity, name):
    fixture = parity(name)
    config = fixture.info["init_kwargs"]
    g = load(build_generator(ModelSpec("stylegan2", config)), fixture.state())
    ws = fixture["in/ws_mixed"]
    whole = g.synthesis(ws)
    for block in range(g.synthesis.num_blocks - 1):
        state = g.synthesis.run(ws, last_block=block)
        kept = None if state.x is None else state.x.clone()
        again = g.synthesis.run(ws, state=state).img
        assert torch.equal(again, whole)
        assert kept is None or torch.equal(state.x, kept), "a resumed pass wrote into its state"
