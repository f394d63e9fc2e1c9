import pytest
import torch

from latent_studio.errors import OptionError
from latent_studio.models.base import ModelSpec, Synthesis
from latent_studio.models.registry import build_generator
from latent_studio.models.style_space import StyleSpace, style_layers

COMMON = {"z_dim": 8, "w_dim": 8, "img_resolution": 16, "channel_max": 6}
FAMILIES = {
    "stylegan1": ModelSpec("stylegan1", {**COMMON, "channel_base": 64}),
    "stylegan2": ModelSpec("stylegan2", {**COMMON, "channel_base": 64}),
    "stylegan2-resnet": ModelSpec(
        "stylegan2", {**COMMON, "channel_base": 64, "architecture": "resnet"}
    ),
    "stylegan3": ModelSpec("stylegan3", {**COMMON, "channel_base": 256, "num_layers": 4}),
}


@pytest.fixture(scope="module", params=FAMILIES)
def synthesis(request) -> Synthesis:
    draw = torch.Generator().manual_seed(0)
    generator = build_generator(FAMILIES[request.param], draw).eval().requires_grad_(False)
    return generator.synthesis


def styles(synthesis, count=2):
    draw = torch.Generator().manual_seed(1)
    return torch.randn(count, synthesis.num_ws, 8, generator=draw)


def test_each_layer_reads_the_row_and_block_it_says(synthesis):
    read = {}
    hooks = [
        module.register_forward_pre_hook(
            lambda _module, inputs, name=name: read.update({name: float(inputs[0][0, 0])})
        )
        for name, module in synthesis.named_modules()
        if name.endswith("affine")
    ]
    rows = torch.arange(synthesis.num_ws).float()[None, :, None].expand(1, -1, 8)
    synthesis(rows)
    for hook in hooks:
        hook.remove()
    layers = style_layers(synthesis)
    assert {f"{layer.name}.affine": layer.row for layer in layers} == read
    assert all(layer.row in synthesis.block_layers(layer.block) for layer in layers)


def test_without_a_shift_nothing_changes(synthesis):
    ws = styles(synthesis)
    space = StyleSpace(synthesis)
    plain = synthesis(ws)
    assert torch.equal(space.pictures(ws, torch.zeros(1, space.size)), plain)
    space.pictures(ws, torch.ones(1, space.size))
    assert torch.equal(synthesis(ws), plain)  # the network itself is left alone


def test_a_shift_is_what_a_step_in_w_does(synthesis):
    """Moving every channel as a step in w would gives the picture of the step."""
    ws = styles(synthesis)
    space = StyleSpace(synthesis)
    there = ws + 0.5 * torch.randn(ws.shape, generator=torch.Generator().manual_seed(2))
    shift = space.styles(there) - space.styles(ws)
    torch.testing.assert_close(space.pictures(ws, shift), synthesis(there), atol=2e-4, rtol=1e-3)


def test_one_channel_changes_only_what_follows(synthesis):
    ws = styles(synthesis, 1)
    space = StyleSpace(synthesis)
    layer = space.layers[-1]
    shift = torch.zeros(1, space.size)
    shift[0, layer.start] = 3.0
    before = synthesis.run(ws, last_block=layer.block - 1).x
    after = space.run(ws, shift, last_block=layer.block - 1).x
    assert torch.equal(before, after)
    assert not torch.equal(space.pictures(ws, shift), synthesis(ws))
    assert space.layer_of(layer.start) == layer and space.layer_of(0) == space.layers[0]
    assert space.title(layer.start + 2) == f"{layer.name} 2"


def test_gradients_reach_every_channel(synthesis):
    ws = styles(synthesis)
    space = StyleSpace(synthesis)
    shift = torch.zeros(1, space.size, requires_grad=True)
    space.pictures(ws, shift).square().sum().backward()
    assert (shift.grad != 0).float().mean() > 0.9


def test_changed_weights_show(synthesis):
    space, ws = StyleSpace(synthesis), styles(synthesis, 1)
    nothing = torch.zeros(1, space.size)
    with torch.no_grad():
        synthesis.get_submodule(f"{space.layers[0].name}.affine").bias.add_(0.5)
    assert torch.equal(space.pictures(ws, nothing), synthesis(ws))


def test_a_network_without_affine_maps():
    bare = Synthesis()
    bare.num_blocks = bare.num_ws = 0
    with pytest.raises(OptionError, match="no style channels"):
        StyleSpace(bare)
