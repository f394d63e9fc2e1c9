import pytest
import torch

from latent_studio.models.base import Generator, ModelSpec, NoiseInput
from latent_studio.models.registry import build_generator
from latent_studio.models.stylegan2_frozen import FrozenStyleGAN2Synthesis


def make(architecture: str, **config: object) -> Generator:
    base = {
        "z_dim": 8,
        "w_dim": 8,
        "img_resolution": 64,
        "channel_base": 512,
        "channel_max": 24,
        "architecture": architecture,
    }
    generator = build_generator(
        ModelSpec("stylegan2", base | config), torch.Generator().manual_seed(0)
    )
    draw = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for name, value in generator.named_parameters():
            if name.endswith(("noise_strength", "bias")):
                value.copy_(0.3 * torch.randn(value.shape, generator=draw) + value)
    return generator.eval().requires_grad_(False)


def noises(generator: Generator) -> list[NoiseInput]:
    draw = torch.Generator().manual_seed(2)
    maps = [torch.randn(shape, generator=draw) for shape in generator.synthesis.noise_shapes]
    return [
        NoiseInput(),
        NoiseInput("const", strength=0.4),
        NoiseInput("none"),
        NoiseInput("random", maps, None, 0.7),
    ]


@pytest.mark.parametrize("architecture", ["skip", "resnet", "orig"])
@pytest.mark.parametrize(
    "config", [{}, {"conv_clamp": 0.8}, {"use_noise": False}, {"activation": "relu"}]
)
@pytest.mark.parametrize("batch", [1, 3])
def test_frozen_and_plain_give_one_picture(architecture: str, config: dict, batch: int) -> None:
    generator = make(architecture, **config)
    frozen = generator.synthesis.frozen(torch.float32)
    assert isinstance(frozen, FrozenStyleGAN2Synthesis)
    assert frozen.noise_shapes == generator.synthesis.noise_shapes
    draw = torch.Generator().manual_seed(3)
    ws = torch.randn(batch, generator.synthesis.num_ws, 8, generator=draw)
    for noise in noises(generator):
        wanted = generator.synthesis(ws, noise)
        got = frozen(ws, noise)
        tolerance = 2e-5 * float(wanted.abs().max())
        torch.testing.assert_close(got, wanted, atol=tolerance, rtol=0)


@pytest.mark.parametrize("architecture", ["skip", "resnet", "orig"])
def test_frozen_resumes_and_leaves_the_state_alone(architecture: str) -> None:
    frozen = make(architecture).synthesis.frozen(torch.float32)
    ws = torch.randn(1, frozen.num_ws, 8, generator=torch.Generator().manual_seed(3))
    wanted = frozen(ws)
    for cut in range(frozen.num_blocks - 1):
        state = frozen.run(ws, last_block=cut)
        kept = [None if t is None else t.clone() for t in (state.x, state.img)]
        for _ in range(2):
            assert torch.equal(frozen.run(ws, state=state).img, wanted)
        for now, then in zip((state.x, state.img), kept, strict=True):
            assert then is None or torch.equal(now, then)


def test_half_precision_is_close() -> None:
    generator = make("skip")
    frozen = generator.synthesis.frozen(torch.bfloat16)
    ws = torch.randn(2, frozen.num_ws, 8, generator=torch.Generator().manual_seed(3))
    wanted = generator.synthesis(ws)
    error = (frozen(ws) - wanted).square().mean().sqrt()
    assert frozen(ws).dtype == torch.float32
    assert error < 0.02 * wanted.square().mean().sqrt()


def test_unusual_options_run_the_network_itself() -> None:
    synthesis = make("skip", activation="swish").synthesis
    assert synthesis.frozen(torch.float32) is synthesis
    synthesis = make("skip", resample_filter=[1, 2, 1]).synthesis
    assert synthesis.frozen(torch.float32) is synthesis
