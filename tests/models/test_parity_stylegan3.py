"""StyleGAN3 gives the numbers of the public reference, every stored case."""

import pytest
import torch

from latent_studio.models.base import ModelSpec
from latent_studio.models.registry import build_generator
from latent_studio.models.stylegan3_filters import design_lowpass, filtered_lrelu
from latent_studio.models.stylegan3_layers import inverse_transform

GENERATORS = ["sg3_t_32", "sg3_r_32", "sg3_t_cond_16_l6"]


def load(fixture, keep_filters=False):
    """The stored network; its filters are our own unless ``keep_filters``."""
    g = build_generator(ModelSpec("stylegan3", fixture.info["init_kwargs"]))
    state = fixture.state()
    assert state.keys() == g.state_dict().keys()
    if not keep_filters:
        state = {key: value for key, value in state.items() if not key.endswith("_filter")}
    g.load_state_dict(state, strict=False)
    return g.eval().requires_grad_(False)


@pytest.mark.parametrize("name", GENERATORS)
def test_generator(parity, name):
    fixture = parity(name)
    g = load(fixture)
    for run in fixture.info["runs"]:
        if run["call"] == "mapping":
            ws = g.broadcast(g.mapping(fixture[run["z"]], fixture.get(run["c"])))
            actual = g.truncate(ws, run["truncation_psi"], run["truncation_cutoff"])
        else:
            transform = run.get("transform")
            g.synthesis.input.transform.copy_(
                torch.eye(3) if transform is None else fixture[transform]
            )
            actual = g.synthesis(fixture[run["ws"]])
        error = (actual - fixture[run["output"]]).abs().max().item()
        assert error <= fixture.tolerance(run["output"]), (run["output"], error)


@pytest.mark.parametrize("name", GENERATORS)
def test_activations_and_geometry(parity, name):
    fixture = parity(name)
    g = load(fixture)
    synthesis = g.synthesis
    ws = fixture["in/ws_mixed"]
    state = None
    for block in range(synthesis.num_blocks):
        state = synthesis.run(ws, state=state, last_block=block)
        x = state.x
        key = "input" if block == 0 else synthesis.layer_names[block - 1]
        wanted = fixture.arrays.get(f"act/{key}")
        if wanted is None:
            wanted, x = fixture[f"act/{key}.ch0_3"], x[:, :4]
        assert (x - wanted).abs().max() <= 1e-4 * max(1, wanted.abs().max()), key
    layers = [synthesis.layer(i) for i in range(synthesis.num_blocks - 1)]
    sides = {"in": [n.geometry.source for n in layers], "out": [n.geometry.target for n in layers]}
    for side, signals in sides.items():
        for field in ("channels", "size", "rate", "cutoff", "half_width"):
            values = torch.tensor([float(getattr(signal, field)) for signal in signals])
            torch.testing.assert_close(values, fixture[f"geom/{side}_{field}"])
    paddings = torch.tensor([layer.padding for layer in layers]).float()
    assert torch.equal(paddings, fixture["geom/pad"])


@pytest.mark.parametrize("name", GENERATORS)
def test_filters_are_those_of_the_file(parity, name):
    fixture = parity(name)
    own = load(fixture).state_dict()
    stored = [key for key in fixture.state() if key.endswith("_filter")]
    assert len(stored) == sum(key.endswith("_filter") for key in own) > 10
    for key in stored:
        assert (own[key] - fixture[f"state/{key}"]).abs().max() < 1e-7, key


def test_filtered_lrelu_and_filter_design(parity):
    fixture = parity("ops_filtered_lrelu")
    for run in fixture.info["runs"]:
        if run["fn"] == "filtered_lrelu":
            x, fu, fd, b = (fixture.get(run[key]) for key in ("x", "fu", "fd", "b"))
            actual, tolerance = filtered_lrelu(x, fu, fd, b, **run["args"]), 1e-5
        else:
            names = {"numtaps": "taps", "fs": "rate"}
            args = {names.get(key, key): value for key, value in run["args"].items()}
            actual, tolerance = design_lowpass(**args), 1e-7
        assert actual.shape == fixture[run["output"]].shape, run
        assert (actual - fixture[run["output"]]).abs().max() <= tolerance, run


def test_a_person_turns_and_moves_as_in_the_reference(parity):
    fixture = parity("sg3_t_32")
    stored = fixture["in/transform_rt"]
    assert (inverse_transform((0.2, -0.1), 30) - stored).abs().max() < 1e-6
    assert (inverse_transform((0.25, 0)) - fixture["in/transform_t"]).abs().max() < 1e-6
    assert torch.equal(inverse_transform(), torch.eye(3))


@pytest.mark.parametrize("name", GENERATORS)
def test_resuming_gives_the_same_picture(parity, name):
    fixture = parity(name)
    g = load(fixture, keep_filters=True)
    ws = fixture["in/ws_mixed"]
    whole = g.synthesis(ws)
    for block in (0, 1, 4, g.synthesis.num_blocks - 2):
        state = g.synthesis.run(ws, last_block=block)
        kept = state.x.clone()
        assert state.img is None
        assert torch.equal(g.synthesis.run(ws, state=state).img, whole)
        assert torch.equal(state.x, kept), "a resumed pass wrote into its state"
