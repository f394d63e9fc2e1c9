import pytest
import torch

from latent_studio.engine.backends.check import fault
from latent_studio.engine.backends.choice import prepare
from latent_studio.engine.backends.half import for_half
from latent_studio.engine.backends.torch_eager import TorchEager
from latent_studio.engine.backends.torch_graphs import Compiled, CudaGraphs
from latent_studio.models.base import CONST_NOISE, ModelSpec
from latent_studio.models.registry import build_generator

needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA device")


def test_low_resolutions_stay_whole_and_activations_are_bounded_in_half(make) -> None:
    generator = make()
    changed = for_half(generator.synthesis)
    assert changed.num_fp16_res == 4 and generator.synthesis.num_fp16_res is None
    assert changed.block(3).conv1.conv_clamp == 256
    assert generator.synthesis.block(3).conv1.conv_clamp is None
    ws = torch.randn(1, 8, 8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        wanted, got = generator.synthesis(ws), changed(ws)
    assert torch.allclose(wanted, got, atol=1e-5)
    assert for_half(changed) is changed  # it says everything of itself


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize("config", [{}, {"conv_clamp": 64.0, "num_fp16_res": 2}])
def test_large_weights_do_not_overflow_in_half(make, config, frozen) -> None:
    """Demodulation takes their scale out again, but only behind the convolution."""
    generator = make(**config)
    with torch.no_grad():
        for name, value in generator.synthesis.named_parameters():
            if ".conv" in name and name.endswith(("weight", "affine.bias")):
                value.mul_(300)
    if not frozen:
        generator.synthesis.frozen = lambda dtype: generator.synthesis
    plain, short = TorchEager(generator), TorchEager(generator, "cpu", torch.float16)
    for ws in (torch.randn(n, 8, 8, generator=torch.Generator().manual_seed(n)) for n in (1, 2)):
        wanted, got = (backend.run(ws, CONST_NOISE).img for backend in (plain, short))
        assert torch.isfinite(got).all()
        assert (wanted - got).abs().max() < 0.02 * wanted.abs().max()


@pytest.mark.filterwarnings("ignore:Graph break")  # torch 2.6 of PySide's hook in every import
def test_torch_compile_gives_the_eager_picture(monkeypatch) -> None:
    # Its tracing without its code generator, which would take a minute.
    monkeypatch.setattr(Compiled, "compiler", "eager")
    spec = ModelSpec("mlp", {"resolution": 8, "channels": 1, "z_dim": 6})
    generator = build_generator(spec)
    prepared = prepare(generator, torch.device("cpu"), "compile", "fp32")
    assert prepared.backend is not None, prepared.note
    assert prepared.backend.label == "compile fp32"
    assert fault(TorchEager(generator), prepared.backend, seeds=(1, 2)) == ""
    monkeypatch.setattr(Compiled, "compiler", "no such compiler")
    assert "compile is not used" in prepare(generator, torch.device("cpu"), "compile", "fp32").note


@needs_cuda
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_recorded_graphs_give_the_eager_picture(make, dtype: torch.dtype) -> None:
    device = torch.device("cuda")
    generator = make().to(device)
    graphs = CudaGraphs(generator, device, dtype)
    assert fault(TorchEager(generator, device), graphs) == ""
    ws = torch.randn(1, 8, 8, device=device)
    first = graphs.run(ws, CONST_NOISE, last_block=2)
    kept = first.x.clone()
    graphs.run(-ws, CONST_NOISE)
    assert torch.equal(first.x, kept)


@needs_cuda
def test_cuda_graphs_are_what_auto_takes(make) -> None:
    device = torch.device("cuda")
    prepared = prepare(make().to(device), device)
    assert prepared.backend is not None and prepared.backend.label.startswith("cudagraphs")
